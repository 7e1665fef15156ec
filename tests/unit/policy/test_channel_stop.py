"""A pack whose share of channels is a stop: its page, what is doubtful in it, what it differs in, and its worked cases."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from revisit import resources
from revisit.app.cases import faults, load_for_cases
from revisit.app.describe import page
from revisit.errors import PackError
from revisit.policy.advice import advice
from revisit.policy.diff import diff
from revisit.policy.load import LoadedPack

LIFE = resources.folder("policies") / "life-insurance-provincial"
SHARE = "share: {channels: [door, letter], at_most: 10%"


def stopping(folder: Path, share: str = f"{SHARE}, stop: true") -> LoadedPack:
    """The life insurer's pack, read as a stop."""
    (folder / "pack.yaml").write_text((LIFE / "pack.yaml").read_text("utf-8").replace(SHARE, share), "utf-8")
    (folder / "cases.yaml").write_text((LIFE / "cases.yaml").read_text("utf-8"), "utf-8")
    return load_for_cases(folder)


def said(loaded: LoadedPack) -> list[str]:
    return [note.said for note in advice(loaded.pack, date(2026, 12, 1))]


def test_the_page_and_the_comparison_tell_of_a_stop(tmp_path: Path) -> None:
    stopped = stopping(tmp_path)
    assert "上门、信函合计不得超过10%（LI-12）：再多一次即超过时，清单不再提供这些方式" in page(tmp_path)
    assert "不得超过10%" not in page(LIFE)
    assert list(diff(load_for_cases(LIFE).pack, stopped.pack)) == [
        "metrics: K17 电话回访占比.share.stop: False → True, from 2020-01-01."
    ]


def test_a_rule_that_only_stopped_channels_can_make_and_a_stop_of_unused_ones_are_told(tmp_path: Path) -> None:
    assert not [line for line in said(load_for_cases(LIFE)) if "stop" in line]
    told = [line for line in said(stopping(tmp_path)) if "stop" in line]
    assert [line.split(" can only")[0] for line in told] == [
        "'new-contract-door' (LI-10)", "'new-contract-letter' (LI-11)"
    ]  # fmt: skip
    unused = stopping(tmp_path, "share: {channels: [meeting], at_most: 10%, stop: true")
    (line,) = [line for line in said(unused) if "stop" in line]
    assert line.startswith("the stop of K17 (LI-12) is never heeded")


@pytest.mark.parametrize("channels", ["[door, letter, phone]", "[door, letter, phone, sms, mail, web, meeting]"])
def test_a_stop_leaves_a_channel_over(tmp_path: Path, channels: str) -> None:
    with pytest.raises(
        PackError, match=r"pack.yaml:\d+: the stops take every channel that a rule allows.*Leave a channel over"
    ):
        stopping(tmp_path, f"share: {{channels: {channels}, at_most: 10%, stop: true")


@pytest.mark.parametrize(
    ("returned", "agrees"),
    [
        ({"offered": ["phone"], "answers": {"channel": "上门"}, "refused": ["channel"]}, True),
        ({"offered": ["phone"], "answers": {"channel": "上门"}}, False),
        ({"offered": ["phone"], "answers": {"channel": "电话"}}, True),
        ({"offered": ["phone"], "answers": {"channel": "信函", "result": "未联系上"}}, True),
        ({"answers": {"channel": "信函"}}, True),
    ],
)
def test_a_worked_case_says_what_a_list_offered(returned: dict[str, Any], agrees: bool) -> None:
    pack = load_for_cases(resources.folder("policies") / "property-qw-21-14").pack
    assert (faults(pack, {"name": "-", "returned": [{"rule": "repair-first", **returned}]}) == []) is agrees
