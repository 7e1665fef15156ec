"""A small month for tests: events by CSV through the real ingest, sheets filled in as people do."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, time
from email import message_from_bytes
from email.policy import default
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import text

from revisit.app import ingest
from revisit.app.context import Context
from revisit.app.plan import Planned, plan
from revisit.app.publish import form_fields
from revisit.delivery.sheet import HEADER_ROW, ISSUE_FIELDS, ISSUES, TASKS, task_fields
from revisit.ingest.source import Source

COLUMNS = (
    "key",
    "kind",
    "line",
    "happened",
    "starts",
    "ends",
    "customer",
    "department",
    "area",
    "matter",
    "severity",
    "state",
)
DEFAULTS = {
    "line": "jinxiu",
    "department": "JX-GC",
    "area": "JX01",
    "matter": "水管渗漏",
    "severity": "ordinary",
    "customer": "C1",
}
SOURCE: dict[str, Any] = {
    "source": "orders",
    "title": "工单",
    "files": "drop/*.csv",
    "map": {
        "event_key": "key", "kind": "kind", "line": "line", "happened_at": "happened", "starts_on": "starts",
        "ends_on": "ends", "customer": "customer", "department": "department", "area": "area", "matter": "matter",
        "severity": "severity", "subject": "matter",
        "cancelled": {"from": "state", "values": {"cancelled": True}, "otherwise": False},
    },
}  # fmt: skip
GOOD: dict[str, str | date] = {
    "channel": "电话", "result": "已回访", "visitor": "唐晓棠", "joint_visitor": "石砺锋", "quality": "满意", "effect": "满意",
    "satisfaction": "满意", "customer_signed": "否", "solved": "是", "second_visit": "否",
}  # fmt: skip


def arrive(ctx: Context, on: date, *events: Mapping[str, str]) -> Planned:
    """Deliver events as a CSV file, pull them and plan."""
    folder = ctx.workspace.folder / "drop"
    folder.mkdir(exist_ok=True)
    with (folder / "orders.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows({**DEFAULTS, **event} for event in events)
    source = Source.model_validate({**SOURCE, "folder": ctx.workspace.folder})
    (pulled,) = ingest.pull(ctx, source, on)
    assert pulled.refused == 0, pulled.reasons
    return plan(ctx.engine, on, ctx.draw_key)


def repair(key: str, happened: str, **more: str) -> dict[str, str]:
    return {"key": key, "kind": "repair.completed", "happened": happened, **more}


def complaint(key: str, happened: str, **more: str) -> dict[str, str]:
    return {"key": key, "kind": "complaint.closed", "happened": happened, **more}


def register(ctx: Context, *customers: tuple[str, str, str]) -> None:
    """Customers by key, name and phone."""
    with ctx.engine.begin() as connection:
        for key, name, phone in customers:
            connection.execute(
                text(
                    "insert into customer (customer, name, phone, address) values (:key, :name, :phone, '3栋2单元1502室')"
                ),
                {"key": key, "name": name, "phone": phone},
            )


def fill(
    ctx: Context, file: Path, tasks: Sequence[Mapping[str, str | date | time | float]] = (),
    issues: Sequence[Mapping[str, str | date]] = (),
    signed: tuple[str, date] | None = None, name: str | None = None,
) -> Path:  # fmt: skip
    """Fill in a list's rows in order and hand the workbook back."""
    book = load_workbook(file)
    form = form_fields(next(iter(ctx.packs.values())).pack)
    for sheet, fields, rows in ((TASKS, task_fields(form), tasks), (ISSUES, ISSUE_FIELDS, issues)):
        titles = [cell.value for cell in book[sheet][HEADER_ROW + 1]]
        columns = {field.id: titles.index(field.title) + 1 for field in fields if field.title in titles}
        for number, answers in enumerate(rows):
            for field, value in answers.items():
                book[sheet].cell(HEADER_ROW + 2 + number, columns[field], value)
        if signed:
            book[sheet].cell(3, 2, signed[0])
            book[sheet].cell(3, 4, signed[1])
    ctx.returns.mkdir(parents=True, exist_ok=True)
    target = ctx.returns / (name or file.name)
    book.save(target)
    return target


def one(ctx: Context, sql: str, **params: Any) -> Any:
    """The only row of a query."""
    with ctx.engine.connect() as connection:
        return connection.execute(text(sql), params).one()


def every(ctx: Context, sql: str, **params: Any) -> Sequence[Any]:
    with ctx.engine.connect() as connection:
        return connection.execute(text(sql), params).all()


def amend(ctx: Context, **changes: Any) -> None:
    """The pack of the line jinxiu with some sections changed, in force and in use."""
    (name,) = {use.pack for use in ctx.organisation.packs if use.line == "jinxiu"}
    loaded = ctx.packs[name]
    ctx.packs[name] = replace(loaded, pack=loaded.pack.model_copy(update=changes))
    for version, pack in ctx.pack_versions.items():
        if pack.pack == name:
            ctx.pack_versions[version] = pack.model_copy(update=changes)


def lines(file: str | Path | BytesIO) -> list[dict[str, Any]]:
    """The rows of a list by column title."""
    sheet = load_workbook(file)[TASKS]
    titles, *found = sheet.iter_rows(min_row=HEADER_ROW + 1, values_only=True)
    return [dict(zip(map(str, titles), row, strict=True)) for row in found]


def sent_back(ctx: Context) -> bytes:
    """The workbook of refused rows that was mailed."""
    row = one(ctx, "select content from outbox where kind = 'sent_back'")
    message = message_from_bytes(bytes(row.content), policy=default)
    return bytes(next(iter(message.iter_attachments())).get_content())
