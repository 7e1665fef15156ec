"""Each DAG runs from end to end under dag.test(), on a real store."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from month import SOURCE, arrive, complaint, every, one
from revisit import resources
from revisit.app.context import Context
from revisit.app.report import draft, render_files
from revisit.domain.periods import parse

ON = "2026-10-08"


@pytest.fixture
def given(ctx: Context, database_url: str) -> Iterator[Context]:
    """The environment that a task finds."""
    environment = {
        "REVISIT_WORKSPACE": str(ctx.workspace.folder),
        "REVISIT_DATABASE_URL": database_url,
        "REVISIT_DRAW_KEY": "a key for tests only",
        "REVISIT_SMTP_PORT": "1",
    }
    before = dict(os.environ)
    os.environ |= environment
    yield ctx
    os.environ.clear()
    os.environ.update(before)


def run(bag: Any, name: str, on: str = ON) -> Any:
    found = bag.dags[name].test(run_conf={"on": on})
    assert found.state == "success"
    return found


@pytest.mark.usefixtures("airflow_database")
def test_events_come_in_are_judged_and_planned(bag: Any, given: Context) -> None:
    shutil.copytree(
        resources.folder("config") / "example" / "sources", given.workspace.folder / "sources", dirs_exist_ok=True
    )
    from datetime import date

    from revisit.sample import generate, write

    made = generate(given.organisation, given.packs, date(2026, 10, 31), 300)
    write(made, f"sqlite:///{given.workspace.folder / 'source.db'}")
    run(bag, "ingest_events")
    batches = every(
        given, "select source, judged, rows_read, rows_accepted + rows_unchanged + rows_refused as known from batch"
    )
    assert len(batches) == 7
    assert all(batch.judged for batch in batches)
    assert all(batch.rows_read == batch.known for batch in batches)
    run(bag, "plan_revisits")
    assert one(given, "select count(*) as n from decision").n > 250


@pytest.mark.usefixtures("airflow_database")
def test_a_list_goes_out_and_comes_back_and_is_chased(bag: Any, given: Context) -> None:
    from datetime import date

    assert SOURCE["source"] == "orders"
    arrive(given, date(2026, 10, 8), complaint("K1", ON))
    run(bag, "publish_lists")
    assert one(given, "select count(*) as n from list").n == 1
    run(bag, "collect_returns")
    run(bag, "chase_responses")
    run(bag, "keep_house")


@pytest.mark.usefixtures("airflow_database")
def test_a_mail_that_cannot_be_delivered_waits_and_the_run_is_no_failure(bag: Any, given: Context) -> None:
    from datetime import date

    arrive(given, date(2026, 10, 8), complaint("K1", ON))
    run(bag, "publish_lists")
    run(bag, "deliver_outbox")
    assert one(given, "select state, attempts from outbox") == ("queued", 1)


@pytest.mark.usefixtures("airflow_database")
def test_the_month_is_frozen_rendered_and_summarised_for_its_reviewer(bag: Any, given: Context) -> None:
    from datetime import date

    arrive(given, date(2026, 10, 8), complaint("K1", ON))
    tasks = bag.dags["make_reports"].task_dict
    ids = tasks["freeze"].python_callable("2026-10-31")
    assert ids == [d.report_id for d in draft(given, parse("2026-10"), date(2026, 10, 31))]
    for report_id in ids:
        render_files(given, report_id)
    said = tasks["summarise"].python_callable(ids)
    assert "| 投诉回访率 |" in said
    answer = {"chosen_options": ["通过"], "params_input": {"comment": "好"}}
    person = {"responded_by_user": {"id": "reviewer", "name": "reviewer"}}
    assert tasks["note_review"].python_callable("review", ids, {**answer, **person}) == ids
    with pytest.raises(ValueError, match="never by a timeout"):
        tasks["note_approval"].python_callable("approve", ids, answer)
    director = {"responded_by_user": {"id": "director", "name": "director"}}
    assert tasks["note_approval"].python_callable("approve", ids, {**answer, **director}) == ids
    assert tasks["queue"].python_callable(ids, "2026-10-31") == 6


def half_yearly(ctx: Context, *names: str) -> None:
    """Let packs in force report by half years, as a new version of them would."""
    from sqlalchemy import text

    with ctx.engine.begin() as connection:
        connection.execute(
            text(
                "update pack_version set definition = jsonb_set(definition, '{report,period}', '\"half_year\"') "
                "where pack = any(:names)"
            ),
            {"names": list(names)},
        )


@pytest.mark.usefixtures("airflow_database")
def test_a_month_in_which_no_period_ends_is_skipped_and_asks_nobody(bag: Any, given: Context) -> None:
    half_yearly(given, *given.packs)
    found = run(bag, "make_reports", "2026-05-31")
    states = {task.task_id: str(task.state) for task in found.get_task_instances()}
    assert states.pop("freeze") == "success"
    assert states == dict.fromkeys(
        ("render", "summarise", "review", "note_review", "approve", "note_approval", "queue"), "skipped"
    )
    assert every(given, "select 1 from report") == []
    assert every(given, "select 1 from outbox where kind = 'report'") == []


@pytest.mark.usefixtures("airflow_database")
def test_at_the_end_of_june_the_month_and_the_half_year_are_frozen_together(bag: Any, given: Context) -> None:
    half_yearly(given, "property-qw-21-14")
    freeze = bag.dags["make_reports"].task_dict["freeze"].python_callable
    assert len(freeze("2026-05-31")) == 1
    assert len(freeze("2026-06-30")) == 2
    assert freeze("2026-06-15") == []
    found = every(given, "select pack, period, last_on from report order by report_id")
    assert [(row.pack, row.period, str(row.last_on)) for row in found] == [
        ("property-3-22", "2026-05", "2026-05-31"),
        ("property-qw-21-14", "2026H1", "2026-06-30"),
        ("property-3-22", "2026-06", "2026-06-30"),
    ]


@pytest.mark.usefixtures("airflow_database")
def test_a_task_that_fails_for_good_tells_operations_once(given: Context) -> None:
    from types import SimpleNamespace

    import pendulum

    from revisit_airflow.notice import FailureNotice

    instance = SimpleNamespace(dag_id="plan_revisits", task_id="plan", run_id="r1", log_url="http://127.0.0.1/log")
    context = {
        "ti": instance,
        "dag_run": SimpleNamespace(run_after=pendulum.datetime(2026, 10, 8)),
        "exception": OSError("boom"),
    }
    for _ in range(2):
        FailureNotice().notify(context)
    told = one(given, "select recipient, subject from outbox")
    assert tuple(told) == ("operations@jinyun.example.com", "【任务失败】plan_revisits.plan")
