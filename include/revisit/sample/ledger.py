"""What every table of events starts from: when, where, who and what, before any fault is planted."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from revisit.sample.estate import Estate, Indexes
from revisit.sample.people import numbered
from revisit.sample.rhythm import Days, Period, day_weights, moments, written
from revisit.sample.words import Matter


@dataclass(frozen=True, slots=True)
class Ground:
    """Where events fall: the residents by position, some of whom ask more often than others."""

    place: Estate
    period: Period
    residents: pd.DataFrame
    weights: np.ndarray[tuple[int], np.dtype[np.float64]]


def ground(rng: np.random.Generator, place: Estate, period: Period, residents: pd.DataFrame) -> Ground:
    """The ground of the first version of every resident."""
    first = residents[residents["revision"] == 1]
    weights = rng.gamma(1.5, size=len(first))
    return Ground(place, period, first, weights / weights.sum())


@dataclass(frozen=True, slots=True)
class Chains:
    """Repeated trouble: this share of the events is followed by `extra` more of the same matter at the same door."""

    share: float
    extra: tuple[int, int]
    gap: tuple[int, int]


def _happen(rng: np.random.Generator, period: Period, matters: tuple[Matter, ...], count: int) -> tuple[Indexes, Days]:
    """Which matter, and on which day, for each of `count` events."""
    shares = np.array([matter.share for matter in matters])
    counts = rng.multinomial(count, shares / shares.sum())
    days = [
        rng.choice(period.days, size=n, p=day_weights(period, matter.months))
        for matter, n in zip(matters, counts, strict=True)
    ]
    return np.repeat(np.arange(len(matters)), counts), np.concatenate(days)


def _repeat(rng: np.random.Generator, chains: Chains, size: int) -> tuple[Indexes, Indexes]:
    """Positions of events that are repeated, once for each repetition, and how many days later."""
    heads = rng.choice(size, size=max(1, round(chains.share * size)) if size else 0, replace=False)
    more = rng.integers(chains.extra[0], chains.extra[1] + 1, size=len(heads))
    positions = np.repeat(heads, more)
    gaps = pd.Series(rng.integers(*chains.gap, size=len(positions)))
    return positions, gaps.groupby(np.repeat(np.arange(len(heads)), more)).cumsum().to_numpy()


def ledger(
    rng: np.random.Generator,
    at: Ground,
    matters: tuple[Matter, ...],
    count: int,
    prefix: str,
    hours: float,
    chains: Chains | None = None,
) -> pd.DataFrame:
    """About `count` finished events in order of their end; `hours` is the mean time from report to end."""
    matter, days = _happen(rng, at.period, matters, count)
    who = rng.choice(len(at.residents), size=len(days), p=at.weights)
    if chains:
        again, gap = _repeat(rng, chains, len(days))
        kept = days[again] + gap <= np.datetime64(at.period.last)
        again, gap = again[kept], gap[kept]
        matter, who = np.concatenate([matter, matter[again]]), np.concatenate([who, who[again]])
        days = np.concatenate([days, days[again] + gap])
    ended = moments(rng, days)
    order = np.argsort(ended, kind="stable")
    matter, who, days, ended = matter[order], who[order], days[order], ended[order]
    begun = ended - (20 + rng.exponential(hours * 60, size=len(ended))).astype("timedelta64[m]")
    texts = np.array([[m.texts[i % len(m.texts)] for i in range(6)] for m in matters], dtype=object)
    areas = at.residents["_area"].to_numpy()[who]
    stamps = pd.Series(np.datetime_as_string(days, unit="M")).str.replace("-", "").to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "number": prefix + stamps + numbered("", np.arange(1, len(days) + 1), 6),
            "revision": 1,
            "visible_from": days.astype("datetime64[s]"),
            "line_code": at.place.lines[areas],
            "area_code": at.place.codes[areas],
            "resident_no": at.residents["resident_no"].to_numpy(dtype=object)[who],
            "item": np.array([m.name for m in matters], dtype=object)[matter],
            "content": texts[matter, rng.integers(0, 6, size=len(days))],
            "opened_at": written(begun),
            "completed_at": written(ended),
            "_matter": matter,
            "_area": areas,
            "_day": days.astype("datetime64[s]"),
            "_begun": begun.astype("datetime64[D]").astype("datetime64[s]"),
            "_fault": "",
        }
    )


def shift(text: "pd.Series[str]", by: "pd.Series[pd.Timedelta]") -> "pd.Series[str]":
    """Written moments moved by whole days."""
    return (pd.to_datetime(text) + by).dt.strftime("%Y-%m-%d %H:%M")
