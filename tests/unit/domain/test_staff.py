"""LL-06 in its two readings: two calendar months without a deal, or sixty days that roll."""

from datetime import date

import pytest

from revisit.app.cases import working_days
from revisit.domain.staff import is_idle, is_new
from revisit.domain.windows import Span
from revisit.policy.model import StandIn

LONG_AGO, DEAL = date(2020, 1, 1), date(2026, 3, 20)
MONTHS, DAYS = Span(2, "month"), Span(60, "day")


@pytest.mark.parametrize(
    ("idle_for", "on", "idle"),
    [
        (MONTHS, date(2026, 5, 31), False),
        (MONTHS, date(2026, 6, 1), True),
        (DAYS, date(2026, 5, 19), False),
        (DAYS, date(2026, 5, 20), True),
    ],
)
def test_idle_after_two_months_or_sixty_days(idle_for: Span, on: date, idle: bool) -> None:
    assert is_idle(LONG_AGO, DEAL, on, idle_for, working_days()) is idle


def test_nobody_is_idle_before_the_time_since_hiring_is_over() -> None:
    assert not is_idle(date(2026, 4, 2), None, date(2026, 5, 31), DAYS, working_days())
    assert is_idle(date(2026, 4, 1), None, date(2026, 5, 31), DAYS, working_days())
    assert is_new(date(2026, 4, 1), date(2026, 5, 1), Span(1, "month"), working_days())


@pytest.mark.parametrize("wrong", ["5 workdays", "1 year", "0 days"])
def test_idle_times_are_months_or_days(wrong: str) -> None:
    with pytest.raises(ValueError, match="whole months, or in days or weeks"):
        StandIn.model_validate({"clause": "LL-06", "role": "a", "by": "b", "idle_for": wrong, "without": "deal.closed"})
