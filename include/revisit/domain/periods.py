"""Calendar periods: the months, quarters, half years and years that reports and rounds are about."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from revisit.domain.windows import add_months

Kind = Literal["month", "quarter", "half_year", "year"]
_MONTHS: dict[Kind, int] = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
_NAME = re.compile(r"(?P<year>\d{4})(?:-(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4])|H(?P<half_year>[12]))?")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One calendar period by its first day; `period_of` and `parse` make it. Half years begin on 1 January and 1 July (PS-03)."""

    first: date
    kind: Kind

    @property
    def last(self) -> date:
        """Its last day."""
        return add_months(self.first, _MONTHS[self.kind]) - timedelta(days=1)

    @property
    def number(self) -> int:
        """Which of its year it is, from 1."""
        return (self.first.month - 1) // _MONTHS[self.kind] + 1

    @property
    def name(self) -> str:
        """2026-10, 2026Q3, 2026H1 or 2026: as figures, files and events are named by it."""
        match self.kind:
            case "month":
                return f"{self.first:%Y-%m}"
            case "quarter":
                return f"{self.first.year}Q{self.number}"
            case "half_year":
                return f"{self.first.year}H{self.number}"
            case "year":
                return str(self.first.year)

    @property
    def months(self) -> tuple[date, ...]:
        """The first day of each of its months."""
        return tuple(add_months(self.first, offset) for offset in range(_MONTHS[self.kind]))

    def back(self, count: int) -> "Period":
        """The period of the same kind that was `count` periods before; 0 is this one."""
        return Period(add_months(self.first, -count * _MONTHS[self.kind]), self.kind)


def period_of(kind: Kind, on: date) -> Period:
    """The period of a kind that a day lies in.

    >>> period_of("half_year", date(2026, 11, 21)).name
    '2026H2'
    """
    months = _MONTHS[kind]
    return Period(date(on.year, (on.month - 1) // months * months + 1, 1), kind)


def parse(name: str) -> Period:
    """The period of a name, for example 2026-10, 2026Q3, 2026H1 or 2026. Raises ValueError for any other text.

    >>> parse("2026Q3").last
    datetime.date(2026, 9, 30)
    """
    found = _NAME.fullmatch(name)
    if found is None:
        raise ValueError(
            f"'{name}' is no period; write a month as 2026-10, a quarter as 2026Q3, a half year as 2026H1, a year as 2026."
        )
    year = int(found["year"])
    for kind, months in _MONTHS.items():
        if kind != "year" and found[kind]:
            return Period(date(year, (int(found[kind]) - 1) * months + 1, 1), kind)
    return Period(date(year, 1, 1), "year")
