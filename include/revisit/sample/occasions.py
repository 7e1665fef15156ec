"""Newspapers handed out and events held: one row a recipient, under the number of the occasion."""

from datetime import date

import numpy as np
import pandas as pd

from revisit.sample.dirt import Dirt, enter_twice, mark, register_late
from revisit.sample.ledger import Ground
from revisit.sample.people import numbered
from revisit.sample.rhythm import moments, written
from revisit.sample.words import ACTIVITIES, PUBLICATIONS


def _held(at: Ground) -> list[tuple[str, str, str, date, float]]:
    """Each month and line: a newspaper at mid-month, and from time to time an event. (number, form, title, day, share)"""
    months = sorted({day.astype("datetime64[M]").item() for day in at.period.days})
    held = []
    for index, month in enumerate(months):
        for place, line in enumerate(sorted(set(at.place.lines))):
            day = month.replace(day=12 + place)
            title = PUBLICATIONS[place % len(PUBLICATIONS)]
            held.append((f"BK-{line}-{month:%Y%m}", "报刊", f"{title}{month.year}年{month.month}月号", day, 1.0))
            if (index + place) % 2 == 0:
                activity = ACTIVITIES[month.month - 1]
                held.append((f"HD-{line}-{month:%Y%m}", "文体活动", activity, month.replace(day=20 + place), 0.6))
    return [occasion for occasion in held if at.period.first <= occasion[3] <= at.period.last]


def recipients(rng: np.random.Generator, dirt: Dirt, at: Ground, count: int) -> pd.DataFrame:
    """Every version of every recipient's row; nobody receives one occasion twice but by mistake."""
    held = _held(at)
    line_of = at.place.lines[at.residents["_area"].to_numpy()]
    whole = sum(share for *_, share in held)
    chosen, occasion = [], []
    for index, (number, *_, share) in enumerate(held):
        living = np.flatnonzero(line_of == number.split("-", 1)[1].rsplit("-", 1)[0])
        size = min(len(living), max(1, round(count * share / whole)))
        chosen.append(np.sort(rng.choice(living, size=size, replace=False)) if len(living) else living)
        occasion.append(np.full(len(chosen[-1]), index))
    who, which = np.concatenate(chosen), np.concatenate(occasion)
    columns = [np.array([entry[place] for entry in held], dtype=object)[which] for place in range(4)]
    days = columns[3].astype("datetime64[D]")
    areas = at.residents["_area"].to_numpy()[who]
    frame = pd.DataFrame(
        {
            "recipient_no": numbered("LQ", np.arange(1, len(who) + 1), 8),
            "revision": 1,
            "visible_from": days.astype("datetime64[s]"),
            "occasion_no": columns[0],
            "form": columns[1],
            "title": columns[2],
            "line_code": at.place.lines[areas],
            "area_code": at.place.codes[areas],
            "department_code": at.place.centres[areas],
            "resident_no": at.residents["resident_no"].to_numpy(dtype=object)[who],
            "received_at": written(moments(rng, days)),
            "status": "有效",
            "_area": areas,
            "_day": days.astype("datetime64[s]"),
            "_fault": "",
        }
    )
    dirt.begin("activity_recipient", len(frame))
    frame.loc[mark(frame, dirt.take("missing_occasion", 0.002), "occasion"), "occasion_no"] = None
    frame.loc[mark(frame, dirt.take("unknown_area", 0.002), "area"), "area_code"] = "QT99"
    frame.loc[mark(frame, dirt.take("impossible_date", 0.001), "impossible"), "received_at"] = "2026-02-30 10:00"
    twice = enter_twice(frame, dirt)
    register_late(frame, dirt, rng, 0.01)
    return pd.concat([frame, twice], ignore_index=True)
