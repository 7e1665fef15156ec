"""What a pack may say. Every key is known here; an unknown one is refused by the loader with its line."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema, model_validator

from revisit.domain.attempts import Patience
from revisit.domain.hours import Slot, parse_slot, parse_time, time_words, within
from revisit.domain.periods import Kind as PeriodKind
from revisit.domain.windows import NEXT_DAY, Span, filing_day
from revisit.policy.predicate import Where, holds

Clause = Annotated[str, Field(pattern=r"^[A-Z]{2}-\d{2}(-[a-z]+)?$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
Anchor = Literal["completed", "starts", "ends", "term", "contact", "agreed", "given_up", "raised", "solved"]
Channel = Literal["door", "phone", "letter", "sms", "mail", "web", "meeting"]
EventKind = Literal[
    "complaint.closed",
    "repair.completed",
    "contract.active",
    "help.completed",
    "publication.received",
    "service.completed",
    "project.completed",
    "product.delivered",
    "goods.purchased",
    "lead.called",
    "lead.visited",
    "lead.graded",
    "lead.lost",
    "deal.closed",
    "policy.issued",
    "policy.changed",
    "policy.lapsed",
    "policy.orphaned",
    "claim.surveyed",
    "claim.closed",
    "hotline.called",
    "case.served",
    "opinion.received",
    "survey.handed_out",
    "contact.ordered",
    "customer.listed",
    "period.month",
    "period.quarter",
    "period.half_year",
    "period.year",
    "occasion.festival",
    "occasion.milestone",
]

_DAYS_OF = {"day": 1, "week": 7}
_LEAST = {"day": 1, "workday": 1, "week": 7, "half_month": 13, "month": 28, "year": 365}
_MONTHS = {"month": 1, "year": 12}
_MOST = {"day": 1, "week": 7, "month": 31, "year": 366}
_SPAN = re.compile(r"^(-?\d+) (day|workday|week|month|year)s?$")
_CADENCE = re.compile(r"^([1-9]\d*) (day|workday|week|half_month|month|year)s?$")


def _span(value: object, written: re.Pattern[str] = _SPAN) -> object:
    if isinstance(value, Span):
        return value
    found = written.match(str(value))
    if not found:
        raise ValueError(f"'{value}' is no length of time; write for example '3 days', '5 workdays', '1 month'")
    if found[2] == "workday" and int(found[1]) < 1:
        raise ValueError(f"'{value}': working days are counted from 1; write '0 days' for the day itself")
    return Span(int(found[1]), found[2])  # type: ignore[arg-type]


def _by_choice(value: object) -> object:
    return {str(choice): change for choice, change in value.items()} if isinstance(value, Mapping) else value


def parse_rate(value: object) -> Fraction:
    """A rate as people write it: 30%, 1/3, 0.3 or 1. Raises ValueError for anything else."""
    found = _rate(value)
    assert isinstance(found, Fraction)
    return found


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


def _time(value: object) -> object:
    at = value if isinstance(value, time) else parse_time(str(value))
    if at is None:
        raise ValueError(f"'{value}' is no time of day; write for example \"17:00\", in quotes")
    return at


def _text_of_span(span: Span) -> str:
    return f"{span.count} {span.unit}{'' if span.count == 1 else 's'}"


Length = Annotated[
    Span,
    BeforeValidator(_span),
    PlainSerializer(_text_of_span),
    WithJsonSchema({"type": "string", "pattern": _SPAN.pattern, "examples": ["3 days", "5 workdays", "1 month"]}),
]
Cadence = Annotated[
    Span,
    BeforeValidator(lambda value: _span(value, _CADENCE)),
    PlainSerializer(_text_of_span),
    WithJsonSchema({"type": "string", "pattern": _CADENCE.pattern, "examples": ["15 days", "1 half_month", "1 year"]}),
]
DaySlot = Annotated[
    Slot,
    BeforeValidator(lambda value: value if isinstance(value, Slot) else parse_slot(str(value))),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "examples": ["10:00-11:30"]}),
]
Rate = Annotated[
    Fraction,
    BeforeValidator(_rate),
    PlainSerializer(str),
    WithJsonSchema({"type": ["string", "number"], "examples": ["30%", "1/3", 1]}),
]


DayTime = Annotated[
    time,
    BeforeValidator(_time),
    PlainSerializer(time_words),
    WithJsonSchema({"type": "string", "examples": ["17:00"]}),
]


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
    `changes`: what a choice changes in the pack, where another number is not enough.
    """

    id: Annotated[str, Field(pattern=r"^[a-z]+\.[a-z0-9_]+$")]
    clause: Clause
    means: str
    stated: Literal["never", "ambiguous", "blank", "runtime"]
    default: Any = None
    choices: tuple[Any, ...] | None = None
    changes: Annotated[dict[str, dict[str, Any]], BeforeValidator(_by_choice)] = {}
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
        if set(self.changes) - ({str(choice) for choice in self.choices or ()} - {str(self.default)}):
            raise ValueError("'changes' belong to 'choices' other than the default, which is what the pack says")
        if self.changes and self.default is None:
            raise ValueError("'changes' need a default, which is what the pack says")
        return self


class Role(_Strict):
    """A post. `seat`: one for the whole office, one for each area, or the person whom an `attribute` of the event names."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    clause: Clause | None = None
    title: str
    seat: Literal["office", "area", "person"]
    attribute: str | None = None

    @model_validator(mode="after")
    def _named(self) -> "Role":
        if (self.seat == "person") != (self.attribute is not None):
            raise ValueError("the seat 'person' goes with an 'attribute' of the event that names the person")
        return self


class StandIn(_Strict):
    """Who does a post's contacts while its holder cannot: in the first time of employment, or after months without success.

    `new_for` is counted from the day of hiring (LL-05); `idle_for` are whole calendar months, or days, without an event of the
    kind `without` (LL-06), and the next such event gives the contacts back. Decided on the day a list is issued.
    """

    clause: Clause
    role: str
    by: str
    new_for: Length | None = None
    idle_for: Length | None = None
    without: EventKind | None = None

    @model_validator(mode="after")
    def _one_reason(self) -> "StandIn":
        if (self.new_for is None) == (self.idle_for is None):
            raise ValueError("a stand-in has one reason: {new_for}, or {idle_for, without}")
        if self.idle_for and (self.idle_for.unit not in ("day", "week", "month") or self.idle_for.count < 1):
            raise ValueError(
                "'idle_for' is in whole months, or in days or weeks that roll; write '2 months' or '60 days'"
            )
        if (self.idle_for is None) != (self.without is None):
            raise ValueError("'idle_for' needs 'without', the kind of event that counts as success, and only then")
        return self


class Trigger(_Strict):
    """What makes a duty exist: an event; the record of another rule (`after`), where it says `when`; an issue.

    An issue that is `solved` asks for one contact; one that is `open` for contacts that come again until it is solved.
    """

    event: EventKind | None = None
    after: Name | None = None
    when: Where = {}
    issue: Literal["open", "solved"] | None = None

    @model_validator(mode="after")
    def _one(self) -> "Trigger":
        if sum(origin is not None for origin in (self.event, self.after, self.issue)) != 1:
            raise ValueError("a trigger is one of {event}, {after} and {issue}")
        if self.when and self.after is None:
            raise ValueError("'when' looks at the record of the rule named by 'after'; add 'after'")
        return self


class Recur(_Strict):
    """A duty that comes again, counted from the last contact, so that missed ones do not pile up.

    `opens`: how long after that contact the next may be made, the day after it where nothing is said. Half months begin on
    the 1st and the 16th. `until`: an event of the same customer that ends it. `agreed`: a date agreed at the contact counts
    if it is earlier.
    """

    opens: Length = NEXT_DAY
    every: Cadence
    until: tuple[EventKind, ...] = ()
    at_most: Annotated[int, Field(ge=2)] | None = None
    agreed: bool = False

    @model_validator(mode="after")
    def _opens_later(self) -> "Recur":
        if self.opens.unit == "workday" or self.opens.count < 1:
            raise ValueError(
                "the next contact 'opens' days, weeks or months after the last one; write for example '9 months'"
            )
        opens, every = (one.count * _MONTHS.get(one.unit, 0) for one in (self.opens, self.every))
        most, least = self.opens.count * _MOST[self.opens.unit], self.every.count * _LEAST[self.every.unit]
        if self.every.unit == "half_month":
            least += 1 - _LEAST["half_month"]  # the first is the next 1st or 16th
        if (
            self.opens.count > self.every.count
            if self.opens.unit == self.every.unit
            else opens > every
            if opens and every
            else most > least
        ):
            raise ValueError("the next contact may be due before it 'opens'; make 'opens' shorter or 'every' longer")
        if self.agreed and self.opens != NEXT_DAY:
            raise ValueError("a date agreed with the customer may be any day; leave 'opens' or 'agreed' out")
        return self


class Condition(_Strict):
    """A duty that exists only if something else happens first (PQ-05 'if necessary')."""

    any_of: tuple[Literal["unsatisfactory", "repeated", "flagged"], ...]
    first: Name
    repeat: Name


class WindowRule(_Strict):
    """From the anchor: when it opens, and when it is due or how long it `lasts`; or two shares of a contract's term."""

    opens: Length | None = None
    due: Length | None = None
    lasts: Length | None = None
    share: tuple[Rate, Rate] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> "WindowRule":
        ends = (self.due is not None) + (self.lasts is not None)
        if (self.share is None) != (self.opens is not None and ends == 1) or (self.share and ends):
            raise ValueError("a window is {opens, due}, {opens, lasts} or {share: [from, to]}")
        if self.lasts and (self.lasts.unit not in ("day", "week") or (self.opens and self.opens.unit == "workday")):
            raise ValueError("'lasts' is in days or weeks, and 'opens' then not in working days")
        if self.share and self.share[0] > self.share[1]:
            raise ValueError("the window closes before it opens")
        if self.opens and self.due and self.opens.unit == self.due.unit and self.opens.count > self.due.count:
            raise ValueError("the window closes before it opens")
        return self


class Assignment(_Strict):
    """Who does it. `joint`: the department the event names (accused_department), or a second role."""

    clause: Clause
    where: Where = {}
    lead: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    joint: Annotated[str, Field(pattern=r"^[a-z_]+$")] | None = None


class Needs(_Strict):
    """Facts without which an event's duty waits (TS-06: the contact of a contract)."""

    clause: Clause
    fields: Annotated[tuple[str, ...], Field(min_length=1)]


class Never(_Strict):
    """A person who must not make the contact: named by an attribute of the event (LI-10: the salesperson)."""

    clause: Clause
    attribute: str


class Attempts(_Strict):
    """When a contact that reaches nobody is given up (LN-07): `at_least` so many attempts, each so long `apart` from the one
    before, or `before_end` of the window with fewer. A rule that follows may then ask `when: {given_up: true}`.
    """

    clause: Clause
    at_least: Annotated[int, Field(ge=1)]
    apart: Length
    before_end: Length

    @model_validator(mode="after")
    def _in_days(self) -> "Attempts":
        if any(span.unit not in _DAYS_OF or span.count < 0 for span in (self.apart, self.before_end)):
            raise ValueError("'apart' and 'before_end' are in days or weeks; write for example '1 day'")
        if not self.apart.count:
            raise ValueError("attempts of one day count as one; write 'apart: 1 day' or more")
        return self

    def patience(self) -> Patience:
        apart, before_end = (span.count * _DAYS_OF[span.unit] for span in (self.apart, self.before_end))
        return Patience(self.at_least, apart, before_end)


class Channels(_Strict):
    """How a contact may be made; with `preferred` the way that is tried first, the others being a supplement (LN-08)."""

    clause: Clause | None = None
    allowed: tuple[Channel, ...]
    preferred: Channel | None = None

    @model_validator(mode="after")
    def _allowed(self) -> "Channels":
        if self.preferred and (self.preferred not in self.allowed or len(self.allowed) == 1):
            raise ValueError("'preferred' is one of several 'allowed' channels; add the others, or leave it out")
        return self


class Rule(_Strict):
    """One duty: what triggers it, when it is due, how much of it, and who does it.

    What happens after `day_ends` has the next day as day 0 (RM-23: a duty of the same day waits for the next better hours).
    """

    id: Name
    clause: Clause
    name: str
    text: str
    trigger: Trigger
    where: Where = {}
    round: Annotated[int, Field(ge=1)] = 1
    condition: Condition | None = None
    anchor: Anchor
    day_ends: DayTime | None = None
    window: WindowRule
    recur: Recur | None = None
    outranks: tuple[Name, ...] = ()
    needs: Needs | None = None
    never: tuple[Never, ...] = ()
    channels: Channels | None = None
    attempts: Attempts | None = None
    quota: Clause | None = None
    assign: Annotated[tuple[Assignment, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _term_window(self) -> "Rule":
        if (self.anchor == "term") != (self.window.share is not None):
            raise ValueError("the anchor 'term' goes with a window of {share}, and only with it")
        if self.assign and self.assign[-1].where:
            raise ValueError("the last assignment must have no 'where', so that everybody is assigned")
        return self

    def assignment(self, fields: Mapping[str, object]) -> Assignment:
        """Who does it for an event with these fields: the first entry whose condition holds."""
        return next(one for one in self.assign if holds(one.where, fields))

    @model_validator(mode="after")
    def _anchored(self) -> "Rule":
        anchors: dict[str, tuple[str, ...]] = {
            "after": ("contact", "agreed", "given_up"),
            "open": ("raised",),
            "solved": ("solved",),
        }
        origin = "after" if self.trigger.after else self.trigger.issue or "event"
        allowed = anchors.get(origin, ("completed", "starts", "ends", "term"))
        if self.anchor not in allowed:
            raise ValueError(f"with this trigger the anchor is one of: {', '.join(allowed)}")
        if self.day_ends and self.anchor != "completed":
            raise ValueError("'day_ends' goes with the anchor 'completed', which has a time of day")
        if origin != "event" and self.window.lasts:
            raise ValueError("a duty that follows a record or an issue has a window of {opens, due}")
        if origin != "event" and (self.quota or self.condition or self.where):
            raise ValueError("a duty that follows a record or an issue has no quota, condition or 'where'; use 'when'")
        if self.recur and (self.quota or self.condition or self.round != 1):
            raise ValueError("a duty that comes again has no quota or condition, and starts with round 1")
        if bool(self.recur) < (origin == "open") or (self.recur and origin in ("after", "solved")):
            raise ValueError(
                "with {issue: open} a duty comes again ('recur'); with {after} or {issue: solved} it does not"
            )
        if self.recur and self.recur.until and origin == "open":
            raise ValueError("a duty with {issue: open} ends when the issue is solved; leave 'until' out")
        return self


SubstitutionReason = Literal["moved", "unreachable", "absent", "deceased"]


class Substitutes(_Strict):
    """Why a drawn event may give its place to the next of its stratum: nobody chooses which, and the log keeps who asked.

    A quota without it allows none: what a regulation does not say is not done.
    """

    clause: Clause
    for_: Annotated[tuple[SubstitutionReason, ...], Field(min_length=1, alias="for")]


class Quota(_Strict):
    """How much of a class is owed. With `union` the draws of a year complete each other: who was not drawn yet comes first.

    With `census_up_to` the first so many of a stratum are all owed, and more only when the rate asks for more (IC-02).
    A missing `rate` is decided at run time by `decided` (a runtime parameter). `unit`: what is counted and drawn. A contract
    is one event; the events of one customer in a stratum share one place (ADR 0024).
    """

    id: Clause
    clause: Clause | None = None
    name: str
    rate: Rate | None
    decided: str | None = None
    census_up_to: Annotated[int, Field(ge=1)] | None = None
    unit: Literal["event", "contract", "customer"]
    per: tuple[Literal["department", "area", "occasion"], ...]
    period: Literal["month", "none"]
    union: Literal["year"] | None = None
    union_clause: Clause | None = None
    substitutes: Substitutes | None = None

    @model_validator(mode="after")
    def _substitutes_drawn(self) -> "Quota":
        if self.substitutes and self.rate == 1:
            raise ValueError("a quota of 100% draws nobody, and so has nobody to take a place; leave 'substitutes' out")
        if self.substitutes and self.union:
            raise ValueError(
                "a quota whose rounds complete each other ('union') has no 'substitutes': a place given away would change who "
                "comes first in later rounds; leave one of them out"
            )
        if self.substitutes and self.unit == "customer":
            raise ValueError(
                "a quota that counts customers ('unit: customer') has no 'substitutes' yet: a place given on would have to "
                "move for all events of both customers; count events, or leave 'substitutes' out"
            )
        return self

    @model_validator(mode="after")
    def _decided_by_month(self) -> "Quota":
        if self.decided and self.period != "month":
            raise ValueError("a rate that is decided at run time is decided by month; write period: month")
        if self.census_up_to and (self.rate is None or self.rate == 1 or self.union):
            raise ValueError("'census_up_to' goes with a rate below 100% and without 'union'")
        if self.decided and self.union:
            raise ValueError(
                "a quota whose rounds complete each other has a rate of its own, not one decided at run time"
            )
        return self

    @property
    def cites(self) -> str:
        return self.clause or self.id


class Item(_Strict):
    """A question of the form. With `rules` or `where` it is asked only there (FS-03 by product, LN-06 by policy).

    A rating has the form's scale, or its own `scale` with the answers that are `bad` (LN-11: one "no" is enough); one that
    is `optional` may be left unanswered, as on paper (PS-12).
    A text is asked where it is `required`, else it may be left empty; one that `raises` opens an issue when it is filled.
    """

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    clause: Clause | None = None
    title: str
    rules: tuple[Name, ...] = ()
    where: Where = {}
    scale: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    optional: bool = False
    required: bool = False
    raises: bool = False

    @model_validator(mode="after")
    def _known_answers(self) -> "Item":
        if set(self.bad) - set(self.scale):
            raise ValueError(
                f"'bad' names answers that are not in the scale: {', '.join(set(self.bad) - set(self.scale))}"
            )
        return self

    def asked(self, rule: str, fields: Mapping[str, object]) -> bool:
        """Whether the question is asked at a contact under `rule` about an event with these fields."""
        return (not self.rules or rule in self.rules) and holds(self.where, fields)


class Signature(_Strict):
    clause: Clause
    who: Literal["customer", "visitor"]
    channels: tuple[Channel, ...]


class Agreed(_Strict):
    """A date told to the customer at the contact, and when the record must have it (RC-08: where it is not solved)."""

    clause: Clause
    required: Literal["reached", "unsolved"]


class Form(_Strict):
    """The revisit record: ratings on one scale (best first), free texts, signatures by channel.

    A clause is missing where the regulation is silent and the product's own form is used.
    """

    clause: Clause | None = None
    name: str
    scale: Annotated[tuple[str, ...], Field(min_length=2)]
    ratings: Annotated[tuple[Item, ...], Field(min_length=1)]
    texts: tuple[Item, ...] = ()
    signatures: tuple[Signature, ...] = ()
    agreed: Agreed | None = None


class Issuing(_Strict):
    clause: Clause
    by: str
    receipt: str


class Within(_Strict):
    clause: Clause
    by: str | None = None
    within: Length


class Filing(_Strict):
    """The day by which records are filed. A month too short for it has it on its `last_day`, or leaves it to the next one."""

    clause: Clause
    day_of_month: Annotated[int, Field(ge=1, le=31)]
    month: Literal["same", "next"]
    short_month: Literal["last_day", "next_month"] = "last_day"

    def day(self, visited_on: date) -> date:
        """The filing day of a visit."""
        return filing_day(visited_on, self.day_of_month, self.month == "next", self.short_month == "next_month")


class Audit(_Strict):
    """A share of each month's records that somebody holds against reality in the month after (CV-29)."""

    clause: Clause
    by: str
    share: Rate
    within: Length


class Lifecycle(_Strict):
    """The steps of a record's paper. Without `file` a record is filed on the day of the contact."""

    issue: Issuing | None = None
    return_: Within | None = None
    review: Within | None = None
    audit: Audit | None = None
    file: Filing | None = None


class Categories(_Strict):
    """What kinds of problems there are; which department solves which says organisation.yaml (CV-20)."""

    clause: Clause
    titles: Annotated[tuple[str, ...], Field(min_length=2)]


class Workdays(_Strict):
    """So many working days: until a ledger's entry is renewed (CV-21), or until departments have met (CV-23)."""

    clause: Clause
    within: Length

    @model_validator(mode="after")
    def _working_days(self) -> "Workdays":
        if self.within.unit != "workday":
            raise ValueError("this is counted in working days; write for example '5 workdays'")
        return self


class OnResult(_Strict):
    """A rating below the threshold, or an unsolved problem, opens an issue; `due` is the department's time from receipt.

    `ledger`: how long an open issue may stand without news. `coordination`: until when the departments meet where the
    answer asks for another one's help.
    """

    clause: Clause | None = None
    unsatisfactory_below: str
    report_to: str
    procedure: str | None = None
    due: Length | None = None
    due_clause: Clause | None = None
    categories: Categories | None = None
    ledger: Workdays | None = None
    coordination: Workdays | None = None

    @model_validator(mode="after")
    def _working_days(self) -> "OnResult":
        if self.due and (self.due.unit != "workday" or self.due.count < 1):
            raise ValueError("a department answers in working days; write for example '5 workdays'")
        return self


class Standing(_Strict):
    """Who is a new customer: whose first event of the kind `since` is less than `new_for` ago (CV-03).

    A rule's `where` may then look at `standing`, which is new or old.
    """

    clause: Clause
    since: EventKind
    new_for: Length

    @model_validator(mode="after")
    def _months(self) -> "Standing":
        if self.new_for.unit not in ("month", "year"):
            raise ValueError("a standing lasts for months or years; write for example '6 months'")
        return self


class ContactLimit(_Strict):
    """How often a customer may be called (RM-21): at most so many calls within so many days, on all lists together.

    `per: household`: customers with the same attribute `household` are counted together. A customer who dislikes calls
    (attribute `aversion`) has a limit of their own (RM-22). A duty on its last day goes out anyway.
    """

    clause: Clause
    at_most: Annotated[int, Field(ge=1)]
    per: Literal["customer", "household"] = "customer"
    days: Annotated[int, Field(ge=1)]
    averse_clause: Clause | None = None
    averse_at_most: Annotated[int, Field(ge=1)] | None = None


class ContactHours(_Strict):
    """When customers are contacted by the `channels`: better within `preferred` (RM-23), never outside `allowed`, and on
    `workdays` alone where the regulation speaks of working hours (FS-06).

    A customer's own hours (attribute `preferred_hours`, as 18:00-20:00) come before `preferred`, never before `allowed`; a
    duty on its last day only heeds `allowed`. Either list may be empty, which asks for nothing.
    """

    clause: Clause
    preferred: tuple[DaySlot, ...] = ()
    allowed: tuple[DaySlot, ...] = ()
    days: Literal["all", "workdays"] = "all"
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)] = ("phone", "sms", "door")

    @model_validator(mode="after")
    def _preferred_are_allowed(self) -> "ContactHours":
        if any(within([slot], self.allowed) != (slot,) for slot in self.preferred):
            raise ValueError("hours that are preferred must lie within one of those that are allowed")
        if self.days == "workdays" and not self.allowed:
            raise ValueError("'days: workdays' are working hours; say which under 'allowed'")
        return self


class Qualification(_Strict):
    """What a person must have to make the contacts of some `rules` (CV-09: training); none named: all.

    The staff register says under an attribute named like the `id` who has it: 是, or the last day of its validity.
    `binds`: nobody (the list's instructions tell it), whoever is registered without it, or everybody, so that contacts of
    people who are not in the register are refused too.
    """

    id: Name
    clause: Clause
    name: str
    rules: tuple[Name, ...] = ()
    binds: Literal["nobody", "registered", "everybody"] = "everybody"


class Preparation(_Strict):
    """What a caller reads beforehand: the customer's events and contacts of the last months, beside the list (CV-08)."""

    clause: Clause
    months: Annotated[int, Field(ge=1)]


class Feed(_Strict):
    """What another desk hands over regularly, here the role `by` (RC-05: a register, every half month).

    organisation.yaml says which source it is (`feeds`); where nothing new has come, the desk is asked on the next
    working day.
    """

    id: Name
    clause: Clause
    name: str
    every: Literal["workday", "half_month", "month"]
    by: str


class Message(_Strict):
    """A text message for some rules: it opens with a salutation and ends with project, hotline and consultant (RM-14)."""

    id: Name
    clause: Clause
    rules: tuple[Name, ...]
    text: str
    opens_with: tuple[str, ...]
    ends_with: str

    @model_validator(mode="after")
    def _well_formed(self) -> "Message":
        if not self.text.startswith(self.opens_with):
            raise ValueError(f"the message must open with one of: {'、'.join(self.opens_with)}")
        if not self.text.endswith(self.ends_with):
            raise ValueError(f"the message must end with: {self.ends_with}")
        return self


class Gate(_Strict):
    """A precondition: until somebody has declared it met (organisation.yaml, gates), these rules hand nothing out; none
    named: the whole pack.
    """

    id: Name
    clause: Clause
    means: str
    rules: tuple[Name, ...] = ()


class Detection(_Strict):
    """Something to be found over history: at least n of the same key within a window of months, or a bad result.

    The window rolls, unless `calendar` months are meant (W16). `in_a_row`: counted are those after the customer's last event
    of the kind with another matter (PQ-27 連續).
    """

    id: Name
    clause: Clause
    name: str
    event: EventKind | None = None
    key: tuple[Literal["customer", "matter", "asset", "department"], ...] = ()
    at_least: int | None = None
    within_months: int | None = None
    calendar: bool = False
    in_a_row: bool = False
    across: Literal["department"] | None = None
    result: Literal["unsatisfactory"] | None = None

    @model_validator(mode="after")
    def _counted(self) -> "Detection":
        if None in (self.event, self.at_least, self.within_months) and (self.calendar or self.in_a_row):
            raise ValueError("'calendar' and 'in_a_row' go with 'event', 'at_least' and 'within_months'")
        return self


class Share(_Strict):
    """How much of a period's contacts these channels may make (LI-12: door and letter together at most 10 %).

    A list warns while more was made so; with `stop` nothing goes out that only these channels can make, and other lines do not
    offer them, while one more such contact would not stay within the share, also on its last day.
    """

    channels: tuple[Channel, ...]
    at_most: Rate
    stop: bool = False

    @model_validator(mode="after")
    def _leaves_room(self) -> "Share":
        if self.stop and self.at_most in (0, 1):
            raise ValueError(
                "a 'stop' has a share above 0 and below 100%; leave the channels out of what the rules allow, or 'stop' out"
            )
        return self


class Mean(_Strict):
    """The mean of other figures' rates, not the rate of all together (PS-13), unless `pooled`; `weights`, a grade by `bands`.

    `bands` gives each grade's least mean. By department where the figures are.
    """

    of: Annotated[tuple[str, ...], Field(min_length=1)]
    weights: tuple[Annotated[int, Field(ge=0)], ...] = ()
    pooled: bool = False
    bands: dict[str, Rate] = {}

    @model_validator(mode="after")
    def _weighed(self) -> "Mean":
        if self.weights and (len(self.weights) != len(self.of) or not any(self.weights)):
            raise ValueError("'weights' has one number for each figure in 'of', and not only zeros")
        if self.weights and self.pooled:
            raise ValueError("the rate of all together has no weights; leave out 'weights' or 'pooled'")
        return self


class Metric(_Strict):
    """A figure of the report, of one kind.

    `quota`: contacts in their window of those eligible, or with `base: planned` of those drawn (PQ-10);
    `by: customers` counts each customer once (TS-08). `share`: the contacts made otherwise than by some channels.
    `of`: completion (contacts made, also late, of those owed; under some `rules` alone where they are named), satisfaction
    (contacts without a bad answer of those made; to some `questions` alone where they are named, CV-32), problems (contacts
    that raised a problem of those made), hours (contacts made in the preferred hours, of those for which there were any),
    answers (issues answered in time of those raised; those not due yet stand `apart`, or are `counted` as unanswered,
    CV-33), returns (records handed in within the lifecycle's days), accuracy (records found true of those audited) or
    complaints (contacts made, of these and the complaints about them, which are the events of the rule `against`).
    `items`: the rate of each question, unanswered ones left out (PS-12). `mean`: of other figures' rates (PS-13).
    `spread`: how the issues are spread over the categories (CV-17). `detections`: what came again and again.
    """

    id: Annotated[str, Field(pattern=r"^K\d{2}[a-z]?$")]
    clause: Clause
    name: str
    quota: Clause | None = None
    base: Literal["eligible", "planned"] = "eligible"
    by: Literal["customers"] | None = None
    share: Share | None = None
    of: (
        Literal["completion", "satisfaction", "problems", "hours", "answers", "returns", "accuracy", "complaints"]
        | None
    ) = None
    against: Name | None = None
    rules: tuple[Name, ...] = ()
    questions: tuple[str, ...] = ()
    undue: Literal["apart", "counted"] = "apart"
    items: bool = False
    mean: Mean | None = None
    spread: bool = False
    target: Rate | None = None
    detections: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> "Metric":
        kinds = (self.quota, self.share, self.of, self.items, self.mean, self.spread, self.detections)
        if sum(map(bool, kinds)) != 1:
            raise ValueError("a metric is one of quota, share, of, items, mean, spread and detections")
        if self.base == "planned" and not self.quota:
            raise ValueError("'base' says what a quota's rate is of; name the 'quota', or leave 'base' out")
        if self.target is not None and self.of is None and self.mean is None:
            raise ValueError("only a metric with 'of' or 'mean' has a target of its own")
        if self.by and not self.quota:
            raise ValueError("only a metric with 'quota' counts customers; leave 'by' out")
        if (self.of == "complaints") != (self.against is not None):
            raise ValueError("'complaints' names the rule whose events they are in 'against', and nothing else does")
        if self.rules and self.of != "completion":
            raise ValueError("'rules' are those of 'of: completion'")
        if self.questions and self.of != "satisfaction":
            raise ValueError("'questions' are those of 'of: satisfaction'")
        if self.undue == "counted" and self.of != "answers":
            raise ValueError("'undue' says what becomes of issues that are not due yet; it goes with 'of: answers'")
        return self

    @property
    def counts(self) -> bool:
        """Whether it is a rate with rows of its own behind it, by department and month."""
        return bool(self.quota or self.share or self.of)

    @property
    def by_person(self) -> bool:
        """Whether its rows are a person's duties; a department answers issues, and customers complain of either."""
        return self.counts and self.of not in ("answers", "complaints")


class ReportStep(_Strict):
    step: Literal["written", "reviewed", "decided"]
    clause: Clause | None = None
    by: str
    decision: str | None = None


class ReportRule(_Strict):
    """The report of each calendar `period` (PS-03: half years from 1 January and 1 July), due in the month after it.

    `by`: always by department and area; by `person` too where people are assessed (CV-35), for who was named on the list.
    """

    clause: Clause | None = None
    name: str
    period: PeriodKind
    by: tuple[Literal["department", "area", "person"], ...]
    due_workday: int
    chain: tuple[ReportStep, ...]


class Retention(_Strict):
    clause: Clause | None = None
    years: int
    of: str


class Guidance(_Strict):
    clause: Clause
    text: str
    shown_in: Literal["report", "sheet", "pack"]


class Pack(_Strict):
    """One version of one regulation.

    `due_on_rest_day`: a period that ends on a rest day stays (the default, a promise to the customer) or ends on the next
    working day (Civil Code art. 203); shares of a term, same-day duties and dates agreed with the customer never move.
    """

    pack: Name
    title: str
    document: Document
    effective: Effective
    confirmed_on: date
    time_zone: str
    scope: Scope
    parameters: tuple[Parameter, ...] = ()
    roles: tuple[Role, ...]
    stand_ins: tuple[StandIn, ...] = ()
    standing: Standing | None = None
    due_on_rest_day: Literal["stays", "next_workday"] = "stays"
    quotas: tuple[Quota, ...] = ()
    rules: tuple[Rule, ...] = ()
    channels: Channels
    gates: tuple[Gate, ...] = ()
    contact: ContactLimit | None = None
    hours: ContactHours | None = None
    qualifications: tuple[Qualification, ...] = ()
    messages: tuple[Message, ...] = ()
    preparation: Preparation | None = None
    feeds: tuple[Feed, ...] = ()
    form: Form
    lifecycle: Lifecycle = Lifecycle()
    on_result: OnResult
    detections: tuple[Detection, ...] = ()
    metrics: tuple[Metric, ...] = ()
    report: ReportRule
    retention: Retention
    guidance: tuple[Guidance, ...] = ()

    def asks_time(self) -> bool:
        """Whether a record says at what time the contact was made."""
        return self.hours is not None and bool(self.hours.preferred or self.hours.allowed)

    def every_channel(self) -> tuple[Channel, ...]:
        """The channels that any rule allows, the pack's own first."""
        own = (channel for rule in self.rules if rule.channels for channel in rule.channels.allowed)
        return tuple(dict.fromkeys((*self.channels.allowed, *own)))

    def stops(self) -> tuple["Metric", ...]:
        """The figures whose share of some channels is a stop, not only a warning."""
        return tuple(metric for metric in self.metrics if metric.share and metric.share.stop)

    def required(self, rule: str) -> tuple[Qualification, ...]:
        """The qualifications that bind whoever makes a contact under a rule."""
        return tuple(q for q in self.qualifications if q.binds != "nobody" and (not q.rules or rule in q.rules))

    def quota(self, quota_id: str) -> Quota:
        return next(quota for quota in self.quotas if quota.id == quota_id)

    def rule(self, rule_id: str) -> Rule:
        return next(rule for rule in self.rules if rule.id == rule_id)

    def drawing_rule(self, rule: Rule) -> Rule:
        """The rule that draws for a quota on one kind of event; the others on it share what it draws."""
        return next(r for r in self.rules if (r.quota, r.trigger.event) == (rule.quota, rule.trigger.event))

    def rolls(self, rule: Rule) -> bool:
        """Whether the end of a rule's window moves off a rest day: one that is counted forward, no share of a term."""
        end = rule.window.lasts or rule.window.due
        return self.due_on_rest_day == "next_workday" and end is not None and end.count > 0

    @property
    def rounds_roll(self) -> bool:
        """Whether the ends of the rounds after the first move off a rest day, for duties that come again."""
        return self.due_on_rest_day == "next_workday"

    def in_force(self, day: date) -> bool:
        return self.effective.from_ <= day and (self.effective.until is None or day <= self.effective.until)

    def classes(self) -> tuple[Metric, ...]:
        """The figures that together tell each duty once: one for each quota, else completion, of all or of some rules each."""
        by_quota: dict[str, Metric] = {}
        for metric in sorted(self.metrics, key=lambda one: one.by is not None):
            if metric.quota:
                by_quota.setdefault(metric.quota, metric)
        if by_quota:
            return tuple(metric for metric in self.metrics if metric in by_quota.values())
        completions = [metric for metric in self.metrics if metric.of == "completion"]
        whole = [metric for metric in completions if not metric.rules]
        return tuple(whole[:1] or completions)

    def unsatisfactory(self) -> tuple[str, ...]:
        """The ratings below the threshold of `on_result`."""
        scale = self.form.scale
        return scale[scale.index(self.on_result.unsatisfactory_below) + 1 :]

    def bad_answers(self, item: Item) -> tuple[str, ...]:
        """The answers to a rating that make a record unsatisfactory."""
        return item.bad if item.scale else self.unsatisfactory()

    def clauses(self) -> set[str]:
        """Every clause cited anywhere, without the suffix that tells parts of one clause apart."""
        return set(cited(self.model_dump(by_alias=True)))


def cited(node: Any) -> Iterator[str]:
    """The clauses that a part of a pack cites, without the suffix that tells parts of one clause apart."""
    if isinstance(node, dict):
        for key, value in node.items():
            if (key in ("clause", "due_clause", "averse_clause", "union_clause") and value) or (
                key == "id" and isinstance(value, str) and re.match(r"^[A-Z]{2}-\d{2}", value)
            ):
                yield value[:5]
            else:
                yield from cited(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from cited(value)
