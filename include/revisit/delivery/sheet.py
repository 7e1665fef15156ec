"""A department's list as a workbook: what is locked, what is answered, and what the answers may be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from io import BytesIO
from itertools import groupby
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from revisit.domain.hours import parse_time

TASKS, ISSUES, REVIEWS, HISTORY = "回访任务", "待回复问题", "待审阅记录", "客户情况"
GUIDE, CHOICES = "填写说明", "选项"
HEADER_ROW = 3
SCHEMA = "revisit-list-1"


@dataclass(frozen=True, slots=True)
class Field:
    """A column. `kind` says how it is typed: locked text, date, time of the day, choice from `choices`, or free text."""

    id: str
    title: str
    width: int
    kind: str = "locked"
    choices: tuple[str, ...] = ()
    hidden: bool = False


RESULTS = {"已回访": "reached", "未联系上": "unreached", "拒绝回访": "refused"}
CHANNELS = {
    "上门": "door", "电话": "phone", "信函": "letter", "短信": "sms", "电子邮件": "mail", "网络": "web", "座谈": "meeting",
}  # fmt: skip
CHANNEL_TITLES = {channel: title for title, channel in CHANNELS.items()}
YES_NO = {"是": True, "否": False}


@dataclass(frozen=True, slots=True)
class FormFields:
    """What a pack's form asks: rating columns by id, title and scale, text columns by id and title, channels, categories.

    `timed`: hours are proposed, and the time of the contact is asked for.
    """

    ratings: tuple[tuple[str, str, tuple[str, ...]], ...]
    texts: tuple[tuple[str, str], ...]
    channels: tuple[str, ...]
    categories: tuple[str, ...] = ()
    timed: bool = False


def task_fields(form: FormFields, levelled: bool = False) -> tuple[Field, ...]:
    """The columns of the task sheet, the locked ones first; a day is proposed for each call where lists are `levelled`."""
    channels = tuple(title for title, channel in CHANNELS.items() if channel in form.channels)
    return (
        Field("number", "序号", 6),
        Field("code", "任务号", 15),
        Field("call_sheet", "回访单", 13),
        Field("due_on", "截止日期", 12),
        Field("left", "剩余", 9),
        *((Field("planned_on", "建议日期", 12),) if levelled else ()),
        *((Field("hours", "建议时段", 17),) if form.timed else ()),
        Field("rule", "类别", 16),
        Field("why", "依据与说明", 46),
        Field("customer", "客户", 11),
        Field("phone", "电话", 14),
        Field("address", "地址", 24),
        Field("subject", "事项", 22),
        Field("lead", "回访责任人", 13),
        Field("joint", "共同回访部门", 14),
        Field("visited_on", "回访日期", 12, "date"),
        *((Field("contacted_at", "回访时间", 10, "time"),) if form.timed else ()),
        Field("channel", "回访方式", 10, "choice", channels),
        Field("result", "回访结果", 11, "choice", tuple(RESULTS)),
        Field("visitor", "回访人", 11, "text"),
        Field("joint_visitor", "共同回访人", 11, "text"),
        *(Field(name, title, 12, "choice", scale) for name, title, scale in form.ratings),
        *(Field(name, title, 24, "text") for name, title in form.texts),
        Field("customer_signed", "客户已签字", 10, "choice", tuple(YES_NO)),
        Field("solved", "问题已解决", 10, "choice", tuple(YES_NO)),
        *((Field("category", "问题类别", 12, "choice", form.categories),) if form.categories else ()),
        Field("second_visit", "需再次回访", 10, "choice", tuple(YES_NO)),
        Field("agreed_on", "约定日期", 12, "date"),
        Field("check", "校验", 14, hidden=True),
    )


ISSUE_FIELDS = (
    Field("number", "序号", 6),
    Field("code", "问题号", 12),
    Field("due_on", "回复期限", 12),
    Field("left", "剩余", 9),
    Field("cause", "问题", 14),
    Field("category", "问题类别", 12),
    Field("description", "情况", 46),
    Field("area", "片区", 14),
    Field("raised_on", "提出日期", 12),
    Field("plan", "处理计划", 30, "text"),
    Field("solution", "解决措施", 30, "text"),
    Field("solved", "已解决", 9, "choice", tuple(YES_NO)),
    Field("assists", "需协同部门", 12, "text"),
    Field("responder", "回复人", 11, "text"),
    Field("responded_on", "回复日期", 12, "date"),
    Field("extension_until", "申请延期至", 12, "date"),
    Field("extension_reason", "延期理由", 24, "text"),
    Field("extension_approver", "延期批准人", 12, "text"),
    Field("check", "校验", 14, hidden=True),
)

REVIEW_FIELDS = (
    Field("number", "序号", 6),
    Field("code", "审阅号", 12),
    Field("due_on", "审阅期限", 12),
    Field("left", "剩余", 9),
    Field("purpose", "方式", 10),
    Field("task", "任务号", 15),
    Field("rule", "类别", 16),
    Field("customer", "客户", 11),
    Field("subject", "事项", 22),
    Field("visited_on", "回访日期", 12),
    Field("visitor", "回访人", 11),
    Field("said", "评价与意见", 46),
    Field("accurate", "记录属实", 10, "choice", tuple(YES_NO)),
    Field("opinion", "审阅意见", 36, "text"),
    Field("reviewer", "审阅人", 11, "text"),
    Field("check", "校验", 14, hidden=True),
)

HISTORY_FIELDS = (
    Field("number", "序号", 6),
    Field("customer", "客户", 16),
    Field("day", "日期", 12),
    Field("what", "事由", 18),
    Field("said", "情况", 60),
    Field("result", "结果", 20),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One row: locked values and, where a sheet goes back, the answers and what is wrong with them, by field id.

    `choices`: where a row may choose from less than its column.
    """

    values: Mapping[str, str | int | date]
    answers: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def channel_choices(offered: Sequence[str] | None) -> Mapping[str, tuple[str, ...]]:
    """The choices of a row whose list offers only these channels; none of its own where it offers all."""
    if offered is None:
        return {}
    return {"channel": tuple(title for title, channel in CHANNELS.items() if channel in offered)}


@dataclass(frozen=True, slots=True)
class Workbook:
    """A list with its header and rows. `returned`: the rows go back to be corrected."""

    organisation: str
    department: str
    issued_on: date
    batch_code: str
    form: FormFields
    tasks: Sequence[Line]
    issues: Sequence[Line]
    reviews: Sequence[Line] = ()
    history: Sequence[Line] = ()
    levelled: bool = False
    returned: bool = False
    sign_by: str = ""
    hints: tuple[str, ...] = ()


def write(book: Workbook) -> bytes:
    """The workbook as XLSX; the same content gives the same bytes."""
    target = BytesIO()
    workbook = xlsxwriter.Workbook(
        target,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    workbook.set_properties(
        {"title": f"{book.department} 回访清单 {book.issued_on}", "author": book.organisation,
         "created": datetime(book.issued_on.year, book.issued_on.month, book.issued_on.day)}
    )  # fmt: skip
    workbook.set_custom_property("revisit_batch", book.batch_code, "text")
    workbook.set_custom_property("revisit_schema", SCHEMA, "text")
    styles = _Styles(workbook)
    sheets: list[tuple[str, Sequence[Field], Sequence[Line]]] = [
        (TASKS, task_fields(book.form, book.levelled), book.tasks),
        (ISSUES, ISSUE_FIELDS, book.issues),
    ]
    sheets += [(REVIEWS, REVIEW_FIELDS, book.reviews)] if book.reviews else []
    sheets += [(HISTORY, HISTORY_FIELDS, book.history)] if book.history else []
    made = [(workbook.add_worksheet(name), fields, lines) for name, fields, lines in sheets]
    guide, choices = workbook.add_worksheet(GUIDE), workbook.add_worksheet(CHOICES)
    choices.very_hidden()
    ranges = _Ranges(workbook, choices)
    for sheet, fields, lines in made:
        _write_sheet(sheet, styles, ranges, book, fields, lines)
    _write_guide(guide, styles, book)
    first = next((sheet for sheet, _, lines in made if lines), made[0][0])
    first.activate()
    for sheet, _, lines in made:
        if not lines:
            sheet.hide()
    workbook.close()
    return target.getvalue()


class _Styles:
    """The cell formats, each made once."""

    def __init__(self, workbook: Any) -> None:
        base = {"font_name": "微软雅黑", "font_size": 10, "valign": "vcenter"}
        cell = {**base, "border": 1, "border_color": "#BFC5CC", "text_wrap": True}
        answer = {**cell, "bg_color": "#FFF9DB", "locked": False}
        fault = {"bg_color": "#F9D6D2", "font_color": "#8C1D13"}
        self.title = workbook.add_format({**base, "font_size": 14, "bold": True})
        self.note = workbook.add_format({**base, "font_color": "#4A5560"})
        self.label = workbook.add_format({**base, "align": "right", "font_color": "#4A5560"})
        self.header = workbook.add_format(
            {**cell, "bold": True, "bg_color": "#1F4E5F", "font_color": "#FFFFFF", "align": "center"}
        )
        self.header_answer = workbook.add_format(
            {**cell, "bold": True, "bg_color": "#8A6D00", "font_color": "#FFFFFF", "align": "center"}
        )
        self.text = workbook.add_format({**cell, "num_format": "@"})
        self.date = workbook.add_format({**cell, "num_format": "yyyy-mm-dd", "align": "center"})
        self.urgent = workbook.add_format({**cell, "num_format": "@", "bold": True, "font_color": "#A32017"})
        self.answer = workbook.add_format({**answer, "num_format": "@"})
        self.answer_date = workbook.add_format({**answer, "num_format": "yyyy-mm-dd", "align": "center"})
        self.answer_time = workbook.add_format({**answer, "num_format": "hh:mm", "align": "center"})
        self.fault = workbook.add_format({**answer, **fault, "num_format": "@"})
        self.wrap = workbook.add_format({**base, "text_wrap": True, "valign": "top"})


class _Ranges:
    """Named ranges on the hidden sheet, so that a dropdown may be longer than 255 characters."""

    def __init__(self, workbook: Any, sheet: Any) -> None:
        self._workbook, self._sheet, self._names = workbook, sheet, dict[tuple[str, ...], str]()

    def of(self, choices: tuple[str, ...]) -> str:
        if choices not in self._names:
            column = len(self._names)
            self._sheet.write_column(0, column, choices)
            letter = xl_col_to_name(column)
            name = f"choices_{column}"
            self._workbook.define_name(name, f"={CHOICES}!${letter}$1:${letter}${len(choices)}")
            self._names[choices] = name
        return self._names[choices]


def _write_sheet(
    sheet: Any, styles: _Styles, ranges: _Ranges, book: Workbook, fields: Sequence[Field], lines: Sequence[Line]
) -> None:
    fields = (*fields, Field("reasons", "退回原因", 46)) if book.returned else fields
    sheet.set_row(0, 26)
    title = "退回更正" if book.returned else sheet.get_name()
    sheet.write_string(0, 0, f"{book.department}　{title}　{book.issued_on}　共 {len(lines)} 项", styles.title)
    answered = any(column.kind != "locked" for column in fields)
    said = "黄色单元格由您填写，其余请勿改动；填好后原文件交回即可。" if answered else "供回访前查阅，不必填写。"
    sheet.write_string(1, 0, f"批号 {book.batch_code}　{said}", styles.note)
    if answered:
        sheet.write_string(2, 0, "签收人：", styles.label)
        sheet.write_string(2, 1, "", styles.answer)
        sheet.write_string(2, 2, "签收日期：", styles.label)
        sheet.write_blank(2, 3, None, styles.answer_date)
    if answered and book.sign_by:
        sheet.write_string(2, 4, book.sign_by, styles.note)
    sheet.set_row(HEADER_ROW, 30)
    for place, column in enumerate(fields):
        editable = column.kind != "locked"
        sheet.set_column(place, place, column.width, None, {"hidden": column.hidden})
        sheet.write_string(HEADER_ROW, place, column.title, styles.header_answer if editable else styles.header)
    for offset, line in enumerate(lines):
        row = HEADER_ROW + 1 + offset
        sheet.set_row(row, _height(fields, line, 48 if book.returned else 42))
        for place, column in enumerate(fields):
            _write_cell(sheet, styles, row, place, column, line)
    first, last = HEADER_ROW + 1, HEADER_ROW + max(1, len(lines))
    for place, column in enumerate(fields):
        if column.kind == "choice":
            _offer(sheet, ranges, place, column, lines)
        else:
            _validate(sheet, place, column, first, last)
    sheet.autofilter(HEADER_ROW, 0, last, len(fields) - 1)
    sheet.freeze_panes(HEADER_ROW + 1, 4)
    sheet.protect(
        "",
        {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True, "select_locked_cells": True},
    )
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(2 if answered else 1, 0)  # what was asked on the left page, the answers on the right one
    sheet.set_v_pagebreaks([n for n, column in enumerate(fields) if column.kind != "locked"][:1])
    sheet.repeat_columns(0, 1)
    sheet.repeat_rows(0, HEADER_ROW)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer(f"&L{book.organisation}　内部资料，注意保密&C{book.batch_code}&R第 &P 页，共 &N 页")


def _height(fields: Sequence[Field], line: Line, least: int) -> int:
    """The height of a row in points, so that its longest text is seen whole; a Chinese character is as wide as two others."""
    told = {**line.values, "reasons": "；".join(line.faults.values())}
    lines = [
        sum(max(1, -(-sum(1 + (c > "\u02af") for c in part) // column.width)) for part in text.split("\n"))
        for column in fields
        if (text := str(told.get(column.id, "")))
    ]
    return max(least, 14 * max(lines, default=1))


def _write_cell(sheet: Any, styles: _Styles, row: int, place: int, column: Field, line: Line) -> None:
    if column.id == "reasons":
        sheet.write_string(row, place, "；".join(line.faults.values()), styles.urgent)
        return
    if column.kind != "locked":
        text = line.answers.get(column.id, "")
        if column.id in line.faults:
            sheet.write_string(row, place, text, styles.fault)
            sheet.write_comment(row, place, line.faults[column.id], {"author": "", "x_scale": 1.5})
        elif column.kind == "date" and (day := _day(text)):
            sheet.write_datetime(row, place, day, styles.answer_date)
        elif column.kind == "time" and (at := parse_time(text)):
            sheet.write_datetime(row, place, at, styles.answer_time)
        elif text:
            sheet.write_string(row, place, text, styles.answer)
        else:
            blank = {"date": styles.answer_date, "time": styles.answer_time}.get(column.kind, styles.answer)
            sheet.write_blank(row, place, None, blank)
        return
    value = line.values.get(column.id, "")
    if isinstance(value, date):
        sheet.write_datetime(row, place, datetime(value.year, value.month, value.day), styles.date)
    else:
        urgent = column.id == "left" and str(value).startswith(("今", "明", "已"))
        sheet.write_string(row, place, str(value), styles.urgent if urgent else styles.text)


def _day(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _offer(sheet: Any, ranges: _Ranges, place: int, column: Field, lines: Sequence[Line]) -> None:
    """A dropdown for each run of rows that choose from the same."""
    offered = [line.choices.get(column.id, column.choices) for line in lines] or [column.choices]
    row = HEADER_ROW + 1
    for choices, run in groupby(offered):
        end = row + len(list(run)) - 1
        sheet.data_validation(
            row, place, end, place,
            {"validate": "list", "source": f"={ranges.of(choices)}", "error_title": column.title,
             "error_message": "请从下拉列表中选择：" + "、".join(choices)[:200]},
        )  # fmt: skip
        row = end + 1


def _validate(sheet: Any, place: int, column: Field, first: int, last: int) -> None:
    if column.kind == "date":
        sheet.data_validation(
            first, place, last, place,
            {"validate": "date", "criteria": ">=", "value": datetime(2000, 1, 1), "error_title": column.title,
             "error_message": "请填写日期，例如 2026-10-08"},
        )  # fmt: skip
    elif column.kind == "time":
        sheet.data_validation(
            first, place, last, place,
            {"validate": "time", "criteria": "between", "minimum": time(0, 0), "maximum": time(23, 59, 59),
             "error_title": column.title, "error_message": "请填写时间，例如 15:30"},
        )  # fmt: skip


def _write_guide(sheet: Any, styles: _Styles, book: Workbook) -> None:
    sheet.set_column(0, 0, 96)
    steps: tuple[str, ...] = (
        f"{book.organisation}　回访清单填写说明",
        f"1. 本表批号 {book.batch_code}，由系统生成，仅供{book.department}使用。",
        "2. 请先在第三行填写签收人和签收日期，表示已收到本清单。",
        "3. 只填写黄色单元格。任务号、批号等灰色内容已锁定，改动无效。",
        "4. 回访日期写成 2026-10-08 的样子；回访方式、结果、评价和“是／否”请从下拉列表中选择。",
        "5. 同一“回访单”号的任务属于同一位客户，请在一次联系中一并完成，分别填写各行。",
        "6. 未联系上的，请选“未联系上”；期限内仍可再次联系，联系上后改填并重新交回。",
        "7. 上门回访须由客户签字；有共同回访部门的，须填写共同回访人。",
        "8. “待回复问题”请在回复期限前填写处理计划或解决措施；需要延期的，须在到期前申请，写明理由和批准人。",
        "9. 填好后保存，原文件交回。交回多次无妨：相同内容不会重复登记；有误的行会连同原因退回，其余行照常登记。",
        "10. 没有做的行请留空，不必删除。",
        "11. 答应客户另行答复或再次联系的，请填写“约定日期”。",
        *(("12. 回访时间写成 15:30 的样子（24 小时制）；“建议时段”供安排联系时参考。",) if book.form.timed else ()),
        *(f"提示：{hint}" for hint in book.hints),
    )
    if book.reviews:
        steps = (
            f"{book.organisation}　回访记录审阅说明",
            f"1. 本表批号 {book.batch_code}，由系统生成，仅供{book.department}使用。",
            "2. 只填写黄色单元格：“审阅意见”写明对该份记录的意见；“记录属实”请从下拉列表中选择；“审阅人”填写姓名。",
            "3. 方式为“抽查核实”的，请与录音、签字或客户核对后，务必选择“记录属实”。",
            "4. 填好后保存，原文件交回。尚未审阅的行请留空，不必删除；同一份记录以首次交回的意见为准。",
        )
    for row, text in enumerate(steps):
        sheet.write_string(row, 0, text, styles.title if row == 0 else styles.wrap)
    sheet.protect()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
