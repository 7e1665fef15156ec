"""Pull a source: copy in, check, quarantine, accept; and let Great Expectations judge the same rows."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import psycopg
import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from revisit.app import matters
from revisit.app.context import Context
from revisit.errors import ConfigError, SourceError
from revisit.ingest.read import CsvFile, Rows, csv_file, database_rows, is_csv, matching_files, table_file
from revisit.ingest.source import Source, load_sources
from revisit.ingest.stage import staged
from revisit.store import tables
from revisit.store.database import copy_in, rows, run

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pulled:
    """One batch: read = accepted + unchanged + refused; `changed` of the accepted are new versions of known rows."""

    batch_id: int
    source: str
    origin: str
    read: int
    accepted: int
    unchanged: int
    refused: int
    changed: int
    reasons: dict[str, int]


def sources(ctx: Context) -> list[Source]:
    """The workspace's sources: registers of customers and staff first, then events, then earlier records."""
    order = {"customer": 0, "staff": 0, "event": 1, "record": 2}
    return sorted(load_sources(ctx.workspace.folder / "sources"), key=lambda s: (order[s.target], s.source))


def source_named(ctx: Context, name: str) -> Source:
    found = {source.source: source for source in sources(ctx)}
    if name not in found:
        raise ConfigError(
            f"there is no source '{name}' in {ctx.workspace.folder / 'sources'}; known: {', '.join(found)}."
        )
    return found[name]


def connection_url(ctx: Context, source: Source) -> str:
    """A source's database URL: written out, or by name from REVISIT_SOURCE_<NAME> or AIRFLOW_CONN_<NAME>."""
    named = str(source.connection)
    if "://" in named:
        return named.replace("{workspace}", str(ctx.workspace.folder))
    for variable in (f"REVISIT_SOURCE_{named.upper()}", f"AIRFLOW_CONN_{named.upper()}"):
        if value := os.environ.get(variable):
            return value
    raise ConfigError(
        f"source '{source.source}': the connection '{named}' is not known. Define it in Airflow (Admin, Connections), "
        f"set REVISIT_SOURCE_{named.upper()} to a database URL, or write the URL in the source's file."
    )


def pull(ctx: Context, source: Source, on: date, url: str | None = None) -> list[Pulled]:
    """Pull everything a source has for a day: one batch for a database, one for each file.

    Of several files the one whose name sorts last is the newest. An older one is read once only, so that it never
    brings back what a newer one has corrected.
    `url` is given by an Airflow task that has looked the connection up. A file that cannot be read at all raises
    SourceError after the other files were taken.
    """
    if source.files is None:
        with database_rows(source, url or connection_url(ctx, source), on) as found:
            return [_take(ctx, source, found, on, url_without_password(url or connection_url(ctx, source)))]
    pulled, faults, files = [], [], matching_files(source)
    for path in files:
        if path != files[-1] and _taken(ctx, source, path):
            continue
        try:
            content = csv_file(path, source.encoding) if is_csv(path) else table_file(path, source.sheet)
            pulled.append(_take(ctx, source, content, on, _origin(path)))
        except SourceError as error:
            faults.append(str(error))
    if faults:
        raise SourceError("\n".join(faults))
    return pulled


def _origin(path: Path) -> str:
    """A file's name with the start of its content's hash."""
    with path.open("rb") as file:
        return f"{path.name} {hashlib.file_digest(file, 'sha256').hexdigest()[:16]}"


def _taken(ctx: Context, source: Source, path: Path) -> bool:
    with ctx.engine.connect() as connection:
        return bool(rows(connection, "ingest/find_taken", source=source.source, origin=_origin(path)))


def url_without_password(url: str) -> str:
    """A database URL as it may stand in a log."""
    head, _, tail = url.partition("://")
    return f"{head}://{tail.rpartition('@')[2].partition('?')[0]}"


def _schema(source: Source) -> str:
    return "staging_" + source.source.replace("-", "_")


def _take(ctx: Context, source: Source, content: CsvFile | Rows, on: date, origin: str) -> Pulled:
    """Stage and accept one batch in one transaction."""
    with ctx.engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(hashtext(:name))"), {"name": f"pull {source.source}"})
        stage(connection, source, content, on)
        return accept(connection, source, on, origin, _unsatisfactory(ctx))


def _unsatisfactory(ctx: Context) -> list[str]:
    return sorted({rating for loaded in ctx.packs.values() for rating in loaded.pack.unsatisfactory()})


def look_at_stage(connection: Connection, source: Source) -> None:
    """Let the names `arrived` and `staged` mean this source's stage, to the end of the transaction."""
    connection.execute(text("select set_config('search_path', :path, true)"), {"path": f"{_schema(source)}, public"})


def stage(connection: Connection, source: Source, content: CsvFile | Rows, on: date) -> None:
    """Copy the rows in as text (`arrived`) and type and check them (`staged`), in the source's staging schema."""
    schema = _schema(source)
    connection.execute(text(f'create schema if not exists "{schema}"'))
    connection.execute(text("select set_config('search_path', :path, true)"), {"path": f"{schema}, public"})
    connection.execute(text("select set_config('timezone', :zone, true)"), {"zone": source.time_zone})
    connection.execute(text("drop table if exists arrived, staged"))
    names = [f"c{index}" for index in range(len(content.columns))]
    listed = ", ".join(f"{name} text" for name in names)
    connection.execute(
        text(f"create unlogged table arrived (position bigint generated always as identity, {listed}, fault text)")
    )
    _copy(connection, content, names)
    query = staged(source, content.columns, on).compile(dialect=connection.dialect)
    connection.exec_driver_sql(f"create unlogged table staged as {query}", query.params)
    if run(connection, "ingest/mark_duplicates"):
        run(connection, "ingest/drop_repetitions")
    connection.execute(text("analyze staged"))


def _copy(connection: Connection, content: CsvFile | Rows, names: Sequence[str]) -> None:
    if isinstance(content, Rows):
        _copy_rows(connection, content.rows, names)
        return
    try:
        with connection.begin_nested(), copy_in(connection, "arrived", names, "(format csv, header true)") as copy:
            for chunk in content.stream():
                copy.write(chunk)
    except (psycopg.DataError, UnicodeDecodeError, DBAPIError) as error:
        log.warning("csv.careful", file=content.path.name, cause=str(error).splitlines()[0])
        with copy_in(connection, "arrived", [*names, "fault"]) as copy:
            for fault, row in content.careful():
                copy.write_row([*row, fault])


def _copy_rows(connection: Connection, found: Iterable[Sequence[str | None]], names: Sequence[str]) -> None:
    with copy_in(connection, "arrived", names) as copy:
        for row in found:
            copy.write_row(row)


def accept(connection: Connection, source: Source, on: date, origin: str, unsatisfactory: Sequence[str]) -> Pulled:
    """Write the good rows and quarantine the others; the batch's counts must add up or nothing is kept."""
    batch_id = rows(connection, "ingest/open_batch", source=source.source, on=on, origin=origin)[0].batch_id
    if source.target == "record":
        run(connection, "ingest/refuse_unowed")
    counted = rows(connection, "ingest/count_staged")[0]
    reasons = (
        {row.reason: row.rows_refused for row in rows(connection, "ingest/count_reasons")} if counted.refused else {}
    )
    if counted.refused:
        run(connection, "ingest/quarantine_rows", source=source.source, batch_id=batch_id, on=on)
    changed = 0
    match source.target:
        case "event":
            matters.heed(connection)
            changed = run(connection, "ingest/keep_versions", source=source.source)
            accepted = run(connection, "ingest/accept_events", source=source.source, batch_id=batch_id, on=on)
            if source.complete:
                run(connection, "ingest/keep_missing", source=source.source)
                run(connection, "ingest/cancel_missing", source=source.source, batch_id=batch_id, on=on)
        case "customer":
            accepted = run(connection, "ingest/accept_customers")
        case "staff":
            accepted = run(connection, "ingest/accept_staff")
        case "record":
            accepted = run(connection, "ingest/accept_records", unsatisfactory=list(unsatisfactory))
            run(connection, "collect/settle_tasks", on=on)
    run(connection, "ingest/resolve_quarantine", source=source.source, batch_id=batch_id)
    refused, read = counted.refused, counted.read
    unchanged = read - refused - accepted
    run(
        connection, "ingest/close_batch", batch_id=batch_id, read=read, accepted=accepted, unchanged=unchanged,
        refused=refused, changed=changed,
    )  # fmt: skip
    pulled = Pulled(batch_id, source.source, origin, read, accepted, unchanged, refused, changed, reasons)
    log.info("source.pulled", **asdict(pulled))
    return pulled


def judge(ctx: Context, source: Source, on: date, batch_id: int) -> bool:
    """Let Great Expectations judge the rows of the source's last batch; True where it agrees with the quarantine."""
    from revisit.ingest.judge import judge as run_suite

    schema = _schema(source)
    url = ctx.engine.url.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
    verdict = run_suite(source, url, schema, on, ctx.docs / source.source)
    with ctx.engine.begin() as connection:
        look_at_stage(connection, source)
        counted = {row.reason: row.rows_refused for row in rows(connection, "ingest/count_reasons")}
        agreed = all(counted.get(reason, 0) == found for reason, found in verdict.unexpected.items())
        connection.execute(
            tables.batch.update()
            .where(tables.batch.c.batch_id == batch_id)
            .values(judged=agreed, expectations=verdict.unexpected)
        )
    if not agreed:
        differ = {r: (counted.get(r, 0), n) for r, n in verdict.unexpected.items() if counted.get(r, 0) != n}
        log.warning("source.judged_differently", source=source.source, batch_id=batch_id, quarantine_and_suite=differ)
    return agreed


def judge_all(ctx: Context, on: date) -> dict[str, bool]:
    """Judge the last batch of each source where it has not been judged yet; source to whether the suite agrees."""
    verdicts = {}
    for source in sources(ctx):
        with ctx.engine.connect() as connection:
            latest = rows(connection, "ingest/find_unjudged", source=source.source)
        if latest:
            verdicts[source.source] = judge(ctx, source, on, latest[0].batch_id)
    return verdicts
