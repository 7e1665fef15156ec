"""A window's derivation, printed and worked out again from nothing but what was printed."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from revisit.app.cases import working_days
from revisit.domain.derivation import Derivation, parse, recompute
from revisit.domain.windows import NEXT_DAY, Span
from revisit.errors import CalendarMissing

ZONE = "Asia/Shanghai"
DONE = Derivation("completed", ZONE, datetime(2026, 9, 28, 16, 30, tzinfo=UTC))


def again(derivation: Derivation) -> dict[str, str] | None:
    return recompute(json.loads(json.dumps({"window": derivation.counted(working_days()).as_dict()})))


@pytest.mark.parametrize(
    ("changes", "days"),
    [
        ({"opens": Span(0, "day"), "due": Span(3, "day")}, ("2026-09-29", "2026-09-29", "2026-10-02")),
        ({"opens": Span(1, "workday"), "due": Span(5, "workday")}, ("2026-09-29", "2026-09-30", "2026-10-12")),
        ({"opens": Span(-3, "day"), "due": Span(1, "workday")}, ("2026-09-29", "2026-09-26", "2026-09-30")),
        ({"opens": Span(5, "month"), "due": Span(1, "year")}, ("2026-09-29", "2027-02-28", "2027-09-29")),
        ({"opens": Span(0, "day"), "due": Span(3, "day"), "rolls": True}, ("2026-09-29", "2026-09-29", "2026-10-08")),
        ({"opens": Span(0, "day"), "due": Span(1, "day"), "rolls": True}, ("2026-09-29", "2026-09-29", "2026-09-30")),
        ({"opens": Span(2, "day"), "lasts": Span(1, "day"), "rolls": True}, ("2026-09-29", "2026-10-01", "2026-10-08")),
        ({"opens": Span(5, "workday"), "due": Span(1, "week"), "rolls": True}, ("2026-09-29", "2026-10-12", "2026-10-08")),
        ({"opens": Span(1, "month"), "lasts": Span(2, "week")}, ("2026-09-29", "2026-10-29", "2026-11-12")),
        (
            {"fact": "term", "starts_on": date(2026, 1, 1), "ends_on": date(2026, 1, 11),
             "share": (Fraction(1, 3), Fraction(2, 3))},
            ("2026-01-06", "2026-01-05", "2026-01-07"),
        ),
        (
            {"fact": "contact", "told_on": date(2026, 9, 30), "opens": NEXT_DAY, "due": Span(2, "workday"),
             "agreed_on": date(2026, 10, 8)},
            ("2026-09-30", "2026-10-01", "2026-10-08"),
        ),
        (
            {"fact": "contact", "told_on": date(2026, 9, 30), "opens": NEXT_DAY, "due": Span(2, "day"),
             "agreed_on": date(2026, 10, 5), "rolls": True},
            ("2026-09-30", "2026-10-01", "2026-10-05"),
        ),
        (
            {"fact": "contact", "told_on": date(2026, 9, 30), "opens": NEXT_DAY, "due": Span(9, "day"),
             "agreed_on": date(2026, 9, 29)},
            ("2026-09-30", "2026-10-01", "2026-10-01"),
        ),
    ],
)  # fmt: skip
def test_what_is_printed_gives_the_same_days(changes: dict[str, object], days: tuple[str, str, str]) -> None:
    derivation = replace(DONE, **changes)  # type: ignore[arg-type]
    assert again(derivation) == dict(zip(("anchor_on", "opens_on", "due_on"), days, strict=True))


def test_only_the_days_that_are_counted_in_are_printed_and_all_of_them_are_needed() -> None:
    calendar = Derivation("completed", ZONE, DONE.moment, opens=Span(0, "day"), due=Span(5, "workday"))
    printed = calendar.counted(working_days()).as_dict()
    assert [printed["days"][end]["day"] for end in (0, -1)] == ["2026-09-29", "2026-10-12"]
    assert len(printed["days"]) == 14
    printed["days"].pop()
    with pytest.raises(CalendarMissing):
        recompute({"window": printed})
    assert Derivation("completed", ZONE, DONE.moment, opens=NEXT_DAY, due=NEXT_DAY).counted(working_days()).days == ()


def test_a_missing_day_gives_no_window() -> None:
    assert again(Derivation("ends", ZONE, DONE.moment, opens=NEXT_DAY, due=NEXT_DAY)) is None
    assert recompute({"sentence": "of a figure"}) is None


def test_what_is_parsed_is_what_was_printed() -> None:
    derivation = Derivation("completed", ZONE, DONE.moment, opens=NEXT_DAY, due=Span(5, "workday")).counted(
        working_days()
    )
    parsed = parse(derivation.as_dict())
    assert parsed.as_dict() == derivation.as_dict()
    assert parsed.moment == derivation.moment
    assert parsed.moment is not None
    assert parsed.moment.utcoffset() == timedelta(hours=8)
