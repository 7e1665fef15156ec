"""The first page in numbers and sentences: a card for each metric, and what management should know, by plain rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from revisit.reports import words
from revisit.reports.model import Figure, Metric, Report


@dataclass(frozen=True, slots=True)
class Card:
    """One metric at a glance; `direction` is 1, 0 or -1 against the period before, None where there is none."""

    metric: Metric
    change: str
    direction: int | None


def cards(report: Report) -> tuple[Card, ...]:
    return tuple(_card(report, metric) for metric in report.metrics)


def difference(report: Report, metric: Metric) -> Fraction | None:
    """This period's rate less that of the one before, which the trend holds; None where either has no rate."""
    before = next((p.rate for p in report.trend if p.metric == metric.id and p.period == report.period.back(1)), None)
    return None if before is None or metric.total.rate is None else metric.total.rate - before


def _card(report: Report, metric: Metric) -> Card:
    moved = difference(report, metric)
    return Card(metric, words.change(moved), None if moved is None else (moved > 0) - (moved < 0))


def sentences(report: Report) -> tuple[str, ...]:
    """Three to six sentences, the weightiest first."""
    found = (_targets(report), _shortfall(report), _late(report), _movement(report), _answers(report), _issues(report))
    return tuple(sentence for sentence in found if sentence)


def _targets(report: Report) -> str:
    totals = [metric.total for metric in report.metrics]
    reached = sum(1 for figure in totals if figure.meets_target is True)
    missed = sum(1 for figure in totals if figure.meets_target is False)
    empty = sum(1 for figure in totals if figure.rate is None)
    this = words.PERIODS[report.period.kind].this
    text = f"{this}共统计{len(totals)}项回访指标，其中{reached}项达标、{missed}项未达标"
    return f"{text}，另有{empty}项{this}无应回访事项。" if empty else f"{text}。"


def _shortfall(report: Report) -> str:
    """The metrics below their target, and the department that is furthest below it."""
    missed = [metric for metric in report.metrics if metric.total.meets_target is False]
    if not missed:
        return ""
    named = "；".join(
        f"{m.name}为{words.rate_text(m.total.rate)}，低于目标{words.target_text(m.total.target)}"
        for m in _worst_first(missed)[:3]
    )
    parts = [(_gap(f), f, m) for m in missed for f in m.of("department") if f.meets_target is False]
    if not parts:
        return f"{named}。"
    gap, figure, metric = max(parts, key=lambda part: part[0])
    return f"{named}；差距最大的部门为{figure.scope_name}（{metric.name}差{words.points(gap)}），请予关注。"


def _worst_first(metrics: list[Metric]) -> list[Metric]:
    return sorted(metrics, key=lambda metric: _gap(metric.total), reverse=True)


def _gap(figure: Figure) -> Fraction:
    return Fraction(figure.target or 0) - (figure.rate or Fraction(0))


def _late(report: Report) -> str:
    totals = [metric.total for metric in report.metrics if metric.of_duties]
    if not totals:
        return ""
    late, missed, pending = (sum(getattr(f, name) for f in totals) for name in ("late", "missed", "pending"))
    if late + missed == 0:
        text = f"{words.PERIODS[report.period.kind].this}到期的回访均已按期完成"
    else:
        text = f"到期未按期回访{words.count(late + missed)}次，"
        text += f"其中逾期完成{words.count(late)}次、未完成{words.count(missed)}次"
    if pending:
        text += f"；截止日尚未到期的{words.count(pending)}次不计入回访率"
    return f"{text}。"


def _movement(report: Report) -> str:
    """The largest rise and the largest fall against the period before."""
    moved = [(change, m) for m in report.metrics if (change := difference(report, m)) is not None]
    parts = list(_extremes(moved))
    return f"与{words.PERIODS[report.period.kind].before}相比，{'，'.join(parts)}。" if parts else ""


def _extremes(moved: list[tuple[Fraction, Metric]]) -> Iterator[str]:
    if not moved:
        return
    rise, fall = max(moved, key=lambda m: m[0]), min(moved, key=lambda m: m[0])
    if rise[0] > 0:
        yield f"{rise[1].name}上升{words.points(rise[0])}"
    if fall[0] < 0:
        yield f"{fall[1].name}下降{words.points(fall[0])}"
    if rise[0] == fall[0] == 0:
        yield "各项回访率持平"


def _answers(report: Report) -> str:
    satisfied = sum(item.satisfied for item in report.satisfaction)
    answered = sum(item.answered for item in report.satisfaction)
    repeated = len(report.repeats)
    if not answered:
        this = words.PERIODS[report.period.kind].this
        return f"{this}没有住户作出评价；发现重复投诉、重复维修{words.count(repeated)}起。"
    text = f"已评价的{words.count(answered)}次回访中，满意{words.count(satisfied)}次，"
    text += f"满意率{words.share(satisfied, answered)}"
    return (
        f"{text}；结果不合格{words.count(len(report.unsatisfactory))}次，重复投诉、重复维修{words.count(repeated)}起。"
    )


def _issues(report: Report) -> str:
    overdue = [issue for issue in report.issues if issue.overdue_days > 0]
    if not report.issues:
        return "截至统计截止日，各部门没有未办结事项。"
    text = f"截至统计截止日，未办结事项{words.count(len(report.issues))}件"
    if not overdue:
        return f"{text}，均在办理期限之内。"
    longest = max(issue.overdue_days for issue in overdue)
    return (
        f"{text}，其中已逾期{words.count(len(overdue))}件，最长逾期{words.count(longest)}个工作日，请责任部门尽快办结。"
    )
