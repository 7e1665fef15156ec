"""Scores made of rates: the mean that a regulation asks for, which is not the rate of all together."""

from collections.abc import Mapping, Sequence
from fractions import Fraction


def mean_of_rates(rates: Sequence[Fraction | None], weights: Sequence[int] = ()) -> Fraction | None:
    """The (weighted) arithmetic mean of the rates that exist; None where none does (PS-13: empty items drop out)."""
    weighed = [
        (rate, weight)
        for rate, weight in zip(rates, weights or [1] * len(rates), strict=True)
        if rate is not None and weight
    ]
    total = sum(weight for _, weight in weighed)
    return sum((rate * weight for rate, weight in weighed), Fraction(0)) / total if total else None


def concentration(counts: Sequence[int]) -> Fraction | None:
    """The share of the largest group (CV-17, the concentration of suggestions); None where there is nothing."""
    return Fraction(max(counts), sum(counts)) if any(counts) else None


def grade(score: Fraction | None, bands: Mapping[str, Fraction]) -> str:
    """The best grade whose least score is reached; empty where there is no score, no band or none reached."""
    best_first = sorted(bands.items(), key=lambda band: -band[1])
    return next((name for name, least in best_first if score is not None and score >= least), "")
