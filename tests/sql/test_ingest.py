"""Pulling for real: every kind of source, every kind of bad row, and nothing lost."""

import csv
import os
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import create_engine, text

from revisit.app import ingest
from revisit.app.context import Context
from revisit.errors import ConfigError, SourceError
from revisit.ingest.source import Source

ON = date(2026, 10, 8)
HEADER = ("单号", "类别", "完工时间", "客户", "部门", "片区", "事项", "状态")
GOOD = ("G-1", "维修", "2026-10-07 15:30:00", "C1", "JX-GC", "JX01", "水管渗漏", "完成")
MAP: dict[str, Any] = {
    "event_key": "单号",
    "kind": {"from": "类别", "values": {"维修": "repair.completed", "投诉": "complaint.closed"}},
    "line": {"value": "jinxiu"},
    "happened_at": "完工时间",
    "customer": "客户",
    "department": "部门",
    "area": "片区",
    "matter": "事项",
    "cancelled": {"from": "状态", "values": {"已取消": True}, "otherwise": False},
}


def source(**more: Any) -> Source:
    return Source.model_validate({"source": "orders", "title": "工单", "map": MAP, **more})


def csv_source(ctx: Context, rows: Iterable[Sequence[str]], encoding: str = "utf-8", **more: Any) -> Source:
    folder = ctx.workspace.folder / "drop"
    folder.mkdir(exist_ok=True)
    with (folder / "orders.csv").open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return source(files="drop/*.csv", encoding=encoding, folder=ctx.workspace.folder, **more)


def pull(ctx: Context, found: Source, on: date = ON) -> ingest.Pulled:
    (pulled,) = ingest.pull(ctx, found, on)
    assert pulled.read == pulled.accepted + pulled.unchanged + pulled.refused
    return pulled


def event(ctx: Context, key: str) -> Any:
    with ctx.engine.connect() as connection:
        return connection.execute(text("select * from event where event_key = :key"), {"key": key}).one()


def with_(row: Sequence[str], **changes: str) -> tuple[str, ...]:
    return tuple(changes.get(name, value) for name, value in zip(HEADER, row, strict=True))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_file_is_taken_in_its_encoding(ctx: Context, encoding: str) -> None:
    pulled = pull(ctx, csv_source(ctx, [GOOD], encoding))
    assert (pulled.read, pulled.accepted) == (1, 1)
    found = event(ctx, "G-1")
    assert (found.matter, found.kind, str(found.happened_at)) == (
        "水管渗漏",
        "repair.completed",
        "2026-10-07 07:30:00+00:00",
    )


@pytest.mark.parametrize("kind", ["xlsx", "parquet"])
def test_a_workbook_and_a_parquet_file_are_taken(ctx: Context, kind: str) -> None:
    frame = pd.DataFrame([GOOD], columns=list(HEADER)).assign(完工时间=pd.Timestamp("2026-10-07 15:30:00"))
    path = ctx.workspace.folder / f"orders.{kind}"
    frame.to_excel(path, index=False) if kind == "xlsx" else frame.to_parquet(path)
    pulled = pull(ctx, source(files=f"*.{kind}", folder=ctx.workspace.folder))
    assert pulled.accepted == 1
    assert str(event(ctx, "G-1").happened_at) == "2026-10-07 07:30:00+00:00"


def _fill(url: str) -> None:
    engine = create_engine(url)
    columns = ", ".join(f"c{n} varchar(40)" for n in range(len(HEADER)))
    with engine.begin() as connection:
        connection.execute(text(f"create table orders ({columns})"))
        names = ", ".join(f":v{n}" for n in range(len(HEADER)))
        connection.execute(text(f"insert into orders values ({names})"), {f"v{n}": v for n, v in enumerate(GOOD)})
    engine.dispose()


def _query(folder: Path) -> str:
    names = ", ".join(f'c{n} as "{name}"' for n, name in enumerate(HEADER))
    (folder / "orders.sql").write_text(f"select {names} from orders where c2 <= :on || ' 23:59:59'", "utf-8")
    return "orders.sql"


def test_a_postgresql_query_and_a_sqlite_query_are_taken(ctx: Context, database_url: str, tmp_path: Path) -> None:
    for number, url in enumerate(
        (database_url.replace("postgresql:", "postgresql+psycopg:"), f"sqlite:///{tmp_path / 's.db'}")
    ):
        _fill(url)
        given = source(source=f"s{number}", connection=url, query=_query(tmp_path), folder=tmp_path)
        assert pull(ctx, given.model_copy(update={"folder": tmp_path})).accepted == 1


def test_a_mysql_table_is_taken(ctx: Context, mysql_url: str) -> None:
    url = mysql_url
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("drop table if exists orders"))
    engine.dispose()
    _fill(url)
    columns = {**MAP, "event_key": "c0", "kind": {**MAP["kind"], "from": "c1"}, "happened_at": "c2", "customer": "c3",
               "department": "c4", "area": "c5", "matter": "c6", "cancelled": {**MAP["cancelled"], "from": "c7"}}  # fmt: skip
    assert pull(ctx, source(map=columns, connection=url, table="orders")).accepted == 1


BAD = {
    "missing key": (with_(GOOD, 单号=""), "event_key: missing"),
    "blank key": (with_(GOOD, 单号=" \u3000 "), "event_key: missing"),
    "unknown kind": (with_(GOOD, 单号="B-1", 类别="巡检"), "kind: missing"),
    "missing time": (with_(GOOD, 单号="B-2", 完工时间=""), "happened_at: missing"),
    "impossible date": (with_(GOOD, 单号="B-3", 完工时间="2026-13-40"), "happened_at: not a timestamptz"),
    "a word": (with_(GOOD, 单号="B-4", 完工时间="昨天"), "happened_at: not a timestamptz"),
    "now is no date": (with_(GOOD, 单号="B-5", 完工时间="now"), "happened_at: not a timestamptz"),
    "infinity is no date": (with_(GOOD, 单号="B-6", 完工时间="infinity"), "happened_at: not a timestamptz"),
    "the future": (
        with_(GOOD, 单号="B-7", 完工时间="2026-10-09 00:00"),
        "happened_at: later than the day of the batch",
    ),
    "long ago": (with_(GOOD, 单号="B-8", 完工时间="1899-12-30"), "happened_at: implausibly early"),
    "excel serial": (with_(GOOD, 单号="B-9", 完工时间="46302.5"), "happened_at: not a timestamptz"),
    "unknown area": (with_(GOOD, 单号="B-10", 片区="ZZ99"), "area: unknown"),
    "too long": (with_(GOOD, 单号="B-11", 事项="长" * 41), "matter: too long"),
    "formula": (with_(GOOD, 单号="=1+1"), "event_key: not in the agreed form"),
}
CONTRACT = [
    {"expect": "known", "field": "area"},
    {"expect": "at_most_long", "field": "matter", "length": 40},
    {"expect": "matches", "field": "event_key", "pattern": "^[A-Z]-[0-9]+$"},
]


def test_every_bad_row_is_kept_with_its_reason_and_the_good_ones_go_on(ctx: Context) -> None:
    rows = [GOOD, *(row for row, _ in BAD.values()), with_(GOOD, 单号="G-2")]
    pulled = pull(ctx, csv_source(ctx, rows, contract=CONTRACT))
    assert (pulled.read, pulled.accepted, pulled.refused) == (len(BAD) + 2, 2, len(BAD))
    with ctx.engine.connect() as connection:
        held = connection.execute(text("select position, reasons, row from quarantine order by position")).all()
    assert [(row.position, reason in row.reasons) for row, (_, reason) in zip(held, BAD.values(), strict=True)] == [
        (position, True) for position in range(2, len(BAD) + 2)
    ]
    assert held[2].row["c1"] == "巡检"


def test_great_expectations_counts_what_the_quarantine_counts(ctx: Context) -> None:
    found = csv_source(ctx, [GOOD, *(row for row, _ in BAD.values())], contract=CONTRACT)
    pulled = pull(ctx, found)
    assert ingest.judge(ctx, found, ON, pulled.batch_id)
    with ctx.engine.connect() as connection:
        verdict = connection.execute(text("select expectations, judged from batch")).one()
    assert verdict.judged
    assert verdict.expectations["happened_at: not a timestamptz"] == 5
    assert (ctx.docs / "orders" / "index.html").is_file()


def test_a_file_the_database_refuses_whole_is_read_row_by_row(ctx: Context) -> None:
    found = csv_source(ctx, [GOOD])
    path = ctx.workspace.folder / "drop" / "orders.csv"
    with path.open("ab") as file:
        file.write(",".join(GOOD[:3]).encode() + b"\r\n")  # too few fields
        file.write(",".join((*with_(GOOD, 单号="G-9"), "x", "y")).encode() + b"\r\n")  # too many
        file.write(",".join(with_(GOOD, 单号="G-3", 事项="nul\0")).encode() + b"\r\n")
        file.write(b"G-4,\xff\xfe,2026-10-07,,,,,\r\n")  # not UTF-8
        file.write(",".join(with_(GOOD, 单号="G-5")).encode() + b"\r\n")
    pulled = pull(ctx, found)
    assert (pulled.read, pulled.accepted, pulled.refused) == (6, 2, 4)
    assert pulled.reasons["row: has 3 fields instead of 8"] == 1
    assert pulled.reasons["row: has 10 fields instead of 8"] == 1
    assert pulled.reasons["row: bytes that are not utf-8"] == 2


def test_the_same_batch_twice_changes_nothing(ctx: Context) -> None:
    found = csv_source(ctx, [GOOD, with_(GOOD, 单号="G-2")])
    pull(ctx, found)
    before = event(ctx, "G-1")
    again = pull(ctx, found)
    assert (again.accepted, again.unchanged) == (0, 2)
    assert event(ctx, "G-1") == before


def test_a_corrected_row_is_a_new_version_and_the_old_one_is_kept(ctx: Context) -> None:
    pull(ctx, csv_source(ctx, [GOOD]))
    pulled = pull(ctx, csv_source(ctx, [with_(GOOD, 完工时间="2026-10-06 10:00")]))
    assert (pulled.accepted, pulled.changed) == (1, 1)
    assert event(ctx, "G-1").version == 2
    with ctx.engine.connect() as connection:
        old = connection.execute(text("select version, happened_at from event_version")).one()
    assert (old.version, str(old.happened_at)) == (1, "2026-10-07 07:30:00+00:00")


def test_a_refused_row_enters_by_itself_once_it_is_corrected(ctx: Context) -> None:
    pull(ctx, csv_source(ctx, [with_(GOOD, 完工时间="")]))
    pulled = pull(ctx, csv_source(ctx, [GOOD]))
    assert pulled.accepted == 1
    with ctx.engine.connect() as connection:
        assert connection.execute(text("select resolved_batch_id from quarantine")).scalar_one() == pulled.batch_id


def test_of_two_rows_with_one_key_the_later_wins_and_the_other_is_accounted_for(ctx: Context) -> None:
    pulled = pull(ctx, csv_source(ctx, [with_(GOOD, 事项="旧"), with_(GOOD, 事项="新")]))
    assert (pulled.accepted, pulled.refused) == (1, 1)
    assert event(ctx, "G-1").matter == "新"


def test_a_row_repeated_word_for_word_counts_as_unchanged(ctx: Context) -> None:
    pulled = pull(ctx, csv_source(ctx, [GOOD, GOOD, GOOD]))
    assert (pulled.accepted, pulled.unchanged, pulled.refused) == (1, 2, 0)


def test_a_complete_delivery_cancels_what_it_no_longer_contains(ctx: Context) -> None:
    pull(ctx, csv_source(ctx, [GOOD, with_(GOOD, 单号="G-2")], complete=True))
    pull(ctx, csv_source(ctx, [GOOD], complete=True))
    assert event(ctx, "G-2").cancelled
    assert not event(ctx, "G-1").cancelled


def test_chinese_dates_and_surrounding_blanks_are_understood(ctx: Context) -> None:
    pull(ctx, csv_source(ctx, [with_(GOOD, 单号=" G-1\u3000", 完工时间="2026年10月7日 15:30")], dates="chinese"))
    assert str(event(ctx, "G-1").happened_at) == "2026-10-07 07:30:00+00:00"


def test_a_time_with_an_offset_keeps_its_moment(ctx: Context) -> None:
    pull(ctx, csv_source(ctx, [with_(GOOD, 完工时间="2026-10-07T15:30:00Z")]))
    assert str(event(ctx, "G-1").happened_at) == "2026-10-07 15:30:00+00:00"


def test_a_missing_column_is_a_clear_error_and_keeps_nothing(ctx: Context) -> None:
    found = csv_source(ctx, [GOOD])
    path = ctx.workspace.folder / "drop" / "orders.csv"
    path.write_text(path.read_text("utf-8").replace("完工时间", "完成"), "utf-8")
    with pytest.raises(SourceError, match="there is no column '完工时间'; the columns are: 单号, 类别, 完成"):
        ingest.pull(ctx, found, ON)


def test_an_empty_file_is_told_and_the_next_one_is_taken(ctx: Context) -> None:
    found = csv_source(ctx, [GOOD])
    (ctx.workspace.folder / "drop" / "a-empty.csv").write_bytes(b"")
    with pytest.raises(SourceError, match=r"a-empty\.csv: the file is empty"):
        ingest.pull(ctx, found, ON)
    assert event(ctx, "G-1")


def test_a_database_that_is_not_there_is_told_without_its_password(ctx: Context) -> None:
    given = source(connection="postgresql+psycopg://me:secret@127.0.0.1:1/none", table="t")
    with pytest.raises(SourceError, match="source 'orders'") as error:
        ingest.pull(ctx, given, ON)
    assert "secret" not in str(error.value)


def test_an_unknown_connection_name_says_where_to_define_it(ctx: Context) -> None:
    with pytest.raises(ConfigError, match="REVISIT_SOURCE_CRM"):
        ingest.pull(ctx, source(connection="crm", table="t"), ON)


def test_sqlite_reads_what_sqlite_wrote(ctx: Context, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "own.db") as connection:
        connection.execute("create table orders (单号, 类别, 完工时间, 客户, 部门, 片区, 事项, 状态)")
        connection.execute("insert into orders values (?, ?, ?, ?, ?, ?, ?, ?)", GOOD)
    assert pull(ctx, source(connection=f"sqlite:///{tmp_path / 'own.db'}", table="orders")).accepted == 1


def _extract(name: str) -> Path:
    folder = os.environ.get("REVISIT_TEST_DATA")
    if not folder or not (Path(folder) / name).exists():
        pytest.skip("REVISIT_TEST_DATA names no folder with the public extracts")
    return Path(folder) / name


@pytest.mark.data
def test_every_service_request_of_the_city_is_accounted_for(ctx: Context) -> None:
    path = _extract("service_requests_boston311/boston311_2013_2019.csv.gz")
    given = source(
        source="boston", files=str(path), time_zone="America/New_York",
        map={"event_key": "case_enquiry_id", "kind": {"value": "complaint.closed"}, "line": {"value": "city"},
             "happened_at": "closed_dt", "department": "department", "area": "neighborhood", "matter": "type"},
        attributes={"opened": "open_dt", "target": "sla_target_dt"},
    )  # fmt: skip
    pulled = pull(ctx, given)
    assert (pulled.read, pulled.accepted) == (46_638, 29_618)
    assert pulled.reasons == {"happened_at: missing": 17_020}


@pytest.mark.data
def test_every_order_of_the_shop_is_accounted_for(ctx: Context) -> None:
    path = _extract("orders_reviews_olist/orders.csv.gz")
    given = source(
        source="olist", files=str(path), time_zone="America/Sao_Paulo",
        map={"event_key": "order_id", "kind": {"value": "service.completed"}, "line": {"value": "shop"},
             "happened_at": "order_delivered_customer_date", "customer": "customer_id",
             "cancelled": {"from": "order_status", "values": {"canceled": True, "unavailable": True}, "otherwise": False}},
    )  # fmt: skip
    frame = pd.read_csv(path)
    pulled = pull(ctx, given, date(2026, 10, 8))
    missing = int(frame["order_delivered_customer_date"].isna().sum())
    assert (pulled.read, pulled.refused) == (45_430, missing)
    assert Counter(pulled.reasons) == {"happened_at: missing": missing}


@pytest.mark.data
def test_every_complaint_of_the_citizens_is_accounted_for(ctx: Context) -> None:
    path = _extract("zh_complaints/附件4_2011_2018.csv.gz")
    given = source(
        source="citizens", files=str(path), title="留言",
        map={"event_key": "留言编号", "kind": {"value": "complaint.closed"}, "line": {"value": "city"},
             "happened_at": "答复时间", "customer": "留言用户", "subject": "留言主题"},
    )  # fmt: skip
    frame = pd.read_csv(path, dtype=str)
    pulled = pull(ctx, given)
    assert pulled.read == len(frame) == 1_926
    assert pulled.accepted == frame["留言编号"].nunique()
    assert set(pulled.reasons) <= {"event_key: a later row of the batch has the same key"}
