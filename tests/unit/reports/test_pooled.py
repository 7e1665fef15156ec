"""PS-13 in its two readings: the mean of the rates, or the rate of all together."""

import pytest

from revisit.app.scores import score_row
from revisit.policy.model import Mean, Metric
from revisit.reports.model import Portion

PORTIONS = [Portion("service", 40, 50), Portion("safety", 9, 10), Portion("repair", 10, 20), Portion("unasked", 0, 0)]


@pytest.mark.parametrize(("pooled", "score"), [(False, "11/15"), (True, "59/80")])
def test_the_overall_rate_in_its_two_readings(pooled: bool, score: str) -> None:
    metric = Metric(id="K22", clause="PS-13", name="总体满意率", mean=Mean(of=("K21",), pooled=pooled))
    assert str(score_row(metric, "全部", PORTIONS).score) == score
    assert score_row(metric, "全部", PORTIONS[3:]).score is None


def test_the_rate_of_all_together_has_no_weights() -> None:
    with pytest.raises(ValueError, match="has no weights"):
        Mean(of=("K01", "K02"), weights=(1, 2), pooled=True)
