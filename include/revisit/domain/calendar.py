"""Working days (工作日) as a numbered table, make-up workdays (调休) included."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from revisit.errors import CalendarMissing


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One civil day: `provisional` means that the year's holidays are not published yet and Monday to Friday is assumed."""

    day: date
    is_workday: bool
    workday_number: int
    name: str
    provisional: bool


def number_days(workdays: Mapping[date, tuple[bool, str]], first: date, last: date) -> list[CalendarDay]:
    """Number the days from `first` to `last`; a day's number counts the working days up to and including it.

    `workdays` gives (is a working day, holiday name) for the days whose holidays are published; the others are
    Monday to Friday and marked provisional.
    """
    days: list[CalendarDay] = []
    number = 0
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        known = workdays.get(day)
        is_workday, name = known or (day.weekday() < 5, "")
        number += is_workday
        days.append(CalendarDay(day, is_workday, number, name, known is None))
    return days


class WorkingDays:
    """Working-day arithmetic over one numbered calendar."""

    def __init__(self, days: Iterable[CalendarDay]) -> None:
        self._days = {day.day: day for day in days}
        working = sorted(day.day for day in self._days.values() if day.is_workday)
        self._working = working

    def _known(self, day: date) -> CalendarDay:
        try:
            return self._days[day]
        except KeyError:
            raise CalendarMissing(
                f"the working-day calendar has no entry for {day}. "
                f"Import that year: revisit calendar import FILE {day.year}"
            ) from None

    def is_workday(self, day: date) -> bool:
        return self._known(day).is_workday

    def is_provisional(self, first: date, last: date) -> bool:
        """Whether the holidays of any year touched between the two days are still unpublished."""
        return self._known(first).provisional or self._known(last).provisional

    def add(self, anchor: date, count: int) -> date:
        """The day `count` working days after `anchor` (day 0, whether or not it is a working day).

        Civil Code art. 201: the day of the event is not counted. A count of 0 is the anchor itself.
        Raises CalendarMissing when the span leaves the table.
        """
        self._known(anchor)
        if count == 0:
            return anchor
        index = bisect_right(self._working, anchor) + count - 1
        if index >= len(self._working):
            self._known(date(self._working[-1].year + 1, 1, 1))
        return self._working[index]

    def subtract(self, anchor: date, count: int) -> date:
        """The day `count` working days before `anchor` (day 0)."""
        self._known(anchor)
        if count == 0:
            return anchor
        index = bisect_left(self._working, anchor) - count
        if index < 0:
            self._known(date(self._working[0].year - 1, 12, 31))
        return self._working[index]

    def on_or_after(self, day: date) -> date:
        """The day itself, or the first working day after a rest day. Raises CalendarMissing as `add` does."""
        return day if self.is_workday(day) else self.add(day, 1)

    def between(self, first: date, last: date) -> tuple[CalendarDay, ...]:
        """Every day from `first` to `last`, both included. Raises CalendarMissing when one is not in the table."""
        return tuple(self._known(first + timedelta(days=offset)) for offset in range((last - first).days + 1))

    def nth_of_month(self, year: int, month: int, n: int) -> date:
        """The n-th working day of a month, 1 the first."""
        return self.add(date(year, month, 1) - timedelta(days=1), n)
