"""95 % intervals of rates."""

from math import sqrt

_Z = 1.959963984540054  # the 97.5 % point of the normal distribution


def wilson(successes: int, trials: int, population: int | None = None) -> tuple[float, float] | None:
    """Wilson's score interval for `successes` of `trials`; None where there were no trials.

    With `population`, the size of the finite population the trials were drawn from without replacement, the
    effective number of trials is n (N - 1) / (N - n): a census has no sampling error and the interval closes
    on the rate itself. Wilson, JASA 22 (1927) 209-212; Cochran, Sampling Techniques, 2.6.
    """
    if trials == 0:
        return None
    rate = successes / trials
    if population is not None and population <= trials:
        return rate, rate
    n = float(trials) if population is None else trials * (population - 1) / (population - trials)
    centre = (rate + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * sqrt(rate * (1 - rate) / n + _Z**2 / (4 * n**2))
    return max(0.0, centre - half), min(1.0, centre + half)
