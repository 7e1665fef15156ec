"""A simulated year as it is asked for: which packs, whose events, together or as alternatives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pandas as pd

from revisit.app.cases import load_for_cases, working_days
from revisit.app.context import Context
from revisit.app.played_year import Answers, Staff
from revisit.app.simulate import Simulation, rates_of, simulate, staff_of
from revisit.app.try_out import draft
from revisit.app.wording import percent
from revisit.app.year_events import day_text, invent_events, read_events
from revisit.errors import ConfigError
from revisit.policy.model import Pack

Sides = list[tuple[str, Simulation]]


@dataclass(frozen=True, slots=True)
class Given:
    """What a simulated year rests on. `invent`: how many events are invented; None: those of the store."""

    year: int
    invent: int | None
    lines: tuple[str, ...]
    department_calls: int | None
    person_calls: int | None
    rates: Mapping[str, Fraction]
    answers: Answers
    often: int


def run(ctx: Context | None, folders: Sequence[Path], given: Given, compare: bool) -> Sides:
    """The year under all packs at once; under each of two as alternatives, where asked, or where they are one pack's versions.

    Raises ConfigError where there are no events to take, or more than two packs to compare.
    """
    packs = [draft(ctx, folder) if ctx else load_for_cases(folder).pack for folder in folders]
    if compare and len(packs) != 2:
        raise ConfigError(f"--compare takes two packs, not {len(packs)}. Name two folders.")
    events = _events(ctx, packs, given)
    if compare or (len(packs) == 2 and packs[0].pack == packs[1].pack):
        titles = [f"{'AB'[n]} {pack.title} {pack.document.revision}" for n, pack in enumerate(packs)]
        return [(title, _one(ctx, [pack], events, given)) for title, pack in zip(titles, packs, strict=True)]
    return [("、".join(pack.title for pack in packs), _one(ctx, packs, events, given))]


def _events(ctx: Context | None, packs: Sequence[Pack], given: Given) -> pd.DataFrame:
    if given.invent is not None:
        return invent_events(packs, given.year, given.invent)
    if ctx is None:
        raise ConfigError(
            f"the events of {given.year} are taken from the store of a workspace. Name it with --workspace, or invent events: "
            f"--invent 100000"
        )
    lines = given.lines or sorted({use.line for use in ctx.organisation.packs})
    events = read_events(ctx, packs, lines, date(given.year, 1, 1), date(given.year, 12, 31))
    if events.empty:
        raise ConfigError(
            f"the store has no events of {given.year} for {', '.join(lines)} that these packs look at. Name another year or "
            f"line, or invent events: --invent 100000"
        )
    return events


def _one(ctx: Context | None, packs: Sequence[Pack], events: pd.DataFrame, given: Given) -> Simulation:
    staff = replace(
        staff_of(ctx.organisation) if ctx else Staff(), a_department=given.department_calls, a_person=given.person_calls
    )
    rates = {**(rates_of(ctx.organisation) if ctx else {}), **given.rates}
    return simulate(
        packs, events, ctx.working_days if ctx else working_days(), rates=rates, often_limit=given.often, staff=staff,
        answers=given.answers,
    )  # fmt: skip


def calls(sides: Sides) -> pd.DataFrame:
    """Every call with its days as text; with two sides, the first column says whose."""
    parts = [result.contacts.assign(packs=title) for title, result in sides]
    found = pd.concat(parts, ignore_index=True)
    found = found.assign(opens=found["opens"].map(day_text), due=found["due"].map(day_text))
    return found[[*(["packs"] if len(sides) > 1 else []), "customer", "department", "person", "opens", "due", "tasks"]]


def summary(result: Simulation) -> str:
    """The totals and what they rest on, in sentences."""
    assumed = result.answers
    return (
        f"{result.events:,} events: {result.tasks:,} tasks in {result.calls:,} calls to {result.customers:,} customers. "
        f"{result.often:,} of them are called more than {result.often_limit} times within 30 days. {result.month_end:.1%} of the "
        f"calls end in the last five days of a month. Assumed: every contact is made on its last day, "
        f"{percent(assumed.unreached)} reach nobody, {percent(assumed.unsatisfactory)} of the others have bad answers and "
        f"an unsolved problem, which the department solves on its last day."
    )
