"""Why so decided: what a reason of a decision rests on, fact by fact."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from revisit.app.wording import EVENTS, FIELDS, SUBSTITUTED_FOR, percent
from revisit.domain.calendar import WorkingDays
from revisit.domain.windows import Span, add_span
from revisit.language import Words
from revisit.policy.model import Condition, Pack, Rule
from revisit.policy.predicate import Comparison, Where, holds
from revisit.settings import RateDecided
from revisit.store import tables
from revisit.store.database import rows

CONDITIONS = {
    "unsatisfactory": "{rule}评价不合格",
    "repeated": "{length}内同一客户同一事项达 {times} 次",
    "in_a_row": "{length}内同一客户同一事项连续达 {times} 次，其间没有其它事项",
    "both": "{months} 个自然月内同一客户同一事项连续达 {times} 次，其间没有其它事项",
    "calendar": "{months} 个自然月内同一客户同一事项达 {times} 次",
    "flagged": "{rule}时注明需要",
}
_SYMBOLS = {"eq": "=", "ne": "≠", "gt": ">", "ge": "≥", "lt": "<", "le": "≤"}


@dataclass(frozen=True, slots=True)
class Case:
    """A decision with what it was decided about: its row, its event, records and issues of the event, rates decided."""

    row: Any
    event: Any
    event_on: date
    pack: Pack
    rule: Rule
    causes: Sequence[Any]
    rates: Sequence[RateDecided]
    standing: str | None = None
    places: Sequence[Any] = ()

    @property
    def fields(self) -> dict[str, object]:
        """What a `where` may look at."""
        own = {name: getattr(self.event, name) for name in ("severity", "department", "area", "matter")}
        return {**(self.event.attributes or {}), **own, "standing": self.standing}


def find_standing(connection: Connection, pack: Pack, event: Any, days: WorkingDays) -> str | None:
    """Whether the event's customer is new or old, as far as is known now; None where the pack does not ask."""
    if pack.standing is None:
        return None
    found = rows(
        connection, "explain/find_standing", event_id=event.event_id, kind=pack.standing.since, zone=pack.time_zone
    )
    if not found:
        return None
    first = found[0].first_on
    return "old" if first and found[0].event_on >= add_span(first, pack.standing.new_for, days) else "new"


def details(connection: Connection, say: Words, case: Case) -> list[str]:
    """What the reason of a decision rests on, in words; nothing where the reason says it all."""
    tellers = {
        "incomplete": _incomplete, "not_matched": _not_matched, "outranked": _outranked, "no_anchor": _no_anchor,
        "rate": _rate, "condition": _condition, "lapsed": _condition, "condition_met": _condition_met,
        "substituted": _gave_place, "substitute": _took_place,
    }  # fmt: skip
    reason = case.row.reason
    if reason in tellers:
        return list(tellers[reason](say, case))
    if reason == "before_adoption":
        return [_before_adoption(connection, say, case)]
    if reason == "stopped":
        return list(_stopped(connection, say, case))
    return []


def condition_words(say: Words, where: Where, fields: Mapping[str, object] | None = None) -> list[str]:
    """The conditions of a `where` in words; with an event's fields only those that do not hold, and what the event has."""
    told = []
    for name, condition in where.items():
        if fields is not None and holds({name: condition}, fields):
            continue
        words = say.several(list(_tests(say, say(FIELDS[name]) if name in FIELDS else name, condition)))
        has = fields.get(name) if fields is not None else None
        if fields is not None:
            words = say(
                "{condition}（该事件：{value}）", condition=words, value=say("未填写") if has is None else _plain(has)
            )
        told.append(words)
    return told


def _tests(say: Words, name: str, condition: Any) -> Iterator[str]:
    if not isinstance(condition, Comparison):
        yield f"{name} = {_plain(condition)}"
        return
    for key, symbol in _SYMBOLS.items():
        wanted = getattr(condition, key)
        if wanted is not None:
            yield f"{name} {symbol} {_plain(wanted)}"
    if condition.in_ is not None:
        yield f"{name} ∈ {{{', '.join(map(_plain, condition.in_))}}}"
    if condition.present is not None:
        yield say("{field} 已填写", field=name) if condition.present else say("{field} 未填写", field=name)


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _incomplete(say: Words, case: Case) -> Iterator[str]:
    assert case.rule.needs is not None
    missing = [name for name in case.rule.needs.fields if case.fields.get(name) is None]
    named = say.several([f"{say(FIELDS[name])} {name}" if name in FIELDS else name for name in missing])
    yield say("缺 {fields}（{clause}）；在来源系统补齐后自动判定", fields=named, clause=case.rule.needs.clause)


def _not_matched(say: Words, case: Case) -> Iterator[str]:
    for told in condition_words(say, case.rule.where, case.fields):
        yield say("本条要求 {condition}", condition=told)


def _outranked(say: Words, case: Case) -> Iterator[str]:
    for other in case.pack.rules:
        if case.rule.id in other.outranks and holds(other.where, case.fields):
            where = say("；").join(condition_words(say, other.where))
            yield say("适用 {clause} {name}（{condition}），故本条不再适用", clause=other.clause, name=other.name,
                      condition=where or say("无条件"))  # fmt: skip


def _no_anchor(say: Words, case: Case) -> Iterator[str]:
    needed = {"starts": ("starts_on",), "ends": ("ends_on",), "term": ("starts_on", "ends_on")}[case.rule.anchor]
    missing = [say(FIELDS[name]) for name in needed if getattr(case.event, name) is None]
    yield say("缺 {fields}", fields=say.several(missing))


def _rate(say: Words, case: Case) -> Iterator[str]:
    quota = case.pack.quota(str(case.rule.quota))
    parameter = next(one for one in case.pack.parameters if one.id == quota.decided)
    title = next((role.title for role in case.pack.roles if role.id == parameter.decided_by), parameter.decided_by)
    month = case.event_on.replace(day=1)
    yield say("{parameter}（{means}，{clause}）由{role}按月决定，{month} 尚未决定", parameter=parameter.id,
              means=parameter.means, clause=parameter.clause, role=title, month=f"{month:%Y-%m}")  # fmt: skip
    decided = next((one for one in case.rates if (one.parameter, one.period) == (parameter.id, month)), None)
    if decided:
        yield say("organisation.yaml 中已填 {rate}（{day} 决定）：运行 revisit set-up 和 revisit plan 后生效",
                  rate=percent(decided.rate), day=decided.decided_on)  # fmt: skip
    else:
        yield say("决定后写入 organisation.yaml 的 rates，再运行 revisit set-up 和 revisit plan")


def _gave_place(say: Words, case: Case) -> Iterator[str]:
    for place in case.places:
        if place.gave:
            yield say("由 {code}（{source}/{key}）替换；{by} {day} 登记，原因：客户{reason}", code=place.code,
                      source=place.source, key=place.event_key, by=place.substituted_by or "—", day=place.substituted_on,
                      reason=say(SUBSTITUTED_FOR[place.reason]))  # fmt: skip
            yield from _note(say, place)


def _took_place(say: Words, case: Case) -> Iterator[str]:
    for place in case.places:
        if not place.gave:
            yield say("替换 {code}（{source}/{key}）；{by} {day} 登记，原因：该客户{reason}", code=place.code,
                      source=place.source, key=place.event_key, by=place.substituted_by or "—", day=place.substituted_on,
                      reason=say(SUBSTITUTED_FOR[place.reason]))  # fmt: skip
            yield from _note(say, place)


def _note(say: Words, place: Any) -> Iterator[str]:
    if place.note:
        yield say("附注：{note}", note=place.note)


def _condition(say: Words, case: Case) -> Iterator[str]:
    assert case.rule.condition is not None
    told = [_condition_words(say, case.pack, case.rule.condition, one) for one in case.rule.condition.any_of]
    yield say("在 {due} 之前出现下列任一情形才回访：{conditions}", due=case.row.due_on, conditions=say("；").join(told))


def _condition_met(say: Words, case: Case) -> Iterator[str]:
    condition = case.rule.condition
    assert condition is not None
    wanted = set(condition.any_of)
    for cause in case.causes:
        if (cause.what, cause.pack_version_id, cause.rule) == ("record", case.row.pack_version_id, condition.first):
            met = ("unsatisfactory", cause.unsatisfactory), ("flagged", cause.second_visit_wanted)
            for name in (name for name, holds_ in met if holds_ and name in wanted):
                words = _condition_words(say, case.pack, condition, name)
                yield say("{condition}（{code}，{day} 收到）", condition=words, code=cause.code, day=cause.recorded_on)
                return
    if "repeated" in wanted:
        yield _condition_words(say, case.pack, condition, "repeated")


def _condition_words(say: Words, pack: Pack, condition: Condition, name: str) -> str:
    detection = next(one for one in pack.detections if one.id == condition.repeat)
    first = pack.rule(condition.first)
    months = detection.within_months or 0
    if name == "repeated":
        both = detection.in_a_row and detection.calendar
        name = "both" if both else "in_a_row" if detection.in_a_row else "calendar" if detection.calendar else name
    length = say.length(Span(months, "month"))
    return say(CONDITIONS[name], rule=first.name, length=length, months=months, times=detection.at_least)


def _before_adoption(connection: Connection, say: Words, case: Case) -> str:
    use = tables.pack_use
    adopted_on = connection.execute(
        select(use.c.adopted_on).where(use.c.pack == case.row.pack, use.c.line == case.event.line)
    ).scalar_one_or_none()
    return say("事件日期 {day}，本业务线自 {adopted} 起执行该制度", day=case.event_on, adopted=adopted_on)


def _stopped(connection: Connection, say: Words, case: Case) -> Iterator[str]:
    if case.rule.trigger.issue:
        yield say("该事项提出的问题均已解决")
    kinds = list(case.rule.recur.until) if case.rule.recur else []
    for found in rows(connection, "explain/find_stop", event_id=case.event.event_id, kinds=kinds):
        yield say(
            "同一客户已有 {source}/{key}（{kind}）",
            source=found.source,
            key=found.event_key,
            kind=say(EVENTS[found.kind]),
        )
