"""Words in the reader's language: Simplified Chinese as written in the code, others by gettext catalogues in `locale/`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from babel.dates import format_date
from babel.messages.pofile import read_po
from babel.units import format_unit

from revisit.domain.windows import Span

Language = Literal["zh_Hans", "zh_Hant", "en"]


def catalogue_file(language: Language) -> Path:
    """Where the translations of a language stand; the Simplified Chinese wording itself is their msgid."""
    return Path(__file__).parent / "locale" / language / "LC_MESSAGES" / "revisit.po"


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """The translations of a language, read from its .po file once; none for Simplified Chinese."""
    if language == "zh_Hans":
        return {}
    with catalogue_file(language).open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id and message.string}


@dataclass(frozen=True, slots=True)
class Words:
    """Says things in one language. What it is asked to say is a msgid of the catalogues, with `{names}` for values."""

    language: Language = "zh_Hans"

    def __call__(self, text: str, /, **values: object) -> str:
        """A text in the reader's language with its values filled in; days are ISO dates in every language."""
        return catalogue(self.language).get(text, text).format(**values)

    def weekday(self, day: date) -> str:
        """The name of a day of the week: 星期四, Thursday."""
        return format_date(day, "EEEE", locale=self.language)

    def length(self, span: Span) -> str:
        """A length of time without its sign: 3天, 3 days. Working days are said as 个工作日."""
        count = abs(span.count)
        if span.unit == "workday":
            return self("1 个工作日") if count == 1 else self("{count} 个工作日", count=count)
        form: Literal["long", "short"] = (
            "long" if self.language == "en" else "short"
        )  # Chinese has no long one for days
        return format_unit(count, f"duration-{span.unit}", form, locale=self.language)

    def several(self, items: list[str]) -> str:
        """Items one after the other: 甲、乙; a, b."""
        return self("、").join(items)
