"""How dates, counts, rates and intervals are put into Chinese words, and the Jinja environment that offers them.

Templates choose what is shown; every conversion of a value to text is one of the functions here.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache

from jinja2 import Environment

from revisit import templates
from revisit.domain.periods import Kind, Period
from revisit.reports.model import Figure

NONE = "—"
_MINUS = "\N{MINUS SIGN}"
_DIGITS = "〇一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class PeriodWords:
    """How a kind of period is spoken of: this one and the one before it, each and that one, its reports, its change."""

    noun: str
    this: str
    before: str
    each: str
    that: str
    report: str
    trend: str
    course: str
    change: str


PERIODS: dict[Kind, PeriodWords] = {
    "month": PeriodWords("月份", "本月", "上月", "各月", "该月", "月报", "十三个月趋势", "月度走势", "环比"),
    "quarter": PeriodWords("季度", "本季度", "上季度", "各季度", "该季度", "季报", "八个季度趋势", "季度走势", "环比"),
    "half_year": PeriodWords(
        "半年度", "本半年度", "上一半年度", "各半年度", "该半年度", "半年报", "近三年各半年度趋势", "半年度走势", "环比"
    ),
    "year": PeriodWords("年度", "本年度", "上年度", "各年度", "该年度", "年报", "五年趋势", "年度走势", "较上年"),
}


def count(number: int) -> str:
    """An integer with thousands separators."""
    return f"{number:,}"


def rate_text(rate: Fraction | None) -> str:
    """A rate of zero or more to one decimal, half rounded up; "—" where there is none.

    Only a whole reads 100.0% and only nothing reads 0.0%: 2499 of 2500 is 99.9%, so that a missed target of 100%
    never looks reached.
    """
    if rate is None:
        return NONE
    tenths = _tenths(rate)
    if rate < 1:
        tenths = min(tenths, 999)
    if rate > 0:
        tenths = max(tenths, 1)
    return f"{tenths // 10}.{tenths % 10}%"


def share(part: int, whole: int) -> str:
    """`part` of `whole` as a percentage; "—" of nothing."""
    return rate_text(Fraction(part, whole) if whole else None)


def change(difference: Fraction | None) -> str:
    """The difference of two rates in percentage points, signed; "—" where one of them is missing."""
    if difference is None:
        return NONE
    tenths = _tenths(abs(difference))
    if tenths == 0:
        return "持平" if difference == 0 else "基本持平"
    return f"{'+' if difference > 0 else _MINUS}{tenths // 10}.{tenths % 10}个百分点"


def points(difference: Fraction) -> str:
    """The size of a difference of two rates, without its sign."""
    return change(abs(difference)).removeprefix("+")


def _tenths(rate: Fraction) -> int:
    return (2000 * rate.numerator + rate.denominator) // (2 * rate.denominator)


def interval(bounds: tuple[float, float] | None) -> str:
    """The two ends of a 95 % interval, each as `rate_text` shows it."""
    return NONE if bounds is None else f"{rate_text(Fraction(bounds[0]))}–{rate_text(Fraction(bounds[1]))}"


def target_text(text: str | None) -> str:
    """A rate as a pack writes it ("1", "0.3", "3/10" or "30%"); text of any other shape is shown as it is."""
    if text is None:
        return NONE
    try:
        return rate_text(Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text))
    except ValueError:
        return text


def met(reached: bool | None) -> str:
    """Whether a target was reached, in words: never by colour alone."""
    return NONE if reached is None else "达标" if reached else "未达标"


def day(on: date) -> str:
    return f"{on.year}年{on.month}月{on.day}日"


def iso(on: date) -> str:
    """A date for a narrow column."""
    return on.isoformat()


def period(one: Period) -> str:
    """2026年10月, 2026年第三季度, 2026年上半年, 2026年度."""
    match one.kind:
        case "month":
            return f"{one.first.year}年{one.first.month}月"
        case "quarter":
            return f"{one.first.year}年第{numeral(one.number)}季度"
        case "half_year":
            return f"{one.first.year}年{'上' if one.number == 1 else '下'}半年"
        case "year":
            return f"{one.first.year}年度"


def tick(one: Period) -> str:
    """A period below the axis of a chart whose years stand beneath: 10, 三季, 上, or for a year itself 2026年."""
    match one.kind:
        case "month":
            return str(one.first.month)
        case "quarter":
            return f"{numeral(one.number)}季"
        case "half_year":
            return "上" if one.number == 1 else "下"
        case "year":
            return f"{one.first.year}年"


def report_name(kind: Kind) -> str:
    """回访统计月报, 回访统计半年报: what a report about a kind of period is called."""
    return f"回访统计{PERIODS[kind].report}"


def numeral(number: int) -> str:
    """A number from 1 to 99 as a heading counts: 一, 十, 十二, 二十."""
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十") + (_DIGITS[ones] if ones else "")


def reference(figure: Figure, period: Period) -> str:
    """The name by which `revisit explain` knows a figure: K09/2026-10 for all, K09/2026-10/D01 for a part."""
    whole = f"{figure.metric}/{period.name}"
    return whole if figure.scope == "all" else f"{whole}/{figure.scope_code}"


@cache
def environment() -> Environment:
    """The templates' environment with the words of reports as filters."""
    made = templates.environment().overlay()
    filters = (count, rate_text, change, interval, target_text, met, day, iso, period, reference)
    made.filters = {**made.filters, **{function.__name__: function for function in filters}}
    made.globals = {**made.globals, "share": share}
    return made
