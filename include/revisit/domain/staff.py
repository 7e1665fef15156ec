"""People who make contacts: whose contacts somebody else makes for a while."""

from datetime import date

from revisit.domain.calendar import WorkingDays
from revisit.domain.windows import Span, add_months, add_span


def is_new(hired_on: date | None, on: date, new_for: Span, working_days: WorkingDays) -> bool:
    """Whether `on` lies in the first time of employment, its last day included; somebody of unknown hiring is not new."""
    return hired_on is not None and hired_on <= on <= add_span(hired_on, new_for, working_days)


def idle_since(on: date, idle_for: Span, working_days: WorkingDays) -> date:
    """The first day that must be without success: of the whole calendar months before the month of `on`, or, counted in
    days or weeks, of those that end with `on`.
    """
    if idle_for.unit == "month":
        return add_months(on.replace(day=1), -idle_for.count)
    return add_span(on, Span(-idle_for.count, idle_for.unit), working_days)


def is_idle(
    hired_on: date | None, last_success: date | None, on: date, idle_for: Span, working_days: WorkingDays
) -> bool:
    """Whether somebody was without success in the whole calendar months (or the days) before `on`, and has been since.

    LL-06: last deal on 20 March, none in April and May: idle from 1 June to the next deal; with 60 days, from 20 May.
    Nobody is idle in a time before they were hired.
    """
    since = idle_since(on, idle_for, working_days)
    return (hired_on is None or hired_on <= since) and (last_success is None or last_success < since)
