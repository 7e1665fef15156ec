"""Why these days: the window of a decision derived anew, and told step by step."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import groupby
from math import ceil, floor
from typing import Any, cast

from revisit.domain.attempts import given_up_on
from revisit.domain.calendar import CalendarDay, WorkingDays
from revisit.domain.derivation import Derivation
from revisit.domain.hours import time_words
from revisit.domain.windows import Span, Window
from revisit.language import Words
from revisit.policy.model import Pack, Recur, Rule

HOLIDAYS = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利70周年纪念日",
}
ORIGINS = {
    "completed": "办结于 {moment}（{zone}）",
    "starts": "起始日期",
    "ends": "截止日期",
    "contact": "前次回访的日期",
    "agreed": "前次回访约定的日期",
    "given_up": "联系未成功、不再等待的日期",
    "raised": "问题提出的日期",
    "solved": "问题解决的日期",
}


@dataclass(frozen=True, slots=True)
class Deadline:
    """A window derived anew. `cause`: the record or issue it is counted from; `version`: an earlier version of the event
    that it rests on; `agrees`: whether it is the window that was decided."""

    derivation: Derivation
    window: Window | None
    agrees: bool
    cause: Any = None
    version: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """The inputs, and what comes out of them, for `revisit.domain.derivation.recompute`."""
        source = {name: getattr(self.cause, name) for name in ("what", "code", "file")} if self.cause else None
        window = self.window
        return {
            **self.derivation.as_dict(),
            "source": source,
            "event_version": self.version,
            "opens_on": str(window.opens_on) if window else None,
            "due_on": str(window.due_on) if window else None,
            "agrees": self.agrees,
        }


def derive(
    pack: Pack, rule: Rule, row: Any, versions: Sequence[Any], causes: Sequence[Any], working_days: WorkingDays
) -> Deadline:
    """The derivation of a decision's window: the one that gives the days decided, else the newest that is possible.

    `versions`: the event, newest version first; `causes`: records and issues of the event, newest first.
    """
    stored = (row.anchor_on, row.opens_on, row.due_on)
    found: list[Deadline] = []
    for derivation, cause, version in _possible(pack, rule, row, versions, causes):
        window = derivation.window(working_days)
        days = (derivation.anchor(), window and window.opens_on, window and window.due_on)
        replaced = version if version and version != versions[0].version else None
        found.append(Deadline(derivation.counted(working_days), window, days == stored, cause, replaced))
        if days == stored:
            return found[-1]
    return found[0]


def _possible(
    pack: Pack, rule: Rule, row: Any, versions: Sequence[Any], causes: Sequence[Any]
) -> Iterator[tuple[Derivation, Any, int | None]]:
    zone, window, rolls = row.time_zone, rule.window, pack.rolls(rule)
    if rule.trigger.event and row.round == rule.round:
        for event in versions:
            derivation = Derivation(
                rule.anchor, zone, event.happened_at, rule.day_ends, event.starts_on, event.ends_on,
                opens=window.opens, due=window.due, lasts=window.lasts, share=window.share, rolls=rolls,
            )  # fmt: skip
            yield derivation, None, event.version
        return
    follows = partial(Derivation, rule.anchor, zone, opens=window.opens, due=window.due, rolls=rolls)
    own = [cause for cause in causes if cause.pack_version_id == row.pack_version_id]
    for cause in own:
        again = (cause.what, cause.rule, cause.round, cause.result) == ("record", rule.id, row.round - 1, "reached")
        if rule.recur and again:
            agreed_on = cause.agreed_on if rule.recur.agreed else None
            yield _round_after(pack, rule.recur, cause.visited_on, agreed_on), cause, None
    for cause in sorted(own, key=lambda one: one.round != row.round):
        told_on = {
            "agreed": cause.agreed_on, "raised": cause.raised_on, "given_up": _given_up_on(pack, own, cause)
        }.get(rule.anchor, cause.visited_on)  # fmt: skip
        told = cause.what == "record" and (cause.rule, cause.round) == (rule.trigger.after, row.round)
        if told_on and (told or (cause.what == "issue" and rule.trigger.issue)):
            yield follows(told_on=told_on), cause, None
    if rule.recur and row.round != rule.round:  # the record changed or is no longer kept
        yield _round_after(pack, rule.recur, row.anchor_on, None), None, None
    else:
        yield follows(told_on=row.anchor_on), None, None


def _given_up_on(pack: Pack, causes: Sequence[Any], cause: Any) -> date | None:
    """When the contact of a record was given up, as the planner sees it."""
    if cause.what != "record" or cause.result != "unreached":
        return None
    attempts = pack.rule(cause.rule).attempts
    task = (cause.rule, cause.round, "unreached")
    days = [one.visited_on for one in causes if one.what == "record" and (one.rule, one.round, one.result) == task]
    if attempts is None or cause.due_on is None:
        return cast("date", cause.visited_on)
    if any(one.what == "record" and (one.rule, one.round, one.result) == (*task[:2], "reached") for one in causes):
        return None
    return given_up_on(days, cause.due_on, attempts.patience())


def _round_after(pack: Pack, recur: Recur, contact_on: date, agreed_on: date | None) -> Derivation:
    return Derivation("contact", pack.time_zone, told_on=contact_on, opens=recur.opens, due=recur.every, agreed_on=agreed_on,
                      rolls=pack.rounds_roll)  # fmt: skip


def lines(say: Words, deadline: Deadline, row: Any) -> list[str]:
    """The derivation in words: day 0, the first and the last day, the days counted and those left out."""
    derivation, window = deadline.derivation, deadline.window
    anchor_on = derivation.anchor()
    if anchor_on is None or window is None:
        return [say("没有起算日期，无从计算期限")]
    told = [
        _start(say, deadline, anchor_on),
        say("最早 {day}（{weekday}）：{how}", day=window.opens_on, weekday=say.weekday(window.opens_on),
            how=_opens(say, derivation, anchor_on, window)),
        say("最迟 {day}（{weekday}，含当日）：{how}", day=window.due_on, weekday=say.weekday(window.due_on),
            how=_due(say, derivation, anchor_on, window)),
        *_counted(say, derivation),
    ]  # fmt: skip
    if row.provisional:
        told.append(say("经过节假日尚未公布的年份，期限暂定"))
    if deadline.version:
        told.append(say("按事件第 {version} 版计算；该版其后已由来源系统更正", version=deadline.version))
    if deadline.agrees:
        told.append(say("以上各项复算，与判定时的日期一致"))
    else:
        told.append(
            say("判定时为 {opens} 至 {due}，以现有资料复算不一致：日历或所依据的记录其后有变动",
                opens=row.opens_on, due=row.due_on)
        )  # fmt: skip
    return told


def _start(say: Words, deadline: Deadline, anchor_on: date) -> str:
    derivation, weekday = deadline.derivation, say.weekday(anchor_on)
    if derivation.share is not None:  # counted from the term's first day; the anchor only says in which month it falls
        return say("全期 {starts} 至 {ends}，中点 {day}（{weekday}）", starts=derivation.starts_on, ends=derivation.ends_on,
                   day=anchor_on, weekday=weekday)  # fmt: skip
    origin = _origin(say, deadline)
    return say("起算日 {day}（{weekday}，第 0 天）：{origin}", day=anchor_on, weekday=weekday, origin=origin)


def _origin(say: Words, deadline: Deadline) -> str:
    derivation, cause = deadline.derivation, deadline.cause
    moment = derivation.as_dict()["moment"]
    shown = moment and moment[:16].replace("T", " ")
    origin = say(ORIGINS[derivation.fact], moment=shown, zone=derivation.time_zone)
    if derivation.moment and str(derivation.anchor()) != shown[:10] and derivation.day_ends:
        origin += say("，晚于 {time}，自次日起算", time=time_words(derivation.day_ends))
    if cause is None:
        return origin if derivation.told_on is None else say("{origin}（该记录其后已变动或不再保存）", origin=origin)
    if cause.file is None:
        return say("{origin}（{code}）", origin=origin, code=cause.code)
    return say("{origin}（{code}，见 {file}）", origin=origin, code=cause.code, file=cause.file)


def _opens(say: Words, derivation: Derivation, anchor_on: date, window: Window) -> str:
    if derivation.share is not None:
        assert derivation.starts_on is not None and derivation.ends_on is not None
        days = (derivation.ends_on - derivation.starts_on).days
        return say("全期 {days} 天，取其 {share}，进位为第 {number} 天（首日为第 0 天）", days=days, share=derivation.share[0],
                   number=ceil(derivation.share[0] * days))  # fmt: skip
    assert derivation.opens is not None
    return _step(say, anchor_on, derivation.opens, window.opens_on)


def _due(say: Words, derivation: Derivation, anchor_on: date, window: Window) -> str:
    if derivation.share is not None:
        assert derivation.starts_on is not None and derivation.ends_on is not None
        days = (derivation.ends_on - derivation.starts_on).days
        return say("全期 {days} 天，取其 {share}，舍去余数为第 {number} 天（首日为第 0 天）", days=days,
                   share=derivation.share[1], number=floor(derivation.share[1] * days))  # fmt: skip
    calendar = WorkingDays(derivation.days)
    own, regular = replace(derivation, agreed_on=None).window(calendar), derivation.regular(calendar)
    assert own is not None and regular is not None
    if derivation.agreed_on is not None and derivation.agreed_on < own.due_on:
        return say(
            "按周期为 {regular}，客户约定 {agreed} 更早，以约定为准", regular=own.due_on, agreed=derivation.agreed_on
        )
    if derivation.lasts is not None:
        told = say("自最早一天起{length}", length=say.length(derivation.lasts))
    else:
        assert derivation.due is not None
        told = _step(say, anchor_on, derivation.due, regular)
    if window.due_on != regular:
        rest = next(one for one in derivation.days if one.day == regular)
        told = say(
            "{how}为 {regular}（{name}），顺延至其后第一个工作日", how=told, regular=regular, name=_name(say, rest)
        )
    return told


def _step(say: Words, anchor_on: date, span: Span, reached: date) -> str:
    """From day 0 by a span: three days later, the fifth working day after, one month later and clamped."""
    if span.count == 0:
        return say("起算日当日")
    if span.unit == "workday":
        return say("起算日之后第 {number} 个工作日", number=span.count)
    if span.unit == "half_month":
        return say("起算日之后第 {number} 个半月首日（1 日或 16 日）", number=span.count)
    length = say.length(span)
    told = say("起算日之前{length}", length=length) if span.count < 0 else say("起算日之后{length}", length=length)
    if span.unit in ("month", "year") and reached.day != anchor_on.day:
        told += say("（{month} 没有 {day} 日，取月末）", month=f"{reached:%Y-%m}", day=anchor_on.day)
    return told


def _counted(say: Words, derivation: Derivation) -> Iterator[str]:
    if not derivation.in_workdays:
        return
    after = derivation.days[1:]
    working = [one.day for one in after if one.is_workday]
    yield say("计入的工作日（{count} 个）：{days}", count=len(working), days=say.several(_stretches(say, working)))
    if rest := [one for one in after if not one.is_workday]:
        groups = [(name, [one.day for one in group]) for name, group in groupby(rest, lambda one: _name(say, one))]
        named = [f"{name} {say.several(_stretches(say, days))}" for name, days in groups]
        yield say("跳过的休息日：{days}", days=say("；").join(named))
    if made_up := [one for one in after if one.is_workday and one.day.weekday() >= 5]:
        named = [f"{one.day}" + (f" {_name(say, one)}" if one.name else "") for one in made_up]
        yield say("计入的调休上班日：{days}", days=say.several(named))


def _stretches(say: Words, days: Sequence[date]) -> list[str]:
    """Days as ISO text, three or more in a row as first to last."""
    told: list[str] = []
    for _, run in groupby(enumerate(days), lambda item: item[1].toordinal() - item[0]):
        row = [day for _, day in run]
        told += [say("{first} 至 {last}", first=row[0], last=row[-1])] if len(row) > 2 else map(str, row)
    return told


def _name(say: Words, one: CalendarDay) -> str:
    if one.name:
        return say(HOLIDAYS[one.name]) if one.name in HOLIDAYS else one.name
    return say("周末") if one.day.weekday() >= 5 else say("休息日")
