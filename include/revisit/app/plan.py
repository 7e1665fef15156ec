"""Decide, draw and owe: what one planning run does for a day."""

import hashlib
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine, text

from revisit.domain.draws import fingerprint
from revisit.store.database import rows, run

# Stages are unlogged tables and not temporary ones, because PostgreSQL reads temporary tables on one core only.
_STAGES = ("todo", "candidate", "drawn", "repeated", "moved")


@dataclass(frozen=True, slots=True)
class Planned:
    """Counts of one run: decisions by outcome, tasks newly owed or changed, tasks whose window ended."""

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

    One transaction under an advisory lock: two runs at once follow one another, and the second finds nothing to do.
    """
    inner, outer = hmac_halves(draw_key)
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(20260002)"))
        connection.execute(text("create schema if not exists planning"))
        connection.execute(text("set local search_path to planning, public"))
        connection.execute(text("set local work_mem to '128MB'"))
        connection.execute(text("set local random_page_cost to 1.1"))  # look a night's events up, whatever the history
        run(connection, "plan/stage_batches")
        connection.execute(text("analyze todo"))
        run(connection, "plan/stage_candidates", inner_pad=inner, outer_pad=outer)
        if rows(connection, "plan/find_workday_rules"):
            run(connection, "plan/stage_workdays", calendar=calendar)
        connection.execute(text("analyze candidate"))
        run(connection, "plan/stage_draws", inner_pad=inner, outer_pad=outer)
        connection.execute(text("analyze drawn"))
        run(connection, "plan/stage_decisions")
        run(connection, "plan/keep_draws", fingerprint=fingerprint(draw_key))
        run(connection, "plan/decide", on=on)
        corrected = bool(rows(connection, "plan/find_corrections"))
        if corrected:
            run(connection, "plan/withdraw_draws")
            run(connection, "plan/decide_again", on=on)
            run(connection, "plan/supersede_reclassified", on=on)
        run(connection, "plan/settle_rates", on=on)
        run(connection, "plan/stage_repeats")
        run(connection, "plan/heed_repeats", on=on)
        run(connection, "plan/heed_results", on=on)
        run(connection, "plan/lapse_conditions", on=on)
        tasks = run(connection, "plan/owe_tasks", on=on)
        run(connection, "plan/stage_moved", corrected=corrected)
        connection.execute(text("analyze moved"))
        changed = run(connection, "plan/follow_decisions", on=on)
        run(connection, "plan/suppress_opted_out", on=on)
        expired = run(connection, "plan/expire_tasks", on=on)
        decisions = {row.outcome: row.decisions for row in rows(connection, "plan/summarise_run")}
        run(connection, "plan/mark_planned", on=on)
        connection.execute(text("drop view planning.decided"))
        for name in _STAGES:
            connection.execute(text(f"drop table planning.{name}"))
    return Planned(decisions, tasks, changed, expired)
