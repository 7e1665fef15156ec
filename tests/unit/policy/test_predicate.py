"""The small language of `where`: the same answer in Python and in PostgreSQL."""

import json
from typing import Any

import pytest
from sqlalchemy import Engine, text

from revisit.policy.predicate import Comparison, Where, holds, to_jsonpath

CASES: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({"severity": "major"}, {"severity": "major"}, True),
    ({"severity": "major"}, {"severity": "ordinary"}, False),
    ({"severity": "major"}, {}, False),
    ({"severity": {"ne": "major"}}, {"severity": "ordinary"}, True),
    ({"severity": {"ne": "major"}}, {}, False),
    ({"term": {"gt": 12}}, {"term": 13}, True),
    ({"term": {"gt": 12}}, {"term": 12}, False),
    ({"term": {"ge": 12, "lt": 24}}, {"term": 12}, True),
    ({"term": {"gt": 12}}, {"term": "13"}, False),
    ({"channel": {"in": ["bank", "agent"]}}, {"channel": "agent"}, True),
    ({"channel": {"in": ["bank", "agent"]}}, {"channel": "web"}, False),
    ({"channel": {"in": ["bank"]}}, {}, False),
    ({"contact": {"present": True}}, {"contact": "王"}, True),
    ({"contact": {"present": True}}, {"contact": None}, False),
    ({"contact": {"present": False}}, {}, True),
    ({"contact": {"present": False}}, {"contact": "王"}, False),
    ({"有'引\"号": "是"}, {"有'引\"号": "是"}, True),
    ({"a": 1, "b": 2}, {"a": 1, "b": 2}, True),
    ({"a": 1, "b": 2}, {"a": 1, "b": 3}, False),
]


def _where(given: dict[str, Any]) -> Where:
    return {
        name: Comparison.model_validate(value) if isinstance(value, dict) else value for name, value in given.items()
    }


@pytest.mark.parametrize(("where", "fields", "wanted"), CASES)
def test_a_condition_holds_in_python(where: dict[str, Any], fields: dict[str, Any], wanted: bool) -> None:
    assert holds(_where(where), fields) is wanted


def test_the_same_conditions_hold_in_postgresql(engine: Engine) -> None:
    with engine.connect() as connection:
        for where, fields, wanted in CASES:
            found = connection.execute(
                text(
                    "select coalesce(jsonb_path_match(cast(:fields as jsonb), cast(:path as jsonpath), '{}', true), false)"
                ),
                {"fields": json.dumps(fields), "path": to_jsonpath(_where(where))},
            ).scalar_one()
            assert found is wanted, (where, fields)
