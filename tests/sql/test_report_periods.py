"""Reports about other periods than the month: what is counted, what is drafted when, what is said later."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from sqlalchemy import text

from month import GOOD, amend, arrive, complaint, every, fill, one, repair
from revisit.app import report
from revisit.app.collect import collect
from revisit.app.context import Context
from revisit.app.explain import explain
from revisit.app.keep import keep
from revisit.app.publish import publish
from revisit.domain.periods import Kind, parse
from revisit.errors import ConfigError, RevisitError
from revisit.reports.model import Metric, Report, TrendPoint

PQ, PM = "property-qw-21-14", "property-3-22"
AT = datetime(2026, 6, 30, 12, tzinfo=UTC)
FIRST_HALF, JUNE = parse("2026H1"), date(2026, 6, 30)


def reports_by(ctx: Context, kind: Kind) -> None:
    """The pack of the line jinxiu with another period of its report."""
    amend(ctx, report=ctx.packs[PQ].pack.report.model_copy(update={"period": kind}))


def answered(ctx: Context, on: date, visited: Mapping[str, date]) -> None:
    """Complaints of a day, each called on the day given."""
    arrive(ctx, on, *(complaint(key, str(on), customer=f"C-{key}") for key in visited))
    (listed,) = publish(ctx, on)
    fill(ctx, Path(listed.file), [{**GOOD, "visited_on": day} for day in visited.values()])
    collect(ctx, max(visited.values()))


@pytest.fixture
def half(ctx: Context) -> Context:
    """February: two complaints called in time. May: one in time, one late. One in June that nobody called; one of July."""
    reports_by(ctx, "half_year")
    answered(ctx, date(2026, 2, 3), {"F1": date(2026, 2, 4), "F2": date(2026, 2, 5)})
    answered(ctx, date(2026, 5, 11), {"M1": date(2026, 5, 12), "M2": date(2026, 5, 20)})
    arrive(ctx, date(2026, 6, 8), complaint("J1", "2026-06-08", customer="C-J1"))
    arrive(ctx, date(2026, 7, 1), complaint("N1", "2026-07-01", customer="C-N1"))
    return ctx


def drafted(ctx: Context, name: str = "2026H1", cut_off: date = JUNE, revise: bool = False) -> tuple[int, Report]:
    (found,) = report.draft(ctx, parse(name), cut_off, revise)
    return found.report_id, report.load(ctx, found.report_id)[1]


def of(content: Report, id: str) -> Metric:
    return next(metric for metric in content.metrics if metric.id == id)


def test_a_half_year_counts_the_records_of_all_its_months(half: Context) -> None:
    _, content = drafted(half)
    total = of(content, "K09").total
    assert (total.numerator, total.late, total.missed, total.pending) == (3, 1, 1, 0)  # F1 F2 M1; M2; J1
    assert total.rate == Fraction(3, 5)
    assert (content.period, content.due_on) == (FIRST_HALF, date(2026, 7, 7))
    assert of(content, "K09").definition.startswith("起算日在本半年度的投诉回访中")
    assert [point.period.name for point in content.trend if point.metric == "K09"] == [
        "2023H2", "2024H1", "2024H2", "2025H1", "2025H2", "2026H1",
    ]  # fmt: skip
    assert content.trend[5] == TrendPoint("K09", FIRST_HALF, 3, 5)


def test_the_next_half_year_is_compared_with_this_one_and_each_figure_leads_to_its_rows(half: Context) -> None:
    drafted(half)
    _, second = drafted(half, "2026H2", date(2026, 12, 31))
    assert [(p.numerator, p.denominator) for p in second.trend if p.metric == "K09"][-2:] == [(3, 5), (0, 1)]
    (found,) = explain(half, "K09/2026H1", JUNE)
    assert "3/5" in found.sentence
    assert [len(lines) for _, lines in found.facts] == [3, 1, 1]
    with pytest.raises(RevisitError, match="no report has the figure K09/2026-05"):
        explain(half, "K09/2026-05", JUNE)


def test_only_those_whose_period_ends_are_drafted(half: Context) -> None:
    may = report.draft_ended(half, date(2026, 5, 31))
    assert [(one.pack, one.period) for one in may] == [(PM, "2026-05")]
    june = report.draft_ended(half, JUNE)
    assert [(one.pack, one.period) for one in june] == [(PQ, "2026H1"), (PM, "2026-06")]
    assert report.draft_ended(half, date(2026, 6, 15)) == []
    assert report.draft_ended(half, JUNE) == june


def test_a_version_that_begins_later_does_not_change_the_report_of_an_earlier_period(ctx: Context) -> None:
    pack = ctx.packs[PQ].pack
    later = pack.model_copy(
        update={
            "effective": pack.effective.model_copy(update={"from_": date(2026, 7, 1)}),
            "report": pack.report.model_copy(update={"period": "half_year"}),
        }
    )
    ctx.pack_versions[max(ctx.pack_versions) + 1] = later
    ctx.packs[PQ] = replace(ctx.packs[PQ], pack=later)
    assert [one.period for one in report.draft_ended(ctx, JUNE)] == ["2026-06", "2026-06"]
    assert [(one.pack, one.period) for one in report.draft_ended(ctx, date(2026, 7, 31))] == [(PM, "2026-07")]
    assert [one.period for one in report.draft_ended(ctx, date(2026, 12, 31))] == ["2026H2", "2026-12"]


@pytest.mark.parametrize(
    ("kind", "days"),
    [
        ("quarter", [date(2026, 3, 31), date(2026, 6, 30), date(2026, 9, 30), date(2026, 12, 31)]),
        ("half_year", [date(2026, 6, 30), date(2026, 12, 31)]),
        ("year", [date(2026, 12, 31)]),
    ],
)
def test_a_year_of_month_ends_drafts_each_period_once(ctx: Context, kind: Kind, days: list[date]) -> None:
    reports_by(ctx, kind)
    ends = [parse(f"2026-{month:02}").last for month in range(1, 13)]
    found = [on for on in ends for one in report.draft_ended(ctx, on) if one.pack == PQ]
    assert found == days


def test_a_period_of_another_kind_is_refused_with_the_right_ones(half: Context) -> None:
    with pytest.raises(ConfigError, match=rf"no report is about 2026Q2.*{PQ} \(2026H1\), {PM} \(2026-06\)"):
        report.draft(half, parse("2026Q2"), JUNE)
    with pytest.raises(ConfigError, match=rf"no report is about 2026-05.*the period of {PQ} \(2026H1\)\."):
        report.draft(half, parse("2026-05"), JUNE, pack=PQ)
    with pytest.raises(ConfigError, match="the pack 'nobody' is not in use"):
        report.draft(half, FIRST_HALF, JUNE, pack="nobody")


def sent(ctx: Context, report_id: int) -> None:
    report.render_files(ctx, report_id)
    report.review(ctx, report_id, "reviewer", True, "", AT)
    report.approve(ctx, report_id, "director", True, "", AT)
    report.send(ctx, report_id, JUNE)


def test_a_half_year_that_was_reported_is_restated_and_not_changed(half: Context) -> None:
    report_id, before = drafted(half)
    sent(half, report_id)
    arrive(half, date(2026, 8, 5), complaint("LATE", "2026-03-09", customer="C-L"))
    assert drafted(half) == (report_id, before)
    _, second = drafted(half, "2026H2", date(2026, 12, 31))
    assert second.restated == (("K09 2026H1", "3/5", "3/6"),)
    revised, content = drafted(half, cut_off=date(2026, 8, 5), revise=True)
    assert revised != report_id
    assert (content.revision, of(content, "K09").total.rate) == (2, Fraction(1, 2))


def test_a_month_and_a_half_year_that_begin_alike_are_two_reports(half: Context) -> None:
    reports_by(half, "month")
    report_id, january = drafted_of(half, "2026-01", date(2026, 1, 31))
    sent(half, report_id)
    reports_by(half, "half_year")
    _, content = drafted(half)
    assert january.period.first == content.period.first
    assert content.restated == ()
    assert (of(january, "K09").total.denominator, of(content, "K09").total.denominator) == (0, 5)


def drafted_of(ctx: Context, name: str, cut_off: date) -> tuple[int, Report]:
    (found,) = report.draft(ctx, parse(name), cut_off, pack=PQ)
    return found.report_id, report.load(ctx, found.report_id)[1]


def test_the_mail_and_the_files_are_named_by_the_half_year(half: Context) -> None:
    report_id, content = drafted(half)
    sent(half, report_id)
    subjects = {row.subject for row in every(half, "select subject from outbox where kind = 'report'")}
    assert subjects == {f"【回访半年报】{content.title} 2026年上半年"}
    row, _ = report.load(half, report_id)
    assert report.file_of(half, row, "pdf").relative_to(half.reports) == Path("2026H1") / f"{PQ}-2026H1-r1.pdf"
    body = one(half, "select content from outbox where kind = 'report' limit 1").content
    assert "2026年上半年回访统计半年报" in text_of(bytes(body))
    assert "月报" not in text_of(bytes(body))
    assert "### " in report.summary(half, [report_id])
    assert "2026年上半年" in report.summary(half, [report_id])


def text_of(message: bytes) -> str:
    from email import message_from_bytes
    from email.policy import default

    body = message_from_bytes(message, policy=default).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_a_finding_early_in_a_half_year_is_told_though_a_later_event_stands_alone(half: Context) -> None:
    shorter = tuple(
        one.model_copy(update={"within_months": 1}) if one.id == "same-repair" else one
        for one in half.packs[PQ].pack.detections
    )
    amend(half, detections=shorter)
    days = ("2026-01-08", "2026-01-20", "2026-02-02", "2026-06-10")
    arrive(half, date(2026, 6, 10), *(repair(f"R{n}", day, customer="C-R") for n, day in enumerate(days)))
    _, content = drafted(half)
    (found,) = [one for one in content.repeats if one.detection == "same-repair"]
    assert (found.times, found.days) == (3, tuple(date.fromisoformat(day) for day in days[:3]))


def test_a_rate_decided_by_month_is_a_target_only_where_all_months_have_it(half: Context) -> None:
    rates = [rate for rate in half.organisation.rates if rate.parameter == "pq.other_rate"]
    decided = [rates[0].model_copy(update={"period": month}) for month in FIRST_HALF.months]
    use_rates(half, decided)
    _, content = drafted(half)
    assert of(content, "K14").total.target == str(rates[0].rate)
    use_rates(half, decided[1:])
    with half.engine.begin() as connection:
        connection.execute(text("update report set state = 'returned'"))
    _, content = drafted(half)
    assert of(content, "K14").total.target is None
    assert "本期各月的比例不一，或尚未决定" in of(content, "K14").definition


def use_rates(ctx: Context, rates: list[object]) -> None:
    ctx.workspace.__dict__["organisation"] = ctx.organisation.model_copy(update={"rates": tuple(rates)})


def test_refused_rows_are_kept_until_their_period_was_reported(half: Context) -> None:
    with half.engine.begin() as connection:
        connection.execute(
            text("insert into quarantine (source, row_hash, batch_id, position, row, reasons, refused_on) "
                 "select 'orders', md5(:on), min(batch_id), 1, '{}', '{area}', cast(:on as date) from batch"),
            [{"on": "2026-01-02"}, {"on": "2025-12-30"}],
        )  # fmt: skip
    keep(half, date(2026, 7, 20))
    assert [row.refused_on for row in every(half, "select refused_on from quarantine")] == [date(2026, 1, 2)]
    before = drafted(half, cut_off=date(2026, 7, 20))[1]
    reasons = {one.source: one.reasons for one in before.quality}["orders"]
    assert [number for _, number in reasons] == [1]
    keep(half, date(2026, 8, 31) + timedelta(days=1))
    assert every(half, "select 1 from quarantine") == []


def test_what_retention_forgets_is_counted_still(half: Context) -> None:
    report_id, before = drafted(half)
    with half.engine.begin() as connection:
        connection.execute(text("update report set state = 'returned' where report_id = :id"), {"id": report_id})
    keep(half, date(2030, 1, 1))
    assert one(half, "select count(*) as n from record where visitor <> ''").n == 0
    _, after = drafted(half)
    assert of(after, "K09").total == of(before, "K09").total
