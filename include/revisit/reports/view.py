"""A period's report as its template sees it: the report, the order and numbering of its parts, and its charts."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from revisit.domain.periods import Kind, Period
from revisit.reports import charts, summary, words
from revisit.reports.model import Figure, Metric, Report, Scope, TrendPoint
from revisit.reports.scales import palette


@dataclass(frozen=True, slots=True)
class Part:
    """A heading: its number in words (一, or 2.3 beneath it), the anchor that the contents point to, and its title."""

    number: str
    anchor: str
    title: str
    parts: tuple["Part", ...] = ()


@dataclass(frozen=True, slots=True)
class MetricPart:
    """A metric with its charts; `roomy` asks for a page of its own."""

    part: Part
    card: summary.Card
    charts: tuple[charts.BarChart, ...]
    groups: tuple[tuple[str, str], ...]
    roomy: bool


@dataclass(frozen=True, slots=True)
class Term:
    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class PeriodView:
    """Everything the template of the report places."""

    name: str
    said: words.PeriodWords
    report: Report
    parts: dict[str, Part]
    cards: tuple[summary.Card, ...]
    sentences: tuple[str, ...]
    metrics: tuple[MetricPart, ...]
    trends: tuple[tuple[Metric, charts.TrendChart], ...]
    history: tuple[tuple[Period, tuple[TrendPoint, ...]], ...]
    matrix: tuple[tuple[str, tuple[Figure | None, ...]], ...]
    satisfaction: charts.StackChart | None
    legend: tuple[tuple[str, str], ...]
    chain: tuple[tuple[str, str, str], ...]
    terms: tuple[Term, ...]


def period_view(report: Report) -> PeriodView:
    found = {part.anchor: part for part in _parts(report)}
    made = summary.cards(report)
    history = {metric.id: _history(report, metric) for metric in report.metrics}
    said, named = words.PERIODS[report.period.kind], words.period(report.period)
    stack = charts.stack_chart(report.satisfaction, f"{named}各类回访的评价构成", f"{said.this}没有评价")
    return PeriodView(
        name=words.report_name(report.period.kind),
        said=said,
        report=report,
        parts=found,
        cards=made,
        sentences=summary.sentences(report),
        metrics=tuple(_metric(report, card, part) for card, part in zip(made, found["metrics"].parts, strict=True)),
        trends=tuple((metric, _trend(metric, history[metric.id], said.course)) for metric in report.metrics),
        history=tuple(
            (period, tuple(history[metric.id][i] for metric in report.metrics))
            for i, period in enumerate(_periods(report))
        ),
        matrix=_matrix(report),
        satisfaction=stack if report.satisfaction else None,
        legend=tuple((name, fill) for name, (fill, _) in zip(report.scale, palette(len(report.scale)), strict=True)),
        chain=report.chain or tuple((step, "", "") for step in ("编制", "审核", "审定")),
        terms=terms(report),
    )


def _parts(report: Report) -> Iterator[Part]:
    said = words.PERIODS[report.period.kind]
    titles = {
        "overview": f"{said.this}概览",
        "metrics": "回访指标",
        "trend": said.trend,
        "satisfaction": "满意度",
        "open": "不合格结果与未办结事项",
        "scores": "评分与构成",
        "repeats": "重复投诉与重复维修",
        "draws": "抽样情况",
        "quality": "数据质量",
        "notes": "采用的默认值与指引",
        "terms": "统计口径",
        "restated": "更正记录",
        "approval": "编制、审核与审定",
    }
    if not report.restated:
        del titles["restated"]
    if not report.scores:
        del titles["scores"]
    if report.period.kind == "month" and not 12 <= len(_periods(report)) <= 13:
        titles["trend"] = "月度趋势"
    for number, (anchor, title) in enumerate(titles.items(), 1):
        below = tuple(Part(f"{number}.{i}", f"metric-{i}", metric.name) for i, metric in enumerate(report.metrics, 1))
        yield Part(words.numeral(number), anchor, title, below if anchor == "metrics" else ())


def _metric(report: Report, card: summary.Card, part: Part) -> MetricPart:
    metric = card.metric
    shown = metric.of("department") or metric.figures
    title = f"{words.period(report.period)}{metric.name}，按部门，附目标与 95% 区间"
    groups: tuple[tuple[Scope, str], ...] = (("department", "按部门"), ("area", "按片区"), ("person", "按人员"))
    return MetricPart(
        part=part,
        card=card,
        charts=charts.bar_charts(shown, title) if any(figure.denominator for figure in shown) else (),
        groups=tuple((scope, name) for scope, name in groups if any(f.scope == scope for f in metric.figures)),
        roomy=len(metric.figures) > 6,
    )


def _periods(report: Report) -> list[Period]:
    return sorted({point.period for point in report.trend})


def _history(report: Report, metric: Metric) -> tuple[TrendPoint, ...]:
    """A point for each period of the trend, without a rate where this metric has no figure."""
    known = {point.period: point for point in report.trend if point.metric == metric.id}
    return tuple(known.get(period, TrendPoint(metric.id, period, 0, 0)) for period in _periods(report))


def _matrix(report: Report) -> tuple[tuple[str, tuple[Figure | None, ...]], ...]:
    """Departments by metrics, for the first page; none where it is too wide or has nothing to compare."""
    names = {f.scope_code: f.scope_name for metric in report.metrics for f in metric.of("department")}
    if len(names) < 2 or len(report.metrics) > 7:
        return ()
    by_code = [{f.scope_code: f for f in metric.of("department")} for metric in report.metrics]
    return tuple((name, tuple(figures.get(code) for figures in by_code)) for code, name in names.items())


def _trend(metric: Metric, points: tuple[TrendPoint, ...], course: str) -> charts.TrendChart:
    target = metric.total.target
    return charts.trend_chart(points, None if target is None else Fraction(target), f"{metric.name}的{course}")


_TERMS = (
    Term("应回访", "窗口已结束、依制度应当回访的次数，等于按期、逾期完成、未完成与未抽中四项之和；为回访率的分母。"),
    Term("按期", "在规定窗口（自开始日至截止日，含当日）内完成的回访；为回访率的分子。"),
    Term("逾期完成", "已经回访，但晚于截止日。"),
    Term("未完成", "窗口已经结束而未能回访到住户。"),
    Term("未抽中", "属抽样回访的范围而未被抽中；全数回访的项目没有此项。"),
    Term("未到期", "统计截止日时窗口尚未结束；不计入分子，也不计入分母。"),
    Term("免除", "来源系统已撤销，或住户已声明不接受回访；不计入分子，也不计入分母。"),
    Term("回访率", "按期 ÷ 应回访，保留一位小数；分母为零时记作“—”，不作 0% 处理。"),
    Term("95% 区间", "回访率的威尔逊（Wilson）95% 置信区间。次数越少，区间越宽，不宜仅凭回访率比较优劣。"),
    Term("达标", "以精确分数与目标相比，不以四舍五入后的百分比判定。"),
    Term("满意率", "评价不低于合格等级的回访 ÷ 已评价的回访；区间按有限总体修正，全数评价时区间收拢为一点。"),
)
_EXAMPLES: dict[Kind, str] = {"month": "2026-10", "quarter": "2026Q3", "half_year": "2026H1", "year": "2026"}


_PLANNED = Term("以计划为准", "说明中注明以抽中应回访的为准的指标，其应回访不含未抽中一项，目标为全部完成。")


def terms(report: Report) -> tuple[Term, ...]:
    """What the words of a report mean, in the terms of its kind of period."""
    kind = report.period.kind
    said = words.PERIODS[kind]
    return (
        *_TERMS,
        *((_PLANNED,) if any(metric.total.planned_only for metric in report.metrics) else ()),
        Term("百分点", f"两个百分比之差；{said.change}为{said.this}减{said.before}。"),
        Term(
            "引用号",
            f"如 K09/{_EXAMPLES[kind]}/D01，依次为指标、{said.noun}、部门或片区；"
            "以 revisit explain 加引用号可追溯到每一次回访。",
        ),
    )
