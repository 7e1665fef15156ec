"""Measure ingest, planning and the nightly increment against what PostgreSQL can do at all, and keep the table.

    make bench                          the figures of the issue: 1,000,000 events, histories of 1 and 10 million
    make bench ARGS="--events 100000 --history 200000 --long-history 1000000"   a quick look

Each line gives our time, the limit's time in the same run and server, and the ratio. The limits:
ingest      COPY of the same file into an unlogged text table, then insert ... select on conflict do update of its rows
planning    insert ... select of the very rows that planning wrote, into tables with the same keys and indexes
increment   the same increment on the shorter history
simulation  ten seconds
"""

import argparse
import csv
import resource
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path

import structlog
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, text

from bench.store import PACKS, copy_rows, every_kind, every_pack, fill_events, fresh, packs_in_force
from revisit import resources
from revisit.app import cases, ingest, simulate, year_events
from revisit.app.context import Context
from revisit.app.plan import plan
from revisit.ingest.read import csv_file
from revisit.ingest.source import Source
from revisit.settings import Environment, Workspace
from revisit.store.embedded import Embedded

ON = date(2026, 10, 1)
KEY = b"a key for measuring only"
HEADER = ("key", "kind", "at", "customer", "department", "area", "matter", "severity")
SOURCE = {
    "source": "bench",
    "title": "bench",
    "map": {
        "event_key": "key", "kind": {"from": "kind", "values": {"维修": "repair.completed", "投诉": "complaint.closed"}},
        "line": {"value": "a"}, "happened_at": "at", "customer": "customer", "department": "department", "area": "area",
        "matter": "matter", "severity": "severity",
    },
    "contract": [
        {"expect": "one_of", "field": "severity", "values": ["major", "ordinary"]},
        {"expect": "matches", "field": "event_key", "pattern": "^E[0-9]+$"},
        {"expect": "at_most_long", "field": "matter", "length": 40},
    ],
}  # fmt: skip


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def write_csv(path: Path, events: int) -> None:
    """A source file of events, 1 % of whose rows break the contract."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(
            (
                f"E{n}" if n % 200 else f"X{n}", "维修" if n % 3 else "投诉", f"2026-0{n % 9 + 1}-1{n % 10} 10:{n % 60:02d}:00",
                f"C{n % 131072}", f"D{n % 8}", f"A{n % 24}", "漏水", "ordinary" if n % 199 else "bad",
            )
            for n in range(events)
        )  # fmt: skip


def measure_ingest(engine: Engine, url: str, folder: Path, events: int) -> tuple[float, float, str]:
    """Our ingest (stage, check, quarantine, accept, judged by Great Expectations) and the bare limit."""
    path = folder / "orders.csv"
    write_csv(path, events)
    source = Source.model_validate({**SOURCE, "files": str(path), "folder": folder})
    ctx = Context(Workspace(folder), Environment.model_validate({"database_url": url, "draw_key": "k"}))
    ctx.__dict__["packs"] = {}
    kept: list[bool] = []

    def ours() -> None:
        with ctx.engine.begin() as connection:
            ingest.stage(connection, source, csv_file(path, "utf-8"), ON)
        with ctx.engine.begin() as connection:
            number = connection.execute(text("select coalesce(max(batch_id), 0) + 1 from batch")).scalar_one()
        judge = threading.Thread(target=lambda: kept.append(_agreed(ctx, source, number)))
        judge.start()
        with ctx.engine.begin() as connection:
            ingest.look_at_stage(connection, source)
            ingest.accept(connection, source, ON, path.name, [])
        judge.join()

    mine = timed(ours)
    assert kept == [True], "Great Expectations must agree with the quarantine"
    with engine.begin() as connection:
        accepted = connection.execute(text("select count(*) from event")).scalar_one()
        connection.execute(text("create table bare (like event including all)"))
        connection.execute(
            text("create unlogged table bare_rows (" + ", ".join(f"{name} text" for name in HEADER) + ")")
        )

    def limit() -> None:
        with engine.begin() as connection:
            copy_rows(connection, "bare_rows", HEADER, path)
            connection.execute(
                text("insert into bare (event_id, source, event_key, kind, line, happened_at, customer, department, area, "
                     "matter, severity, cancelled, batch_id, first_batch_id, received_on) "
                     "select row_number() over (), 'bench', key, kind, 'a', at::timestamptz, customer, department, area, "
                     "matter, severity, false, 1, 1, '2026-10-01' from bare_rows where key like 'E%' and severity <> 'bad' "
                     "on conflict (source, event_key) do update set kind = excluded.kind")
            )  # fmt: skip

    bare = timed(limit)
    return mine, bare, f"{accepted:,} accepted, {events - accepted:,} refused"


def _agreed(ctx: Context, source: Source, _number: int) -> bool:
    from revisit.ingest.judge import judge

    url = ctx.engine.url.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
    verdict = judge(source, url, "staging_bench", ON, ctx.docs)
    with ctx.engine.begin() as connection:
        ingest.look_at_stage(connection, source)
        counted: dict[str, int] = dict(
            connection.execute(text("select r, count(*) from staged cross join unnest(reasons) r group by r")).all()
        )
    return all(counted.get(reason, 0) == found for reason, found in verdict.unexpected.items())


def measure_planning(
    engine: Engine, events: int, names: Sequence[str] = PACKS, kinds: Sequence[str] | None = None
) -> tuple[float, float, str]:
    """One planning run over some packs, and the bare insert of the rows it wrote."""
    packs_in_force(engine, names)
    if kinds:
        fill_events(engine, events, batch=1, kinds_of=kinds)
    else:
        fill_events(engine, events, batch=1)
    mine = timed(lambda: plan(engine, ON, KEY))
    written, bare = 0, 0.0
    for name in ("decision", "task"):
        with engine.begin() as connection:
            connection.execute(
                text(f"create unlogged table copy_{name} as select * from {name} order by event_id, rule_id, round")
            )
            connection.execute(text(f"create table bare_{name} (like {name} including all)"))
        with engine.begin() as connection:
            began = time.perf_counter()
            written += connection.execute(text(f"insert into bare_{name} select * from copy_{name}")).rowcount
            connection.commit()
            bare += time.perf_counter() - began
        with engine.begin() as connection:
            connection.execute(text(f"drop table copy_{name}, bare_{name}"))
    return mine, bare, f"{written:,} rows written"


def measure_simulation(events: int) -> float:
    """A year of events under both property packs."""
    packs = [cases.load_for_cases(resources.folder("policies") / name).pack for name in PACKS]
    rates = {"pq.other_rate": Fraction(1, 5), "pm.other_rate": Fraction(1, 5)}
    made = year_events.invent_events(packs, 2025, events)
    return timed(lambda: simulate.simulate(packs, made, cases.working_days(), 500, rates))


def measure_increment(engine: Engine, history: int, increment: int) -> float:
    """The median of three nightly increments on a planned history."""
    packs_in_force(engine)
    chunk = 1_000_000
    for number, start in enumerate(range(0, history, chunk), 1):
        fill_events(engine, min(chunk, history - start), batch=number, start=start)
        plan(engine, ON, KEY)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))
    last, times = (history - 1) // chunk + 1, []
    for night in range(1, 4):
        fill_events(engine, increment, batch=last + night, start=history + night * increment)
        times.append(timed(lambda: plan(engine, ON, KEY)))
    return statistics.median(times)


def main() -> None:
    """Measure, print, and keep `bench/figures.md`."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--history", type=int, default=1_000_000)
    parser.add_argument("--long-history", type=int, default=10_000_000)
    parser.add_argument("--increment", type=int, default=30_000)
    given = parser.parse_args()
    lines: list[tuple[str, str, str, str, str]] = []
    with tempfile.TemporaryDirectory(prefix="revisit-bench-") as folder:
        server = Embedded(Path(folder) / "postgres")
        server.start()
        try:
            engine, url = fresh(server, "ingest")
            mine, bare, what = measure_ingest(engine, url, Path(folder), given.events)
            lines.append(
                (f"ingest {given.events:,} new events", f"{mine:.1f}", f"{bare:.1f}", f"{mine / bare:.2f}", what)
            )
            engine.dispose()
            engine, _ = fresh(server, "planning")
            mine, bare, what = measure_planning(engine, given.events)
            lines.append(
                (f"plan {given.events:,} events, 2 packs", f"{mine:.1f}", f"{bare:.1f}", f"{mine / bare:.2f}", what)
            )
            engine.dispose()
            engine, _ = fresh(server, "everything")
            names = every_pack()
            mine, bare, what = measure_planning(engine, given.events, names, every_kind())
            lines.append(
                (
                    f"plan {given.events:,} events, {len(names)} packs",
                    f"{mine:.1f}",
                    f"{bare:.1f}",
                    f"{mine / bare:.2f}",
                    what,
                )
            )
            engine.dispose()
            times = []
            for name, history in (("short", given.history), ("long", given.long_history)):
                engine, _ = fresh(server, name)
                times.append(measure_increment(engine, history, given.increment))
                engine.dispose()
            what = f"history {given.long_history:,} against {given.history:,}"
            ratio = f"{times[1] / times[0]:.2f}"
            lines.append(
                (f"increment of {given.increment:,} events", f"{times[1]:.2f}", f"{times[0]:.2f}", ratio, what)
            )
        finally:
            server.stop()
    seconds = measure_simulation(given.events)
    lines.append(
        (f"simulate {given.events:,} events, 2 packs", f"{seconds:.1f}", "10.0", f"{seconds / 10:.2f}", "a year")
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines.append(
        ("peak memory of this process", f"{peak:.0f} MiB", "1024 MiB", f"{peak / 1024:.2f}", "PostgreSQL apart")
    )
    heads = ("step", "ours (s)", "limit (s)", "ratio", "what")
    table = Table(*heads)
    for line in lines:
        table.add_row(*line)
    Console().print(table)
    rows = [f"| {' | '.join(cells)} |" for cells in (heads, ("---",) * 5, *lines)]
    title = (
        "# Figures of the last `make bench`\n\nRatios within one run; see `bench/run.py` for what the limits are.\n\n"
    )
    (Path(__file__).parent / "figures.md").write_text(title + "\n".join(rows) + "\n", "utf-8")


if __name__ == "__main__":
    main()
