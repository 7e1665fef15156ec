"""When a contact that reaches nobody is given up (LN-07: attempts, their spacing, the time left)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Patience:
    """So many attempts, each so many days after the one before; earlier once the window has no more than so many days left."""

    at_least: int
    apart_days: int
    before_end_days: int


def counted(days: Iterable[date], apart_days: int) -> list[date]:
    """The attempts that count: the first one, then each that comes late enough after the last that counted."""
    found: list[date] = []
    for day in sorted(days):
        if not found or day >= found[-1] + timedelta(days=apart_days):
            found.append(day)
    return found


def given_up_on(days: Iterable[date], due_on: date, patience: Patience) -> date | None:
    """The day on which a contact is given up, of which attempts on `days` reached nobody; None before the first attempt.

    Too few attempts give it up on the day that leaves `before_end_days` until `due_on`, or at the first attempt after it.
    """
    attempts = counted(days, patience.apart_days)
    if not attempts:
        return None
    late = max(attempts[0], due_on - timedelta(days=patience.before_end_days))
    return min([late, *attempts[patience.at_least - 1 : patience.at_least]])
