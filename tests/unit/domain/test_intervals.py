"""Wilson's interval, against another implementation."""

import pytest
from scipy.stats import binomtest

from revisit.domain.intervals import wilson


@pytest.mark.parametrize(("successes", "trials"), [(17, 20), (0, 5), (5, 5), (1, 1), (961, 1000)])
def test_the_interval_is_the_one_scipy_computes(successes: int, trials: int) -> None:
    found = wilson(successes, trials)
    wanted = binomtest(successes, trials).proportion_ci(method="wilson")
    assert found == pytest.approx((wanted.low, wanted.high), abs=1e-12)


def test_seventeen_of_twenty_may_be_anything_from_64_to_95_percent() -> None:
    low, high = wilson(17, 20) or (0, 0)
    assert (round(low, 2), round(high, 2)) == (0.64, 0.95)


def test_nothing_asked_has_no_interval() -> None:
    assert wilson(0, 0) is None


def test_a_census_has_no_sampling_error() -> None:
    assert wilson(17, 20, population=20) == (0.85, 0.85)


def test_a_small_population_narrows_the_interval() -> None:
    small, large = wilson(17, 20, population=30), wilson(17, 20)
    assert small and large
    assert large[0] < small[0] < 0.85 < small[1] < large[1]
