"""The share of contacts that some channels may have (LI-12): lists warn of it, or stop handing out what is beyond it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from revisit.app.context import Context
from revisit.app.wording import percent
from revisit.delivery.sheet import CHANNEL_TITLES
from revisit.domain.channel_caps import Cap, Counted, Ways, share_out
from revisit.domain.periods import Period, period_of
from revisit.policy.model import Channel, Metric, Pack, Share
from revisit.reports.words import PERIODS
from revisit.store.database import rows

OVERDUE = timedelta(days=7)
"""How long after its last day a task is still handed out, and a line on a list still counts as waiting for its contact."""

Task = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Full:
    """A stop with no room for one more contact: of `contacts` made in the period or on lists, `capped` are of its channels."""

    metric: Metric
    period: Period
    counted: Counted

    @property
    def share(self) -> Share:
        assert self.metric.share is not None
        return self.metric.share

    @property
    def until(self) -> date:
        """The day on which a new period begins to count."""
        return self.period.back(-1).first

    def __str__(self) -> str:
        return (
            f"{PERIODS[self.period.kind].this}已完成和已下发的{self.counted.contacts}次回访中，{titles(self.share.channels)}合计"
            f"{self.counted.capped}次，再多一次即超过{percent(self.share.at_most)}（{self.metric.clause}）"
        )


@dataclass(frozen=True, slots=True)
class Offer:
    """What a line may be made by where stops took channels away from it (`full`: which); nothing: it waits."""

    channels: tuple[Channel, ...]
    full: tuple[Full, ...]

    def notice(self) -> str:
        """What a line says of it."""
        gone = "；".join(f"{titles(one.share.channels)}已达上限（{one.metric.clause}）" for one in self.full)
        return f"{gone}，本次请以{titles(self.channels)}回访。"


def titles(channels: Iterable[str]) -> str:
    """Channels as people read them: 上门、信函."""
    return "、".join(CHANNEL_TITLES[code] for code in channels)


def any_stop(ctx: Context, on: date) -> bool:
    """Whether what goes out on a day depends on everything else that does."""
    return any(loaded.pack.stops() for loaded in ctx.packs_on(on).values())


def offers(ctx: Context, connection: Connection, going: Sequence[Any], on: date) -> dict[Task, Offer]:
    """The tasks that stops keep from going out, or from some channels, of all that would go out on a day.

    What is in time comes before what is overdue, then what is due first: a task that nobody can make in time any more does not
    make others late. `going`: the tasks of find_open_tasks.
    """
    found: dict[Task, Offer] = {}
    for name, loaded in ctx.packs_on(on).items():
        stops = loaded.pack.stops()
        wanted = sorted((row for row in going if stops and row.pack == name), key=lambda row: _urgency(row, on))
        if wanted:
            found |= _offers(ctx, connection, loaded.pack, stops, wanted, on)
    return found


def _urgency(row: Any, on: date) -> tuple[bool, date, Task]:
    return row.due_on < on, row.due_on, _task(row)


def _task(row: Any) -> Task:
    return row.event_id, row.rule_id, row.round


def _offers(
    ctx: Context, connection: Connection, pack: Pack, stops: Sequence[Metric], wanted: Sequence[Any], on: date
) -> Iterator[tuple[Task, Offer]]:
    period = period_of(pack.report.period, on)
    caps = [Cap(Ways(one.share.channels), one.share.at_most) for one in stops if one.share]
    allowed = [_allowed(ctx, row) for row in wanted]
    given, counts = share_out(caps, _so_far(ctx, connection, pack, period, on), [Ways(one) for one in allowed])
    for row, own, left in zip(wanted, allowed, given, strict=True):
        taken = set(own) - left
        full = tuple(
            Full(metric, period, counted)
            for metric, cap, counted in zip(stops, caps, counts, strict=True)
            if cap.channels & taken
        )
        if full:
            yield _task(row), Offer(tuple(channel for channel in own if channel in left), full)


def _so_far(ctx: Context, connection: Connection, pack: Pack, period: Period, on: date) -> Mapping[Ways, int]:
    """What was made in the period so far and what waits on lists, by what it was or can be made by."""
    found: Counter[Ways] = Counter()
    for row in _counted(connection, pack, period, on):
        found[Ways({row.channel} if row.channel else row.channels or _allowed(ctx, row))] += row.contacts
    return found


def _counted(connection: Connection, pack: Pack, period: Period, on: date) -> Sequence[Any]:
    return rows(
        connection, "publish/count_channels", pack=pack.pack, first=period.first, last=on, overdue_since=on - OVERDUE
    )


def _allowed(ctx: Context, row: Any) -> tuple[Channel, ...]:
    """The channels that a task's rule allows, in the version that it was decided by."""
    pack = ctx.pack_versions[row.pack_version_id]
    return (pack.rule(row.rule).channels or pack.channels).allowed


def warnings(connection: Connection, pack: Pack, on: date) -> Iterator[str]:
    """A warning where the contacts of the report's period so far exceed the share that some channels may have."""
    period = period_of(pack.report.period, on)
    for metric in pack.metrics:
        if metric.share is None or metric.share.stop:
            continue
        made = {row.channel: row.contacts for row in _counted(connection, pack, period, on) if row.channel}
        counted = Counted(sum(made.get(channel, 0) for channel in metric.share.channels), sum(made.values()))
        if counted.capped > metric.share.at_most * counted.contacts:
            yield (
                f"{PERIODS[period.kind].this}已完成的{counted.contacts}次回访中，{titles(metric.share.channels)}合计{counted.capped}次，"
                f"超过{percent(metric.share.at_most)}（{metric.clause}），请优先采用其它方式"
            )


def hints(lines: Iterable[Offer | None], waiting: Sequence[Offer]) -> Iterator[str]:
    """What a list's instructions say of the stops that take channels from its lines, or keep tasks of its department waiting."""
    for full in dict.fromkeys(full for offer in (*lines, *waiting) if offer for full in offer.full):
        held = sum(full in offer.full for offer in waiting)
        later = f"；另有{held}项没有其它方式可用，按期限先后等候下发" if held else ""
        yield f"{full}，有其它方式可选的，请以其它方式回访{later}"


def refusal(pack: Pack, offered: Sequence[str], channel: str) -> str:
    """Why a contact by a channel that its list did not offer goes back."""
    clauses = "、".join(m.clause for m in pack.stops() if m.share and channel in m.share.channels)
    return (
        f"清单下发时，{titles([channel])}回访已达上限{f'（{clauses}）' if clauses else ''}，本项未提供该方式，"
        f"请以{titles(offered)}另行回访后填写"
    )
