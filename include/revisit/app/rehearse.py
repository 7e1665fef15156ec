"""The rehearsal: invented staff fill in the lists of the demo, in the very workbooks, and hand them back."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from revisit.app.context import Context
from revisit.app.publish import form_fields
from revisit.delivery.sheet import (
    CHANNEL_TITLES,
    HEADER_ROW,
    ISSUE_FIELDS,
    ISSUES,
    RESULTS,
    REVIEW_FIELDS,
    REVIEWS,
    TASKS,
    Field,
    task_fields,
)
from revisit.sample.answers import answer, respond
from revisit.store.database import rows

_RESULT_WORDS = {result: word for word, result in RESULTS.items()}
_MEMORY = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class _Cells:
    """What goes into one row: sheet, the number that finds the row, and values by field id."""

    sheet: str
    code: str
    values: Mapping[str, str | date]


def rehearse(ctx: Context, on: date, seed: int) -> int:
    """Let the staff work on `on`: fill in what they did by today and drop the workbooks into the returns folder.

    A workbook comes back on each day on which something was added to it, earlier rows included. Returns the files.
    """
    with ctx.engine.connect() as connection:
        handed_out = rows(connection, "rehearse/find_handed_out", since=on - _MEMORY)
        asked = rows(connection, "rehearse/find_asked")
        to_review = rows(connection, "rehearse/find_reviews", on=on)
    books: dict[tuple[str, date], list[_Cells]] = defaultdict(list)
    fresh: set[str] = set()
    for row in handed_out:
        cells, day = _visit(ctx, row, seed)
        if cells and day <= on:
            books[row.file_name, row.issued_on].append(cells)
            if day == on:
                fresh.add(row.file_name)
    for row in asked:
        found = _reply(ctx, row, on, seed)
        if found:
            books[row.file_name, row.issued_on].append(found)
            fresh.add(row.file_name)
    for row in to_review:
        if row.review_id % 20 or on > row.due_on:  # one in twenty is forgotten at first
            books[row.file_name, row.issued_on].append(_opinion(row))
            fresh.add(row.file_name)
    for (name, issued_on), filled in books.items():
        if name in fresh:
            _fill(ctx, ctx.lists / f"{issued_on:%Y-%m}" / name, filled, issued_on)
    return len(fresh)


def _visit(ctx: Context, row: Any, seed: int) -> tuple[_Cells | None, date]:
    given = answer(row.event_key, row.clause, row.area, seed)
    day = max(row.issued_on + timedelta(days=given.days_after_issue), row.opens_on)
    if not given.answered:
        return None, day
    values: dict[str, str | date] = {"visited_on": day, "result": _RESULT_WORDS[given.result], "visitor": row.lead_name}
    if given.result == "reached":
        values |= {
            "channel": CHANNEL_TITLES[given.channel],
            "quality": given.quality,
            "effect": given.effect,
            "satisfaction": given.satisfaction,
            "shortcomings": given.shortcomings,
            "suggestions": given.suggestions,
            "customer_signed": "是" if given.channel == "door" else "否",
            "solved": "是" if given.solved else "否",
            "second_visit": "是" if given.second_visit else "否",
        }
        if row.joint_department:
            departments = {d.code: d for d in ctx.organisation.departments}
            values["joint_visitor"] = departments[row.joint_department].head
    if given.bad_cell:
        values[given.bad_cell[0]] = given.bad_cell[1]
    return _Cells(TASKS, row.code, values), day


def _reply(ctx: Context, row: Any, on: date, seed: int) -> _Cells | None:
    given = respond(row.issue_id, row.department, seed)
    days = ctx.working_days
    if given.extension_workdays and on == days.add(row.received_on, given.extension_after) and on <= row.due_on:
        return _Cells(
            ISSUES,
            f"W{row.issue_id}",
            {
                "plan": given.plan,
                "responder": row.head,
                "responded_on": on,
                "extension_until": days.add(row.due_on, given.extension_workdays),
                "extension_reason": given.extension_reason,
                "extension_approver": row.head,
            },
        )
    if given.workdays is None or on != days.add(row.received_on, given.workdays):
        return None
    return _Cells(
        ISSUES,
        f"W{row.issue_id}",
        {"plan": given.plan, "solution": given.solution, "solved": "是", "responder": row.head, "responded_on": on},
    )


def _opinion(row: Any) -> _Cells:
    opinion = "请责任部门跟进，办结后归档" if row.unsatisfactory else "内容完整，同意归档"
    return _Cells(REVIEWS, f"R{row.review_id}", {"accurate": "是", "opinion": opinion, "reviewer": "审阅人（虚构）"})


def _fill(ctx: Context, path: Path, filled: list[_Cells], issued_on: date) -> None:
    book = load_workbook(path)
    forms = [form_fields(loaded.pack) for loaded in ctx.packs.values()]
    asked = tuple(
        field for form in forms for field in task_fields(form)
    )  # by id and title: packs word them differently
    fields = {TASKS: asked, ISSUES: ISSUE_FIELDS, REVIEWS: REVIEW_FIELDS}
    places = {name: _rows_by_code(book[name]) for name in fields if name in book.sheetnames}
    for cells in filled:
        row = places[cells.sheet].get(cells.code)
        if row is not None:
            _write(book[cells.sheet], row, fields[cells.sheet], cells.values)
    for name in (TASKS, ISSUES):
        book[name].cell(3, 2, "值班员（虚构）")
        book[name].cell(3, 4, issued_on)
    ctx.returns.mkdir(parents=True, exist_ok=True)
    part = ctx.returns / f".{path.name}.part"
    book.save(part)
    part.rename(ctx.returns / path.name)


def _rows_by_code(sheet: Any) -> dict[str, int]:
    return {str(sheet.cell(row, 2).value): row for row in range(HEADER_ROW + 2, sheet.max_row + 1)}


def _write(sheet: Any, row: int, fields: tuple[Field, ...], values: Mapping[str, str | date]) -> None:
    titles = [cell.value for cell in sheet[HEADER_ROW + 1]]
    columns = {field.id: titles.index(field.title) + 1 for field in fields if field.title in titles}
    for name, value in values.items():
        if value:
            sheet.cell(row, columns[name], value)
