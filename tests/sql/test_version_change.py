"""What happens to running items when a new version of a regulation goes into force: the store does what is said."""

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from histories import KEY, arrive, event, prepare, shipped, solve
from month import GOOD, complaint, fill, lines
from month import arrive as deliver
from revisit import resources
from revisit.app.collect import collect
from revisit.app.context import Context
from revisit.app.keep import keep
from revisit.app.plan import plan
from revisit.app.publish import publish
from revisit.app.reviews import publish_reviews
from revisit.errors import PackError
from revisit.policy.evaluate import Event, Issue
from revisit.policy.load import Choices, LoadedPack, load_pack
from revisit.store import packs
from revisit.store.database import rows

QW, LEADS, CARE = "property-qw-21-14", "loan-leads", "care-visit-generic"
SURVEY = "property-survey-iso"
OLD, NEW = 1, 2


def second(tmp_path: Path, pack: str, first_day: str, **changes: str) -> LoadedPack:
    """The same regulation from a day on, some of its words replaced."""
    content = (resources.folder("policies") / pack / "pack.yaml").read_text("utf-8")
    head = next(line for line in content.splitlines() if line.startswith("effective:"))
    for old, new in {head: f"effective: {{from: {first_day}}}", **changes}.items():
        assert old in content
        content = content.replace(old, new)
    (tmp_path / "pack.yaml").write_text(content, "utf-8")
    return load_pack(tmp_path, Choices({}, load_pack(tmp_path).on_default))


def activate(engine: Engine, loaded: LoadedPack, on: date) -> None:
    with engine.begin() as connection:
        packs.activate(connection, loaded, "test", on)


def found(engine: Engine, sql: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def decided(engine: Engine) -> list[tuple[Any, ...]]:
    """Version, event, rule, round, outcome, due day."""
    return found(
        engine,
        "select r.pack_version_id, e.event_key, r.rule, d.round, d.outcome, d.due_on from decision d "
        "join rule r using (rule_id) join event e using (event_id) order by 1, 2, 3, 4",
    )


def visit(engine: Engine, key: str, rule: str, round_: int, day: date) -> None:
    """A contact that took place, under the old version."""
    with engine.begin() as connection:
        connection.execute(
            text("insert into record (event_id, rule_id, round, content_hash, recorded_on, visited_on, result, channel, "
                 "visitor, customer_signed, ratings, texts, unsatisfactory, unsolved, second_visit_wanted) "
                 "select t.event_id, t.rule_id, t.round, :hash, :day, :day, 'reached', 'phone', '王', false, '{}', '{}', "
                 "false, false, false from task t join rule r using (rule_id) join event e using (event_id) "
                 "where e.event_key = :key and r.rule = :rule and t.round = :round and r.pack_version_id = :old"),
            {"hash": f"{key}{rule}{round_}", "day": day, "key": key, "rule": rule, "round": round_, "old": OLD},
        )  # fmt: skip


@pytest.fixture
def leads(engine: Engine) -> Engine:
    """A cadence that began under the version of three days, before one of five days begins on 7 October."""
    with engine.begin() as connection:
        prepare(connection, [shipped(LEADS)])
    arrive(engine, [event("a", "lead.visited", "2026-10-05", customer="C1")], date(2026, 10, 5))
    plan(engine, date(2026, 10, 5), KEY)
    return engine


def five_days(tmp_path: Path) -> LoadedPack:
    return second(tmp_path, LEADS, "2026-10-07", **{"default: 3": "default: 5"})


def test_open_tasks_stay_and_a_cadence_goes_on_under_the_version_it_began_with(leads: Engine, tmp_path: Path) -> None:
    before = found(leads, "select * from task")
    activate(leads, five_days(tmp_path), date(2026, 10, 6))
    plan(leads, date(2026, 10, 7), KEY)
    assert found(leads, "select * from task") == before
    visit(leads, "a", "walk-in", 1, date(2026, 10, 7))
    plan(leads, date(2026, 10, 8), KEY)
    assert decided(leads)[1:] == [(OLD, "a", "walk-in", 2, "due", date(2026, 10, 10))]


def test_an_event_that_arrives_late_is_decided_by_the_version_of_its_day(leads: Engine, tmp_path: Path) -> None:
    activate(leads, five_days(tmp_path), date(2026, 10, 6))
    late, new = (event(key, "lead.visited", f"2026-10-0{day}", customer=key) for key, day in (("late", 6), ("new", 7)))
    arrive(leads, [late, new], date(2026, 10, 9))
    plan(leads, date(2026, 10, 9), KEY)
    assert decided(leads)[1:] == [
        (OLD, "late", "walk-in", 1, "due", date(2026, 10, 9)),
        (NEW, "new", "walk-in", 1, "due", date(2026, 10, 12)),
    ]


def test_a_cadence_of_an_ended_version_is_still_ended_by_its_event(leads: Engine, tmp_path: Path) -> None:
    activate(leads, five_days(tmp_path), date(2026, 10, 6))
    arrive(leads, [event("d", "deal.closed", "2026-10-08", customer="C1")], date(2026, 10, 8))
    plan(leads, date(2026, 10, 8), KEY)
    assert decided(leads) == [(OLD, "a", "walk-in", 1, "superseded", date(2026, 10, 8))]


def contract(key: str, first: date, last: date = date(2027, 1, 10)) -> Event:
    return event(key, "contract.active", "2026-10-05", starts_on=first, ends_on=last, department="D", customer=key)


def test_a_month_that_is_cut_in_two_is_drawn_in_two_parts_and_rates_hold_for_both(
    engine: Engine, tmp_path: Path
) -> None:
    with engine.begin() as connection:
        prepare(connection, [shipped(QW)], {("pq.other_rate", date(2026, 10, 1)): Fraction(1, 5)})
    served = [
        event(f"s{n}", "service.completed", f"2026-10-{5 + 5 * n:02}", department="D", customer=f"s{n}")
        for n in range(5)
    ]
    contracts = [contract(f"c{n}", date(2026, 10, 5 + 5 * n)) for n in range(5)]
    activate(engine, second(tmp_path, QW, "2026-10-16"), date(2026, 10, 1))
    arrive(engine, [*served, *contracts], date(2026, 10, 26))
    plan(engine, date(2026, 10, 26), KEY)
    assert found(
        engine,
        "select q.pack_version_id, q.quota, d.stratum, d.eligible, d.drawn from draw d join quota q using (quota_id) "
        "order by 2, 1",
    ) == [
        (OLD, "PQ-12", "2026-10/D", 3, 1),
        (NEW, "PQ-12", "2026-10/D", 2, 1),
        (OLD, "PQ-14", "2026-10/D", 3, 1),
        (NEW, "PQ-14", "2026-10/D", 2, 1),
    ]


def _ahead(engine: Engine, folder: Path, handed_out: bool) -> None:
    """A contract of November is decided in October; then a version from November is activated and plans."""
    with engine.begin() as connection:
        prepare(connection, [shipped(QW)])
    arrive(engine, [contract("ahead", date(2026, 11, 10))], date(2026, 10, 5))
    plan(engine, date(2026, 10, 5), KEY)
    if handed_out:
        with engine.begin() as connection:
            connection.execute(
                text("insert into list (department, issued_on, part, batch_code, file_name) values ('D', '2026-10-05', 1, 'b', "
                     "'f')")
            )  # fmt: skip
            connection.execute(
                text("insert into list_line (event_id, rule_id, round, list_id, line, call_sheet, lead_role, lead_name, "
                     "assignment_clause) select event_id, rule_id, round, 1, 1, 'H', '', '', '' from task where round = 1")
            )  # fmt: skip
    activate(engine, second(folder, QW, "2026-11-01"), date(2026, 10, 6))
    plan(engine, date(2026, 10, 6), KEY)


def test_what_was_decided_ahead_moves_to_the_new_version(engine: Engine, tmp_path: Path) -> None:
    _ahead(engine, tmp_path, handed_out=False)
    rules = (("special-mid", 1), ("special-end", 2))
    assert {row[:5] for row in decided(engine)} == {
        (version, "ahead", rule, round_, outcome)
        for version, outcome in ((OLD, "superseded"), (NEW, "due"))
        for rule, round_ in rules
    }
    with engine.connect() as connection:
        counted = connection.execute(
            text(
                "select sum(eligible - eligible_withdrawn), sum(drawn - drawn_withdrawn) from draw group by quota_id order by 1"
            )
        ).all()
    assert [tuple(row) for row in counted] == [(0, 0), (1, 1)]


def test_what_was_handed_out_ahead_stays_until_the_source_corrects_it(engine: Engine, tmp_path: Path) -> None:
    _ahead(engine, tmp_path, handed_out=True)
    assert {(row[0], row[4]) for row in decided(engine)} == {(OLD, "due")}
    arrive(engine, [contract("ahead", date(2026, 11, 10), date(2027, 1, 12))], date(2026, 10, 7))
    plan(engine, date(2026, 10, 7), KEY)
    assert {(row[0], row[4]) for row in decided(engine)} == {(OLD, "superseded"), (NEW, "due")}


def test_a_problem_of_an_old_contact_is_called_back_about_under_its_version(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        prepare(connection, [shipped(CARE)])
    arrive(
        engine,
        [event("a", "goods.purchased", "2026-10-05", customer="C1", attributes={"segment": "new"})],
        date(2026, 10, 5),
    )
    plan(engine, date(2026, 10, 5), KEY)
    visit(engine, "a", "new-customer", 1, date(2026, 10, 6))
    activate(engine, second(tmp_path, CARE, "2026-10-08", **{"- id: closing": "- id: closing-anew"}), date(2026, 10, 7))
    with engine.begin() as connection:
        connection.execute(
            text("update rule set rule = rule || '-anew' where pack_version_id = 2 and rule = 'new-customer'")
        )
    solve(engine, CARE, [Issue(("cases", "a"), "new-customer", 1, date(2026, 10, 12), date(2026, 10, 12))])
    plan(engine, date(2026, 10, 12), KEY)
    assert [row[:3] for row in decided(engine) if row[2].startswith("closing")] == [(OLD, "a", "closing")]


def test_a_version_that_begins_before_the_newest_is_refused(leads: Engine, tmp_path: Path) -> None:
    activate(leads, five_days(tmp_path), date(2026, 10, 6))
    with pytest.raises(PackError, match="has a version from 2026-10-07 already"):
        activate(leads, second(tmp_path, LEADS, "2026-09-01"), date(2026, 10, 7))


def test_a_contact_of_an_old_version_is_taken_in_when_the_new_one_has_no_such_rule(
    ctx: Context, tmp_path: Path
) -> None:
    on = date(2026, 10, 8)
    deliver(ctx, on, complaint("K1", str(on)))
    (listed,) = publish(ctx, on)
    with ctx.engine.begin() as connection:
        packs.activate(connection, second(tmp_path, QW, "2026-11-01", **{"- id: complaint": "- id: anew"}), "test", on)
    later = Context(ctx.workspace, ctx.environment)
    assert "complaint" not in {rule.id for rule in later.packs[QW].pack.rules}
    fill(later, Path(listed.file), [{**GOOD, "visited_on": on}])
    (taken,) = collect(later, on)
    assert (taken.accepted, taken.refused) == (1, 0)


def test_a_version_activated_ahead_changes_lists_from_its_first_day_and_not_before(
    ctx: Context, tmp_path: Path
) -> None:
    changes = {
        "ratings: [{id: quality, title: 质量评价}": "ratings: [{id: manner, title: 举止评价}, {id: quality, title: 质量评价}"
    }
    with ctx.engine.begin() as connection:
        packs.activate(connection, second(tmp_path, QW, "2026-11-01", **changes), "test", date(2026, 10, 7))
    before, after = date(2026, 10, 8), date(2026, 11, 2)
    ahead = Context(ctx.workspace, ctx.environment)
    deliver(ahead, before, complaint("K1", str(before)))
    (early,) = publish(ahead, before)
    assert "举止评价" not in lines(early.file)[0]
    fill(ahead, Path(early.file), [{**GOOD, "visited_on": before}])
    (taken,) = collect(ahead, after)
    assert (taken.accepted, taken.refused) == (1, 0), "judged by the form it was printed with"
    deliver(ahead, after, complaint("K2", str(after)))
    (late,) = [one for one in publish(ahead, after) if one.tasks]
    assert "举止评价" in lines(late.file)[0]


def test_reviewers_and_retention_are_those_of_the_version_in_force(ctx: Context, tmp_path: Path) -> None:
    changes = {
        "review: {clause: PQ-24, by: assistant": "review: {clause: PQ-24, by: director",
        "PQ-30, years: 2": "PQ-30, years: 1",
    }
    with ctx.engine.begin() as connection:
        packs.activate(connection, second(tmp_path, QW, "2028-06-01", **changes), "test", date(2026, 10, 7))
    on, ahead = date(2026, 10, 8), Context(ctx.workspace, ctx.environment)
    deliver(ahead, on, complaint("K1", str(on)))
    (listed,) = publish(ahead, on)
    fill(ahead, Path(listed.file), [{**GOOD, "visited_on": on}])
    collect(ahead, on)
    posts = next(use for use in ahead.organisation.packs if use.pack == QW).posts
    publish_reviews(ahead, date(2026, 10, 9))
    assert found(ahead.engine, "select recipient from outbox where kind = 'reviews'") == [(posts["assistant"].mail,)]
    assert keep(ahead, date(2028, 3, 1)).records == 0
    assert keep(ahead, date(2028, 6, 1)).records == 1


def test_a_correction_that_moves_an_event_across_the_day_moves_it_to_the_other_version(
    leads: Engine, tmp_path: Path
) -> None:
    activate(leads, five_days(tmp_path), date(2026, 10, 6))
    arrive(leads, [event("a", "lead.visited", "2026-10-08", customer="C1")], date(2026, 10, 9))
    plan(leads, date(2026, 10, 9), KEY)
    assert decided(leads) == [
        (OLD, "a", "walk-in", 1, "superseded", date(2026, 10, 8)),
        (NEW, "a", "walk-in", 1, "due", date(2026, 10, 13)),
    ]


@pytest.mark.parametrize("changes", [False, True])
def test_the_rounds_of_a_year_begin_anew_with_a_version(engine: Engine, tmp_path: Path, changes: bool) -> None:
    with engine.begin() as connection:
        prepare(connection, [shipped(SURVEY)])
    customers = [f"C{n}" for n in range(60)]
    facts = {"occupied": "yes", "households": 900}

    def half_year(name: str, first: str, last: str) -> list[Event]:
        days = {"starts_on": date.fromisoformat(first), "ends_on": date.fromisoformat(last)}
        return [
            event(f"{name}/{customer}", "period.half_year", first, **days, customer=customer, area="A1", occasion=name,
                  attributes=facts)
            for customer in customers
        ]  # fmt: skip

    arrive(engine, half_year("H1", "2026-01-01", "2026-06-30"), date(2026, 1, 1))
    plan(engine, date(2026, 1, 1), KEY)
    if changes:
        activate(engine, second(tmp_path, SURVEY, "2026-07-01"), date(2026, 6, 1))
    arrive(engine, half_year("H2", "2026-07-01", "2026-12-31"), date(2026, 7, 1))
    plan(engine, date(2026, 7, 1), KEY)
    drawn = {
        half: {
            row[1].split("/")[1]
            for row in decided(engine)
            if row[1].startswith(half) and row[2:5:2] == ("survey", "due")
        }
        for half in ("H1", "H2")
    }
    assert len(drawn["H1"]) == len(drawn["H2"]) < 60
    assert (len(drawn["H1"] | drawn["H2"]) == 60) is not changes  # one version: nobody is left out twice


def test_what_runs_is_counted(leads: Engine) -> None:
    def running(pack: str) -> tuple[int, ...]:
        with leads.connect() as connection:
            row = rows(connection, "activate/count_running", pack=pack, first=date(2026, 12, 1))[0]
        return (row.tasks, row.waiting, row.cadences, row.issues)

    assert running(LEADS) == (1, 0, 1, 0)
    arrive(leads, [event("d", "deal.closed", "2026-10-08", customer="C1")], date(2026, 10, 8))
    plan(leads, date(2026, 10, 8), KEY)
    assert running(LEADS) == (0, 0, 0, 0)
    arrive(leads, [event("e", "lead.visited", "2026-10-09", customer="C2")], date(2026, 10, 9))
    plan(leads, date(2026, 10, 9), KEY)
    visit(leads, "e", "walk-in", 1, date(2026, 10, 10))
    solve(leads, LEADS, [Issue(("cases", "e"), "walk-in", 1, date(2026, 10, 12), date(2026, 10, 12))])
    plan(leads, date(2026, 10, 12), KEY)
    with leads.begin() as connection:
        connection.execute(text("update issue set state = 'planned'"))
        connection.execute(text("update task set state = 'done' where round = 1"))
    assert running(LEADS) == (1, 0, 1, 1)
