"""The rules every DAG keeps. A failure says the way out."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pendulum
import pytest

from revisit import resources

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "dags").glob("*.py"))
STATEMENTS = sorted(resources.folder("sql").rglob("*.sql"))
NAMES = {
    "ingest_events", "plan_revisits", "publish_lists", "collect_returns", "chase_responses", "deliver_outbox",
    "make_reports", "keep_house",
}  # fmt: skip


def test_the_folder_holds_exactly_the_dags_that_operations_know(bag: Any) -> None:
    assert bag.import_errors == {}
    assert set(bag.dags) == NAMES
    assert {path.stem for path in FILES} == NAMES, "one DAG a file, named alike: <verb>_<noun>.py"


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_dag_keeps_the_house_rules(bag: Any, name: str) -> None:
    dag = bag.dags[name]
    assert dag.doc_md, "begin the file with a docstring and pass __doc__ to house_dag"
    for part in ("**When**", "**What**", "**Run again?**", "**If it fails**"):
        assert part in dag.doc_md, f"the runbook lacks {part}"
    assert "revisit" in dag.tags
    assert dag.catchup is False, "business days come from the day of the run, not from catch-up"
    assert dag.max_active_runs == 1
    assert dag.timezone.name == "Asia/Shanghai", "give start_date a time zone"
    assert "on" in dag.params, "every DAG can be run for a named day"
    for task in dag.tasks:
        assert task.retries >= 1, (
            f"{task.task_id}: the first run of a day can fail in Airflow's start-up; allow a retry"
        )
        assert task.on_failure_callback, f"{task.task_id}: a failure must reach a person"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_dag_file_stays_thin(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    imported = {alias.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
    imported |= {str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= {"datetime", "typing", "airflow", "revisit", "revisit_airflow"}, (
        "heavy work belongs in revisit.app"
    )
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.If | ast.While)], "a DAG decides nothing"
    top = [node for node in tree.body if isinstance(node, ast.ImportFrom) and str(node.module).startswith("revisit.")]
    assert not top, "import revisit.app inside the task, so that parsing stays light"
    assert len(path.read_text("utf-8").splitlines()) <= 100


def test_parsing_every_dag_imports_neither_pandas_nor_great_expectations() -> None:
    code = (
        "import sys, warnings; warnings.simplefilter('ignore')\n"
        "from airflow.dag_processing.dagbag import DagBag\n"
        f"bag = DagBag({str(ROOT / 'dags')!r})\n"
        "assert len(bag.dags) == 8, bag.import_errors\n"
        "heavy = [n for n in ('pandas', 'great_expectations', 'weasyprint', 'openpyxl', 'xlsxwriter') if n in sys.modules]\n"
        "print('HEAVY', heavy)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "HEAVY []" in done.stdout


@pytest.mark.parametrize("path", STATEMENTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_sql_file_is_one_statement_with_a_header_and_no_clock(path: Path) -> None:
    content = path.read_text("utf-8")
    header = [line for line in content.splitlines() if line.startswith("--")]
    assert [line.split()[1] for line in header if line.startswith("-- grain")] == ["grain"], (
        "say the grain in the header"
    )
    for part in ("params", "repeat"):
        assert any(line.startswith(f"-- {part}") for line in header), f"say the {part} in the header"
    body = re.sub(r"--.*", "", content)
    assert ";" not in body, "one statement a file, without a semicolon"
    for word in ("now()", "current_date", "current_timestamp", "clock_timestamp", "{{", "%("):
        assert word not in body, f"{word}: the day is a parameter"
    if "insert into" in body and "create temporary" not in body and "returning batch_id" not in body:
        refused = any("the key refuses a second" in line for line in header)
        assert "on conflict" in body or refused, "an insert says what happens to a row that is there already"


@pytest.mark.parametrize(
    ("moment", "on"),
    [("2026-10-07T16:10:00+00:00", "2026-10-08"), ("2026-10-08T15:59:59+00:00", "2026-10-08")],
)
def test_a_run_is_for_the_day_it_is_in_shanghai(moment: str, on: str) -> None:
    from revisit_airflow.house import local_day

    run = SimpleNamespace(run_after=pendulum.parse(moment))
    assert local_day(run, {"on": None}, {}) == on
    assert local_day(run, {"on": "2026-01-02"}, {}) == "2026-01-02"
    carried = {"asset": [SimpleNamespace(extra={"on": "2026-10-05"}), SimpleNamespace(extra={"on": "2026-10-06"})]}
    assert local_day(run, {"on": None}, carried) == "2026-10-06"


def test_no_clock_is_read_in_the_package() -> None:
    for path in (ROOT / "include" / "revisit").rglob("*.py"):
        if path.parts[-2] == "cli":
            continue
        found = re.search(r"date\.today\(|datetime\.now\(|datetime\.utcnow\(", path.read_text("utf-8"))
        assert not found, f"{path.name}: pass the day in as `on` or the moment as `at`"
