"""Ask for what another desk should have delivered by now (RC-05: a register every half month)."""

from datetime import date

from sqlalchemy import Connection

from revisit.app import outbox
from revisit.app.context import Context
from revisit.domain.feeds import overdue_period
from revisit.policy.model import Feed
from revisit.settings import PackInUse
from revisit.store.database import rows


def ask_for_feeds(ctx: Context, connection: Connection, on: date) -> int:
    """Queue one letter for each overdue delivery to the desk that owes it; how many were queued."""
    in_force = ctx.packs_on(on)
    wanted = [
        (use, feed, use.feeds[feed.id])
        for use in ctx.organisation.packs
        for feed in in_force[use.pack].pack.feeds
        if feed.id in use.feeds
    ]
    if not wanted:
        return 0
    found = rows(connection, "chase/find_deliveries", sources=sorted({source for _, _, source in wanted}))
    delivered = {row.source: row.delivered_on for row in found}
    return sum(_ask(ctx, connection, use, feed, delivered.get(source), on) for use, feed, source in wanted)


def _ask(ctx: Context, connection: Connection, use: PackInUse, feed: Feed, delivered_on: date | None, on: date) -> bool:
    end = overdue_period(feed.every, delivered_on, on, ctx.working_days)
    if end is None or end < use.adopted_on:
        return False
    post = use.posts[feed.by]
    notice = outbox.Notice(
        "催交",
        (
            f"请交来截至{end.month}月{end.day}日的{feed.name}",
            f"依据《{ctx.packs_on(on)[use.pack].pack.title}》（{feed.clause}），截至{end.month}月{end.day}日的{feed.name}今日应送达，"
            f"系统尚未收到新的内容。请于今日送交；如已送交，请检查送达的位置。",
        ),
        (("最近一次收到", str(delivered_on) if delivered_on else "从未收到"),),
    )
    key = f"{use.pack}/{use.line}/{feed.id}/{end}"
    return outbox.notify(ctx, connection, "feed", key, (post.name, post.mail), notice, on)
