"""Who makes a contact: the first assignment that fits, the person in that post, or who stands in for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from revisit.app.channel_share import Offer
from revisit.app.context import Context
from revisit.domain.call_days import PlannedCall
from revisit.domain.staff import idle_since
from revisit.policy.evaluate import stands_in
from revisit.policy.model import Pack, Role, Rule, StandIn
from revisit.settings import PackInUse
from revisit.store.database import rows

_SEEN = ("severity", "department", "area", "matter")

Away = Mapping[tuple[str, int], frozenset[str]]
"""By pack and place of a stand-in: the codes and names of those whose contacts somebody else makes today."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A task that goes out today, with who does it and in which call."""

    row: Any
    pack: Pack
    rule: Rule
    call_sheet: str
    department: str
    lead_role: str
    lead_name: str
    clause: str
    joint: str | None
    planned: PlannedCall | None = None
    offer: Offer | None = None


def pack_in_use(ctx: Context, pack: str) -> PackInUse:
    return next(use for use in ctx.organisation.packs if use.pack == pack)


def packs_of_line(ctx: Context, line: str, on: date) -> list[Pack]:
    """The packs that govern a business line on a day, the one whose form is used first."""
    in_force = ctx.packs_on(on)
    return [in_force[use.pack].pack for use in ctx.organisation.packs if use.line == line]


def find_away(ctx: Context, connection: Connection, on: date) -> Away:
    """Whose contacts somebody else makes on `on`, by the staff register and the events that name them.

    Who has left is stood in for too.
    """
    found = {}
    for name, loaded in ctx.packs_on(on).items():
        attributes = {role.id: role.attribute for role in loaded.pack.roles}
        for place, one in enumerate(loaded.pack.stand_ins):
            people = rows(
                connection, "publish/find_staff", kind=one.without, attribute=attributes[one.role],
                since=idle_since(on, one.idle_for, ctx.working_days) if one.idle_for else on, on=on, zone=loaded.pack.time_zone,
            )  # fmt: skip
            away = [
                p for p in people
                if (p.left_on and p.left_on <= on) or stands_in(one, p.hired_on, p.last_on, on, ctx.working_days)
            ]  # fmt: skip
            found[name, place] = frozenset(code for p in away for code in (p.staff, p.name))
    return found


def assign(ctx: Context, row: Any, call_sheet: str, away: Away) -> Chosen:
    """Who does it: the first assignment of the rule whose condition holds, or who stands in for that person."""
    pack = ctx.pack_versions[row.pack_version_id]
    rule = pack.rule(row.rule)
    fields = {**(row.attributes or {}), **{name: getattr(row, name) for name in _SEEN}}
    assignment = rule.assignment(fields)
    posts = {role.id: role for role in pack.roles}
    seat, clause = posts[assignment.lead], assignment.clause
    instead = _stand_in(pack, seat, fields, away)
    if instead is not None:
        seat, clause = posts[instead.by], instead.clause
    home = home_department(ctx, row)
    if assignment.joint == "accused_department":
        joint = row.department if row.department != home else None
    else:
        joint = next((role.title for role in pack.roles if role.id == assignment.joint), None)
    return Chosen(row, pack, rule, call_sheet, home, seat.title, _holder(ctx, row, seat, fields), clause, joint)


def home_department(ctx: Context, row: Any) -> str:
    """On whose list a task goes: the department that leads its area, else the event's own."""
    return str(row.area_department or row.department or ctx.organisation.departments[0].code)


def _stand_in(pack: Pack, seat: Role, fields: Mapping[str, object], away: Away) -> StandIn | None:
    if seat.attribute is None:
        return None
    person = str(fields.get(seat.attribute) or "")
    return next(
        (
            one for place, one in enumerate(pack.stand_ins)
            if one.role == seat.id and person in away.get((pack.pack, place), ())
        ),
        None,
    )  # fmt: skip


def _holder(ctx: Context, row: Any, seat: Role, fields: Mapping[str, object]) -> str:
    """The name of whoever holds a post."""
    match seat.seat:
        case "area":
            return row.administrator or seat.title
        case "person":
            return str(fields.get(str(seat.attribute)) or seat.title)
        case "office":
            return pack_in_use(ctx, row.pack).posts[seat.id].name
