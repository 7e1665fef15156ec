"""The ladder of an overdue response, in working days."""

from datetime import date

import pytest

from histories import working_days
from revisit.domain.ladder import Step, step_reached

LADDER = (
    Step("due_soon", -1, "department"),
    Step("due", 0, "department"),
    Step("overdue", 1, "department"),
    Step("head", 3, "department_head"),
)


@pytest.mark.parametrize(
    ("on", "step"),
    [
        (date(2026, 9, 28), None),
        (date(2026, 9, 29), "due_soon"),
        (date(2026, 9, 30), "due"),
        (date(2026, 10, 7), "due"),
        (date(2026, 10, 8), "overdue"),
        (date(2026, 10, 9), "overdue"),
        (date(2026, 10, 12), "head"),
        (date(2026, 12, 1), "head"),
    ],
)
def test_a_deadline_on_the_eve_of_national_day_is_overdue_after_the_holiday(on: date, step: str | None) -> None:
    found = step_reached(LADDER, date(2026, 9, 30), on, working_days())
    assert (found and found.name) == step


def test_a_deadline_on_a_holiday_is_announced_on_the_working_day_before() -> None:
    found = step_reached(LADDER, date(2026, 10, 3), date(2026, 9, 30), working_days())
    assert found
    assert found.name == "due"
