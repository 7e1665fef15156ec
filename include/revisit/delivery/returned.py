"""Read a returned workbook in a child process with limits, and judge its cells.

A workbook from outside can be a bomb or rubbish. The child may use 512 MiB and 20 CPU seconds; it hands back plain
text. Only what the sheet asked for is taken over; everything else in the file is ignored.
"""

import json
import resource
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from revisit.delivery.sheet import HEADER_ROW, ISSUE_FIELDS, ISSUES, REVIEWS, SCHEMA, TASKS, Field
from revisit.domain.hours import parse_time
from revisit.errors import ReturnedSheetError

_MEMORY, _CPU_SECONDS, _WALL_SECONDS = 512 << 20, 20, 60
_MAX_FILE, _MAX_INFLATED, _MAX_ENTRIES = 20 << 20, 200 << 20, 200
_MAX_ROWS, _MAX_COLUMNS, _MAX_CELL = 20_000, 60, 4_000


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    """A row with the number it has in the sheet, and its cells by column title."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ReturnedBook:
    """What came back: the batch it answers, the receipt, and the rows of the sheets."""

    batch_code: str
    signed_by: str
    signed_on: str
    tasks: Sequence[ReturnedRow]
    issues: Sequence[ReturnedRow]
    reviews: Sequence[ReturnedRow] = ()


def read(path: Path) -> ReturnedBook:
    """Read a workbook; raises ReturnedSheetError, in words for the sender, where it cannot be taken as a whole."""
    _look_before_opening(path)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "revisit.delivery.returned", str(path)],
            capture_output=True,
            timeout=_WALL_SECONDS,
            preexec_fn=_limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ReturnedSheetError(
            f"{path.name}：文件过于复杂，无法在限定时间内读取。请用原清单重新填写后交回。"
        ) from None
    if done.returncode != 0:
        raise ReturnedSheetError(f"{path.name}：文件无法读取，可能已损坏或不是本系统的清单。请用原清单重新填写后交回。")
    found = json.loads(done.stdout)
    if "fault" in found:
        raise ReturnedSheetError(f"{path.name}：{found['fault']}")
    return ReturnedBook(
        found["batch"],
        found["signed_by"],
        found["signed_on"],
        [ReturnedRow(number, cells) for number, cells in found[TASKS]],
        [ReturnedRow(number, cells) for number, cells in found[ISSUES]],
        [ReturnedRow(number, cells) for number, cells in found.get(REVIEWS, ())],
    )


def _look_before_opening(path: Path) -> None:
    if path.suffix.lower() != ".xlsx":
        raise ReturnedSheetError(
            f"{path.name}：只接受 .xlsx 文件。请在 Excel 或 WPS 中另存为“Excel 工作簿（*.xlsx）”后交回。"
        )
    if path.stat().st_size > _MAX_FILE:
        raise ReturnedSheetError(f"{path.name}：文件超过 20 MB。请只交回原清单，不要插入图片。")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError):
        raise ReturnedSheetError(f"{path.name}：文件已损坏、已加密或未写完。请去掉密码、重新保存后交回。") from None
    if len(entries) > _MAX_ENTRIES or sum(entry.file_size for entry in entries) > _MAX_INFLATED:
        raise ReturnedSheetError(f"{path.name}：文件内容异常庞大，未予读取。请用原清单重新填写后交回。")


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _in_child(path: str) -> dict[str, object]:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    properties = {p.name: p.value for p in book.custom_doc_props.props}  # type: ignore[attr-defined]
    if TASKS not in book.sheetnames or ISSUES not in book.sheetnames:
        return {"fault": "不是回访清单（缺少工作表）。请用系统发出的原文件填写后交回。"}
    found: dict[str, object] = {"signed_by": "", "signed_on": ""}
    batch = ""
    for name in (TASKS, ISSUES, *({REVIEWS} & set(book.sheetnames))):
        sheet = book[name]
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_row=_MAX_ROWS, max_col=_MAX_COLUMNS, values_only=True)
        head = [next(rows, ()) for _ in range(HEADER_ROW + 1)]
        titles = [_text(value) for value in head[HEADER_ROW]]
        if not batch and len(head[1]) and _text(head[1][0]).startswith("批号 "):
            batch = _text(head[1][0]).split()[1]
        receipt = [_text(value) for value in head[2]] + [""] * 4
        if receipt[1] or receipt[3]:
            found["signed_by"], found["signed_on"] = receipt[1], receipt[3]
        taken = []
        for number, row in enumerate(rows, HEADER_ROW + 2):
            cells = {title: _text(value) for title, value in zip(titles, row, strict=False) if title}
            if any(cells.values()):
                taken.append((number, cells))
        found[name] = taken
    found["batch"] = properties.get("revisit_batch") or batch
    if properties.get("revisit_schema", SCHEMA) != SCHEMA:
        return {"fault": "清单版本不符。请用系统最近发出的文件填写后交回。"}
    return found


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).replace("\0", "").strip()[:_MAX_CELL]


@dataclass(frozen=True, slots=True)
class Judged:
    """A row's answers by field id, and what is wrong with single cells, in words for the sender."""

    answers: Mapping[str, str]
    faults: Mapping[str, str]

    @property
    def answered(self) -> bool:
        return any(self.answers.values())


def answers(row: ReturnedRow, fields: Sequence[Field]) -> Judged:
    """Take over what a person filled in, and judge each cell by its kind."""
    given, faults = {}, {}
    for column in fields:
        if column.kind == "locked":
            continue
        text = row.cells.get(column.title, "")
        given[column.id] = text
        if not text:
            continue
        if column.kind == "choice" and text not in column.choices:
            faults[column.id] = f"“{column.title}”填的是“{text[:30]}”，请从{'、'.join(column.choices)}中选择"
        elif column.kind == "date":
            day = as_day(text)
            if day is None:
                faults[column.id] = f"“{column.title}”填的是“{text[:30]}”，不是日期，请写成 2026-10-08 的样子"
            else:
                given[column.id] = day.isoformat()
        elif column.kind == "time":
            at = parse_time(text)
            if at is None:
                faults[column.id] = (
                    f"“{column.title}”填的是“{text[:30]}”，不是一天中的时间，请写成 15:30 的样子（24 小时制）"
                )
            else:
                given[column.id] = f"{at:%H:%M}"
    return Judged(given, faults)


def as_day(text: str) -> date | None:
    """A date as people write it: 2026-10-08, 2026/10/8, 2026.10.8, 2026年10月8日."""
    plain = text.strip().replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-")
    parts = plain.split(" ")[0].split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    try:
        return date(*map(int, parts))
    except ValueError:
        return None


ISSUE_ANSWERS = tuple(column for column in ISSUE_FIELDS if column.kind != "locked")

if __name__ == "__main__":
    json.dump(_in_child(sys.argv[1]), sys.stdout)
