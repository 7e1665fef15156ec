"""A new version of a regulation: the event's date chooses, and what was issued never moves."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from histories import KEY, arrive, decisions, event, play, prepare, shipped
from month import arrive as deliver
from month import complaint, one
from revisit import resources
from revisit.app.context import Context
from revisit.app.explain import explain
from revisit.app.plan import _decide, plan
from revisit.app.publish import publish
from revisit.errors import PackError
from revisit.policy.load import Choices, LoadedPack, load_pack
from revisit.store import packs

PM = "property-3-22"


def next_version(tmp_path: Path, first_day: str) -> LoadedPack:
    """The same regulation from a day on, with five days for a complaint instead of three, its rule under a new name."""
    content = (resources.folder("policies") / PM / "pack.yaml").read_text("utf-8")
    changes = {
        "effective: {from: 2020-01-01}": f"effective: {{from: {first_day}}}",
        "  - id: appeal\n": "  - id: appeal-anew\n",
        "window: {opens: 0 days, due: 3 days}": "window: {opens: 0 days, due: 5 days}",
    }
    for old, new in changes.items():
        assert old in content
        content = content.replace(old, new, 1)
    (tmp_path / "pack.yaml").write_text(content, "utf-8")
    return load_pack(tmp_path, Choices({}, shipped(PM).on_default))


def test_the_events_date_chooses_the_version(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        prepare(connection, [shipped(PM)])
        packs.activate(connection, next_version(tmp_path, "2026-10-01"), "test", date(2026, 9, 1))
    events = [event("old", "complaint.closed", "2026-09-30"), event("new", "complaint.closed", "2026-10-01")]
    found = play(engine, [(date(2026, 10, 1), events)])
    assert {(key, rule): row.due_on for (key, _, rule), row in found.items()} == {
        ("old", "appeal"): date(2026, 10, 3),
        ("new", "appeal-anew"): date(2026, 10, 6),
    }


def test_a_version_that_is_in_force_is_never_rewritten(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        prepare(connection, [shipped(PM)])
    with pytest.raises(PackError, match=r"Give the new content a later effective\.from"), engine.begin() as connection:
        packs.activate(connection, next_version(tmp_path, "2020-01-01"), "test", date(2026, 9, 1))


def test_a_version_put_in_force_later_moves_nothing_that_was_decided(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        prepare(connection, [shipped(PM)])
    arrive(engine, [event("a", "complaint.closed", "2026-10-05")], date(2026, 10, 5))
    plan(engine, date(2026, 10, 5), KEY)
    with engine.begin() as connection:
        packs.activate(connection, next_version(tmp_path, "2026-11-01"), "test", date(2026, 10, 6))
    before = decisions(engine)
    plan(engine, date(2026, 10, 6), KEY)
    assert decisions(engine) == before


def test_a_task_of_an_old_version_is_explained_and_handed_out_by_it(ctx: Context, tmp_path: Path) -> None:
    on = date(2026, 10, 8)
    deliver(ctx, on, complaint("K1", str(on), line="yunqi", area="YQ01"))
    with ctx.engine.begin() as connection:
        packs.activate(connection, next_version(tmp_path, "2026-11-01"), "test", on)
    assert [p.tasks for p in publish(ctx, on)] == [1]
    assert "PM-03" in explain(ctx, "orders/K1", on)[0].sentence
    assert one(ctx, "select assignment_clause from list_line").assignment_clause == "PM-11"


def test_an_older_file_is_not_read_again_and_brings_nothing_back(ctx: Context) -> None:
    from month import SOURCE
    from revisit.app import ingest
    from revisit.ingest.source import Source

    on = date(2026, 10, 8)
    deliver(ctx, on, complaint("K1", "2026-10-06"))
    folder = ctx.workspace.folder / "drop"
    (folder / "orders-2.csv").write_text(
        (folder / "orders.csv").read_text("utf-8").replace("2026-10-06", "2026-10-07"), "utf-8"
    )
    (folder / "orders.csv").rename(folder / "orders-1.csv")
    source = Source.model_validate({**SOURCE, "folder": ctx.workspace.folder})
    for _ in range(3):
        ingest.pull(ctx, source, on)
    found = one(ctx, "select version, (happened_at at time zone 'Asia/Shanghai')::date as day from event")
    assert found == (2, date(2026, 10, 7))


def test_a_pack_leaves_the_tasks_of_a_pack_that_plans_beside_it_alone(engine: Engine) -> None:
    with engine.begin() as connection:
        prepare(connection, [shipped("property-qw-21-14"), shipped(PM)])
    play(engine, [(date(2026, 10, 8), [event("a", "repair.completed", "2026-10-08")])])
    with engine.begin() as connection:  # as the other pack's transaction sees it before this one commits
        connection.execute(text("update decision set outcome = 'superseded' where rule_id = 2"))
        before = connection.execute(text("select rule_id, state from task where rule_id = 2")).all()
    arrive(engine, [event("a", "repair.completed", "2026-10-08", area="A1")], date(2026, 10, 9))
    with engine.connect() as connection:
        version = connection.execute(text("select pack_version_id from pack_version where pack = :pack"), {"pack": PM})
        number = version.scalar_one()
    _decide(engine, date(2026, 10, 9), KEY, "cn", number, "Asia/Shanghai")
    with engine.connect() as connection:
        assert before == [(2, "planned")]
        assert connection.execute(text("select rule_id, state from task where rule_id = 2")).all() == before
