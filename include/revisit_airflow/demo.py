"""The demo: an invented organisation's month, run day by day by Airflow's scheduler."""

import shutil
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from revisit import resources
from revisit.app.context import Context, context
from revisit.app.keep import states
from revisit.app.rehearse import rehearse
from revisit.errors import ConfigError, RevisitError
from revisit.sample import SEED, generate, write
from revisit.store.database import rows
from revisit_airflow.api import Airflow
from revisit_airflow.launch import Launcher, console, stop_all
from revisit_airflow.signing import ACCEPT

MONTH = date(2026, 10, 1)
LAST = date(2026, 10, 31)
EVE = MONTH - timedelta(days=1)
DAGS = {
    "ingest_events", "plan_revisits", "publish_lists", "collect_returns", "chase_responses", "deliver_outbox",
    "make_reports", "keep_house",
}  # fmt: skip
_DAILY = ("publish_lists", "collect_returns", "chase_responses", "deliver_outbox")
_PAUSE = 4  # an answer within a second of the question can fail the task in Airflow 3.3
_MARK = "sample-organisation"


def run(folder: Path, *, events: int, once: bool, wait: bool) -> int:
    """Build, run and summarise; 0 where every DAG run succeeded. Without `once` it stays up until Ctrl-C."""
    ctx = _build(folder.resolve(), events)
    try:
        with Launcher(ctx, schedules=False, mailbox=True) as launcher:
            airflow = Airflow(launcher.addresses.airflow, "admin", launcher.addresses.passwords["admin"])
            airflow.await_dags(DAGS)
            _play(ctx, launcher, airflow, wait)
            failed = _summarise(ctx, launcher, airflow)
            if not once:
                console.print("\nCtrl-C stops everything; 'make demo' builds it anew.")
                while True:
                    launcher.check()
                    time.sleep(2)
            return 1 if failed else 0
    except KeyboardInterrupt:
        console.print("stopped")
        return 130 if once else 0


def _build(folder: Path, events: int) -> Context:
    """A fresh workspace with the sample in its source database. Only a folder the demo made is ever replaced."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARK).exists():
            raise ConfigError(f"{folder} was not made by the demo. Name another folder with --workspace.")
        stop_all(context(folder))
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).write_text("Made by 'make demo'; everything in it is invented and may be deleted.\n")
    shutil.copytree(resources.folder("config") / "example", folder, dirs_exist_ok=True)
    ctx = context(folder)
    with console.status("inventing the organisation"):
        made = generate(ctx.organisation, ctx.pack_files, LAST, events, SEED, ctx.draw_key)
        written = write(made, f"sqlite:///{folder / 'source.db'}")
    console.print(f"{ctx.organisation.name}: {sum(written.values()):,} rows in its own system (invented)")
    return ctx


def _play(ctx: Context, launcher: Launcher, airflow: Airflow, wait: bool) -> None:
    days = [MONTH + timedelta(days=offset) for offset in range((LAST - MONTH).days + 1)]
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("history", total=len(days) + 2)
        for _ in range(2):  # the second pull finds the tasks that the earlier records belong to
            _run(airflow, "ingest_events", EVE)
            airflow.await_quiet()
            progress.advance(bar)
        for day in days:
            launcher.check()
            progress.update(bar, description=f"{day}")
            planned = sum(airflow.count("plan_revisits", state) for state in ("success", "failed"))
            airflow.trigger("ingest_events", {"on": str(day)})
            airflow.await_next("plan_revisits", planned)  # the suite's verdict comes while the lists go out
            _run(airflow, "publish_lists", day)
            rehearse(ctx, day, SEED)
            for dag_id in _DAILY[1:]:
                _run(airflow, dag_id, day)
            progress.advance(bar)
    airflow.await_quiet()
    _report(launcher, airflow, wait)
    _run(airflow, "deliver_outbox", LAST)
    _run(airflow, "keep_house", LAST)


def _run(airflow: Airflow, dag_id: str, on: date) -> None:
    airflow.wait(dag_id, airflow.trigger(dag_id, {"on": str(on)}))


def _report(launcher: Launcher, airflow: Airflow, wait: bool) -> None:
    """Freeze and render; then let the reviewer and the director sign, or wait for the reader to do it."""
    run_id = airflow.trigger("make_reports", {"on": str(LAST)})
    reports = launcher.ctx.organisation.reports
    for task_id, person in (("review", reports.reviewer), ("approve", reports.approver)):
        assert person.user is not None
        _await_question(airflow, run_id, task_id)
        password = launcher.addresses.passwords[person.user]
        if wait:
            console.print(
                f"[bold]{person.name}[/] is asked to sign '{task_id}': {launcher.addresses.airflow}/required_actions "
                f"as [bold]{person.user}[/], password [bold]{password}[/]"
            )
            _await_answer(airflow, run_id, task_id)
            continue
        time.sleep(_PAUSE)
        signer = Airflow(launcher.addresses.airflow, person.user, password)
        signer.answer("make_reports", run_id, task_id, ACCEPT, "同意。（演示）")
        signer.close()
    airflow.wait("make_reports", run_id)


def _await_question(airflow: Airflow, run_id: str, task_id: str, seconds: float = 600) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if any(q["task_instance"]["task_id"] == task_id for q in airflow.questions("make_reports", run_id)):
            return
        state = airflow.run_state("make_reports", run_id)
        if state in ("failed", "success"):
            raise RevisitError(f"the reports {state} before '{task_id}' was asked; see its log in the Airflow UI.")
        time.sleep(0.5)
    raise RevisitError(f"'{task_id}' was not asked within {seconds:.0f} s.")


def _await_answer(airflow: Airflow, run_id: str, task_id: str) -> None:
    while any(q["task_instance"]["task_id"] == task_id for q in airflow.questions("make_reports", run_id)):
        time.sleep(2)


def _summarise(ctx: Context, launcher: Launcher, airflow: Airflow) -> int:
    """Print what happened and where it lies; the number of failed runs."""
    runs = airflow.runs()
    by_state = Counter(run["state"] for run in runs)
    with ctx.engine.connect() as connection:
        found = {row.what: row.counted for row in rows(connection, "rehearse/summarise")}
    table = Table(title=f"{ctx.organisation.name}　{MONTH:%Y-%m}", show_header=False, title_justify="left")
    table.add_column(style="bold")
    table.add_column(justify="right")
    names = {
        "read": "rows pulled", "refused": "rows refused (quarantine)", "decisions": "decisions", "due": "tasks owed",
        "issued": "tasks handed out in October", "lists": "lists", "answered": "answers taken in",
        "sent_back": "rows sent back", "reviews": "records reviewed", "issues": "issues raised", "chased": "chasing steps",
        "reports": "reports sent",
    }  # fmt: skip
    for key, name in names.items():
        table.add_row(name, f"{found.get(key, 0):,}")
    table.add_row("mails", ", ".join(f"{count} {state}" for state, count in states(ctx).items()))
    table.add_row("Airflow runs", ", ".join(f"{count} {state}" for state, count in sorted(by_state.items())))
    out = Console()
    out.print(table)
    reports = ctx.reports / f"{MONTH:%Y-%m}"
    addresses = launcher.addresses
    lines = [
        f"lists      {ctx.lists}",
        f"reports    {reports}  (HTML, PDF, XLSX)",
        f"mails      {ctx.workspace.state / 'mailbox'}",
        f"contracts  {ctx.docs}/*/index.html  (Great Expectations data docs)",
        f"Airflow    {addresses.airflow}  "
        + "  ".join(f"{user} / {password}" for user, password in addresses.passwords.items()),
        f"board      {addresses.airflow}/revisit/?on={LAST}",
        f"mailbox    {addresses.mailbox}  any name / {addresses.mailbox_password}",
    ]
    out.print("\n[bold]Where to look[/]")
    out.print("\n".join(f"  {line}" for line in lines), soft_wrap=True, highlight=False)
    failed = by_state.get("failed", 0)
    if failed:
        out.print(
            f"[bold red]{failed} DAG runs failed[/]: "
            + ", ".join(r["dag_run_id"] for r in runs if r["state"] == "failed")
        )
    return failed
