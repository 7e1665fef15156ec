"""What a pack may say. Every key is known here; an unknown one is refused by the loader with its line."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from revisit.domain.windows import Span
from revisit.policy.predicate import Where

Clause = Annotated[str, Field(pattern=r"^[A-Z]{2}-\d{2}(-[a-z]+)?$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
Anchor = Literal["completed", "starts", "ends", "term"]
Channel = Literal["door", "phone", "letter"]
EventKind = Literal[
    "complaint.closed",
    "repair.completed",
    "contract.active",
    "help.completed",
    "publication.received",
    "service.completed",
]

_SPAN = re.compile(r"^(-?\d+) (day|workday|week|month|year)s?$")


def _span(value: object) -> object:
    if isinstance(value, Span):
        return value
    found = _SPAN.match(str(value))
    if not found:
        raise ValueError(f"'{value}' is no length of time; write for example '3 days', '5 workdays', '1 month'")
    return Span(int(found[1]), found[2])  # type: ignore[arg-type]


def _rate(value: object) -> object:
    if value is None or isinstance(value, Fraction):
        return value
    text = str(value).strip()
    try:
        rate = Fraction(Decimal(text[:-1])) / 100 if text.endswith("%") else Fraction(text)
    except (ValueError, ArithmeticError) as error:
        raise ValueError(f"'{value}' is no rate; write for example 30%, 1/3 or 1") from error
    if not 0 <= rate <= 1:
        raise ValueError(f"the rate {value} is not between 0 and 100%")
    return rate


def _text_of_span(span: Span) -> str:
    return f"{span.count} {span.unit}{'' if span.count == 1 else 's'}"


Length = Annotated[Span, BeforeValidator(_span), PlainSerializer(_text_of_span)]
Rate = Annotated[Fraction, BeforeValidator(_rate), PlainSerializer(str)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, populate_by_name=True)


class Document(_Strict):
    """The regulation as issued."""

    code: str
    revision: str
    approved_by: str


class Effective(_Strict):
    """The first and the last day of this version, both included; the event's date chooses."""

    from_: date = Field(alias="from")
    until: date | None = None


class Scope(_Strict):
    clause: Clause
    text: str


class Parameter(_Strict):
    """A number or choice the regulation leaves open.

    `stated`: never (the default must be accepted by name), ambiguous (two readings, the default is reading A),
    blank (no default: it must be set), runtime (a role decides it for each period).
    """

    id: Annotated[str, Field(pattern=r"^[a-z]+\.[a-z0-9_]+$")]
    clause: Clause
    means: str
    stated: Literal["never", "ambiguous", "blank", "runtime"]
    default: Any = None
    choices: tuple[Any, ...] | None = None
    decided_by: Name | None = None
    period: Literal["month"] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "Parameter":
        if self.stated in ("never", "ambiguous") and self.default is None:
            raise ValueError("a parameter that is never stated needs a default; without one it is 'blank'")
        if self.stated in ("blank", "runtime") and self.default is not None:
            raise ValueError(f"a {self.stated} parameter has no default")
        if self.stated == "runtime" and (self.decided_by is None or self.period is None):
            raise ValueError("a runtime parameter says who decides it (decided_by) and for how long (period)")
        return self


class Role(_Strict):
    """A post. `seat`: one for the whole office, or one for each area."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    clause: Clause
    title: str
    seat: Literal["office", "area"]


class Trigger(_Strict):
    event: EventKind


class Condition(_Strict):
    """A duty that exists only if something else happens first (PQ-05 'if necessary')."""

    any_of: tuple[Literal["unsatisfactory", "repeated", "flagged"], ...]
    first: Name
    repeat: Name


class WindowRule(_Strict):
    """Either two lengths of time from the anchor, or two shares of a contract's term."""

    opens: Length | None = None
    due: Length | None = None
    share: tuple[Rate, Rate] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> "WindowRule":
        if (self.share is None) == (self.opens is None or self.due is None):
            raise ValueError("a window is either {opens, due} or {share: [from, to]}")
        if self.share and self.share[0] > self.share[1]:
            raise ValueError("the window closes before it opens")
        if self.opens and self.due and self.opens.unit == self.due.unit and self.opens.count > self.due.count:
            raise ValueError("the window closes before it opens")
        return self


class Assignment(_Strict):
    clause: Clause
    where: Where = {}
    lead: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    joint: Literal["accused_department"] | None = None


class Rule(_Strict):
    """One duty: what triggers it, when it is due, how much of it, and who does it."""

    id: Name
    clause: Clause
    name: str
    text: str
    trigger: Trigger
    where: Where = {}
    round: Annotated[int, Field(ge=1)] = 1
    condition: Condition | None = None
    anchor: Anchor
    window: WindowRule
    quota: Clause | None = None
    assign: Annotated[tuple[Assignment, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _term_window(self) -> "Rule":
        if (self.anchor == "term") != (self.window.share is not None):
            raise ValueError("the anchor 'term' goes with a window of {share}, and only with it")
        if self.assign and self.assign[-1].where:
            raise ValueError("the last assignment must have no 'where', so that everybody is assigned")
        return self


class Quota(_Strict):
    """How much of a class is owed. A missing `rate` is decided at run time by `decided` (a runtime parameter)."""

    id: Clause
    clause: Clause | None = None
    name: str
    rate: Rate | None
    decided: str | None = None
    unit: Literal["event", "contract", "customer"]
    per: tuple[Literal["department", "area", "occasion"], ...]
    period: Literal["month", "none"]

    @model_validator(mode="after")
    def _decided_by_month(self) -> "Quota":
        if self.decided and self.period != "month":
            raise ValueError("a rate that is decided at run time is decided by month; write period: month")
        return self

    @property
    def cites(self) -> str:
        return self.clause or self.id


class Channels(_Strict):
    clause: Clause
    allowed: tuple[Channel, ...]


class Item(_Strict):
    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    title: str


class Signature(_Strict):
    clause: Clause
    who: Literal["customer", "visitor"]
    channels: tuple[Channel, ...]


class Form(_Strict):
    """The revisit record: ratings on one scale (best first), free texts, signatures by channel."""

    clause: Clause
    name: str
    scale: tuple[str, ...]
    ratings: tuple[Item, ...]
    texts: tuple[Item, ...]
    signatures: tuple[Signature, ...]


class Issuing(_Strict):
    clause: Clause
    by: str
    receipt: str


class Within(_Strict):
    clause: Clause
    by: str | None = None
    within: Length


class Filing(_Strict):
    clause: Clause
    day_of_month: Annotated[int, Field(ge=1, le=31)]
    month: Literal["same", "next"]


class Lifecycle(_Strict):
    issue: Issuing
    return_: Within
    review: Within
    file: Filing


class OnResult(_Strict):
    clause: Clause
    unsatisfactory_below: str
    report_to: str
    procedure: str


class Detection(_Strict):
    """Something to be found over history: at least n of the same key within a rolling window, or a bad result."""

    id: Name
    clause: Clause
    name: str
    event: EventKind | None = None
    key: tuple[Literal["customer", "matter", "asset", "department"], ...] = ()
    at_least: int | None = None
    within_months: int | None = None
    result: Literal["unsatisfactory"] | None = None


class Metric(_Strict):
    id: Annotated[str, Field(pattern=r"^K\d{2}$")]
    clause: Clause
    name: str
    quota: Clause | None = None
    detections: tuple[Name, ...] = ()


class ReportStep(_Strict):
    step: Literal["written", "reviewed", "decided"]
    clause: Clause
    by: str
    decision: str | None = None


class ReportRule(_Strict):
    clause: Clause
    name: str
    period: Literal["month"]
    by: tuple[Literal["department", "area"], ...]
    due_workday: int
    chain: tuple[ReportStep, ...]


class Retention(_Strict):
    clause: Clause
    years: int
    of: str


class Guidance(_Strict):
    clause: Clause
    text: str
    shown_in: Literal["report", "sheet", "pack"]


class Pack(_Strict):
    """One version of one regulation."""

    pack: Name
    title: str
    document: Document
    effective: Effective
    confirmed_on: date
    time_zone: str
    scope: Scope
    parameters: tuple[Parameter, ...] = ()
    roles: tuple[Role, ...]
    quotas: tuple[Quota, ...] = ()
    rules: tuple[Rule, ...]
    channels: Channels
    form: Form
    lifecycle: Lifecycle
    on_result: OnResult
    detections: tuple[Detection, ...] = ()
    metrics: tuple[Metric, ...] = ()
    report: ReportRule
    retention: Retention
    guidance: tuple[Guidance, ...] = ()

    def quota(self, quota_id: str) -> Quota:
        return next(quota for quota in self.quotas if quota.id == quota_id)

    def rule(self, rule_id: str) -> Rule:
        return next(rule for rule in self.rules if rule.id == rule_id)

    def in_force(self, day: date) -> bool:
        return self.effective.from_ <= day and (self.effective.until is None or day <= self.effective.until)

    def unsatisfactory(self) -> tuple[str, ...]:
        """The ratings below the threshold of `on_result`."""
        scale = self.form.scale
        return scale[scale.index(self.on_result.unsatisfactory_below) + 1 :]

    def clauses(self) -> set[str]:
        """Every clause cited anywhere, without the suffix that tells parts of one clause apart."""
        return {clause[:5] for clause in _cited(self.model_dump(by_alias=True))}


def _cited(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if (key == "clause" and value) or (
                key == "id" and isinstance(value, str) and re.match(r"^[A-Z]{2}-\d{2}", value)
            ):
                yield value
            else:
                yield from _cited(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _cited(value)
