"""The small language of `where`: conditions on an event's fields, all of which must hold.

    where: {severity: major, term_months: {gt: 12}, channel: {in: [bank, agent]}, contact: {present: true}}

A field that is missing satisfies no comparison; only `present: false` holds for it. The same condition runs in
Python (`holds`) and, as an SQL/JSON path, in PostgreSQL (`to_jsonpath`).
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Scalar = str | int | Decimal | bool


class Comparison(BaseModel):
    """Comparisons on one field, all of which must hold."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    eq: Scalar | None = None
    ne: Scalar | None = None
    gt: int | Decimal | None = None
    ge: int | Decimal | None = None
    lt: int | Decimal | None = None
    le: int | Decimal | None = None
    in_: tuple[Scalar, ...] | None = Field(None, alias="in")
    present: bool | None = None


Where = dict[str, Comparison | Scalar]
_SYMBOLS: dict[Literal["eq", "ne", "gt", "ge", "lt", "le"], str] = {
    "eq": "==",
    "ne": "!=",
    "gt": ">",
    "ge": ">=",
    "lt": "<",
    "le": "<=",
}


def _test(condition: Comparison | Scalar) -> Comparison:
    return condition if isinstance(condition, Comparison) else Comparison.model_validate({"eq": condition})


def _compare(symbol: str, left: object, right: object) -> bool:
    if symbol == "==":
        return type(left) is type(right) and left == right
    if symbol == "!=":
        return type(left) is type(right) and left != right
    if isinstance(left, bool) or not isinstance(left, int | float | Decimal):
        return False
    assert isinstance(right, int | Decimal)
    match symbol:
        case ">":
            return left > right
        case ">=":
            return left >= right
        case "<":
            return left < right
        case _:
            return left <= right


def holds(where: Where, fields: Mapping[str, object]) -> bool:
    """Whether every condition holds for an event's fields."""
    for name, condition in where.items():
        test, value = _test(condition), fields.get(name)
        if test.present is not None and (value is not None) != test.present:
            return False
        for key, symbol in _SYMBOLS.items():
            wanted = getattr(test, key)
            if wanted is not None and (value is None or not _compare(symbol, value, wanted)):
                return False
        if test.in_ is not None and not any(_compare("==", value, wanted) for wanted in test.in_):
            return False
    return True


def _literal(value: Scalar) -> str:
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def to_jsonpath(where: Where) -> str:
    """The same conditions as an SQL/JSON path predicate over an object of the event's fields."""
    parts: list[str] = []
    for name, condition in where.items():
        test, path = _test(condition), f"$.{json.dumps(name)}"
        known = f"({path} != null)"
        if test.present is not None:
            parts.append(f"exists({path} ? (@ != null))" if test.present else f"!exists({path} ? (@ != null))")
        for key, symbol in _SYMBOLS.items():
            wanted = getattr(test, key)
            if wanted is not None:
                parts.append(f"({known} && {path} {symbol} {_literal(wanted)})")
        if test.in_ is not None:
            parts.append("(" + " || ".join(f"{path} == {_literal(value)}" for value in test.in_) + ")")
    return " && ".join(parts) or "1 == 1"
