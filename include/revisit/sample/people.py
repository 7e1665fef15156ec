"""The invented residents and staff."""

from datetime import timedelta

import numpy as np
import pandas as pd

from revisit.sample.dirt import Dirt, later, mark
from revisit.sample.estate import Estate, Indexes, Texts
from revisit.sample.rhythm import Period
from revisit.sample.words import FIRST, SECOND, SURNAMES

_MOBILE = ("130", "131", "132", "133", "134", "135", "136", "137", "138", "139")


def picked(rng: np.random.Generator, words: tuple[str, ...], size: int) -> Texts:
    """So many words, each as likely as the others."""
    return np.array(words, dtype=object)[rng.integers(0, len(words), size=size)]


def _names(rng: np.random.Generator, size: int) -> Texts:
    parts = [picked(rng, SURNAMES, size), picked(rng, FIRST, size), picked(rng, SECOND, size)]
    return np.asarray(parts[0] + parts[1] + parts[2], dtype=object)


def numbered(prefix: str, numbers: Indexes, width: int) -> Texts:
    """Codes such as WX0000123."""
    return np.asarray(prefix + pd.Series(numbers).astype(str).str.zfill(width).to_numpy(dtype=object), dtype=object)


def residents(rng: np.random.Generator, dirt: Dirt, place: Estate, period: Period, size: int) -> pd.DataFrame:
    """The register of residents with its versions. Phones use the unassigned middle group 0000."""
    shares = rng.dirichlet(np.full(len(place.codes), 8.0))
    areas = np.sort(rng.choice(len(place.codes), size=size, p=shares))
    within = np.arange(size) - np.searchsorted(areas, areas)
    building, rest = within // 136 + 1, within % 136
    unit, floor, door = rest // 68 + 1, rest % 68 // 4 + 1, rest % 4 + 1
    text = [pd.Series(part).astype(str).to_numpy(dtype=object) for part in (building, unit, floor)]
    address = text[0] + "栋" + text[1] + "单元" + text[2] + numbered("", door, 2) + "室"
    frame = pd.DataFrame(
        {
            "resident_no": numbered("YH", np.arange(1, size + 1), 7),
            "revision": 1,
            "visible_from": np.full(size, np.datetime64(period.first), dtype="datetime64[s]"),
            "name": _names(rng, size),
            "phone": picked(rng, _MOBILE, size) + "0000" + numbered("", rng.integers(0, 10_000, size=size), 4),
            "area_code": place.codes[areas],
            "address": address,
            "do_not_contact": np.where(rng.random(size) < 0.01, "是", "否"),
            "_area": areas,
            "_fault": "",
        }
    )
    if not (frame["do_not_contact"] == "是").any():
        frame.loc[0, "do_not_contact"] = "是"
    dirt.begin("resident", size)
    frame.loc[mark(frame, dirt.take("missing_name", 0.001), "missing"), "name"] = None
    wide = mark(frame, dirt.take("full_width_phone", 0.002), "full_width")
    frame.loc[wide, "phone"] = [str(phone).translate(_WIDE) for phone in frame.loc[wide, "phone"]]
    short = mark(frame, dirt.take("short_phone", 0.002), "short")
    frame.loc[short, "phone"] = frame.loc[short, "phone"].str.slice(0, 10)
    spaced = dirt.take("odd_spaces", 0.004)
    frame.loc[spaced, "name"] = "\u3000" + frame.loc[spaced, "name"] + " "
    moved = later(frame, dirt.take("new_phone", 0.01), rng, spread=(period.last - period.first) // timedelta(days=1))
    moved["phone"] = picked(rng, _MOBILE, len(moved)) + "0000" + numbered("", rng.integers(0, 10_000, len(moved)), 4)
    return pd.concat([frame, moved], ignore_index=True)


_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def staff(rng: np.random.Generator, place: Estate) -> pd.DataFrame:
    """The staff register: every area's administrator, and ten people for each department."""
    departments = np.repeat(np.array([d.code for d in place.organisation.departments], dtype=object), 10)
    count = len(departments)
    frame = pd.DataFrame(
        {
            "name": np.concatenate([place.administrators, _names(rng, count)]),
            "department_code": np.concatenate([place.centres, departments]),
            "area_code": np.concatenate([place.codes, np.full(count, None, dtype=object)]),
            "post": np.concatenate(
                [np.full(len(place.codes), "片区管理员", dtype=object), np.full(count, "员工", dtype=object)]
            ),
        }
    )
    frame.insert(0, "staff_no", numbered("YG", np.arange(1, len(frame) + 1), 4))
    return frame
