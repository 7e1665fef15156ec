"""A day for each call of a list, where the organisation says how many calls a person or a department can make on one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection

from revisit.app.assign import Chosen
from revisit.app.context import Context
from revisit.domain.call_days import Call, plan_days
from revisit.settings import Organisation
from revisit.store.database import rows


def capacity(organisation: Organisation) -> dict[str, int]:
    """Calls on a working day for whom it is stated: by a person's name, and by a department's code in brackets."""
    departments = {_named(one.code): one.calls_a_day for one in organisation.departments if one.calls_a_day is not None}
    return organisation.calls_a_day() | departments


def with_days(ctx: Context, connection: Connection, chosen: Sequence[Chosen], on: date) -> list[Chosen]:
    """The tasks with the day proposed for their call; as they are where nobody's capacity is stated."""
    limits = capacity(ctx.organisation)
    if not limits:
        return list(chosen)
    calls: dict[str, list[Chosen]] = defaultdict(list)
    for one in chosen:
        calls[one.call_sheet].append(one)
    taken = {
        (whose, row.planned_on): row.calls
        for row in rows(connection, "publish/count_planned", on=on)
        for whose in (row.lead_name, row.department and _named(row.department))
        if whose
    }
    limited = {name: tasks for name, tasks in calls.items() if set(_whose(tasks)) & set(limits)}
    planned = plan_days(
        [_call(name, tasks, on) for name, tasks in limited.items()], limits, taken, on, ctx.working_days
    )
    return [replace(one, planned=planned.get(one.call_sheet)) for one in chosen]


def _whose(tasks: Sequence[Chosen]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*(task.lead_name for task in tasks), _named(tasks[0].department))))


def _call(name: str, tasks: Sequence[Chosen], on: date) -> Call[str]:
    opens_on = max(on, *(task.row.opens_on for task in tasks))
    return Call(name, opens_on, max(opens_on, min(task.row.due_on for task in tasks)), _whose(tasks))


def days_of(chosen: Sequence[Chosen]) -> Mapping[date, int]:
    """How many calls are proposed for each day, in order."""
    found: dict[date, set[str]] = defaultdict(set)
    for one in chosen:
        if one.planned:
            found[one.planned.day].add(one.call_sheet)
    return {day: len(calls) for day, calls in sorted(found.items())}


def beyond(chosen: Sequence[Chosen]) -> int:
    """How many calls found no day with room in their window."""
    return len({one.call_sheet for one in chosen if one.planned and one.planned.beyond})


def _named(department: str) -> str:
    """A department's code, so that nobody's name is taken for it."""
    return f"[{department}]"
