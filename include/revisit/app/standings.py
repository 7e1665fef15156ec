"""What may go out on a day, in which call, and what waits and why: the steps that hand out the lists, and that explain them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import Connection

from revisit.app import channel_share
from revisit.app.assign import pack_in_use
from revisit.app.channel_share import OVERDUE, Offer
from revisit.app.context import Context
from revisit.domain.call_sheets import Owed, group, may_call
from revisit.policy.model import ContactLimit, Gate, Pack
from revisit.store.database import rows

_HORIZON = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Held:
    """Why a task is not handed out on a day: its pack is no longer in use, a closed gate, too many calls lately, a rest day,
    a companion of the same customer that opens soon, its own window that is not open yet, or a stop on all its channels.

    `until`: the day on which this reason ends by itself.
    """

    reason: Literal["retired", "gate", "limit", "companion", "rest_day", "not_open", "share"]
    until: date | None = None
    gates: tuple[Gate, ...] = ()
    calls: int = 0
    allowed: int = 0
    limit: ContactLimit | None = None
    companion: Any = None
    offer: Offer | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """A task that goes out on a day: in which call, and what its list offers where a stop takes channels away."""

    call_sheet: str
    offer: Offer | None = None


def standings(
    ctx: Context, connection: Connection, on: date, event_id: int | None = None
) -> Iterator[tuple[Any, Ready | Held]]:
    """Every task that is not handed out yet, with its call sheet of `on`, or with why it is held back.

    `event_id`: only what decides about the tasks of this event: those of its customer too, and where a pack has a stop on
    channels, all.
    """
    if channel_share.any_stop(ctx, on):
        event_id = None
    found = rows(
        connection, "publish/find_open_tasks", on=on, horizon=on + _HORIZON, overdue_since=on - OVERDUE, event_id=event_id
    )  # fmt: skip
    in_force, free = ctx.packs_on(on), []
    for row in found:
        if row.pack not in in_force:
            yield row, Held("retired")
        elif gates := _closed_gates(ctx, in_force[row.pack].pack, row.rule):
            yield row, Held("gate", gates=gates)
        else:
            free.append(row)
    spared = []
    for row, limited in _limited(ctx, connection, free, on):
        if limited:
            yield row, limited
        else:
            spared.append(row)
    chosen = list(_choose(ctx, spared, on))
    going = [row for row, told in chosen if isinstance(told, Ready)]
    offers = channel_share.offers(ctx, connection, going, on)
    for row, told in chosen:
        offer = offers.get((row.event_id, row.rule_id, row.round))
        if offer and not offer.channels:
            yield row, Held("share", until=offer.full[0].until, offer=offer)
        else:
            yield row, replace(told, offer=offer) if offer else told


def _choose(ctx: Context, found: Sequence[Any], on: date) -> Iterator[tuple[Any, Ready | Held]]:
    """Each task with its call sheet, or with why it waits: one call for what one call can settle.

    A task that is open may wait for a companion of the same customer that opens later, but never into the last
    `merge_slack_days` of its window.
    """
    slack = timedelta(days=ctx.organisation.merge_slack_days)
    today_only = not ctx.working_days.is_workday(on)
    next_workday = ctx.working_days.add(on, 1)
    waiting: dict[str, list[Owed[int]]] = defaultdict(list)
    for index, row in enumerate(found):
        customer = row.customer or f"#{row.event_id}"
        waiting[customer].append(Owed(index, row.opens_on, max(row.due_on, on)))
    for tasks in waiting.values():
        for number, members in enumerate(group(tasks)):
            open_now = [member for member in members if member.opens_on <= on]
            last_safe = min(member.due_on for member in members) - slack
            last = max(members, key=lambda member: member.opens_on)
            told: str | Held = f"H{on:%m%d}-{found[open_now[0].key].event_id}" if open_now else ""
            if on < last.opens_on <= last_safe:
                told = Held("companion", until=last.opens_on, companion=found[last.key])
            elif today_only and open_now and min(member.due_on for member in open_now) > next_workday:
                told = Held("rest_day", until=next_workday)
            elif number and isinstance(told, str):
                told += f"-{number}"
            for member in members:
                open_ = Ready(told) if isinstance(told, str) else told
                yield found[member.key], open_ if member.opens_on <= on else Held("not_open", until=member.opens_on)


def _limited(ctx: Context, connection: Connection, found: Sequence[Any], on: date) -> Iterator[tuple[Any, Held | None]]:
    """Each task, with what holds it where its customer was called lately; it waits at most until its last day."""
    limits = {name: loaded.pack.contact for name, loaded in ctx.packs_on(on).items() if loaded.pack.contact}
    spans = {(limit.days, limit.per) for limit in limits.values()}
    customers = sorted({row.customer for row in found if row.customer})
    recent = {
        (row.customer, days, per): row.calls
        for days, per in spans
        for row in rows(
            connection, "publish/find_recent_calls", customers=customers, since=on - timedelta(days=days), on=on,
            household=per == "household",
        )
    }  # fmt: skip
    for row in found:
        limit = limits.get(row.pack)
        calls = recent.get((row.customer, limit.days, limit.per), 0) if limit else 0
        allowed = calls_allowed(limit, bool((row.customer_attributes or {}).get("aversion"))) if limit else 0
        free = limit is None or may_call(on, row.due_on, calls, allowed)
        yield row, None if free else Held("limit", until=row.due_on, calls=calls, allowed=allowed, limit=limit)


def calls_allowed(limit: ContactLimit, averse: bool) -> int:
    """How many calls a customer may get within the limit's days."""
    return limit.averse_at_most if averse and limit.averse_at_most else limit.at_most


def _closed_gates(ctx: Context, pack: Pack, rule: str) -> tuple[Gate, ...]:
    """The preconditions of the rule that nobody has declared met (LI-14, PS-02)."""
    met = pack_in_use(ctx, pack.pack).gates
    return tuple(gate for gate in pack.gates if gate.id not in met and (not gate.rules or rule in gate.rules))
