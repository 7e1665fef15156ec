"""Why nothing was decided: no pack, no version, no rule, not planned yet, or a row in quarantine."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, select

from revisit.app.context import Context
from revisit.app.explanation import Explanation, event_lines
from revisit.app.wording import EVENTS, FAULTS, FIELDS
from revisit.language import Words
from revisit.store import tables
from revisit.store.database import rows


def undecided(ctx: Context, connection: Connection, say: Words, event: Any, others: bool) -> Iterator[Explanation]:
    """One explanation for each pack of the event's line that decided nothing about it; one if the line has no pack."""
    subject = f"{event.source}/{event.event_key}"
    inputs = {"event": {"source": event.source, "event_key": event.event_key, "kind": event.kind, "line": event.line}}
    found = rows(connection, "explain/find_versions", event_id=event.event_id)
    merges = rows(connection, "explain/find_merges", event_id=event.event_id)
    facts = ((say("事件"), tuple(event_lines(say, event, ctx.organisation.time_zone, merges))),)
    if not found:
        why = say("业务线 {line} 没有启用任何制度", line=event.line)
        yield Explanation(subject, say("{subject} 不在清单上：{why}。", subject=subject, why=why), facts, inputs)
    for pack, group in groupby(found, lambda row: row.pack):
        versions = list(group)
        if not any(version.decided for version in versions):
            why = f"{pack} {_why_undecided(say, event, versions)}"
            sentence = (
                say("{subject} 没有另外的回访任务：{why}。", subject=subject, why=why)
                if others
                else say("{subject} 不在清单上：{why}。", subject=subject, why=why)
            )
            yield Explanation(subject, sentence, facts, {**inputs, "pack": {"pack": pack}})


def _why_undecided(say: Words, event: Any, versions: Sequence[Any]) -> str:
    in_force = [
        one for one in versions
        if one.pack_version_id and one.effective_from <= one.event_on
        and (one.effective_until is None or one.event_on <= one.effective_until)
    ]  # fmt: skip
    if not in_force:
        known = [one.effective_from for one in versions if one.pack_version_id]
        if not known:
            return say("没有施行过的版本")
        return say(
            "在事件日期 {day} 没有有效的版本（最早自 {first} 起施行）", day=versions[0].event_on, first=min(known)
        )
    version = in_force[0]
    if event.kind not in version.kinds:
        kinds = say.several([say(EVENTS[kind]) for kind in version.kinds])
        return say("没有由“{kind}”引发的条款（有：{kinds}）", kind=say(EVENTS[event.kind]), kinds=kinds)
    return say("尚未判定：批次 {batch} 于 {day} 收到，下次运行 revisit plan 时判定", batch=event.batch_id,
               day=event.received_on)  # fmt: skip


def quarantined(connection: Connection, say: Words, source: str, event_key: str, known: bool) -> list[Explanation]:
    """The rows of an event that stand in quarantine: all that is there of it, or a correction of a known event."""
    held = tables.quarantine
    refused = connection.execute(
        select(held.c.reasons, held.c.position, held.c.refused_on, held.c.batch_id)
        .where(held.c.source == source, held.c.event_key == event_key, held.c.resolved_batch_id.is_(None))
        .order_by(held.c.batch_id, held.c.position)
    ).all()
    subject = f"{source}/{event_key}"
    found = []
    for row in refused:
        words = [_refusal(say, reason) for reason in row.reasons]
        text = (
            say("{subject} 另有一行更正在隔离区，尚未采用：{reasons}。", subject=subject, reasons=say("；").join(words))
            if known
            else say(
                "{subject} 不在清单上：该行在隔离区，尚未采用：{reasons}。",
                subject=subject,
                reasons=say("；").join(words),
            )
        )
        place = say(
            "批次 {batch} 第 {position} 行，{day} 隔离", batch=row.batch_id, position=row.position, day=row.refused_on
        )
        way_out = say("在来源系统更正；更正后的行到达时自动进入")
        facts = ((say("隔离原因"), tuple(words)), (say("所在"), (place,)), (say("办法"), (way_out,)))
        inputs = {"quarantine": {"batch_id": row.batch_id, "position": row.position, "refused_on": str(row.refused_on),
                                 "reasons": list(row.reasons)}}  # fmt: skip
        found.append(Explanation(subject, text, facts, inputs))
    return found


def _refusal(say: Words, reason: str) -> str:
    """Why a row was refused: `area: unknown` is 片区：未登记, Area: not registered."""
    name, _, fault = reason.partition(": ")
    if fault.startswith("after ") and fault[6:] in FIELDS:
        told = say("晚于{field}", field=say(FIELDS[fault[6:]]))
    else:
        told = say(FAULTS[fault]) if fault in FAULTS else fault
    return say("{field}：{fault}", field=say(FIELDS[name]) if name in FIELDS else name, fault=told)
