"""The same matter: what people say is one matter of a customer, and taking it back.

A merge is a correction like one from the source, so that the planner and the reports need not know of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from revisit.app.assign import packs_of_line
from revisit.app.context import Context
from revisit.domain.periods import period_of
from revisit.errors import RevisitError
from revisit.policy.evaluate import Event, repeats
from revisit.store import tables
from revisit.store.database import PLANNING, audit, rows, run

FORGOTTEN = "somebody"  # who did it, once retention has emptied the name
BY_HAND = "merged by hand"  # the source of the batches that merges make; a space keeps it apart from every real source
_MERGES = 20260008


@dataclass(frozen=True, slots=True)
class Moved:
    """An event that stands under another matter now."""

    event: str
    happened_on: date
    department: str
    was: str
    becomes: str


@dataclass(frozen=True, slots=True)
class Duty:
    """A conditional duty that a merge or its undoing changes. what: owed, late, withdrawn or stays."""

    event: str
    clause: str
    name: str
    due_on: date
    what: str


@dataclass(frozen=True, slots=True)
class Act:
    """A merge or its undoing, done or only looked at (`done`).

    number: of the merge; None for one that was only looked at. known: why nothing had to be done, else empty. findings: what
    the reports find or no longer find, as sentences.
    """

    done: bool
    number: int | None
    customer: str
    matter: str
    into: str
    known: str = ""
    events: tuple[Moved, ...] = ()
    findings: tuple[str, ...] = ()
    duties: tuple[Duty, ...] = ()


def listed(ctx: Context, line: str | None = None) -> Sequence[Any]:
    """What people merged, the newest first; undone merges too."""
    with ctx.engine.connect() as connection:
        return [dict(row._mapping) for row in rows(connection, "matter/list_merges", line=line, number=None)]


def merge(ctx: Context, event: str, into: str, by: str, reason: str, on: date, do: bool = False) -> Act:
    """Say that the matter of `event` is that of `into`: all events of the customer and kind with it, also later ones, move.

    Events are `source/key`. Without `do` it is worked out and taken back. Safe to repeat. Raises RevisitError for an event that
    is not known or names no customer or matter, and for two of different customers, lines or kinds.
    """
    by, reason = _signed(by, reason)
    with ctx.engine.connect() as connection, connection.begin() as transaction:
        _alone(connection)
        one, other = _named(connection, event), _named(connection, into)
        _comparable(one, other)
        known = _merged_before(connection, one, other)
        if known is not None:
            return Act(False, known[0], one.customer, one.matter, other.matter, known=known[1])
        table = tables.matter_merge
        number = connection.execute(
            insert(table)
            .values(
                line=one.line, kind=one.kind, customer=one.customer, matter=one.matter, into_matter=other.matter,
                merged_on=on, merged_by=by, reason=reason,
            )
            .returning(table.c.merge_id)
        ).scalar_one()  # fmt: skip
        act = _move(ctx, connection, Act(do, number if do else None, one.customer, one.matter, other.matter),
                    one, f"merge {number}", on)  # fmt: skip
        if not do:
            transaction.rollback()
            return act
        _tell(connection, by, "merge matters", number, one, act)
    return act


def undo(ctx: Context, number: int, by: str, reason: str, on: date, do: bool = False) -> Act:
    """Take a merge back: its events stand under their own matter again; what was owed for the repetition is withdrawn.

    A duty that was handed out, or that a record asked for, stays. Without `do` it is worked out and taken back. Safe to
    repeat. Raises RevisitError for a number that is not known.
    """
    by, reason = _signed(by, reason)
    with ctx.engine.connect() as connection, connection.begin() as transaction:
        _alone(connection)
        found = rows(connection, "matter/list_merges", line=None, number=number) if abs(number) < 2**63 else []
        if not found:
            raise RevisitError(f"there is no merge {number}. The numbers are listed by: revisit matter list")
        row = found[0]
        if row.undone_on is not None:
            known = f"{row.undone_by or FORGOTTEN} undid merge {number} on {row.undone_on}."
            return Act(False, number, row.customer, row.matter, row.into_matter, known=known)
        table = tables.matter_merge
        connection.execute(
            table.update().where(table.c.merge_id == number).values(undone_on=on, undone_by=by, undo_reason=reason)
        )
        act = _move(ctx, connection, Act(do, number, row.customer, row.matter, row.into_matter), row,
                    f"undo of merge {number}", on)  # fmt: skip
        if not do:
            transaction.rollback()
            return act
        _tell(connection, by, "undo a merge of matters", number, row, act)
    return act


def _signed(by: str, reason: str) -> tuple[str, str]:
    if not by.strip() or not reason.strip():
        raise RevisitError("a merge records who says so and why. Give both: --by NAME --reason TEXT")
    return by.strip(), reason.strip()


def _alone(connection: Connection) -> None:
    """Neither planning, nor accepting events, nor another merge meanwhile."""
    for lock in (PLANNING, _MERGES):
        connection.execute(text(f"select pg_advisory_xact_lock({lock})"))


def heed(connection: Connection) -> None:
    """Let the staged events of a source stand under the matters that theirs were merged into."""
    connection.execute(text(f"select pg_advisory_xact_lock_shared({_MERGES})"))
    if run(connection, "ingest/stage_merges"):
        run(connection, "ingest/heed_merges")


def _named(connection: Connection, name: str) -> Any:
    source, _, key = name.partition("/")
    found = rows(connection, "matter/find_event", source=source, event_key=key)
    if not found:
        raise RevisitError(
            f"there is no event '{name}'. Give it as source/key, as 'revisit matter propose' and 'revisit export events' do."
        )
    (event,) = found
    for what in ("customer", "matter"):
        if getattr(event, what) is None:
            raise RevisitError(
                f"{name} names no {what}, so there is nothing to merge. Have the source fill it in; the corrected row is taken "
                f"at the next pull."
            )
    return event


def _comparable(one: Any, other: Any) -> None:
    """Refuse events whose matters cannot be one: nothing counts them together."""
    ways_out = {
        "customer": "a matter is one customer's. If they are one person, correct the customer in the source",
        "line": "each business line counts by itself",
        "kind": "what repeats is counted for each kind of event by itself",
    }
    for what, way_out in ways_out.items():
        if getattr(one, what) != getattr(other, what):
            raise RevisitError(
                f"{one.event} is of the {what} {getattr(one, what)}, {other.event} of {getattr(other, what)}: {way_out}."
            )


def _merged_before(connection: Connection, one: Any, other: Any) -> tuple[int | None, str] | None:
    """The merge that made two events' matters one, or that they were one from the start; None where they are two."""
    if one.matter != other.matter:
        return None
    done = rows(connection, "explain/find_merges", event_id=one.event_id)
    done = [*done, *rows(connection, "explain/find_merges", event_id=other.event_id)]
    standing = [row for row in done if row.undone_on is None]
    if not standing:
        return None, f"{one.event} and {other.event} are the same matter already, '{one.matter}', as the source has it."
    last = max(standing, key=lambda row: row.merge_id)
    return last.merge_id, (
        f"{one.event} and {other.event} are the same matter already, '{one.matter}': {last.merged_by or FORGOTTEN} merged it on "
        f"{last.merged_on} (merge {last.merge_id})."
    )


def _move(ctx: Context, connection: Connection, act: Act, group: Any, origin: str, on: date) -> Act:
    """Move the events of a customer to where the standing merges say, as a batch; what the reports and the planner make of it."""
    key = {"line": group.line, "kind": group.kind, "customer": group.customer}
    who = {"kind": group.kind, "customer": group.customer}
    zone = ZoneInfo(ctx.organisation.time_zone)
    before, duties = _findings(ctx, connection, group, on), rows(connection, "matter/find_conditional", **who)
    run(connection, "ingest/stage_merges")
    batch_id = rows(connection, "ingest/open_batch", source=BY_HAND, on=on, origin=origin)[0].batch_id
    moved = rows(connection, "matter/move_events", batch_id=batch_id, on=on, **key)
    run(connection, "ingest/close_batch", batch_id=batch_id, read=len(moved), accepted=len(moved), unchanged=0, refused=0,
        changed=len(moved))  # fmt: skip
    after = _findings(ctx, connection, group, on)
    changed = list(_duties(connection, duties, rows(connection, "matter/find_conditional", **who), on))
    return Act(
        act.done, act.number, act.customer, act.matter, act.into, "",
        tuple(
            Moved(row.event, row.happened_at.astimezone(zone).date(), row.department, row.was, row.becomes)
            for row in sorted(moved, key=lambda row: (row.happened_at, row.event))
        ),
        (*(f"found: {one}" for one in after if one not in before),
         *(f"no longer found: {one}" for one in before if one not in after)),
        tuple(changed),
    )  # fmt: skip


def _findings(ctx: Context, connection: Connection, group: Any, on: date) -> list[str]:
    """What the reports find to repeat among a customer's events, period by period, by the reference engine."""
    events = [
        Event(row.source, row.event_key, row.kind, row.line, row.happened_at, customer=row.customer,
              department=row.department, matter=row.matter, cancelled=row.cancelled)
        for row in rows(connection, "matter/list_events", line=group.line, kind=group.kind, customer=group.customer)
    ]  # fmt: skip
    zone = ZoneInfo(ctx.organisation.time_zone)
    days = {event.happened_at.astimezone(zone).date() for event in events}
    found = []
    for pack in packs_of_line(ctx, group.line, on):
        for period in sorted({period_of(pack.report.period, day) for day in days}):
            for detection in (one for one in pack.detections if one.event == group.kind):
                found += [
                    f"{period.name} {detection.name} ({detection.clause}): '{matter}' {times} times"
                    for _, matter, times in repeats(pack, detection, events, period.first, period.last)
                ]
    return found


def _duties(connection: Connection, before: Sequence[Any], after: Sequence[Any], on: date) -> Iterator[Duty]:
    """Duties that the next planning run owes, and those that are withdrawn now because their repetition is gone."""
    repeated = {(row.event_id, row.rule_id, row.round) for row in before if row.repeated}
    lost = [row for row in after if not row.repeated and (row.event_id, row.rule_id, row.round) in repeated]
    withdrawn = {
        tuple(row)
        for row in rows(
            connection, "matter/withdraw_duties", on=on, event_ids=[row.event_id for row in lost],
            rule_ids=[row.rule_id for row in lost], rounds=[row.round for row in lost],
        )
    }  # fmt: skip
    for row in after:
        key = (row.event_id, row.rule_id, row.round)
        if row.repeated and key not in repeated and row.reason != "condition_met":
            yield Duty(row.event, row.clause, row.name, row.due_on, "owed" if row.due_on >= on else "late")
        elif row in lost and row.reason == "condition_met":
            yield Duty(row.event, row.clause, row.name, row.due_on, "withdrawn" if key in withdrawn else "stays")


def _tell(connection: Connection, by: str, action: str, number: int, group: Any, act: Act) -> None:
    """Write the audit. The reason stands with the merge alone, where retention reaches it."""
    detail = {
        "line": group.line, "kind": group.kind, "customer": act.customer, "matter": act.matter, "into": act.into,
        "events": len(act.events), "duties": len(act.duties),
    }  # fmt: skip
    audit(connection, by, action, f"merge {number}", detail)
