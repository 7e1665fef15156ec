"""Rubbish in the returns folder: every file is answered in words, none stops the others, nothing is half applied."""

import zipfile
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from month import GOOD, arrive, complaint, every, fill, one
from revisit.app.collect import collect
from revisit.app.context import Context
from revisit.app.publish import publish

ON = date(2026, 10, 8)


@pytest.fixture
def returns(ctx: Context) -> Path:
    ctx.returns.mkdir(parents=True)
    return ctx.returns


def _bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (300 << 20))


def _many_entries(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(300):
            archive.writestr(f"x{number}", b"")


def _another(path: Path) -> None:
    book = Workbook()
    book.active["A1"] = "别的表"
    book.save(path)


def _far_cell(path: Path) -> None:
    book = Workbook()
    book.active.title = "回访任务"
    book.create_sheet("待回复问题")["XFD1048576"] = 1
    book.save(path)


RUBBISH = {
    "empty.xlsx": lambda path: path.write_bytes(b""),
    "text.xlsx": lambda path: path.write_text("not a workbook"),
    "half.xlsx": lambda path: path.write_bytes(b"PK\x03\x04" + b"\0" * 200),
    "old.xls": lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0" * 100),
    "macro.xlsm": lambda path: path.write_bytes(b"PK"),
    "bomb.xlsx": _bomb,
    "entries.xlsx": _many_entries,
    "another.xlsx": _another,
    "far.xlsx": _far_cell,
    "..％2F..％2Fetc.xlsx": _another,
}


@pytest.mark.parametrize("name", RUBBISH)
def test_rubbish_is_refused_in_words_and_put_aside(ctx: Context, returns: Path, name: str) -> None:
    RUBBISH[name](returns / name)
    (taken,) = collect(ctx, ON)
    assert taken.error
    assert taken.error.startswith(f"{name}：")
    assert "请" in taken.error or "未予读取" in taken.error
    assert [path.name for path in returns.iterdir()] == ["refused"]
    assert one(ctx, "select error from returned_file").error == taken.error


def test_rubbish_does_not_stop_a_good_sheet(ctx: Context, returns: Path) -> None:
    arrive(ctx, ON, complaint("K1", str(ON)))
    (only,) = publish(ctx, ON)
    fill(ctx, Path(only.file), [{**GOOD, "visited_on": ON}], name="z-good.xlsx")
    (returns / "a-bad.xlsx").write_bytes(b"PK rubbish")
    bad, good = collect(ctx, ON)
    assert bad.error
    assert good.accepted == 1


def test_a_file_still_being_written_is_left_for_later(ctx: Context, returns: Path) -> None:
    (returns / "list.xlsx.part").write_bytes(b"PK")
    (returns / "~$list.xlsx").write_bytes(b"x")
    assert collect(ctx, ON) == []
    assert len(list(returns.iterdir())) == 2


def test_sorted_and_hidden_rows_and_an_extra_column_do_no_harm(ctx: Context) -> None:
    arrive(ctx, ON, complaint("K1", str(ON)), complaint("K2", str(ON), customer="C2"))
    (only,) = publish(ctx, ON)
    path = fill(ctx, Path(only.file), [{**GOOD, "visited_on": ON}, {**GOOD, "visited_on": ON, "result": "未联系上"}])
    book = load_workbook(path)
    sheet = book["回访任务"]
    for column in range(1, sheet.max_column + 1):
        upper, lower = sheet.cell(5, column).value, sheet.cell(6, column).value
        sheet.cell(5, column, lower)
        sheet.cell(6, column, upper)
    sheet.row_dimensions[5].hidden = True
    sheet.cell(4, 40, "备注")
    sheet.cell(5, 40, "下周再去")
    book.save(path)
    (taken,) = collect(ctx, ON)
    assert (taken.accepted, taken.refused) == (2, 0)
    found = every(ctx, "select event_key, result from record join event using (event_id) order by event_key")
    assert [tuple(row) for row in found] == [("K1", "reached"), ("K2", "unreached")]


def test_changed_locked_cells_change_nothing(ctx: Context) -> None:
    arrive(ctx, ON, complaint("K1", str(ON)))
    (only,) = publish(ctx, ON)
    before = every(ctx, "select * from event"), every(ctx, "select due_on from task")
    path = fill(ctx, Path(only.file), [{**GOOD, "visited_on": ON, "due_on": date(2027, 1, 1), "customer": "别人"}])
    assert path.exists()
    (taken,) = collect(ctx, ON)
    assert taken.accepted == 1
    assert (every(ctx, "select * from event"), every(ctx, "select due_on from task")) == before
