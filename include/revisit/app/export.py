"""Tables to take away: decisions with their tasks, events, issues, metrics."""

import csv
import json
from collections.abc import Iterator
from typing import Any, Literal, TextIO

from sqlalchemy import text

from revisit import resources
from revisit.app.context import Context
from revisit.policy.predicate import holds

Subject = Literal["tasks", "events", "issues", "metrics"]
_INNER = ("pack_version_id", "matter", "rule", "severity", "event_department", "attributes")


def rows_of(ctx: Context, subject: Subject) -> Iterator[dict[str, Any]]:
    """The rows of a subject, streamed."""
    with ctx.engine.connect().execution_options(stream_results=True, yield_per=5_000) as connection:
        for row in connection.execute(text(resources.sql(f"export/list_{subject}"))).mappings():
            found = dict(row)
            if subject == "tasks":
                found["role"] = found["role"] or _role(ctx, found)
                for name in _INNER:
                    found.pop(name)
            yield found


def _role(ctx: Context, row: dict[str, Any]) -> str:
    """Who would do it: the post of the first assignment whose condition holds."""
    pack = ctx.pack_versions[row["pack_version_id"]]
    fields = {
        **(row["attributes"] or {}),
        "severity": row["severity"],
        "department": row["event_department"],
        "area": row["area"],
        "matter": row["matter"],
    }
    lead = next(a.lead for a in pack.rule(row["rule"]).assign if holds(a.where, fields))
    return next(role.title for role in pack.roles if role.id == lead)


def _safe(value: object) -> object:
    """A CSV cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return "" if value is None else value


def write(ctx: Context, subject: Subject, form: Literal["csv", "json"], target: TextIO) -> int:
    """Write a subject as CSV (header line, comma, UTF-8) or as one JSON object a line; returns the rows written."""
    writer, count = csv.writer(target, lineterminator="\n"), 0
    for row in rows_of(ctx, subject):
        if form == "json":
            target.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
        else:
            if count == 0:
                writer.writerow(row)
            writer.writerow([_safe(value) for value in row.values()])
        count += 1
    return count
