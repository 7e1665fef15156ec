"""When a contact that reaches nobody is given up."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revisit.domain.attempts import Patience, counted, given_up_on

DUE = date(2026, 3, 17)
LN_07 = Patience(3, 1, 3)  # ln.central_attempts, ln.central_spacing, ln.central_margin


def march(*days: int) -> list[date]:
    return [date(2026, 3, day) for day in days]


@pytest.mark.parametrize(
    ("days", "given_up"),
    [
        ([], None),
        (march(3), date(2026, 3, 14)),
        (march(3, 3, 3), date(2026, 3, 14)),
        (march(3, 4, 6), date(2026, 3, 6)),
        (march(6, 3, 4, 9), date(2026, 3, 6)),
        (march(3, 15, 16), date(2026, 3, 14)),
        (march(15), date(2026, 3, 15)),
        (march(15, 16, 17), date(2026, 3, 15)),
    ],
)
def test_the_third_attempt_or_three_days_before_the_end(days: list[date], given_up: date | None) -> None:
    assert given_up_on(days, DUE, LN_07) == given_up


@given(days=st.lists(st.dates(date(2026, 1, 1), date(2026, 3, 31))), apart=st.integers(1, 9))
def test_attempts_that_count_keep_their_distance_and_none_that_could_count_is_left_out(
    days: list[date], apart: int
) -> None:
    found = counted(days, apart)
    assert all(later - earlier >= timedelta(days=apart) for earlier, later in itertools.pairwise(found))
    for day in days:
        assert any(timedelta(0) <= day - kept < timedelta(days=apart) for kept in found)
