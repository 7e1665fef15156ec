"""Where everything in a chart lies: figures in, positions out, in the user units of an SVG's view box.

Pure functions; the macros of `_shared/charts.svg.j2` only place what they find here. Floats are for drawing alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from revisit.reports import words
from revisit.reports.model import Figure, Satisfaction, TrendPoint
from revisit.reports.scales import axis_label, palette, top_of, wrap

ROWS_PER_CHART = 15
_BASES = (Fraction(9, 10), Fraction(4, 5), Fraction(1, 2), Fraction(0))


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class BarRow:
    """One bar; without a rate its `length` and whiskers are None and only the label and "—" are drawn."""

    y: float
    middle: float
    label: tuple[str, ...]
    label_y: float
    length: float | None
    low: float | None
    high: float | None
    target: float | None
    value: str
    fraction: str
    missed: bool


@dataclass(frozen=True, slots=True)
class BarChart:
    title: str
    width: int
    height: float
    left: int
    right: int
    bottom: float
    row: int
    bar: int
    ticks: tuple[Tick, ...]
    rows: tuple[BarRow, ...]


@dataclass(frozen=True, slots=True)
class TrendChart:
    """`lines` are the unbroken runs of periods that have a rate, `gaps` the periods that have none.

    `last` is the newest period's point and its rate in words; `cut` says that the axis does not start at zero.
    """

    title: str
    width: int
    height: int
    left: int
    right: int
    bottom: int
    ticks: tuple[Tick, ...]
    periods: tuple[Tick, ...]
    years: tuple[Tick, ...]
    lines: tuple[str, ...]
    points: tuple[tuple[float, float], ...]
    gaps: tuple[float, ...]
    last: tuple[float, float, str] | None
    target: float | None
    cut: bool


@dataclass(frozen=True, slots=True)
class Segment:
    x: float
    width: float
    middle: float
    fill: str
    ink: str
    label: str


@dataclass(frozen=True, slots=True)
class StackRow:
    y: float
    middle: float
    label: tuple[str, ...]
    label_y: float
    segments: tuple[Segment, ...]
    value: str
    fraction: str


@dataclass(frozen=True, slots=True)
class StackChart:
    title: str
    width: int
    height: float
    left: int
    right: int
    bar: int
    empty: str
    rows: tuple[StackRow, ...]


def bar_charts(figures: Sequence[Figure], title: str) -> tuple[BarChart, ...]:
    """Horizontal bars, one a figure, with target and 95 % whiskers; long lists in charts of 15 rows, one scale."""
    left, right, row, bar, top = 116, 330, 36, 14, 6
    reach = [bound for f in figures if f.interval for bound in (Fraction(f.interval[1]), f.rate or Fraction(0))]
    reach += [Fraction(f.target) for f in figures if f.target is not None]
    scale = top_of(reach)

    def x(share: Fraction | float) -> float:
        return round(left + (right - left) * float(share) / float(scale), 1)

    def place(index: int, figure: Figure) -> BarRow:
        middle = top + row * index + row / 2
        label = wrap(figure.scope_name, 8.5, 2)
        return BarRow(
            y=middle - bar / 2,
            middle=middle,
            label=label,
            label_y=middle + 4 - 7 * (len(label) - 1),
            length=None if figure.rate is None else round(x(figure.rate) - left, 1),
            low=None if figure.interval is None else x(figure.interval[0]),
            high=None if figure.interval is None else x(figure.interval[1]),
            target=None if figure.target is None else x(Fraction(figure.target)),
            value=words.rate_text(figure.rate),
            fraction=f"{words.count(figure.numerator)}/{words.count(figure.denominator)}",
            missed=figure.meets_target is False,
        )

    ticks = tuple(Tick(x(scale * part / 4), axis_label(scale * part / 4)) for part in range(5))
    pages = [figures[start : start + ROWS_PER_CHART] for start in range(0, len(figures), ROWS_PER_CHART)]
    return tuple(
        BarChart(
            title=title if len(pages) == 1 else f"{title}（{number}/{len(pages)}）",
            width=424,
            height=top + row * len(page) + 24,
            left=left,
            right=right,
            bottom=top + row * len(page),
            row=row,
            bar=bar,
            ticks=ticks,
            rows=tuple(place(index, figure) for index, figure in enumerate(page)),
        )
        for number, page in enumerate(pages, 1)
    )


def trend_chart(points: Sequence[TrendPoint], target: Fraction | None, title: str) -> TrendChart:
    """One metric over its periods, oldest first. The axis starts above zero only where all rates are high (`cut`)."""
    left, right, top, bottom, width = 38, 302, 14, 112, 360
    rates = [point.rate for point in points if point.rate is not None] + ([] if target is None else [target])
    high = top_of(rates)
    room = min(rates, default=Fraction(0)) - Fraction(1, 50)
    low = next((base for base in _BASES if base <= room), Fraction(0)) if high == 1 else Fraction(0)
    pace = (right - left) / max(len(points) - 1, 1)

    def x(index: int) -> float:
        return round(left + pace * index, 1)

    def y(share: Fraction) -> float:
        return round(bottom - (bottom - top) * float((share - low) / (high - low)), 1)

    placed = [None if point.rate is None else (x(i), y(point.rate)) for i, point in enumerate(points)]
    end = placed[-1] if placed else None
    return TrendChart(
        title=title,
        width=width,
        height=148,
        left=left,
        right=right,
        bottom=bottom,
        ticks=tuple(
            Tick(y(low + (high - low) * part / 2), axis_label(low + (high - low) * part / 2)) for part in range(3)
        ),
        periods=tuple(Tick(x(i), words.tick(point.period)) for i, point in enumerate(points)),
        years=tuple(
            Tick(x(i), f"{point.period.first.year}年")
            for i, point in enumerate(points)
            if point.period.kind != "year" and (point.period.number == 1 or (i == 0 and point.period.first.month != 12))
        ),
        lines=tuple(" ".join(f"{a},{b}" for a, b in run) for run in _runs(placed) if len(run) > 1),
        points=tuple(place for place in placed if place is not None),
        gaps=tuple(x(i) for i, place in enumerate(placed) if place is None),
        last=None if end is None else (*end, words.rate_text(points[-1].rate)),
        target=None if target is None else y(target),
        cut=low > 0,
    )


def stack_chart(classes: Sequence[Satisfaction], title: str, empty: str) -> StackChart:
    """One bar a class, split by the answers in the scale's order, or the word `empty`; a count is printed where it fits."""
    left, right, row, bar, top = 116, 330, 34, 18, 4

    def segments(counts: tuple[int, ...]) -> Iterator[Segment]:
        total, before = sum(counts), 0
        for number, (fill, ink) in zip(counts, palette(len(counts)), strict=True):
            if number:
                start = left + (right - left) * before / total
                width = (right - left) * number / total
                label = words.count(number) if width >= 7 * len(words.count(number)) + 6 else ""
                yield Segment(round(start, 1), round(width, 1), round(start + width / 2, 1), fill, ink, label)
            before += number

    def place(index: int, item: Satisfaction) -> StackRow:
        middle = top + row * index + row / 2
        label = wrap(item.name, 8.5, 2)
        return StackRow(
            y=middle - bar / 2,
            middle=middle,
            label=label,
            label_y=middle + 4 - 7 * (len(label) - 1),
            segments=tuple(segments(item.counts)),
            value=words.rate_text(item.rate),
            fraction=f"{words.count(item.satisfied)}/{words.count(item.answered)}",
        )

    rows = tuple(place(index, item) for index, item in enumerate(classes))
    return StackChart(
        title=title,
        width=424,
        height=top + row * len(rows) + 4,
        left=left,
        right=right,
        bar=bar,
        empty=empty,
        rows=rows,
    )


def _runs(places: Sequence[tuple[float, float] | None]) -> Iterator[list[tuple[float, float]]]:
    run: list[tuple[float, float]] = []
    for place in [*places, None]:
        if place is not None:
            run.append(place)
        elif run:
            yield run
            run = []
