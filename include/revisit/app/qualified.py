"""Who has the qualification that a pack asks of visitors, by the staff register."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from revisit.app.context import Context
from revisit.delivery.returned import as_day
from revisit.policy.model import Qualification
from revisit.store.database import rows

_YES, _NO = ("是", "有", "合格", "yes", "true"), ("否", "无", "不合格", "no", "false")
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the staff register; `attributes` has what they are qualified for, by the qualification's id."""

    staff: str
    name: str
    department: str | None = None
    left_on: date | None = None
    attributes: Mapping[str, object] | None = None


class Register:
    """The staff register, by number and by name; blanks within a name do not count."""

    def __init__(self, people: Iterable[Person] = ()) -> None:
        self.people = tuple(people)
        self._known: dict[str, list[Person]] = defaultdict(list)
        for person in self.people:
            for name in dict.fromkeys((_bare(person.staff), _bare(person.name))):
                self._known[name].append(person)

    def find(self, name: str) -> Sequence[Person]:
        """Whoever has this number or name; several where a name is not unique."""
        return self._known.get(_bare(name), ())


def _bare(name: str) -> str:
    return "".join(name.split())


def read_register(ctx: Context, connection: Connection) -> Register:
    """The register as it stands, where a pack in use asks for a qualification."""
    if not any(loaded.pack.qualifications for loaded in ctx.packs.values()):
        return Register()
    return Register(Person(**row._mapping) for row in rows(connection, "publish/find_register"))


@dataclass(frozen=True, slots=True)
class Lack:
    """Why somebody must not make a contact, in words, and what to do about it."""

    why: str
    way: str


def lacking(one: Qualification, register: Register, visitors: str, on: date) -> Lack | None:
    """What keeps `visitors` from making a contact on `on`; None where everybody named is qualified.

    Of people with the same name one who is qualified is enough. Who is not in the register lacks it only where the
    qualification binds everybody.
    """
    for name in _names(register, visitors):
        known = register.find(name)
        if not known and one.binds == "everybody":
            why = f"“{name}”不在人员登记中，无法核对“{one.name}”"
            return Lack(why, "请核对姓名，或先在人员登记中补登后再交回")
        if known and not any(_valid(person, one, on) for person in known):
            return Lack(f"“{name}”{_fault(known[0], one)}", "已具备的，请先更新人员登记后再交回")
    return None


def _names(register: Register, visitors: str) -> list[str]:
    """Whom a cell names: 王敏、李强; 王敏 李强, but 王　敏 is one person where the register has her."""
    found: list[str] = []
    for name in re.split(r"[、,，;；/]", visitors):
        found += [name.strip()] if register.find(name) else name.split()
    return found or [visitors]


def refusal(required: Iterable[Qualification], register: Register, visitors: str, on: date) -> str | None:
    """Why a record of these visitors is not accepted, with the way out; None where nothing is wrong."""
    for one in required:
        if lack := lacking(one, register, visitors, on):
            return f"{lack.why}，须具备者方可回访（{one.clause}）；{lack.way}"
    return None


def notice(required: Iterable[Qualification], register: Register, lead: str, department: str, on: date) -> str:
    """What a line says where the person proposed for it is not qualified, with who is in the department."""
    told = []
    for one in required:
        if lack := lacking(one, register, lead, on):
            names = holders(one, register, department, on)
            others = "、".join(names[:_NAMED]) + (f"等{len(names)}人" if len(names) > _NAMED else "")
            way = f"本部门可由{others}回访" if names else "本部门登记中尚无人具备"
            told.append(f"须由具备“{one.name}”的人员回访（{one.clause}）：{lack.why}；{way}。")
    return "".join(told)


def holders(one: Qualification, register: Register, department: str, on: date) -> list[str]:
    """Who of a department is qualified on `on` and has not left, by name."""
    return sorted(
        person.name for person in register.people
        if person.department == department and (person.left_on is None or person.left_on > on) and _valid(person, one, on)
    )  # fmt: skip


def _valid(person: Person, one: Qualification, on: date) -> bool:
    said = _said(person, one)
    until = as_day(said)
    return said.lower() in _YES or (until is not None and on <= until)


def _said(person: Person, one: Qualification) -> str:
    return str((person.attributes or {}).get(one.id, "")).strip()


def _fault(person: Person, one: Qualification) -> str:
    said = _said(person, one)
    if not said or said.lower() in _NO:
        return f"未登记“{one.name}”"
    until = as_day(said)
    if until:
        return f"的“{one.name}”有效期至{until}"
    return f"的“{one.name}”登记为“{said[:20]}”，既不是“是”，也不是有效期的最后一天"
