"""The target of a quota that is a census up to a volume is what was owed, not the rate of the great volumes."""

from fractions import Fraction

import pytest

from revisit.app.figures import _figure

TENTH = Fraction(1, 10)


@pytest.mark.parametrize(
    ("standing", "reached"),
    [
        ({"in_time": 10, "missed": 90}, False),
        ({"in_time": 99, "late": 1}, False),
        ({"in_time": 100}, True),
        ({"in_time": 105, "not_drawn": 945}, True),
        ({"in_time": 104, "missed": 1, "not_drawn": 945}, False),
        ({"pending": 4}, None),
    ],
)
def test_all_that_was_owed_is_the_target(standing: dict[str, int], reached: bool | None) -> None:
    assert _figure("K26a", "all", "", "全部", standing, TENTH, True).meets_target is reached


def test_another_quota_has_its_rate() -> None:
    assert _figure("K11", "all", "", "全部", {"in_time": 10, "missed": 90}, TENTH, False).meets_target is True
