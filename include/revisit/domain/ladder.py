"""The escalation ladder (催办) of an overdue response."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from revisit.domain.calendar import WorkingDays


@dataclass(frozen=True, slots=True)
class Step:
    """One rung: `after` working days from the deadline (negative: before it), told to `to`."""

    name: str
    after: int
    to: str


def step_day(step: Step, due_on: date, working_days: WorkingDays) -> date:
    """The day a rung is reached: the working day at the rung's distance from the deadline.

    A rung with `after: 0` is the deadline's own day or, on a rest day, the working day before it.
    """
    if step.after > 0:
        return working_days.add(due_on, step.after)
    if step.after < 0:
        return working_days.subtract(due_on, -step.after)
    return due_on if working_days.is_workday(due_on) else working_days.subtract(due_on, 1)


def step_reached(steps: Sequence[Step], due_on: date, on: date, working_days: WorkingDays) -> Step | None:
    """The highest rung whose day has come on `on`; None before the first.

    A day the system did not run is made good by the rung that is right now, not by a burst of all those missed.
    """
    reached = [step for step in steps if step_day(step, due_on, working_days) <= on]
    return max(reached, key=lambda step: step.after, default=None)
