"""What the charts share: the length of an axis, its labels, the colours of a scale, and labels broken into lines."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil

_TOPS = (Fraction(1, 20), Fraction(1, 10), Fraction(1, 5), Fraction(1, 4), Fraction(1, 2), Fraction(1))
_CLOSING = "，。、；：）》”’…！？"

# Best to worst: neighbours differ in lightness too, so that the order survives a grey print. (fill, ink upon it)
_PALETTE = (
    ("#0b4f5c", "#ffffff"),
    ("#2b7a86", "#ffffff"),
    ("#8fc1c7", "#16262c"),
    ("#d9ebed", "#16262c"),
    ("#eebf8c", "#16262c"),
    ("#d98b4a", "#16262c"),
    ("#8f2d1c", "#ffffff"),
)
_PICKED = {1: "0", 2: "05", 3: "036", 4: "0256", 5: "02356", 6: "012356"}


def palette(levels: int) -> tuple[tuple[str, str], ...]:
    """A (fill, ink) pair for each level of a scale, best first; of more than seven, the last share one."""
    picked = _PICKED.get(levels, "0123456".ljust(levels, "6"))
    return tuple(_PALETTE[int(place)] for place in picked)


def wrap(text: str, wide: float, lines: int) -> tuple[str, ...]:
    """Break a label after `wide` Chinese characters (a Latin one counts 0.55); what is beyond `lines` becomes "…"."""
    sizes = [1.0 if ord(letter) > 0x2E7F else 0.55 for letter in text]
    needed = ceil(sum(sizes) / wide)
    if needed <= lines:
        wide = sum(sizes) / max(needed, 1) + 0.5  # lines of one length, and no single letter left over
    found, used = [""], 0.0
    for letter, size in zip(text, sizes, strict=True):
        if used + size > wide and letter not in _CLOSING:
            if len(found) == lines:
                found[-1] = f"{found[-1][:-1]}…"
                break
            found.append("")
            used = 0.0
        found[-1] += letter
        used += size
    return tuple(found)


def top_of(rates: Sequence[Fraction]) -> Fraction:
    """The shortest axis that holds all the rates; no rate is above 100 %."""
    return next((limit for limit in _TOPS if limit >= max(rates, default=Fraction(0))), Fraction(1))


def axis_label(share: Fraction) -> str:
    """A tick in percent, without needless decimals: 25%, 12.5%."""
    hundredths = share * 100
    return f"{hundredths.numerator}%" if hundredths.denominator == 1 else f"{float(hundredths):.2f}".rstrip("0") + "%"
