"""A period's report: frozen, rendered, reviewed, approved by somebody else, and mailed once."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, Row, select, text

from revisit.app import outbox
from revisit.app.context import Context
from revisit.app.figures import compute, from_json_value, stand
from revisit.domain.periods import Period, period_of
from revisit.errors import ApprovalError, ConfigError
from revisit.reports.model import Report
from revisit.store import tables
from revisit.store.database import audit, run
from revisit.templates import render

log = structlog.get_logger()
FORMATS = ("html", "pdf", "xlsx")


@dataclass(frozen=True, slots=True)
class Drafted:
    """One report: its id, and the hash of its frozen content."""

    report_id: int
    pack: str
    period: str
    revision: int
    state: str
    snapshot_sha256: str


def draft(ctx: Context, period: Period, cut_off: date, revise: bool = False, pack: str | None = None) -> list[Drafted]:
    """Freeze a period for every pack in use that reports by such periods, or for the one named.

    A report that exists is left as it is, so that a closed period never changes silently; one that was returned, or
    `revise`, makes the next revision. Raises ConfigError where no pack, or not the named one, reports by such periods.
    """
    in_force = ctx.packs_on(period.last)
    kinds = {name: loaded.pack.report.period for name, loaded in in_force.items() if pack in (None, name)}
    if not kinds:
        raise ConfigError(f"the pack '{pack}' is not in use. In use: {', '.join(in_force)}.")
    names = [name for name, kind in kinds.items() if kind == period.kind]
    if not names:
        known = ", ".join(f"{name} ({period_of(kind, period.last).name})" for name, kind in kinds.items())
        raise ConfigError(
            f"no report is about {period.name}: the packs report by other periods. Give the period of {known}."
        )
    return [_draft(ctx, name, period, cut_off, revise) for name in names]


def draft_ended(ctx: Context, on: date) -> list[Drafted]:
    """Freeze the reports of the packs whose period ends on a day, which is their cut-off; none where none does."""
    ended = {name: period_of(loaded.pack.report.period, on) for name, loaded in ctx.packs_on(on).items()}
    return [_draft(ctx, name, period, on) for name, period in ended.items() if period.last == on]


def _draft(ctx: Context, name: str, period: Period, cut_off: date, revise: bool = False) -> Drafted:
    with ctx.engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(20260005)"))
        there = _latest(connection, name, period)
        if there is None or there.state == "returned" or (revise and there.state == "sent"):
            there = _freeze(ctx, connection, name, period, cut_off, (there.revision + 1) if there else 1)
    return Drafted(there.report_id, name, there.period, there.revision, there.state, there.snapshot_sha256)


def _latest(connection: Connection, pack: str, period: Period) -> Row[Any] | None:
    report = tables.report
    return connection.execute(
        select(report)
        .where(report.c.pack == pack, report.c.period == period.name)
        .order_by(report.c.revision.desc())
        .limit(1)
    ).one_or_none()


def _freeze(ctx: Context, connection: Connection, name: str, period: Period, cut_off: date, revision: int) -> Row[Any]:
    pack = ctx.packs_on(period.last)[name].pack
    report_id = int(
        connection.execute(
            tables.report.insert()
            .values(
                pack=name, period=period.name, first_on=period.first, last_on=period.last, revision=revision,
                cut_off=cut_off, state="drafted", drafted_by=ctx.organisation.reports.author,
            )
            .returning(tables.report.c.report_id)
        ).scalar_one()
    )  # fmt: skip
    stand(connection, pack, period, cut_off)
    personal = [one.id for one in pack.metrics if one.by_person] if "person" in pack.report.by else []
    run(connection, "report/freeze_rows", report_id=report_id, first=period.first, last=period.last, personal=personal)
    content = compute(ctx, connection, pack, report_id, period, cut_off, revision)
    connection.execute(text("drop table standing"))
    return connection.execute(
        tables.report.update()
        .where(tables.report.c.report_id == report_id)
        .values(snapshot=json.loads(content.to_json()), snapshot_sha256=content.sha256())
        .returning(tables.report)
    ).one()


def load(ctx: Context, report_id: int) -> tuple[Row[Any], Report]:
    """A report's row and its frozen content."""
    with ctx.engine.connect() as connection:
        row = connection.execute(select(tables.report).where(tables.report.c.report_id == report_id)).one_or_none()
    if row is None:
        raise ApprovalError(f"there is no report {report_id}. List them with: revisit report list")
    return row, from_json_value(row.snapshot)


def file_of(ctx: Context, row: Any, kind: str) -> Path:
    """Where a report's file lies."""
    return ctx.reports / str(row.period) / f"{row.pack}-{row.period}-r{row.revision}.{kind}"


def render_files(ctx: Context, report_id: int) -> dict[str, str]:
    """Render the frozen content as HTML, PDF and XLSX; the hash of each is kept, and must come out the same again."""
    from revisit.reports.render import render_html, render_pdf, render_xlsx

    row, report = load(ctx, report_id)
    contents = {
        "html": render_html(report).encode(),
        "pdf": render_pdf(report, ctx.environment.fonts),
        "xlsx": render_xlsx(report),
    }
    hashes = {kind: hashlib.sha256(content).hexdigest() for kind, content in contents.items()}
    for kind, content in contents.items():
        path = file_of(ctx, row, kind)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        part.write_bytes(content)
        part.replace(path)
    with ctx.engine.begin() as connection:
        connection.execute(
            tables.report.update()
            .where(tables.report.c.report_id == report_id, tables.report.c.state == "drafted")
            .values(html_sha256=hashes["html"], pdf_sha256=hashes["pdf"], xlsx_sha256=hashes["xlsx"])
        )
    return hashes


def review(ctx: Context, report_id: int, by: str, accepted: bool, comment: str, at: datetime) -> None:
    """The reviewer's answer. Nobody reviews what they drafted; a report that is not drafted is refused."""
    values = {"reviewed_by": by, "review_comment": comment, "reviewed_at": at}
    _move(ctx, report_id, by, "drafted", "reviewed" if accepted else "returned", values, {"drafted_by"})


def approve(ctx: Context, report_id: int, by: str, accepted: bool, decision: str, at: datetime) -> None:
    """The director's answer. Nobody approves what they drafted or reviewed."""
    values = {"approved_by": by, "decision": decision, "approved_at": at}
    _move(ctx, report_id, by, "reviewed", "approved" if accepted else "returned", values, {"drafted_by", "reviewed_by"})


def _move(
    ctx: Context, report_id: int, by: str, before: str, after: str, values: dict[str, Any], others: set[str]
) -> None:
    """One state change in one statement, so that two answers cannot both win; the same answer again changes nothing."""
    report = tables.report
    with ctx.engine.begin() as connection:
        row = connection.execute(select(report).where(report.c.report_id == report_id).with_for_update()).one_or_none()
        if row is None:
            raise ApprovalError(f"there is no report {report_id}. List them with: revisit report list")
        signer = "reviewed_by" if before == "drafted" else "approved_by"
        if row.state == after and getattr(row, signer) == by:
            return
        if row.state != before:
            raise ApprovalError(f"report {report_id} is {row.state}, not {before}; it cannot be {after} now.")
        if by in {getattr(row, other) for other in others}:
            raise ApprovalError(f"{by} had a hand in report {report_id} before. Ask somebody else to sign it.")
        connection.execute(report.update().where(report.c.report_id == report_id).values(state=after, **values))
        audit(
            connection, by, f"report.{after}", str(report_id), {"snapshot": row.snapshot_sha256, "pdf": row.pdf_sha256}
        )


def sign(
    ctx: Context, step: str, report_ids: list[int], by: str, accepted: bool, comment: str, at: datetime
) -> list[int]:
    """Note one person's answer on all reports of a run; the ids that go on to the next step."""
    passed = ("reviewed", "approved", "sent") if step == "review" else ("approved", "sent")
    for report_id in report_ids:
        if load(ctx, report_id)[0].state in passed:
            log.info("report.signed_before", report_id=report_id, step=step, by=by)
            continue
        (review if step == "review" else approve)(ctx, report_id, by, accepted, comment, at)
    return report_ids if accepted else []


def send(ctx: Context, report_id: int, on: date) -> int:
    """Queue the approved report to management, once for each recipient; what is sent is byte for byte what was approved."""
    row, content = load(ctx, report_id)
    if row.state not in ("approved", "sent"):
        raise ApprovalError(f"report {report_id} is {row.state}; only an approved report is sent.")
    attachments = []
    for kind in FORMATS:
        data = file_of(ctx, row, kind).read_bytes()
        if hashlib.sha256(data).hexdigest() != getattr(row, f"{kind}_sha256"):
            raise ApprovalError(
                f"{file_of(ctx, row, kind)} is not what was approved (its hash differs). "
                f"Render it again: revisit report render {report_id}"
            )
        attachments.append((f"revisit-{row.pack}-{row.period}-r{row.revision}.{kind}", data))
    queued = 0
    with ctx.engine.begin() as connection:
        view = _mail_view(ctx, row, content)
        for recipient in ctx.organisation.reports.recipients:
            letter = outbox.Letter(
                kind="report",
                subject_key=f"{row.pack}/r{row.revision}",
                recipient=recipient,
                period=row.period,
                subject=f"【回访{view['report']}】{content.title} {view['period']}"
                + ("（修订）" if row.revision > 1 else ""),
                text=render("emails/report.txt", **view),
                html=render("emails/report.html", **view),
                attachments=tuple(attachments),
            )
            queued += outbox.queue(ctx, connection, letter, on)
        connection.execute(tables.report.update().where(tables.report.c.report_id == report_id).values(state="sent"))
    log.info("report.sent", report_id=report_id, queued=queued)
    return queued


def _mail_view(ctx: Context, row: Any, content: Report) -> dict[str, object]:
    from revisit.reports.words import PERIODS, period, rate_text, report_name

    return {
        "organisation": content.organisation,
        "invented": content.invented,
        "title": content.title,
        "document": f"{content.document_code}　{content.document_revision}",
        "period": period(content.period),
        "this": PERIODS[content.period.kind].this,
        "report": PERIODS[content.period.kind].report,
        "name": report_name(content.period.kind),
        "cut_off": row.cut_off,
        "revision": row.revision,
        "lines": [
            {
                "name": metric.name,
                "rate": rate_text(metric.total.rate),
                "fraction": f"{metric.total.numerator}/{metric.total.denominator}",
                "target": "—" if metric.total.target is None else rate_text(_fraction(metric.total.target)),
                "met": {True: "达标", False: "未达标", None: "—"}[metric.total.meets_target],
            }
            for metric in content.metrics
        ],
        "issues": len(content.issues),
        "overdue": sum(issue.overdue_days > 0 for issue in content.issues),
        "repeats": len(content.repeats),
        "reviewed_by": ctx.organisation.reports.reviewer.name,
        "approved_by": ctx.organisation.reports.approver.name,
        "decision": row.decision or "",
        "pdf_sha256": row.pdf_sha256,
        "reply_to": ctx.organisation.mail.reply_to,
    }


def _fraction(value: str) -> Any:
    from fractions import Fraction

    return Fraction(value)


def summary(ctx: Context, report_ids: list[int]) -> str:
    """What a reviewer reads in Airflow before signing: the figures as a Markdown table."""
    lines = []
    for report_id in report_ids:
        row, content = load(ctx, report_id)
        view = _mail_view(ctx, row, content)
        lines.append(render("pages/approval.md", **view, files=[str(file_of(ctx, row, kind).name) for kind in FORMATS]))
    return "\n\n".join(lines)


def listed(ctx: Context) -> list[dict[str, Any]]:
    """Every report with its state and signatures."""
    report = tables.report
    columns = (
        report.c.report_id, report.c.pack, report.c.period, report.c.revision, report.c.cut_off, report.c.state,
        report.c.reviewed_by, report.c.approved_by, report.c.pdf_sha256,
    )  # fmt: skip
    with ctx.engine.connect() as connection:
        found = connection.execute(select(*columns).order_by(report.c.first_on, report.c.pack, report.c.revision))
        return [dict(row) for row in found.mappings()]
