"""The faults of real systems, planted in counted numbers on rows that do not overlap.

A frame's hidden columns begin with an underscore and are never written: `_fault` names what makes a contract refuse
the row ("" where nothing does).
"""

import numpy as np
import pandas as pd

from revisit.sample.estate import Indexes


class Dirt:
    """Hands out row positions for faults and counts them by table and name."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._free: Indexes = np.arange(0)
        self._table, self._size = "", 0
        self.planted: dict[str, dict[str, int]] = {}

    def begin(self, table: str, size: int, among: Indexes | None = None) -> None:
        """Start on a table of `size` rows; faults fall on the rows `among`, by default on all."""
        self._table, self._size = table, size
        self._free = self._rng.permutation(np.arange(size) if among is None else among)
        self.planted.setdefault(table, {})

    def take(self, name: str, rate: float) -> Indexes:
        """`rate` of the table's rows, at least one while any is left; no row is given out twice."""
        count = min(max(1, round(rate * self._size)), len(self._free))
        taken, self._free = np.sort(self._free[:count]), self._free[count:]
        self.note(name, count)
        return taken

    def note(self, name: str, count: int) -> None:
        """Count what was done to the table without taking rows."""
        self.planted[self._table][name] = count


def mark(frame: pd.DataFrame, rows: Indexes, fault: str) -> Indexes:
    """Note the fault of these rows, and give the rows back."""
    frame.loc[rows, "_fault"] = fault
    return rows


def later(frame: pd.DataFrame, rows: Indexes, rng: np.random.Generator, spread: int) -> pd.DataFrame:
    """The next revision of these rows, to be seen 1 to `spread` days later, without their fault."""
    copies = frame.loc[rows].copy()
    copies["revision"] += 1
    copies["visible_from"] += pd.to_timedelta(rng.integers(1, spread + 1, size=len(copies)), unit="D")
    copies["_fault"] = ""
    return copies


def visible(frame: pd.DataFrame, key: str, on: np.datetime64) -> pd.DataFrame:
    """The rows that the system shows on a day: of every key the newest revision, a key entered twice both times."""
    shown = frame[frame["visible_from"] <= on]
    return shown[shown["revision"] == shown.groupby(key)["revision"].transform("max")]


def spoil(frame: pd.DataFrame, dirt: Dirt, rng: np.random.Generator, column: str = "completed_at") -> pd.DataFrame:
    """Plant the faults a table of orders has in its time and area; gives the corrections that follow on later days."""
    whole = frame.copy()
    lost = mark(frame, dirt.take("missing_completion", 0.0025), "missing")
    frame.loc[lost, column] = None
    impossible = mark(frame, dirt.take("impossible_date", 0.001), "impossible")
    frame.loc[impossible, column] = "2026-13-40"
    future = mark(frame, dirt.take("future_date", 0.001), "future")
    frame.loc[future, column] = "2062" + frame.loc[future, column].str.slice(4).str.replace("-02-29", "-02-28")
    unknown = mark(frame, dirt.take("unknown_area", 0.0015), "area")
    frame.loc[unknown, "area_code"] = "QT99"
    wide = mark(frame, dirt.take("full_width_area", 0.001), "area")
    frame.loc[wide, "area_code"] = frame.loc[wide, "area_code"].str.replace("0", "０")
    mended = np.sort(np.concatenate([lost[::2], impossible[::2], unknown[::2]]))
    dirt.note("mended_later", len(mended))
    repaired = later(frame, mended, rng, 14)
    repaired[[column, "area_code"]] = whole.loc[mended, [column, "area_code"]]
    return repaired


def enter_twice(frame: pd.DataFrame, dirt: Dirt) -> pd.DataFrame:
    """Rows typed in twice under one number, without a difference. The contract refuses the earlier of the two."""
    return frame.loc[mark(frame, dirt.take("entered_twice", 0.001), "twice")].assign(_fault="")


def register_late(frame: pd.DataFrame, dirt: Dirt, rng: np.random.Generator, rate: float = 0.015) -> None:
    """Some rows are typed in 3 to 20 days after they happened."""
    rows = dirt.take("late_registration", rate)
    frame.loc[rows, "visible_from"] += pd.to_timedelta(rng.integers(3, 21, size=len(rows)), unit="D")


def space_out(frame: pd.DataFrame, dirt: Dirt, columns: tuple[str, str]) -> None:
    """Odd blanks around a number and a word, which reading trims away."""
    rows = dirt.take("odd_spaces", 0.004)
    frame.loc[rows, columns[0]] = " " + frame.loc[rows, columns[0]]
    frame.loc[rows, columns[1]] = frame.loc[rows, columns[1]] + "\u3000"
