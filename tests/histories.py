"""Runs one history of events through both engines, so that their decisions can be laid side by side."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import cache
from typing import Any, TypedDict, Unpack

from sqlalchemy import Connection, Engine, text

from revisit import resources
from revisit.app import cases
from revisit.app.cases import load_for_cases, working_days
from revisit.app.matters import heed
from revisit.app.plan import plan
from revisit.app.substitute import substitute
from revisit.errors import RevisitError
from revisit.policy.evaluate import Contact, Event, Issue, Use
from revisit.policy.evaluate import Engine as Reference
from revisit.policy.load import LoadedPack
from revisit.policy.model import SubstitutionReason
from revisit.store import packs, tables
from revisit.store.database import run

KEY = b"a key for tests only"
SOURCE = cases.SOURCE
LINE = "line"


@dataclass(frozen=True, slots=True)
class Row:
    """A decision as both engines give it."""

    outcome: str
    reason: str
    anchor_on: date | None
    opens_on: date | None
    due_on: date | None
    stratum: str | None
    draw_position: int | None
    drawn: bool | None


class Circumstances(TypedDict, total=False):
    """What stands around a history: rates decided, customers who opted out, the day the packs were adopted."""

    rates: Mapping[tuple[str, date], Fraction]
    silent: Sequence[str]
    adopted_on: date


Decisions = dict[tuple[str, str, str], Row]  # by event key, pack, and rule (`rule#2` in the second round)


@cache
def shipped(name: str) -> LoadedPack:
    """A pack that came with the product, every default accepted."""
    return load_for_cases(resources.folder("policies") / name)


def event(key: str, kind: str, happened: str | date, **more: Any) -> Event:
    """An event of the line at nine o'clock in Shanghai."""
    moment = (
        datetime.fromisoformat(f"{happened}T01:00:00")
        if len(str(happened)) == 10
        else datetime.fromisoformat(str(happened))
    )
    return Event(SOURCE, key, kind, LINE, moment.replace(tzinfo=UTC), **more)


def reference(
    loaded: Sequence[LoadedPack],
    batches: Sequence[tuple[date, Sequence[Event]]],
    rates: Mapping[tuple[str, date], Fraction] | None = None,
    silent: Sequence[str] = (),
    adopted_on: date = date(2000, 1, 1),
) -> Decisions:
    """The decisions of the Python engine."""
    uses = [Use(one.pack, LINE, adopted_on) for one in loaded]
    engine = Reference(uses, working_days(), KEY, rates, silent)
    for on, events in batches:
        engine.take(events, on)
    return as_rows(engine, loaded)


def as_rows(engine: Reference, loaded: Sequence[LoadedPack]) -> Decisions:
    """What the Python engine has decided so far."""
    packs_by_name = {one.pack.pack: one.pack for one in loaded}
    return {
        (key[0][1], key[1], _numbered(key[2], key[3], packs_by_name[key[1]].rule(key[2]).round)): Row(
            d.outcome, d.reason, d.anchor_on, d.opens_on, d.due_on, d.stratum, d.draw_position, d.drawn
        )
        for key, d in engine.decisions.items()
    }


def _numbered(rule: str, round_: int, first: int) -> str:
    return rule if round_ == first else f"{rule}#{round_}"


def prepare(
    connection: Connection,
    loaded: Sequence[LoadedPack],
    rates: Mapping[tuple[str, date], Fraction] | None = None,
    silent: Sequence[str] = (),
    adopted_on: date = date(2000, 1, 1),
) -> None:
    """Put packs in force, and write rates and customers."""
    for one in loaded:
        packs.activate(connection, one, "test", date(2026, 1, 1))
        packs.use(connection, one.pack.pack, LINE, adopted_on)
    for (parameter, period), rate in (rates or {}).items():
        connection.execute(
            tables.rate_decision.insert().values(
                parameter=parameter, period=period, numerator=rate.numerator, denominator=rate.denominator,
                decided_by="test", decided_on=period,
            )
        )  # fmt: skip
    for customer in silent:
        connection.execute(tables.customer.insert().values(customer=customer, name=customer, do_not_contact=True))


def arrive(engine: Engine, events: Sequence[Event], on: date) -> None:
    """Let a batch of events arrive, by the very statements that ingest uses."""
    with engine.begin() as connection:
        connection.execute(text("drop table if exists staged"))
        connection.execute(
            text("create temporary table staged (like event, reasons text[], position bigint) on commit drop")
        )
        connection.execute(
            text("alter table staged alter event_id drop not null, alter batch_id drop not null, "
                 "alter first_batch_id drop not null, alter received_on drop not null, alter version drop not null")
        )  # fmt: skip
        batch_id = connection.execute(
            text("insert into batch (source, received_on, origin, rows_read, rows_accepted, rows_unchanged, rows_refused, "
                 "rows_changed) values (:source, :on, 'test', 0, 0, 0, 0, 0) returning batch_id"),
            {"source": SOURCE, "on": on},
        ).scalar_one()  # fmt: skip
        for number, one in enumerate(events):
            connection.execute(
                text("insert into staged (position, source, event_key, kind, line, happened_at, starts_on, ends_on, customer, "
                     "department, area, matter, severity, occasion, cancelled, attributes) "
                     "values (:position, :source, :event_key, :kind, "
                     ":line, :happened_at, :starts_on, :ends_on, :customer, :department, :area, :matter, :severity, :occasion, "
                     ":cancelled, cast(:attributes as jsonb))"),
                {"position": number, "source": one.source, "event_key": one.event_key, "kind": one.kind, "line": one.line,
                 "happened_at": one.happened_at, "starts_on": one.starts_on, "ends_on": one.ends_on,
                 "customer": one.customer, "department": one.department, "area": one.area, "matter": one.matter,
                 "severity": one.severity, "occasion": one.occasion, "cancelled": one.cancelled,
                 "attributes": json.dumps(dict(one.attributes)) if one.attributes else None},
            )  # fmt: skip
        heed(connection)
        run(connection, "ingest/keep_versions", source=SOURCE)
        run(connection, "ingest/accept_events", source=SOURCE, batch_id=batch_id, on=on)


def decisions(engine: Engine) -> Decisions:
    """What the store has decided."""
    with engine.connect() as connection:
        found = connection.execute(
            text("select e.event_key, v.pack, r.rule, d.outcome, d.reason, d.anchor_on, d.opens_on, d.due_on, d.stratum, "
                 "d.draw_position, d.drawn, d.round, r.round from decision d join event e using (event_id) "
                 "join rule r using (rule_id) "
                 "join pack_version v using (pack_version_id)")
        )  # fmt: skip
        return {(row[0], row[1], _numbered(row[2], row[11], row[12])): Row(*row[3:11]) for row in found}


_TASK = (
    "select e.event_id, r.rule_id, cast(:round as int), {} from event e, rule r join pack_version v using (pack_version_id) "
    "where e.event_key = :key and r.rule = :rule and v.pack = :pack"
)


def tell(engine: Engine, pack: str, contacts: Sequence[Contact], on: date) -> None:
    """Let records arrive, and settle their tasks."""
    with engine.begin() as connection:
        for one in contacts:
            columns = (
                ":hash, :recorded_on, :visited_on, cast(:agreed_on as date), :result, :channel, '王', false, "
                "cast(:answers as jsonb), '{}', cast(:unsatisfactory as boolean), cast(:unsolved as boolean), "
                "cast(:second as boolean)"
            )
            connection.execute(
                text("insert into record (event_id, rule_id, round, content_hash, recorded_on, visited_on, agreed_on, "
                     "result, channel, visitor, customer_signed, ratings, texts, unsatisfactory, unsolved, "
                     "second_visit_wanted) " + _TASK.format(columns)),
                {"key": one.key[1], "rule": one.rule, "pack": pack, "round": one.round, "hash": str(uuid.uuid4()),
                 "recorded_on": one.recorded_on, "visited_on": one.contact_on, "agreed_on": one.agreed_on,
                 "result": one.result, "channel": one.channel, "answers": json.dumps(dict(one.answers)),
                 "unsatisfactory": one.unsatisfactory, "unsolved": one.unsolved, "second": one.second_visit_wanted},
            )  # fmt: skip
        run(connection, "collect/settle_tasks", on=on)


def solve(engine: Engine, pack: str, issues: Sequence[Issue]) -> None:
    """Let issues be raised, and solved."""
    with engine.begin() as connection:
        for one in issues:
            columns = "'D1', 'unsolved', '', :raised, false, :state, :on"
            connection.execute(
                text("insert into issue (event_id, rule_id, round, department, cause, description, raised_on, provisional, "
                     "state, state_on) " + _TASK.format(columns) + " on conflict (event_id, rule_id, round) do update set "
                     "state = excluded.state, state_on = excluded.state_on"),
                {"key": one.key[1], "rule": one.rule, "pack": pack, "round": one.round, "raised": one.raised_on,
                 "state": "solved" if one.solved_on else "raised", "on": one.solved_on or one.raised_on},
            )  # fmt: skip


def give_on(engine: Engine, key: str, rule: str, on: date, reason: SubstitutionReason) -> str | None:
    """Give the place of an event in the draw of a rule to the next; the key of the event that takes it, None if refused."""
    with engine.connect() as connection:
        code = connection.execute(
            text("select 'T' || event_id || '-' || rule_id || '-' || d.round from decision d join event using (event_id) "
                 "join rule r using (rule_id) where event_key = :key and rule = :rule and d.round = r.round"),
            {"key": key, "rule": rule},
        ).scalar_one()  # fmt: skip
    try:
        taken = substitute(engine, code, "王主任", reason, on)
    except RevisitError:
        return None
    with engine.connect() as connection:
        event_id = int(taken.substitute[1:].split("-")[0])
        found = connection.execute(text("select event_key from event where event_id = :id"), {"id": event_id})
        return str(found.scalar_one())


def play(engine: Engine, batches: Sequence[tuple[date, Sequence[Event]]]) -> Decisions:
    """Let batches arrive and be planned one after the other."""
    for on, events in batches:
        arrive(engine, events, on)
        plan(engine, on, KEY)
    return decisions(engine)


def in_sql(
    engine: Engine,
    loaded: Sequence[LoadedPack],
    batches: Sequence[tuple[date, Sequence[Event]]],
    **circumstances: Unpack[Circumstances],
) -> Decisions:
    """The decisions of the SQL engine, batch by batch."""
    with engine.begin() as connection:
        prepare(connection, loaded, **circumstances)
    return play(engine, batches)
