"""Why: of a task, of an event that is on no list, of a figure. A sentence, and the facts it rests on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import select

from revisit.app.context import Context
from revisit.app.wording import OUTCOMES, REASONS, STATES, parse_task_code, percent, task_code, why
from revisit.errors import RevisitError
from revisit.store import tables
from revisit.store.database import rows

_FIGURE = re.compile(r"^(K\d{2})/(\d{4})-(\d{2})(?:/(.+))?$")


@dataclass(frozen=True, slots=True)
class Explanation:
    """A sentence, then facts as (heading, lines)."""

    sentence: str
    facts: tuple[tuple[str, tuple[str, ...]], ...]

    def as_dict(self) -> dict[str, Any]:
        return {"sentence": self.sentence, "facts": {name: list(lines) for name, lines in self.facts}}


def explain(ctx: Context, subject: str, pack: str | None = None) -> list[Explanation]:
    """Explain `T12-3-1` (a task), `K09/2026-10/D01` (a figure) or `source/event_key` (an event)."""
    if figure := _FIGURE.match(subject):
        return [_figure(ctx, figure[1], date(int(figure[2]), int(figure[3]), 1), figure[4], pack)]
    if key := parse_task_code(subject):
        found = [
            e for row in _decisions(ctx, key[0]) if (row.rule_id, row.round) == key[1:] for e in [_decision(ctx, row)]
        ]
    else:
        source, _, event_key = subject.partition("/")
        found = [_decision(ctx, row) for row in _decisions(ctx, _event_id(ctx, source, event_key))]
    if not found:
        raise RevisitError(
            f"there is nothing known of '{subject}'. Give a task (T12-3-1), an event (source/key) or a figure (K09/2026-10)."
        )
    return found


def _event_id(ctx: Context, source: str, event_key: str) -> int:
    event, held = tables.event, tables.quarantine
    with ctx.engine.connect() as connection:
        found = connection.execute(
            select(event.c.event_id).where(event.c.source == source, event.c.event_key == event_key)
        ).scalar_one_or_none()
        if found is not None:
            return int(found)
        refused = connection.execute(
            select(held.c.reasons, held.c.position, held.c.refused_on)
            .where(held.c.source == source, held.c.event_key == event_key, held.c.resolved_batch_id.is_(None))
            .limit(1)
        ).one_or_none()
    if refused:
        raise RevisitError(
            f"{source}/{event_key} is in quarantine since {refused.refused_on} (row {refused.position}): "
            f"{'; '.join(refused.reasons)}. Correct it in the source; it enters by itself."
        )
    raise RevisitError(f"there is no event '{source}/{event_key}'. See: revisit export events")


def _decisions(ctx: Context, event_id: int) -> list[Any]:
    with ctx.engine.connect() as connection:
        return list(rows(connection, "explain/find_decisions", event_id=event_id))


def _decision(ctx: Context, row: Any) -> Explanation:
    pack = ctx.pack_versions[row.pack_version_id]
    code = task_code(row.event_id, row.rule_id, row.round)
    if row.outcome == "due":
        sentence = f"{code} 应回访：{why(pack, pack.rule(row.rule), _facts(row), row.due_on, row.opens_on)}"
    else:
        sentence = f"{code} {OUTCOMES[row.outcome]}：{row.clause} {row.name}，{REASONS[row.reason]}。"
    facts: list[tuple[str, tuple[str, ...]]] = [
        (
            "事件",
            (
                f"{row.source}/{row.event_key}，第 {row.version} 版，批次 {row.batch_id}，{row.received_on} 收到",
                f"{row.kind}，发生于 {row.happened_at}"
                + (f"，合同 {row.starts_on} 至 {row.ends_on}" if row.starts_on else ""),
            ),
        ),
        (
            "制度",
            (
                f"{row.pack} {row.document_code} {row.revision}，自 {row.effective_from} 起施行，内容 {row.sha256[:12]}",
                f"条款 {row.clause}（{row.rule}）第 {row.round} 轮",
            ),
        ),
    ]
    if row.anchor_on:
        lines = [
            f"起算日 {row.anchor_on}（第 0 天，{row.time_zone}）",
            f"可回访 {row.opens_on} 至 {row.due_on}（含当日）",
        ]
        if row.provisional:
            lines.append("经过节假日尚未公布的年份，期限暂定")
        facts.append(("期限", tuple(lines)))
    if row.draw_position is not None and row.numerator is not None:
        rate = percent(Fraction(row.numerator, row.denominator))
        facts.append(
            (
                "抽样",
                (
                    f"{row.quota}，比例 {rate}，分层 {row.stratum}",
                    f"第 {row.draw_position} 位，{'抽中' if row.drawn else '未抽中'}；"
                    f"该层应查 {row.stratum_eligible}，已抽 {row.stratum_drawn}",
                ),
            )
        )
    if row.state:
        lines = [f"{STATES[row.state]}（{row.state_on}）"]
        if row.batch_code:
            lines.append(
                f"清单 {row.batch_code} 第 {row.line} 行，{row.lead_role} {row.lead_name}（{row.assignment_clause}）"
            )
            lines.append(f"回访单 {row.call_sheet}" + (f"，{row.signed_on} 签收" if row.signed_on else ""))
        facts.append(("办理", tuple(lines)))
    return Explanation(sentence, tuple(facts))


def _facts(row: Any) -> Mapping[str, object]:
    return dict(row._mapping)


def _figure(ctx: Context, metric: str, period: date, scope: str | None, pack: str | None) -> Explanation:
    with ctx.engine.connect() as connection:
        found = rows(connection, "explain/find_figure_rows", metric=metric, period=period, scope=scope, pack=pack)
    if not found:
        raise RevisitError(
            f"no report has the figure {metric}/{period:%Y-%m}{f'/{scope}' if scope else ''}. "
            f"Draft the month first: revisit report draft --month {period:%Y-%m}"
        )
    words = {
        "in_time": "按期完成",
        "late": "逾期完成",
        "missed": "逾期未做",
        "not_drawn": "未抽中",
        "pending": "未到期",
        "excused": "免除",
    }
    groups: dict[tuple[str, str], list[str]] = {}
    for row in found:
        name = f"{task_code(row.event_id, row.rule_id, row.round)}　{row.source}/{row.event_key}　{row.clause}　期限 {row.due_on}"
        groups.setdefault((row.pack, row.standing), []).append(name)
    parts = []
    for one in dict.fromkeys(row.pack for row in found):
        counts = {standing: len(names) for (name, standing), names in groups.items() if name == one}
        base = sum(counts.get(standing, 0) for standing in ("in_time", "late", "missed", "not_drawn"))
        parts.append(f"{one}：{counts.get('in_time', 0)}/{base}")
    sentence = f"{metric} {period:%Y年%m月}{f' {scope}' if scope else ''}：{'；'.join(parts)}。"
    facts = tuple(
        (f"{name} {words[standing]} {len(lines)}", tuple(lines)) for (name, standing), lines in groups.items()
    )
    return Explanation(sentence, facts)
