"""A year under a draft, or under several packs side by side: how many contacts, for whom, when, and whether they can be made.

Events are columns and every rule is arithmetic on them, so that a million events take seconds. Windows are computed as the
engines compute them; draws take the same numbers from every stratum, though not the same events. What nobody can know yet,
the answers, is assumed, by a hash of event and rule, so that the same year gives the same result.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from revisit.app import levelling
from revisit.app.levelling import Days
from revisit.app.played_year import Answers, Load, Play, Staff
from revisit.app.wording import percent
from revisit.app.year_columns import Calendar, Year
from revisit.app.year_events import day_text
from revisit.domain.calendar import WorkingDays
from revisit.policy.model import Pack
from revisit.settings import Organisation
from revisit.templates import render

_EPOCH = date(1970, 1, 1).toordinal()


def staff_of(organisation: Organisation) -> Staff:
    """Who visits in an organisation, with the calls a day that organisation.yaml states."""
    return Staff(
        {area.code: area.administrator for area in organisation.areas},
        {(use.pack, role): person.name for use in organisation.packs for role, person in use.posts.items()},
        {one.code: one.calls_a_day for one in organisation.departments if one.calls_a_day is not None},
        organisation.calls_a_day(),
    )


def rates_of(organisation: Organisation) -> dict[str, Fraction]:
    """The rate decided last for each parameter that a role decides."""
    return {one.parameter: one.rate for one in sorted(organisation.rates, key=lambda one: one.period)}


@dataclass(frozen=True, slots=True)
class Feasible:
    """Whether a quota can be reached: contacts that it draws, and how many of them fit into the days that people have."""

    pack: str
    quota: str
    name: str
    eligible: int
    owed: int
    made: int

    @property
    def share(self) -> float | None:
        """The share of those owed that can be made; None where nothing is owed."""
        return self.made / self.owed if self.owed else None


@dataclass(frozen=True)
class Simulation:
    """The result.

    duties: one row for each contact owed: pack, rule, department, person, first and last day, and the call that settles it.
    contacts: one row per call with its customer, department, person, first and last day, number of duties.
    days, person_days: department (person), day, calls made when the work is levelled, calls beyond capacity (or that no
    working day is left for), calls if each were made on its last day.
    often: how many customers are called more than `often_limit` times within 30 days.
    """

    loads: tuple[Load, ...]
    quotas: tuple[Feasible, ...]
    duties: pd.DataFrame
    contacts: pd.DataFrame
    days: pd.DataFrame
    person_days: pd.DataFrame
    events: int
    customers: int
    often: int
    often_limit: int
    staff: Staff
    answers: Answers

    @property
    def calls(self) -> int:
        return len(self.contacts)

    @property
    def tasks(self) -> int:
        return len(self.duties)

    @property
    def weeks(self) -> pd.DataFrame:
        """Calls made and calls beyond capacity, by week (its Monday)."""
        if self.days.empty:
            return pd.DataFrame({"monday": [], "made": [], "beyond": []})
        monday = self.days["day"] - (self.days["day"] + 3) % 7
        return self.days.assign(monday=monday).groupby("monday", as_index=False)[["made", "beyond"]].sum()

    @cached_property
    def departments(self) -> pd.DataFrame:
        """For every department: calls, the busiest day when levelled and when left to the last day, days beyond capacity."""
        return _busy(self.days, "department")

    @cached_property
    def people(self) -> pd.DataFrame:
        """The same for everybody who makes contacts, the busiest first."""
        return _busy(self.person_days, "person").sort_values(["calls", "person"], ascending=[False, True])

    @property
    def month_end(self) -> float:
        """The share of calls whose last day lies in the last five days of a month; an even spread has about 0.16."""
        if self.contacts.empty:
            return 0.0
        due = self.contacts["due"].to_numpy().astype("datetime64[D]")
        after = (due.astype("datetime64[M]") + 1).astype("datetime64[D]")
        return float(((after - due).astype(np.int64) <= 5).mean())

    def as_dict(self) -> dict[str, Any]:
        """Everything but the single calls, for JSON."""
        weeks = self.weeks.assign(monday=self.weeks["monday"].map(day_text))
        return {
            "events": self.events, "tasks": self.tasks, "calls": self.calls, "customers": self.customers,
            "often": self.often, "often_limit": self.often_limit, "month_end": round(self.month_end, 4),
            "clauses": [asdict(one) for one in self.loads],
            "quotas": [asdict(one) for one in self.quotas],
            "weeks": weeks.to_dict("records"), "departments": self.departments.to_dict("records"),
            "people": self.people.to_dict("records"),
        }  # fmt: skip


def _busy(days: pd.DataFrame, by: str) -> pd.DataFrame:
    if days.empty:
        return pd.DataFrame({by: [], "calls": [], "busiest": [], "busiest_last_day": [], "overloaded": []})
    groups = days.assign(overloaded=days["beyond"] > 0).groupby(by, observed=True)
    found = pd.DataFrame(
        {"calls": groups["made"].sum() + groups["beyond"].sum(), "busiest": groups["made"].max(),
         "busiest_last_day": groups["last_day"].max(), "overloaded": groups["overloaded"].sum()}
    )  # fmt: skip
    return found.reset_index()


def simulate(
    packs: Sequence[Pack], events: pd.DataFrame, working: WorkingDays, capacity: int | None = None,
    rates: Mapping[str, Fraction] | None = None, often_limit: int = 2, staff: Staff | None = None,
    answers: Answers | None = None,
) -> Simulation:  # fmt: skip
    """Run a year of events under the packs, all in force at once.

    `capacity`: calls a department makes on a working day, unless `staff` says more; `rates`: of runtime parameters, by name.
    """
    given, assumed = staff or Staff(a_department=capacity), answers or Answers()
    last = int(events["day"].max())
    known_until = max(last, int(events["ends"].max())) + 200  # contracts end, and are called about, long after the year
    calendar = Calendar.of(
        working, date.fromordinal(int(events["day"].min()) + _EPOCH - 40), date.fromordinal(known_until + _EPOCH)
    )
    year, people = Year(events), dict[str, int]()
    plays = [Play(pack, year, calendar, last, rates or {}, assumed) for pack in packs]
    parts: list[tuple[Days, ...]] = []
    for number, play in enumerate(plays):
        play.run()
        places = {rule.id: place for place, rule in enumerate(play.pack.rules)}
        for one in play.contacts:
            same = np.ones(len(one.rows), np.int64)
            persons = play.persons(one.rule, one.rows, given, people)
            parts.append((same * number, same * places[one.rule.id], one.rows, one.opens, one.due, persons))
    pack, rule, rows, opens, due, person = (
        np.concatenate([part[n] for part in parts]) if parts else np.array([], np.int64) for n in range(6)
    )
    call, first, call_opens, call_due = levelling.calls(year.customer[rows], opens, due)
    names, posts = pd.Index(year.department_names), pd.Index(list(people), dtype=object)
    contacts = pd.DataFrame(
        {"customer": year.customer[rows[first]], "department": pd.Categorical.from_codes(year.visiting[rows[first]], names),
         "person": pd.Categorical.from_codes(person[first], posts), "opens": call_opens, "due": call_due,
         "tasks": np.bincount(call, minlength=len(first))}
    )  # fmt: skip
    duties = pd.DataFrame(
        {"pack": pack, "rule": rule, "event": rows, "department": pd.Categorical.from_codes(year.visiting[rows], names),
         "person": pd.Categorical.from_codes(person, posts), "opens": opens, "due": due, "call": call}
    )  # fmt: skip
    days = levelling.level(
        contacts, "department", calendar.workdays, _limits(year.department_names, given.departments, given.a_department)
    )
    person_days = levelling.level(
        contacts, "person", calendar.workdays, _limits(list(people), given.people, given.a_person)
    )
    return Simulation(
        tuple(play.loads[one.id] for play in plays for one in play.pack.rules if one.id in play.loads),
        _feasible(plays, duties, contacts, days, person_days), duties, contacts, days, person_days, len(events),
        int(events["customer"].nunique()), levelling.often(contacts, often_limit), often_limit, given, assumed,
    )  # fmt: skip


def _limits(names: Sequence[Any], known: Mapping[Any, int], otherwise: int | None) -> dict[Any, int]:
    found = {name: known.get(name, otherwise) for name in names}
    return {name: limit for name, limit in found.items() if limit is not None}


def _feasible(
    plays: Sequence[Play], duties: pd.DataFrame, contacts: pd.DataFrame, days: pd.DataFrame, person_days: pd.DataFrame
) -> tuple[Feasible, ...]:
    """For every quota: how many of its contacts fit. Of the calls due on a day, those beyond capacity fall on all alike."""
    missed = np.maximum(_missed(contacts, days, "department"), _missed(contacts, person_days, "person"))
    of_duty = missed[duties["call"].to_numpy()] if len(duties) else missed
    found: list[Feasible] = []
    for number, play in enumerate(plays):
        mine = duties["pack"].to_numpy() == number
        for quota in play.pack.quotas:
            rules = [place for place, rule in enumerate(play.pack.rules) if rule.quota == quota.id]
            which = mine & np.isin(duties["rule"].to_numpy(), rules)
            owed, lost = int(which.sum()), float(of_duty[which].sum())
            found.append(
                Feasible(play.pack.pack, quota.id, quota.name, play.eligible.get(quota.id, 0), owed, owed - round(lost))
            )
    return tuple(found)


def _missed(contacts: pd.DataFrame, days: pd.DataFrame, by: str) -> NDArray[np.float64]:
    """For every call the share of those due on its last day, for its department or person, that are beyond capacity."""
    if contacts.empty:
        return np.zeros(0)
    share = days.assign(share=(days["beyond"] / days["last_day"].where(days["last_day"] > 0)).fillna(0))
    wanted = pd.MultiIndex.from_arrays([contacts[by].astype(object), contacts["due"]])
    known = share.set_index([by, "day"])["share"]
    return known.reindex(wanted).fillna(0).to_numpy()


@dataclass(frozen=True, slots=True)
class Difference:
    """What one clause asks for under two packs."""

    clause: str
    name: str
    one: int
    other: int

    @property
    def change(self) -> int:
        return self.other - self.one


def differences(one: Simulation, other: Simulation) -> list[Difference]:
    """Contacts owed by clause under two packs, those of the first in its order, then what only the second has."""
    sides = [{(load.clause, load.name): load.owed for load in side.loads} for side in (one, other)]
    return [
        Difference(*key, sides[0].get(key, 0), sides[1].get(key, 0)) for key in dict.fromkeys([*sides[0], *sides[1]])
    ]


def page(sides: Sequence[tuple[str, Simulation]]) -> str:
    """One result, or two side by side, each with its title, as one HTML page with charts."""
    shown, top = [], 1  # one scale, so that two charts can be compared
    for title, result in sides:
        weeks = result.weeks
        top = max(top, int((weeks["made"] + weeks["beyond"]).max())) if len(weeks) else top
        shown.append(
            {"title": title, "result": result, "weeks": weeks.to_dict("records"),
             "departments": result.departments.to_dict("records"), "people": result.people.to_dict("records")}
        )  # fmt: skip
    changed = differences(sides[0][1], sides[1][1]) if len(sides) == 2 else []
    return render(
        "pages/simulation.html", sides=shown, top=top, differences=changed, day_text=day_text, percent=percent
    )
