"""Windows with two ends: opens and due, as civil dates."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor
from typing import Literal

from revisit.domain.calendar import WorkingDays

Unit = Literal["day", "workday", "week", "half_month", "month", "year"]


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time as a regulation writes it: 3 days, 5 working days, 1 month. Half months begin on the 1st and the 16th."""

    count: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Window:
    """The first and the last day of a contact, both included."""

    opens_on: date
    due_on: date


NEXT_DAY = Span(1, "day")


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later, clamped to the month's last day (Civil Code art. 202)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_span(day: date, span: Span, working_days: WorkingDays) -> date:
    """`day` is day 0; the result is day N, whatever day of the week it falls on."""
    match span.unit:
        case "day":
            return day + timedelta(days=span.count)
        case "week":
            return day + timedelta(weeks=span.count)
        case "half_month":
            months, later = divmod(span.count + (day.day > 15), 2)
            return add_months(day.replace(day=1), months) + timedelta(days=15 * later)
        case "month":
            return add_months(day, span.count)
        case "year":
            return add_months(day, 12 * span.count)
        case "workday":
            return working_days.add(day, span.count)


def count_window(
    anchor_on: date, working_days: WorkingDays, opens: Span, due: Span | None = None, lasts: Span | None = None,
    agreed_on: date | None = None, rolls: bool = False,
) -> Window:  # fmt: skip
    """The window from day 0: it is `due`, or it `lasts` from its first day on.

    One that `rolls` and would end on a rest day ends on the next working day (Civil Code art. 203); a date agreed with
    the customer goes before a later end.
    """
    opens_on = add_span(anchor_on, opens, working_days)
    if lasts is not None:
        due_on = add_span(opens_on, lasts, working_days)
    else:
        assert due is not None
        due_on = add_span(anchor_on, due, working_days)
    if rolls:
        due_on = working_days.on_or_after(due_on)
    if agreed_on is not None:
        due_on = max(opens_on, min(due_on, agreed_on))
    return Window(opens_on, due_on)


def share_of_term(starts_on: date, ends_on: date, opens: Fraction, due: Fraction) -> Window:
    """The part of a contract's term between two shares of it, never wider than the shares (PQ-06: the middle third)."""
    length = (ends_on - starts_on).days
    return Window(starts_on + timedelta(days=ceil(opens * length)), starts_on + timedelta(days=floor(due * length)))


def midpoint(starts_on: date, ends_on: date) -> date:
    """The middle day of a term, the earlier one of two."""
    return starts_on + timedelta(days=(ends_on - starts_on).days // 2)


def filing_day(visited_on: date, day_of_month: int, later: int = 0, skips: bool = False) -> date:
    """The filing day of a record: the first `day_of_month`-th on or after the visit, of its month or of `later` months after.

    A month too short for that day has it on its last one (PQ-29, reading A), or none where it `skips`. A visit after its
    month's filing day is filed in the next month.
    """
    month = add_months(visited_on.replace(day=1), later)
    while True:
        length = monthrange(month.year, month.month)[1]
        day = month.replace(day=min(day_of_month, length))
        if day >= visited_on and not (skips and length < day_of_month):
            return day
        month = add_months(month, 1)


def retained_until(archived_on: date, years: int) -> date:
    """The last day a record archived on `archived_on` is kept (PQ-30: two years)."""
    return add_months(archived_on, 12 * years)
