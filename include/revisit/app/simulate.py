"""A year under a draft, or under several packs side by side: how many contacts, for whom, when, and whether they can be made.

Events are columns and every rule is arithmetic on them, so that a million events take seconds. Windows are computed as the
engines compute them; draws take the same numbers from every stratum, though not the same events; duties that follow a
record are left out, because nobody knows the answers yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from revisit.domain.calendar import WorkingDays
from revisit.domain.windows import Span
from revisit.policy.model import Pack, Quota, Rule
from revisit.policy.predicate import Comparison, Where
from revisit.templates import render

Days = NDArray[np.int64]  # days since 1970-01-01
_EPOCH = date(1970, 1, 1).toordinal()
_MOST_ROUNDS = 60


@dataclass(frozen=True, slots=True)
class Load:
    """What one rule asks for: duties decided, contacts owed, and how many were not drawn, suppressed or undecided."""

    pack: str
    clause: str
    name: str
    decided: int
    owed: int
    not_drawn: int
    outranked: int
    undecided: int


@dataclass(frozen=True, slots=True)
class Simulation:
    """The result. `contacts`: one row per call with its customer, department, first and last day; `days`: the work of every day.

    days: department, day, calls made when the work is levelled, calls beyond capacity (or that no working day is left for),
    calls if each were made on its last day.
    often: how many customers are called more than `often_limit` times within 30 days.
    """

    loads: tuple[Load, ...]
    contacts: pd.DataFrame
    days: pd.DataFrame
    calls: int
    tasks: int
    customers: int
    often: int
    often_limit: int
    capacity: int

    @property
    def weeks(self) -> pd.DataFrame:
        """Calls made and calls beyond capacity, by week (its Monday)."""
        if self.days.empty:
            return pd.DataFrame({"monday": [], "made": [], "beyond": []})
        monday = self.days["day"] - (self.days["day"] + 3) % 7
        return self.days.assign(monday=monday).groupby("monday", as_index=False)[["made", "beyond"]].sum()

    @property
    def departments(self) -> pd.DataFrame:
        """For every department: calls, the busiest day when levelled and when left to the last day, days beyond capacity."""
        if self.days.empty:
            return pd.DataFrame(
                {"department": [], "calls": [], "busiest": [], "busiest_last_day": [], "overloaded": []}
            )
        by = self.days.groupby("department")
        found = pd.DataFrame(
            {"calls": by["made"].sum() + by["beyond"].sum(), "busiest": by["made"].max(),
             "busiest_last_day": by["last_day"].max(), "overloaded": by["beyond"].apply(lambda beyond: int((beyond > 0).sum()))}
        )  # fmt: skip
        return found.reset_index()

    @property
    def month_end(self) -> float:
        """The share of calls whose last day lies in the last five days of a month; an even spread has about 0.16."""
        if self.contacts.empty:
            return 0.0
        due = self.contacts["due"].to_numpy().astype("datetime64[D]")
        after = (due.astype("datetime64[M]") + 1).astype("datetime64[D]")
        return float(((after - due).astype(np.int64) <= 5).mean())

    @property
    def overloaded(self) -> pd.DataFrame:
        """The days on which a department cannot keep up, even with its work levelled."""
        return self.days[self.days["beyond"] > 0]


def to_days(day: date) -> int:
    """A date as days since 1970-01-01."""
    return day.toordinal() - _EPOCH


def invent_events(packs: Sequence[Pack], year: int, count: int, seed: int = 1) -> pd.DataFrame:
    """Invented events of the kinds that the packs look at, spread over a year, with values for every field a `where` names."""
    dice = np.random.default_rng(seed)
    kinds = pd.Index(sorted({str(rule.trigger.event) for pack in packs for rule in pack.rules if rule.trigger.event}))
    first = to_days(date(year, 1, 1))
    happened = first + dice.integers(0, 365, count)
    frame = pd.DataFrame(
        {
            "kind": pd.Categorical.from_codes(dice.integers(0, len(kinds), count), kinds),
            "day": happened,
            "starts": happened,
            "ends": happened + dice.integers(30, 365, count),
            "customer": dice.integers(0, max(1, count // 6), count),
            "department": dice.integers(1, 9, count),
        }
    )
    for name, values in _values_named(packs).items():
        frame[name] = pd.Categorical.from_codes(dice.integers(-1, len(values), count), pd.Index(values, dtype=object))
    return frame


def _values_named(packs: Sequence[Pack]) -> dict[str, list[Any]]:
    """For every field of a `where`: values on both sides of what it asks."""
    found: dict[str, set[Any]] = {}
    for pack in packs:
        wheres = [rule.where for rule in pack.rules]
        for where in wheres:
            for name, test in where.items():
                values = found.setdefault(name, set())
                if isinstance(test, Comparison):
                    values |= set(test.in_ or ()) | {v for v in (test.eq, test.ne) if v is not None}
                    values |= {
                        v + step for v in (test.gt, test.ge, test.lt, test.le) if v is not None for step in (-1, 0, 1)
                    }
                else:
                    values.add(test)
    return {name: sorted(values, key=str) for name, values in found.items() if name != "department"}


def _holds(where: Where, frame: pd.DataFrame) -> NDArray[np.bool_]:
    """The predicate of `where` on columns: each distinct value is tested once."""
    from revisit.policy.predicate import holds

    result = np.ones(len(frame), bool)
    for name, test in where.items():
        if name not in frame:
            result &= holds({name: test}, {})
            continue
        column = frame[name].astype("category")
        answers = np.array(
            [holds({name: test}, {name: value}) for value in column.cat.categories] + [holds({name: test}, {})]
        )
        result &= answers[column.cat.codes.to_numpy()]
    return result


def add_span(days: Days, span: Span, workdays: Days, numbers: Days) -> Days:
    """`domain.windows.add_span` on columns. `workdays`: the working days; `numbers`: for each day from the first, its number."""
    match span.unit:
        case "day":
            return days + span.count
        case "week":
            return days + 7 * span.count
        case "workday":
            place = numbers[np.clip(days - workdays[0], 0, len(numbers) - 1)] + span.count
            return np.asarray(workdays[np.clip(place, 0, len(workdays) - 1)], np.int64)
        case "month" | "year":
            months = span.count * (12 if span.unit == "year" else 1)
            dates = days.astype("datetime64[D]")
            month = dates.astype("datetime64[M]")
            of_month = (dates - month.astype("datetime64[D]")).astype(np.int64)
            begin = (month + months).astype("datetime64[D]").astype(np.int64)
            length = (month + months + 1).astype("datetime64[D]").astype(np.int64) - begin
            return np.asarray(begin + np.minimum(of_month, length - 1), np.int64)


@dataclass(frozen=True, slots=True)
class _Calendar:
    workdays: Days
    numbers: Days

    @classmethod
    def of(cls, working: WorkingDays, first: date, last: date) -> "_Calendar":
        days = [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
        while not working.is_workday(days[0]):
            days = days[1:]
        flags = np.array([working.is_workday(day) for day in days])
        workdays = np.array([to_days(day) for day, works in zip(days, flags, strict=True) if works], np.int64)
        return cls(workdays, np.cumsum(flags).astype(np.int64) - 1)


def simulate(
    packs: Sequence[Pack], events: pd.DataFrame, working: WorkingDays, capacity: int, rates: Mapping[str, Fraction] | None = None,
    often_limit: int = 2, seed: int = 1,
) -> Simulation:  # fmt: skip
    """Run a year of events under the packs.

    `capacity`: calls a department makes on a working day; `rates`: of runtime parameters, by name.
    """
    dice = np.random.default_rng(seed)
    last = int(events["day"].max())
    known_until = max(last, int(events["ends"].max())) + 200  # contracts end, and are called about, long after the year
    calendar = _Calendar.of(
        working, date.fromordinal(int(events["day"].min()) + _EPOCH - 40), date.fromordinal(known_until + _EPOCH)
    )
    loads: list[Load] = []
    parts: list[tuple[Days, Days, Days, Days]] = []
    for pack in packs:
        drawn: dict[tuple[str, str], NDArray[np.bool_]] = {}
        for rule in pack.rules:
            if rule.trigger.event is None or rule.condition:
                continue
            frame = events[events["kind"] == rule.trigger.event]
            frame = frame[_holds(rule.where, frame)]
            beaten = np.zeros(len(frame), bool)
            for other in pack.rules:
                if rule.id in other.outranks:
                    beaten |= _holds(other.where, frame)
            kept = frame[~beaten]
            owed, undecided = _drawn(pack, rule, kept, rates or {}, drawn, dice)
            loads.append(
                Load(
                    pack.pack, rule.clause, rule.name, len(frame), int(owed.sum()),
                    len(kept) - int(owed.sum()) - undecided, int(beaten.sum()), undecided,
                )
            )  # fmt: skip
            parts += _contacts(rule, kept[owed], calendar, last)
    columns = [np.concatenate([part[n] for part in parts]) if parts else np.array([], np.int64) for n in range(4)]
    contacts = _calls(*columns)
    days = _level(contacts, calendar, capacity)
    often = _often(contacts, often_limit)
    return Simulation(
        tuple(loads), contacts, days, len(contacts), len(columns[0]), int(events["customer"].nunique()), often, often_limit,
        capacity,
    )  # fmt: skip


def _drawn(
    pack: Pack, rule: Rule, frame: pd.DataFrame, rates: Mapping[str, Fraction],
    before: dict[tuple[str, str], NDArray[np.bool_]], dice: np.random.Generator,
) -> tuple[NDArray[np.bool_], int]:  # fmt: skip
    """Which events are owed under the rule's quota, and how many wait for a rate; rules of one quota share their draw."""
    everything = np.ones(len(frame), bool)
    if rule.quota is None:
        return everything, 0
    quota = pack.quota(rule.quota)
    rate = quota.rate if quota.rate is not None else rates.get(str(quota.decided))
    if rate is None:
        return np.zeros(len(frame), bool), len(frame)
    if rate == 1:
        return everything, 0
    name = (quota.id, str(rule.trigger.event))
    if name not in before:
        before[name] = _draw(quota, rate, frame, dice)
    return before[name], 0


def _draw(quota: Quota, rate: Fraction, frame: pd.DataFrame, dice: np.random.Generator) -> NDArray[np.bool_]:
    """ceil(rate * n) of every stratum, by lot."""
    if not len(frame):
        return np.zeros(0, bool)
    stratum = np.zeros(len(frame), np.int64)
    if quota.period == "month":
        stratum = frame["day"].to_numpy().astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    if "department" in quota.per:
        stratum = stratum * 1000 + frame["department"].to_numpy()
    order = np.lexsort((dice.random(len(frame)), stratum))
    ordered = stratum[order]
    starts = np.r_[0, np.flatnonzero(np.diff(ordered)) + 1]
    sizes = np.diff(np.r_[starts, len(ordered)])
    place = np.arange(len(ordered)) - np.repeat(starts, sizes)
    wanted = -(-sizes * rate.numerator // rate.denominator)
    result = np.zeros(len(frame), bool)
    result[order] = place < np.repeat(wanted, sizes)
    return result


def _contacts(rule: Rule, frame: pd.DataFrame, calendar: _Calendar, last: int) -> list[tuple[Days, Days, Days, Days]]:
    """Customer, department, first and last day of every contact; one that comes again is taken to be made on its last day."""
    who, where = frame["customer"].to_numpy(), frame["department"].to_numpy()
    starts, ends = frame["starts"].to_numpy(np.int64), frame["ends"].to_numpy(np.int64)
    anchor = {"starts": starts, "ends": ends}.get(rule.anchor, frame["day"].to_numpy(np.int64))
    window = rule.window
    if window.share is not None:
        length, (first, until) = ends - starts, window.share
        opens = starts + -(-length * first.numerator // first.denominator)
        due = starts + length * until.numerator // until.denominator
    else:
        assert window.opens is not None
        opens = add_span(anchor, window.opens, calendar.workdays, calendar.numbers)
        if window.lasts is not None:
            due = add_span(opens, window.lasts, calendar.workdays, calendar.numbers)
        else:
            assert window.due is not None
            due = add_span(anchor, window.due, calendar.workdays, calendar.numbers)
    parts = [(who, where, opens, due)]
    rounds = min(rule.recur.at_most or _MOST_ROUNDS, _MOST_ROUNDS) if rule.recur else 1
    for _ in range(1, rounds):
        assert rule.recur is not None
        following = add_span(due, rule.recur.every, calendar.workdays, calendar.numbers)
        alive = following <= last
        if not alive.any():
            break
        who, where, opens, due = who[alive], where[alive], due[alive] + 1, following[alive]
        parts.append((who, where, opens, due))
    return parts


def _calls(who: Days, where: Days, opens: Days, due: Days) -> pd.DataFrame:
    """One call for what one call settles: duties of a customer whose windows share a day."""
    order = np.lexsort((due, opens, who))
    who, where, opens, due = who[order], where[order], opens[order], due[order]
    customers, first_days, last_days = who.tolist(), opens.tolist(), due.tolist()
    begins: list[int] = []
    latest: list[int] = []
    present, until = None, 0
    for index, (customer, first, last) in enumerate(zip(customers, first_days, last_days, strict=True)):
        if customer != present or first > until:
            begins.append(index)
            latest.append(last)
            present, until = customer, last
        elif last < until:
            until = latest[-1] = last
    at = np.array(begins, np.int64)
    sizes = np.diff(np.r_[at, len(who)]) if len(at) else at
    ends = at + sizes - 1  # the duty that opens last decides when the call can be made
    return pd.DataFrame(
        {"customer": who[at], "department": where[at], "opens": opens[ends] if len(at) else at, "due": np.array(latest, np.int64),
         "tasks": sizes}
    )  # fmt: skip


def _level(contacts: pd.DataFrame, calendar: _Calendar, capacity: int) -> pd.DataFrame:
    """Each working day a department makes its most urgent open calls, up to its capacity; what is due goes beyond it."""
    found: list[dict[str, Any]] = []
    if contacts.empty:
        return pd.DataFrame({"department": [], "day": [], "made": [], "beyond": [], "last_day": []})
    first, last = int(contacts["opens"].min()), int(contacts["due"].max())
    works = np.zeros(last - first + 1, bool)
    inside = calendar.workdays[(calendar.workdays >= first) & (calendar.workdays <= last)]
    works[inside - first] = True
    for department, mine in contacts.groupby("department"):
        opening = pd.crosstab(mine["opens"] - first, mine["due"] - first)
        arrivals = {int(day): row for day, row in zip(opening.index, opening.to_numpy(), strict=True)}
        dues = opening.columns.to_numpy()
        pool = np.zeros(len(dues), np.int64)
        at_last = mine["due"].value_counts()
        for day in range(last - first + 1):
            if day in arrivals:
                pool += arrivals[day]
            room = capacity if works[day] else 0
            before = np.cumsum(pool)
            taken = np.diff(np.r_[0, np.minimum(before, room)])
            pool -= taken
            urgent = dues <= day
            beyond = int(pool[urgent].sum())
            pool[urgent] = 0
            made = int(taken.sum())
            if made or beyond:
                found.append(
                    {"department": department, "day": day + first, "made": made, "beyond": beyond,
                     "last_day": int(at_last.get(day + first, 0))}
                )  # fmt: skip
    return pd.DataFrame(found)


def _often(contacts: pd.DataFrame, limit: int) -> int:
    """Customers with more than `limit` calls within 30 days, each made on its last day."""
    ordered = contacts.sort_values(["customer", "due"])
    who, day = ordered["customer"].to_numpy(), ordered["due"].to_numpy()
    if len(who) <= limit:
        return 0
    close = (who[limit:] == who[:-limit]) & (day[limit:] - day[:-limit] < 30)
    return len(np.unique(who[limit:][close]))


def day_text(day: int) -> str:
    """A day of the simulation as 2025-03-02."""
    return date.fromordinal(int(day) + _EPOCH).isoformat()


def page(result: Simulation, title: str) -> str:
    """The result as one HTML page with its charts."""
    weeks = result.weeks
    top = max(1, int((weeks["made"] + weeks["beyond"]).max())) if len(weeks) else 1
    return render(
        "pages/simulation.html", result=result, title=title, top=top, day_text=day_text,
        weeks=weeks.to_dict("records"), departments=result.departments.to_dict("records"),
    )  # fmt: skip
