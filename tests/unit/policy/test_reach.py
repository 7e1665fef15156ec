"""A good pack, spoiled in one place at a time: what can never come true is told, with its place and the way out."""

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revisit import resources
from revisit.app.cases import load_for_cases
from revisit.policy.advice import Note, advice
from revisit.policy.model import Pack
from revisit.policy.predicate import Comparison, Where, holds
from revisit.policy.reach import possible

ON = date(2026, 11, 22)
PACKS = sorted(path.parent.name for path in resources.folder("policies").glob("*/pack.yaml"))
PM, CARE, LEADS, LIFE = "property-3-22", "care-visit-generic", "loan-leads", "life-insurance-new-contract"
MARKET, QW = "realestate-marketing", "property-qw-21-14"


@cache
def good(name: str) -> Pack:
    return load_for_cases(resources.folder("policies") / name).pack


def spoiled(name: str, spoil: Callable[[Any], object]) -> list[Note]:
    """The notes that a change brings about."""
    content = good(name).model_dump(mode="json", by_alias=True)
    spoil(content)
    before = set(advice(good(name), ON))
    return [note for note in advice(Pack.model_validate(content), ON) if note not in before]


def rule(content: Any, name: str) -> Any:
    return next(one for one in content["rules"] if one["id"] == name)


def put(name: str, **keys: object) -> Callable[[Any], object]:
    """Change keys of a rule."""
    return lambda content: rule(content, name).update(keys)


def trigger(name: str, **when: object) -> Callable[[Any], object]:
    return lambda content: rule(content, name)["trigger"].update(when=when)


SPOILED: list[tuple[str, Callable[[Any], object], tuple[str | int, ...], str]] = [
    (LIFE, put("central", where={"term_months": {"gt": 12, "lt": 13, "in": [14]}}), ("rules", 0, "where"), "contradicts itself"),
    (CARE, put("conduct", where={"about": {"present": False, "eq": "revisit"}}), ("rules", 6, "where"), "contradicts itself"),
    (CARE, put("new-customer", where={"standing": "newish"}), ("rules", 0, "where"), "contradicts itself"),
    (
        LEADS, put("prospective", where={"class": {"present": True}}), ("rules", 2),
        "'prospective' outrank it for every event. Narrow their 'where'",
    ),
    (CARE, put("new-customer", where={"segment": {"in": ["new"], "ne": "new"}}), ("rules", 1, "trigger", "after"),
     "it follows 'new-customer', which is never owed itself"),
    (CARE, put("reminder", trigger={"after": "reminder", "when": {}}), ("rules", 1, "trigger", "after"), "it follows 'reminder'"),
    (CARE, trigger("reminder", result="lost"), ("rules", 1, "trigger", "when", "result"), "can be reached, unreached, refused."),
    (CARE, trigger("reminder", channel="meeting"), ("rules", 1, "trigger", "when", "channel"), "it can be phone, door, mail"),
    (CARE, trigger("reminder", satisfaction="很好"), ("rules", 1, "trigger", "when", "satisfaction"), "never says so of"),
    (CARE, trigger("reminder", unsolved="yes"), ("rules", 1, "trigger", "when", "unsolved"), "it can be true, false."),
    (CARE, trigger("reminder", standing="old"), ("rules", 1, "trigger", "when"), "or the 'where' of 'new-customer'"),
    (
        LIFE, lambda content: content["form"]["ratings"][0].update(rules=["branch"]) or trigger(
            "branch", **{content["form"]["ratings"][0]["id"]: content["form"]["scale"][0]})(content),
        ("rules", 1, "trigger", "when", "himself"), "it can be missing",
    ),
    (PM, put("appeal", needs={"clause": "PM-03", "fields": ["severity"]}, where={"severity": {"present": False}}, quota=None),
     ("rules", 0, "needs"), "needs a fact that its 'where' excludes"),
    (PM, lambda content: content["quotas"][0].update(rate="0%"), ("rules", 0, "quota"), "is 0 %"),
    (QW, lambda content: rule(content, "repair-second")["condition"].update(any_of=["unsatisfactory"], first="complaint"),
     ("rules", 2, "condition"), "a record of 'complaint', which is about other events"),
    (
        PM,
        lambda content: rule(content, "appeal")["assign"].insert(1, rule(content, "appeal")["assign"][0]),
        ("rules", 0, "assign", 1), "this assignment to 'head' (PM-10) is never taken",
    ),
    (PM, lambda content: content["form"]["texts"][0].update(where={"matter": {"in": ["a"], "ne": "a"}}),
     ("form", "texts", 0), "is never asked"),
    (LIFE, lambda content: content["form"]["ratings"][1].update(where={"policyholder": "company"}),
     ("form", "ratings", 1), "is never asked"),
    (PM, lambda content: content["quotas"].append({**content["quotas"][0], "id": "PM-99"}),
     ("quotas", 5), "no rule uses the quota PM-99"),
    (QW, put("repair-first", round=3), ("rules", 2, "round"), "no rule with this trigger is an earlier one"),
    (MARKET, lambda content: rule(content, content["messages"][0]["rules"][0]).update(channels={"allowed": ["phone"]}),
     ("messages", 0, "rules"), "whose channels do not allow sms. Add sms"),
    (PM, lambda content: content["form"]["signatures"].append({"clause": "PM-99", "who": "customer", "channels": ["web"]}),
     ("form", "signatures", 2), "is never asked for: no rule allows its channels"),
    (PM, lambda content: rule(content, "repair")["window"].update(opens="2 months", due="30 days"),
     ("rules", 1, "window"), "due before it opens"),
    (PM, lambda content: content["effective"].update(until="2026-01-31"), ("effective",), "the pack ended on 2026-01-31"),
    (PM, lambda content: content["effective"].update(until="2019-01-31"), ("effective",), "ends on 2019-01-31, before it begins"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "spoil", "at", "said"), SPOILED, ids=[f"{one[0]}-{one[3][:40]}" for one in SPOILED])
def test_what_can_never_come_true_is_told(
    name: str, spoil: Callable[[Any], object], at: tuple[str | int, ...], said: str
) -> None:
    found = spoiled(name, spoil)
    assert [note.at for note in found if said in note.said] == [at], found


def test_the_shipped_packs_give_no_false_alarm() -> None:
    """Each of these is true of its pack: two festivals' rules can greet one customer, a quota has no metric, and so on."""
    found = {(name, note.at) for name in PACKS for note in advice(good(name), ON) if "holiday" not in note.said}
    assert found == {
        ("construction-repair", ("rules", 1)),  # 30 days after completion meet one month in February
        ("securities", ("roles", 1)),
        *((MARKET, ("rules", number)) for number in (10, 11, 13, 16, 17)),
    }  # fmt: skip


_NUMBERS, _WORDS = st.integers(0, 4), st.sampled_from(["a", "b", "c"])
_TESTS = st.one_of(
    _NUMBERS, _WORDS,
    st.builds(lambda low, high: Comparison.model_validate({"gt": low, "lt": high}), _NUMBERS, _NUMBERS),
    st.builds(lambda words, word: Comparison.model_validate({"in": words, "ne": word}), st.lists(_WORDS, min_size=1), _WORDS),
    st.builds(lambda there: Comparison.model_validate({"present": there}), st.booleans()),
)  # fmt: skip
_WHERES = st.dictionaries(st.sampled_from(["x", "y"]), _TESTS, max_size=2)
_FACTS = st.dictionaries(
    st.sampled_from(["x", "y"]), st.one_of(st.integers(-1, 6), st.sampled_from(["a", "b", "c", "d"]))
)


@given(wheres=st.lists(_WHERES, min_size=1, max_size=2), unless=st.lists(_WHERES, max_size=2), facts=_FACTS)
def test_what_an_event_satisfies_is_possible(
    wheres: list[Where], unless: list[Where], facts: dict[str, object]
) -> None:
    if all(holds(where, facts) for where in wheres) and not any(holds(where, facts) for where in unless):
        assert possible(wheres, unless)


@given(wheres=st.lists(_WHERES, min_size=1, max_size=2), unless=st.lists(_WHERES, max_size=2))
def test_what_is_possible_is_satisfied_by_something_in_between(wheres: list[Where], unless: list[Where]) -> None:
    values = [None, "a", "b", "c", "other", *(half / 2 for half in range(-2, 12)), *range(-1, 6)]
    tried = any(
        all(holds(where, {"x": x, "y": y}) for where in wheres)
        and not any(holds(where, {"x": x, "y": y}) for where in unless)
        for x in values
        for y in values
    )
    assert possible(wheres, unless) == tried
