"""Calendar periods and their names."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revisit.domain.periods import Kind, Period, parse, period_of

KINDS: tuple[Kind, ...] = ("month", "quarter", "half_year", "year")


@pytest.mark.parametrize(
    ("kind", "on", "first", "last", "name"),
    [
        ("month", date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29), "2028-02"),
        ("quarter", date(2026, 9, 30), date(2026, 7, 1), date(2026, 9, 30), "2026Q3"),
        ("half_year", date(2026, 6, 30), date(2026, 1, 1), date(2026, 6, 30), "2026H1"),
        ("half_year", date(2026, 7, 1), date(2026, 7, 1), date(2026, 12, 31), "2026H2"),
        ("year", date(2026, 12, 31), date(2026, 1, 1), date(2026, 12, 31), "2026"),
    ],
)
def test_a_day_lies_in_one_period_of_each_kind(kind: Kind, on: date, first: date, last: date, name: str) -> None:
    found = period_of(kind, on)
    assert (found.first, found.last, found.name) == (first, last, name)
    assert parse(name) == found


def test_going_back_crosses_years() -> None:
    assert parse("2026-01").back(1).name == "2025-12"
    assert parse("2026Q1").back(5).name == "2024Q4"
    assert parse("2026H2").back(2).name == "2025H2"
    assert parse("2026H2").back(-1).name == "2027H1"


def test_a_period_has_its_months() -> None:
    assert parse("2026H2").months == tuple(date(2026, month, 1) for month in range(7, 13))


@pytest.mark.parametrize("name", ["", "2026-13", "2026-1", "2026Q5", "2026H3", "26H1", "2026-10-01", "上半年"])
def test_what_is_no_period_is_refused_with_the_ways_to_write_one(name: str) -> None:
    with pytest.raises(ValueError, match="write a month as 2026-10, a quarter as 2026Q3, a half year as 2026H1"):
        parse(name)


@given(st.sampled_from(KINDS), st.dates(date(1990, 1, 1), date(2090, 12, 31)), st.integers(0, 40))
def test_periods_follow_each_other_without_gap_and_come_back_by_their_name(kind: Kind, on: date, count: int) -> None:
    found = period_of(kind, on)
    assert found.first <= on <= found.last
    assert found.back(1).last.toordinal() + 1 == found.first.toordinal()
    assert found.back(count).back(-count) == found == parse(found.name)
    assert Period(found.first, kind) == found
