"""A report's content, read from the store at a cut-off."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, Row, select

from revisit.app.context import Context
from revisit.app.scores import scores
from revisit.app.wording import CAUSES, COUNTED, SUBSTITUTED_FOR, percent, reason_words, task_code, value_words
from revisit.delivery.sheet import CHANNEL_TITLES
from revisit.domain.masks import mask_name
from revisit.domain.periods import Kind, Period, parse
from revisit.policy.model import Detection, Pack
from revisit.policy.model import Metric as MetricRule
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
from revisit.reports.words import PERIODS
from revisit.store import tables
from revisit.store.database import rows, run

_UNITS = {"event": "件", "contract": "份次", "customer": "人次"}
_ISSUE_STATES = {"raised": "待回复", "planned": "已有计划", "solved": "已解决", "none": "未立项"}
TREND: dict[Kind, int] = {"month": 13, "quarter": 8, "half_year": 6, "year": 5}
_KINDS = {
    "completion": "期限在{this}届满的应回访任务中，已完成回访的比例，逾期完成的也计入（{clause}）。",
    "satisfaction": "{this}完成的回访中，没有不合格评价的比例（{clause}）。有不合格评价的列在“未完成”一栏。",
    "problems": "{this}完成的回访中，发现不合格或未解决问题的比例（{clause}），即问题发生率，以低为好。"
    "没有问题的列在“未完成”一栏。",
    "hours": "{this}完成且登记了时间的回访中，在较好时段内联系的比例（{clause}）；"
    "客户有自己习惯的时段，按其习惯。当日到期的不计。",
    "accuracy": "{this}抽查的回访记录中，与实际相符的比例（{clause}）。尚未核实的列为“未到期”，不计入分母。",
    "complaints": "{this}完成的回访，占回访与对回访本身的投诉之和的比例（{clause}）。投诉列在“未完成”一栏。",
    "returns": "{this}完成的回访中，记录在规定天数内交回的比例（{clause}）。",
    "answers, all": "{this}提出的问题中，责任部门在期限内解决的比例（{clause}）。尚未解决的，无论到期与否，都列在“未完成”一栏。",
    "answers": "{this}提出的问题中，责任部门在期限内解决的比例（{clause}）。尚未到期的列为“未到期”，不计入分母。",
}


def history(period: Period) -> list[Period]:
    """The periods of a report's trend, oldest first, its own the last."""
    return [period.back(count) for count in reversed(range(TREND[period.kind]))]


def stand(connection: Connection, pack: Pack, period: Period, cut_off: date) -> None:
    """Stage how every decision of the trend's periods stands at the cut-off."""
    quotas = [metric for metric in pack.metrics if metric.quota]
    span = {"pack": pack.pack, "first": history(period)[0].first, "last": period.last, "cut_off": cut_off}
    run(
        connection, "report/stand_rows", metrics=[m.id for m in quotas], quotas=[m.quota for m in quotas],
        planned=[m.base == "planned" for m in quotas], customers=[m.by == "customers" for m in quotas], **span,
    )  # fmt: skip
    for metric in pack.metrics:
        if metric.of == "answers":
            undue = "missed" if metric.undue == "counted" else "pending"
            run(connection, "report/stand_answers", metric=metric.id, undue=undue, **span)
        elif metric.of == "completion":
            run(connection, "report/stand_completion", metric=metric.id, rules=list(metric.rules), **span)
        elif metric.of == "accuracy":
            run(connection, "report/stand_accuracy", metric=metric.id, **span)
        elif metric.of or metric.share:
            returned = pack.lifecycle.return_
            run(
                connection, "report/stand_contacts", metric=metric.id, said=metric.of or "share",
                rule=metric.against or "", channels=list(metric.share.channels) if metric.share else [],
                days=returned.within.count if returned else None, bad=_bad_answers(pack, metric),
                **span,
            )  # fmt: skip
        if metric.against:
            run(connection, "report/stand_complaints", metric=metric.id, rule=metric.against, **span)


def _bad_answers(pack: Pack, metric: MetricRule) -> str | None:
    """The bad answers of the questions that a satisfaction is about, as JSON; None where it is about all."""
    asked = {item.id: pack.bad_answers(item) for item in pack.form.ratings if item.id in metric.questions}
    return json.dumps(asked, ensure_ascii=False) if asked else None


def compute(
    ctx: Context, connection: Connection, pack: Pack, report_id: int, period: Period, cut_off: date, revision: int
) -> Report:
    """Everything a report says. `stand` and the freezing of its rows come first; the same rows give the same report."""
    organisation, following = ctx.organisation, period.back(-1).first
    span = {"first": period.first, "last": period.last}
    trend = _trend(pack, counted(connection, period), period)
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
        due_on=ctx.working_days.nth_of_month(following.year, following.month, pack.report.due_workday),
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
        draws=_draws(connection, pack, cut_off, span),
        quality=_quality(connection, span),
        defaults=_defaults(ctx, pack, period),
        guidance=tuple((g.clause, g.text) for g in pack.guidance if g.shown_in == "report"),
        chain=_chain(ctx, pack),
        restated=_restated(connection, pack, trend),
        scores=scores(connection, pack, metrics, period, cut_off),
    )


def _target(
    pack: Pack, metric: MetricRule, period: Period, decided: Mapping[tuple[str, date], Fraction]
) -> Fraction | None:
    """The rate that is wanted; None where nobody decided it, or not alike for all months of the period."""
    if metric.share:
        return 1 - metric.share.at_most
    if metric.of:
        return metric.target
    quota = pack.quota(str(metric.quota))
    if quota.rate is not None:
        return quota.rate
    rates = {decided.get((str(quota.decided), month)) for month in period.months}
    return rates.pop() if len(rates) == 1 else None


def _metrics(ctx: Context, connection: Connection, pack: Pack, report_id: int, period: Period) -> tuple[Metric, ...]:
    counts: dict[tuple[str, Scope, str], dict[str, int]] = defaultdict(dict)
    for row in rows(connection, "report/count_figures", report_id=report_id):
        counts[row.metric, row.scope, row.code][row.standing] = row.rows_counted
    departments = {d.code: d.name for d in ctx.organisation.departments}
    areas = {a.code: a.name for a in ctx.organisation.areas}
    decided = {(r.parameter, r.period): r.rate for r in ctx.organisation.rates}
    found, classes = [], pack.classes()
    for rule in pack.metrics:
        if not rule.counts:
            continue
        target, planned = _target(pack, rule, period, decided), rule.base == "planned"
        definition = _definition(pack, rule, target, period.kind)
        census = bool(rule.quota and pack.quota(rule.quota).census_up_to) and not planned
        target = Fraction(1) if planned else target  # what was drawn is owed whole
        figures = [_figure(rule.id, "all", "", "全部", counts[rule.id, "all", ""], target, census, planned)]
        scopes: tuple[tuple[Scope, Mapping[str, str]], ...] = (
            ("department", departments),
            ("area", areas),
            ("person", {}),
        )
        for scope, names in scopes:
            for (metric, kind, code), standing in sorted(counts.items()):
                if metric == rule.id and kind == scope and code:
                    name = names.get(code, code)
                    figures.append(_figure(rule.id, kind, code, name, standing, target, census, planned))
        told = rule in classes and not rule.by
        found.append(Metric(rule.id, rule.clause, rule.name, _unit(pack, rule), definition, tuple(figures), told))
    return tuple(found)


def _owed(standing: Mapping[str, int]) -> Fraction | None:
    """What share of all was owed, for a quota that is a census up to a volume; None where there was nothing."""
    owed = sum(standing.get(kind, 0) for kind in ("in_time", "late", "missed"))
    total = owed + standing.get("not_drawn", 0)
    return Fraction(owed, total) if total else None


def _figure(
    metric: str, scope: Scope, code: str, name: str, standing: Mapping[str, int], target: Fraction | None, census: bool,
    planned: bool = False,
) -> Figure:  # fmt: skip
    """A figure with its target; of a quota that is a `census` up to a volume, the share that was owed is the target."""

    def of(kind: str) -> int:
        return standing.get(kind, 0)

    wanted = _owed(standing) if census else target
    return Figure(
        metric, scope, code, name, of("in_time"), of("late"), of("missed"), of("not_drawn") + of("not_planned"),
        of("pending"), of("excused"), None if wanted is None else str(wanted), planned,
    )  # fmt: skip


def _unit(pack: Pack, metric: MetricRule) -> str:
    if metric.by:
        return "位"
    return _UNITS[pack.quota(metric.quota).unit] if metric.quota else "项" if metric.of == "answers" else "件"


def _definition(pack: Pack, metric: MetricRule, target: Fraction | None, kind: Kind) -> str:
    this = PERIODS[kind].this
    if metric.share:
        capped = "、".join(CHANNEL_TITLES[channel] for channel in metric.share.channels)
        return (
            f"{this}完成的回访中，{capped}以外的方式所占的比例（{metric.clause}，{capped}合计不超过{percent(metric.share.at_most)}）。"
            f"以{capped}完成的列在“未完成”一栏。"
        )
    if metric.of:
        asked = "、".join(item.title for item in pack.form.ratings if item.id in metric.questions)
        rules = "、".join(pack.rule(name).name for name in metric.rules)
        only = f"只看对{asked}的回答。" if asked else f"只计{rules}。" if rules else ""
        kind_of = "answers, all" if metric.undue == "counted" else metric.of
        return _KINDS[kind_of].format(this=this, clause=metric.clause) + only
    names = "、".join(rule.name for rule in pack.rules if rule.quota == metric.quota)
    planned = metric.base == "planned"
    undecided = "本期比例尚未决定" if kind == "month" else "本期各月的比例不一，或尚未决定"
    wanted = undecided if target is None else f"规定比例{percent(target)}"
    if least := pack.quota(str(metric.quota)).census_up_to:
        wanted += f"，{least}{COUNTED[pack.quota(str(metric.quota)).unit]}以内全查" + (
            "" if planned else "，目标以实际应查的比例为准"
        )
    drawn = "以抽中应回访的为准，应全部完成；未抽中的只列出，不计入分母。" if planned else ""
    if metric.by:
        return (
            f"起算日在{this}的{names}所涉的客户中，至少有一次在规定期限内联系到并完成记录的客户的比例（{metric.clause}，{wanted}）。"
            f"{drawn}每位客户只计一次；只有“未到期”或“免除”的客户不计入分母。"
        )
    return (
        f"起算日在{this}的{names}中，在规定期限内联系到客户并完成记录的比例（{metric.clause}，{wanted}）。"
        f"{drawn}逾期完成单独列出，不计入分子；截止日仍在期限内的“未到期”和撤销、勿扰的“免除”不计入分母。"
    )


def counted(connection: Connection, period: Period) -> dict[tuple[str, Period], tuple[int, int]]:
    """Numerator and denominator of every metric in each period of the trend that has rows; `stand` stages them before."""
    found = rows(connection, "report/count_trend", firsts=[one.first for one in history(period)])
    return {(row.metric, Period(row.first_on, period.kind)): (row.numerator, row.denominator) for row in found}


def _trend(pack: Pack, counts: Mapping[tuple[str, Period], tuple[int, int]], period: Period) -> tuple[TrendPoint, ...]:
    return tuple(
        TrendPoint(metric.id, one, *counts.get((metric.id, one), (0, 0)))
        for metric in pack.metrics
        if metric.counts
        for one in history(period)
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
    return tuple(
        Satisfaction(
            metric.name.removesuffix("率"),
            tuple(counts[metric.id].get(value, 0) for value in pack.form.scale),
            sum(n for value, n in counts[metric.id].items() if value not in bad),
            sum(counts[metric.id].values()),
            eligible[metric.id],
        )
        for metric in pack.classes()
    )


def repeated(connection: Connection, pack: Pack, detection: Detection, first: date, last: date) -> Sequence[Row[Any]]:
    """What a detection of events finds from `first` to `last`, the most frequent first."""
    return rows(
        connection, "report/find_repeats", kind=detection.event, pack=pack.pack, months=detection.within_months,
        at_least=detection.at_least, calendar=detection.calendar, in_a_row=detection.in_a_row,
        across=detection.across is not None, first=first, last=last,
    )  # fmt: skip


def _repeats(connection: Connection, pack: Pack, span: Mapping[str, date]) -> tuple[Repeat, ...]:
    names = {
        row.customer: row.name for row in connection.execute(select(tables.customer.c.customer, tables.customer.c.name))
    }
    found = []
    for detection in pack.detections:
        if detection.event is None:
            continue
        for row in repeated(connection, pack, detection, span["first"], span["last"]):
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


def _draws(connection: Connection, pack: Pack, cut_off: date, span: Mapping[str, date]) -> tuple[Draw, ...]:
    """The strata of the month's draws, with the places given on in each until the cut-off."""
    given: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for row in rows(connection, "report/count_substitutions", pack=pack.pack, cut_off=cut_off):
        given.setdefault((row.quota, row.stratum), []).append((SUBSTITUTED_FOR[row.reason], int(row.places)))
    return tuple(
        Draw(
            r.quota,
            r.clause,
            f"{r.name}（按客户）" if r.unit == "customer" else r.name,
            r.stratum,
            percent(Fraction(r.numerator, r.denominator)),
            int(r.eligible),
            int(r.drawn),
            r.key_fingerprint,
            tuple(given.get((r.quota, r.stratum), ())),
        )
        for r in rows(connection, "report/find_draws", pack=pack.pack, **span)
    )


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


def _defaults(ctx: Context, pack: Pack, period: Period) -> tuple[Default, ...]:
    on_default = ctx.packs_on(period.last)[pack.pack].on_default
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
    """Figures of periods already reported that later facts have changed: (metric and period, reported, now)."""
    now = {(p.metric, p.period): p for p in trend}
    latest: dict[Period, Report] = {}
    for row in connection.execute(
        select(tables.report.c.period, tables.report.c.snapshot)
        .where(tables.report.c.pack == pack.pack, tables.report.c.state.in_(("approved", "sent")))
        .order_by(tables.report.c.first_on, tables.report.c.revision)
    ):
        latest[parse(row.period)] = from_json_value(row.snapshot)
    found = []
    for period, report in latest.items():
        for metric in report.metrics:
            point, then = now.get((metric.id, period)), metric.total
            if point and (point.numerator, point.denominator) != (then.numerator, then.denominator):
                found.append(
                    (
                        f"{metric.id} {period.name}",
                        f"{then.numerator}/{then.denominator}",
                        f"{point.numerator}/{point.denominator}",
                    )
                )
    return tuple(found)


def from_json_value(value: Any) -> Report:
    """A snapshot as the store gives it back."""
    import json

    return from_json(json.dumps(value))
