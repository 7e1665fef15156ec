"""A report's scores: the rates of the form's questions, the spread of the issues, and means of rates with grades."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection

from revisit.domain.periods import Period
from revisit.domain.scores import concentration, grade, mean_of_rates
from revisit.policy.model import Metric as MetricRule
from revisit.policy.model import Pack
from revisit.reports.model import Figure, Metric, Portion, Scope, Score, ScoreRow
from revisit.reports.words import PERIODS
from revisit.store.database import rows

_PARTS: tuple[Scope, ...] = ("department", "person")
_ITEMS = "{this}完成的回访中，各题评价达到合格等级的份数占已作答份数的比例，未作答的不计（{clause}）。"
_SPREAD = "{this}提出的问题按类别的构成（{clause}）。"
_MEAN = "各项比率的算术平均值，不是合并计算的比率；没有数据的项不计入（{clause}）。"
_POOLED = "各项合并计算的比率，即各项分子之和占分母之和的比例（{clause}）。"


def scores(
    connection: Connection, pack: Pack, metrics: tuple[Metric, ...], period: Period, cut_off: date
) -> tuple[Score, ...]:
    """Every score that the pack asks for, for the contacts made and the issues raised in the period."""
    items, this = _items(connection, pack, period.first, period.last, cut_off), PERIODS[period.kind].this
    found = []
    for rule in pack.metrics:
        if rule.items:
            listed = tuple(ScoreRow(one.name, (one,), None) for one in items)
            said = _ITEMS.format(this=this, clause=rule.clause)
            found.append(Score(rule.id, rule.clause, rule.name, said, "items", listed))
        elif rule.spread:
            said = _SPREAD.format(this=this, clause=rule.clause)
            found.append(_spread(connection, pack, rule, said, period.first, min(period.last, cut_off)))
        elif rule.mean:
            found.append(_mean(rule, metrics, items))
    return tuple(found)


def _items(connection: Connection, pack: Pack, first: date, last: date, cut_off: date) -> tuple[Portion, ...]:
    """Satisfied of answered for each question of the form; who did not answer is left out (PS-12)."""
    counted = rows(connection, "report/count_answers", pack=pack.pack, first=first, last=last, cut_off=cut_off)
    found = []
    for item in pack.form.ratings:
        bad, given = pack.bad_answers(item), [row for row in counted if row.item == item.id]
        good = sum(row.answers for row in given if row.answer not in bad)
        found.append(Portion(item.title, good, sum(row.answers for row in given)))
    return tuple(found)


def _spread(connection: Connection, pack: Pack, rule: MetricRule, said: str, first: date, last: date) -> Score:
    counted = rows(connection, "report/count_categories", pack=pack.pack, first=first, last=last)
    total = sum(row.issues for row in counted)
    names = [row.category or "未分类" for row in counted]
    listed = [ScoreRow(n, (Portion(n, row.issues, total),), None) for n, row in zip(names, counted, strict=True)]
    share = concentration([row.issues for row in counted])
    whole = ScoreRow("集中度（最多一类所占比例）", (), None if share is None else str(share))
    return Score(rule.id, rule.clause, rule.name, said, "spread", (*listed, whole))


def _mean(rule: MetricRule, metrics: tuple[Metric, ...], items: tuple[Portion, ...]) -> Score:
    """The mean for the whole and for each department and person whom the figures name."""
    assert rule.mean is not None
    known = {metric.id: metric for metric in metrics}
    of = [known[name] for name in rule.mean.of if name in known]
    listed = [score_row(rule, "全部", [_portion(metric, metric.total) for metric in of] if of else items)]
    for scope in _PARTS:
        names = {f.scope_code: f.scope_name for metric in of for f in metric.of(scope)}
        for code, name in names.items():
            figures = [next((f for f in metric.of(scope) if f.scope_code == code), None) for metric in of]
            portions = [_portion(metric, figure) for metric, figure in zip(of, figures, strict=True)]
            listed.append(score_row(rule, name, portions))
    shares = zip(of, rule.mean.weights, strict=False)
    weights = "，".join(f"{metric.name}占{weight}份" for metric, weight in shares)
    definition = (_POOLED if rule.mean.pooled else _MEAN).format(clause=rule.clause) + (
        f"权重：{weights}。" if weights else ""
    )
    target = None if rule.target is None else str(rule.target)
    return Score(rule.id, rule.clause, rule.name, definition, "mean", tuple(listed), target)


def _portion(metric: Metric, figure: Figure | None) -> Portion:
    return Portion(metric.name, figure.numerator if figure else 0, figure.denominator if figure else 0)


def score_row(rule: MetricRule, name: str, portions: Sequence[Portion]) -> ScoreRow:
    """One mean with its portions: rates without a denominator drop out, and the grade is the best that is reached."""
    assert rule.mean is not None
    if rule.mean.pooled:
        score = Portion(name, sum(one.numerator for one in portions), sum(one.denominator for one in portions)).rate
    else:
        score = mean_of_rates([portion.rate for portion in portions], rule.mean.weights)
    return ScoreRow(name, tuple(portions), None if score is None else str(score), grade(score, rule.mean.bands))
