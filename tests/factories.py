"""Invented values for tests: a rich month's report that every renderer must stand."""

from dataclasses import replace
from datetime import date
from typing import Any

from revisit.domain.periods import Period
from revisit.reports.model import (
    Default,
    Draw,
    Figure,
    Metric,
    OpenIssue,
    Repeat,
    Report,
    Satisfaction,
    SourceQuality,
    TrendPoint,
    Unsatisfactory,
)

OCTOBER = Period(date(2026, 10, 1), "month")
DEPARTMENTS = {"D01": "客户服务部", "D02": "工程维修部", "D03": "安全管理部", "D04": "环境绿化部"}
AREAS = {
    "A01": "云栖东苑一期", "A02": "云栖东苑二期", "A03": "云栖西苑", "A04": "云栖南庭",
    "A05": "听澜湾高层区", "A06": "听澜湾别墅区", "A07": "商业街与会所", "A08": "青年公寓",
}  # fmt: skip
_OF_AREA = {
    "A01": "D01",
    "A02": "D01",
    "A03": "D02",
    "A04": "D02",
    "A05": "D03",
    "A06": "D03",
    "A07": "D04",
    "A08": "D04",
}

# By metric: target, and for A01 to A08 (numerator, late, missed, not drawn, pending, excused).
_COUNTS = {
    "K09": ("1", [(9, 0, 0, 0, 1, 0), (7, 0, 0, 0, 0, 0), (6, 1, 0, 0, 0, 1), (5, 0, 0, 0, 0, 0),
                  (8, 0, 1, 0, 2, 0), (4, 0, 0, 0, 0, 0), (3, 0, 0, 0, 0, 0), (2, 0, 0, 0, 0, 0)]),
    "K10": ("1", [(41, 1, 0, 0, 3, 1), (38, 0, 0, 0, 2, 0), (52, 3, 2, 0, 4, 1), (47, 2, 1, 0, 1, 0),
                  (33, 0, 0, 0, 2, 0), (19, 0, 0, 0, 0, 2), (12, 0, 0, 0, 1, 0), (26, 1, 0, 0, 0, 0)]),
    "K11": ("3/10", [(6, 0, 0, 13, 1, 0), (5, 0, 0, 11, 0, 0), (4, 1, 0, 9, 0, 0), (3, 0, 0, 8, 0, 0),
                     (7, 0, 0, 15, 2, 0), (3, 0, 0, 6, 0, 0), (2, 0, 1, 7, 0, 0), (4, 0, 0, 9, 0, 0)]),
    "K12": ("1", [(2, 0, 0, 0, 0, 0), (1, 0, 0, 0, 0, 0), (1, 0, 0, 0, 0, 0), (3, 0, 0, 0, 0, 0),
                  (2, 0, 0, 0, 0, 0), (1, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 0), (1, 0, 0, 0, 0, 0)]),
    "K13": ("1/10", [(31, 1, 0, 268, 0, 4), (28, 0, 0, 251, 0, 2), (24, 0, 1, 220, 0, 3), (22, 0, 0, 197, 0, 1),
                     (36, 2, 0, 320, 0, 5), (9, 0, 0, 80, 0, 0), (4, 0, 0, 35, 0, 0), (27, 0, 0, 241, 0, 2)]),
    "K14": (None, [(0, 0, 0, 0, 2, 0), (0, 0, 0, 0, 1, 0), (0, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 0),
                   (0, 0, 0, 0, 3, 0), (0, 0, 0, 0, 0, 1), (0, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 0)]),
}  # fmt: skip

_METRICS = {
    "K09": ("PQ-10", "投诉回访率", "件",
            "投诉处理完毕后三日内回访的件数，占同期到期应回访投诉件数的比例。投诉应全数回访。"),
    "K10": ("PQ-11", "维修回访率", "件",
            "维修工程完成后两日内回访的件数，占同期到期应回访维修件数的比例。维修应全数回访。"),
    "K11": ("PQ-12", "特约服务回访率", "份",
            "合同中期与结束后已回访的特约服务合同，占同期到期合同的比例，不少于三成。"),
    "K12": ("PQ-08", "求助服务回访率", "件", "急救、求助事件结束后一周内回访的件数，占同期到期应回访件数的比例。"),
    "K13": ("PQ-13", "报刊及文体活动回访率", "户",
            "发放报刊、举办文体活动后一个月内回访的住户，占参与住户的比例，不少于一成。"),
    "K14": ("PQ-14", "其它服务回访率", "件",
            "其它管理服务完成后一周内回访的件数，占同期到期件数的比例；目标由管理处主任按月决定。"),
}  # fmt: skip

# Numerators and denominators of the twelve months before, October 2025 first.
_HISTORY = {
    "K09": [(38, 41), (35, 37), (40, 42), (29, 31), (22, 22), (36, 38),
            (39, 40), (41, 43), (44, 45), (40, 42), (37, 38), (42, 44)],
    "K10": [(231, 250), (240, 257), (252, 266), (243, 262), (188, 199), (249, 263),
            (261, 270), (255, 268), (270, 279), (281, 292), (266, 274), (259, 266)],
    "K11": [(28, 101), (31, 104), (30, 98), (33, 109), (0, 0), (27, 90),
            (32, 105), (34, 107), (31, 102), (29, 99), (33, 104), (35, 112)],
    "K12": [(9, 9), (7, 7), (8, 9), (12, 12), (6, 6), (8, 8), (10, 10), (9, 10), (11, 11), (8, 8), (9, 9), (10, 10)],
    "K13": [(160, 1590), (171, 1640), (166, 1655), (0, 0), (182, 1790), (158, 1602),
            (177, 1720), (169, 1668), (174, 1701), (163, 1633), (180, 1755), (176, 1760)],
    "K14": [(4, 10), (3, 8), (5, 11), (2, 7), (3, 9), (4, 9), (3, 10), (5, 12), (4, 8), (3, 7), (4, 11), (3, 9)],
}  # fmt: skip


def figure(scope: Any = "all", code: str = "", name: str = "全部", **changes: Any) -> Figure:
    """45 of 48 on time, against a target of all."""
    given = {
        "metric": "K09", "numerator": 45, "late": 2, "missed": 1, "not_drawn": 0, "pending": 3, "excused": 1,
        "target": "1",
    }  # fmt: skip
    return Figure(scope=scope, scope_code=code, scope_name=name, **{**given, **changes})


def metric(id: str = "K09") -> Metric:
    """A metric whose areas add up to departments, and those to the whole."""
    clause, name, unit, definition = _METRICS[id]
    target, rows = _COUNTS[id]
    by_area = dict(zip(AREAS, rows, strict=True))

    def summed(scope: Any, code: str, title: str, areas: list[str]) -> Figure:
        numerator, late, missed, not_drawn, pending, excused = (sum(by_area[a][i] for a in areas) for i in range(6))
        return Figure(id, scope, code, title, numerator, late, missed, not_drawn, pending, excused, target)

    return Metric(
        id, clause, name, unit, definition,
        (
            summed("all", "", "全部", list(AREAS)),
            *(summed("department", d, t, [a for a in AREAS if _OF_AREA[a] == d]) for d, t in DEPARTMENTS.items()),
            *(summed("area", a, t, [a]) for a, t in AREAS.items()),
        ),
        of_duties=True,
    )  # fmt: skip


def _trend(metrics: tuple[Metric, ...]) -> tuple[TrendPoint, ...]:
    months = list(reversed([OCTOBER.back(i) for i in range(13)]))
    return tuple(
        TrendPoint(m.id, month, *counts)
        for m in metrics
        for month, counts in zip(months, [*_HISTORY[m.id], (m.total.numerator, m.total.denominator)], strict=True)
    )


def a_report(**changes: Any) -> Report:
    """October 2026 of an invented property company: four departments, eight areas, six metrics, thirteen months."""
    metrics = tuple(map(metric, _METRICS))
    made = Report(
        organisation="云栖花园物业服务有限公司",
        invented=True,
        pack="property-qw-21-14",
        title="物业客户回访作业规程",
        document_code="QW-21-14",
        document_revision="A/0",
        period=OCTOBER,
        cut_off=date(2026, 11, 3),
        revision=1,
        due_on=date(2026, 11, 6),
        drafted_by="沈若岚",
        scale=("非常满意", "满意", "基本满意", "不满意", "非常不满意"),
        metrics=metrics,
        satisfaction=(
            Satisfaction("投诉回访", (12, 18, 9, 4, 1), 39, 44, 48),
            Satisfaction("维修回访", (96, 121, 38, 9, 3), 255, 267, 291),
            Satisfaction("特约服务回访", (11, 15, 6, 1, 0), 32, 33, 115),
            Satisfaction("求助（急救）回访", (7, 3, 0, 0, 0), 10, 10, 11),
            Satisfaction("报刊及文体活动回访", (40, 88, 44, 6, 1), 172, 179, 1797),
            Satisfaction("其它服务回访", (0, 0, 0, 0, 0), 0, 0, 0),
        ),
        trend=_trend(metrics),
        repeats=(
            Repeat("same-matter", "同一事项连续投诉", "住户 0312**", "云栖西苑", "楼上装修超时施工", 3,
                   (date(2026, 6, 11), date(2026, 8, 2), date(2026, 10, 9))),
            Repeat("same-matter", "同一事项连续投诉", "住户 1108**", "听澜湾高层区", "地下车库夜间照明不足", 2,
                   (date(2026, 9, 20), date(2026, 10, 21))),
            Repeat("same-repair", "同种维修重复", "住户 0705**", "云栖南庭", "厨房下水管渗漏", 4,
                   (date(2026, 3, 5), date(2026, 5, 19), date(2026, 8, 30), date(2026, 10, 14))),
        ),
        unsatisfactory=(
            Unsatisfactory("T-20261008-0017", "PQ-04", "云栖西苑", "工程维修部", date(2026, 10, 9),
                           "渗漏部位三日内复漏，住户要求重新处理", "已有计划"),
            Unsatisfactory("T-20261012-0041", "PQ-03", "听澜湾高层区", "安全管理部", date(2026, 10, 14),
                           "车库照明未按承诺日期恢复", "待回复"),
            Unsatisfactory("T-20261015-0008", "PQ-04", "云栖南庭", "工程维修部", date(2026, 10, 16),
                           "维修后现场未清理", "已解决"),
            Unsatisfactory("T-20261020-0023", "PQ-07", "商业街与会所", "环境绿化部", date(2026, 10, 24),
                           "绿植养护频次低于合同约定", "已有计划"),
            Unsatisfactory("T-20261027-0002", "PQ-03", "云栖东苑一期", "客户服务部", date(2026, 10, 29),
                           "答复内容与现场情况不符", "待回复"),
        ),
        issues=(
            OpenIssue(1041, "工程维修部", "渗漏部位三日内复漏，住户要求重新处理", date(2026, 10, 9),
                      date(2026, 10, 16), "已有计划", 12, False),
            OpenIssue(1052, "安全管理部", "车库照明未按承诺日期恢复", date(2026, 10, 14), date(2026, 11, 2),
                      "待回复", 1, True),
            OpenIssue(1066, "环境绿化部", "绿植养护频次低于合同约定", date(2026, 10, 24), date(2026, 11, 9),
                      "已有计划", 0, True),
            OpenIssue(1071, "客户服务部", "答复内容与现场情况不符", date(2026, 10, 29), date(2026, 11, 5),
                      "待回复", 0, False),
        ),
        draws=tuple(
            Draw(quota, clause, name, stratum, rate, eligible, drawn, "3f9a-71c2-d04e-88b5",
                 (("迁出", 1), ("联系不上", 1)) if stratum.startswith("工程维修部") else ())
            for quota, clause, name, stratum, rate, eligible, drawn in (
                ("PQ-12", "PQ-12", "特约服务回访", "客户服务部　2026-10", "3/10", 35, 11),
                ("PQ-12", "PQ-12", "特约服务回访", "工程维修部　2026-10", "3/10", 25, 8),
                ("PQ-12", "PQ-12", "特约服务回访", "安全管理部　2026-10", "3/10", 31, 10),
                ("PQ-12", "PQ-12", "特约服务回访", "环境绿化部　2026-10", "3/10", 23, 7),
                ("PQ-13", "PQ-13", "报刊及文体活动回访", "中秋社区游园会", "1/10", 1203, 121),
                ("PQ-13", "PQ-13", "报刊及文体活动回访", "《云栖月刊》第十期", "1/10", 594, 60),
            )
        ),
        quality=(
            SourceQuality("投诉登记系统", 31, 214, 58, 153, 3, True, (("completed: 早于受理时间", 2),
                          ("area: 未知片区“西苑二”", 1))),
            SourceQuality("维修工单系统", 62, 1876, 301, 1575, 0, True, ()),
            SourceQuality("特约服务合同台账", 4, 468, 115, 349, 4, True, (("ends: 不是日期", 3),
                          ("customer: 不能为空", 2))),
            SourceQuality("社区活动签到表", 2, 1842, 1797, 0, 45, False, (("customer: 不能为空", 45),)),
        ),
        defaults=(
            Default("pq.second_due_months", "PQ-05",
                    "维修第二次回访的截止月数：自完工起算（读法甲＝2，读法乙＝3）", "2"),
            Default("pq.special_end_days", "PQ-07", "特约服务结束后回访的天数", "7"),
            Default("pq.rating_scale", "PQ-20", "评价等级（自高到低）", "非常满意、满意、基本满意、不满意、非常不满意"),
            Default("pq.unsatisfactory_threshold", "PQ-25", "低于此等级即为不合格", "基本满意"),
            Default("pq.repeat_window_months", "PQ-27", "重复投诉、重复维修的回溯月数（滚动）", "12"),
            Default("pq.report_workday", "PQ-28", "月报的截止日：次月第几个工作日", "5"),
        ),
        guidance=(
            ("PQ-31", "回访统计结果作为员工绩效考核的依据之一；权重由管理处自定。"),
            ("PQ-32", "相关记录：回访记录签收表、回访记录表、回访统计表；相关文件：住户投诉处理作业规程。"),
        ),
        chain=(
            ("编制", "片区管理员", "沈若岚"),
            ("审核", "主任助理", "贺子谦"),
            ("审定", "管理处主任", "顾明远"),
        ),
    )  # fmt: skip
    return replace(made, **changes)
