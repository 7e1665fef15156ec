"""One customer, one call: which tasks of a customer one contact can settle."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

Key = TypeVar("Key")


def may_call(on: date, due_on: date, recent: int, at_most: int) -> bool:
    """Whether a customer who was called `recent` times lately may be called again; on its last day a duty always may.

    >>> may_call(date(2026, 3, 2), date(2026, 3, 9), recent=2, at_most=2)
    False
    """
    return recent < at_most or due_on <= on


@dataclass(frozen=True, slots=True)
class Owed(Generic[Key]):
    """A task as the merge sees it."""

    key: Key
    opens_on: date
    due_on: date


def group(tasks: Iterable[Owed[Key]]) -> list[tuple[Owed[Key], ...]]:
    """The fewest groups such that the windows of a group share a day.

    Takes the task that is due first and everything already open on that day, and repeats: the classic optimum
    for piercing intervals. A group's common days are never empty, so no window that could be kept alone is broken.
    """
    waiting = sorted(tasks, key=lambda task: (task.due_on, task.opens_on))
    groups: list[tuple[Owed[Key], ...]] = []
    while waiting:
        last_day = waiting[0].due_on
        groups.append(tuple(task for task in waiting if task.opens_on <= last_day))
        waiting = [task for task in waiting if task.opens_on > last_day]
    return groups
