"""Connections, migrations, and running the statements of `sql/`."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from psycopg import sql as pgsql
from sqlalchemy import Connection, Engine, Row, create_engine, literal, make_url, text
from sqlalchemy.dialects.postgresql import Insert

from revisit import resources
from revisit.errors import ConfigError

MINIMUM_VERSION = 16
PLANNING = 20260002  # the advisory lock of whoever decides, or must not be decided beside


def connect(url: str) -> Engine:
    """An engine for a PostgreSQL URL; whatever driver it names, psycopg 3 is used."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "postgresql":
        raise ConfigError(
            f"the store must be PostgreSQL {MINIMUM_VERSION} or newer, not {parsed.get_backend_name()}. "
            "Set REVISIT_DATABASE_URL to postgresql://user:password@host/database, or leave it out for the embedded server."
        )
    options = {"options": "-c timezone=UTC"}  # no statement may depend on where the server stands
    return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, connect_args=options)


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest revision. Safe to run again; two at once wait for each other."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(20260001)"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def run(connection: Connection, name: str, **params: Any) -> int:
    """Run `sql/<name>.sql` and return how many rows it touched."""
    return connection.execute(text(resources.sql(name)), params).rowcount


def rows(connection: Connection, name: str, **params: Any) -> Sequence[Row[Any]]:
    """Run `sql/<name>.sql` and return its rows."""
    return connection.execute(text(resources.sql(name)), params).all()


def added(connection: Connection, statement: Insert) -> bool:
    """Insert a row unless its key is taken; whether it was new."""
    return connection.execute(statement.on_conflict_do_nothing().returning(literal(1))).first() is not None


@contextmanager
def copy_in(connection: Connection, table: str, columns: Sequence[str], options: str = "") -> Iterator[Any]:
    """COPY into a table: a psycopg Copy, to which raw bytes or rows are written. `options` is our own text, never input."""
    cursor = connection.connection.cursor()
    statement = pgsql.SQL("copy {} ({}) from stdin {}").format(
        pgsql.Identifier(*table.split(".")),
        pgsql.SQL(", ").join(map(pgsql.Identifier, columns)),
        pgsql.SQL(options),
    )
    with cursor.copy(statement) as copy:
        yield copy


def audit(connection: Connection, actor: str, action: str, subject: str, detail: Mapping[str, Any]) -> None:
    """Who did what to what."""
    from revisit.store import tables

    connection.execute(tables.audit.insert().values(actor=actor, action=action, subject=subject, detail=dict(detail)))
