"""A source as YAML: where it is, how its columns become an event, and the contract its rows must keep."""

from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from revisit.errors import ConfigError

Target = Literal["event", "customer", "staff", "record"]

FIELDS: dict[str, dict[str, str]] = {
    "event": {
        "event_key": "text",
        "kind": "text",
        "line": "text",
        "happened_at": "timestamptz",
        "starts_on": "date",
        "ends_on": "date",
        "customer": "text",
        "department": "text",
        "area": "text",
        "matter": "text",
        "severity": "text",
        "occasion": "text",
        "subject": "text",
        "cancelled": "boolean",
    },
    "customer": {
        "event_key": "text",
        "name": "text",
        "phone": "text",
        "address": "text",
        "do_not_contact": "boolean",
        "line": "text",
        "department": "text",
        "area": "text",
    },
    "staff": {
        "event_key": "text",
        "name": "text",
        "department": "text",
        "hired_on": "date",
        "left_on": "date",
    },
    "record": {
        "event_key": "text",
        "of_source": "text",
        "of_event": "text",
        "clause": "text",
        "visited_on": "date",
        "agreed_on": "date",
        "result": "text",
        "channel": "text",
        "visitor": "text",
        "satisfaction": "text",
        "suggestions": "text",
    },
}
REQUIRED: dict[str, tuple[str, ...]] = {
    "event": ("event_key", "kind", "line", "happened_at"),
    "customer": ("event_key", "name"),
    "staff": ("event_key", "name"),
    "record": ("event_key", "of_source", "of_event", "clause", "visited_on", "result"),
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Column(_Strict):
    """One canonical field: a column, a fixed value, or a column whose values are translated."""

    from_: str | None = Field(None, alias="from")
    value: str | bool | None = None
    values: dict[str, str | bool] | None = None
    otherwise: str | bool | None = None
    prefix: str = ""

    @model_validator(mode="after")
    def _one_origin(self) -> "Column":
        if (self.from_ is None) == (self.value is None):
            raise ValueError("a field comes either 'from' a column or is a fixed 'value'")
        return self


class Expectation(_Strict):
    """One clause of the contract, over canonical fields."""

    expect: Literal["required", "one_of", "matches", "at_most_long", "not_before", "not_after", "ordered", "known"]
    field: str
    values: tuple[str, ...] = ()
    pattern: str | None = None
    length: int | None = None
    day: str | None = None
    other: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> "Expectation":
        wanted = {
            "one_of": self.values, "matches": self.pattern, "at_most_long": self.length, "not_before": self.day,
            "not_after": self.day, "ordered": self.other,
        }  # fmt: skip
        if self.expect in wanted and not wanted[self.expect]:
            names = {"one_of": "values", "matches": "pattern", "at_most_long": "length", "ordered": "other"}
            raise ValueError(f"'{self.expect}' needs '{names.get(self.expect, 'day')}'")
        return self


class Source(_Strict):
    """A source of events, customers, staff or earlier records."""

    source: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,40}$")]
    title: str
    target: Target = "event"
    connection: str | None = None
    query: str | None = None
    table: str | None = None
    files: str | None = None
    encoding: str = "utf-8"
    sheet: str | int = 0
    lookback_days: Annotated[int, Field(ge=0)] = 0
    complete: bool = False
    time_zone: str = "Asia/Shanghai"
    dates: Literal["iso", "chinese"] = "iso"
    map: dict[str, Column]
    attributes: dict[str, str] = {}
    contract: tuple[Expectation, ...] = ()
    folder: Path = Path()

    @model_validator(mode="before")
    @classmethod
    def _short_columns(cls, raw: Any) -> Any:
        if isinstance(raw, dict) and isinstance(raw.get("map"), dict):
            columns = {k: {"from": v} if isinstance(v, str) else v for k, v in raw["map"].items()}
            return {**raw, "map": columns}
        return raw

    @model_validator(mode="after")
    def _complete(self) -> "Source":
        if (self.files is None) == (self.connection is None):
            raise ValueError("a source has either 'files' (a pattern) or a 'connection' (with 'query' or 'table')")
        if self.connection is not None and (self.query is None) == (self.table is None):
            raise ValueError("a connection needs either 'query' (a .sql file) or 'table'")
        unknown = set(self.map) - set(FIELDS[self.target])
        if unknown:
            raise ValueError(f"unknown field(s) {', '.join(sorted(unknown))}; known: {', '.join(FIELDS[self.target])}")
        missing = set(REQUIRED[self.target]) - set(self.map)
        if missing:
            raise ValueError(f"the map lacks {', '.join(sorted(missing))}")
        for expectation in self.contract:
            if expectation.field not in FIELDS[self.target]:
                raise ValueError(f"the contract names the unknown field '{expectation.field}'")
        ZoneInfo(self.time_zone)
        return self

    def expectations(self) -> tuple[Expectation, ...]:
        """The contract with what every source of this kind must keep anyway."""
        always = [Expectation(expect="required", field=name) for name in REQUIRED[self.target]]
        if self.target == "event":
            always.append(Expectation(expect="not_before", field="happened_at", day="1990-01-01"))
            always.append(Expectation(expect="not_after", field="happened_at", day="on"))
            if {"starts_on", "ends_on"} <= set(self.map):
                always.append(Expectation(expect="ordered", field="starts_on", other="ends_on"))
        return (*always, *(e for e in self.contract if e not in always))


def load_source(path: Path) -> Source:
    """Read one source file; every fault names the file and the key."""
    try:
        raw = YAML(typ="safe").load(path.read_text("utf-8"))
        return Source.model_validate({**raw, "folder": path.parent})
    except (YAMLError, TypeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path}: not valid YAML: {error}. See the commented example that 'revisit init' writes."
        ) from error
    except ValidationError as error:
        faults = "\n".join(f"{path}: {'.'.join(map(str, f['loc'])) or 'source'}: {f['msg']}." for f in error.errors())
        raise ConfigError(f"{faults}\nSee docs/sources.md for every key.") from error


def load_sources(folder: Path) -> list[Source]:
    """Every source of a workspace, by name. Two files with one name are refused."""
    found: dict[str, Source] = {}
    for path in sorted(folder.glob("*.yaml")):
        source = load_source(path)
        if source.source in found:
            raise ConfigError(f"{path}: the source '{source.source}' exists already. Give this one another name.")
        found[source.source] = source
    return list(found.values())
