"""What another desk delivers regularly, and when it is asked for what has not come."""

from datetime import date, timedelta
from typing import Literal

from revisit.domain.calendar import WorkingDays

Every = Literal["workday", "half_month", "month"]


def period_end(every: Every, on: date, working_days: WorkingDays) -> date:
    """The last day of the newest period that was over before `on`; half months end on the 15th and with the month."""
    if every == "workday":
        return working_days.subtract(on, 1)
    if every == "half_month" and on.day > 15:
        return on.replace(day=15)
    return on.replace(day=1) - timedelta(days=1)


def overdue_period(every: Every, delivered_on: date | None, on: date, working_days: WorkingDays) -> date | None:
    """The end of the period whose delivery has not come by `on`, or None; it is due on the next working day after it.

    `delivered_on` is the last day that brought something new; what came before the period was over does not count.
    """
    end = period_end(every, on, working_days)
    due_on = on if every == "workday" else working_days.add(end, 1)
    return end if on >= due_on and (delivered_on is None or delivered_on < end) else None
