"""People who make contacts: whose contacts somebody else makes for a while."""

from datetime import date

from revisit.domain.calendar import WorkingDays
from revisit.domain.windows import Span, add_months, add_span


def is_new(hired_on: date | None, on: date, new_for: Span, working_days: WorkingDays) -> bool:
    """Whether `on` lies in the first time of employment, its last day included; somebody of unknown hiring is not new."""
    return hired_on is not None and hired_on <= on <= add_span(hired_on, new_for, working_days)


def idle_since(on: date, months: int) -> date:
    """The first day of the `months` whole calendar months before the month of `on`."""
    return add_months(on.replace(day=1), -months)


def is_idle(hired_on: date | None, last_success: date | None, on: date, months: int) -> bool:
    """Whether somebody was without success in the whole calendar months before `on`, and has been since.

    LL-06: last deal on 20 March, none in April and May: idle from 1 June to the next deal. Nobody is idle in months
    before they were hired.
    """
    since = idle_since(on, months)
    return (hired_on is None or hired_on <= since) and (last_success is None or last_success < since)
