"""The second reading of every place that can be read in two ways is a switch, and has a worked case."""

import re
from typing import Any

import pytest
from ruamel.yaml import YAML

from revisit import resources
from revisit.app.case_file import read_cases
from revisit.app.cases import load_for_cases
from revisit.policy.load import Choices, load_pack

PACKS = {path.parent.name: path.parent for path in resources.folder("policies").glob("*/pack.yaml")}
PAGE = (resources.folder("policies").parents[1] / "docs" / "readings.md").read_text("utf-8")
SWITCHES = [YAML(typ="safe").load(found) for found in re.findall(r"`([a-z]{2}\.[a-z_]+: [^`]+)`", PAGE)]
CASES = [(name, case["values"]) for name, folder in PACKS.items() for case in read_cases(folder)[1] if "values" in case]
CHOICES = [
    (name, parameter.id, choice)
    for name, folder in PACKS.items()
    for parameter in load_for_cases(folder).pack.parameters
    if parameter.stated == "ambiguous"
    for choice in parameter.choices or ()
    if choice != parameter.default
]


@pytest.mark.parametrize("switch", SWITCHES, ids=str)
def test_a_switch_that_the_page_names_has_a_worked_case(switch: dict[str, Any]) -> None:
    assert any(
        {str(value) for value in values.items()} >= {str(value) for value in switch.items()} for _, values in CASES
    )


@pytest.mark.parametrize(("pack", "parameter", "choice"), CHOICES)
def test_every_choice_has_a_worked_case_and_stands_on_the_page(pack: str, parameter: str, choice: Any) -> None:
    assert any(name == pack and values.get(parameter) == choice for name, values in CASES)
    assert any(switch.get(parameter) == choice for switch in SWITCHES)


@pytest.mark.parametrize(("pack", "parameter", "choice"), CHOICES)
def test_a_pack_can_be_read_under_every_choice(pack: str, parameter: str, choice: Any) -> None:
    values, _ = read_cases(PACKS[pack])
    chosen = load_pack(PACKS[pack], Choices({**values, parameter: choice}, ()))
    assert chosen.pack != load_pack(PACKS[pack], Choices(values, ())).pack
