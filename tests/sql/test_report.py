"""The month's report: frozen, explained, signed by two people, sent once."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from month import GOOD, amend, arrive, complaint, every, fill, one, repair
from revisit.app import report
from revisit.app.collect import collect
from revisit.app.context import Context
from revisit.app.explain import explain
from revisit.app.publish import publish
from revisit.domain.periods import parse
from revisit.errors import ApprovalError, RevisitError
from revisit.policy.model import Metric
from revisit.reports.model import from_json
from revisit.reports.view import terms

MONTH, LAST = parse("2026-10"), date(2026, 10, 31)
AT = datetime(2026, 10, 31, 12, tzinfo=UTC)
PQ = "property-qw-21-14"


@pytest.fixture
def month(ctx: Context) -> Context:
    """Four complaints: one in time, one late, one missed, one still open at the cut-off; and a repair cancelled."""
    arrive(ctx, date(2026, 10, 8), *(complaint(f"K{n}", "2026-10-08", customer=f"C{n}") for n in range(3)))
    (only,) = publish(ctx, date(2026, 10, 8))
    in_time, late = {**GOOD, "visited_on": date(2026, 10, 9)}, {**GOOD, "visited_on": date(2026, 10, 20)}
    fill(ctx, Path(only.file), [in_time, late])
    collect(ctx, date(2026, 10, 20))
    arrive(ctx, LAST, complaint("K9", "2026-10-31", customer="C9"), repair("R1", "2026-10-12", state="cancelled"))
    return ctx


def drafted(ctx: Context) -> int:
    return next(d.report_id for d in report.draft(ctx, MONTH, LAST) if d.pack == PQ)


def test_a_rate_tells_in_time_late_missed_pending_and_excused_apart(month: Context) -> None:
    _, content = report.load(month, drafted(month))
    complaints, repairs = (next(m for m in content.metrics if m.id == k).total for k in ("K09", "K10"))
    assert (complaints.numerator, complaints.late, complaints.missed, complaints.pending) == (1, 1, 1, 1)
    assert complaints.denominator == 3
    assert (repairs.denominator, repairs.excused, repairs.rate) == (0, 1, None)


def test_every_figure_leads_back_to_its_rows(month: Context) -> None:
    drafted(month)
    (found,) = explain(month, "K09/2026-10", LAST)
    assert "1/3" in found.sentence
    listed = dict(found.facts)
    assert [len(listed[name]) for name in listed] == [1, 1, 1, 1]
    (part,) = explain(month, "K09/2026-10/JX01", LAST)
    assert "1/3" in part.sentence
    (english,) = explain(month, "K09/2026-10", LAST, "en")
    assert english.sentence == f"K09/2026-10: {PQ}: 1/3."
    assert [name for name, _ in english.facts] == [
        f"{PQ} done in time 1", f"{PQ} done late 1", f"{PQ} expired without a contact 1", f"{PQ} not due yet 1"
    ]  # fmt: skip


def test_a_task_is_explained_by_clause_calendar_and_version(month: Context) -> None:
    key = one(month, "select event_id, rule_id, round from task join event using (event_id) where event_key = 'K0'")
    (found,) = explain(month, f"T{key.event_id}-{key.rule_id}-{key.round}", LAST)
    assert found.sentence == (
        f"{found.subject} 应回访：投诉回访（QW-21-14，PQ-03），2026-10-08 起算，2026-10-08 至 2026-10-11 回访；该类全数回访。"
        "已列入清单 20261008-JX-KF1 第 1 行，按期完成。"
    )
    facts = dict(found.facts)
    assert facts["期限"][2] == "最迟 2026-10-11（星期日，含当日）：起算日之后3天"
    assert facts["办理"][2] == "回访单 H1008-1，尚未签收"
    assert explain(month, "orders/K0", LAST)[0].sentence == found.sentence


def test_what_is_on_no_list_is_explained_too(month: Context) -> None:
    assert "来源系统已撤销" in explain(month, "orders/R1", LAST)[0].sentence
    with pytest.raises(RevisitError, match="there is no event or task 'orders/none'"):
        explain(month, "orders/none", LAST)


def test_a_closed_month_does_not_change_and_the_next_report_restates_it(month: Context) -> None:
    report_id = drafted(month)
    _, before = report.load(month, report_id)
    report.render_files(month, report_id)
    report.review(month, report_id, "reviewer", True, "", AT)
    report.approve(month, report_id, "director", True, "", AT)
    arrive(month, date(2026, 11, 5), complaint("LATE", "2026-10-09", customer="C7"))
    assert drafted(month) == report_id
    assert report.load(month, report_id)[1] == before
    november = next(d for d in report.draft(month, parse("2026-11"), date(2026, 11, 30)) if d.pack == PQ)
    assert ("K09 2026-10", "1/3", "1/5") in report.load(month, november.report_id)[1].restated


def test_a_snapshot_gives_the_same_bytes_again(month: Context) -> None:
    report_id = drafted(month)
    assert report.render_files(month, report_id) == report.render_files(month, report_id)


def test_nobody_approves_what_they_reviewed_and_nothing_unapproved_is_sent(month: Context) -> None:
    report_id = drafted(month)
    report.render_files(month, report_id)
    with pytest.raises(ApprovalError, match="not reviewed"):
        report.approve(month, report_id, "director", True, "", AT)
    with pytest.raises(ApprovalError, match="only an approved report"):
        report.send(month, report_id, LAST)
    with pytest.raises(ApprovalError, match="Ask somebody else"):
        report.review(month, report_id, "客户服务部", True, "", AT)
    report.review(month, report_id, "reviewer", True, "", AT)
    with pytest.raises(ApprovalError, match="Ask somebody else"):
        report.approve(month, report_id, "reviewer", True, "", AT)
    report.approve(month, report_id, "director", True, "启动", AT)
    assert report.send(month, report_id, LAST) == 3
    assert report.send(month, report_id, LAST) == 0
    assert one(month, "select state from report where report_id = :id", id=report_id).state == "sent"


def test_a_file_changed_after_its_approval_is_not_sent(month: Context) -> None:
    report_id = drafted(month)
    report.render_files(month, report_id)
    report.review(month, report_id, "reviewer", True, "", AT)
    report.approve(month, report_id, "director", True, "", AT)
    row, _ = report.load(month, report_id)
    path = report.file_of(month, row, "pdf")
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(ApprovalError, match="is not what was approved"):
        report.send(month, report_id, LAST)


def test_a_returned_report_is_drafted_anew_as_the_next_revision(month: Context) -> None:
    report_id = drafted(month)
    report.review(month, report_id, "reviewer", False, "请补充", AT)
    again = next(d for d in report.draft(month, MONTH, LAST) if d.pack == PQ)
    assert (again.revision, again.state) == (2, "drafted")


def test_the_workbook_has_the_figures_of_the_page(month: Context) -> None:
    report_id = drafted(month)
    report.render_files(month, report_id)
    row, content = report.load(month, report_id)
    sheet = load_workbook(report.file_of(month, row, "xlsx"))["指标"]
    rows = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert any("K09/2026-10" in map(str, line) and 3 in line and 1 in line for line in rows)
    assert content.sha256() == row.snapshot_sha256


def test_repeats_of_the_month_are_found_with_masked_names(month: Context) -> None:
    arrive(month, LAST, complaint("K10", "2026-10-30", customer="C1"))
    report_id = drafted(month)
    _, content = report.load(month, report_id)
    assert [(r.matter, r.times) for r in content.repeats if r.detection == "same-matter"] == [("水管渗漏", 2)]
    assert every(month, "select 1 from report_row")


def test_a_rate_of_what_was_planned_leaves_out_who_was_not_drawn(ctx: Context) -> None:
    on, cut_off = date(2026, 10, 8), date(2026, 11, 30)
    arrive(ctx, on, *({"key": f"P{n}", "kind": "publication.received", "happened": str(on), "customer": f"C{n}"}
                      for n in range(30)))  # fmt: skip
    (only,) = publish(ctx, on)
    assert only.tasks == 3  # drawn at 10 %
    fill(ctx, Path(only.file), [{**GOOD, "visited_on": on}])
    collect(ctx, on)
    metrics = ctx.packs[PQ].pack.metrics
    planned = [one.model_copy(update={"base": "planned"}) if one.id == "K13" else one for one in metrics]
    found: dict[str, tuple[object, ...]] = {}
    for base, given in (("eligible", metrics), ("planned", tuple(planned))):
        amend(ctx, metrics=given)
        number = next(d.report_id for d in report.draft(ctx, MONTH, cut_off) if d.pack == PQ)
        _, content = report.load(ctx, number)
        assert from_json(content.to_json()) == content
        metric = next(m for m in content.metrics if m.id == "K13")
        point = next(p for p in content.trend if (p.metric, p.period) == ("K13", MONTH))
        shown = (metric.total.numerator, metric.total.denominator)
        assert (point.numerator, point.denominator) == shown
        (explained,) = explain(ctx, "K13/2026-10", cut_off)
        assert f"{PQ}：{shown[0]}/{shown[1]}" in explained.sentence
        eligible = next(s.population for s in content.satisfaction if s.name == "报刊及文体活动回访")
        meant = any(term.name == "以计划为准" for term in terms(content))
        assert ("未抽中的只列出，不计入分母" in metric.definition, meant) == (base == "planned", base == "planned")
        assert "规定比例10%" in metric.definition
        found[base] = (*shown, metric.total.not_drawn, metric.total.target, eligible)
        report.review(ctx, number, "reviewer", False, "请补充", AT)
    assert found == {"eligible": (1, 30, 27, "1/10", 30), "planned": (1, 3, 27, "1", 30)}


def test_people_are_assessed_where_the_regulation_asks_for_it(month: Context) -> None:
    pack = month.packs[PQ].pack
    mean = Metric.model_validate({"id": "K05", "clause": "PQ-31", "name": "综合", "mean": {"of": ["K09", "K91"]}})
    by = pack.report.model_copy(update={"by": ("department", "area", "person")})
    amend(month, report=by, metrics=(*pack.metrics, mean))
    names = {row.lead_name for row in every(month, "select distinct lead_name from list_line")}
    report_id = drafted(month)
    row, content = report.load(month, report_id)
    (complaints,) = [one for one in content.metrics if one.id == "K09"]
    assert {figure.scope_name for figure in complaints.of("person")} == names
    assert sum(figure.numerator for figure in complaints.of("person")) == complaints.total.numerator == 1
    assert sum(figure.denominator for figure in complaints.of("person")) == 3
    (composed,) = content.scores
    assert names < {line.name for line in composed.rows}
    report.render_files(month, report_id)
    assert "按人员" in report.file_of(month, row, "html").read_text("utf-8")
    (told,) = explain(month, f"K09/2026-10/{min(names)}", LAST)
    assert "1/" in told.sentence


def test_people_are_not_named_where_the_regulation_does_not_ask_for_it(month: Context) -> None:
    _, content = report.load(month, drafted(month))
    assert [metric.of("person") for metric in content.metrics] == [()] * len(content.metrics)
    assert {row.person for row in every(month, "select person from report_row")} == {""}
