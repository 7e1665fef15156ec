"""The report's figures as a workbook: one tidy table a sheet, numbers as numbers, text always as text."""

from datetime import date, datetime, time
from fractions import Fraction
from io import BytesIO
from typing import Any

import xlsxwriter

from revisit.reports import words
from revisit.reports.model import Report
from revisit.reports.sheets import Cell, Kind, Sheet, sheets


def render_xlsx(report: Report) -> bytes:
    """The same figures as the page shows. No cell holds a formula or a link, whatever its text begins with."""
    made = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(made, options) as book:
        book.set_properties(
            {
                "title": f"{report.organisation} {words.report_name(report.period.kind)} {words.period(report.period)}",
                "author": report.drafted_by,
                "created": datetime.combine(report.cut_off, time.min),
            }
        )
        formats = _formats(book)
        for sheet in sheets(report):
            _write(book, formats, sheet, report)
    return made.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    base = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top", "bottom": 1, "bottom_color": "#D5DEE1"}
    head = {
        **base,
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": "#0B4F5C",
        "text_wrap": True,
        "valign": "vcenter",
    }
    shown = {
        "head": head | {"indent": 1},
        "head of numbers": head | {"align": "right"},
        "text": base | {"text_wrap": True, "num_format": "@", "indent": 1},
        "number": base | {"num_format": "0"},
        "count": base | {"num_format": "#,##0"},
        "rate": base | {"num_format": "0.0%"},
        "fine": base | {"num_format": "0.00%"},
        "none": base | {"align": "right"},
        "day": base | {"num_format": "yyyy-mm-dd", "align": "left", "indent": 1},
    }
    return {name: book.add_format(properties) for name, properties in shown.items()}


def _write(book: Any, formats: dict[str, Any], sheet: Sheet, report: Report) -> None:
    page = book.add_worksheet(sheet.name)
    for at, column in enumerate(sheet.columns):
        page.set_column(at, at, column.width)
        words_below = column.kind in ("text", "day")
        page.write_string(0, at, column.name, formats["head" if words_below else "head of numbers"])
    page.set_row(0, 30)
    for line, row in enumerate(sheet.rows, 1):
        for at, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
            _cell(page, formats, line, at, column.kind, value)
    page.freeze_panes(1, 1)
    if sheet.rows:
        page.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.6)
    notice = "&C本报告为示例数据（虚构）" if report.invented else ""
    page.set_header(f"&L{report.organisation.replace('&', '&&')[:80]}{notice}&R{sheet.name}")
    page.set_footer(f"&L{words.report_name(report.period.kind)} {words.period(report.period)}&R第 &P 页，共 &N 页")


def _cell(page: Any, formats: dict[str, Any], line: int, at: int, kind: Kind, value: Cell) -> None:
    match value:
        case None if kind == "rate":
            page.write_string(line, at, words.NONE, formats["none"])
        case None:
            page.write_blank(line, at, None, formats[kind])
        case Fraction():
            page.write_number(line, at, float(value), formats["rate" if _rounds(value) else "fine"])
        case date():
            page.write_datetime(line, at, value, formats["day"])
        case int():
            page.write_number(line, at, value, formats[kind])
        case str():
            page.write_string(line, at, value, formats["text"])


def _rounds(rate: Fraction) -> bool:
    """Whether one decimal would not turn less than a whole into 100.0% or more than nothing into 0.0%."""
    return rate in (0, 1) or Fraction(1, 2000) <= rate < Fraction(1999, 2000)
