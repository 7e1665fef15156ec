"""Two-sided windows in civil days."""

from datetime import date
from fractions import Fraction

import pytest

from histories import working_days
from revisit.domain.windows import (
    Span,
    Window,
    add_months,
    add_span,
    filing_day,
    midpoint,
    retained_until,
    share_of_term,
)


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 12, 31), 1, date(2025, 1, 31)),
        (date(2024, 12, 31), 2, date(2025, 2, 28)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
    ],
)
def test_months_clamp_to_the_last_day(day: date, months: int, result: date) -> None:
    assert add_months(day, months) == result


@pytest.mark.parametrize(
    ("span", "result"),
    [
        (Span(3, "day"), date(2024, 3, 2)),
        (Span(1, "week"), date(2024, 3, 6)),
        (Span(1, "month"), date(2024, 3, 28)),
        (Span(1, "year"), date(2025, 2, 28)),
        (Span(3, "workday"), date(2024, 3, 4)),
    ],
)
def test_the_day_of_the_event_is_day_nought(span: Span, result: date) -> None:
    assert add_span(date(2024, 2, 28), span, working_days()) == result


def test_the_middle_third_of_a_half_year_contract() -> None:  # W05
    start, end = date(2024, 3, 1), date(2024, 8, 31)
    assert share_of_term(start, end, Fraction(1, 3), Fraction(2, 3)) == Window(date(2024, 5, 1), date(2024, 7, 1))
    assert midpoint(start, end) == date(2024, 5, 31)


def test_the_middle_third_of_a_short_contract_is_never_wider_than_a_third() -> None:
    window = share_of_term(date(2024, 3, 1), date(2024, 3, 11), Fraction(1, 3), Fraction(2, 3))
    assert window == Window(date(2024, 3, 5), date(2024, 3, 7))


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [("2026-03-01", 1, "2026-03-16"), ("2026-03-15", 1, "2026-03-16"), ("2026-03-16", 1, "2026-04-01"),
     ("2026-12-31", 1, "2027-01-01"), ("2026-02-10", 3, "2026-03-16"), ("2026-12-20", 4, "2027-02-16")],
)  # fmt: skip
def test_half_months_begin_on_the_1st_and_the_16th(day: str, count: int, expected: str) -> None:
    assert add_span(date.fromisoformat(day), Span(count, "half_month"), working_days()) == date.fromisoformat(expected)


def test_a_month_too_short_for_the_filing_day_may_leave_it_to_the_next() -> None:
    assert filing_day(date(2024, 2, 10), 30, skips=True) == date(2024, 3, 30)
    assert filing_day(date(2024, 1, 31), 30) == date(2024, 2, 29)
    assert filing_day(date(2024, 1, 20), 10, later=1) == date(2024, 2, 10)


def test_the_thirtieth_of_february_is_its_last_day() -> None:  # W17
    assert filing_day(date(2024, 2, 10), 30) == date(2024, 2, 29)
    assert retained_until(date(2024, 2, 29), 2) == date(2026, 2, 28)
