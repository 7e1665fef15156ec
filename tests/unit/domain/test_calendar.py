"""Working days, make-up days included."""

from datetime import date

import holidays
import pytest

from histories import working_days
from revisit.domain.calendar import WorkingDays, number_days
from revisit.errors import CalendarMissing
from revisit.store.calendars import published_days


def test_a_project_done_before_national_day_is_due_after_the_make_up_days() -> None:  # W06
    assert working_days().add(date(2024, 9, 27), 10) == date(2024, 10, 16)


def test_a_sunday_worked_in_exchange_counts_as_a_working_day() -> None:
    assert working_days().is_workday(date(2026, 9, 20))
    assert working_days().add(date(2026, 9, 18), 1) == date(2026, 9, 20)


@pytest.mark.parametrize(("year", "count"), [(2024, 251), (2025, 248), (2026, 248)])
def test_the_year_has_as_many_working_days_as_the_state_council_said(year: int, count: int) -> None:
    days = published_days()
    assert sum(workday for day, (workday, _) in days.items() if day.year == year) == count


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_a_second_library_names_the_same_working_days(year: int) -> None:
    china = holidays.country_holidays("CN", years=year)
    days = [(day, workday) for day, (workday, _) in published_days().items() if day.year == year]
    assert [day for day, workday in days if china.is_working_day(day) != workday] == []


def test_an_unpublished_year_is_provisional_and_says_so() -> None:
    assert working_days().is_provisional(date(2026, 12, 30), date(2027, 1, 4))
    assert not working_days().is_provisional(date(2026, 12, 1), date(2026, 12, 31))


def test_a_day_outside_the_table_is_refused_with_the_command_to_type() -> None:
    with pytest.raises(CalendarMissing, match="revisit calendar import FILE 2029"):
        working_days().add(date(2028, 12, 29), 9)


def test_without_working_days_counted_the_anchor_is_the_answer() -> None:
    assert working_days().add(date(2026, 10, 1), 0) == date(2026, 10, 1)


def test_counting_back_undoes_counting_forward_from_a_working_day() -> None:
    days = working_days()
    for count in range(1, 40):
        assert days.subtract(days.add(date(2026, 9, 7), count), count) == date(2026, 9, 7)


def test_the_first_working_day_of_october_2026_is_the_eighth() -> None:
    assert working_days().nth_of_month(2026, 10, 1) == date(2026, 10, 8)


def test_days_are_numbered_by_the_working_days_up_to_them() -> None:
    days = number_days({}, date(2026, 1, 2), date(2026, 1, 6))
    assert [day.workday_number for day in days] == [1, 1, 1, 2, 3]
    assert all(day.provisional for day in days)
    assert WorkingDays(days).add(date(2026, 1, 2), 1) == date(2026, 1, 5)
