"""On which day to make which call: within the windows, within what people can do, the most urgent first."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Generic, TypeVar

from revisit.domain.calendar import WorkingDays

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Call(Generic[Key]):
    """A call with the days on which it may be made, both included, and whose time it takes (a person, a department)."""

    key: Key
    opens_on: date
    due_on: date
    whose: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """The day proposed for a call; `beyond`: no day of its window had room left, it stands on the last one."""

    day: date
    beyond: bool


def plan_days(
    calls: Iterable[Call[Key]],
    capacity: Mapping[str, int],
    taken: Mapping[tuple[str, date], int],
    on: date,
    working_days: WorkingDays,
) -> dict[Key, PlannedCall]:
    """A day for every call, from `on`: each working day the calls that are due first, as many as there is room for. A call
    whose window has only rest days left goes to whoever is on duty, within the same capacity.

    `capacity`: calls on a working day, for whom it is known; `taken`: what earlier plans put on a day. For one person
    this leaves as few calls beyond capacity as any plan could; nothing is ever planned outside its window.
    """
    used = Counter(dict(taken))
    later = deque(sorted(calls, key=lambda call: (call.opens_on, call.due_on)))
    waiting: list[tuple[date, int, Call[Key]]] = []
    planned: dict[Key, PlannedCall] = {}
    number, day = count(), on
    while later or waiting:
        while later and later[0].opens_on <= day:
            call = later.popleft()
            heappush(waiting, (call.due_on, next(number), call))
        full = [name for name in capacity if used[name, day] >= capacity[name]]
        kept = []
        while waiting:
            entry = heappop(waiting)
            call = entry[2]
            later_workday = working_days.add(day, 1) <= call.due_on
            duty = not working_days.is_workday(day)  # a rest day counts where the window has no working day left
            room = not (duty and later_workday) and not any(name in full for name in call.whose)
            if not room and (later_workday or (duty and day < call.due_on)):
                kept.append(entry)
                continue
            planned[call.key] = PlannedCall(day, not room and any(name in capacity for name in call.whose))
            used.update((name, day) for name in call.whose)
            full += [name for name in call.whose if used[name, day] >= capacity.get(name, used[name, day] + 1)]
        waiting = kept  # in order, and so a heap
        day += timedelta(days=1)
    return planned
