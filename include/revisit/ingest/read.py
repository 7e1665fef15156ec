"""Read a source as it is: every value as text, nothing judged yet."""

import codecs
import csv
import gzip
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO, cast

from sqlalchemy import Connection, CursorResult, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from revisit.errors import SourceError
from revisit.ingest.source import Source

_CHUNK = 1 << 20


def _open(path: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")


csv.field_size_limit(min(sys.maxsize, 10_000_000))


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A CSV file that PostgreSQL can read by itself: header names and the bytes in UTF-8, header line included."""

    path: Path
    encoding: str
    columns: tuple[str, ...]

    def stream(self) -> Iterator[bytes]:
        """The file in UTF-8. Raises UnicodeDecodeError on bytes that are not in its encoding."""
        with _open(self.path) as file:
            if codecs.lookup(self.encoding).name in ("utf-8", "utf-8-sig"):
                first = file.read(_CHUNK).removeprefix(codecs.BOM_UTF8)
                while first:
                    yield first
                    first = file.read(_CHUNK)
                return
            decoder = codecs.getincrementaldecoder(self.encoding)()
            while chunk := file.read(_CHUNK):
                yield decoder.decode(chunk).encode()
            yield decoder.decode(b"", final=True).encode()

    def careful(self) -> Iterator[tuple[str | None, list[str | None]]]:
        """The rows one by one: (what is wrong with the row, its values), for a file that PostgreSQL refused whole."""
        width = len(self.columns)
        encoding = "utf-8-sig" if codecs.lookup(self.encoding).name == "utf-8" else self.encoding
        with TextIOWrapper(_open(self.path), encoding=encoding, errors="replace", newline="") as file:
            reader = csv.reader(line.replace("\0", "\ufffd") for line in file)
            next(reader, None)
            while True:
                try:
                    row = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield f"row: unreadable ({error})", [None] * width
                    continue
                if not row:
                    continue
                fault = None
                if len(row) != width:
                    fault = f"row: has {len(row)} fields instead of {width}"
                elif any("\ufffd" in value for value in row):
                    fault = f"row: bytes that are not {self.encoding}"
                yield fault, [value or None for value in (row + [""] * width)[:width]]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of any other source: column names, and the values as text."""

    columns: tuple[str, ...]
    rows: Iterable[Sequence[str | None]]


def _as_text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return None if value != value else f"{value:.15g}"
    text_value = str(value)
    return None if text_value in ("NaT", "<NA>") else text_value.replace("\0", "\ufffd")


def is_csv(path: Path) -> bool:
    return path.name.lower().endswith((".csv", ".csv.gz"))


def csv_file(path: Path, encoding: str) -> CsvFile:
    """Look at a CSV file's header."""
    wanted = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
    try:
        with TextIOWrapper(_open(path), encoding=wanted, errors="replace", newline="") as file:
            header = next(csv.reader(file), None)
    except (OSError, csv.Error) as error:
        raise SourceError(f"{path}: cannot be read: {error}. Deliver the file again.") from error
    if not header:
        raise SourceError(f"{path}: the file is empty. Deliver it again, with its header line.")
    if any("\ufffd" in name for name in header):
        raise SourceError(f"{path}: the header is not {encoding}. Set the source's 'encoding', for example gb18030.")
    return CsvFile(path, encoding, tuple(name.strip() for name in header))


def table_file(path: Path, sheet: str | int) -> Rows:
    """An XLSX sheet or a Parquet file, by pandas, with every value as text."""
    import pandas as pd

    try:
        frame = (
            pd.read_parquet(path)
            if path.suffix.lower() == ".parquet"
            else pd.read_excel(path, sheet_name=sheet, dtype=object, engine="openpyxl")
        )
    except Exception as error:
        raise SourceError(f"{path}: cannot be read as {path.suffix[1:]}: {error}. Deliver the file again.") from error
    names = tuple(str(name).strip() for name in frame.columns)
    return Rows(names, ([_as_text(value) for value in row] for row in frame.itertuples(index=False, name=None)))


def matching_files(source: Source) -> list[Path]:
    """The files a pattern names now, oldest name first; a file still being written (.part, .tmp) is left for later."""
    assert source.files is not None
    pattern = Path(source.files)
    base = Path(pattern.anchor) if pattern.is_absolute() else source.folder
    found = base.glob(str(pattern.relative_to(pattern.anchor)) if pattern.is_absolute() else source.files)
    return sorted(path for path in found if path.is_file() and path.suffix not in (".part", ".tmp"))


@contextmanager
def database_rows(source: Source, url: str, on: date) -> Iterator[Rows]:
    """A query or table of any database SQLAlchemy knows, streamed. A query may use :on and :since.

    Raises SourceError where the source fails; what the reader of the rows raises passes through.
    """
    engine = create_engine(url)
    try:
        with _blame(source):
            connection = engine.connect().execution_options(stream_results=True, yield_per=10_000)
        with connection:
            with _blame(source):
                result = _query(connection, source, on)
            yield Rows(tuple(result.keys()), _fetch(source, result))
    finally:
        engine.dispose()


@contextmanager
def _blame(source: Source) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise SourceError(
            f"source '{source.source}': {cause}. Check 'connection', 'query' and 'table' in its file."
        ) from error


def _query(connection: Connection, source: Source, on: date) -> CursorResult[Any]:
    if source.query is None:
        quoted = connection.dialect.identifier_preparer.quote(str(source.table))
        return connection.execute(text(f"select * from {quoted}"))  # noqa: S608 - quoted by the dialect
    statement = text((source.folder / source.query).read_text("utf-8"))
    given = {"on": on, "since": on - timedelta(days=source.lookback_days)}
    return connection.execute(statement, {name: given[name] for name in given if name in statement.compile().params})


def _fetch(source: Source, result: CursorResult[Any]) -> Iterator[Sequence[str | None]]:
    while True:
        with _blame(source):
            chunk = result.fetchmany(10_000)
        if not chunk:
            return
        for row in chunk:
            yield [_as_text(value) for value in row]
