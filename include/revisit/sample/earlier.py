"""The revisits the organisation made and wrote on paper before the new system took over."""

import numpy as np
import pandas as pd

from revisit.sample.dirt import Dirt, mark
from revisit.sample.people import numbered, picked
from revisit.sample.rhythm import Period
from revisit.sample.words import SCALE, SUGGESTIONS

# The share of owed revisits that were made, by kind of event, before area and month have their say.
_MADE = {
    "complaint.closed": 0.978,
    "repair.completed": 0.977,
    "contract.active": 0.92,
    "help.completed": 0.95,
    "publication.received": 0.88,
    "service.completed": 0.87,
}
_CHANNELS = {"door": "上门", "phone": "电话", "letter": "信函"}
_SECOND = 0.85  # of those who were not satisfied, how many saw a second visit


def _mood(rng: np.random.Generator, duties: pd.DataFrame, period: Period) -> tuple[np.ndarray, np.ndarray]:
    """By area and month: how much more or less was done, and how many times the usual share was not satisfied."""
    areas = int(duties["area_index"].max()) + 1
    months = ((duties["opens"].dt.year - period.first.year) * 12 + duties["opens"].dt.month - period.first.month).clip(
        0, 12
    )
    learning = np.linspace(-0.025, 0.012, 13)
    worse = np.linspace(1.35, 0.75, 13)
    for month in range(13):
        calendar = (period.first.month - 1 + month) % 12 + 1
        learning[month] -= {2: 0.03, 7: 0.012, 8: 0.015}.get(calendar, 0.0)
        worse[month] *= {2: 1.2, 7: 1.4, 8: 1.5}.get(calendar, 1.0)
    diligence = rng.normal(0, 0.01, size=(areas, 13)) + rng.normal(0, 0.012, size=(areas, 1)) + learning
    trouble = rng.lognormal(0, 0.25, size=(areas, 13)) * rng.lognormal(0, 0.3, size=(areas, 1)) * worse
    at = (duties["area_index"].to_numpy(), months.to_numpy())
    return diligence[at], trouble[at]


def _visits(rng: np.random.Generator, duties: pd.DataFrame, period: Period) -> pd.DataFrame:
    """The visits made to these duties, with result and satisfaction."""
    diligence, trouble = _mood(rng, duties, period)
    made = rng.random(len(duties)) < np.clip(duties["kind"].map(_MADE).to_numpy(dtype=float) + diligence, 0.5, 0.995)
    visits: pd.DataFrame = duties[made].reset_index(drop=True)
    trouble = trouble[made]
    size = len(visits)
    width = (visits["due"] - visits["opens"]).dt.days.clip(lower=0).to_numpy()
    soon = np.floor(rng.beta(1.3, 2.2, size=size) * (width + 1)).astype(int)
    late = rng.random(size) < 0.03
    offset = np.where(late, width + rng.integers(1, 9, size=size), np.minimum(soon, width))
    visits["visited"] = visits["opens"] + pd.to_timedelta(offset, unit="D")
    visits["result"] = rng.choice(["reached", "unreached", "refused"], size=size, p=[0.974, 0.016, 0.01])
    unhappy = rng.random(size) < np.clip(0.04 * trouble, 0.005, 0.2)
    good = rng.choice(3, size=size, p=[0.36, 0.45, 0.19])
    bad = rng.choice([3, 4], size=size, p=[0.78, 0.22])
    rating = np.array(SCALE, dtype=object)[np.where(unhappy, bad, good)]
    reached = (visits["result"] == "reached").to_numpy()
    visits["satisfaction"] = pd.Series(rating, dtype=object).where(reached)
    visits["unhappy"] = unhappy & reached
    said = reached & (visits["unhappy"].to_numpy() | (rng.random(size) < 0.15))
    visits["suggestions"] = pd.Series(picked(rng, SUGGESTIONS, size), dtype=object).where(said)
    return visits


def earlier_visits(rng: np.random.Generator, dirt: Dirt, duties: pd.DataFrame, period: Period) -> pd.DataFrame:
    """The old book of visits made up to the eve. Second visits were typed in two days after the new system began."""
    eve = np.datetime64(period.eve)
    first = _visits(rng, duties[duties["follows"] == ""], period)
    asked = first.loc[first["unhappy"], ["table", "event_key", "rule"]].rename(columns={"rule": "follows"})
    second = duties[duties["follows"] != ""].merge(asked, on=["table", "event_key", "follows"])
    second = _visits(rng, second[rng.random(len(second)) < _SECOND], period) if len(second) else first.iloc[:0]
    made = pd.concat([first, second], ignore_index=True)
    made = made[made["visited"] <= eve].sort_values(["visited", "table", "event_key"], kind="stable", ignore_index=True)
    size = len(made)
    typed_in = np.where(made["follows"] == "", eve, eve + np.timedelta64(3, "D")).astype("datetime64[s]")
    allowed = [names.split("/") for names in made["channels"]]
    choice = rng.choice(3, size=size, p=[0.45, 0.5, 0.05])
    book = pd.DataFrame(
        {
            "record_no": numbered("HF", np.arange(1, size + 1), 8),
            "visible_from": typed_in,
            "of_table": made["table"],
            "of_number": made["event_key"],
            "clause": made["clause"],
            "visited_on": made["visited"].dt.strftime("%Y-%m-%d"),
            "result": made["result"].map({"reached": "已回访", "unreached": "未联系上", "refused": "拒访"}),
            "channel": [
                _CHANNELS[names[min(index, len(names) - 1)]] for names, index in zip(allowed, choice, strict=True)
            ],
            "visitor": made["administrator"],
            "satisfaction": made["satisfaction"],
            "suggestions": made["suggestions"],
            "_fault": "",
        }
    )
    dirt.begin("old_revisit", size)
    numbers = mark(book, dirt.take("misspelt_number", 0.003), "unowed")
    book.loc[numbers, "of_number"] = book.loc[numbers, "of_number"] + "X"
    book.loc[mark(book, dirt.take("impossible_date", 0.002), "impossible"), "visited_on"] = "2026-13-40"
    book.loc[mark(book, dirt.take("blank_result", 0.002), "result"), "result"] = None
    book.loc[mark(book, dirt.take("channel_not_agreed", 0.002), "channel"), "channel"] = "微信"
    book.loc[mark(book, dirt.take("rating_off_the_scale", 0.002), "satisfaction"), "satisfaction"] = "还行"
    return book
