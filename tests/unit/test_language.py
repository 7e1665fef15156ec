"""The catalogues: every word that is said has its translation, and no translation is left over."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file

import revisit
from revisit.app import explain, explain_deadline, explain_reason, wording
from revisit.delivery.sheet import CHANNEL_TITLES
from revisit.domain.windows import Span
from revisit.language import Language, Words, catalogue

PACKAGE = Path(revisit.__file__).parent
SPEAKERS = [*sorted((PACKAGE / "app").glob("expla*.py")), PACKAGE / "language.py"]
TABLES: tuple[Mapping[str, str], ...] = (
    wording.EVENTS, wording.STATES, wording.OUTCOMES, wording.REASONS, wording.FIELDS, wording.FAULTS,
    wording.SUBSTITUTED_FOR, explain.STANDINGS, CHANNEL_TITLES,
    explain_deadline.HOLIDAYS, explain_deadline.ORIGINS, explain_reason.CONDITIONS,
)  # fmt: skip


def _said() -> Iterator[str]:
    """What the code asks to be said: say("…") and the tables of words it looks up."""
    for file in SPEAKERS:
        for _, message, _, _ in extract_from_file("python", file, keywords={"say": None, "self": None}):
            assert isinstance(message, str)
            yield message
    for table in TABLES:
        yield from table.values()


@pytest.mark.parametrize("language", ["zh_Hant", "en"])
def test_a_catalogue_has_what_is_said_and_nothing_else(language: Language) -> None:
    said = set(_said())
    assert len(said) > 200
    assert catalogue(language).keys() == said


@pytest.mark.parametrize("language", ["zh_Hant", "en"])
def test_a_translation_names_the_same_values(language: Language) -> None:
    for text, translation in catalogue(language).items():
        assert sorted(re.findall(r"{\w*}", translation)) == sorted(re.findall(r"{\w*}", text)), text


def test_english_has_no_chinese_left_and_traditional_no_simplified() -> None:
    assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", "".join(catalogue("en").values()))
    assert not re.search("[访单务结时间该应决开条现证说这]", "".join(catalogue("zh_Hant").values()))


def test_lengths_and_weekdays_are_said_in_the_readers_language() -> None:
    spans = [Span(1, "day"), Span(-3, "day"), Span(2, "month"), Span(1, "workday"), Span(5, "workday")]
    assert [Words("zh_Hans").length(span) for span in spans] == ["1天", "3天", "2个月", "1 个工作日", "5 个工作日"]
    assert [Words("en").length(span) for span in spans] == [
        "1 day", "3 days", "2 months", "1 working day", "5 working days"
    ]  # fmt: skip
    assert [Words(language).weekday(date(2026, 10, 8)) for language in ("zh_Hans", "zh_Hant", "en")] == [
        "星期四", "星期四", "Thursday"
    ]  # fmt: skip


def test_a_value_with_braces_is_said_as_it_is() -> None:
    assert Words("en")("缺 {fields}", fields="{name}") == "it lacks: {name}"
