"""Raise the events that no source delivers: running periods, festivals and milestones, one for every customer of a line, and
one for every customer whom the register names for the first time."""

from datetime import date

from sqlalchemy import Connection, text

from revisit.app.context import Context
from revisit.domain.occasions import Occasion, to_raise
from revisit.store.database import rows, run


def raise_due(ctx: Context, on: date) -> int:
    """Write what is due on `on` as a batch of the source `calendar`; how many events are new or corrected.

    Only kinds that a rule of a pack in use asks for; festivals and milestones stand in organisation.yaml.
    """
    due: list[tuple[str, Occasion]] = []
    listing: list[str] = []
    for line, kinds in _asked(ctx, on).items():
        dated = [
            Occasion(f"occasion.{one.kind}", one.name, one.day, one.day)
            for one in ctx.organisation.occasions
            if one.line in (None, line)
        ]
        due += [(line, one) for one in to_raise(kinds, dated, on)]
        if "customer.listed" in kinds:
            listing.append(line)
    if not due and not listing:
        return 0
    with ctx.engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(20260006)"))
        attempt = connection.begin_nested()
        batch_id = rows(connection, "ingest/open_batch", source="calendar", on=on, origin="organisation.yaml")[
            0
        ].batch_id
        run(connection, "plan/stage_listed", on=on, zone=ctx.organisation.time_zone, lines=listing)
        changed = run(connection, "ingest/keep_versions", source="calendar")
        raised = run(connection, "ingest/accept_events", source="calendar", batch_id=batch_id, on=on)
        raised += _raise_occasions(ctx, connection, due, batch_id, on)
        if not raised:
            attempt.rollback()
            return 0
        run(
            connection, "ingest/close_batch", batch_id=batch_id, read=raised, accepted=raised, unchanged=0, refused=0,
            changed=changed,
        )  # fmt: skip
        attempt.commit()
    return raised


def _asked(ctx: Context, on: date) -> dict[str, set[str]]:
    """The kinds of event that the rules of the packs in use ask for, by line; of the register only once a pack is adopted."""
    in_force = ctx.packs_on(on)
    found: dict[str, set[str]] = {}
    for use in ctx.organisation.packs:
        kinds = {rule.trigger.event or "" for rule in in_force[use.pack].pack.rules}
        found.setdefault(use.line, set()).update(kinds if use.adopted_on <= on else kinds - {"customer.listed"})
    return dict(sorted(found.items()))


def _raise_occasions(
    ctx: Context, connection: Connection, due: list[tuple[str, Occasion]], batch_id: int, on: date
) -> int:
    return run(
        connection, "plan/raise_occasions", batch_id=batch_id, on=on, zone=ctx.organisation.time_zone,
        kinds=[one.kind for _, one in due], names=[one.name for _, one in due], lines=[line for line, _ in due],
        firsts=[one.starts_on for _, one in due], lasts=[one.ends_on for _, one in due],
    )  # fmt: skip
