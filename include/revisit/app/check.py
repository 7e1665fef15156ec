"""Look a pack over before it is put in force: its own words, its worked cases, and what the organisation can deliver and do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy.exc import OperationalError

from revisit.app import cases
from revisit.app.case_file import read_cases
from revisit.app.context import Context
from revisit.app.ingest import sources
from revisit.app.simulate import Simulation, rates_of, simulate, staff_of
from revisit.app.year_events import read_events
from revisit.domain.windows import add_months
from revisit.ingest.source import Source
from revisit.policy.advice import Note, advice
from revisit.policy.load import Choices, LoadedPack, load_pack, places
from revisit.policy.model import Pack

_RAISED = {
    "period": "",
    "customer": "",
    "occasion": "them under 'occasions' in organisation.yaml",
}  # and what it needs besides customers

_REFUSED = {
    "registered": "the contacts of everybody in the register are refused",
    "everybody": "every contact is refused",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """A pack that can be read: how many worked cases it has, what fails in them, and what is doubtful, each as a sentence."""

    loaded: LoadedPack
    cases: int
    faults: tuple[str, ...]
    notes: tuple[str, ...]


def check(path: Path, choices: Choices, on: date, ctx: Context | None = None) -> Checked:
    """Check a pack as it stands on a day; with an organisation at hand, also against its sources, events and people.

    Notes begin with file and line. Raises PackError where the pack cannot be read at all.
    """
    folder = path if path.is_dir() else path.parent
    loaded = load_pack(path, choices)
    values, worked = read_cases(folder)
    proved = values if ctx else choices.values  # the cases hold for the text, not for an organisation's choices
    _refuse_bad_changes(loaded, proved)
    faults = []
    for case in worked:
        pack = load_pack(path, Choices({**proved, **case.get("values", {})}, ())).pack
        found = cases.faults(cases.always_in_force(pack), case)
        faults += [f"{loaded.path.parent / 'cases.yaml'}: {case['name']}: {fault}." for fault in found]
    where = places(loaded.path)
    notes = [f"{where(note.at)}: {note.said}" for note in advice(loaded.pack, on)]
    if ctx is None:
        notes.append("sources and capacity are not looked at without an organisation. Add: --workspace FOLDER")
    else:
        notes += [f"{where(note.at)}: {note.said}" for note in _undelivered(ctx, loaded.pack)]
        notes += _capacity(ctx, loaded.pack, on, where)
    return Checked(loaded, len(worked), tuple(faults), tuple(notes))


def _refuse_bad_changes(loaded: LoadedPack, values: Mapping[str, Any]) -> None:
    """Read the pack under every other choice too, so that one that does not fit is told before somebody makes it."""
    for parameter in loaded.pack.parameters:
        for chosen in parameter.choices or () if parameter.changes else ():
            load_pack(loaded.path, Choices({**values, parameter.id: chosen}, ()))


def lines_of(ctx: Context, pack: str) -> list[str]:
    """The business lines that a pack governs."""
    return sorted({use.line for use in ctx.organisation.packs if use.pack == pack})


def _undelivered(ctx: Context, pack: Pack) -> Iterator[Note]:
    """Rules on events that no source of the organisation delivers, for any line that the pack governs."""
    known, lines = sources(ctx), lines_of(ctx, pack.pack)
    if not lines:
        yield Note(
            (), f"organisation.yaml does not use the pack {pack.pack}. Name it under 'packs', with line and posts."
        )
        return
    registered = {name for one in known if one.target == "staff" for name in one.attributes}
    for index, needed in enumerate(pack.qualifications):
        if needed.binds != "nobody" and needed.id not in registered:
            yield Note(
                ("qualifications", index),
                f"no source says who has '{needed.id}' ({needed.clause}), so that {_REFUSED[needed.binds]}. Add "
                f"'{needed.id}' under 'attributes' of a source with 'target: staff'.",
            )
    for index, rule in enumerate(pack.rules):
        if rule.trigger.event and (missing := _missing(ctx, known, rule.trigger.event, lines)):
            yield Note(("rules", index, "trigger"), f"'{rule.id}' ({rule.clause}) is never owed: {missing}")
        for kind in rule.recur.until if rule.recur else ():
            if missing := _missing(ctx, known, kind, lines):
                yield Note(
                    ("rules", index, "recur"), f"'{rule.id}' ({rule.clause}) is not ended by every event: {missing}"
                )


def _missing(ctx: Context, known: Sequence[Source], kind: str, lines: Sequence[str]) -> str | None:
    """Where events of a kind should come from and do not, with the way out; None where every line has them."""
    missing = ", ".join(line for line in lines if not _delivered(ctx, known, kind, line))
    if not missing:
        return None
    family = kind.split(".")[0]
    if family not in _RAISED:
        return f"no source delivers {kind} for {missing}. Map it in a file of sources/, or leave the rule out."
    dates = f"Name {_RAISED[family]}, and let" if _RAISED[family] else "Let"
    return f"nothing raises {kind} for {missing}. {dates} a customer source map 'line'."


def _delivered(ctx: Context, known: Sequence[Source], kind: str, line: str) -> bool:
    family, _, name = kind.partition(".")
    if family in _RAISED:
        dated = family != "occasion" or any(
            one.kind == name and one.line in (None, line) for one in ctx.organisation.occasions
        )
        return dated and any(one.target == "customer" and _can_be(one, "line", line) for one in known)
    return any(one.target == "event" and _can_be(one, "kind", kind) and _can_be(one, "line", line) for one in known)


def _can_be(source: Source, field: str, wanted: str) -> bool:
    """Whether a source's column can have a value, as far as its map and its contract tell."""
    column = source.map.get(field)
    if column is None:
        return False
    if column.value is not None:
        return column.value == wanted
    if column.values is not None:
        return wanted in (*column.values.values(), column.otherwise)
    named = [one.values for one in source.contract if one.expect == "one_of" and one.field == field]
    return all(wanted in values for values in named)


def _capacity(ctx: Context, pack: Pack, on: date, where: Callable[[tuple[str | int, ...]], str]) -> list[str]:
    """Months of the last twelve in which a rule, or all together, would have asked for more than the people can do."""
    staff = staff_of(ctx.organisation)
    if not staff.departments and not staff.people:
        return ["capacity is not looked at: organisation.yaml states no 'calls_a_day' of a department, area or post."]
    if not (lines := lines_of(ctx, pack.pack)):
        return []
    first = add_months(on, -12)
    try:
        events = read_events(ctx, [pack], lines, first, on - timedelta(days=1))
    except OperationalError as error:
        return [f"capacity is not looked at: the store does not answer: {str(error.orig).splitlines()[0]}"]
    if events.empty:
        return [
            f"capacity is not looked at: the store has no events of {first} to {on}. Pull them first: revisit ingest"
        ]
    result = simulate([pack], events, ctx.working_days, rates=rates_of(ctx.organisation), staff=staff)
    found: list[str] = []
    for by, limits in (("department", staff.departments), ("person", staff.people)):
        for whose, calls_a_day in limits.items():
            found += _beyond(ctx, pack, result, by, str(whose), calls_a_day, where)
    return found


def _beyond(
    ctx: Context, pack: Pack, result: Simulation, by: str, whose: str, calls_a_day: int,
    where: Callable[[tuple[str | int, ...]], str],
) -> list[str]:  # fmt: skip
    """What is beyond the capacity of one department or person: rule by rule, else all rules together, in the worst month."""
    mine = result.duties[result.duties[by] == whose]
    months = mine["due"].to_numpy().astype("datetime64[D]").astype("datetime64[M]")
    needed = pd.crosstab(mine["rule"], months)
    able: dict[Any, int] = {month: calls_a_day * _workdays(ctx, pd.Timestamp(month)) for month in needed.columns}
    found: list[str] = []
    for place, counts in needed.iterrows():
        index = int(str(place))
        rule = pack.rules[index]
        if over := _too_many(counts, able):
            less = f"Lower the rate of {rule.quota}" if rule.quota else "Give it a quota"
            said = _sentence(f"'{rule.id}' ({rule.clause})", over, able, whose, calls_a_day)
            found.append(f"{where(('rules', index))}: {said} {less}, widen its window, or plan for more people.")
    if not found and (over := _too_many(needed.sum(), able)):
        said = _sentence("the whole pack", over, able, whose, calls_a_day)
        found.append(f"{where(('rules',))}: {said} Lower rates under 'quotas', widen windows, or plan for more people.")
    return found


def _too_many(counts: pd.Series, able: Mapping[Any, int]) -> dict[Any, int]:
    return {month: int(count) for month, count in counts.items() if count > able[month]}


def _sentence(what: str, over: Mapping[Any, int], able: Mapping[Any, int], whose: str, calls_a_day: int) -> str:
    month = max(over, key=lambda one: over[one] - able[one])
    others = f", and too many in {len(over) - 1} more months" if len(over) > 1 else ""
    return (
        f"{what} would have needed {over[month]:,} contacts of {whose} in {month:%Y-%m}; {able[month]:,} can be made, at "
        f"{calls_a_day} a day{others}."
    )


def _workdays(ctx: Context, month: pd.Timestamp) -> int:
    day, count = month.date(), 0
    for offset in range(31):
        one = day + timedelta(days=offset)
        count += one.month == day.month and ctx.working_days.is_workday(one)
    return count
