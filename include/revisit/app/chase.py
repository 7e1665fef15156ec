"""Chase overdue responses, stale ledgers and missing deliveries: each once, one digest a person and day."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from revisit.app import outbox
from revisit.app.context import Context
from revisit.app.feeds import ask_for_feeds
from revisit.app.wording import CAUSES, left
from revisit.domain.ladder import Step, step_reached
from revisit.settings import Department
from revisit.store import tables
from revisit.store.database import added, rows
from revisit.templates import render

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Chased:
    """Steps taken today, digests queued, and deliveries asked for."""

    steps: int
    digests: int
    feeds: int = 0


def chase(ctx: Context, on: date) -> Chased:
    """Take the step that each open issue has reached on `on`, once for each deadline.

    An extension starts a new ladder, because the deadline is part of the key. On a rest day nothing is taken: the
    next working day takes the rung that is right then.
    """
    if not ctx.working_days.is_workday(on):
        return Chased(0, 0)
    steps = ctx.organisation.responses.steps()
    titles = {rung.step: rung.title for rung in ctx.organisation.responses.ladder}
    departments = {d.code: d for d in ctx.organisation.departments}
    digests: dict[tuple[str, str], list[tuple[Any, str]]] = defaultdict(list)
    taken = 0
    with ctx.engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(20260004)"))
        for issue in rows(connection, "chase/find_unanswered"):
            step = step_reached(steps, issue.due_on, on, ctx.working_days)
            if step is None or _passed(step, steps, issue.taken):
                continue
            name, mail = _told(ctx, step, departments[issue.department], on)
            row = insert(tables.chase).values(
                issue_id=issue.issue_id, due_on=issue.due_on, step=step.name, taken_on=on, told=mail
            )
            if added(connection, row):
                taken += 1
                digests[name, mail].append((issue, titles[step.name]))
        for issue, stale_on in _stale(ctx, connection, on):
            department = departments[issue.department]
            row = insert(tables.chase).values(
                issue_id=issue.issue_id, due_on=stale_on, step="ledger", taken_on=on, told=department.mail
            )
            if added(connection, row):
                taken += 1
                digests[department.name, department.mail].append((issue, "台账久未更新，请补记进展"))
        feeds = ask_for_feeds(ctx, connection, on)
        for (name, mail), items in digests.items():
            _digest(ctx, connection, name, mail, items, on)
    log.info("responses.chased", on=str(on), steps=taken, digests=len(digests), feeds=feeds)
    return Chased(taken, len(digests), feeds)


def _stale(ctx: Context, connection: Any, on: date) -> list[tuple[Any, date]]:
    """The open issues of which nothing was heard for the ledger's working days (CV-21), with the day they became stale."""
    ledgers = {version: pack.on_result.ledger for version, pack in ctx.pack_versions.items()}
    kept = [version for version, ledger in ledgers.items() if ledger]
    found = []
    for issue in rows(connection, "chase/find_stale", pack_version_ids=kept) if kept else ():
        ledger = ledgers[issue.pack_version_id]
        assert ledger is not None
        stale_on = ctx.working_days.add(issue.updated_on, ledger.within.count)
        if stale_on <= on:
            found.append((issue, stale_on))
    return found


def _passed(step: Step, steps: tuple[Step, ...], taken: list[str]) -> bool:
    """Whether a higher rung was taken already; the ladder is climbed upwards only."""
    return any(other.after > step.after for other in steps if other.name in taken)


def _told(ctx: Context, step: Step, department: Department, on: date) -> tuple[str, str]:
    if step.to == "department":
        return department.name, department.mail
    if step.to == "department_head":
        return department.head, department.head_mail
    use = next(use for use in ctx.organisation.packs if use.line == department.line)
    post = use.posts[ctx.packs_on(on)[use.pack].pack.on_result.report_to]
    return post.name, post.mail


def _digest(ctx: Context, connection: Any, name: str, mail: str, items: list[tuple[Any, str]], on: date) -> None:
    names = {d.code: d.name for d in ctx.organisation.departments}
    lines = [
        {
            "number": f"W{issue.issue_id}",
            "step": title,
            "department": names[issue.department],
            "cause": CAUSES[issue.cause],
            "due_on": issue.due_on,
            "left": left(issue.due_on, on),
        }
        for issue, title in sorted(items, key=lambda item: (item[0].due_on, item[0].issue_id))
    ]
    overdue = sum(issue.due_on < on and issue.state == "raised" for issue, _ in items)
    waiting = any(issue.state == "raised" for issue, _ in items)
    view = {
        "waiting": waiting,
        "organisation": ctx.organisation.name,
        "invented": ctx.organisation.invented,
        "name": name,
        "on": on,
        "lines": lines,
        "overdue": overdue,
        "reply_to": ctx.organisation.mail.reply_to,
    }
    subject = f"【催办】{name} {on.month}月{on.day}日 待{'回复' if waiting else '办'}问题{len(lines)}项"
    subject += f"（{overdue}项已逾期）" if overdue else "（即将到期）" if waiting else "（台账待更新）"
    outbox.queue(
        ctx,
        connection,
        outbox.Letter(
            kind="digest",
            subject_key="responses",
            recipient=mail,
            period=str(on),
            subject=subject,
            text=render("emails/digest.txt", **view),
            html=render("emails/digest.html", **view),
            resend_uncertain=True,
        ),
        on,
    )
