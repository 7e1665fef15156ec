"""Hand out the lists of a day: which tasks, on whose list, in which call, and the mail that says so."""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from revisit.app import channel_share, hours, outbox
from revisit.app.assign import Chosen, assign, find_away, home_department, packs_of_line
from revisit.app.call_plan import beyond, days_of, with_days
from revisit.app.channel_share import Offer
from revisit.app.context import Context
from revisit.app.qualified import Register, notice, read_register
from revisit.app.standings import Held, Ready, standings
from revisit.app.wording import CAUSES, attempt_words, history_line, left, task_code, why
from revisit.delivery import sheet
from revisit.domain.windows import add_months
from revisit.policy.model import Pack
from revisit.settings import Department
from revisit.store import tables
from revisit.store.database import rows, run
from revisit.templates import render

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Published:
    """One list: how many tasks and issues it carries, and its file."""

    department: str
    tasks: int
    issues: int
    batch_code: str
    file: str


def publish(ctx: Context, on: date) -> list[Published]:
    """Issue what is open on `on`: one list a department, one file, one mail.

    On a rest day only what would not survive until the next working day. Running it again finds nothing new.
    """
    with ctx.engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(20260003)"))
        away = find_away(ctx, connection, on)
        found = list(standings(ctx, connection, on))
        handed_out = [(row, told) for row, told in found if isinstance(told, Ready)]
        assigned = [replace(assign(ctx, row, told.call_sheet, away), offer=told.offer) for row, told in handed_out]
        chosen = with_days(ctx, connection, assigned, on)
        stopped = [
            (home_department(ctx, row), told.offer) for row, told in found if isinstance(told, Held) and told.offer
        ]
        issues = rows(connection, "publish/find_open_issues")
        workday = ctx.working_days.is_workday(on)
        warnings = {
            name: tuple(channel_share.warnings(connection, loaded.pack, on))
            for name, loaded in ctx.packs_on(on).items()
        }
        published = []
        for department in ctx.organisation.departments:
            lines = [line for line in chosen if line.department == department.code]
            owed = [issue for issue in issues if issue.department == department.code]
            waiting = [offer for code, offer in stopped if code == department.code]
            if lines or (workday and any(not issue.listed for issue in owed)):
                published.append(_issue_list(ctx, connection, department, lines, owed, on, warnings, waiting))
    return published


def check_code(key: bytes, batch_code: str, code: str) -> str:
    """What proves that a returned row was on the list: the start of a keyed hash."""
    return hmac.digest(key, f"{batch_code}\x1f{code}".encode(), hashlib.sha256).hex()[:16]


def form_fields(pack: Pack) -> sheet.FormFields:
    """A pack's form as the sheet needs it."""
    return sheet.FormFields(
        tuple((item.id, item.title, item.scale or pack.form.scale) for item in pack.form.ratings),
        tuple((item.id, item.title) for item in pack.form.texts),
        pack.every_channel(),
        pack.on_result.categories.titles if pack.on_result.categories else (),
        pack.asks_time(),
    )


def fields_of(ctx: Context, line: str, on: date) -> sheet.FormFields:
    """What the sheets of a business line ask on a day: the form of its first pack, and the time where any pack has hours."""
    in_force = packs_of_line(ctx, line, on)
    return replace(form_fields(in_force[0]), timed=any(pack.asks_time() for pack in in_force))


def _task_line(ctx: Context, register: Register, line: Chosen, number: int, batch_code: str, on: date) -> sheet.Line:
    row, pack = line.row, line.pack
    day = line.planned.day if line.planned else on
    code = task_code(row.event_id, row.rule_id, row.round)
    names = {d.code: d.name for d in ctx.organisation.departments}
    values: Mapping[str, str | int | date] = {
        "number": number,
        "code": code,
        "call_sheet": line.call_sheet,
        "due_on": row.due_on,
        "left": left(row.due_on, on),
        "planned_on": (line.planned.day if line.planned else ""),
        "hours": "\n".join(hours.proposal(pack, line.rule, hours.own_of(row), row.due_on <= on)),
        "rule": line.rule.name,
        "why": why(line.pack, line.rule, row._mapping, row.due_on, row.opens_on)
        + notice(pack.required(line.rule.id), register, line.lead_name, line.department, day)
        + (line.offer.notice() if line.offer else ""),
        "customer": row.customer_name or row.customer or "",
        "phone": row.phone or "",
        "address": row.address or row.area_name or "",
        "subject": row.subject or row.matter or "",
        "lead": f"{line.lead_role}　{line.lead_name}",
        "joint": names.get(line.joint or "", line.joint or ""),
        "check": check_code(ctx.draw_key, batch_code, code),
    }
    return sheet.Line(values, choices=sheet.channel_choices(line.offer.channels if line.offer else None))


def issue_line(ctx: Context, issue: Any, number: int, batch_code: str, on: date) -> sheet.Line:
    """An issue as a row of the second sheet."""
    code = f"W{issue.issue_id}"
    return sheet.Line(
        {
            "number": number,
            "code": code,
            "due_on": issue.due_on,
            "left": left(issue.due_on, on),
            "cause": CAUSES[issue.cause],
            "category": issue.category or "",
            "description": issue.description,
            "area": issue.area_name or "",
            "raised_on": issue.raised_on,
            "check": check_code(ctx.draw_key, batch_code, code),
        }
    )


def _issue_list(
    ctx: Context, connection: Connection, department: Department, lines: list[Chosen], issues: list[Any], on: date,
    warnings: Mapping[str, tuple[str, ...]], waiting: Sequence[Offer],
) -> Published:  # fmt: skip
    """Write one department's list: rows, file and mail, in the caller's transaction."""
    part = rows(connection, "publish/next_part", department=department.code, on=on)[0].part
    batch_code = f"{on:%Y%m%d}-{department.code}" + ("" if part == 1 else f"-{part}")
    lines = sorted(lines, key=_urgency)
    days = ctx.working_days
    due_on = days.add(on, ctx.organisation.responses.due_workdays)
    list_id = connection.execute(
        tables.list_.insert()
        .values(
            department=department.code, issued_on=on, part=part, batch_code=batch_code, file_name=f"{batch_code}.xlsx"
        )
        .returning(tables.list_.c.list_id)
    ).scalar_one()
    if lines:
        connection.execute(tables.list_line.insert(), [_row(list_id, n, line) for n, line in enumerate(lines, 1)])
    run(connection, "publish/mark_issued", list_id=list_id, on=on)
    if issues:
        listed = insert(tables.list_issue).on_conflict_do_nothing()
        connection.execute(listed, [{"list_id": list_id, "issue_id": issue.issue_id} for issue in issues])
        for issue in issues:
            answer_by = days.add(on, _answer_workdays(ctx, issue.pack_version_id))
            run(
                connection, "publish/receive_issues", issues=[issue.issue_id], on=on, due_on=answer_by,
                provisional=days.is_provisional(on, answer_by),
            )  # fmt: skip
        numbers = [issue.issue_id for issue in issues]
        fresh = rows(connection, "publish/find_open_issues")
        issues = [issue for issue in fresh if issue.issue_id in numbers]
    packs = packs_of_line(ctx, department.line, on)
    pack = packs[0]
    receipt = pack.lifecycle.issue
    register = read_register(ctx, connection)
    book = sheet.Workbook(
        ctx.organisation.name,
        department.name,
        on,
        batch_code,
        fields_of(ctx, department.line, on),
        [_task_line(ctx, register, line, n, batch_code, on) for n, line in enumerate(lines, 1)],
        [issue_line(ctx, issue, n, batch_code, on) for n, issue in enumerate(issues, 1)],
        history=_history(connection, pack, department.line, lines, on),
        levelled=any(line.planned for line in lines),
        sign_by=f"（《{receipt.receipt}》{receipt.clause}）" if receipt else "",
        hints=(
            *dict.fromkeys(hint for one in packs for hint in (*_hints(one), *warnings[one.pack])),
            *channel_share.hints((line.offer for line in lines), waiting),
        ),
    )
    content = sheet.write(book)
    path = store_file(ctx.lists / f"{on:%Y-%m}" / f"{batch_code}.xlsx", content)
    connection.execute(
        tables.list_.update()
        .where(tables.list_.c.list_id == list_id)
        .values(sha256=hashlib.sha256(content).hexdigest())
    )
    _mail(ctx, connection, department, book, content, on, due_on, lines)
    log.info("list.published", department=department.code, on=str(on), tasks=len(lines), issues=len(issues))
    return Published(department.code, len(lines), len(issues), batch_code, str(path))


def _hints(pack: Pack) -> Iterator[str]:
    """What the list's instructions say of a pack."""
    yield from (f"{one.text}（{one.clause}）" for one in pack.guidance if one.shown_in == "sheet")
    yield from hours.hints(pack)
    for one in pack.qualifications:
        names = "、".join(rule.name for rule in pack.rules if rule.id in one.rules)
        yield f"{names}须由具备“{one.name}”的人员回访（{one.clause}）"
    yield from (f"短信范例：{one.text}（{one.clause}）" for one in pack.messages)
    for rule in pack.rules:
        if rule.attempts:
            told = attempt_words(rule.attempts)
            yield f"{rule.name}：{told}，转下一步（{rule.attempts.clause}）；每次联系后改填该行并交回"


def _urgency(line: Chosen) -> tuple[date, date, str, int, int]:
    """Lines stand by the day proposed for their call, where there is one, then by the day they are due."""
    row, planned = line.row, line.planned
    return planned.day if planned else date.max, row.due_on, line.call_sheet, row.event_id, row.rule_id


def _history(connection: Connection, pack: Pack, business: str, lines: Sequence[Chosen], on: date) -> list[sheet.Line]:
    """What happened lately with the customers of a list, where the pack has callers read it beforehand (CV-08)."""
    if pack.preparation is None:
        return []
    names = {line.row.customer: line.row.customer_name or line.row.customer for line in lines if line.row.customer}
    found = rows(
        connection, "publish/find_history", customers=sorted(names), line=business,
        since=add_months(on, -pack.preparation.months), on=on,
        zone=pack.time_zone,
    )  # fmt: skip
    return [sheet.Line(history_line(names, row, number)) for number, row in enumerate(found, 1)]


def _answer_workdays(ctx: Context, pack_version_id: int) -> int:
    """The working days a department has: the pack's own number, or the organisation's."""
    due = ctx.pack_versions[pack_version_id].on_result.due
    return due.count if due else ctx.organisation.responses.due_workdays


def _row(list_id: int, number: int, line: Chosen) -> dict[str, object]:
    return {
        "event_id": line.row.event_id,
        "rule_id": line.row.rule_id,
        "round": line.row.round,
        "list_id": list_id,
        "line": number,
        "call_sheet": line.call_sheet,
        "lead_role": line.lead_role,
        "lead_name": line.lead_name,
        "assignment_clause": line.clause,
        "joint_department": line.joint,
        "planned_on": line.planned.day if line.planned else None,
        "channels": list(line.offer.channels) if line.offer else None,
    }


def store_file(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(content)
    return part.replace(path)


def _mail(
    ctx: Context, connection: Connection, department: Department, book: sheet.Workbook, content: bytes, on: date,
    answer_by: date, lines: Sequence[Chosen],
) -> None:  # fmt: skip
    """Queue the mail of a list: counts, deadlines and clauses; names and phones stay in the attachment."""
    due = [line.values["due_on"] for line in book.tasks]
    first_due = min((value for value in due if isinstance(value, date)), default=answer_by)
    urgent = sum(isinstance(value, date) and value <= ctx.working_days.add(on, 1) for value in due)
    by_rule: dict[str, int] = defaultdict(int)
    for line in book.tasks:
        by_rule[str(line.values["rule"])] += 1
    view = {
        "organisation": ctx.organisation.name,
        "invented": ctx.organisation.invented,
        "department": department.name,
        "on": on,
        "count": len(book.tasks),
        "calls": len({line.values["call_sheet"] for line in book.tasks}),
        "urgent": urgent,
        "first_due": first_due,
        "by_rule": sorted(by_rule.items()),
        "issues": len(book.issues),
        "issue_due": min((v for line in book.issues if isinstance(v := line.values["due_on"], date)), default=None),
        "batch_code": book.batch_code,
        "reply_to": ctx.organisation.mail.reply_to,
        "days": list(days_of(lines).items()),
        "beyond": beyond(lines),
    }
    subject = f"【回访清单】{department.name} {on.month}月{on.day}日"
    subject += f" 共{len(book.tasks)}件" if book.tasks else ""
    subject += f"（{urgent}件将到期）" if urgent else ""
    subject += f" 待回复问题{len(book.issues)}项" if book.issues else ""
    subject += f" 最早{first_due.month}月{first_due.day}日到期"
    outbox.queue(
        ctx,
        connection,
        outbox.Letter(
            kind="list",
            subject_key=book.batch_code,
            recipient=department.mail,
            period=str(on),
            subject=subject,
            text=render("emails/list.txt", **view),
            html=render("emails/list.html", **view),
            attachments=((f"revisit-{book.batch_code}.xlsx", content),),
            resend_uncertain=True,
        ),
        on,
    )
