"""Dates, rates, changes and intervals in Chinese words."""

from datetime import date
from fractions import Fraction

import pytest
from jinja2 import UndefinedError

from factories import figure
from revisit.domain.periods import parse
from revisit.reports import words


def test_a_rate_has_one_decimal_and_rounds_half_up():
    assert words.rate_text(Fraction(44, 46)) == "95.7%"
    assert words.rate_text(Fraction(1, 16)) == "6.3%"
    assert words.rate_text(Fraction(1, 3)) == "33.3%"


def test_nothing_of_nothing_is_a_dash_and_never_zero_percent():
    assert words.rate_text(None) == "—"
    assert words.share(0, 0) == "—"
    assert words.rate_text(Fraction(0, 5)) == "0.0%"


def test_only_a_whole_reads_100_percent():
    assert words.rate_text(Fraction(2499, 2500)) == "99.9%"
    assert words.rate_text(Fraction(2500, 2500)) == "100.0%"


def test_only_nothing_reads_0_percent():
    assert words.rate_text(Fraction(1, 2500)) == "0.1%"


@pytest.mark.parametrize(
    ("difference", "text"),
    [
        (Fraction(23, 1000), "+2.3个百分点"),
        (Fraction(-14, 1000), "−1.4个百分点"),
        (Fraction(0), "持平"),
        (Fraction(1, 10000), "基本持平"),
        (None, "—"),
    ],
)
def test_a_change_is_in_signed_percentage_points(difference, text):
    assert words.change(difference) == text


def test_the_size_of_a_gap_carries_no_sign():
    assert words.points(Fraction(-83, 1000)) == "8.3个百分点"


def test_an_interval_shows_both_ends():
    assert words.interval((0.855, 0.98804)) == "85.5%–98.8%"
    assert words.interval(None) == "—"


@pytest.mark.parametrize(
    ("written", "shown"),
    [("1", "100.0%"), ("3/10", "30.0%"), ("0.3", "30.0%"), ("30%", "30.0%"), (None, "—"), ("按月决定", "按月决定")],
)
def test_a_target_reads_the_same_however_a_pack_writes_it(written, shown):
    assert words.target_text(written) == shown


def test_whether_a_target_is_met_is_said_in_words():
    assert [words.met(reached) for reached in (True, False, None)] == ["达标", "未达标", "—"]


def test_dates_and_months_have_no_leading_zeros():
    assert words.day(date(2026, 11, 3)) == "2026年11月3日"
    assert words.period(parse("2026-01")) == "2026年1月"


@pytest.mark.parametrize(("number", "text"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (35, "三十五")])
def test_headings_count_in_chinese(number, text):
    assert words.numeral(number) == text


def test_a_reference_names_metric_month_and_part():
    october = parse("2026-10")
    assert words.reference(figure(), october) == "K09/2026-10"
    assert words.reference(figure("department", "D01", "客户服务部"), october) == "K09/2026-10/D01"


def test_templates_escape_what_they_print():
    assert words.environment().from_string("{{ name }}").render(name="<b>&") == "&lt;b&gt;&amp;"


def test_a_name_a_template_does_not_know_is_an_error():
    with pytest.raises(UndefinedError):
        words.environment().from_string("{{ nmae }}").render(name="沈")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("2026-10", "2026年10月"), ("2026Q3", "2026年第三季度"), ("2026H1", "2026年上半年"), ("2026H2", "2026年下半年"),
        ("2026", "2026年度"),
    ],
)  # fmt: skip
def test_a_period_is_called_as_people_call_it(name, text):
    assert words.period(parse(name)) == text


def test_the_kind_of_report_follows_its_period():
    assert [words.report_name(kind) for kind in ("month", "quarter", "half_year", "year")] == [
        "回访统计月报", "回访统计季报", "回访统计半年报", "回访统计年报",
    ]  # fmt: skip


def test_a_reference_of_a_half_year_names_it():
    assert words.reference(figure(), parse("2026H1")) == "K09/2026H1"
