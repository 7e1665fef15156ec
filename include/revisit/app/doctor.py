"""Look a workspace over before it is trusted: each check says what it found and what to do."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from revisit.app.context import Context, set_up
from revisit.app.ingest import connection_url, sources
from revisit.app.outbox import server
from revisit.errors import RevisitError
from revisit.ingest.read import database_rows, matching_files
from revisit.store.database import MINIMUM_VERSION


@dataclass(frozen=True, slots=True)
class Check:
    """One finding."""

    what: str
    good: bool
    found: str


def examine(ctx: Context, on: date) -> list[Check]:
    """Every check; the first that fails does not stop the others."""
    steps: list[tuple[str, Callable[[], str]]] = [
        ("organisation", lambda: f"{ctx.organisation.name}: {len(ctx.organisation.departments)} departments"),
        ("packs", lambda: ", ".join(f"{name} {pack.sha256[:8]}" for name, pack in ctx.pack_files.items())),
        ("store", lambda: _store(ctx, on)),
        ("calendar", lambda: _calendar(ctx, on)),
        ("mail server", lambda: _mail(ctx)),
        ("pdf", _pdf),
    ]
    found = [_try(name, step) for name, step in steps]
    try:
        for source in sources(ctx):
            found.append(_try(f"source {source.source}", lambda source=source: _source(ctx, source, on)))  # type: ignore[misc]
    except RevisitError as error:
        found.append(Check("sources", False, str(error)))
    return found


def _try(what: str, step: Callable[[], str]) -> Check:
    try:
        return Check(what, True, step())
    except (RevisitError, SQLAlchemyError, OSError) as error:
        return Check(what, False, str(error).splitlines()[0])


def _store(ctx: Context, on: date) -> str:
    waiting = ", ".join(loaded.pack.pack for loaded in set_up(ctx, "doctor", on))
    with ctx.engine.connect() as connection:
        version = int(connection.execute(text("select current_setting('server_version_num')")).scalar_one()) // 10000
    if version < MINIMUM_VERSION:
        raise RevisitError(f"PostgreSQL {version} is too old; {MINIMUM_VERSION} or newer is needed.")
    draft = f"; changed and not in force until 'revisit pack activate': {waiting}" if waiting else ""
    return f"PostgreSQL {version}, schema up to date{draft}"


def _calendar(ctx: Context, on: date) -> str:
    last = date(on.year + 1 if on.month >= 11 else on.year, 12, 31)
    if ctx.working_days.is_provisional(on, last):
        raise RevisitError(
            f"the holidays of {last.year} are not published in the calendar; deadlines in it are provisional. "
            f"Once they are: revisit calendar import FILE {last.year}"
        )
    return f"published to the end of {last.year}"


def _mail(ctx: Context) -> str:
    target = server(ctx)
    with socket.create_connection((target.host, target.port), timeout=3):
        return f"{target.host}:{target.port} answers"


def _pdf() -> str:
    try:
        import weasyprint  # noqa: F401
    except OSError as error:
        raise RevisitError(
            f"{error}. Type: apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
        ) from error
    return "WeasyPrint is ready"


def _source(ctx: Context, source: object, on: date) -> str:
    from revisit.ingest.source import Source

    assert isinstance(source, Source)
    if source.files is not None:
        return f"{len(matching_files(source))} files"
    with database_rows(source, connection_url(ctx, source), on) as found:
        missing = {c.from_ for c in source.map.values() if c.from_} - set(found.columns)
        if missing:
            raise RevisitError(f"the query lacks the columns {', '.join(sorted(map(str, missing)))}")
        return f"answers with {len(found.columns)} columns"
