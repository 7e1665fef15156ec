"""Reviews of single records, and audits of a share of them: asked for, handed to the reviewer, taken back in."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, text

from revisit.app import outbox
from revisit.app.assign import pack_in_use
from revisit.app.context import Context
from revisit.app.plan import hmac_halves
from revisit.app.publish import Published, check_code, form_fields, store_file
from revisit.app.wording import left, task_code
from revisit.delivery import sheet
from revisit.domain.windows import add_span
from revisit.policy.model import Audit, Pack, Within
from revisit.settings import Person
from revisit.store import tables
from revisit.store.database import rows, run

log = structlog.get_logger()
PURPOSES = {"review": "逐份审阅", "audit": "抽查核实"}


def is_for_reviewer(addressee: str) -> bool:
    """Whether a list went to a reviewer (`pack/role`) and not to a department."""
    return "/" in addressee


def publish_reviews(ctx: Context, on: date) -> list[Published]:
    """Ask for the reviews and audits of each pack, and hand each reviewer what is open: on a working day, where
    something is new or was due yesterday. Running it again finds nothing new.
    """
    if not ctx.working_days.is_workday(on):
        return []
    published = []
    with ctx.engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(20260007)"))
        for name, loaded in ctx.packs.items():
            for purpose in PURPOSES:
                given: Within | Audit | None = getattr(loaded.pack.lifecycle, purpose)
                if given is None or given.by is None:
                    continue
                _ask(ctx, connection, loaded.pack, purpose, given, on)
                open_ = rows(connection, "review/find_open", pack=name, purpose=purpose)
                if open_:
                    published += _issue(ctx, connection, loaded.pack, purpose, given.by, open_, on)
    return published


def _ask(ctx: Context, connection: Connection, pack: Pack, purpose: str, given: Within | Audit, on: date) -> None:
    """A review of every record taken in so far; an audit of a share of last month's."""
    share, first, last = (1, 1), pack_in_use(ctx, pack.pack).adopted_on, on
    if isinstance(given, Audit):
        share, last = given.share.as_integer_ratio(), on.replace(day=1) - timedelta(days=1)
        first = last.replace(day=1)
    inner, outer = hmac_halves(ctx.draw_key)
    run(
        connection, "review/ask", pack=pack.pack, purpose=purpose, first=first, last=last, numerator=share[0],
        denominator=share[1], asked_on=on, due_on=add_span(on, given.within, ctx.working_days), inner_pad=inner,
        outer_pad=outer,
    )  # fmt: skip


def _issue(
    ctx: Context, connection: Connection, pack: Pack, purpose: str, role: str, open_: Sequence[Any], on: date
) -> list[Published]:
    addressee, post = f"{pack.pack}/{role}", pack_in_use(ctx, pack.pack).posts[role]
    part = rows(connection, "publish/next_part", department=addressee, on=on)[0].part
    yesterday = ctx.working_days.subtract(on, 1)
    missed = part == 1 and any(yesterday <= row.due_on < on for row in open_)
    if not missed and all(row.list_id for row in open_):
        return []
    batch_code = f"{on:%Y%m%d}-{pack.pack}-{role}" + ("" if part == 1 else f"-{part}")
    lines = [_line(ctx, row, number, batch_code, on) for number, row in enumerate(open_, 1)]
    title = next(one.title for one in pack.roles if one.id == role)
    book = sheet.Workbook(ctx.organisation.name, title, on, batch_code, form_fields(pack), [], [], reviews=lines)
    content = sheet.write(book)
    file = store_file(ctx.lists / f"{on:%Y-%m}" / f"{batch_code}.xlsx", content)
    list_id = connection.execute(
        tables.list_.insert()
        .values(
            department=addressee, issued_on=on, part=part, batch_code=batch_code, file_name=file.name,
            sha256=hashlib.sha256(content).hexdigest(),
        )
        .returning(tables.list_.c.list_id)
    ).scalar_one()  # fmt: skip
    asked = tables.review.c.review_id.in_([row.review_id for row in open_])
    connection.execute(tables.review.update().where(asked, tables.review.c.list_id.is_(None)).values(list_id=list_id))
    overdue = sum(row.due_on < on for row in open_)
    paragraphs = (
        f"{len(lines)}份回访记录待{PURPOSES[purpose]}" + (f"，其中{overdue}份已逾期" if overdue else ""),
        "请在附件的黄色单元格中填写意见后，将原文件交回。",
    )
    notice = outbox.Notice("回访记录审阅", paragraphs, (("最早期限", str(min(row.due_on for row in open_))),))
    _send(ctx, connection, batch_code, post, notice, content, on)
    log.info("reviews.published", pack=pack.pack, purpose=purpose, on=str(on), reviews=len(lines))
    return [Published(addressee, len(lines), 0, batch_code, str(file))]


def _send(
    ctx: Context, connection: Connection, key: str, to: Person, notice: outbox.Notice, content: bytes, on: date
) -> None:
    attachment = (f"revisit-{key.replace('/', '-')}.xlsx", content)
    outbox.notify(ctx, connection, "reviews", key, (to.name, to.mail), notice, on, (attachment,))


def _line(ctx: Context, row: Any, number: int, batch_code: str, on: date) -> sheet.Line:
    code = f"R{row.review_id}"
    channels = {channel: title for title, channel in sheet.CHANNELS.items()}
    said = [channels[row.channel], *row.ratings.values(), *row.texts.values()]
    return sheet.Line(
        {
            "number": number,
            "code": code,
            "due_on": row.due_on,
            "left": left(row.due_on, on),
            "purpose": PURPOSES[row.purpose],
            "task": task_code(row.event_id, row.rule_id, row.round),
            "rule": row.rule_name,
            "customer": row.customer,
            "subject": row.subject,
            "visited_on": row.visited_on,
            "visitor": row.visitor,
            "said": "；".join(said),
            "check": check_code(ctx.draw_key, batch_code, code),
        }
    )


def review_faults(given: Mapping[str, str], audited: bool, cells: Mapping[str, str]) -> dict[str, str]:
    """What is missing in a reviewer's line, beyond single cells (`cells`): field id to the reason."""
    faults = {}
    if not given["reviewer"]:
        faults["reviewer"] = "请填写“审阅人”"
    if audited and not given["accurate"] and "accurate" not in cells:
        faults["accurate"] = "抽查的记录，请选择“记录属实”"
    if not audited and not given["opinion"]:
        faults["opinion"] = "请填写“审阅意见”"
    return faults


def take(connection: Connection, review_id: int, given: Mapping[str, str], digest: str, on: date) -> bool:
    """Keep one answer; False where the review was answered before."""
    return bool(
        run(
            connection, "review/answer", review_id=review_id, on=on, reviewer=given["reviewer"], opinion=given["opinion"],
            accurate={"是": True, "否": False}.get(given["accurate"]), sha256=digest,
        )
    )  # fmt: skip


def send_back(
    ctx: Context, connection: Connection, addressee: str, batch_code: str, refused: Sequence[sheet.Line], digest: str,
    on: date,
) -> None:  # fmt: skip
    """Send the refused lines back to the reviewer, each bad cell with its reason."""
    pack_name, _, role = addressee.partition("/")
    pack = ctx.packs[pack_name].pack
    title = next(one.title for one in pack.roles if one.id == role)
    book = sheet.Workbook(
        ctx.organisation.name, title, on, batch_code, form_fields(pack), [], [], reviews=refused, returned=True
    )
    notice = outbox.Notice(
        "请更正", (f"审阅表 {batch_code} 有 {len(refused)} 行需要更正", "有误的单元格已标红并附说明。")
    )
    _send(
        ctx,
        connection,
        f"{batch_code}/{digest[:12]}",
        pack_in_use(ctx, pack_name).posts[role],
        notice,
        sheet.write(book),
        on,
    )
