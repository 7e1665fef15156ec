"""Two engines, one meaning: generated histories give the same decisions in Python and in SQL."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from histories import (
    KEY,
    LINE,
    SOURCE,
    Circumstances,
    Decisions,
    Row,
    arrive,
    decisions,
    event,
    play,
    prepare,
    reference,
    shipped,
)  # fmt: skip
from revisit.app.plan import plan
from revisit.policy.evaluate import Event
from revisit.policy.load import LoadedPack

EXAMPLES = int(os.environ.get("REVISIT_TEST_EXAMPLES", "60"))
PHASES = [Phase.explicit, Phase.reuse, Phase.generate] + (
    [Phase.shrink] if EXAMPLES > 60 else []
)  # shrinking takes minutes
KINDS = (
    "complaint.closed", "repair.completed", "contract.active", "help.completed", "publication.received", "service.completed",
)  # fmt: skip
FIRST = datetime(2025, 11, 20, tzinfo=UTC)
RATES = {("pq.other_rate", date(2026, 1, 1)): Fraction(1, 5), ("pm.other_rate", date(2025, 12, 1)): Fraction(2, 3)}


@st.composite
def an_event(draw: st.DrawFn, key: str, minute: int) -> Event:
    kind = draw(st.sampled_from(KINDS))
    happened = FIRST + timedelta(days=draw(st.integers(0, 70)), minutes=minute)
    starts = ends = None
    if kind == "contract.active":
        starts = happened.date() + timedelta(days=draw(st.integers(-20, 20)))
        ends = starts + timedelta(days=draw(st.integers(0, 200)))
    return Event(
        SOURCE, key, kind, LINE, happened, starts, ends,
        customer=draw(st.sampled_from(["C1", "C2", "C3", "C9", None])),
        department=draw(st.sampled_from(["D1", "D2", None])),
        area=draw(st.sampled_from(["A1", None])),
        matter=draw(st.sampled_from(["水管", "噪声", None])),
        severity=draw(st.sampled_from(["major", "ordinary", None])),
        occasion=draw(st.sampled_from(["甲", "乙"])) if kind == "publication.received" else None,
        cancelled=draw(st.sampled_from([False, False, False, True])),
    )  # fmt: skip


@st.composite
def a_history(draw: st.DrawFn) -> list[tuple[date, list[Event]]]:
    """Up to four batches; keys come again as corrections, cancellations and restorations. No two events share a minute."""
    batches = []
    on = date(2026, 1, 20)
    minute = 0
    for _ in range(draw(st.integers(1, 4))):
        on += timedelta(days=draw(st.integers(0, 40)))
        keys = draw(st.lists(st.integers(1, 14).map("e{}".format), unique=True, max_size=9))
        events = []
        for key in keys:
            minute += 1
            events.append(draw(an_event(key, minute)))
        batches.append((on, events))
    return batches


def _packs() -> list[LoadedPack]:
    return [shipped("property-qw-21-14"), shipped("property-3-22")]


def _clean(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("truncate decision, task, draw, draw_share, planned_batch, event, event_version, batch, quarantine")
        )


CIRCUMSTANCES: Circumstances = {"rates": RATES, "silent": ["C9"], "adopted_on": date(2025, 12, 1)}


@pytest.fixture
def prepared(engine: Engine) -> Engine:
    """A store with both packs in force, to be emptied of events before each history."""
    with engine.begin() as connection:
        prepare(connection, _packs(), **CIRCUMSTANCES)
    return engine


def _both(engine: Engine, history: Sequence[tuple[date, Sequence[Event]]]) -> tuple[Decisions, Decisions]:
    _clean(engine)
    return reference(_packs(), history, **CIRCUMSTANCES), play(engine, history)


@settings(
    max_examples=EXAMPLES, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=a_history())
def test_both_engines_take_the_same_decisions(prepared: Engine, history: list[tuple[date, list[Event]]]) -> None:
    in_python, by_sql = _both(prepared, history)
    assert by_sql == in_python


@settings(
    max_examples=EXAMPLES // 3,
    deadline=None,
    phases=PHASES,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history=a_history())
def test_deleting_every_derived_row_and_planning_again_gives_the_same_windows(
    prepared: Engine, history: list[tuple[date, list[Event]]]
) -> None:
    _, before = _both(prepared, history)
    with prepared.begin() as connection:
        connection.execute(text("truncate decision, task, draw, draw_share, planned_batch"))
    plan(prepared, history[-1][0], KEY)
    after = decisions(prepared)
    assert all(before[key].outcome == "superseded" for key in before.keys() - after.keys())
    windows = {key: (row.anchor_on, row.opens_on, row.due_on) for key, row in after.items()}
    assert windows == {key: (before[key].anchor_on, before[key].opens_on, before[key].due_on) for key in after}


def _said(
    found: Decisions, events: Sequence[Event]
) -> tuple[dict[tuple[str, str, str], Row], Counter[tuple[str, str, str | None, str]]]:
    """What is decided about each event, without who was drawn; and how many were drawn, by pack, rule and stratum: events,
    or customers where the quota counts these.
    """
    whose = {("publication", one.event_key): one.customer for one in events}  # PQ-13
    places = {
        (pack, rule, row.stratum, row.outcome, whose.get((rule, key)) or key)
        for (key, pack, rule), row in found.items()
        if row.drawn is not None
    }
    drawn = Counter(place[:4] for place in places)
    plain = {
        key: row if row.drawn is None else replace(row, outcome="-", reason="-", draw_position=0, drawn=None)
        for key, row in found.items()
    }
    return plain, drawn


@settings(
    max_examples=EXAMPLES // 3,
    deadline=None,
    phases=PHASES,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history=a_history(), data=st.data())
def test_the_order_and_the_batches_in_which_events_arrive_change_only_who_is_drawn(
    prepared: Engine, history: list[tuple[date, list[Event]]], data: st.DataObject
) -> None:
    events = list({event.key: event for _, batch in history for event in batch}.values())
    on = history[-1][0]
    _, at_once = _both(prepared, [(on, events)])
    shuffled = data.draw(st.permutations(events))
    _, again = _both(prepared, [(on, shuffled)])
    assert again == at_once  # in one batch the order does not even change who is drawn
    cut = data.draw(st.integers(0, len(shuffled)))
    _, in_two = _both(prepared, [(on, shuffled[:cut]), (on, shuffled[cut:])])
    assert _said(in_two, events) == _said(at_once, events)


def test_what_a_small_batch_cannot_make_up_for_is_left_to_the_next_one_of_the_same_run(prepared: Engine) -> None:
    term = {"starts_on": date(2026, 1, 5), "ends_on": date(2026, 6, 5), "department": "D1"}

    def contracts(first: int, last: int, **more: bool) -> list[Event]:
        return [event(f"c{n}", "contract.active", "2026-01-05", **term, **more) for n in range(first, last)]

    on = date(2026, 1, 20)
    _clean(prepared)
    found = play(prepared, [(on, contracts(0, 10))])
    mid = ("property-qw-21-14", "special-mid")
    drawn = [key for (key, *rule), row in found.items() if tuple(rule) == mid and row.drawn]
    assert len(drawn) == 3
    gone = [one for one in contracts(0, 10, cancelled=True) if one.event_key in drawn]
    play(prepared, [(on, gone)])
    arrive(prepared, contracts(10, 11), on)  # three are missing, one joins
    found = play(prepared, [(on, contracts(11, 13))])
    assert found == reference(
        _packs(),
        [(on, contracts(0, 10)), (on, gone), (on, contracts(10, 11)), (on, contracts(11, 13))],
        **CIRCUMSTANCES,
    )
    assert sum(row.outcome == "due" for (_, *rule), row in found.items() if tuple(rule) == mid) == 3  # of ten


@pytest.mark.parametrize(
    "now",
    [{"customer": "C2"}, {"customer": None}, {"kind": "complaint.closed"}, {"matter": "渗漏"}, {"cancelled": True}],
    ids=str,
)  # fmt: skip
def test_what_no_longer_comes_between_two_makes_them_follow_each_other(engine: Engine, now: dict[str, Any]) -> None:
    pack = shipped("property-qw-21-14")
    in_a_row = tuple(
        one.model_copy(update={"in_a_row": True, "at_least": 2}) if one.id == "same-repair" else one
        for one in pack.pack.detections
    )
    loaded = [replace(pack, pack=pack.pack.model_copy(update={"detections": in_a_row}))]
    facts = {"customer": "C1", "department": "D1", "area": "A1"}
    on = date(2026, 10, 12)
    first = [
        event(key, "repair.completed", on - timedelta(days=back), matter=matter, **facts)
        for key, back, matter in (("a", 3, "渗漏"), ("b", 2, "门锁"), ("c", 1, "渗漏"))
    ]
    second = [replace(first[1], **now)]
    with engine.begin() as connection:
        prepare(connection, loaded)
    arrive(engine, first, on)
    plan(engine, on, KEY)
    assert decisions(engine)["c", pack.pack.pack, "repair-second"].outcome == "awaiting"
    arrive(engine, second, on)
    plan(engine, on, KEY)
    assert decisions(engine) == reference(loaded, [(on, first), (on, second)])
    assert decisions(engine)["c", pack.pack.pack, "repair-second"].reason == "condition_met"
