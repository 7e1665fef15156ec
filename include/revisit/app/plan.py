"""Decide, draw and owe: what one planning run does for a day."""

import hashlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy import Connection, Engine, text

from revisit.domain.draws import fingerprint
from revisit.store.database import PLANNING, rows, run

# Packs decide independently of one another, so a run decides several at once, each in a transaction of its own.
_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Planned:
    """Counts of one run: new decisions by outcome, tasks newly owed or changed, tasks whose window ended."""

    decisions: dict[str, int]
    tasks: int
    changed: int
    expired: int


def hmac_halves(key: bytes) -> tuple[bytes, bytes]:
    """The key padded and folded as HMAC (RFC 2104) has it, so that PostgreSQL's sha256() completes the digest."""
    if len(key) > 64:
        key = hashlib.sha256(key).digest()
    padded = key.ljust(64, b"\0")
    return bytes(b ^ 0x36 for b in padded), bytes(b ^ 0x5C for b in padded)


def plan(engine: Engine, on: date, draw_key: bytes, calendar: str = "cn") -> Planned:
    """Decide every event that arrived since the last run, and let time pass to `on`.

    Every pack version is one transaction, time's passing another. Two runs at once wait for each other pack by pack, and
    the second finds nothing to do; a run that stops in between is completed by the next.
    """
    with engine.connect() as connection:
        found = rows(connection, "plan/find_packs")
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        runs = list(pool.map(partial(_decide, engine, on, draw_key, calendar), *zip(*found, strict=True)))
    met, expired = _pass_time(engine, on, calendar)
    decisions = sum((Counter(planned.decisions) for planned in runs), Counter[str]())
    return Planned(
        dict(sorted(decisions.items())),
        sum(planned.tasks for planned in runs),
        sum(planned.changed for planned in runs) + met,
        expired,
    )


def _decide(engine: Engine, on: date, draw_key: bytes, calendar: str, version: int, zone: str) -> Planned:
    """Decide what arrived for one pack version: candidates, draws, decisions, tasks."""
    inner, outer = hmac_halves(draw_key)
    with engine.begin() as connection:
        hold(connection, version)
        _open_stage(connection, f"planning_{version}")
        connection.execute(text("select set_config('timezone', :zone, true)"), {"zone": zone})
        run(connection, "plan/stage_batches", pack_version_id=version)
        connection.execute(text("analyze todo"))
        run(connection, "plan/stage_candidates", inner_pad=inner, outer_pad=outer)
        features = rows(connection, "plan/find_features", pack_version_id=version)[0]
        if features.workdays:
            run(connection, "plan/stage_workdays", calendar=calendar)
        if features.rolls:
            run(connection, "plan/roll_windows", calendar=calendar)
        connection.execute(text("analyze candidate"))
        if features.customers:
            run(connection, "plan/stage_shares", pack_version_id=version)
            run(connection, "plan/keep_shares")
            run(connection, "plan/leave_shares_out")
        run(connection, "plan/stage_draws", inner_pad=inner, outer_pad=outer, pack_version_id=version)
        connection.execute(text("analyze drawn"))
        run(connection, "plan/stage_decisions")
        run(connection, "plan/keep_draws", fingerprint=fingerprint(draw_key))
        if features.customers:
            run(connection, "plan/share_draws")
        decisions = {row.outcome: row.decisions for row in rows(connection, "plan/decide", on=on)}
        if rows(connection, "plan/find_corrections"):
            run(connection, "plan/withdraw_draws")
            run(connection, "plan/decide_again", on=on)
            run(connection, "plan/supersede_reclassified", on=on)
            run(connection, "plan/withdraw_followers", on=on)
        run(connection, "plan/settle_rates", on=on)
        if features.customers:
            run(connection, "plan/stage_turned")
            run(connection, "plan/recount_customers")
        run(connection, "plan/stage_moved")
        if features.substitutes:
            for place in rows(connection, "plan/find_given_places", pack_version_id=version):
                if run(connection, "plan/give_place", substitution_id=place.substitution_id, on=on):
                    connection.execute(
                        text("insert into moved values (:out), (:in)"), {"out": place.event_out, "in": place.event_in}
                    )
        if features.repeats:
            run(connection, "plan/stage_repeats", pack_version_id=version)
            run(connection, "plan/heed_repeats", on=on)
            connection.execute(text("insert into moved select event_id from repeated"))
        tasks = run(connection, "plan/owe_tasks", on=on)
        if features.recurs:
            run(connection, "plan/stage_halted")
            run(connection, "plan/halt", on=on)
            connection.execute(text("insert into moved select event_id from halted"))
        connection.execute(text("analyze moved"))
        changed = run(connection, "plan/follow_decisions", on=on, pack_version_id=version)
        run(connection, "plan/mark_planned", on=on)
        _close_stage(connection, f"planning_{version}")
    return Planned(decisions, tasks, changed, 0)


def hold(connection: Connection, version: int) -> None:
    """Wait until nobody else decides for a pack version, and keep others from it until this transaction ends."""
    connection.execute(text(f"select pg_advisory_xact_lock_shared({PLANNING})"))
    connection.execute(text(f"select pg_advisory_xact_lock({PLANNING}, {version})"))


def give_place(connection: Connection, version: int, substitution_id: int, on: date) -> None:
    """Let decisions and tasks follow a place in a draw that was given on; under the pack's lock."""
    _open_stage(connection, f"planning_{version}")
    run(connection, "plan/give_place", substitution_id=substitution_id, on=on)
    run(connection, "plan/stage_given", substitution_id=substitution_id)
    run(connection, "plan/follow_decisions", on=on, pack_version_id=version)
    _close_stage(connection, f"planning_{version}")


def _pass_time(engine: Engine, on: date, calendar: str) -> tuple[int, int]:
    """Heed results and opt-outs that came in, and let windows end; how many tasks became due, how many expired."""
    with engine.begin() as connection:
        connection.execute(text(f"select pg_advisory_xact_lock({PLANNING})"))
        _open_stage(connection, "planning")
        run(connection, "plan/heed_results", on=on)
        run(connection, "plan/lapse_conditions", on=on)
        run(connection, "plan/stage_answered", calendar=calendar)
        run(connection, "plan/halt", on=on)
        run(connection, "plan/stage_followed", calendar=calendar, on=on)
        run(connection, "plan/owe_followed", on=on)
        run(connection, "plan/stage_met")
        connection.execute(text("insert into moved select event_id from halted"))
        connection.execute(text("analyze moved"))
        met = run(connection, "plan/follow_decisions", on=on, pack_version_id=None)
        run(connection, "plan/suppress_opted_out", on=on)
        expired = run(connection, "plan/expire_tasks", on=on)
        _close_stage(connection, "planning")
    return met, expired


def _open_stage(connection: Connection, schema: str) -> None:
    """A schema for this transaction's stages.

    They are unlogged tables and not temporary ones, because PostgreSQL reads temporary tables on one core only.
    """
    connection.execute(text(f"create schema {schema}"))
    connection.execute(text(f"set local search_path to {schema}, public"))
    connection.execute(text("set local work_mem to '128MB'"))
    connection.execute(text("set local random_page_cost to 1.1"))  # look a night's events up, whatever the history


def _close_stage(connection: Connection, schema: str) -> None:
    connection.execute(text("set local client_min_messages to warning"))
    connection.execute(text(f"drop schema {schema} cascade"))
