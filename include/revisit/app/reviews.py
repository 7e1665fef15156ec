"""Reviews of single records, and audits of a share of them: asked for, handed to the reviewer, taken back in."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, select, text

from revisit.app import outbox
from revisit.app.assign import pack_in_use
from revisit.app.context import Context
from revisit.app.plan import hmac_halves
from revisit.app.publish import Published, check_code, form_fields, store_file
from revisit.app.wording import left, task_code
from revisit.delivery import sheet
from revisit.domain.windows import add_span
from revisit.errors import ReturnedSheetError
from revisit.policy.model import Audit, Pack, Within
from revisit.settings import Person
from revisit.store import tables
from revisit.store.database import rows, run

log = structlog.get_logger()
PURPOSES = {"review": "逐份审阅", "audit": "抽查核实"}
WANTED = {"review": "审阅", "audit": "核实"}


def is_for_reviewer(addressee: str) -> bool:
    """Whether a list went to a reviewer (`pack/purpose`) and not to a department."""
    return "/" in addressee


def addressee(ctx: Context, name: str, on: date) -> tuple[Pack, str, Person]:
    """The pack, the post's title and its holder of a reviewer's list of a day; raises ReturnedSheetError where one is gone."""
    pack_name, _, purpose = name.partition("/")
    in_force = ctx.packs_on(on)
    if pack_name in in_force:
        pack = in_force[pack_name].pack
        given = getattr(pack.lifecycle, purpose, None)
        role = given.by if given else None
        post = pack_in_use(ctx, pack_name).posts.get(str(role))
        if post is not None:
            return pack, next(one.title for one in pack.roles if one.id == role), post
    raise ReturnedSheetError(f"审阅表“{name}”所属的制度或岗位已停用，无法登记。请联系系统管理人员。")


def publish_reviews(ctx: Context, on: date) -> list[Published]:
    """Ask for the reviews and audits of each pack, and hand each reviewer what is open: on a working day, where
    something is new or was due yesterday. Running it again finds nothing new.
    """
    if not ctx.working_days.is_workday(on):
        return []
    published = []
    with ctx.engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(20260007)"))
        for name, loaded in ctx.packs_on(on).items():
            for purpose in PURPOSES:
                given: Within | Audit | None = getattr(loaded.pack.lifecycle, purpose)
                if given is None or given.by is None:
                    continue
                _ask(ctx, connection, loaded.pack, given, on)
                open_ = rows(connection, "review/find_open", pack=name, purpose=purpose)
                if open_:
                    published += _issue(ctx, connection, name, purpose, open_, on)
    return published


def _ask(ctx: Context, connection: Connection, pack: Pack, given: Within | Audit, on: date) -> None:
    """A review of every record that is new; an audit of a share of last month's."""
    asked = {"pack": pack.pack, "asked_on": on, "due_on": add_span(on, given.within, ctx.working_days)}
    if isinstance(given, Audit):
        inner, outer = hmac_halves(ctx.draw_key)
        last = on.replace(day=1) - timedelta(days=1)
        numerator, denominator = given.share.as_integer_ratio()
        run(
            connection, "review/draw_audit", first=last.replace(day=1), last=last, numerator=numerator,
            denominator=denominator, inner_pad=inner, outer_pad=outer, **asked,
        )  # fmt: skip
    else:
        run(connection, "review/ask_each", first=pack_in_use(ctx, pack.pack).adopted_on, last=on, **asked)


def _issue(
    ctx: Context, connection: Connection, name: str, purpose: str, open_: Sequence[Any], on: date
) -> list[Published]:
    pack, title, post = addressee(ctx, f"{name}/{purpose}", on)
    part = rows(connection, "publish/next_part", department=f"{name}/{purpose}", on=on)[0].part
    yesterday = ctx.working_days.subtract(on, 1)
    missed = part == 1 and any(yesterday <= row.due_on < on for row in open_)
    if not missed and all(row.list_id for row in open_):
        return []
    batch_code = f"{on:%Y%m%d}-{name}-{purpose}" + ("" if part == 1 else f"-{part}")
    lines = [_line(ctx, row, number, batch_code, on) for number, row in enumerate(open_, 1)]
    book = sheet.Workbook(ctx.organisation.name, title, on, batch_code, form_fields(pack), [], [], reviews=lines)
    content = sheet.write(book)
    file = store_file(ctx.lists / f"{on:%Y-%m}" / f"{batch_code}.xlsx", content)
    list_id = connection.execute(
        tables.list_.insert()
        .values(
            department=f"{name}/{purpose}", issued_on=on, part=part, batch_code=batch_code, file_name=file.name,
            sha256=hashlib.sha256(content).hexdigest(),
        )
        .returning(tables.list_.c.list_id)
    ).scalar_one()  # fmt: skip
    asked = tables.review.c.review_id.in_([row.review_id for row in open_])
    connection.execute(tables.review.update().where(asked, tables.review.c.list_id.is_(None)).values(list_id=list_id))
    overdue = sum(row.due_on < on for row in open_)
    paragraphs = (
        f"有{len(lines)}份回访记录待{WANTED[purpose]}" + (f"，其中{overdue}份已逾期" if overdue else ""),
        f"依据《{pack.title}》（{getattr(pack.lifecycle, purpose).clause}），请在附件的黄色单元格中填写意见后，将原文件交回。",
    )
    notice = outbox.Notice("回访记录审阅", paragraphs, (("最早期限", str(min(row.due_on for row in open_))),))
    _send(ctx, connection, batch_code, post, notice, content, on)
    log.info("reviews.published", pack=name, purpose=purpose, on=str(on), reviews=len(lines))
    return [Published(f"{name}/{purpose}", len(lines), 0, batch_code, str(file))]


def _send(
    ctx: Context, connection: Connection, key: str, to: Person, notice: outbox.Notice, content: bytes, on: date
) -> None:
    attachment = (f"revisit-{key.replace('/', '-')}.xlsx", content)
    outbox.notify(ctx, connection, "reviews", key, (to.name, to.mail), notice, on, (attachment,))


def _line(ctx: Context, row: Any, number: int, batch_code: str, on: date) -> sheet.Line:
    code = f"R{row.review_id}"
    said = [sheet.CHANNEL_TITLES[row.channel], *row.ratings.values(), *row.texts.values()]
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


def faults(
    connection: Connection, review_id: int, given: Mapping[str, str], cells: Mapping[str, str]
) -> dict[str, str]:
    """What is wrong with a reviewer's line, single cells (`cells`) included: field id to the reason."""
    found = dict(cells)
    row = connection.execute(select(tables.review).where(tables.review.c.review_id == review_id)).one_or_none()
    if row is None:
        return {"code": f"审阅号 R{review_id} 的记录已不在保存期内，无须审阅"}
    if row.reviewed_on is not None and (row.reviewer, row.opinion, row.accurate) != _said(given):
        found["opinion"] = (
            f"本份已于 {row.reviewed_on} 由{row.reviewer}审阅，首次意见为准；如需更正，请联系系统管理人员"
        )
    if not given["reviewer"]:
        found["reviewer"] = "请填写“审阅人”"
    if row.purpose == "audit" and not given["accurate"] and "accurate" not in cells:
        found["accurate"] = "抽查的记录，请选择“记录属实”"
    if row.purpose == "review" and not given["opinion"]:
        found["opinion"] = "请填写“审阅意见”"
    return found


def _said(given: Mapping[str, str]) -> tuple[str, str, bool | None]:
    return given["reviewer"], given["opinion"], {"是": True, "否": False}.get(given["accurate"])


def take(connection: Connection, review_id: int, given: Mapping[str, str], digest: str, on: date) -> bool:
    """Keep one answer; False where the review was answered before."""
    reviewer, opinion, accurate = _said(given)
    return bool(
        run(connection, "review/answer", review_id=review_id, on=on, reviewer=reviewer, opinion=opinion, accurate=accurate,
            sha256=digest)
    )  # fmt: skip


def send_back(
    ctx: Context, connection: Connection, list_name: str, batch_code: str, refused: Sequence[sheet.Line], digest: str,
    issued_on: date, on: date,
) -> None:  # fmt: skip
    """Send the refused lines back to the reviewer, each bad cell with its reason."""
    pack, title, post = addressee(ctx, list_name, issued_on)
    book = sheet.Workbook(
        ctx.organisation.name, title, on, batch_code, form_fields(pack), [], [], reviews=refused, returned=True
    )
    notice = outbox.Notice(
        "请更正", (f"审阅表 {batch_code} 有 {len(refused)} 行需要更正", "有误的单元格已标红并附说明。")
    )
    _send(ctx, connection, f"{batch_code}/{digest[:12]}", post, notice, sheet.write(book), on)
