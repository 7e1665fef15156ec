"""Contracts for special services (特约服务), some extended, some ended before their time."""

from typing import Any

import numpy as np
import pandas as pd

from revisit.sample.dirt import Dirt, enter_twice, later, mark, register_late
from revisit.sample.estate import Indexes, Texts
from revisit.sample.ledger import Ground
from revisit.sample.people import numbered, picked
from revisit.sample.rhythm import day_weights
from revisit.sample.words import CONTRACTS

_BEFORE = 60  # days before the period in which a contract may have begun: the regulation did not apply yet
_EVEN = (1.0,) * 12


def _days(days: np.ndarray[Any, np.dtype[Any]]) -> Texts:
    return np.asarray(np.datetime_as_string(days.astype("datetime64[D]")), dtype=object)


def contracts(rng: np.random.Generator, dirt: Dirt, at: Ground, count: int) -> pd.DataFrame:
    """Every version of every contract. Terms are whole months of thirty days, less one day."""
    early = round(count * 0.03)
    signed = np.sort(
        np.concatenate(
            [
                at.period.days[0] - rng.integers(1, _BEFORE, size=early),
                rng.choice(at.period.days, size=count - early, p=day_weights(at.period, _EVEN)),
            ]
        )
    )
    starts = signed + rng.integers(0, 8, size=count)
    ends = starts + rng.choice([1, 2, 3, 6, 12], size=count, p=[0.2, 0.15, 0.3, 0.2, 0.15]) * 30 - 1
    who = rng.choice(len(at.residents), size=count, p=at.weights)
    areas = at.residents["_area"].to_numpy()[who]
    frame = pd.DataFrame(
        {
            "contract_no": numbered("HT", np.arange(1, count + 1), 7),
            "revision": 1,
            "visible_from": signed.astype("datetime64[s]"),
            "line_code": at.place.lines[areas],
            "area_code": at.place.codes[areas],
            "department_code": at.place.centres[areas],
            "resident_no": at.residents["resident_no"].to_numpy(dtype=object)[who],
            "service": picked(rng, CONTRACTS, count),
            "signed_on": _days(signed),
            "starts_on": _days(starts),
            "ends_on": _days(ends),
            "status": "履行中",
            "_area": areas,
            "_day": signed.astype("datetime64[s]"),
            "_fault": "",
        }
    )
    return _with_faults(rng, dirt, frame)


def _with_faults(rng: np.random.Generator, dirt: Dirt, frame: pd.DataFrame) -> pd.DataFrame:
    dirt.begin("contract", len(frame))
    turned = mark(frame, dirt.take("ends_before_it_starts", 0.004), "order")
    frame.loc[turned, ["starts_on", "ends_on"]] = frame.loc[turned, ["ends_on", "starts_on"]].to_numpy()
    blank = mark(frame, dirt.take("missing_start", 0.003), "starts")
    frame.loc[blank, "starts_on"] = None
    unknown = mark(frame, dirt.take("unknown_area", 0.002), "area")
    frame.loc[unknown, "area_code"] = "QT99"
    versions = [enter_twice(frame, dirt)]
    versions.append(_change(rng, frame, dirt.take("extended", 0.05), (0.6, 0.95), (30, 180)))
    versions.append(_change(rng, frame, dirt.take("ended_early", 0.04), (0.3, 0.9), (0, 0)).assign(status="已终止"))
    versions.append(later(frame, dirt.take("void", 0.008), rng, 20).assign(status="已作废"))
    register_late(frame, dirt, rng)
    return pd.concat([frame, *versions], ignore_index=True)


def _change(
    rng: np.random.Generator,
    frame: pd.DataFrame,
    rows: Indexes,
    when: tuple[float, float],
    more: tuple[int, int],
) -> pd.DataFrame:
    """A new end agreed at a share of the term between `when`; `more` days after the old end, or that day for (0, 0)."""
    copies = later(frame, rows, rng, 1)
    starts, ends = pd.to_datetime(copies["starts_on"]), pd.to_datetime(copies["ends_on"])
    agreed = starts + ((ends - starts) * rng.uniform(*when, size=len(copies))).dt.floor("D")
    new = ends + pd.to_timedelta(rng.integers(more[0], more[1] + 1, size=len(copies)), unit="D") if more[1] else agreed
    copies["visible_from"], copies["ends_on"] = agreed, new.dt.strftime("%Y-%m-%d")
    return copies
