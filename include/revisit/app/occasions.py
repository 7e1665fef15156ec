"""Raise the events that no source delivers: running periods, festivals and milestones, one for every customer of a line."""

from datetime import date

from sqlalchemy import text

from revisit.app.context import Context
from revisit.domain.occasions import Occasion, to_raise
from revisit.store.database import rows, run


def raise_due(ctx: Context, on: date) -> int:
    """Write what is due on `on` as a batch of the source `calendar`; how many events are new.

    Only kinds that a rule of a pack in use asks for; festivals and milestones stand in organisation.yaml.
    """
    due: list[tuple[str, Occasion]] = []
    in_force = ctx.packs_on(on)
    for line in sorted({use.line for use in ctx.organisation.packs}):
        names = [use.pack for use in ctx.organisation.packs if use.line == line]
        kinds = {rule.trigger.event or "" for name in names for rule in in_force[name].pack.rules}
        dated = [
            Occasion(f"occasion.{one.kind}", one.name, one.day, one.day)
            for one in ctx.organisation.occasions
            if one.line in (None, line)
        ]
        due += [(line, one) for one in to_raise(kinds, dated, on)]
    if not due:
        return 0
    with ctx.engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(20260006)"))
        attempt = connection.begin_nested()
        batch_id = rows(connection, "ingest/open_batch", source="calendar", on=on, origin="organisation.yaml")[
            0
        ].batch_id
        raised = run(
            connection, "plan/raise_occasions", batch_id=batch_id, on=on, zone=ctx.organisation.time_zone,
            kinds=[one.kind for _, one in due], names=[one.name for _, one in due], lines=[line for line, _ in due],
            firsts=[one.starts_on for _, one in due], lasts=[one.ends_on for _, one in due],
        )  # fmt: skip
        if not raised:
            attempt.rollback()
            return 0
        run(
            connection, "ingest/close_batch", batch_id=batch_id, read=raised, accepted=raised, unchanged=0, refused=0,
            changed=0,
        )  # fmt: skip
        attempt.commit()
    return raised
