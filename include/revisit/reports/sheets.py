"""What the workbook of the report holds, sheet by sheet, as values; `workbook.py` writes it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from revisit.reports import words
from revisit.reports.model import Report
from revisit.reports.view import terms

Kind = Literal["text", "number", "count", "rate", "day"]
Cell = str | int | Fraction | date | None


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: Kind
    width: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table; a rate of None is written as "—", any other None leaves the cell empty."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


def sheets(report: Report) -> Iterator[Sheet]:
    """The sheets in their order."""
    yield _about(report)
    yield _metrics(report)
    yield _sheet(
        "趋势",
        f"指标:text:10 名称:text:24 {words.PERIODS[report.period.kind].noun}:text:10 按期:count:9 应回访:count:9 回访率:rate:9",
        [
            (p.metric, _names(report).get(p.metric, p.metric), p.period.name, p.numerator, p.denominator, p.rate)
            for p in report.trend
        ],
    )
    yield _satisfaction(report)
    if report.scores:
        yield _scores(report)
    yield _sheet(
        "重复",
        "类别:text:20 住户:text:20 片区:text:18 事项:text:30 次数:count:8 发生日期:text:46",
        [(r.name, r.customer, r.area, r.matter, r.times, "、".join(map(words.iso, r.days))) for r in report.repeats],
    )
    yield _sheet(
        "不合格",
        "任务:text:18 条款:text:10 回访日期:day:12 片区:text:18 责任部门:text:20 原因:text:40 处理情况:text:20",
        [(u.task, u.clause, u.visited_on, u.area, u.department, u.cause, u.state) for u in report.unsatisfactory],
    )
    yield _sheet(
        "未办结",
        "编号:number:8 责任部门:text:20 事由:text:40 提出日期:day:12 应办结日期:day:12 状态:text:18 "
        "逾期工作日:count:11 已准延期:text:10",
        [
            (i.number, i.department, i.cause, i.raised_on, i.due_on, i.state, i.overdue_days,
             "是" if i.extended else "否")
            for i in report.issues
        ],
    )  # fmt: skip
    yield _sheet(
        "抽样",
        "抽样项:text:10 条款:text:10 名称:text:24 层:text:24 规定比例:text:10 应抽总体:count:10 抽中:count:8 "
        "实抽比例:rate:10 密钥指纹:text:24 替换:text:24",
        [
            (d.quota, d.clause, d.name, d.stratum, words.target_text(d.rate), d.eligible, d.drawn,
             Fraction(d.drawn, d.eligible) if d.eligible else None, d.key_fingerprint,
             "、".join(f"{reason} {number}" for reason, number in d.substitutions))
            for d in report.draws
        ],
    )  # fmt: skip
    yield _quality(report)


def _about(report: Report) -> Sheet:
    facts: list[tuple[Cell, ...]] = [
        ("单位", report.organisation),
        ("报告", words.report_name(report.period.kind)),
        (words.PERIODS[report.period.kind].noun, words.period(report.period)),
        ("依据制度", f"《{report.title}》{report.document_code}（{report.document_revision}）"),
        ("统计截止日", words.day(report.cut_off)),
        ("应报日期", words.day(report.due_on)),
        ("版次", f"第 {report.revision} 版"),
        ("内容校验（SHA-256）", report.sha256()),
    ]
    if report.invented:
        facts.append(("数据性质", "本报告为示例数据（虚构）"))
    facts += [(step, f"{post}　{name}".strip("　")) for step, post, name in report.chain]
    facts += [(f"默认值 {d.clause}", f"{d.means}：{d.value}") for d in report.defaults]
    facts += [(f"指引 {clause}", text) for clause, text in report.guidance]
    facts += [(f"更正 {figure}", f"原值 {before}，更正值 {after}") for figure, before, after in report.restated]
    facts += [(f"口径 {term.name}", term.meaning) for term in terms(report)]
    return _sheet("说明", "项目:text:24 内容:text:100", facts)


def _metrics(report: Report) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for metric in report.metrics:
        for f in metric.figures:
            low, high = (Fraction(f.interval[0]), Fraction(f.interval[1])) if f.interval else (None, None)
            rows.append(
                (words.reference(f, report.period), metric.id, metric.name, metric.clause, _SCOPES[f.scope],
                 f.scope_code, f.scope_name, f.denominator, f.numerator, f.late, f.missed, f.not_drawn, f.pending,
                 f.excused, f.rate, low, high, Fraction(f.target) if f.target else None, words.met(f.meets_target))
            )  # fmt: skip
    return _sheet(
        "指标",
        "引用号:text:20 指标:text:8 名称:text:22 条款:text:9 范围:text:8 代码:text:9 对象:text:24 应回访:count:9 "
        "按期:count:8 逾期完成:count:9 未完成:count:8 未抽中:count:8 未到期:count:8 免除:count:8 回访率:rate:9 "
        "区间下限:rate:9 区间上限:rate:9 目标:rate:9 达标:text:9",
        rows,
    )


_SCOPES = {"all": "全部", "department": "部门", "area": "片区", "person": "人员"}


def _satisfaction(report: Report) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for item in report.satisfaction:
        low, high = (Fraction(item.interval[0]), Fraction(item.interval[1])) if item.interval else (None, None)
        rows.append((item.name, *item.counts, item.satisfied, item.answered, item.rate, low, high, item.population))
    columns = (
        Column("类别", "text", 22),
        *(Column(name, "count", 12) for name in report.scale),
        *_columns("满意合计:count:9 已评价:count:9 满意率:rate:9 区间下限:rate:9 区间上限:rate:9 总体:count:9"),
    )
    return Sheet("满意度", columns, tuple(rows))


def _scores(report: Report) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for score in report.scores:
        for line in score.rows:
            for portion in line.portions:
                rows.append((score.id, score.name, score.clause, line.name, portion.name, portion.numerator,
                             portion.denominator, portion.rate, ""))  # fmt: skip
            if line.value is not None:
                rows.append((score.id, score.name, score.clause, line.name, "", None, None, line.score, line.grade))
    return _sheet(
        "评分",
        "指标:text:8 名称:text:24 条款:text:9 对象:text:24 项目:text:24 分子:count:9 分母:count:9 比例:rate:9 等级:text:10",
        rows,
    )


def _quality(report: Report) -> Sheet:
    return _sheet(
        "数据质量",
        "来源:text:24 批次:count:8 读取:count:10 接收:count:10 未变:count:10 拒收:count:10 数据契约:text:10 "
        "拒收原因:text:60",
        [
            (q.source, q.batches, q.read, q.accepted, q.unchanged, q.refused, "已检验" if q.judged else "未检验",
             "；".join(f"{reason}（{words.count(number)}）" for reason, number in q.reasons))
            for q in report.quality
        ],
    )  # fmt: skip


def _names(report: Report) -> dict[str, str]:
    return {metric.id: metric.name for metric in report.metrics}


def _sheet(name: str, columns: str, rows: Sequence[tuple[Cell, ...]]) -> Sheet:
    return Sheet(name, _columns(columns), tuple(rows))


def _columns(text: str) -> tuple[Column, ...]:
    kinds: dict[str, Kind] = {"text": "text", "number": "number", "count": "count", "rate": "rate", "day": "day"}
    parts = (column.split(":") for column in text.split())
    return tuple(Column(name, kinds[kind], int(width)) for name, kind, width in parts)
