"""A year of events as columns: those of the store, or invented ones, for a simulation."""

import io
import json
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import inspect

from revisit.app.context import Context
from revisit.policy.model import Pack
from revisit.policy.predicate import Comparison, Where
from revisit.store import tables
from revisit.store.database import run

_EPOCH = date(1970, 1, 1).toordinal()
PRESENT = Comparison.model_validate({"present": True})
_COLUMNS = ("severity", "department", "area", "matter")


def to_days(day: date) -> int:
    """A date as days since 1970-01-01."""
    return day.toordinal() - _EPOCH


def day_text(day: int) -> str:
    """A day of the simulation as 2025-03-02."""
    return date.fromordinal(int(day) + _EPOCH).isoformat()


def _wheres(packs: Sequence[Pack]) -> Iterator[Where]:
    for pack in packs:
        yield {role.attribute: PRESENT for role in pack.roles if role.attribute}
        for rule in pack.rules:
            yield rule.where
            yield rule.trigger.when
            yield dict.fromkeys(rule.needs.fields, PRESENT) if rule.needs else {}
            yield from (entry.where for entry in rule.assign)


def _kinds(packs: Sequence[Pack]) -> list[str]:
    """The kinds of event that start a duty or end a cadence."""
    starting = {rule.trigger.event for pack in packs for rule in pack.rules if rule.trigger.event}
    since = {pack.standing.since for pack in packs if pack.standing}
    ending = {kind for pack in packs for rule in pack.rules if rule.recur for kind in rule.recur.until}
    return sorted({str(kind) for kind in starting | ending | since})


def invent_events(packs: Sequence[Pack], year: int, count: int, seed: int = 1) -> pd.DataFrame:
    """Invented events of the kinds that the packs look at, spread over a year, with values for every field a `where` names."""
    dice = np.random.default_rng(seed)
    kinds = pd.Index(_kinds(packs))
    happened = to_days(date(year, 1, 1)) + dice.integers(0, 365, count)
    department = dice.integers(1, 9, count)
    frame = pd.DataFrame(
        {
            "kind": pd.Categorical.from_codes(dice.integers(0, len(kinds), count), kinds),
            "day": happened,
            "starts": happened,
            "ends": happened + dice.integers(30, 365, count),
            "customer": dice.integers(0, max(1, count // 6), count),
            "department": department,
            "area": department * 10 + dice.integers(1, 4, count),
        }
    )
    for name, values in _values_named(packs).items():
        frame[name] = pd.Categorical.from_codes(dice.integers(-1, len(values), count), pd.Index(values, dtype=object))
    return frame


def _values_named(packs: Sequence[Pack]) -> dict[str, list[Any]]:
    """For every field of a `where`: values on both sides of what it asks."""
    found: dict[str, set[Any]] = {}
    answers = {item.id for pack in packs for item in (*pack.form.ratings, *pack.form.texts)}
    said = {
        "result",
        "channel",
        "unsatisfactory",
        "unsolved",
        "second_visit_wanted",
        "standing",
        "department",
        "area",
    } | answers
    for where in _wheres(packs):
        for name, test in where.items():
            values = found.setdefault(name, set())
            if isinstance(test, Comparison):
                values |= set(test.in_ or ()) | {v for v in (test.eq, test.ne) if v is not None}
                values |= {
                    v + step for v in (test.gt, test.ge, test.lt, test.le) if v is not None for step in (-1, 0, 1)
                }
            else:
                values.add(test)
    return {name: sorted(values, key=str) for name, values in found.items() if name not in said}


def read_events(ctx: Context, packs: Sequence[Pack], lines: Sequence[str], first: date, last: date) -> pd.DataFrame:
    """The store's events of some lines whose day lies in [first, last], cancelled ones left out, in the columns of `simulate`;
    nothing where the store is not set up.

    `visiting` is the department that makes the contact: the area's, else the event's, else the organisation's first.
    """
    if not inspect(ctx.engine).has_table(tables.event.name):
        return pd.DataFrame()
    names = sorted({name for where in _wheres(packs) for name in where} - set(_COLUMNS))
    with ctx.engine.begin() as connection:
        run(
            connection, "simulate/stage_events", kinds=_kinds(packs), lines=list(lines), first=first, last=last, names=names,
            zone=ctx.organisation.time_zone, home=ctx.organisation.departments[0].code,
        )  # fmt: skip
        content = io.BytesIO()
        with connection.connection.cursor().copy("copy simulated to stdout (format csv, header)") as copy:
            content.writelines(copy)
    content.seek(0)
    numbers = dict.fromkeys(("event_id", "day", "starts", "ends"), "int64")
    texts = dict.fromkeys(("kind", "customer", "visiting", *_COLUMNS, "said"), "str")
    frame = pd.read_csv(content, dtype={**numbers, **texts}, keep_default_na=False, na_values=[""])
    frame = frame.rename(columns={"event_id": "id"})
    codes, _ = pd.factorize(frame["customer"])
    frame["customer"] = np.where(codes < 0, len(frame) + np.arange(len(frame)), codes)  # unknown: each for itself
    codes, said = pd.factorize(frame.pop("said"))
    told = [json.loads(str(one), parse_float=Decimal) for one in said]
    for name in names:
        values = pd.Series([one.get(name) for one in told], dtype=object)
        frame[name] = pd.Categorical(values.to_numpy()[codes] if len(told) else [])
    return frame
