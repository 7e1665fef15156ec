"""When things happen: weekdays, seasons, the quiet of Spring Festival, and the hours of a day."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.datetime64]
Weights = npt.NDArray[np.float64]
_WEEK = (1.25, 1.05, 1.0, 1.0, 1.05, 0.9, 0.75)  # Monday first; people report on Monday what broke at the weekend
_HOURS = np.array(
    [1, 1, 1, 1, 1, 2, 5, 16, 42, 55, 50, 36, 26, 44, 52, 48, 40, 30, 24, 20, 14, 8, 4, 2], dtype=np.float64
)


@dataclass(frozen=True, slots=True)
class Period:
    """The days the sample covers, both ends included, and the day before the new system takes over (`eve`)."""

    first: date
    last: date

    @property
    def eve(self) -> date:
        return self.last.replace(day=1) - timedelta(days=1)

    @property
    def days(self) -> Days:
        return np.arange(np.datetime64(self.first), np.datetime64(self.last) + 1)


def months_ending(last: date, months: int) -> Period:
    """The period of so many calendar months that ends on `last`."""
    index = last.year * 12 + last.month - months
    return Period(date(index // 12, index % 12 + 1, 1), last)


def _quiet(day: date) -> float:
    """How much goes on in the public holidays; a year without published holidays has none."""
    from chinese_calendar import get_holiday_detail

    try:
        resting, name = get_holiday_detail(day)
    except NotImplementedError:
        return 1.0
    if not resting or name is None:
        return 1.0
    return 0.3 if name == "Spring Festival" else 0.6


def day_weights(period: Period, months: tuple[float, ...]) -> Weights:
    """The share of each day of the period, with twelve monthly factors; they add up to one."""
    raw = np.array(
        [
            _WEEK[day.weekday()] * months[day.month - 1] * _quiet(day)
            for day in (period.first + timedelta(days=n) for n in range((period.last - period.first).days + 1))
        ]
    )
    return np.asarray(raw / raw.sum(), dtype=np.float64)


def moments(rng: np.random.Generator, days: Days) -> Days:
    """A minute of each day, mostly in office hours."""
    hours = rng.choice(24, size=len(days), p=_HOURS / _HOURS.sum())
    minutes = hours * 60 + rng.integers(0, 60, size=len(days))
    at: Days = days.astype("datetime64[m]") + minutes.astype("timedelta64[m]")
    return at


def written(at: Days) -> npt.NDArray[np.object_]:
    """Moments as the organisation's system writes them: 2026-03-05 14:20."""
    return np.asarray(np.strings.replace(np.datetime_as_string(at, unit="m"), "T", " "), dtype=object)
