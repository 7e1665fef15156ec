"""Decide, draw and owe: what one planning run does for a day."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine, text

from revisit.domain.draws import fingerprint
from revisit.store.database import rows, run

_STAGED = ("todo", "candidate", "drawn")


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
        raise ValueError("the draw key has at most 64 bytes")
    padded = key.ljust(64, b"\0")
    return bytes(b ^ 0x36 for b in padded), bytes(b ^ 0x5C for b in padded)


def plan(engine: Engine, on: date, draw_key: bytes, calendar: str = "cn") -> Planned:
    """Decide every event that arrived since the last run, and let time pass to `on`.

    One transaction under an advisory lock: two runs at once follow one another, and the second finds nothing to do.
    """
    inner, outer = hmac_halves(draw_key)
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(20260002)"))
        run(connection, "plan/stage_batches")
        run(connection, "plan/stage_candidates", calendar=calendar)
        connection.execute(text("analyze candidate"))
        run(connection, "plan/stage_draws", inner_pad=inner, outer_pad=outer)
        connection.execute(text("analyze drawn"))
        run(connection, "plan/keep_draws", fingerprint=fingerprint(draw_key))
        run(connection, "plan/decide", on=on)
        run(connection, "plan/withdraw_draws")
        run(connection, "plan/decide_again", on=on)
        run(connection, "plan/supersede_reclassified", on=on)
        run(connection, "plan/settle_rates", on=on)
        run(connection, "plan/find_repeats", on=on)
        run(connection, "plan/heed_results", on=on)
        run(connection, "plan/lapse_conditions", on=on)
        tasks = run(connection, "plan/owe_tasks", on=on)
        changed = run(connection, "plan/follow_decisions", on=on)
        run(connection, "plan/suppress_opted_out", on=on)
        expired = run(connection, "plan/expire_tasks", on=on)
        decisions = {row.outcome: row.decisions for row in rows(connection, "plan/summarise_run")}
        run(connection, "plan/mark_planned", on=on)
        for name in _STAGED:
            connection.execute(text(f"drop table {name}"))
    return Planned(decisions, tasks, changed, expired)
