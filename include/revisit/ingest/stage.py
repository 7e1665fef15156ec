"""From raw text to typed fields with reasons: one statement, built from a source's map and contract.

The statement runs where the raw rows lie (PostgreSQL), so that a million rows cost one scan. Each reason is
`field: fault`, the same words that the quarantine shows and that the contract's expectations are counted by.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Numeric,
    Select,
    Text,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    null,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, array
from sqlalchemy.types import TypeEngine

from revisit.errors import SourceError
from revisit.ingest.source import FIELDS, Column, Expectation, Source

_TYPES: dict[str, TypeEngine[Any]] = {
    "text": Text(),
    "timestamptz": DateTime(timezone=True),
    "date": Date(),
    "boolean": Boolean(),
}
_A_NUMBER = r"^-?(0|[1-9]\d{0,14})(\.\d{1,6})?$"
_A_DATE = r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"


def _origin(name: str, columns: Sequence[str], source: Source) -> ColumnElement[str]:
    """A source column, trimmed of blanks (the ideographic space too); an empty one is null."""
    if name not in columns:
        raise SourceError(
            f"source '{source.source}': there is no column '{name}'; the columns are: {', '.join(columns)}. "
            f"Correct 'map' in its file, or deliver the column."
        )
    return func.nullif(func.btrim(column(f"c{columns.index(name)}", Text), " \t\r\n\u3000"), "")


def _raw(field: Column, columns: Sequence[str], source: Source) -> ColumnElement[str]:
    """A field's text before it is typed."""

    def written(value: str | bool) -> str:
        return str(value).lower() if isinstance(value, bool) else value

    if field.value is not None:
        return literal(written(field.value), Text)
    assert field.from_ is not None
    value = _origin(field.from_, columns, source)
    if field.values is not None:
        otherwise = null() if field.otherwise is None else literal(written(field.otherwise), Text)
        return case({key: literal(written(to), Text) for key, to in field.values.items()}, value=value, else_=otherwise)
    return literal(field.prefix, Text) + value if field.prefix else value


def _typed(value: ColumnElement[str], kind: str, chinese: bool) -> ColumnElement[Any]:
    if kind == "text":
        return value
    if kind == "boolean":
        return cast(case((func.pg_input_is_valid(value, kind), value)), _TYPES[kind])
    if chinese:
        value = func.btrim(func.translate(func.replace(value, "日", " "), "年月", "--"))
    # The pattern keeps out the words that PostgreSQL takes for dates: now, today, infinity.
    return cast(case((and_(value.op("~")(_A_DATE), func.pg_input_is_valid(value, kind)), value)), _TYPES[kind])


def _as_json(value: ColumnElement[str]) -> ColumnElement[Any]:
    """An attribute as JSON: a plain number is a number, so that a pack can compare it; 007 and 1e9 stay texts."""
    return case((value.op("~")(_A_NUMBER), func.to_jsonb(cast(value, Numeric))), else_=func.to_jsonb(value))


def reason(expectation: Expectation) -> str:
    """The words the quarantine shows for a broken expectation."""
    faults = {
        "required": "missing",
        "one_of": "not one of the agreed values",
        "matches": "not in the agreed form",
        "at_most_long": "too long",
        "not_before": "implausibly early",
        "not_after": "later than the day of the batch" if expectation.day == "on" else "too late",
        "ordered": f"after {expectation.other}",
        "known": "unknown",
    }
    return f"{expectation.field}: {faults[expectation.expect]}"


def _broken(expectation: Expectation, on: date) -> ColumnElement[bool]:
    field: ColumnElement[Any] = column(expectation.field)
    match expectation.expect:
        case "required":
            return column(f"{expectation.field}_raw").is_(None)
        case "one_of":
            return and_(*(field != value for value in expectation.values))
        case "matches":
            return ~field.op("~")(literal(expectation.pattern))
        case "at_most_long":
            return func.length(field) > expectation.length
        case "not_before":
            return field < cast(literal(str(expectation.day)), Date)
        case "not_after":
            return field >= cast(literal(str(on if expectation.day == "on" else expectation.day)), Date) + 1
        case "ordered":
            return field > column(str(expectation.other))
        case "known":
            listed = table(expectation.field, column(expectation.field))
            return and_(field.is_not(None), field.not_in(select(listed.c[expectation.field]).scalar_subquery()))


def staged(source: Source, columns: Sequence[str], on: date) -> Select[Any]:
    """The rows of `arrived` as typed fields, with what is wrong with each (`reasons`, null where nothing is)."""
    kinds = FIELDS[source.target]
    raws = {name: _raw(field, columns, source) for name, field in source.map.items()}
    arrived = table(
        "arrived",
        column("position", BigInteger),
        column("fault", Text),
        *(column(f"c{i}") for i in range(len(columns))),
    )
    pairs = [
        part
        for name, origin in source.attributes.items()
        for part in (literal(name), _as_json(_origin(origin, columns, source)))
    ]
    typed = (
        select(
            arrived.c.position,
            arrived.c.fault,
            *(value.label(f"{name}_raw") for name, value in raws.items()),
            *(
                (
                    _typed(raws[name], kind, source.dates == "chinese") if name in raws else cast(null(), _TYPES[kind])
                ).label(name)
                for name, kind in kinds.items()
            ),
            (func.jsonb_strip_nulls(func.jsonb_build_object(*pairs)) if pairs else cast(null(), JSONB)).label(
                "attributes"
            ),
        )
        .select_from(arrived)
        .subquery("typed")
    )
    reasons: list[ColumnElement[Any]] = [typed.c.fault]
    reasons += [
        case(
            (
                and_(typed.c[f"{name}_raw"].is_not(None), typed.c[name].is_(None)),
                literal(f"{name}: not a {kinds[name]}"),
            )
        )
        for name in raws
        if kinds[name] != "text"
    ]
    reasons += [case((_broken(e, on), literal(reason(e)))) for e in source.expectations()]
    wanted = [typed.c.position, *(typed.c[name] for name in kinds), typed.c.attributes]
    wanted += [typed.c[f"{name}_raw"] for name in raws]
    if source.target == "event":
        wanted.append(cast(null(), Text).label("source_matter"))  # filled in where people merged matters
    listed = func.array_remove(cast(array(reasons), ARRAY(Text)), null())
    return select(*wanted, func.nullif(listed, cast(array([], type_=Text), ARRAY(Text))).label("reasons")).select_from(
        typed
    )
