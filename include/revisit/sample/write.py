"""Write the sample into a database: SQLite, PostgreSQL or MySQL."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Table, create_engine, insert, inspect

from revisit.errors import SourceError
from revisit.sample.generate import Tables
from revisit.sample.tables import NOTICE, metadata, notice

_CHUNK = 20_000


def write(tables: Tables, url: str) -> dict[str, int]:
    """Replace the sample in the database at `url`; gives the rows of each table.

    Raises SourceError where a table of the same name is there without our notice: somebody's own data is never dropped.
    """
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            _refuse_foreign(connection, url)
            metadata.drop_all(connection)
            metadata.create_all(connection)
            connection.execute(insert(notice).values(notice=NOTICE))
            return {name: _fill(connection, metadata.tables[name], frame) for name, frame in tables.frames.items()}
    finally:
        engine.dispose()


def _refuse_foreign(connection: Connection, url: str) -> None:
    there = set(inspect(connection).get_table_names())
    if notice.name not in there and (foreign := sorted(there & set(metadata.tables))):
        raise SourceError(
            f"the database {url.rpartition('@')[2]} has tables that the sample did not write: {', '.join(foreign)}. "
            "Name an empty database."
        )


def _texts(column: "pd.Series[Any]") -> list[Any]:
    """A column as the driver takes it: days as ISO text, which every database reads as a date; nothing as None."""
    if column.dtype.kind == "M":
        column = column.dt.strftime("%Y-%m-%d")
    elif column.dtype.kind != "i":
        column = column.astype(object).where(column.notna(), None)
    return list(column.tolist())


def _fill(connection: Connection, table: Table, frame: pd.DataFrame) -> int:
    """Insert a frame's rows, past the type processors of SQLAlchemy: a million rows take seconds, not minutes."""
    names = [column.name for column in table.columns]
    if "id" in names:
        frame = frame.assign(id=range(1, len(frame) + 1))
    compiled = insert(table).compile(dialect=connection.dialect)
    order = compiled.positiontup
    rows: Iterator[tuple[object, ...]] = zip(*(_texts(frame[name]) for name in order or names), strict=True)
    while chunk := list(islice(rows, _CHUNK)):
        if order:
            connection.exec_driver_sql(str(compiled), chunk)
        else:
            connection.exec_driver_sql(str(compiled), [dict(zip(names, row, strict=True)) for row in chunk])
    return len(frame)
