"""Worked cases that say what no case can say are refused, with file, line and case."""

from pathlib import Path

import pytest

from revisit.app.case_file import read_cases
from revisit.errors import PackError

EVENT = "  events: [{key: a, kind: complaint.closed, completed: 2026-03-02}]\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "- name: 甲\n" + EVENT + "  day: 2026-03-02\n  expects: []\n",
            "cases.yaml:4: case '甲': expects: a case has no such key",
        ),
        (
            "- name: 甲\n  day: 2026-03-02\n  expect:\n    - {event: a, rule: r, dew: 2026-03-03}\n",
            "cases.yaml:4: case '甲': expect.0.dew: a case has no such key",
        ),
        (
            "- name: 甲\n  repeats: {detection: d, month: 2026-03-01, found: []}\n",
            "cases.yaml:2: case '甲': repeats.period: the key is missing",
        ),
        (
            "- name: 甲\n  figures: [{metric: K01, period: 2026-13, numerator: 1, denominator: 1}]\n",
            "'2026-13' is no period; write",
        ),
        ("- day: 2026-03-02\n", "case 'without a name': name: the key is missing"),
        ("- name: 甲\n  day: yesterday\n", "cases.yaml:2: case '甲': day: Input should be a valid date"),
        ("- nothing\n", "cases.yaml:1: case 'no case': entry: Input should be a valid dictionary"),
        ("- values: [1]\n", "values: Input should be a valid dictionary"),
    ],
)
def test_what_no_case_can_say_is_refused(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "cases.yaml").write_text(content, "utf-8")
    with pytest.raises(PackError) as error:
        read_cases(tmp_path)
    assert said in str(error.value)


def test_an_empty_file_has_no_cases(tmp_path: Path) -> None:
    (tmp_path / "cases.yaml").write_text("# nothing yet\n", "utf-8")
    assert read_cases(tmp_path) == ({}, [])
