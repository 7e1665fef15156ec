"""Every clause of every regulation is accounted for; what is said to be executed is proven by taking it out."""

import re
from collections import Counter
from typing import Any

import pytest

from revisit import resources
from revisit.app import cases, conformance
from revisit.app.case_file import read_cases
from revisit.app.describe import page
from revisit.errors import PackError
from revisit.policy.load import Choices, load_pack

ACCOUNTS = [(folder, line) for folder in conformance.folders() for line in conformance.account(folder)]
EXECUTED = [pytest.param(folder, line.clause, id=line.clause) for folder, line in ACCOUNTS if line.status == "executed"]


def test_all_334_clauses_of_23_regulations_are_accounted_for() -> None:
    assert len(conformance.folders()) == 23
    assert len({line.clause for _, line in ACCOUNTS}) == len(ACCOUNTS) == 334


def test_an_open_clause_says_what_is_missing() -> None:
    assert [line.clause for _, line in ACCOUNTS if line.status == "open" and not line.where] == []


@pytest.mark.parametrize(("folder", "clause"), EXECUTED)
def test_a_worked_case_fails_once_the_clause_is_taken_out(folder: Any, clause: str) -> None:
    assert conformance.proof(folder, clause) != []


REFUSED = 81  # clauses on which the very reading of their pack rests; none more without a thought


def test_few_clauses_are_proven_by_nothing_but_a_pack_that_cannot_be_read() -> None:
    page = (resources.folder("policies").parents[1] / "docs" / "conformance.md").read_text("utf-8")
    assert page.count("refused: other parts of the pack rest on it") <= REFUSED


def test_each_thing_that_a_simple_language_cannot_say_has_a_worked_case() -> None:
    assert len(conformance.HARD) == 22
    assert [thing for thing, found in conformance.shown() if not found] == []


@pytest.mark.parametrize("folder", conformance.folders(), ids=lambda folder: folder.name)
def test_a_pack_does_not_load_while_a_number_the_regulation_left_blank_is_missing(folder: Any) -> None:
    values, _ = read_cases(folder)
    for parameter in cases.load_for_cases(folder).pack.parameters:
        if parameter.stated == "blank":
            less = {name: value for name, value in values.items() if name != parameter.id}
            with pytest.raises(PackError, match=re.escape(parameter.id)):
                load_pack(folder, Choices(less, ()))


def test_taking_out_what_is_not_there_changes_nothing() -> None:
    for folder in conformance.folders():
        assert conformance.proof(folder, "ZZ-99") == []


def test_the_page_says_what_the_packs_say() -> None:
    page = (resources.folder("policies").parents[1] / "docs" / "conformance.md").read_text("utf-8")
    assert page == conformance.page(), "write it again: revisit pack conformance --page > docs/conformance.md"
    counted = Counter(line.status for _, line in ACCOUNTS)
    assert f"{counted['executed']} executed" in page
    readme = (resources.folder("policies").parents[1] / "README.md").read_text("utf-8")
    said = f"{counted['executed']} are executed, {counted['guidance']} shown as guidance and {counted['open']} open"
    assert said in readme


@pytest.mark.parametrize("folder", conformance.folders(), ids=lambda folder: folder.name)
def test_the_owners_page_says_what_the_data_says(folder: Any) -> None:
    content = (folder / "README.md").read_text("utf-8")
    if "revisit pack describe" in content:
        assert content == page(folder), f"write it again: revisit pack describe {folder} > {folder}/README.md"
    named = set(re.findall(r"[A-Z]{2}-\d{2}", content))
    for prefix, first, last in re.findall(r"([A-Z]{2})-(\d{2}) 至 [A-Z]{2}-(\d{2})", content):
        named |= {f"{prefix}-{number:02d}" for number in range(int(first), int(last) + 1)}
    assert {line.clause for line in conformance.account(folder)} - named == set(), "these have no fate on the page"
