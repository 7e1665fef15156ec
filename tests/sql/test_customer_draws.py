"""Draws and figures that count customers: who leads, who follows, when a customer leaves the count, and what is said of it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from explained import THU, open_store, printed, told
from histories import KEY, SOURCE, arrive, decisions, event, in_sql, play, prepare, reference, shipped, tell
from revisit.app.context import Context
from revisit.app.figures import stand
from revisit.app.plan import plan
from revisit.domain.draws import customer_rank, draw_rank
from revisit.domain.periods import parse
from revisit.policy.evaluate import Contact, Event
from revisit.policy.load import LoadedPack
from revisit.policy.model import Pack
from revisit.store import packs
from revisit.store.database import rows, run

QW, TECH = "property-qw-21-14", "tech-services"
ON = date(2026, 3, 2)
OCTOBER = parse("2026-10")


def paper(key: str, customer: str | None, **more: Any) -> Event:
    """A magazine that was received: PQ-13 calls a tenth of the customers of an issue."""
    return event(key, "publication.received", ON, customer=customer, occasion="三月刊", **more)


def ledger(engine: Engine) -> tuple[int, int]:
    """How many customers are in the count, and how many of them were drawn."""
    with engine.connect() as connection:
        found = connection.execute(
            text("select sum(eligible - eligible_withdrawn), sum(drawn - drawn_withdrawn) from draw")
        ).one()
    return int(found[0]), int(found[1])


def owed(engine: Engine) -> set[str]:
    return {key for (key, _, _), row in decisions(engine).items() if row.outcome == "due"}


def changed(loaded: LoadedPack, **changes: Mapping[str, Any]) -> LoadedPack:
    """A pack some of whose quotas are otherwise."""
    document = loaded.pack.model_dump(mode="json", by_alias=True)
    for quota in document["quotas"]:
        quota |= changes.get(quota["id"].replace("-", ""), {})
    return replace(loaded, pack=Pack.model_validate(document))


def test_a_customer_leaves_the_count_with_the_last_of_its_events_and_comes_back_with_the_first(engine: Engine) -> None:
    both = [paper("a1", "E"), paper("a2", "E"), paper("alone", None)]
    gone = [replace(one, cancelled=True) for one in both]
    steps: list[tuple[list[Event], tuple[int, int], set[str]]] = [
        (both, (2, 1), {"a1", "a2"}),  # the customer, and the event of nobody
        (gone[:1], (2, 1), {"a2"}),
        (gone[1:2], (1, 0), set()),
        ([paper("b", "B")], (2, 1), {"b"}),  # one was missing
        ([paper("a3", "E")], (3, 2), {"b", "a3"}),  # a new event brings the customer back, with the place it had
        (both[:2], (3, 2), {"b", "a1", "a2", "a3"}),
        (gone, (2, 2), {"b", "a3"}),
    ]
    with engine.begin() as connection:
        prepare(connection, [shipped(QW)])
    for number, (events, counted, calls) in enumerate(steps, 1):
        found = play(engine, [(ON, events)])
        assert found == reference([shipped(QW)], [(ON, step[0]) for step in steps[:number]])
        assert (ledger(engine), owed(engine)) == (counted, calls)


def test_the_first_event_of_a_customer_brings_it_in_whatever_the_batches(engine: Engine) -> None:
    in_sql(engine, [shipped(QW)], [(ON, [paper(f"{who}{n}", who) for who in "ABCDEFGHIJ" for n in range(3)])])
    assert ledger(engine) == (10, 1)
    (who,) = {key[0] for key in owed(engine)}
    assert owed(engine) == {f"{who}0", f"{who}1", f"{who}2"}
    play(engine, [(ON, [paper(f"{who}9", who) for who in "ABCDEFGHIJ"])])
    assert ledger(engine) == (10, 1)
    assert owed(engine) == {f"{who}0", f"{who}1", f"{who}2", f"{who}9"}
    play(engine, [(ON, [paper("K0", "K"), paper("K1", "K")])])
    assert ledger(engine) == (11, 2)
    with engine.connect() as connection:
        batches = connection.execute(text("select eligible, drawn from draw order by batch_id")).all()
    assert [tuple(row) for row in batches] == [(10, 1), (1, 1)]


def test_batches_that_are_planned_together_are_drawn_as_one_after_the_other(engine: Engine) -> None:
    history = [
        (ON, [paper(f"{who}0", who) for who in "ABCDE"]),
        (ON, [paper(f"{who}1", who) for who in "CDEFGH"]),
        (ON, [paper(f"{who}2", who) for who in "AFKLMN"]),
    ]
    with engine.begin() as connection:
        prepare(connection, [shipped(QW)])
    for _, events in history:
        arrive(engine, events, ON)
    plan(engine, ON, KEY)
    assert decisions(engine) == reference([shipped(QW)], history)
    assert ledger(engine) == (12, 2)


def test_the_order_is_that_of_the_customers_hash_and_no_event_has_it(engine: Engine) -> None:
    customers = [f"C{n}" for n in range(30)]
    found = in_sql(engine, [shipped(QW)], [(ON, [paper(f"e{who}", who) for who in customers])])
    ranked = sorted(customers, key=lambda who: customer_rank(KEY, "PQ-13", who))
    order = sorted(customers, key=lambda who: found[f"e{who}", QW, "publication"].draw_position or 0)
    assert order == ranked
    assert customer_rank(KEY, "PQ-13", "C1") not in {
        draw_rank(KEY, "PQ-13", name, "C1") for name in (SOURCE, "customer")
    }


def test_an_event_that_turns_out_to_be_of_another_customer_keeps_the_place_it_took_part_with(engine: Engine) -> None:
    history = [
        (ON, [paper("a", "A"), paper("a-too", "A")]),
        (ON, [paper("a", "B")]),
        (ON, [paper("b", "B"), paper("a-again", "A")]),
    ]
    found = in_sql(engine, [shipped(QW)], history)
    assert found == reference([shipped(QW)], history)
    assert ledger(engine) == (2, 1)
    assert {key: row.drawn for (key, _, _), row in found.items()} == {
        "a": True, "a-too": True, "a-again": True, "b": False
    }  # fmt: skip


def test_a_rate_that_is_decided_later_draws_customers_too(engine: Engine) -> None:
    loaded = changed(shipped(QW), PQ14={"unit": "customer", "per": []})
    served = [event(f"s{n}", "service.completed", "2026-10-08", customer=f"C{n % 4}") for n in range(12)]
    with engine.begin() as connection:
        prepare(connection, [loaded])
    arrive(engine, served, date(2026, 10, 8))
    plan(engine, date(2026, 10, 8), KEY)
    assert owed(engine) == set()
    with engine.begin() as connection:
        connection.execute(
            text("insert into rate_decision (parameter, period, numerator, denominator, decided_by, decided_on) "
                 "values ('pq.other_rate', '2026-10-01', 1, 4, 'test', '2026-10-09')")
        )  # fmt: skip
    arrive(engine, [replace(served[0], matter="车位")], date(2026, 10, 9))  # corrected on the very day
    plan(engine, date(2026, 10, 9), KEY)
    assert ledger(engine) == (4, 1)
    assert len(owed(engine)) == 3
    at_once = reference([loaded], [(ON, served)], {("pq.other_rate", date(2026, 10, 1)): Fraction(1, 4)})
    drawn = {key for (key, _, _), row in at_once.items() if row.drawn}
    assert owed(engine) == drawn
    plan(engine, date(2026, 10, 10), KEY)
    assert ledger(engine) == (4, 1)


def test_a_new_version_takes_the_customers_it_decides_anew_out_of_the_old_count(engine: Engine) -> None:
    events = [paper("a1", "A"), paper("a2", "A"), paper("early", "A"), paper("b", "B")]
    events[2] = replace(events[2], happened_at=events[2].happened_at.replace(month=2))
    in_sql(engine, [shipped(QW)], [(ON, events)])
    assert ledger(engine) == (2, 1)
    pack = shipped(QW).pack
    later = pack.model_copy(update={"effective": pack.effective.model_copy(update={"from_": date(2026, 3, 1)})})
    with engine.begin() as connection:
        packs.activate(connection, replace(shipped(QW), pack=later, sha256="1" * 64), "test", ON)
    assert ledger(engine)[0] == 1  # the old version keeps A for February's
    plan(engine, ON, KEY)
    with engine.connect() as connection:
        counts = connection.execute(
            text("select q.pack_version_id, sum(eligible - eligible_withdrawn) from draw join quota q using (quota_id) "
                 "group by 1 order by 1")
        ).all()  # fmt: skip
    assert [tuple(row) for row in counts] == [(1, 1), (2, 2)]


@pytest.fixture
def store(server: str, template: str, tmp_path: Path) -> Iterator[Context]:
    """The varied history, with two rounds of questionnaires of which half the customers are called."""
    yield from open_store(server, template, tmp_path)


def _draw(ctx: Context, key: str) -> dict[str, Any]:
    (drawn,) = (one["draw"] for one in printed(ctx, f"cases/{key}") if one["draw"])
    return dict(drawn)


def test_the_draw_of_a_follower_is_explained_by_the_event_that_brought_its_customer_in(store: Context) -> None:
    before = _draw(store, "survey-春-0")
    more = event("survey-春-again", "survey.handed_out", date(2026, 9, 11), customer="S0", occasion="春")
    arrive(store.engine, [more], THU)
    plan(store.engine, THU, store.draw_key)
    again = _draw(store, "survey-春-again")
    assert again == {**before, "sharing": 2} == _draw(store, "survey-春-0")
    assert (again["unit"], again["customer"], again["leader"], again["sharing"]) == (
        "customer",
        "S0",
        "cases/survey-春-0",
        2,
    )
    assert again["message"].split("\x1f")[1:] == ["", "S0"]
    assert (again["agrees"], again["order_agrees"]) == (True, True)
    found = next(one for one in told(store, "survey-春-again") if "抽样" in dict(one.facts))
    assert "客户随 cases/survey-春-0 进入该层，现有 2 件事件共用这一名额" in dict(found.facts)["抽样"]


def test_a_figure_by_customers_counts_each_once_in_all_and_in_every_department(engine: Engine) -> None:
    names = (
        "contact_name",
        "contact_department",
        "contact_title",
        "contact_mobile",
        "contact_landline",
        "contact_address",
    )
    known = dict.fromkeys(names, "x")
    of = {
        "a1": ("A", "D1"),
        "a2": ("A", "D2"),
        "b1": ("B", "D1"),
        "b2": ("B", "D1"),
        "c": ("C", "D2"),
        "none": (None, "D2"),
    }
    events = [
        event(key, "project.completed", "2026-10-08", customer=customer, department=department, attributes=known)
        for key, (customer, department) in of.items()
    ]
    loaded = changed(shipped(TECH), TS08={"rate": "1"})
    in_sql(engine, [loaded], [(date(2026, 10, 8), events)])
    seen = [Contact((SOURCE, key), "project", date(2026, 10, 9)) for key in ("a1", "b1", "b2", "none")]
    tell(engine, TECH, seen, date(2026, 10, 9))
    with engine.begin() as connection:
        report_id = connection.execute(
            text("insert into report (pack, period, first_on, last_on, revision, cut_off, state, drafted_by) "
                 "values (:pack, '2026-10', :first, :last, 1, :last, 'drafted', 'test') returning report_id"),
            {"pack": TECH, "first": OCTOBER.first, "last": OCTOBER.last},
        ).scalar_one()  # fmt: skip
        stand(connection, loaded.pack, OCTOBER, OCTOBER.last)
        run(connection, "report/freeze_rows", report_id=report_id, first=OCTOBER.first, last=OCTOBER.last, personal=[])
        counted = {
            (row.scope, row.code, row.standing): row.rows_counted
            for row in rows(connection, "report/count_figures", report_id=report_id)
            if row.metric == "K07a"
        }
        exported = {
            (row.department, row.standing): row.rows_counted
            for row in rows(connection, "export/list_metrics")
            if row.metric == "K07a"
        }
    assert counted == {
        ("all", "", "in_time"): 3, ("all", "", "missed"): 1,
        ("department", "D1", "in_time"): 2, ("department", "D2", "in_time"): 1, ("department", "D2", "missed"): 2,
        ("area", "", "in_time"): 3, ("area", "", "missed"): 1,
        ("person", "", "in_time"): 3, ("person", "", "missed"): 1,
    }  # fmt: skip
    assert exported == {("D1", "in_time"): 2, ("D2", "in_time"): 1, ("D2", "missed"): 2}
