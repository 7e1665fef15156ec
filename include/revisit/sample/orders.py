"""Work orders: repairs and other services, in the one table where the organisation keeps both."""

import numpy as np
import pandas as pd

from revisit.sample.dirt import Dirt, enter_twice, later, mark, register_late, space_out, spoil
from revisit.sample.ledger import Chains, Ground, ledger, shift
from revisit.sample.words import REPAIRS, SERVICES

_THREE_TIMES = Chains(share=0.012, extra=(2, 3), gap=(8, 60))


def _days(rng: np.random.Generator, low: int, high: int, size: int) -> "pd.Series[pd.Timedelta]":
    return pd.Series(pd.to_timedelta(rng.integers(low, high + 1, size=size), unit="D"))


def work_orders(rng: np.random.Generator, dirt: Dirt, at: Ground, repairs: int, services: int) -> pd.DataFrame:
    """Every version of every work order, faults and all."""
    engineering = at.place.answerable("工程")
    mended = ledger(rng, at, REPAIRS, round(repairs / 1.03), "WX", 20, _THREE_TIMES)
    served = ledger(rng, at, SERVICES, services, "FW", 3)
    frame = pd.concat(
        [
            mended.assign(order_type="维修", department_code=engineering[mended["_area"]]),
            served.assign(order_type="其它服务", department_code=at.place.centres[served["_area"]]),
        ],
        ignore_index=True,
    ).assign(status="已完工")
    dirt.begin("work_order", len(frame))
    versions = [spoil(frame, dirt, rng)]
    blank = mark(frame, dirt.take("blank_type", 0.001), "kind")
    frame.loc[blank, "order_type"] = None
    turned = mark(frame, dirt.take("completed_before_ordered", 0.001), "before")
    frame.loc[turned, "opened_at"] = shift(
        frame.loc[turned, "completed_at"], _days(rng, 1, 9, len(turned)).set_axis(turned)
    )
    _never_finish(frame, dirt)
    versions += [enter_twice(frame, dirt), _differ(frame, dirt), _in_progress(frame, dirt)]
    versions += [_void(frame, dirt, rng), *_reopen(frame, dirt, rng), *_correct(frame, dirt, rng)]
    register_late(frame, dirt, rng)
    space_out(frame, dirt, ("number", "item"))
    return pd.concat([frame, *versions], ignore_index=True).rename(
        columns={"number": "order_no", "opened_at": "ordered_at"}
    )


def _differ(frame: pd.DataFrame, dirt: Dirt) -> pd.DataFrame:
    """Typed in twice under one number with different times: the later row counts, the earlier one is refused."""
    rows = mark(frame, dirt.take("entered_twice_differently", 0.001), "twice")
    copies = frame.loc[rows].assign(_fault="")
    copies["completed_at"] = copies["completed_at"].str.slice(0, 14) + "59"
    copies["content"] = copies["content"] + "（补）"
    return copies


def _never_finish(frame: pd.DataFrame, dirt: Dirt) -> None:
    """Cancelled before anybody went: the query never shows them."""
    rows = dirt.take("cancelled_before_completion", 0.008)
    frame.loc[rows, "completed_at"] = None
    frame.loc[rows, "status"] = "已取消"


def _in_progress(frame: pd.DataFrame, dirt: Dirt) -> pd.DataFrame:
    """An earlier version of some orders, still open: the query shows them only once they are completed."""
    rows = dirt.take("seen_in_progress", 0.01)
    copies = frame.loc[rows].assign(revision=0, status="处理中")
    copies["visible_from"], copies["completed_at"] = copies["_begun"], None
    return copies


def _void(frame: pd.DataFrame, dirt: Dirt, rng: np.random.Generator) -> pd.DataFrame:
    """Completed, and found void some days later."""
    return later(frame, dirt.take("cancelled_after_completion", 0.005), rng, 20).assign(status="已作废")


def _reopen(frame: pd.DataFrame, dirt: Dirt, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Completed, opened again some days later, and completed a second time."""
    opened = later(frame, dirt.take("reopened", 0.006), rng, 15).assign(status="返工中")
    again = opened.assign(status="已完工", revision=opened["revision"] + 1)
    more = _days(rng, 1, 5, len(again)).set_axis(again.index)
    moved = opened["visible_from"] + more - opened["_day"]
    again["completed_at"] = shift(again["completed_at"], moved)
    again["_day"] = again["visible_from"] = opened["visible_from"] + more
    return opened, again


def _correct(frame: pd.DataFrame, dirt: Dirt, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Corrections: a wrong day of completion, and a wrong kind of work."""
    day = later(frame, dirt.take("corrected_time", 0.004), rng, 10)
    back = _days(rng, 1, 2, len(day)).set_axis(day.index)
    day["completed_at"], day["_day"] = shift(day["completed_at"], -back), day["_day"] - back
    day["opened_at"] = shift(day["opened_at"], -back)
    kind = later(frame, dirt.take("corrected_item", 0.005), rng, 10)
    repair = (kind["order_type"] == "维修").to_numpy()
    others = [np.array([m.name for m in matters], dtype=object) for matters in (REPAIRS, SERVICES)]
    following = [names[(kind["_matter"].to_numpy() + 1) % len(names)] for names in others]
    kind["item"] = np.where(repair, following[0], following[1])
    return day, kind
