"""A year of events as columns of numbers: days, customers, conditions, lots, and the working-day calendar beside them."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from revisit.app.levelling import Days
from revisit.app.year_events import to_days
from revisit.domain.calendar import WorkingDays
from revisit.domain.windows import Span
from revisit.errors import CalendarMissing
from revisit.policy.model import Standing
from revisit.policy.predicate import Where, holds

Mask = NDArray[np.bool_]


def add_span(days: Days, span: Span, workdays: Days, numbers: Days) -> Days:
    """`domain.windows.add_span` on columns. `workdays`: the working days; `numbers`: for each day from the first, its number."""
    match span.unit:
        case "day":
            return days + span.count
        case "week":
            return days + 7 * span.count
        case "workday":
            place = numbers[np.clip(days - workdays[0], 0, len(numbers) - 1)] + span.count
            return np.asarray(workdays[np.clip(place, 0, len(workdays) - 1)], np.int64)
        case "half_month":
            month = days.astype("datetime64[D]").astype("datetime64[M]")
            halves = span.count + (days - month.astype("datetime64[D]").astype(np.int64) > 14)
            return np.asarray(
                (month + halves // 2).astype("datetime64[D]").astype(np.int64) + 15 * (halves % 2), np.int64
            )
        case "month" | "year":
            months = span.count * (12 if span.unit == "year" else 1)
            dates = days.astype("datetime64[D]")
            month = dates.astype("datetime64[M]")
            of_month = (dates - month.astype("datetime64[D]")).astype(np.int64)
            begin = (month + months).astype("datetime64[D]").astype(np.int64)
            length = (month + months + 1).astype("datetime64[D]").astype(np.int64) - begin
            return np.asarray(begin + np.minimum(of_month, length - 1), np.int64)


def _works(working: WorkingDays, day: date) -> bool:
    try:
        return working.is_workday(day)
    except CalendarMissing:
        return day.weekday() < 5


@dataclass(frozen=True, slots=True)
class Calendar:
    workdays: Days
    numbers: Days

    @classmethod
    def of(cls, working: WorkingDays, first: date, last: date) -> "Calendar":
        """The days from `first`; those that the calendar does not know are Monday to Friday, for an estimate's sake."""
        days = [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
        while not _works(working, days[0]):
            days = days[1:]
        flags = np.array([_works(working, day) for day in days])
        workdays = np.array([to_days(day) for day, works in zip(days, flags, strict=True) if works], np.int64)
        return cls(workdays, np.cumsum(flags).astype(np.int64) - 1)

    def add(self, days: Days, span: Span) -> Days:
        return add_span(days, span, self.workdays, self.numbers)

    def on_or_after(self, days: Days) -> Days:
        """Each day itself, or the first working day after a rest day."""
        return self.add(days - 1, Span(1, "workday"))


class Year:
    """The events' columns, each condition worked out once for all of them."""

    def __init__(self, events: pd.DataFrame) -> None:
        self.frame = events
        self.day, self.starts, self.ends = (events[name].to_numpy(np.int64) for name in ("day", "starts", "ends"))
        self.customer = events["customer"].to_numpy(np.int64)
        self.visiting, self.department_names = coded(events["visiting" if "visiting" in events else "department"])
        self.area, self.area_names = coded(events["area" if "area" in events else "department"])
        self.number = (events["id"] if "id" in events else pd.RangeIndex(len(events))).to_numpy(np.uint64)
        self.kind, kinds = coded(events["kind"])
        self.kinds = {str(name): code for code, name in enumerate(kinds)}
        self._answers: dict[str, Mask] = {}

    def with_standing(self, standing: Standing, calendar: Calendar) -> "Year":
        """The same year with the field `standing`: new until so long after the customer's first event of its kind."""
        first = np.full(int(self.customer.max()) + 1, np.iinfo(np.int32).max, np.int64)
        counted = self.of_kind(standing.since)
        np.minimum.at(first, self.customer[counted], self.day[counted])
        known = first[self.customer] < np.iinfo(np.int32).max
        until = calendar.add(np.where(known, first[self.customer], self.day), standing.new_for)
        new = ~known | (self.day < until)
        return Year(self.frame.assign(standing=pd.Categorical.from_codes(new.astype(int), pd.Index(["old", "new"]))))

    def of_kind(self, kind: str) -> Days:
        return np.flatnonzero(self.kind == self.kinds.get(kind, -2))

    def matches(self, where: Where) -> Mask:
        """Which events satisfy a condition: each distinct value is tested once."""
        result = np.ones(len(self.frame), bool)
        for name, test in where.items():
            asked = f"{name} {test!r}"
            if asked not in self._answers:
                self._answers[asked] = self._test(name, {name: test})
            result &= self._answers[asked]
        return result

    def _test(self, name: str, where: Where) -> Mask:
        missing = holds(where, {})
        if name not in self.frame:
            return np.full(len(self.frame), missing)
        codes, values = coded(self.frame[name])
        return np.asarray(np.array([*(holds(where, {name: value}) for value in values), missing])[codes])

    def first_end(self, kinds: Sequence[str], rows: Days) -> Days:
        """For each of these events: the day on which an event of `kinds` of the same customer first follows."""
        wide = int(self.day.max()) + 2
        ending = np.flatnonzero(np.isin(self.kind, [self.kinds[kind] for kind in kinds if kind in self.kinds]))
        keys = np.sort(self.customer[ending] * wide + self.day[ending])
        place = np.searchsorted(keys, self.customer[rows] * wide + self.day[rows], "right")
        found = np.append(keys, -1)[place]
        return np.where(found // wide == self.customer[rows], found % wide, np.iinfo(np.int64).max)

    def dice(self, rows: Days, salt: str) -> NDArray[np.float64]:
        """A number in [0, 1) for each event, the same whenever it is asked (splitmix64)."""
        seed = (zlib.crc32(salt.encode()) + 1) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
        z = self.number[rows] * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(((z ^ (z >> np.uint64(31))) >> np.uint64(11)) / 2**53)


def coded(column: pd.Series) -> tuple[Any, list[Any]]:
    """A column as numbers into its distinct values; -1 where it is missing."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(np.int64), list(column.cat.categories)
    codes, values = pd.factorize(column, sort=True)
    return codes.astype(np.int64, copy=False), list(values)
