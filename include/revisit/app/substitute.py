"""Give the place of a drawn event that cannot be contacted to the next of its stratum. Nobody chooses; the log keeps why."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects.postgresql import insert

from revisit.app.plan import give_place, hold
from revisit.app.wording import parse_task_code, task_code
from revisit.domain.masks import mask_text
from revisit.errors import RevisitError
from revisit.policy.model import Pack, SubstitutionReason
from revisit.store import tables
from revisit.store.database import rows


@dataclass(frozen=True, slots=True)
class Substituted:
    """The place `task` was given to `substitute` (both as task numbers, of the rule that draws); `new` where just now."""

    task: str
    substitute: str
    reason: str
    by: str
    on: date
    new: bool


def substitute(engine: Engine, code: str, by: str, reason: SubstitutionReason, on: date, note: str = "") -> Substituted:
    """Give the place that a task stands for to the first of its stratum, in the order of the draw, who was not drawn.

    One transaction: the log, the decisions under all rules of the quota, and their tasks. A place that was given on already
    stays where it went. `note`: free text of up to 200 characters for the log, telephone numbers in it are masked.
    Raises RevisitError where the task was not drawn, the quota does not allow it, the place was answered or missed, or
    nobody is left; nothing changes then.
    """
    if not by.strip():
        raise RevisitError("nobody is named who gives the place on. Name the person with --by.")
    key = parse_task_code(code)
    with engine.begin() as connection:
        version = connection.execute(
            select(tables.pack_version.c.pack_version_id, tables.pack_version.c.definition)
            .join(tables.rule)
            .where(tables.rule.c.rule_id == (key[1] if key else -1))
        ).one_or_none()
        if key is None or version is None:
            raise RevisitError(
                f"there is no task '{code}'. Give its number as lists and sheets show it, for example T12-3-1."
            )
        hold(connection, version.pack_version_id)
        _hold_lists(connection, key[0])
        found = rows(connection, "substitute/find_place", event_id=key[0], rule_id=key[1])
        if not found:
            raise RevisitError(f"{code} took no part in a draw, so that there is no place to give on.")
        (place,) = found
        if place.event_in is not None:
            return Substituted(
                task_code(place.event_id, place.rule_out, place.round), task_code(place.event_in, place.rule_in, place.round_in),
                place.substituted_for, place.substituted_by, place.substituted_on, False,
            )  # fmt: skip
        _refuse(Pack.model_validate(version.definition), code, place, reason, on)
        following = rows(
            connection, "substitute/find_next", quota_id=place.quota_id, stratum=place.stratum, customer=place.customer, on=on
        )  # fmt: skip
        if not following:
            raise RevisitError(
                f"nobody can take the place of {code}: every other event of its stratum was drawn, has given "
                f"its place on, is of the same customer, must not be contacted, or its window ended before {on}. "
                "Nothing was changed."
            )
        (other,) = following
        logged = connection.execute(
            insert(tables.substitution)
            .values(
                quota_id=place.quota_id, stratum=place.stratum, event_out=place.event_id, rule_out=place.rule_out,
                event_in=other.event_id, rule_in=other.rule_id, reason=reason, note=mask_text(note.strip())[:200],
                substituted_by=by.strip(), substituted_on=on,
            )
            .returning(tables.substitution.c.substitution_id)
        ).scalar_one()  # fmt: skip
        give_place(connection, version.pack_version_id, logged, on)
    return Substituted(
        task_code(place.event_id, place.rule_out, place.round), task_code(other.event_id, other.rule_id, other.round), reason,
        by.strip(), on, True,
    )  # fmt: skip


def _hold_lists(connection: Connection, event_id: int) -> None:
    """Wait until a sheet that carries the event and is being taken in is done, as those who take it in do."""
    line, list_ = tables.list_line, tables.list_
    carried = select(line.c.list_id).where(line.c.event_id == event_id)
    connection.execute(
        select(list_.c.list_id).where(list_.c.list_id.in_(carried)).order_by(list_.c.list_id).with_for_update()
    )


def _refuse(pack: Pack, code: str, place: Any, reason: str, on: date) -> None:
    """Raise RevisitError where the place may not be given on."""
    quota = pack.quota(place.quota)
    if quota.substitutes is None:
        raise RevisitError(
            f"the quota {quota.id} of {pack.pack} allows no substitution: its regulation does not say so, or the pack leaves out "
            f"'substitutes'. The task {code} stays owed."
        )
    if reason not in quota.substitutes.for_:
        raise RevisitError(
            f"the quota {quota.id} of {pack.pack} allows substitution for {', '.join(quota.substitutes.for_)}, not for {reason} "
            f"({quota.substitutes.clause}). The task {code} stays owed."
        )
    if not place.drawn or place.outcome != "due":
        raise RevisitError(f"{code} is not owed by a draw (any longer), so that there is no place to give on.")
    if place.answered_on is not None:
        raise RevisitError(
            f"the customer of {code} was contacted on {place.answered_on}: the place is taken, and stays so."
        )
    if place.due_on < on:
        raise RevisitError(
            f"a window of {code} ended on {place.due_on}, before {on}: it was missed and counts as missed. A place is given on "
            f"while its windows are open."
        )
