"""Which figures tell each duty once."""

import pytest

from revisit import resources
from revisit.app.cases import load_for_cases


@pytest.mark.parametrize(
    ("pack", "values", "told"),
    [
        ("loan-leads", {}, ["K24"]),
        ("tech-services", {}, ["K07"]),
        ("tech-services", {"ts.coverage_by": "customers"}, ["K07"]),
        ("care-visit-generic", {}, ["K01"]),
        ("life-insurance-provincial", {}, []),
        ("property-3-22", {}, ["K09", "K10", "K11", "K12", "K14"]),
    ],
)
def test_each_duty_is_told_once(pack: str, values: dict[str, str], told: list[str]) -> None:
    loaded = load_for_cases(resources.folder("policies") / pack, case={"values": values})
    assert [metric.id for metric in loaded.pack.classes()] == told
