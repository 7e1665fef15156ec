"""The month's report as page, PDF and workbook: whole, safe, and the same bytes every time."""

import hashlib
import io
import os
import re
import subprocess
import sys
from dataclasses import fields, is_dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pypdf import PdfReader

from factories import a_report, figure, metric
from revisit.app.figures import TREND
from revisit.domain.periods import parse
from revisit.reports.fonts import static_fonts
from revisit.reports.model import Report, TrendPoint
from revisit.reports.render import only_fonts, render_html, render_pdf, render_xlsx, warn_if_slow

CANARY = "<script>alert('回访')</script>&\"'"


@pytest.fixture(scope="module")
def pdf(fonts: Path) -> bytes:
    return render_pdf(a_report(), fonts)


@pytest.fixture(scope="module")
def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


@pytest.fixture(scope="module")
def book() -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(render_xlsx(a_report())))


def everywhere(value: Any, text: str) -> Any:
    """The same value with `text` in every field of free text."""
    if is_dataclass(value) and not isinstance(value, type):
        kept = {"scope", "target", "rate", "metric", "id", "kind"}
        return replace(
            value, **{f.name: everywhere(getattr(value, f.name), text) for f in fields(value) if f.name not in kept}
        )
    if isinstance(value, tuple):
        return tuple(everywhere(item, text) for item in value)
    return text if isinstance(value, str) else value


def over(name: str) -> Report:
    """The rich report as if it were about another period, with a trend of its own."""
    period = parse(name)
    metrics = a_report().metrics
    trend = tuple(
        TrendPoint(
            m.id, period.back(back), *((m.total.numerator, m.total.denominator) if back == 0 else (19 - back, 20))
        )
        for m in metrics
        for back in reversed(range(TREND[period.kind]))
    )
    return a_report(period=period, cut_off=period.last, trend=trend)


def empty(**changes: Any) -> Report:
    nothing = replace(metric("K09"), figures=(figure(numerator=0, late=0, missed=0, pending=0, excused=0),))
    return a_report(
        metrics=(nothing,), satisfaction=(), trend=(), repeats=(), unsatisfactory=(), issues=(), draws=(), quality=(),
        defaults=(), guidance=(), chain=(), invented=False, **changes,
    )  # fmt: skip


# The page


def test_the_page_holds_no_script_and_loads_nothing():
    page = render_html(a_report())
    assert "<script" not in page
    assert "javascript:" not in page
    assert not re.search(r"https?://", page)
    assert not re.search(r"\b(src|data|action|poster)=", page)
    assert "@import" not in page
    assert "url(" not in page
    assert all(target.startswith("#") for target in re.findall(r'href="([^"]*)"', page))


def test_every_free_text_is_escaped():
    page = render_html(everywhere(a_report(restated=(("引用", "原", "今"),)), CANARY))
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(&#39;回访&#39;)&lt;/script&gt;&amp;&#34;&#39;") > 100


def test_every_chart_is_named_for_who_cannot_see_it():
    page = render_html(a_report())
    charts = re.findall(r"<svg[^>]*>\s*<title>[^<]+</title>", page)
    assert len(charts) == page.count("<svg")
    assert all('role="img"' in chart for chart in charts)


def test_every_figure_carries_the_reference_that_explain_accepts():
    page = render_html(a_report())
    for reference in ("K09/2026-10", "K09/2026-10/D01", "K13/2026-10/A08"):
        assert f'<span class="ref">{reference}</span>' in page


def test_the_first_page_says_what_management_should_know():
    page = render_html(a_report())
    assert re.findall(r'<ol class="say">(.*?)</ol>', page, re.DOTALL)[0].split("</li>")[:-1] == [
        "\n<li>本月共统计6项回访指标，其中2项达标、3项未达标，另有1项本月无应回访事项。",
        "\n<li>投诉回访率为95.7%，低于目标100.0%；维修回访率为96.4%，低于目标100.0%；特约服务回访率为29.8%，低于目标30.0%；"
        "差距最大的部门为工程维修部（投诉回访率差8.3个百分点），请予关注。",
        "\n<li>到期未按期回访18次，其中逾期完成12次、未完成6次；截止日尚未到期的25次不计入回访率。",
        "\n<li>与上月相比，投诉回访率上升0.2个百分点，特约服务回访率下降1.4个百分点。",
        "\n<li>已评价的533次回访中，满意508次，满意率95.3%；结果不合格5次，重复投诉、重复维修3起。",
        "\n<li>截至统计截止日，未办结事项4件，其中已逾期2件，最长逾期12个工作日，请责任部门尽快办结。",
    ]


def test_a_month_without_anything_says_so_politely():
    page = render_html(empty())
    for sentence in (
        "本月没有已到期的应回访事项，回访率无从计算。",
        "本月没有住户评价。",
        "各部门没有未办结的事项。",
        "本月没有发现同一事项连续投诉或同种维修重复。",
        "本月没有进行抽样。",
    ):
        assert sentence in page
    assert page.startswith("<!DOCTYPE html>")
    assert not re.search(r"[^0-9]0\.0%", page)
    assert "虚构" not in page


@pytest.mark.parametrize(
    ("name", "said", "never"),
    [
        ("2026Q3", ("回访统计季报", "2026年第三季度", "本季度概览", "与上季度相比", "八个季度趋势", "K09/2026Q3/D01"),
         "月报|年报"),
        ("2026H1", ("回访统计半年报", "2026年上半年", "本半年度概览", "与上一半年度相比", "近三年各半年度趋势", "K09/2026H1/D01"),
         "月报|季报"),
        ("2026", ("回访统计年报", "2026年度", "本年度概览", "与上年度相比", "五年趋势", "较上年", "K09/2026/D01"),
         "月报|季报|环比"),
    ],
)  # fmt: skip
def test_a_report_about_another_period_never_speaks_of_the_month(name, said, never):
    report = replace(over(name), defaults=())  # a default is told in the words of its pack
    book = openpyxl.load_workbook(io.BytesIO(render_xlsx(report)))
    cells = "".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    for text in (
        render_html(report),
        render_html(replace(report, satisfaction=(), unsatisfactory=(), repeats=())),
        cells,
    ):
        assert not re.search("本月|上月|月份|各月|该月|月度|个月趋势|" + never, text)
    for words in said:
        assert words in render_html(report)


def test_a_half_year_without_anything_says_so_politely():
    page = render_html(empty(period=parse("2026H1")))
    for sentence in (
        "本半年度没有已到期的应回访事项",
        "本半年度没有住户评价。",
        "尚无各半年度的统计数据。",
        "本半年度没有进行抽样。",
    ):
        assert sentence in page
    assert "本月" not in page


def test_places_given_on_are_told_by_stratum_with_their_reasons():
    assert "<li>特约服务回访（工程维修部　2026-10）：替换 2 件：迁出 1、联系不上 1</li>" in render_html(a_report())
    assert "替换不改变该层抽中的件数" in render_html(a_report())
    assert "替换" not in render_html(empty())
    assert "替换" not in render_html(
        replace(a_report(), draws=tuple(d for d in a_report().draws if not d.substitutions))
    )


def test_only_invented_data_is_called_invented():
    assert "本报告为示例数据（虚构）" in render_html(a_report())
    assert "本报告为示例数据（虚构）" not in render_html(a_report(invented=False))


# The PDF


def test_the_pdf_is_the_same_bytes_in_another_process_with_fonts_elsewhere(pdf, fonts, tmp_path):
    for font in fonts.glob("*.ttf"):
        (tmp_path / font.name).write_bytes(font.read_bytes())
    code = (
        "import hashlib, pathlib, factories; from revisit.reports.render import render_pdf; "
        f"print(hashlib.sha256(render_pdf(factories.a_report(), pathlib.Path({str(tmp_path)!r}))).hexdigest())"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert told.stdout.split()[-1] == hashlib.sha256(pdf).hexdigest()


def test_the_pdf_is_dated_by_its_cut_off_and_named_by_its_content(pdf):
    reader = PdfReader(io.BytesIO(pdf))
    assert reader.metadata.creation_date.date() == date(2026, 11, 3)
    assert reader.metadata.title == "云栖花园物业服务有限公司 回访统计月报 2026年10月"
    assert reader.trailer["/ID"][0] == a_report().sha256()[:32]


def test_the_pdf_embeds_two_chinese_fonts_and_no_other(pdf):
    found = {}
    for page in PdfReader(io.BytesIO(pdf)).pages:
        for font in page["/Resources"]["/Font"].values():
            descendant = font["/DescendantFonts"][0]
            found[font["/BaseFont"].split("+")[1]] = "/FontFile2" in descendant["/FontDescriptor"]
    assert found == {"Revisit-Sans-SC": True, "Revisit-Sans-SC-Bold": True}


def test_the_pdf_is_tagged_and_says_its_language(pdf):
    catalogue = PdfReader(io.BytesIO(pdf)).root_object
    assert catalogue["/MarkInfo"]["/Marked"].value is True
    assert catalogue["/Lang"] == "zh-CN"
    assert b"pdfuaid" in catalogue["/Metadata"].get_data()


def test_the_contents_give_the_pages_where_the_chapters_are(pages):
    listed = dict(re.findall(r"^[一二三四五六七八九十]+\s+(\S+?)\s*\.+\s*(\d+)$", pages[1], re.MULTILINE))
    assert listed["本月概览"] == "3"
    assert listed["满意度"] == "11"
    assert len(listed) == 11
    for title, number in listed.items():
        assert re.search(rf"[一二三四五六七八九十]+\s+{title}", pages[int(number) - 1])


def test_the_bookmarks_follow_the_chapters(pdf):
    outline = PdfReader(io.BytesIO(pdf)).outline
    chapters = [entry["/Title"] for entry in outline if not isinstance(entry, list)]
    assert chapters == [
        "封面", "目　录", "一　本月概览", "二　回访指标", "三　十三个月趋势", "四　满意度",
        "五　不合格结果与未办结事项", "六　重复投诉与重复维修", "七　抽样情况", "八　数据质量",
        "九　采用的默认值与指引", "十　统计口径", "十一　编制、审核与审定",
    ]  # fmt: skip


def test_every_page_but_the_cover_carries_its_number(pages):
    assert len(pages) == 15
    assert "共" not in pages[0].replace("共享", "")
    for number, text in enumerate(pages[1:], 2):
        assert f"第 {number} 页，共 15 页" in text


def test_the_cover_says_whose_report_it_is(pages):
    for words in (
        "云栖花园物业服务有限公司", "回访统计月报", "2026年10月", "《物业客户回访作业规程》", "QW-21-14（A/0）",
        "2026年11月3日", "本报告为示例数据（虚构）", "片区管理员　沈若岚", "主任助理　贺子谦", "管理处主任　顾明远",
    ):  # fmt: skip
        assert words in pages[0]


def test_a_table_longer_than_a_page_repeats_its_head(fonts):
    areas = tuple(figure("area", f"A{i:02}", f"第{i}组团") for i in range(40))
    report = a_report(metrics=(replace(metric("K09"), figures=(figure(), *areas)),))
    texts = [page.extract_text() for page in PdfReader(io.BytesIO(render_pdf(report, fonts))).pages]
    holding = [text for text in texts if "K09/2026-10/A" in text and "应回访" in text]
    assert len(holding) == len([text for text in texts if "K09/2026-10/A" in text]) >= 2


def test_an_empty_month_still_makes_a_whole_pdf(fonts):
    texts = [page.extract_text() for page in PdfReader(io.BytesIO(render_pdf(empty(), fonts))).pages]
    assert "编制、审核与审定" in texts[-1]


def test_hostile_text_makes_the_pdf_load_nothing(fonts, tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"x")
    report = everywhere(a_report(), f'<img src="{secret.as_uri()}">')
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(render_pdf(report, fonts))).pages)
    assert "<img" in text


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/x", "file:///etc/hostname", "data:text/plain,x", "FILE:///etc/hostname"]
)
def test_the_pdf_maker_opens_nothing_but_the_fonts(fonts, address):
    font = (fonts / "NotoSansSC-400.ttf").resolve().as_uri()
    fetcher = only_fonts(frozenset({font}))
    assert fetcher.fetch(font).read(4) == b"\x00\x01\x00\x00"
    with pytest.raises(ValueError, match="loads nothing but its fonts"):
        fetcher.fetch(address)


def test_the_fonts_are_cut_once_and_leave_nothing_behind(fonts):
    before = {path: path.stat().st_mtime_ns for path in fonts.iterdir()}
    assert [path.name for path in static_fonts(fonts)] == ["NotoSansSC-400.ttf", "NotoSansSC-700.ttf"]
    assert {path: path.stat().st_mtime_ns for path in fonts.iterdir()} == before
    assert [path.name for path in fonts.iterdir() if path.name.startswith(".")] == []


def test_the_fast_font_library_is_present_here():
    assert warn_if_slow() is False


# The workbook


def test_the_workbook_is_the_same_bytes_twice():
    assert render_xlsx(a_report()) == render_xlsx(a_report())


def test_the_workbook_has_a_sheet_for_each_part(book):
    assert book.sheetnames == ["说明", "指标", "趋势", "满意度", "重复", "不合格", "未办结", "抽样", "数据质量"]


def test_the_workbook_holds_the_figures_of_the_report(book):
    head, *rows = book["指标"].iter_rows(values_only=True)
    by_reference = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    assert len(by_reference) == 6 * 13
    for given in (f for m in a_report().metrics for f in m.figures):
        name = f"{given.metric}/2026-10" + (f"/{given.scope_code}" if given.scope_code else "")
        row = by_reference[name]
        assert (row["应回访"], row["按期"], row["未到期"]) == (given.denominator, given.numerator, given.pending)
        assert row["回访率"] == ("—" if given.rate is None else pytest.approx(float(given.rate)))
    assert by_reference["K10/2026-10/D02"]["按期"] == 99
    assert by_reference["K10/2026-10/D02"]["达标"] == "未达标"


def test_the_workbook_names_the_places_given_on(book):
    head, *rows = book["抽样"].iter_rows(values_only=True)
    assert [row[head.index("替换")] for row in rows] == ["", "迁出 1、联系不上 1", "", "", "", ""]


def test_no_cell_is_a_formula_or_a_link_whatever_it_begins_with():
    for text in ("=1+1", "@SUM(A1)", "+1", "https://example.invalid/"):
        book = openpyxl.load_workbook(io.BytesIO(render_xlsx(everywhere(a_report(), text))))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == text]
        assert len(cells) > 20
        assert all(cell.data_type == "s" and cell.hyperlink is None for cell in cells)


def test_the_heads_stay_in_sight_and_print_on_every_page(book):
    for sheet in book:
        assert sheet.freeze_panes == "B2"
        assert sheet.print_title_rows == "$1:$1"


def test_rates_are_numbers_shown_as_percentages(book):
    cell = book["指标"]["O2"]
    assert (cell.number_format, cell.data_type) == ("0.0%", "n")
