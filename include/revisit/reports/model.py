"""A report's content as values: everything a reader sees, computed once, frozen, and rendered without arithmetic.

Counts are integers; rates are computed from them by `Figure`, never stored. Dates are civil dates.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from datetime import date
from fractions import Fraction
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from revisit.domain.intervals import wilson
from revisit.domain.periods import Period

Scope = Literal["all", "department", "area", "person"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One rate: `numerator` of `denominator`, with what is left out of both.

    numerator: contacts made in their window; late: made, but after it; missed: window over, nobody reached;
    denominator: numerator + late + missed + not drawn, these only where the rate is not of what was planned (`planned_only`);
    pending: window still open at the cut-off; excused: withdrawn by the source, or the customer must not be contacted.
    """

    metric: str
    scope: Scope
    scope_code: str
    scope_name: str
    numerator: int
    late: int
    missed: int
    not_drawn: int
    pending: int
    excused: int
    target: str | None
    planned_only: bool = False

    @property
    def denominator(self) -> int:
        return self.numerator + self.late + self.missed + (0 if self.planned_only else self.not_drawn)

    @property
    def rate(self) -> Fraction | None:
        """The share contacted in time; None where the denominator is zero."""
        return Fraction(self.numerator, self.denominator) if self.denominator else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval of the share."""
        return wilson(self.numerator, self.denominator)

    @property
    def meets_target(self) -> bool | None:
        """Whether the rate reaches the target; None where there is no rate or no target."""
        if self.rate is None or self.target is None:
            return None
        return self.rate >= Fraction(self.target)


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of the pack with its definition in words and its figures: all first, then departments, areas and people."""

    id: str
    clause: str
    name: str
    unit: str
    definition: str
    figures: tuple[Figure, ...]
    of_duties: bool = False
    """Whether its rows are duties that no other figure of this kind tells."""

    @property
    def total(self) -> Figure:
        return self.figures[0]

    def of(self, scope: Scope) -> tuple[Figure, ...]:
        return tuple(figure for figure in self.figures if figure.scope == scope)


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """How the contacted customers of a class rated: counts in the order of the scale, best first.

    `population` is the number of eligible events the answers stand for (finite-population interval).
    """

    name: str
    counts: tuple[int, ...]
    satisfied: int
    answered: int
    population: int

    @property
    def rate(self) -> Fraction | None:
        return Fraction(self.satisfied, self.answered) if self.answered else None

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.satisfied, self.answered, max(self.population, self.answered))


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One metric in one period."""

    metric: str
    period: Period
    numerator: int
    denominator: int

    @property
    def rate(self) -> Fraction | None:
        return Fraction(self.numerator, self.denominator) if self.denominator else None


@dataclass(frozen=True, slots=True)
class Portion:
    """One rate that goes into a score: `numerator` of `denominator`."""

    name: str
    numerator: int
    denominator: int

    @property
    def rate(self) -> Fraction | None:
        return Fraction(self.numerator, self.denominator) if self.denominator else None


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """A score for the whole or one department: its portions, the fraction they make (as text), and the grade."""

    name: str
    portions: tuple[Portion, ...]
    value: str | None
    grade: str = ""

    @property
    def score(self) -> Fraction | None:
        return None if self.value is None else Fraction(self.value)


@dataclass(frozen=True, slots=True)
class Score:
    """Rates side by side (items: the questions of the form; spread: the categories of issues) or their mean."""

    id: str
    clause: str
    name: str
    definition: str
    kind: Literal["items", "spread", "mean"]
    rows: tuple[ScoreRow, ...]
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Repeat:
    """A finding of K25: the same matter complained, or the same repair made, again and again."""

    detection: str
    name: str
    customer: str
    area: str
    matter: str
    times: int
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Unsatisfactory:
    """A contact whose result was unsatisfactory, and what became of it."""

    task: str
    clause: str
    area: str
    department: str
    visited_on: date
    cause: str
    state: str


@dataclass(frozen=True, slots=True)
class OpenIssue:
    """A problem a department has not solved at the cut-off; `overdue_days` are working days, 0 where in time."""

    number: int
    department: str
    cause: str
    raised_on: date
    due_on: date
    state: str
    overdue_days: int
    extended: bool


@dataclass(frozen=True, slots=True)
class Draw:
    """A quota's stratum: how many were eligible and how many drawn, against the rate; places given on, by reason."""

    quota: str
    clause: str
    name: str
    stratum: str
    rate: str
    eligible: int
    drawn: int
    key_fingerprint: str
    substitutions: tuple[tuple[str, int], ...] = ()

    @property
    def substituted(self) -> int:
        """How many places were given on, for whatever reason."""
        return sum(number for _, number in self.substitutions)


@dataclass(frozen=True, slots=True)
class SourceQuality:
    """What a source delivered in the period: read = accepted + unchanged + refused."""

    source: str
    batches: int
    read: int
    accepted: int
    unchanged: int
    refused: int
    judged: bool
    reasons: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Default:
    """A number the regulation leaves open that runs on its default."""

    parameter: str
    clause: str
    means: str
    value: str


@dataclass(frozen=True, slots=True)
class Report:
    """The content of one report, frozen at its cut-off."""

    organisation: str
    invented: bool
    pack: str
    title: str
    document_code: str
    document_revision: str
    period: Period
    cut_off: date
    revision: int
    due_on: date
    drafted_by: str
    scale: tuple[str, ...]
    metrics: tuple[Metric, ...]
    satisfaction: tuple[Satisfaction, ...]
    trend: tuple[TrendPoint, ...]
    repeats: tuple[Repeat, ...]
    unsatisfactory: tuple[Unsatisfactory, ...]
    issues: tuple[OpenIssue, ...]
    draws: tuple[Draw, ...]
    quality: tuple[SourceQuality, ...]
    defaults: tuple[Default, ...]
    guidance: tuple[tuple[str, str], ...]
    chain: tuple[tuple[str, str, str], ...]
    restated: tuple[tuple[str, str, str], ...] = field(default=())
    scores: tuple[Score, ...] = field(default=())

    def to_json(self) -> str:
        """Canonical JSON: the same content is always the same text."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, default=str, separators=(",", ":"))

    def sha256(self) -> str:
        return hashlib.sha256(self.to_json().encode()).hexdigest()


def from_json(text: str) -> Report:
    """The report that `to_json` wrote."""
    report: Report = _build(Report, json.loads(text))
    return report


def _build(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return None if value is None else _build(next(a for a in get_args(kind) if a is not type(None)), value)
    if origin is tuple:
        inner = get_args(kind)
        if len(inner) == 2 and inner[1] is ...:
            return tuple(_build(inner[0], item) for item in value)
        return tuple(_build(a, item) for a, item in zip(inner, value, strict=True))
    if kind is date:
        return date.fromisoformat(value)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{f.name: _build(hints[f.name], value[f.name]) for f in fields(kind) if f.name in value})
    return value
