"""A report's content, read from the store at a cut-off."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, select

from revisit.app.context import Context
from revisit.app.scores import scores
from revisit.app.wording import CAUSES, percent, reason_words, task_code, value_words
from revisit.delivery.sheet import CHANNEL_TITLES
from revisit.domain.masks import mask_name
from revisit.domain.windows import add_months
from revisit.policy.model import Metric as MetricRule
from revisit.policy.model import Pack
from revisit.reports.model import (
    Default,
    Draw,
    Figure,
    Metric,
    OpenIssue,
    Repeat,
    Report,
    Satisfaction,
    Scope,
    SourceQuality,
    TrendPoint,
    Unsatisfactory,
    from_json,
)
from revisit.store import tables
from revisit.store.database import rows, run

_UNITS = {"event": "件", "contract": "份次", "customer": "人次"}
_ISSUE_STATES = {"raised": "待回复", "planned": "已有计划", "solved": "已解决", "none": "未立项"}
TREND_MONTHS = 13
_KINDS = {
    "completion": "期限在本月届满的应回访任务中，已完成回访的比例，逾期完成的也计入（{}）。",
    "satisfaction": "本月完成的回访中，没有不合格评价的比例（{}）。有不合格评价的列在“未完成”一栏。",
    "problems": "本月完成的回访中，发现不合格或未解决问题的比例（{}），即问题发生率，以低为好。没有问题的列在“未完成”一栏。",
    "hours": "本月完成且登记了时间的回访中，在较好时段内联系的比例（{}）；客户有自己习惯的时段，按其习惯。当日到期的不计。",
    "accuracy": "本月抽查的回访记录中，与实际相符的比例（{}）。尚未核实的列为“未到期”，不计入分母。",
    "complaints": "本月完成的回访，占回访与对回访本身的投诉之和的比例（{}）。投诉列在“未完成”一栏。",
    "returns": "本月完成的回访中，记录在规定天数内交回的比例（{}）。",
    "answers": "本月提出的问题中，责任部门在期限内解决的比例（{}）。尚未到期的列为“未到期”，不计入分母。",
}


def last_day(period: date) -> date:
    return add_months(period, 1) - timedelta(days=1)


def stand(connection: Connection, pack: Pack, period: date, cut_off: date) -> None:
    """Stage how every decision of the last 13 months stands at the cut-off."""
    quotas = [metric for metric in pack.metrics if metric.quota]
    run(
        connection, "report/stand_rows", pack=pack.pack, first=add_months(period, 1 - TREND_MONTHS),
        last=last_day(period), cut_off=cut_off, metrics=[m.id for m in quotas], quotas=[m.quota for m in quotas],
    )  # fmt: skip
    span = {
        "pack": pack.pack,
        "first": add_months(period, 1 - TREND_MONTHS),
        "last": last_day(period),
        "cut_off": cut_off,
    }
    for metric in pack.metrics:
        if metric.of in ("completion", "answers", "accuracy"):
            run(connection, f"report/stand_{metric.of}", metric=metric.id, **span)
        elif metric.of or metric.share:
            returned = pack.lifecycle.return_
            run(
                connection, "report/stand_contacts", metric=metric.id, said=metric.of or "share",
                rule=metric.against or "", channels=list(metric.share.channels) if metric.share else [],
                days=returned.within.count if returned else None,
                **span,
            )  # fmt: skip
        if metric.against:
            run(connection, "report/stand_complaints", metric=metric.id, rule=metric.against, **span)


def compute(
    ctx: Context, connection: Connection, pack: Pack, report_id: int, period: date, cut_off: date, revision: int
) -> Report:
    """Everything a report says. `stand` and the freezing of its rows come first; the same rows give the same report."""
    organisation = ctx.organisation
    span = {"first": period, "last": last_day(period)}
    trend = _trend(connection, pack, period)
    metrics = _metrics(ctx, connection, pack, report_id, period)
    return Report(
        organisation=organisation.name,
        invented=organisation.invented,
        pack=pack.pack,
        title=pack.title,
        document_code=pack.document.code,
        document_revision=pack.document.revision,
        period=period,
        cut_off=cut_off,
        revision=revision,
        due_on=ctx.working_days.nth_of_month(*_next_month(period), pack.report.due_workday),
        drafted_by=organisation.reports.author,
        scale=pack.form.scale,
        metrics=metrics,
        satisfaction=_satisfaction(connection, pack, report_id, cut_off),
        trend=trend,
        repeats=_repeats(connection, pack, span),
        unsatisfactory=tuple(
            Unsatisfactory(
                task_code(r.event_id, r.rule_id, r.round),
                r.clause,
                r.area,
                r.department,
                r.visited_on,
                r.cause,
                _ISSUE_STATES[r.state],
            )
            for r in rows(connection, "report/find_unsatisfactory", pack=pack.pack, cut_off=cut_off, **span)
        ),
        issues=_issues(ctx, connection, pack, cut_off),
        draws=tuple(
            Draw(
                r.quota,
                r.clause,
                r.name,
                r.stratum,
                percent(Fraction(r.numerator, r.denominator)),
                int(r.eligible),
                int(r.drawn),
                r.key_fingerprint,
            )
            for r in rows(connection, "report/find_draws", pack=pack.pack, **span)
        ),
        quality=_quality(connection, span),
        defaults=_defaults(ctx, pack),
        guidance=tuple((g.clause, g.text) for g in pack.guidance if g.shown_in == "report"),
        chain=_chain(ctx, pack),
        restated=_restated(connection, pack, trend),
        scores=scores(connection, pack, metrics, cut_off=cut_off, **span),
    )


def _next_month(period: date) -> tuple[int, int]:
    following = add_months(period, 1)
    return following.year, following.month


def _target(
    pack: Pack, metric: MetricRule, period: date, decided: Mapping[tuple[str, date], Fraction]
) -> Fraction | None:
    if metric.share:
        return 1 - metric.share.at_most
    if metric.of:
        return metric.target
    quota = pack.quota(str(metric.quota))
    return quota.rate if quota.rate is not None else decided.get((str(quota.decided), period))


def _metrics(ctx: Context, connection: Connection, pack: Pack, report_id: int, period: date) -> tuple[Metric, ...]:
    counts: dict[tuple[str, Scope, str], dict[str, int]] = defaultdict(dict)
    for row in rows(connection, "report/count_figures", report_id=report_id):
        counts[row.metric, row.scope, row.code][row.standing] = row.rows_counted
    departments = {d.code: d.name for d in ctx.organisation.departments}
    areas = {a.code: a.name for a in ctx.organisation.areas}
    decided = {(r.parameter, r.period): r.rate for r in ctx.organisation.rates}
    found = []
    for rule in pack.metrics:
        if not rule.counts:
            continue
        target = _target(pack, rule, period, decided)
        wanted = str(target) if target is not None else None
        figures = [_figure(rule.id, "all", "", "全部", counts[rule.id, "all", ""], wanted)]
        for scope, names in (("department", departments), ("area", areas)):
            for (metric, kind, code), standing in sorted(counts.items()):
                if metric == rule.id and kind == scope and code:
                    figures.append(_figure(rule.id, kind, code, names.get(code, code), standing, wanted))
        found.append(
            Metric(rule.id, rule.clause, rule.name, _unit(pack, rule), _definition(pack, rule, target), tuple(figures))
        )
    return tuple(found)


def _figure(metric: str, scope: Scope, code: str, name: str, standing: Mapping[str, int], target: str | None) -> Figure:
    def of(kind: str) -> int:
        return standing.get(kind, 0)

    return Figure(
        metric, scope, code, name, of("in_time"), of("late"), of("missed"), of("not_drawn"), of("pending"),
        of("excused"), target,
    )  # fmt: skip


def _unit(pack: Pack, metric: MetricRule) -> str:
    return _UNITS[pack.quota(metric.quota).unit] if metric.quota else "项" if metric.of == "answers" else "件"


def _definition(pack: Pack, metric: MetricRule, target: Fraction | None) -> str:
    if metric.share:
        capped = "、".join(CHANNEL_TITLES[channel] for channel in metric.share.channels)
        return (
            f"本月完成的回访中，{capped}以外的方式所占的比例（{metric.clause}，{capped}合计不超过{percent(metric.share.at_most)}）。"
            f"以{capped}完成的列在“未完成”一栏。"
        )
    if metric.of:
        return _KINDS[metric.of].format(metric.clause)
    names = "、".join(rule.name for rule in pack.rules if rule.quota == metric.quota)
    wanted = f"规定比例{percent(target)}" if target is not None else "本期比例尚未决定"
    return (
        f"起算日在本月的{names}中，在规定期限内联系到客户并完成记录的比例（{metric.clause}，{wanted}）。"
        "逾期完成单独列出，不计入分子；截止日仍在期限内的“未到期”和撤销、勿扰的“免除”不计入分母。"
    )


def _trend(connection: Connection, pack: Pack, period: date) -> tuple[TrendPoint, ...]:
    counted = {(r.metric, r.month): (r.numerator, r.denominator) for r in rows(connection, "report/count_trend")}
    months = [add_months(period, offset) for offset in range(1 - TREND_MONTHS, 1)]
    return tuple(
        TrendPoint(metric.id, month, *counted.get((metric.id, month), (0, 0)))
        for metric in pack.metrics
        if metric.counts
        for month in months
    )


def _satisfaction(connection: Connection, pack: Pack, report_id: int, cut_off: date) -> tuple[Satisfaction, ...]:
    rating = pack.form.ratings[-1].id
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows(connection, "report/count_ratings", report_id=report_id, rating=rating, cut_off=cut_off):
        counts[row.metric][row.rating] = row.rows_counted
    eligible: dict[str, int] = defaultdict(int)
    for row in rows(connection, "report/count_figures", report_id=report_id):
        if row.scope == "all" and row.standing != "excused":
            eligible[row.metric] += row.rows_counted
    bad = set(pack.bad_answers(pack.form.ratings[-1]))
    classes = [metric for metric in pack.metrics if metric.quota]
    rated = classes or [metric for metric in pack.metrics if metric.of == "completion"]
    return tuple(
        Satisfaction(
            metric.name.removesuffix("率"),
            tuple(counts[metric.id].get(value, 0) for value in pack.form.scale),
            sum(n for value, n in counts[metric.id].items() if value not in bad),
            sum(counts[metric.id].values()),
            eligible[metric.id],
        )
        for metric in rated
    )


def _repeats(connection: Connection, pack: Pack, span: Mapping[str, date]) -> tuple[Repeat, ...]:
    names = {
        row.customer: row.name for row in connection.execute(select(tables.customer.c.customer, tables.customer.c.name))
    }
    found = []
    for detection in pack.detections:
        if detection.event is None:
            continue
        for row in rows(
            connection, "report/find_repeats", kind=detection.event, pack=pack.pack, months=detection.within_months,
            at_least=detection.at_least, across=detection.across is not None, **span,
        ):  # fmt: skip
            customer = f"{mask_name(names.get(row.customer, '客户'))}（{row.customer}）"
            found.append(
                Repeat(detection.id, detection.name, customer, row.area, row.matter, row.times, tuple(row.days))
            )
    return tuple(found)


def _issues(ctx: Context, connection: Connection, pack: Pack, cut_off: date) -> tuple[OpenIssue, ...]:
    found = []
    for row in rows(connection, "report/find_issues", pack=pack.pack, cut_off=cut_off):
        overdue, day = 0, row.due_on
        while day < cut_off:
            day = ctx.working_days.add(day, 1)
            overdue += day <= cut_off
        found.append(
            OpenIssue(
                row.issue_id, row.department, CAUSES[row.cause], row.raised_on, row.due_on, _ISSUE_STATES[row.state],
                overdue if row.state == "raised" else 0, row.extended,
            )
        )  # fmt: skip
    return tuple(found)


def _quality(connection: Connection, span: Mapping[str, date]) -> tuple[SourceQuality, ...]:
    reasons: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in rows(connection, "report/count_quarantine", **span):
        reasons[row.source].append((reason_words(row.reason), row.rows_refused))
    return tuple(
        SourceQuality(
            r.source, r.batches, int(r.rows_read), int(r.rows_accepted), int(r.rows_unchanged), int(r.rows_refused),
            r.judged, tuple(reasons[r.source]),
        )
        for r in rows(connection, "report/sum_batches", **span)
    )  # fmt: skip


def _defaults(ctx: Context, pack: Pack) -> tuple[Default, ...]:
    on_default = ctx.packs[pack.pack].on_default
    return tuple(
        Default(
            p.id,
            p.clause,
            p.means,
            value_words(p.default),
        )
        for p in pack.parameters
        if p.id in on_default
    )


def _chain(ctx: Context, pack: Pack) -> tuple[tuple[str, str, str], ...]:
    """(step, post, name) of those who write, review and decide."""
    reports = ctx.organisation.reports
    titles = {role.id: role.title for role in pack.roles}
    names = {"written": reports.author, "reviewed": reports.reviewer.name, "decided": reports.approver.name}
    words = {"written": "编制", "reviewed": "审核", "decided": "审定"}
    steps = [(words[s.step], titles[s.by], names[s.step]) for s in pack.report.chain]
    if not any(s.step == "reviewed" for s in pack.report.chain):
        steps.insert(1, ("审核", "复核人", reports.reviewer.name))
    return tuple(steps)


def _restated(connection: Connection, pack: Pack, trend: tuple[TrendPoint, ...]) -> tuple[tuple[str, str, str], ...]:
    """Figures of months already reported that later facts have changed: (metric and month, reported, now)."""
    now = {(p.metric, p.month): p for p in trend}
    latest: dict[date, Report] = {}
    for row in connection.execute(
        select(tables.report.c.period, tables.report.c.snapshot)
        .where(tables.report.c.pack == pack.pack, tables.report.c.state.in_(("approved", "sent")))
        .order_by(tables.report.c.period, tables.report.c.revision)
    ):
        latest[row.period] = from_json_value(row.snapshot)
    found = []
    for period, report in latest.items():
        for metric in report.metrics:
            point, then = now.get((metric.id, period)), metric.total
            if point and (point.numerator, point.denominator) != (then.numerator, then.denominator):
                found.append(
                    (
                        f"{metric.id} {period:%Y-%m}",
                        f"{then.numerator}/{then.denominator}",
                        f"{point.numerator}/{point.denominator}",
                    )
                )
    return tuple(found)


def from_json_value(value: Any) -> Report:
    """A snapshot as the store gives it back."""
    import json

    return from_json(json.dumps(value))
