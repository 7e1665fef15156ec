"""A pack version as rows: what the set-based planner joins events with."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, text
from sqlalchemy.dialects.postgresql import insert

from revisit.domain.windows import Span
from revisit.errors import PackError
from revisit.policy.load import LoadedPack, require_complete
from revisit.policy.model import Pack, Rule
from revisit.policy.predicate import to_jsonpath
from revisit.store import tables
from revisit.store.database import PLANNING, audit, run

_UNITS = {
    "day": ("days", 1),
    "week": ("days", 7),
    "half_month": ("half_months", 1),
    "month": ("months", 1),
    "year": ("months", 12),
    "workday": ("workdays", 1),
}


def _span_columns(end: str, span: Span | None) -> dict[str, int]:
    if span is None:
        return {}
    unit, factor = _UNITS[span.unit]
    return {f"{end}_{unit}": span.count * factor}


def _rule_row(pack: Pack, rule: Rule, version: int, quota_id: int | None, draws: bool) -> dict[str, Any]:
    outranking = [other.where for other in pack.rules if rule.id in other.outranks]
    row: dict[str, Any] = {
        "pack_version_id": version,
        "rule": rule.id,
        "clause": rule.clause,
        "name": rule.name,
        "kind": rule.trigger.event,
        "round": rule.round,
        "predicate": to_jsonpath(rule.where) if rule.where else None,
        "outranked": " || ".join(f"({to_jsonpath(where)})" for where in outranking) or None,
        "needs": list(rule.needs.fields) if rule.needs else None,
        "anchor": rule.anchor,
        "day_ends": rule.day_ends,
        "quota_id": quota_id,
        "draws": draws,
        "after_rule": rule.trigger.after,
        "after_predicate": to_jsonpath(rule.trigger.when) if rule.trigger.when else None,
        "after_issue": rule.trigger.issue,
        "rolls": pack.rolls(rule),
        "recurs": rule.recur is not None,
        "recur_rolls": rule.recur is not None and pack.rounds_roll,
        "recur_agreed": rule.recur is not None and rule.recur.agreed,
        "is_followed": rule.recur is not None or any(other.trigger.after == rule.id for other in pack.rules),
        **_span_columns("opens", rule.window.opens),
        **_span_columns("due", rule.window.due),
        **_span_columns("lasts", rule.window.lasts),
    }
    if rule.recur:
        row |= _span_columns("recur", rule.recur.every) | _span_columns("recur_opens", rule.recur.opens)
        row |= {"recur_until": list(rule.recur.until), "recur_at_most": rule.recur.at_most}
    if rule.attempts:
        patience = rule.attempts.patience()
        row |= {
            "attempts_at_least": patience.at_least,
            "attempts_apart_days": patience.apart_days,
            "attempts_before_end_days": patience.before_end_days,
        }
    if rule.window.share:
        opens, due = rule.window.share
        row |= {"opens_share": list(opens.as_integer_ratio()), "due_share": list(due.as_integer_ratio())}
    if rule.condition:
        repeat = next(d for d in pack.detections if d.id == rule.condition.repeat)
        row |= {
            "conditions": list(rule.condition.any_of),
            "first_rule": rule.condition.first,
            "repeat_at_least": repeat.at_least,
            "repeat_months": repeat.within_months,
            "repeat_calendar": repeat.calendar,
            "repeat_in_a_row": repeat.in_a_row,
        }
    return row


def refuse_taken(connection: Connection, loaded: LoadedPack) -> int | None:
    """The id of the version that was activated with this very content; None where the content is new.

    Raises PackError when the content is new but its first day is not later than that of every version there is: what
    was in force is never rewritten.
    """
    pack, version = loaded.pack, tables.pack_version
    there = connection.execute(
        select(version.c.pack_version_id, version.c.sha256, version.c.effective_from)
        .where(version.c.pack == pack.pack, version.c.effective_from >= pack.effective.from_)
        .order_by(version.c.effective_from)
    ).all()
    if not there:
        return None
    if there[0].sha256 == loaded.sha256:
        return int(there[0].pack_version_id)
    if there[0].effective_from == pack.effective.from_:
        raise PackError(
            f"{loaded.path}: {pack.pack} was activated from {pack.effective.from_} with other content "
            f"(hash {there[0].sha256[:12]}, now {loaded.sha256[:12]}). Give the new content a later effective.from and "
            f"its own document.revision."
        )
    raise PackError(
        f"{loaded.path}: {pack.pack} has a version from {there[-1].effective_from} already, and what it decided stands. "
        f"Give the new content an effective.from later than that day."
    )


def activate(
    connection: Connection, loaded: LoadedPack, by: str, on: date, detail: Mapping[str, Any] | None = None
) -> int:
    """Put a pack version in force and return its id; the same version again changes nothing. The version before it
    ends on the day before.

    `by`: the person who approves it. `detail`: what the approval rests on, kept in the audit beside hash and days.
    Raises PackError while a parameter is open, or when the version's first day is taken by other content.
    """
    require_complete(loaded)
    pack, version = loaded.pack, tables.pack_version
    connection.execute(text("select pg_advisory_xact_lock(hashtext(:pack))"), {"pack": f"activate {pack.pack}"})
    there = refuse_taken(connection, loaded)
    if there is not None:
        return there
    version_id = int(
        connection.execute(
            version.insert()
            .values(
                pack=pack.pack,
                document_code=pack.document.code,
                revision=pack.document.revision,
                effective_from=pack.effective.from_,
                effective_until=pack.effective.until,
                time_zone=pack.time_zone,
                standing_since=pack.standing.since if pack.standing else None,
                standing_months=_span_columns("for", pack.standing.new_for)["for_months"] if pack.standing else None,
                sha256=loaded.sha256,
                definition=pack.model_dump(mode="json", by_alias=True),
                on_default=list(loaded.on_default),
                activated_by=by,
                activated_on=on,
            )
            .returning(version.c.pack_version_id)
        ).scalar_one()
    )
    connection.execute(
        version.update()
        .where(
            version.c.pack == pack.pack,
            version.c.effective_from < pack.effective.from_,
            version.c.effective_until.is_(None) | (version.c.effective_until >= pack.effective.from_),
        )
        .values(effective_until=pack.effective.from_ - timedelta(days=1))
    )
    quotas: dict[str, int] = {}
    for quota in pack.quotas:
        quotas[quota.id] = connection.execute(
            tables.quota.insert()
            .values(
                pack_version_id=version_id,
                quota=quota.id,
                clause=quota.cites,
                name=quota.name,
                unit=quota.unit,
                numerator=quota.rate.numerator if quota.rate is not None else None,
                denominator=quota.rate.denominator if quota.rate is not None else None,
                decided=quota.decided,
                census_up_to=quota.census_up_to or 0,
                monthly=quota.period == "month",
                per_department="department" in quota.per,
                per_area="area" in quota.per,
                per_occasion="occasion" in quota.per,
                completes_year=quota.union == "year",
            )
            .returning(tables.quota.c.quota_id)
        ).scalar_one()
    for rule in pack.rules:
        draws = rule.quota is not None and pack.drawing_rule(rule) is rule
        quota_id = quotas[rule.quota] if rule.quota else None
        connection.execute(tables.rule.insert().values(_rule_row(pack, rule, version_id, quota_id, draws)))
    connection.execute(text(f"select pg_advisory_xact_lock({PLANNING})"))  # no planning meanwhile
    run(connection, "activate/withdraw_ahead", pack_version_id=version_id, on=on)
    run(connection, "activate/stage_turned", pack_version_id=version_id)
    run(connection, "plan/recount_customers")
    connection.execute(text("drop table turned"))
    days = {"on": str(on), "from": str(pack.effective.from_), "revision": pack.document.revision}
    audit(connection, by, "pack.activate", pack.pack, {"sha256": loaded.sha256, **days, **(detail or {})})
    return version_id


def newest(connection: Connection) -> dict[str, LoadedPack]:
    """The version of every pack that was activated last, by its name, as it was activated."""
    table = tables.pack_version
    found = connection.execute(select(table).order_by(table.c.pack, table.c.effective_from))
    return {row.pack: _as_activated(row) for row in found}


def in_force(connection: Connection, pack: str, day: date) -> LoadedPack | None:
    """The version of a pack that is in force on a day, as it was activated; None before the first one."""
    table = tables.pack_version
    found = connection.execute(
        select(table)
        .where(table.c.pack == pack, table.c.effective_from <= day)
        .order_by(table.c.effective_from.desc())
        .limit(1)
    ).one_or_none()
    return _as_activated(found) if found else None


def _as_activated(row: Any) -> LoadedPack:
    return LoadedPack(Pack.model_validate(row.definition), Path(row.pack), row.sha256, tuple(row.on_default), ())


def versions(connection: Connection) -> dict[int, Pack]:
    """Every version that was ever in force, as it was activated, by its id."""
    table = tables.pack_version
    found = connection.execute(select(table.c.pack_version_id, table.c.definition))
    return {row.pack_version_id: Pack.model_validate(row.definition) for row in found}


def use(connection: Connection, pack: str, line: str, adopted_on: date) -> None:
    """Let a pack govern a business line from a day on."""
    row = insert(tables.pack_use).values(pack=pack, line=line, adopted_on=adopted_on)
    connection.execute(
        row.on_conflict_do_update(index_elements=["pack", "line"], set_={"adopted_on": row.excluded.adopted_on})
    )
