"""Why these days: the window of a decision derived anew, and told step by step."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from math import ceil, floor
from typing import Any

from revisit.domain.calendar import CalendarDay, WorkingDays
from revisit.domain.derivation import NEXT_DAY, Derivation
from revisit.domain.windows import Span, Window, add_span
from revisit.language import Words
from revisit.policy.model import Rule

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


def derive(rule: Rule, row: Any, versions: Sequence[Any], causes: Sequence[Any], working_days: WorkingDays) -> Deadline:
    """The derivation of a decision's window: the one that gives the days decided, else the newest that is possible.

    `versions`: the event, newest version first; `causes`: records and issues of the event, newest first.
    """
    stored = (row.anchor_on, row.opens_on, row.due_on)
    found: list[Deadline] = []
    for derivation, cause, version in _possible(rule, row, versions, causes):
        window = derivation.window(working_days)
        days = (derivation.anchor(), window and window.opens_on, window and window.due_on)
        replaced = version if version and version != versions[0].version else None
        found.append(Deadline(derivation.counted(working_days), window, days == stored, cause, replaced))
        if days == stored:
            return found[-1]
    return found[0]


def _possible(
    rule: Rule, row: Any, versions: Sequence[Any], causes: Sequence[Any]
) -> Iterator[tuple[Derivation, Any, int | None]]:
    zone, window = row.time_zone, rule.window
    if rule.trigger.event and row.round == rule.round:
        for event in versions:
            derivation = Derivation(
                rule.anchor, zone, event.happened_at, event.starts_on, event.ends_on,
                opens=window.opens, due=window.due, lasts=window.lasts, share=window.share,
            )  # fmt: skip
            yield derivation, None, event.version
        return
    own = [cause for cause in causes if cause.pack_version_id == row.pack_version_id]
    for cause in own:
        again = (cause.what, cause.rule, cause.round, cause.result) == ("record", rule.id, row.round - 1, "reached")
        if rule.recur and again:
            agreed_on = cause.agreed_on if rule.recur.agreed else None
            yield (
                Derivation(
                    "contact", zone, told_on=cause.visited_on, opens=NEXT_DAY, due=rule.recur.every, agreed_on=agreed_on
                ),
                cause,
                None,
            )
    for cause in sorted(own, key=lambda one: one.round != row.round):
        told_on = {"agreed": cause.agreed_on, "raised": cause.raised_on}.get(rule.anchor, cause.visited_on)
        told = cause.what == "record" and (cause.rule, cause.round) == (rule.trigger.after, row.round)
        if told_on and (told or (cause.what == "issue" and rule.trigger.issue)):
            yield Derivation(rule.anchor, zone, told_on=told_on, opens=window.opens, due=window.due), cause, None
    if rule.recur and row.round != rule.round:  # the record changed or is no longer kept
        yield Derivation("contact", zone, told_on=row.anchor_on, opens=NEXT_DAY, due=rule.recur.every), None, None
    else:
        yield Derivation(rule.anchor, zone, told_on=row.anchor_on, opens=window.opens, due=window.due), None, None


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
    if derivation.lasts is not None:
        return say("自最早一天起{length}", length=say.length(derivation.lasts))
    assert derivation.due is not None
    regular = add_span(anchor_on, derivation.due, WorkingDays(derivation.days))
    if derivation.agreed_on is not None and derivation.agreed_on < regular:
        return say(
            "按周期为 {regular}，客户约定 {agreed} 更早，以约定为准", regular=regular, agreed=derivation.agreed_on
        )
    return _step(say, anchor_on, derivation.due, window.due_on)


def _step(say: Words, anchor_on: date, span: Span, reached: date) -> str:
    """From day 0 by a span: three days later, the fifth working day after, one month later and clamped."""
    if span.count == 0:
        return say("起算日当日")
    if span.unit == "workday":
        return say("起算日之后第 {number} 个工作日", number=span.count)
    length = say.length(span)
    told = say("起算日之前{length}", length=length) if span.count < 0 else say("起算日之后{length}", length=length)
    if span.unit in ("month", "year") and reached.day != anchor_on.day:
        told += say("（{month} 没有 {day} 日，取月末）", month=f"{reached:%Y-%m}", day=anchor_on.day)
    return told


def _counted(say: Words, derivation: Derivation) -> Iterator[str]:
    after = derivation.days[1:]
    if not after:
        return
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
