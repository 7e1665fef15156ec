"""Why: of a task, of an event that is on no list, of a figure. A sentence, and the facts it rests on."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from revisit.app import explain_deadline, explain_draw, explain_reason, explain_standing
from revisit.app.context import Context
from revisit.app.explain_absent import quarantined, undecided
from revisit.app.explain_deadline import Deadline
from revisit.app.explain_reason import Case
from revisit.app.explanation import Explanation, event_lines
from revisit.app.wording import (
    OUTCOMES,
    REASONS,
    parse_task_code,
    percent,
    task_code,
)
from revisit.errors import RevisitError
from revisit.language import Language, Words
from revisit.policy.model import Rule
from revisit.store import tables
from revisit.store.database import rows

_FIGURE = re.compile(r"^(K\d{2}[a-z]?)/(\d{4}(?:-\d{2}|[QH]\d)?)(?:/(.+))?$")
STANDINGS = {
    "in_time": "按期完成",
    "late": "逾期完成",
    "missed": "逾期未做",
    "not_drawn": "未抽中",
    "not_planned": "未抽中，不计入",
    "pending": "未到期",
    "excused": "免除",
}


def explain(
    ctx: Context, subject: str, on: date, language: Language = "zh_Hans", pack: str | None = None
) -> list[Explanation]:
    """Explain `T12-3-1` (a task), `source/event_key` (an event) or `K09/2026-10/D01` (a figure, of one `pack` if named).

    `on` is the day for which is said why a task is on no list. Raises RevisitError for a subject nothing is known of.
    """
    say = Words(language)
    with ctx.engine.connect() as connection:
        if figure := _FIGURE.match(subject):
            return [_figure(connection, say, figure[1], figure[2], figure[3], pack)]
        if key := parse_task_code(subject):
            found = _event(ctx, connection, say, key[0], on, key)
        else:
            source, _, event_key = subject.partition("/")
            event = tables.event
            event_id = connection.execute(
                select(event.c.event_id).where(event.c.source == source, event.c.event_key == event_key)
            ).scalar_one_or_none()
            found = [] if event_id is None else _event(ctx, connection, say, event_id, on)
            found += quarantined(connection, say, source, event_key, event_id is not None)
    if not found:
        raise RevisitError(
            f"there is no event or task '{subject}'. Give a task (T12-3-1), an event (source/key; see: revisit export events) "
            "or a figure (K09/2026-10, K20/2026H1)."
        )
    return found


def _event(
    ctx: Context, connection: Connection, say: Words, event_id: int, on: date, key: tuple[int, int, int] | None = None
) -> list[Explanation]:
    """Every decision about an event, or the one with a task's key, and the packs that decided nothing."""
    event = connection.execute(select(tables.event).where(tables.event.c.event_id == event_id)).one_or_none()
    if event is None:
        return []
    table = tables.event_version
    earlier = connection.execute(
        select(table).where(table.c.event_id == event_id).order_by(table.c.version.desc())
    ).all()
    causes = rows(connection, "explain/find_causes", event_id=event_id)
    decided = rows(connection, "explain/find_decisions", event_id=event_id)
    if key:
        decided = [row for row in decided if (row.event_id, row.rule_id, row.round) == key]
    found = [_decision(ctx, connection, say, row, (event, *earlier), causes, on) for row in decided]
    return found if key else found + list(undecided(ctx, connection, say, event, bool(decided)))


def _decision(
    ctx: Context, connection: Connection, say: Words, row: Any, versions: Sequence[Any], causes: Sequence[Any], on: date
) -> Explanation:
    event, pack = versions[0], ctx.pack_versions[row.pack_version_id]
    rule = pack.rule(row.rule)
    event_on = event.starts_on or event.happened_at.astimezone(ZoneInfo(row.time_zone)).date()
    standing_of = explain_reason.find_standing(connection, pack, event, ctx.working_days)
    key = {"event_id": row.event_id, "rule_id": row.rule_id}
    places = rows(connection, "explain/find_places", **key) if row.draw_position else []
    case = Case(row, event, event_on, pack, rule, causes, ctx.organisation.rates, standing_of, places)
    deadline = explain_deadline.derive(pack, rule, row, versions, causes, ctx.working_days)
    drawn = explain_draw.find(connection, ctx.draw_key, pack, rule, row, event, places) if row.draw_position else None
    standing = explain_standing.find(ctx, connection, row, on) if row.outcome == "due" else None
    details = explain_reason.details(connection, say, case)
    where = explain_standing.sentence(ctx, say, standing, row) if standing else None
    merges = rows(connection, "explain/find_merges", event_id=row.event_id)
    facts = {
        say("事件"): event_lines(say, event, row.time_zone, merges),
        say("制度"): _pack_lines(say, row, rule),
        say("判定"): [_decided(say, row), *details],
        say("期限"): explain_deadline.lines(say, deadline, row),
        say("抽样"): explain_draw.lines(say, drawn, pack, rule) if drawn else [],
        say("办理"): explain_standing.lines(connection, say, row, rule, causes),
    }
    inputs = {
        **_names(row, event, rule),
        "window": deadline.as_dict(),
        "draw": drawn.as_dict() if drawn else None,
        "standing": standing.as_dict() if standing else None,
    }
    code = task_code(row.event_id, row.rule_id, row.round)
    told = tuple((name, tuple(lines)) for name, lines in facts.items() if lines)
    return Explanation(code, _sentence(say, code, row, rule, deadline, details, where), told, inputs)


def _sentence(
    say: Words, code: str, row: Any, rule: Rule, deadline: Deadline, details: Sequence[str], where: str | None
) -> str:
    duty = say("{name}（{document}，{clause}）", name=rule.name, document=row.document_code, clause=rule.clause)
    reason = _reason(say, row, details)
    if where is None:
        return say("{code} {outcome}，不在清单上：{duty}，{reason}。", code=code, outcome=_outcome(say, row),
                   duty=duty, reason=reason)  # fmt: skip
    term = deadline.derivation
    since = (
        say("{anchor} 起算", anchor=row.anchor_on)
        if term.share is None
        else say("全期 {starts} 至 {ends}", starts=term.starts_on, ends=term.ends_on)
    )
    one_day = row.opens_on == row.due_on
    window = row.due_on if one_day else say("{first} 至 {last}", first=row.opens_on, last=row.due_on)
    return say("{code} 应回访：{duty}，{since}，{window} 回访；{reason}。{where}。", code=code, duty=duty, since=since,
               window=window, reason=reason, where=where)  # fmt: skip


def _names(row: Any, event: Any, rule: Rule) -> dict[str, Any]:
    """What a decision is about, by its keys, and what was decided."""
    days = {name: getattr(row, name) for name in ("decided_on", "anchor_on", "opens_on", "due_on")}
    return {
        "event": {"source": event.source, "event_key": event.event_key, "version": event.version, "kind": event.kind,
                  "batch_id": event.batch_id},
        "pack": {"pack": row.pack, "revision": row.revision, "effective_from": str(row.effective_from),
                 "sha256": row.sha256},
        "rule": {"rule": rule.id, "clause": rule.clause, "round": row.round},
        "decision": {"outcome": row.outcome, "reason": row.reason,
                     **{name: day and str(day) for name, day in days.items()}},
    }  # fmt: skip


def _pack_lines(say: Words, row: Any, rule: Rule) -> list[str]:
    return [
        say("{pack} {document} {revision}，自 {day} 起施行，内容 {sha256}", pack=row.pack, document=row.document_code,
            revision=row.revision, day=row.effective_from, sha256=row.sha256[:12]),
        say("{clause}“{text}”（{rule}），第 {round} 轮", clause=rule.clause, text=rule.text, rule=rule.id, round=row.round),
    ]  # fmt: skip


def _outcome(say: Words, row: Any) -> str:
    """What was decided, in a word; a drawn event that gave its place on is no event that the lot passed over."""
    return say("已替换") if row.reason == "substituted" else say(OUTCOMES[row.outcome])


def _decided(say: Words, row: Any) -> str:
    return say("{day}：{outcome}，{reason}", day=row.decided_on, outcome=_outcome(say, row),
               reason=say(REASONS[row.reason]))  # fmt: skip


def _reason(say: Words, row: Any, details: Sequence[str]) -> str:
    """Why so decided, with the first fact it rests on."""
    if row.draw_position is not None and row.numerator is not None and row.reason in ("drawn", "not_drawn"):
        rate = percent(Fraction(row.numerator, row.denominator))
        if row.drawn:
            return say("按 {rate} 抽样，该层第 {position} 位，抽中", rate=rate, position=row.draw_position)
        return say("按 {rate} 抽样，该层第 {position} 位，未抽中", rate=rate, position=row.draw_position)
    return say("：").join([say(REASONS[row.reason]), *details[:1]])


def _counts(found: Sequence[Any]) -> dict[str, int]:
    """How many rows stand as what; in a figure by customers each customer once, as the best of its rows."""
    best: dict[Any, str] = {}
    for row in found:
        who = row.customer or (row.event_id, row.rule_id, row.round)
        best[who] = min(row.standing, best.get(who, row.standing), key=list(STANDINGS).index)
    return dict(Counter(best.values()))


def _figure(
    connection: Connection, say: Words, metric: str, period: str, scope: str | None, pack: str | None
) -> Explanation:
    found = rows(connection, "explain/find_figure_rows", metric=metric, period=period, scope=scope, pack=pack)
    subject = f"{metric}/{period}{f'/{scope}' if scope else ''}"
    if not found:
        raise RevisitError(
            f"no report has the figure {subject}. Draft the report first: revisit report draft --period {period}"
        )
    groups: dict[tuple[str, str], list[str]] = {}
    for row in found:
        name = say("{code}　{source}/{key}　{clause}　期限 {due}", code=task_code(row.event_id, row.rule_id, row.round),
                   source=row.source, key=row.event_key, clause=row.clause, due=row.due_on)  # fmt: skip
        groups.setdefault((row.pack, row.standing), []).append(name)
    parts, counted = [], {}
    for one in dict.fromkeys(row.pack for row in found):
        counts = _counts([row for row in found if row.pack == one])
        base = sum(counts.get(standing, 0) for standing in ("in_time", "late", "missed", "not_drawn"))
        parts.append(say("{pack}：{numerator}/{base}", pack=one, numerator=counts.get("in_time", 0), base=base))
        counted[one] = counts
    sentence = say("{figure}：{parts}。", figure=subject, parts=say("；").join(parts))
    facts = tuple(
        (f"{name} {say(STANDINGS[standing])} {len(lines)}", tuple(lines)) for (name, standing), lines in groups.items()
    )
    return Explanation(subject, sentence, facts, {"counts": counted})
