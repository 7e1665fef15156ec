"""Calendar periods and occasions: what happens to every customer without anybody doing anything."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from revisit.domain.periods import Kind, period_of

_PERIODS: dict[str, Kind] = {
    "period.month": "month", "period.quarter": "quarter", "period.half_year": "half_year", "period.year": "year"
}  # fmt: skip
AHEAD, BEHIND = timedelta(days=60), timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Occasion:
    """A period with its first and last day, or a festival or milestone of one day."""

    kind: str
    name: str
    starts_on: date
    ends_on: date


def period(kind: str, on: date) -> Occasion:
    """The calendar period of a kind that `on` lies in (PS-03: 1 January to 30 June, 1 July to 31 December).

    >>> period("period.half_year", date(2026, 11, 21))
    Occasion(kind='period.half_year', name='2026H2', starts_on=datetime.date(2026, 7, 1), ends_on=datetime.date(2026, 12, 31))
    """
    found = period_of(_PERIODS[kind], on)
    return Occasion(kind, found.name, found.first, found.last)


def to_raise(kinds: Iterable[str], dated: Iterable[Occasion], on: date) -> list[Occasion]:
    """What is raised on `on` for the kinds that rules ask for: running periods, and occasions from 31 days ago to 60 ahead.

    Occasions are raised ahead, so that a contact can be due before them (RM-10), and late ones are not lost.
    """
    wanted = set(kinds)
    periods = [period(kind, on) for kind in sorted(wanted & _PERIODS.keys())]
    near = [one for one in dated if one.kind in wanted and on - BEHIND <= one.starts_on <= on + AHEAD]
    return periods + near
