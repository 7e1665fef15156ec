"""The same matter: people merge, the engines go on from there, and everything can be taken back."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from histories import LINE, SOURCE, decisions, reference, shipped
from histories import arrive as deliver
from month import arrive, complaint, every, one, repair
from revisit.app import keep, matters
from revisit.app.board import board
from revisit.app.context import Context
from revisit.app.explain import explain
from revisit.app.figures import _repeats
from revisit.app.matter_pairs import propose
from revisit.app.plan import plan
from revisit.app.publish import publish
from revisit.domain.periods import period_of
from revisit.errors import RevisitError
from revisit.policy.evaluate import Event
from revisit.store.database import run
from revisit.templates import render

FIRST, SECOND, THIRD = date(2026, 10, 1), date(2026, 10, 3), date(2026, 10, 7)
BY: dict[str, Any] = {"by": "沈若岚", "reason": "同一处漏水"}
LEAK = [
    repair("R1", "2026-10-01", matter="水管渗漏"),
    repair("R2", "2026-10-03", matter="水管渗漏"),
    repair("R3", "2026-10-07", matter="厨房漏水"),
]


def second_visits(ctx: Context) -> dict[str, tuple[str, str, str | None]]:
    """Outcome, reason and task of the second revisit of each repair (PQ-05)."""
    found = every(
        ctx,
        "select e.event_key, d.outcome, d.reason, t.state from decision d join event e using (event_id) "
        "join rule r using (rule_id) left join task t on (t.event_id, t.rule_id, t.round) = (d.event_id, d.rule_id, d.round) "
        "where r.clause = 'PQ-05'",
    )
    return {row[0]: (row[1], row[2], row[3]) for row in found}


def merge(
    ctx: Context, event: str = "orders/R3", into: str = "orders/R1", on: date = THIRD, do: bool = True
) -> matters.Act:
    return matters.merge(ctx, event, into, on=on, do=do, **BY)


def undo(ctx: Context, number: int | None, on: date = THIRD, do: bool = True) -> matters.Act:
    assert number is not None
    return matters.undo(ctx, number, "贺子谦", "两处不同", on, do)


def replan(ctx: Context, on: date = THIRD) -> None:
    plan(ctx.engine, on, ctx.draw_key)


def everything(ctx: Context) -> dict[str, Any]:
    """What a look must not change."""
    tables = ("event", "event_version", "batch", "matter_merge", "decision", "task", "audit")
    return {name: every(ctx, f"select * from {name} order by 1, 2, 3") for name in tables}


@pytest.fixture
def leaks(ctx: Context) -> Context:
    """Two repairs of one matter, and a third that somebody called otherwise."""
    arrive(ctx, THIRD, *LEAK)
    assert second_visits(ctx)["R3"] == ("awaiting", "condition", None)
    return ctx


def test_a_merge_makes_a_repetition_and_owes_the_second_revisit(leaks: Context) -> None:
    act = merge(leaks)
    replan(leaks)
    assert second_visits(leaks) == {
        "R1": ("awaiting", "condition", None),
        "R2": ("awaiting", "condition", None),
        "R3": ("due", "condition_met", "planned"),
    }
    assert [asdict(moved) for moved in act.events] == [
        {"event": "orders/R3", "happened_on": THIRD, "department": "JX-GC", "was": "厨房漏水", "becomes": "水管渗漏"}
    ]
    assert act.findings == ("found: 2026-10 同种维修重复 (PQ-27): '水管渗漏' 3 times",)
    assert [(duty.event, duty.clause, duty.due_on, duty.what) for duty in act.duties] == [
        ("orders/R3", "PQ-05", date(2026, 12, 7), "owed")
    ]


def test_looking_at_a_merge_says_the_same_and_changes_nothing(leaks: Context) -> None:
    before = everything(leaks)
    looked = merge(leaks, do=False)
    assert everything(leaks) == before
    assert (looked.done, looked.number) == (False, None)
    done = merge(leaks)
    assert (done.events, done.findings, done.duties) == (looked.events, looked.findings, looked.duties)
    replan(leaks)
    before = everything(leaks)
    looked = undo(leaks, done.number, do=False)
    assert everything(leaks) == before
    assert undo(leaks, done.number).duties == looked.duties != ()


def test_a_merge_is_a_new_version_of_its_events_and_an_entry_in_the_audit(leaks: Context) -> None:
    number = merge(leaks).number
    now = one(leaks, "select matter, source_matter, version, b.source, b.origin, rows_read, rows_changed "
                     "from event join batch b using (batch_id) where event_key = 'R3'")  # fmt: skip
    assert now == ("水管渗漏", "厨房漏水", 2, "merged by hand", f"merge {number}", 1, 1)
    assert one(leaks, "select matter, source_matter, version from event_version") == ("厨房漏水", None, 1)
    assert one(leaks, "select actor, subject, detail->>'customer' as customer from audit where action = 'merge matters'") == (
        "沈若岚", f"merge {number}", "C1"
    )  # fmt: skip
    with leaks.engine.connect() as connection:
        assert "merged by hand" not in {row.source for row in board(leaks, THIRD).batches}
        pack = leaks.packs["property-qw-21-14"].pack
        (found,) = _repeats(connection, pack, {"first": FIRST, "last": period_of("month", FIRST).last})
    assert (found.matter, found.times) == ("水管渗漏", 3)


def test_undoing_a_merge_withdraws_what_nobody_was_handed(leaks: Context) -> None:
    before = decisions(leaks.engine)
    number = merge(leaks).number
    replan(leaks)
    act = undo(leaks, number)
    assert [(duty.event, duty.what) for duty in act.duties] == [("orders/R3", "withdrawn")]
    assert act.findings == ("no longer found: 2026-10 同种维修重复 (PQ-27): '水管渗漏' 3 times",)
    replan(leaks)
    assert decisions(leaks.engine) == before
    assert second_visits(leaks)["R3"] == ("awaiting", "condition", "superseded")
    assert one(leaks, "select matter, source_matter, version from event where event_key = 'R3'") == (
        "厨房漏水",
        None,
        3,
    )
    again = merge(leaks)
    assert again.number is not None and number is not None and again.number > number
    replan(leaks)
    assert second_visits(leaks)["R3"] == ("due", "condition_met", "planned")


@pytest.mark.parametrize(("on", "state"), [(date(2026, 11, 11), "issued"), (date(2026, 12, 20), "expired")])
def test_undoing_a_merge_leaves_what_was_handed_out(leaks: Context, on: date, state: str) -> None:
    number = merge(leaks).number
    replan(leaks)
    publish(leaks, date(2026, 11, 10))
    replan(leaks, on)
    assert second_visits(leaks)["R3"] == ("due", "condition_met", state)
    act = undo(leaks, number, on)
    replan(leaks, on)
    assert [(duty.event, duty.what) for duty in act.duties] == [("orders/R3", "stays")]
    assert second_visits(leaks)["R3"] == ("due", "condition_met", state)


def test_undoing_a_merge_leaves_what_a_record_asked_for(leaks: Context) -> None:
    number = merge(leaks).number
    replan(leaks)
    with leaks.engine.begin() as connection:
        connection.execute(
            text("insert into record (event_id, rule_id, round, content_hash, recorded_on, visited_on, result, channel, "
                 "visitor, customer_signed, ratings, texts, unsatisfactory, unsolved, second_visit_wanted) "
                 "select event_id, rule_id, t.round, 'h', :on, :on, 'reached', 'phone', '唐晓棠', false, '{}', '{}', true, "
                 "false, false from task t join event using (event_id) join rule using (rule_id) "
                 "where event_key = 'R3' and clause = 'PQ-04'"),
            {"on": date(2026, 10, 8)},
        )  # fmt: skip
    assert [duty.what for duty in undo(leaks, number).duties] == ["stays"]
    replan(leaks)
    assert second_visits(leaks)["R3"] == ("due", "condition_met", "planned")


def test_a_window_that_is_over_is_told_before_it_is_missed(leaks: Context) -> None:
    late = date(2026, 12, 20)
    replan(leaks, late)
    assert second_visits(leaks)["R3"] == ("out_of_scope", "lapsed", None)
    assert [duty.what for duty in merge(leaks, on=late, do=False).duties] == ["late"]
    number = merge(leaks, on=late).number
    replan(leaks, late)
    assert second_visits(leaks)["R3"] == ("due", "condition_met", "expired")
    undo(leaks, number, late)
    replan(leaks, late)
    assert second_visits(leaks)["R3"] == ("out_of_scope", "lapsed", "superseded")


def test_a_row_that_comes_again_unchanged_stays_unchanged(leaks: Context) -> None:
    merge(leaks)
    arrive(leaks, THIRD, *LEAK)
    counts = "select rows_accepted, rows_unchanged from batch where source = 'orders' order by batch_id desc limit 1"
    assert one(leaks, counts) == (0, 3)
    assert one(leaks, "select matter, version from event where event_key = 'R3'") == ("水管渗漏", 2)


def test_a_corrected_row_keeps_the_merge_and_a_later_event_joins_it(leaks: Context) -> None:
    number = merge(leaks).number
    arrive(leaks, date(2026, 10, 9), *LEAK[:2], {**LEAK[2], "department": "JX-KF1"},
           repair("R4", "2026-10-09", matter="厨房漏水"))  # fmt: skip
    found = every(leaks, "select event_key, matter, source_matter, department, version from event order by 1")
    assert found[2:] == [("R3", "水管渗漏", "厨房漏水", "JX-KF1", 3), ("R4", "水管渗漏", "厨房漏水", "JX-GC", 1)]
    assert second_visits(leaks)["R4"] == ("due", "condition_met", "planned")
    undo(leaks, number)
    found = every(leaks, "select event_key, matter, source_matter, department from event order by 1")
    assert found[2:] == [("R3", "厨房漏水", None, "JX-KF1"), ("R4", "厨房漏水", None, "JX-GC")]


def test_a_source_that_names_another_matter_has_the_last_word(leaks: Context) -> None:
    merge(leaks)
    arrive(leaks, THIRD, *LEAK[:2], {**LEAK[2], "matter": "灯具"})
    assert one(leaks, "select matter, source_matter from event where event_key = 'R3'") == ("灯具", None)
    arrive(leaks, THIRD, *LEAK[:2], {**LEAK[2], "matter": "水管渗漏"})
    assert one(leaks, "select matter, source_matter from event where event_key = 'R3'") == ("水管渗漏", None)


def test_another_customer_kind_and_line_keep_a_matter_of_the_same_name(ctx: Context) -> None:
    def others(number: int) -> list[dict[str, str]]:
        return [
            repair(f"A{number}", "2026-10-07", matter="厨房漏水", customer="C2"),
            complaint(f"B{number}", "2026-10-07", matter="厨房漏水"),
            repair(f"C{number}", "2026-10-07", matter="厨房漏水", line="yunqi"),
        ]

    arrive(ctx, THIRD, *LEAK, *others(1))
    merge(ctx)
    arrive(ctx, THIRD, *LEAK, *others(1), *others(2))
    assert [row[0] for row in every(ctx, "select event_key from event where source_matter is not null")] == ["R3"]


def test_merges_chain_and_each_is_undone_by_itself(ctx: Context) -> None:
    arrive(ctx, THIRD, *LEAK[1:], repair("R0", "2026-10-01", matter="渗水"))
    first = merge(ctx, "orders/R3", "orders/R2")
    second = merge(ctx, "orders/R3", "orders/R0")  # R3 stands under R2's matter, which goes along
    assert [moved.event for moved in second.events] == ["orders/R2", "orders/R3"]
    arrive(
        ctx, THIRD, *LEAK[1:], repair("R0", "2026-10-01", matter="渗水"), repair("R5", "2026-10-07", matter="厨房漏水")
    )
    assert set(every(ctx, "select matter from event")) == {("渗水",)}
    told = dict(explain(ctx, "orders/R3", THIRD)[0].facts)["事件"]
    assert told[-2:] == (
        "2026-10-07 沈若岚将“厨房漏水”并入“水管渗漏”（合并 1 号）：同一处漏水",
        "2026-10-07 沈若岚将“水管渗漏”并入“渗水”（合并 2 号）：同一处漏水",
    )

    def standing() -> dict[str, str]:
        return dict(map(tuple, every(ctx, "select event_key, matter from event")))

    undo(ctx, first.number)
    assert standing() == {"R0": "渗水", "R2": "渗水", "R3": "厨房漏水", "R5": "厨房漏水"}
    undo(ctx, second.number)
    assert standing() == {"R0": "渗水", "R2": "水管渗漏", "R3": "厨房漏水", "R5": "厨房漏水"}
    merge(ctx, "orders/R3", "orders/R2")
    last = merge(ctx, "orders/R2", "orders/R0")
    undo(ctx, last.number)
    with ctx.engine.begin() as connection:
        assert run(connection, "ingest/stage_merges") == 1  # one matter stands elsewhere, in one place
    arrive(ctx, THIRD, repair("R6", "2026-10-07", matter="厨房漏水"))
    assert standing() == {"R0": "渗水", "R2": "水管渗漏", "R3": "水管渗漏", "R5": "水管渗漏", "R6": "水管渗漏"}


def test_repairs_outside_the_window_of_the_detection_owe_nothing_when_merged(ctx: Context) -> None:
    arrive(ctx, THIRD, repair("R1", "2025-10-05", matter="水管渗漏"), *LEAK[1:])
    act = merge(ctx, "orders/R3", "orders/R2")
    replan(ctx)
    assert (len(act.events), act.findings, act.duties) == (1, (), ())
    assert second_visits(ctx)["R3"] == ("awaiting", "condition", None)


def test_a_merge_that_came_after_an_undone_one_is_no_part_of_the_events_story(leaks: Context) -> None:
    undo(leaks, merge(leaks).number)
    arrive(leaks, THIRD, *LEAK, repair("R0", "2026-10-01", matter="渗水"))
    merge(leaks, "orders/R1", "orders/R0")
    told = dict(explain(leaks, "orders/R3", THIRD)[0].facts)["事件"]
    assert [line for line in told if "并入“渗水”" in line] == []
    assert [line for line in told if "撤销" in line] == [told[-1]]


def test_matters_merged_in_a_circle_come_to_rest(leaks: Context) -> None:
    merge(leaks)
    assert merge(leaks, "orders/R1", "orders/R3").known
    assert one(leaks, "select count(*) from matter_merge") == (1,)


def test_two_people_who_merge_at_once_merge_once(leaks: Context) -> None:
    with ThreadPoolExecutor(4) as pool:
        acts = list(pool.map(lambda _: merge(leaks), range(4)))
    assert sorted(act.done for act in acts) == [False, False, False, True]
    assert len({act.number for act in acts}) == 1
    assert one(leaks, "select count(*) from matter_merge") == (1,)
    with ThreadPoolExecutor(4) as pool:
        acts = list(pool.map(lambda _: undo(leaks, acts[0].number), range(4)))
    assert sorted(act.done for act in acts) == [False, False, False, True]
    assert one(leaks, "select version from event where event_key = 'R3'") == (3,)


def test_events_that_arrive_while_somebody_merges_wait_and_join(leaks: Context) -> None:
    with ThreadPoolExecutor(1) as pool:
        with leaks.engine.begin() as connection:  # a merge that has not committed yet
            matters._alone(connection)
            connection.execute(
                text("insert into matter_merge (line, kind, customer, matter, into_matter, merged_on, merged_by, reason) "
                     "values ('jinxiu', 'repair.completed', 'C1', '灯具', '水管渗漏', '2026-10-07', '沈', '-')")
            )  # fmt: skip
            coming = pool.submit(arrive, leaks, THIRD, *LEAK, repair("R4", "2026-10-07", matter="灯具"))
            with pytest.raises(TimeoutError):
                coming.result(1)
        coming.result(60)
    assert one(leaks, "select matter, source_matter from event where event_key = 'R4'") == ("水管渗漏", "灯具")


def test_an_event_explains_who_merged_its_matter_and_who_took_it_back(leaks: Context) -> None:
    number = merge(leaks).number
    replan(leaks)
    undo(leaks, number)
    (told,) = {dict(item.facts)["事件"][-1] for item in explain(leaks, "orders/R3", THIRD)[:2]}
    assert told == (
        f"2026-10-07 沈若岚将“厨房漏水”并入“水管渗漏”（合并 {number} 号）：同一处漏水；2026-10-07 贺子谦撤销：两处不同"
    )
    told = dict(explain(leaks, "orders/R3", THIRD, "en")[0].facts)["Event"][-1]
    assert told.startswith(f"2026-10-07: 沈若岚 merged “厨房漏水” into “水管渗漏” (merge {number}): 同一处漏水")


def test_complaints_to_different_departments_are_one_incident_after_a_merge(ctx: Context) -> None:
    arrive(ctx, THIRD, complaint("K1", "2026-10-01", matter="夜间施工", department="JX-GC"),
           complaint("K2", "2026-10-07", matter="噪声扰民", department="JX-KF1"))  # fmt: skip
    (pair,) = propose(ctx, THIRD)
    assert (pair.event, pair.into, pair.departments) == ("orders/K2", "orders/K1", "JX-KF1 / JX-GC")
    matters.merge(ctx, pair.event, pair.into, on=THIRD, do=True, **BY)
    across = shipped("realestate-customer").pack
    with ctx.engine.begin() as connection:
        connection.execute(text("update pack_use set line = 'jinxiu' where pack = 'realestate-customer'"))
        connection.execute(
            text("insert into pack_version (pack, document_code, revision, effective_from, time_zone, sha256, definition, "
                 "on_default, activated_by, activated_on) values ('realestate-customer', '-', '-', '2020-01-01', "
                 "'Asia/Shanghai', '', '{}', '{}', 't', '2020-01-01') on conflict do nothing")
        )  # fmt: skip
        connection.execute(
            text("insert into pack_use values ('realestate-customer', 'jinxiu', '2020-01-01') on conflict do nothing")
        )
        (found,) = _repeats(connection, across, {"first": FIRST, "last": period_of("month", FIRST).last})
    assert (found.detection, found.matter, found.times) == ("many-departments", "夜间施工", 2)
    assert propose(ctx, THIRD) == []


def test_pairs_are_proposed_by_time_and_words_and_not_once_they_were_judged(ctx: Context) -> None:
    arrive(ctx, THIRD, *LEAK, repair("R4", "2026-10-06", matter="灯具"), repair("R5", "2026-08-01", matter="门窗"),
           repair("R6", "2026-10-06", matter="厨房漏水", customer="C2"))  # fmt: skip
    found = [(pair.event, pair.into, pair.alike) for pair in propose(ctx, THIRD)]
    assert found == [("orders/R3", "orders/R2", 0.5), ("orders/R4", "orders/R2", 0.0), ("orders/R3", "orders/R4", 0.0)]
    assert [pair.event for pair in propose(ctx, THIRD, limit=1)] == ["orders/R3"]
    assert propose(ctx, THIRD, days=3, line="yunqi") == []
    assert propose(ctx, date(2026, 12, 1)) == []
    assert board(ctx, THIRD).pairs == 1
    assert "有 1 对事项（每对属同一客户）说法相近" in render("pages/board.html", user="", board=board(ctx, THIRD))
    number = merge(ctx).number
    undo(ctx, number)
    assert "说法相近" not in render("pages/board.html", user="", board=board(ctx, THIRD))
    assert [(pair.event, pair.into) for pair in propose(ctx, THIRD)] == [
        ("orders/R4", "orders/R2"), ("orders/R3", "orders/R4")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda ctx: merge(ctx, "orders/R3", "nowhere"), "there is no event 'nowhere'"),
        (lambda ctx: merge(ctx, "", "orders/R1"), "there is no event ''"),
        (lambda ctx: merge(ctx, "orders/R3'; drop table event; --", "orders/R1"), "there is no event"),
        (lambda ctx: merge(ctx, "orders/R3", "orders/R7"), "of the customer C1, orders/R7 of C2"),
        (
            lambda ctx: merge(ctx, "orders/R3", "orders/K1"),
            "of the kind repair.completed, orders/K1 of complaint.closed",
        ),
        (lambda ctx: merge(ctx, "orders/R3", "orders/R8"), "of the line jinxiu, orders/R8 of yunqi"),
        (lambda ctx: merge(ctx, "orders/R3", "orders/R9"), "names no matter"),
        (lambda ctx: merge(ctx, "orders/R10", "orders/R3"), "names no customer"),
        (lambda ctx: matters.merge(ctx, "orders/R3", "orders/R1", " ", "x", THIRD, True), "--by NAME --reason TEXT"),
        (lambda ctx: matters.merge(ctx, "orders/R3", "orders/R1", "x", "", THIRD, True), "--by NAME --reason TEXT"),
        (lambda ctx: undo(ctx, 77), "there is no merge 77"),
        (lambda ctx: undo(ctx, 2**70), "there is no merge"),
        (lambda ctx: propose(ctx, THIRD, days=0), "at least 1"),
        (lambda ctx: propose(ctx, THIRD, days=10**12), "at most"),
        (lambda ctx: propose(ctx, THIRD, line="nowhere"), "no pack is in use"),
    ],
)
def test_what_cannot_be_merged_is_said_with_its_way_out(
    ctx: Context, act: Callable[[Context], object], said: str
) -> None:
    arrive(ctx, THIRD, *LEAK, repair("R7", "2026-10-07", customer="C2"), complaint("K1", "2026-10-07"),
           repair("R8", "2026-10-07", line="yunqi"), repair("R9", "2026-10-07", matter=""),
           repair("R10", "2026-10-07", customer=""))  # fmt: skip
    with pytest.raises(RevisitError, match=said.replace("(", r"\(")):
        act(ctx)
    assert one(ctx, "select count(*) from matter_merge") == (0,)


def test_names_and_reasons_are_forgotten_after_the_packs_years_and_the_merge_stands(leaks: Context) -> None:
    arrive(leaks, THIRD, *LEAK, repair("K1", "2026-10-07", matter="灯具"))
    number = merge(leaks).number
    years = max(leaks.packs[use.pack].pack.retention.years for use in leaks.organisation.packs if use.line == "jinxiu")
    last = THIRD.replace(year=THIRD.year + years)
    other = merge(leaks, "orders/R2", "orders/K1").number
    undo(leaks, other, THIRD + timedelta(days=9))
    assert keep.keep(leaks, last).merges == 0
    assert keep.keep(leaks, last + timedelta(days=1)).merges == 1
    assert keep.keep(leaks, last + timedelta(days=1)).merges == 0
    forgotten = "select merge_id, matter from matter_merge where merged_by || reason = ''"
    assert one(leaks, forgotten) == (number, "厨房漏水")
    assert keep.keep(leaks, last + timedelta(days=10)).merges == 1
    assert len(every(leaks, forgotten)) == 2
    arrive(leaks, THIRD, *LEAK, repair("R4", "2026-10-07", matter="厨房漏水"))
    assert one(leaks, "select matter from event where event_key = 'R4'") == ("水管渗漏",)


def test_deleting_every_decision_and_planning_anew_gives_the_same(leaks: Context) -> None:
    merge(leaks)
    replan(leaks)
    before = decisions(leaks.engine)
    with leaks.engine.begin() as connection:
        connection.execute(text("truncate decision, task, draw, draw_share, planned_batch"))
    replan(leaks)
    assert decisions(leaks.engine) == before


@st.composite
def a_story(draw: st.DrawFn) -> tuple[list[Event], list[tuple[str, int, int]]]:
    """Repairs of three matters, the first of each at the beginning; then arrivals, merges and their undoing in any order."""
    events = []
    for number in range(draw(st.integers(3, 9))):
        matter = "甲乙丙"[number if number < 3 else draw(st.integers(0, 2))]
        day = datetime(2026, 7, 1, number, tzinfo=UTC) + timedelta(days=draw(st.integers(0, 110)))
        events.append(Event(SOURCE, f"e{number}", "repair.completed", "jinxiu", day, customer="C1", matter=matter))
    steps = [("arrive", number, 0) for number in range(3, len(events))]
    steps += draw(st.lists(st.tuples(st.just("merge"), st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=4))
    steps += draw(st.lists(st.tuples(st.just("undo"), st.integers(0, 3), st.just(0)), max_size=2))
    return events, draw(st.permutations(steps))


@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate],
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(story=a_story(), between=st.booleans())
def test_the_order_of_arrivals_and_merges_does_not_matter(
    ctx: Context, story: tuple[list[Event], list[tuple[str, int, int]]], between: bool
) -> None:
    events, steps = story
    on = date(2026, 10, 31)
    with ctx.engine.begin() as connection:
        connection.execute(
            text(
                "truncate decision, task, draw, draw_share, planned_batch, event, event_version, batch, quarantine, "
                "matter_merge"
            )
        )
    deliver(ctx.engine, events[:3], on)
    standing: dict[int, tuple[str, str]] = {}
    numbers: list[int] = []

    def head(matter: str) -> str:
        return next((head(into) for one, into in standing.values() if one == matter), matter)

    for what, first, second in steps:
        if what == "arrive":
            deliver(ctx.engine, [events[first]], on)
        elif what == "merge":
            one, into = head("甲乙丙"[first]), head("甲乙丙"[second])
            act = merge(ctx, f"{SOURCE}/e{first}", f"{SOURCE}/e{second}", on)
            assert act.done == (one != into)
            if act.done and act.number:
                standing[act.number] = (one, into)
                numbers.append(act.number)
        elif first < len(numbers):
            assert undo(ctx, numbers[first], on).done == (numbers[first] in standing)
            standing.pop(numbers[first], None)
        if between:
            replan(ctx, on)
    replan(ctx, on)
    merged = [replace(event, line=LINE, matter=head(str(event.matter))) for event in events]
    found = {key: row for key, row in decisions(ctx.engine).items() if key[1] == "property-qw-21-14"}
    assert found == reference([shipped("property-qw-21-14")], [(on, merged)], adopted_on=date(2025, 10, 1))


def test_events_of_one_moment_repeat_together_and_are_withdrawn_together(ctx: Context) -> None:
    arrive(
        ctx, THIRD, repair("R1", "2026-10-01", matter="水管渗漏"), repair("R2", "2026-10-07", matter="水管渗漏"),
        repair("R3", "2026-10-07", matter="厨房漏水"),
    )  # fmt: skip
    act = merge(ctx)
    assert {duty.event for duty in act.duties} == {"orders/R2", "orders/R3"}
    replan(ctx)
    assert {key for key, (outcome, *_) in second_visits(ctx).items() if outcome == "due"} == {"R2", "R3"}
    undo(ctx, act.number)
    replan(ctx)
    assert {outcome for outcome, *_ in second_visits(ctx).values()} == {"awaiting"}
