"""Positions in the charts, in the units of the SVG's view box."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest

from factories import OCTOBER, figure
from revisit.domain.periods import Period, parse
from revisit.reports.charts import bar_charts, stack_chart, trend_chart
from revisit.reports.model import Satisfaction, TrendPoint
from revisit.reports.scales import palette, wrap


def test_a_bar_is_as_long_as_its_rate():
    (chart,) = bar_charts([figure(numerator=30, late=0, missed=10)], "回访率")
    assert (chart.left, chart.right) == (116, 330)
    assert chart.rows[0].length == 160.5  # three quarters of 214
    assert chart.rows[0].target == 330.0
    assert chart.rows[0].value == "75.0%"
    assert chart.rows[0].missed is True


def test_whiskers_end_at_wilsons_interval():
    (chart,) = bar_charts([figure(numerator=30, late=0, missed=10)], "回访率")
    assert chart.rows[0].low == 244.0
    assert chart.rows[0].high == 299.6


def test_low_rates_get_a_shorter_axis():
    (chart,) = bar_charts([figure(numerator=100, late=0, missed=0, not_drawn=900, target="1/10")], "回访率")
    assert [tick.label for tick in chart.ticks] == ["0%", "5%", "10%", "15%", "20%"]
    assert chart.rows[0].length == 107.0
    assert chart.rows[0].missed is False


def test_no_denominator_draws_no_bar():
    (chart,) = bar_charts([figure(numerator=0, late=0, missed=0)], "回访率")
    assert chart.rows[0].length is None
    assert chart.rows[0].low is None
    assert chart.rows[0].value == "—"


def test_forty_departments_make_three_charts_of_one_scale():
    charts = bar_charts([figure("department", f"D{i}", f"第{i}部") for i in range(40)], "回访率")
    assert [len(chart.rows) for chart in charts] == [15, 15, 10]
    assert [chart.title for chart in charts] == ["回访率（1/3）", "回访率（2/3）", "回访率（3/3）"]
    assert len({chart.ticks for chart in charts}) == 1


def test_a_long_name_takes_two_lines_and_then_an_ellipsis():
    assert wrap("社区公共设施设备综合维修与应急抢险保障中心", 8.5, 2) == ("社区公共设施设备", "综合维修与应急…")
    assert wrap("客户服务部", 8.5, 2) == ("客户服务部",)


def test_two_lines_share_a_name_evenly():
    assert wrap("报刊及文体活动回访", 8.5, 2) == ("报刊及文体", "活动回访")


def test_a_line_never_starts_with_a_closing_mark():
    assert wrap("社区公共设施设备：综合维修与应急抢险中心", 8.0, 2) == ("社区公共设施设备：", "综合维修与应急…")


def _months(*counts: tuple[int, int]) -> list[TrendPoint]:
    return [TrendPoint("K09", Period(date(2025, 10 + i, 1), "month"), *count) for i, count in enumerate(counts)]


def test_a_month_without_a_rate_breaks_the_line():
    chart = trend_chart(_months((1, 2), (0, 0), (1, 2)), None, "走势")
    assert chart.lines == ()
    assert chart.points == ((38.0, 14.0), (302.0, 14.0))
    assert chart.gaps == (170.0,)


def test_high_rates_stretch_the_axis_and_say_so():
    chart = trend_chart(_months((95, 100), (96, 100), (100, 100)), Fraction(1), "走势")
    assert [tick.label for tick in chart.ticks] == ["90%", "95%", "100%"]
    assert chart.cut is True
    assert chart.lines == ("38.0,63.0 170.0,53.2 302.0,14.0",)
    assert chart.last == (302.0, 14.0, "100.0%")


def test_the_newest_month_is_marked_only_where_it_has_a_rate():
    assert trend_chart(_months((1, 2), (0, 0)), None, "走势").last is None


def test_no_months_draw_an_empty_chart():
    chart = trend_chart([], None, "走势")
    assert chart.points == ()
    assert chart.periods == ()


def test_month_labels_name_the_year_at_the_start_and_in_january():
    points = [TrendPoint("K09", OCTOBER.back(12 - i), 1, 2) for i in range(13)]
    chart = trend_chart(points, None, "走势")
    assert [tick.label for tick in chart.periods] == [
        "10",
        "11",
        "12",
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "10",
    ]
    assert [(tick.at, tick.label) for tick in chart.years] == [(38.0, "2025年"), (104.0, "2026年")]


@pytest.mark.parametrize(
    ("newest", "labels", "years"),
    [
        ("2026Q2", ["三季", "四季", "一季", "二季"], ["2025年", "2026年"]),
        ("2026H1", ["下", "上", "下", "上"], ["2024年", "2025年", "2026年"]),
        ("2026", ["2023年", "2024年", "2025年", "2026年"], []),
    ],
)
def test_other_periods_are_labelled_in_their_own_words(newest, labels, years):
    points = [TrendPoint("K09", parse(newest).back(3 - i), 1, 2) for i in range(4)]
    chart = trend_chart(points, None, "走势")
    assert [tick.label for tick in chart.periods] == labels
    assert [tick.label for tick in chart.years] == years


ANSWERS = Satisfaction("投诉回访", (10, 20, 9, 1, 0), 39, 40, 48)


def test_a_stack_fills_the_width_in_the_order_of_the_scale():
    row = stack_chart([ANSWERS], "评价", "本月没有评价").rows[0]
    assert [(part.x, part.width) for part in row.segments] == [
        (116.0, 53.5),
        (169.5, 107.0),
        (276.5, 48.1),
        (324.6, 5.3),
    ]
    assert [part.label for part in row.segments] == ["10", "20", "9", ""]
    assert row.value == "97.5%"


def test_no_answers_draw_no_segment():
    row = stack_chart([replace(ANSWERS, counts=(0, 0, 0, 0, 0), satisfied=0, answered=0)], "评价", "本月没有评价").rows[
        0
    ]
    assert row.segments == ()
    assert row.value == "—"


def _light(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def _contrast(one: str, other: str) -> float:
    dark, bright = sorted((_light(one), _light(other)))
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("levels", range(1, 8))
def test_every_count_on_a_segment_is_readable(levels):
    assert all(_contrast(fill, ink) >= 4.5 for fill, ink in palette(levels))


@pytest.mark.parametrize("levels", range(2, 8))
def test_neighbouring_segments_differ_in_grey(levels):
    fills = [fill for fill, _ in palette(levels)]
    assert all(_contrast(one, other) >= 1.3 for one, other in pairwise(fills))
