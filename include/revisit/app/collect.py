"""Take returned sheets in: answers become records and responses, bad rows go back with their reasons."""

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, select, text
from sqlalchemy.dialects.postgresql import insert

from revisit.app import outbox, reviews
from revisit.app.assign import pack_in_use, packs_of_line
from revisit.app.context import Context
from revisit.app.judge_line import Standards, issue_faults, record_of, task_faults
from revisit.app.publish import check_code, fields_of
from revisit.app.qualified import read_register
from revisit.app.wording import CAUSES, parse_task_code
from revisit.delivery import sheet
from revisit.delivery.returned import ReturnedBook, ReturnedRow, answers, as_day, read
from revisit.domain.masks import mask_text
from revisit.errors import ReturnedSheetError
from revisit.settings import Department
from revisit.store import tables
from revisit.store.database import added, audit, rows, run
from revisit.templates import render

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Collected:
    """One returned file: rows answered = accepted + unchanged + refused; `error` where the whole file was refused."""

    name: str
    department: str
    answered: int
    accepted: int
    unchanged: int
    refused: int
    issues: int
    error: str | None = None


def collect(ctx: Context, on: date) -> list[Collected]:
    """Take in every file in the returns folder; each is one transaction, and is moved to `done` or `refused` after it."""
    ctx.returns.mkdir(parents=True, exist_ok=True)
    taken = []
    for path in sorted(p for p in ctx.returns.iterdir() if p.is_file() and not p.name.startswith("~$")):
        if path.suffix in (".part", ".tmp"):
            continue
        taken.append(_take(ctx, path, on))
    with ctx.engine.begin() as connection:
        run(connection, "plan/heed_results", on=on)
    return taken


def _take(ctx: Context, path: Path, on: date) -> Collected:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    try:
        book = read(path)
        with ctx.engine.begin() as connection:
            collected = _apply(ctx, connection, path.name, digest, book, on)
    except ReturnedSheetError as error:
        collected = Collected(path.name, "", 0, 0, 0, 0, 0, str(error))
        with ctx.engine.begin() as connection:
            _remember(connection, digest, None, collected, on)
    target = ctx.returns / ("refused" if collected.error else "done")
    target.mkdir(exist_ok=True)
    shutil.move(path, target / f"{on:%Y%m%d}-{digest[:12]}-{path.name}")
    log.info(
        "sheet.collected", **{k: getattr(collected, k) for k in ("name", "answered", "accepted", "refused", "error")}
    )
    return collected


def _remember(connection: Connection, digest: str, list_id: int | None, taken: Collected, on: date) -> None:
    row = insert(tables.returned_file).values(
        sha256=digest, name=taken.name[:200], list_id=list_id, collected_on=on, rows_answered=taken.answered,
        rows_accepted=taken.accepted, rows_unchanged=taken.unchanged, rows_refused=taken.refused, error=taken.error,
    )  # fmt: skip
    connection.execute(row.on_conflict_do_nothing())


def _count(connection: Connection, digest: str, taken: Collected) -> None:
    """Keep what became of a file's rows; the first time it came counts."""
    connection.execute(
        tables.returned_file.update()
        .where(tables.returned_file.c.sha256 == digest, tables.returned_file.c.rows_answered == 0)
        .values(rows_answered=taken.answered, rows_accepted=taken.accepted,
                rows_unchanged=taken.unchanged, rows_refused=taken.refused)
    )  # fmt: skip


def _apply(ctx: Context, connection: Connection, name: str, digest: str, book: ReturnedBook, on: date) -> Collected:
    list_ = connection.execute(
        select(tables.list_.c.list_id, tables.list_.c.department, tables.list_.c.issued_on)
        .where(tables.list_.c.batch_code == book.batch_code)
        .with_for_update()
    ).one_or_none()
    if list_ is None:
        raise ReturnedSheetError(f"{name}：批号“{book.batch_code[:40]}”不是本系统发出的清单。请用原文件填写后交回。")
    if reviews.is_for_reviewer(list_.department):
        return _apply_reviews(ctx, connection, name, digest, book, list_, on)
    department = next(d for d in ctx.organisation.departments if d.code == list_.department)
    pack, *_ = packs_of_line(ctx, department.line, list_.issued_on)
    _remember(connection, digest, list_.list_id, Collected(name, list_.department, 0, 0, 0, 0, 0), on)
    _sign(connection, list_.list_id, book, on)
    known = {row.code: row for row in rows(connection, "collect/find_lines", list_id=list_.list_id)}
    tasks, register = _Tally(), read_register(ctx, connection)
    form = fields_of(ctx, department.line, list_.issued_on)
    fields = sheet.task_fields(form)
    for row in book.tasks:
        line = known.get(row.cells.get("任务号", ""))
        own = ctx.pack_versions[line.pack_version_id] if line else pack
        by = Standards(pack, own, register, on, ctx.working_days)
        _take_task(ctx, connection, tasks, row, fields, line, by, book.batch_code, digest)
    solved_by = pack_in_use(ctx, pack.pack).categories
    opened = run(
        connection, "collect/raise_issues", on=on, sha256=digest, categories=list(solved_by),
        solved_by=list(solved_by.values()),
    )  # fmt: skip
    run(connection, "collect/settle_tasks", on=on)
    issues = _Tally()
    for row in book.issues:
        _take_issue(ctx, connection, issues, row, department, book.batch_code, digest, on)
    collected = Collected(
        name, department.code, tasks.answered + issues.answered, tasks.accepted + issues.accepted,
        tasks.unchanged + issues.unchanged, len(tasks.refused) + len(issues.refused), opened,
    )  # fmt: skip
    if collected.refused:
        _send_back(ctx, connection, department, book, form, tasks.refused, issues.refused, digest, on)
    _count(connection, digest, collected)
    return collected


class _Tally:
    """What became of the rows of one sheet."""

    def __init__(self) -> None:
        self.answered = self.accepted = self.unchanged = 0
        self.refused: list[sheet.Line] = []


def _sign(connection: Connection, list_id: int, book: ReturnedBook, on: date) -> None:
    """Keep who signed for the list, and when; the first signature stands."""
    day = as_day(book.signed_on) if book.signed_on else None
    if book.signed_by and (day or on) <= on:
        connection.execute(
            text("update list set signed_by = :by, signed_on = :day where list_id = :list_id and signed_by is null"),
            {"by": book.signed_by[:60], "day": day or on, "list_id": list_id},
        )
        run(connection, "collect/mark_signed", list_id=list_id, on=on)


def _genuine(ctx: Context, row: ReturnedRow, code: str, batch_code: str) -> bool:
    return row.cells.get("校验", "") == check_code(ctx.draw_key, batch_code, code)


def _take_task(
    ctx: Context, connection: Connection, tally: _Tally, row: ReturnedRow, fields: Sequence[sheet.Field], line: Any,
    by: Standards, batch_code: str, digest: str,
) -> None:  # fmt: skip
    judged = answers(row, fields)
    if not judged.answered:
        return
    tally.answered += 1
    code = row.cells.get("任务号", "")
    faults = dict(judged.faults)
    if line is None or not _genuine(ctx, row, code, batch_code) or parse_task_code(code) is None:
        faults["code"] = f"第 {row.number} 行的任务号“{code[:20]}”不在本清单内，或校验内容被改动"
    else:
        faults |= task_faults(judged.answers, by, line, faults)
    if faults:
        offered = sheet.channel_choices(line.channels if line else None)
        tally.refused.append(sheet.Line(_locked(row, fields), judged.answers, faults, offered))
        return
    key = parse_task_code(code)
    assert key is not None
    record = record_of(judged.answers, by, line, key, digest)
    new = added(connection, insert(tables.record).values(record))
    tally.accepted += new
    tally.unchanged += not new


def _locked(row: ReturnedRow, fields: Sequence[sheet.Field]) -> dict[str, str | int | date]:
    """The locked cells of a row as they came back; dates stay dates."""
    found: dict[str, str | int | date] = {}
    for column in fields:
        if column.kind == "locked":
            value = row.cells.get(column.title, "")
            found[column.id] = as_day(value) or value if column.id in ("due_on", "raised_on") else value
    return found


def _take_issue(
    ctx: Context, connection: Connection, tally: _Tally, row: ReturnedRow, department: Department, batch_code: str,
    digest: str, on: date,
) -> None:  # fmt: skip
    judged = answers(row, sheet.ISSUE_FIELDS)
    if not judged.answered:
        return
    tally.answered += 1
    code = row.cells.get("问题号", "")
    number = int(code[1:]) if code[:1] == "W" and code[1:].isascii() and code[1:].isdigit() else -1
    issue = connection.execute(
        select(tables.issue).where(
            tables.issue.c.issue_id == number, tables.issue.c.department == department.code
        ).with_for_update()
    ).one_or_none()  # fmt: skip
    faults = dict(judged.faults)
    if issue is None or not _genuine(ctx, row, code, batch_code):
        faults["code"] = f"第 {row.number} 行的问题号“{code[:20]}”不属于贵部门，或校验内容被改动"
    else:
        faults |= issue_faults(
            judged.answers,
            issue,
            on,
            faults,
            {d.name for d in ctx.organisation.departments if d.code != department.code},
        )
    if faults:
        tally.refused.append(sheet.Line(_locked(row, sheet.ISSUE_FIELDS), judged.answers, faults))
        return
    given = judged.answers
    content = {name: value for name, value in sorted(given.items()) if value}
    extension = as_day(given["extension_until"]) if given["extension_until"] else None
    new = added(
        connection,
        insert(tables.response).values(
            issue_id=number,
            content_hash=hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:32],
            responded_on=as_day(given["responded_on"]) or on,
            responder=given["responder"],
            plan=given["plan"],
            solution=given["solution"],
            solved=given["solved"] == "是",
            extension_until=extension,
            extension_reason=given["extension_reason"],
            extension_approver=given["extension_approver"],
            returned_sha256=digest,
        ),
    )
    tally.accepted += new
    tally.unchanged += not new
    if new and issue is not None:
        _advance(connection, issue, given, extension, on)
        _coordinate(ctx, connection, issue, department, given["assists"], on)


def _advance(connection: Connection, issue: Any, given: Mapping[str, str], extension: date | None, on: date) -> None:
    """Move an issue by a response: planned or solved; extended, with an audit row."""
    state = "solved" if given["solved"] == "是" else "planned" if given["plan"] or given["solution"] else issue.state
    due_on = extension or issue.due_on
    connection.execute(
        tables.issue.update()
        .where(tables.issue.c.issue_id == issue.issue_id)
        .values(state=state, state_on=on, due_on=due_on)
    )
    if extension:
        detail = {"from": str(issue.due_on), "until": str(extension), "reason": given["extension_reason"]}
        audit(connection, given["extension_approver"], "issue.extend", f"W{issue.issue_id}", detail)


def _coordinate(
    ctx: Context, connection: Connection, issue: Any, department: Department, assists: str, on: date
) -> None:
    """Where an answer asks for another department's help: keep it, and call both heads together (CV-23)."""
    other = next((d for d in ctx.organisation.departments if d.name == assists), None)
    if other is None or other.code == department.code:
        return
    connection.execute(
        tables.issue.update().where(tables.issue.c.issue_id == issue.issue_id).values(assists=other.code)
    )
    version = connection.execute(
        select(tables.rule.c.pack_version_id).where(tables.rule.c.rule_id == issue.rule_id)
    ).scalar_one()
    rule = ctx.pack_versions[version].on_result.coordination
    if rule is None:
        return
    until = ctx.working_days.add(on, rule.within.count)
    notice = outbox.Notice(
        "协调会",
        (
            f"请于{until.month}月{until.day}日前就问题 W{issue.issue_id} 开会协调",
            f"{department.name}答复时提出，该问题须由{other.name}协同解决。请两部门负责人于{until.month}月{until.day}日前"
            f"开会，明确分工（{rule.clause}），并将分工写入该问题的“处理计划”。",
        ),
        (("问题", CAUSES[issue.cause]), ("主办部门", department.name), ("协同部门", other.name)),
    )
    for head in (department, other):
        outbox.notify(
            ctx, connection, "coordination", f"W{issue.issue_id}/{other.code}", (head.head, head.head_mail), notice, on
        )


def _apply_reviews(
    ctx: Context, connection: Connection, name: str, digest: str, book: ReturnedBook, list_: Any, on: date
) -> Collected:
    """Take a reviewer's workbook in."""
    _remember(connection, digest, list_.list_id, Collected(name, list_.department, 0, 0, 0, 0, 0), on)
    _sign(connection, list_.list_id, book, on)
    reviews.addressee(ctx, list_.department, list_.issued_on)
    tally = _Tally()
    for row in book.reviews:
        judged = answers(row, sheet.REVIEW_FIELDS)
        if not judged.answered:
            continue
        tally.answered += 1
        code = row.cells.get("审阅号", "")
        genuine = _genuine(ctx, row, code, book.batch_code) and code[1:].isdigit()
        if genuine:
            faults = reviews.faults(connection, int(code[1:]), judged.answers, judged.faults)
        else:
            faults = {"code": f"第 {row.number} 行的审阅号“{code[:20]}”不在本清单内，或校验内容被改动"}
        if faults:
            tally.refused.append(sheet.Line(_locked(row, sheet.REVIEW_FIELDS), judged.answers, faults))
            continue
        new = reviews.take(connection, int(code[1:]), judged.answers, digest, on)
        tally.accepted += new
        tally.unchanged += not new
    collected = Collected(
        name, list_.department, tally.answered, tally.accepted, tally.unchanged, len(tally.refused), 0
    )
    if tally.refused:
        reviews.send_back(
            ctx, connection, list_.department, book.batch_code, tally.refused, digest, list_.issued_on, on
        )
    _count(connection, digest, collected)
    return collected


def _send_back(
    ctx: Context, connection: Connection, department: Department, book: ReturnedBook, form: sheet.FormFields,
    tasks: list[sheet.Line], issues: list[sheet.Line], digest: str, on: date,
) -> None:  # fmt: skip
    """Queue a workbook of the refused rows, each bad cell with its reason."""
    content = sheet.write(
        sheet.Workbook(ctx.organisation.name, department.name, on, book.batch_code, form, tasks, issues, returned=True)
    )
    view = {
        "organisation": ctx.organisation.name,
        "invented": ctx.organisation.invented,
        "department": department.name,
        "batch_code": book.batch_code,
        "count": len(tasks) + len(issues),
        "reasons": [mask_text("；".join(line.faults.values())) for line in (*tasks, *issues)][:20],
        "reply_to": ctx.organisation.mail.reply_to,
    }
    outbox.queue(
        ctx,
        connection,
        outbox.Letter(
            kind="sent_back",
            subject_key=f"{book.batch_code}/{digest[:12]}",
            recipient=department.mail,
            period=str(on),
            subject=f"【请更正】{department.name} 清单 {book.batch_code} 有 {len(tasks) + len(issues)} 行需要更正",
            text=render("emails/sent_back.txt", **view),
            html=render("emails/sent_back.html", **view),
            attachments=((f"revisit-{book.batch_code}-correct.xlsx", content),),
            resend_uncertain=True,
        ),
        on,
    )
