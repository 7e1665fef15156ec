"""cases.yaml: what a worked case may say. What is unknown or missing is refused, with file, line and case."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model

from revisit.domain.periods import parse
from revisit.errors import PackError
from revisit.policy.load import places, read_yaml
from revisit.policy.model import Channel, SubstitutionReason

Case = Mapping[str, Any]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


class _Facts(_Entry):
    customer: str | None = None
    department: str | None = None
    area: str | None = None
    matter: str | None = None
    severity: str | None = None
    occasion: str | None = None
    cancelled: bool = False
    attributes: dict[str, Any] = {}


class _Counted(_Facts):
    """An event of `repeat`, whose key is e{n} where none is given."""

    key: str = ""
    kind: str
    completed: date | datetime | str
    starts: date | None = None
    ends: date | None = None


class _Event(_Counted):
    key: str


class _Repeat(_Entry):
    count: Annotated[int, Field(ge=1)]
    event: _Counted


class _Task(_Entry):
    event: str
    rule: str
    round: int = 1


class _Contact(_Task):
    visited: date | None = None
    agreed: date | None = None
    result: Literal["reached", "unreached", "refused"] = "reached"
    channel: str = ""
    unsatisfactory: bool = False
    unsolved: bool = False
    second_visit_wanted: bool = False
    answers: dict[str, Any] = {}


class _Solved(_Task):
    day: date | None = None


class _Same(_Entry):
    event: str
    into: str


class _Substituted(_Entry):
    event: str
    rule: str
    reason: SubstitutionReason


class _Later(_Entry):
    day: date
    events: list[_Event] = []
    repeat: _Repeat | None = None
    contacts: list[_Contact] = []
    raised: list[_Task] = []
    solved: list[_Solved] = []
    same: list[_Same] = []
    substituted: list[_Substituted] = []


class _Rate(_Entry):
    parameter: str
    period: date
    rate: str | float | int


class _Expected(_Entry):
    event: str
    rule: str
    outcome: str | None = None
    reason: str | None = None
    anchor: date | None = None
    opens: date | None = None
    due: date | None = None


class _Count(_Entry):
    rule: str
    outcome: str
    is_: int = Field(alias="is")


class _Covered(_Entry):
    rule: str
    is_: int = Field(alias="is")


class _Found(_Entry):
    customer: str
    matter: str
    times: int


def _period(value: object) -> str:
    return parse(str(value)).name


_Period = Annotated[str, BeforeValidator(_period)]


class _Repeats(_Entry):
    detection: str
    period: _Period
    found: list[_Found]


class _Figure(_Entry):
    metric: str
    period: _Period
    cut_off: date | None = None
    numerator: int
    denominator: int


class _Person(_Entry):
    hired: date | None = None
    last: date | None = None


class _Assigned(_Entry):
    rule: str
    event: _Facts = _Facts()
    lead: str
    joint: str | None = None
    day: date | None = None
    person: _Person = _Person()


class _Returned(_Entry):
    rule: str
    day: date | None = None
    event: _Facts = _Facts()
    due: date | None = None
    own: str = ""
    offered: list[Channel] | None = None
    staff: dict[str, dict[str, Any]] = {}
    answers: dict[str, Any] = {}
    refused: list[str] = []
    unsatisfactory: bool = False
    unsolved: bool = False
    in_preferred_hours: bool | None = None


class _Filing(_Entry):
    visited: date
    filed: date
    kept_until: date


class _Held(_Entry):
    day: date
    due: date
    recent: int
    averse: bool = False
    is_: bool = Field(alias="is")


class _Stopped(_Entry):
    made: dict[Channel, int]
    rules: list[str]
    go: list[bool]


class _Hours(_Entry):
    rule: str
    day: date
    due: date
    own: str = ""
    is_: list[str] = Field(alias="is")


class _Feed(_Entry):
    feed: str
    day: date
    delivered: date | None = None
    missing: date | None = None


class _Score(_Entry):
    metric: str
    items: dict[str, tuple[int, int]] = {}
    figures: dict[str, tuple[int, int]] = {}
    categories: dict[str, int] = {}
    rates: list[str | int] = []
    is_: str | int | None = Field(default=None, alias="is")
    grade: str = ""


class _Case(_Entry):
    name: str
    values: dict[str, Any] = {}
    shows: list[int] = []
    day: date | None = None
    events: list[_Event] = []
    repeat: _Repeat | None = None
    then: list[_Later] = []
    rates: list[_Rate] = []
    silent: list[str] = []
    expect: list[_Expected] = []
    count: list[_Count] = []
    covered: list[_Covered] = []
    repeats: _Repeats | None = None
    figures: list[_Figure] = []
    assigned: list[_Assigned] = []
    returned: list[_Returned] = []
    filing: _Filing | None = None
    held: list[_Held] = []
    stopped: list[_Stopped] = []
    hours: list[_Hours] = []
    feeds: list[_Feed] = []
    scores: list[_Score] = []
    blank: list[str] | None = None
    says: dict[str, Any] = {}


_Values = create_model("_Values", __base__=_Entry, values=(dict[str, Any], ...))


def read_cases(folder: Path) -> tuple[dict[str, Any], list[Case]]:
    """The blanks filled in for the cases, and the cases of `cases.yaml`; nothing where there is none. A case with `values`
    of its own shows what another choice means.

    Raises PackError for a key that no case has, or one that is missing: a misspelt expectation would otherwise hold always.
    """
    file = folder / "cases.yaml"
    if not file.is_file():
        return {}, []
    values: dict[str, Any] = {}
    cases: list[Case] = []
    faults: list[str] = []
    for index, entry in enumerate(read_yaml(file) or []):
        try:
            (_Values if _is_values(entry) else _Case).model_validate(entry)
        except ValidationError as error:
            faults += _explain(error, file, index, entry)
            continue
        if _is_values(entry):
            values |= entry["values"]
        else:
            cases.append(entry)
    if faults:
        raise PackError("\n".join(faults))
    return values, cases


def _is_values(entry: Any) -> bool:
    return isinstance(entry, dict) and "values" in entry and "name" not in entry


def _explain(error: ValidationError, file: Path, index: int, entry: Any) -> list[str]:
    where = places(file)
    name = entry.get("name", "without a name") if isinstance(entry, dict) else "no case"
    told = []
    for fault in error.errors():
        what = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            what = "a case has no such key. Correct it, or look it up in docs/pack-language.md, Worked cases"
        elif fault["type"] == "missing":
            what = "the key is missing. Add it"
        keys = fault["loc"]
        told.append(f"{where((index, *keys))}: case '{name}': {'.'.join(map(str, keys)) or 'entry'}: {what}.")
    return told
