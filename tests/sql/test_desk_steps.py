"""What a pack asks of desks beside the callers, on a real PostgreSQL: stand-ins, reviews, audits, ledgers, feeds, histories."""

from dataclasses import replace
from datetime import date
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from pydantic import SecretStr
from sqlalchemy import Engine, text

from histories import KEY, event, prepare, shipped, solve
from histories import arrive as arrive_in_store
from month import GOOD, amend, arrive, complaint, every, fill, one, register, repair
from revisit.app import ingest
from revisit.app.assign import find_away
from revisit.app.calendar import import_year
from revisit.app.chase import chase
from revisit.app.collect import collect
from revisit.app.context import Context
from revisit.app.explain import explain
from revisit.app.figures import counted, stand
from revisit.app.plan import plan
from revisit.app.publish import publish
from revisit.app.report import draft, load, render_files
from revisit.app.reviews import publish_reviews
from revisit.delivery.sheet import HEADER_ROW, HISTORY, REVIEW_FIELDS, REVIEWS
from revisit.domain.periods import parse
from revisit.domain.windows import Span
from revisit.ingest.source import Source
from revisit.policy.evaluate import Issue
from revisit.policy.model import (
    Audit,
    Categories,
    ContactLimit,
    Feed,
    Item,
    Mean,
    Metric,
    Preparation,
    Role,
    Share,
    StandIn,
    Workdays,
)
from revisit.settings import Environment, Workspace

THU, FRI, MON = date(2026, 10, 8), date(2026, 10, 9), date(2026, 10, 12)
CATEGORIES = Categories(clause="PQ-25", titles=("产品质量", "服务流程"))


def texts(ctx: Context, kind: str) -> list[str]:
    """The plain text of every mail of a kind."""
    found = []
    for row in every(ctx, "select content from outbox where kind = :kind order by recipient", kind=kind):
        body = message_from_bytes(bytes(row.content), policy=default).get_body(("plain",))
        assert body
        found.append(body.get_content())
    return found


def use(ctx: Context, **changes: Any) -> None:
    """The first pack's place in the organisation with some entries changed."""
    first, *others = ctx.organisation.packs
    changed = ctx.organisation.model_copy(update={"packs": (first.model_copy(update=changes), *others)})
    ctx.workspace.__dict__["organisation"] = changed


def staff(ctx: Context, on: date, *lines: str) -> None:
    """A staff register by CSV through the real ingest."""
    folder = ctx.workspace.folder / "register"
    folder.mkdir(exist_ok=True)
    (folder / "staff.csv").write_text("\n".join(["no,name,hired", *lines]), "utf-8")
    given = {"event_key": "no", "name": "name", "hired_on": "hired"}
    source = {"source": "staff", "title": "人员", "target": "staff", "files": "register/staff.csv", "map": given}
    (pulled,) = ingest.pull(ctx, Source.model_validate({**source, "folder": ctx.workspace.folder}), on)
    assert pulled.refused == 0


def sold(ctx: Context, on: date, person: str) -> None:
    with ctx.engine.begin() as connection:
        connection.execute(
            text("insert into event (source, event_key, kind, line, happened_at, cancelled, attributes, batch_id, "
                 "first_batch_id, received_on) values ('crm', :key, 'deal.closed', 'jinxiu', :on, false, "
                 "jsonb_build_object('salesperson', cast(:person as text)), 0, 0, :on)"),
            {"key": f"{person} {on}", "on": on, "person": person},
        )  # fmt: skip


def leads(ctx: Context) -> dict[str, tuple[str, str]]:
    """Who leads each listed complaint, and by which clause."""
    found = every(
        ctx, "select e.event_key, l.lead_name, l.assignment_clause from list_line l join event e using (event_id)"
    )
    return {row.event_key: (row.lead_name, row.assignment_clause) for row in found}


def test_the_contacts_of_new_and_idle_people_are_made_by_their_stand_in_and_given_back(ctx: Context) -> None:
    pack = ctx.packs["property-qw-21-14"].pack
    person = Role(id="salesperson", title="业务员", seat="person", attribute="salesperson")
    rules = tuple(
        rule.model_copy(
            update={"assign": (rule.assign[0].model_copy(update={"lead": "salesperson", "where": {}, "joint": None}),)}
        )
        for rule in pack.rules
    )
    amend(
        ctx, roles=(*pack.roles, person), rules=rules,
        stand_ins=(
            StandIn(clause="PQ-16", role="salesperson", by="director", new_for=Span(1, "month")),
            StandIn(clause="PQ-18", role="salesperson", by="assistant", idle_for=Span(2, "month"), without="deal.closed"),
        ),
    )  # fmt: skip
    staff(ctx, THU, "S1,老李,2020-01-01", "S2,新来,2026-09-20", "S3,闲人,2020-01-01", "S4,归来,2020-01-01", "S5,刚到,")
    for day, who in ((date(2026, 9, 30), "S1"), (date(2026, 7, 31), "闲人"), (THU, "S4"), (THU, "S5")):
        sold(ctx, day, who)
    arrive(ctx, THU, *(complaint(f"K{n}", str(THU), customer=f"C{n}") for n in range(1, 6)))
    with ctx.engine.begin() as connection:
        for number, name in enumerate(["S1", "新来", "S3", "S4", "S5"], 1):
            connection.execute(
                text("update event set attributes = jsonb_build_object('salesperson', cast(:name as text)) "
                     "where event_key = :key"),
                {"name": name, "key": f"K{number}"},
            )  # fmt: skip
    publish(ctx, THU)
    posts = next(u for u in ctx.organisation.packs if u.pack == "property-qw-21-14").posts
    found = leads(ctx)
    assert found["K1"][0] == "S1"
    assert found["K2"] == (posts["director"].name, "PQ-16")
    assert found["K3"] == (posts["assistant"].name, "PQ-18")
    assert {found["K4"][0], found["K5"][0]} == {"S4", "S5"}


def answer_reviews(ctx: Context, file: Path, *answers: dict[str, str]) -> None:
    book = load_workbook(file)
    columns = [field.id for field in REVIEW_FIELDS]
    for number, given in enumerate(answers):
        for name, value in given.items():
            book[REVIEWS].cell(HEADER_ROW + 2 + number, columns.index(name) + 1, value)
    ctx.returns.mkdir(parents=True, exist_ok=True)
    book.save(ctx.returns / f"reviews-{len(answers)}-{file.name}")


def a_month_of_records(ctx: Context, count: int) -> None:
    arrive(ctx, THU, *(repair(f"R{n}", str(THU), customer=f"C{n}") for n in range(count)))
    (listed,) = publish(ctx, THU)
    fill(ctx, Path(listed.file), [{**GOOD, "visited_on": THU}] * count)
    collect(ctx, THU)


def test_every_record_is_reviewed_by_the_assistant_once(ctx: Context) -> None:
    a_month_of_records(ctx, 3)
    (listed,) = publish_reviews(ctx, FRI)
    assert (listed.department, listed.tasks) == ("property-qw-21-14/review", 3)
    assert publish_reviews(ctx, FRI) == []
    assert publish_reviews(ctx, date(2026, 10, 10)) == []  # a make-up working day: nothing new
    (mail,) = texts(ctx, "reviews")
    assert "有3份回访记录待审阅" in mail
    answer_reviews(
        ctx, Path(listed.file), {"reviewer": "罗助理", "opinion": "属实"}, {"reviewer": "罗助理"}, {"opinion": "同意"}
    )
    (taken,) = collect(ctx, FRI)
    assert (taken.answered, taken.accepted, taken.refused) == (3, 1, 2)
    assert len(texts(ctx, "reviews")) == 2  # the two rows go back
    found = one(ctx, "select reviewer, opinion, reviewed_on, due_on from review where reviewed_on is not null")
    assert (found.reviewer, found.opinion, found.reviewed_on) == ("罗助理", "属实", FRI)
    assert found.due_on == date(2026, 10, 13)  # three working days, with the make-up Saturday
    (again,) = publish_reviews(ctx, date(2026, 10, 14))  # two were due yesterday
    assert again.tasks == 2


def test_a_forged_or_repeated_review_changes_nothing(ctx: Context) -> None:
    a_month_of_records(ctx, 1)
    (listed,) = publish_reviews(ctx, FRI)
    answer_reviews(ctx, Path(listed.file), {"reviewer": "罗助理", "opinion": "属实", "check": "0" * 16})
    (taken,) = collect(ctx, FRI)
    assert (taken.accepted, taken.refused) == (0, 1)
    for opinion in ("属实", "不属实"):
        answer_reviews(ctx, Path(listed.file), {"reviewer": "罗助理", "opinion": opinion})
        collect(ctx, FRI)
    assert one(ctx, "select opinion from review").opinion == "属实"


def test_a_share_of_the_months_records_is_audited_and_measured(ctx: Context) -> None:
    pack = ctx.packs["property-qw-21-14"].pack
    audit = Audit(clause="PQ-24", by="director", share="1/5", within=Span(10, "workday"))
    accuracy = Metric(id="K04", clause="PQ-24", name="准确率", of="accuracy")
    amend(ctx, lifecycle=pack.lifecycle.model_copy(update={"audit": audit, "review": None}), metrics=(accuracy,))
    a_month_of_records(ctx, 11)
    assert publish_reviews(ctx, date(2026, 10, 30)) == []  # the month is not over
    (listed,) = publish_reviews(ctx, date(2026, 11, 2))
    assert listed.tasks == 3  # a fifth of 11, rounded up
    drawn = [row.record_id for row in every(ctx, "select record_id from review order by 1")]
    with ctx.engine.begin() as connection:
        connection.execute(text("delete from review"))
    assert publish_reviews(ctx, date(2026, 11, 3))[0].tasks == 3
    assert [row.record_id for row in every(ctx, "select record_id from review order by 1")] == drawn
    (again,) = ctx.lists.glob("2026-11/20261103*audit*")
    answer_reviews(
        ctx,
        again,
        {"reviewer": "甲", "accurate": "是"},
        {"reviewer": "甲", "accurate": "否"},
        {"reviewer": "甲", "opinion": "?"},
    )
    (taken,) = collect(ctx, date(2026, 11, 3))
    assert (taken.accepted, taken.refused) == (2, 1)
    with ctx.engine.begin() as connection:
        stand(connection, ctx.packs["property-qw-21-14"].pack, parse("2026-11"), date(2026, 11, 30))
        (point,) = counted(connection, parse("2026-11")).values()
    assert point == (1, 2)  # the third is not answered yet


def test_a_category_sends_the_problem_to_its_department_and_must_be_given(ctx: Context) -> None:
    amend(ctx, on_result=ctx.packs["property-qw-21-14"].pack.on_result.model_copy(update={"categories": CATEGORIES}))
    use(ctx, categories={"服务流程": "JX-HJ"})
    arrive(
        ctx, THU, repair("R1", str(THU)), repair("R2", str(THU), customer="C2"), repair("R3", str(THU), customer="C3")
    )
    (listed,) = publish(ctx, THU)
    bad = {**GOOD, "visited_on": THU, "satisfaction": "不满意"}
    fill(ctx, Path(listed.file), [{**bad, "category": "服务流程"}, {**bad, "category": "产品质量"}, bad])
    (taken,) = collect(ctx, THU)
    assert (taken.accepted, taken.refused, taken.issues) == (2, 1, 2)
    found = every(ctx, "select category, department from issue order by issue_id")
    assert [tuple(row) for row in found] == [("服务流程", "JX-HJ"), ("产品质量", "JX-GC")]


def an_issue(ctx: Context, **answer: str) -> str:
    """An issue that its department was handed on Friday; the answer, if any, comes back the same day. Its list's file."""
    arrive(ctx, THU, repair("R1", str(THU)))
    (listed,) = publish(ctx, THU)
    fill(ctx, Path(listed.file), [{**GOOD, "visited_on": THU, "satisfaction": "不满意"}])
    collect(ctx, THU)
    (handed,) = publish(ctx, FRI)
    if answer:
        fill(ctx, Path(handed.file), issues=[{"responder": "石砺锋", "plan": "重做防水", **answer}])
        (taken,) = collect(ctx, FRI)
        assert taken.refused == (answer.get("assists") == "没有的部门")
    return handed.file


def test_an_issue_of_two_departments_calls_both_heads_to_a_meeting_once(ctx: Context) -> None:
    rule = Workdays(clause="PQ-25", within=Span(3, "workday"))
    amend(ctx, on_result=ctx.packs["property-qw-21-14"].pack.on_result.model_copy(update={"coordination": rule}))
    departments = {d.code: d for d in ctx.organisation.departments}
    handed = an_issue(ctx, assists=departments["JX-HJ"].name)
    assert one(ctx, "select assists from issue").assists == "JX-HJ"
    letters = texts(ctx, "coordination")
    assert len(letters) == 2
    assert all("10月13日前" in letter and departments["JX-HJ"].name in letter for letter in letters)
    told = {row.recipient for row in every(ctx, "select recipient from outbox where kind = 'coordination'")}
    assert told == {departments["JX-HJ"].head_mail, departments["JX-GC"].head_mail}
    fill(ctx, Path(handed), issues=[{"responder": "石砺锋", "plan": "改期", "assists": departments["JX-HJ"].name}])
    collect(ctx, MON)
    assert len(texts(ctx, "coordination")) == 2


def test_a_department_that_does_not_exist_is_sent_back(ctx: Context) -> None:
    an_issue(ctx, assists="没有的部门")
    assert "“没有的部门”不是其它部门的名称" in texts(ctx, "sent_back")[0]


def test_an_issue_without_news_for_the_ledgers_days_is_asked_about_once(ctx: Context) -> None:
    rule = Workdays(clause="PQ-25", within=Span(5, "workday"))
    amend(ctx, on_result=ctx.packs["property-qw-21-14"].pack.on_result.model_copy(update={"ledger": rule}))
    an_issue(ctx, plan="重做防水", responded_on="2026-10-09")
    assert chase(ctx, date(2026, 10, 14)).steps == 0
    assert chase(ctx, date(2026, 10, 15)).steps == 1  # five working days, the make-up Saturday among them
    assert chase(ctx, date(2026, 10, 16)).steps == 0
    assert "台账久未更新" in texts(ctx, "digest")[0]
    assert "1 项问题的台账等待更新" in texts(ctx, "digest")[0]


def test_a_delivery_that_has_not_come_is_asked_for_once(ctx: Context) -> None:
    amend(ctx, feeds=(Feed(id="register", clause="PQ-21", name="登记簿", every="half_month", by="assistant"),))
    assert chase(ctx, date(2026, 10, 19)).feeds == 0  # no source is named for it
    use(ctx, feeds={"register": "orders"}, adopted_on=date(2026, 10, 1))
    assert chase(ctx, date(2026, 10, 15)).feeds == 0
    assert chase(ctx, date(2026, 10, 16)).feeds == 1
    assert chase(ctx, date(2026, 10, 19)).feeds == 0
    (letter,) = texts(ctx, "feed")
    assert "请交来截至10月15日的登记簿" in letter
    assert "从未收到" in letter
    arrive(ctx, date(2026, 10, 31), repair("R1", "2026-10-30"))
    assert chase(ctx, date(2026, 11, 2)).feeds == 0  # came on the last day of the half month
    assert chase(ctx, date(2026, 11, 16)).feeds == 1


def test_the_callers_read_what_happened_with_the_customer(ctx: Context) -> None:
    register(ctx, ("C1", "欧阳明日", "13812348000"))
    amend(ctx, preparation=Preparation(clause="PQ-22", months=12))
    arrive(ctx, THU, repair("R0", "2025-10-01"), repair("R1", str(THU)))
    (listed,) = publish(ctx, THU)
    fill(ctx, Path(listed.file), [{**GOOD, "visited_on": THU, "satisfaction": "不满意", "shortcomings": "地面未清理"}])
    collect(ctx, THU)
    arrive(ctx, FRI, repair("R1", str(THU)), complaint("K1", str(FRI)), complaint("K2", str(FRI), customer="C2"))
    next_list = next(one for one in publish(ctx, FRI) if one.tasks)
    sheet = load_workbook(next_list.file)[HISTORY]
    found = [[str(cell.value or "") for cell in row] for row in sheet.iter_rows(min_row=HEADER_ROW + 2, max_col=6)]
    assert [(row[1], row[2][:10], row[3]) for row in found] == [
        ("欧阳明日", "2026-10-09", "投诉办结"),
        ("欧阳明日", "2026-10-08", "回访：维修第一次回访"),
        ("欧阳明日", "2026-10-08", "维修完成"),
        ("C2", "2026-10-09", "投诉办结"),
    ]
    assert "地面未清理" in found[1][4]
    assert "评价不合格，问题待回复" in found[1][5]


def test_the_report_shows_questions_means_and_categories(ctx: Context) -> None:
    pack = ctx.packs["property-qw-21-14"].pack
    amend(
        ctx, on_result=pack.on_result.model_copy(update={"categories": CATEGORIES}),
        form=pack.form.model_copy(update={"ratings": (*pack.form.ratings, Item(id="more", title="环境", optional=True))}),
        metrics=(
            Metric(id="K01", clause="PQ-10", name="完成率", of="completion"),
            Metric(id="K02", clause="PQ-10", name="满意率", of="satisfaction"),
            Metric(id="K21", clause="PQ-20", name="分项满意率", items=True),
            Metric(id="K22", clause="PQ-20", name="总体满意率", mean=Mean(of=("K21",)), target="80%"),
            Metric(id="K05", clause="PQ-31", name="综合评分",
                   mean=Mean(of=("K01", "K02"), weights=(3, 1), bands={"优秀": "95%", "良好": "80%"})),
            Metric(id="K06", clause="PQ-27", name="意见集中度", spread=True),
        ),
    )  # fmt: skip
    arrive(ctx, THU, *(repair(f"R{n}", str(THU), customer=f"C{n}") for n in range(4)))
    (listed,) = publish(ctx, THU)
    good: dict[str, Any] = {**GOOD, "visited_on": THU}
    bad = {**good, "satisfaction": "不满意", "category": "服务流程"}
    fill(ctx, Path(listed.file), [good, {**good, "more": "满意"}, bad, {**bad, "more": "不满意"}])
    (taken,) = collect(ctx, THU)
    assert taken.refused == 0
    drafted = next(one for one in draft(ctx, parse("2026-10"), date(2026, 11, 3)) if one.pack == pack.pack)
    report = load(ctx, drafted.report_id)[1]
    last = [(one.satisfied, one.answered) for one in report.satisfaction]
    assert last == [(1, 2)]  # of all contacts, where nothing has a quota: the last question, 环境
    found = {score.id: score for score in report.scores}
    items = {row.name: row.portions[0] for row in found["K21"].rows}
    assert {name: (one.numerator, one.denominator) for name, one in items.items()} == {
        "质量评价": (4, 4), "服务效果评价": (4, 4), "满意度评价": (2, 4), "环境": (1, 2),
    }  # fmt: skip
    (overall,) = found["K22"].rows
    assert overall.value == "3/4"  # (1 + 1 + 1/2 + 1/2) / 4; all answers together would be 11/14
    whole, department = found["K05"].rows
    assert (whole.value, whole.grade) == ("7/8", "良好")  # (3 x 1 + 1 x 1/2) / 4
    assert department.value == "7/8"
    assert [(row.name, row.portions[0].numerator) for row in found["K06"].rows[:-1]] == [("服务流程", 2)]
    assert found["K06"].rows[-1].value == "1"
    assert set(render_files(ctx, drafted.report_id)) == {"html", "pdf", "xlsx"}


def test_tasks_of_a_pack_no_longer_in_use_wait_and_stop_nobody(ctx: Context) -> None:
    arrive(ctx, THU, repair("R1", str(THU)), repair("R2", "2026-09-28", line="yunqi", area="YQ01", department="YQ-GC"))
    del ctx.packs["property-3-22"]
    assert [one.department for one in publish(ctx, THU)] == ["JX-KF1"]
    (found,) = (one for one in explain(ctx, "orders/R2", on=THU) if "不再使用" in one.sentence)
    assert "恢复使用后下发" in found.sentence


def test_news_of_an_open_issue_and_a_customers_standing_are_explained(engine: Engine, workspace: Path) -> None:
    loaded = shipped("care-visit-generic")
    ctx = Context(
        Workspace(workspace), Environment(database_url=SecretStr(engine.url.render_as_string(hide_password=False)))
    )
    with engine.begin() as connection:
        prepare(connection, [loaded])
    bought = event("a", "goods.purchased", date(2026, 3, 2), customer="C1")
    old = event("b", "goods.purchased", date(2025, 3, 3), customer="C1")
    arrive_in_store(engine, [old, bought], date(2026, 3, 2))
    plan(engine, date(2026, 3, 2), KEY)
    issue = Issue(("cases", "a"), "old-customer", 1, date(2026, 3, 5))
    solve(engine, "care-visit-generic", [issue])
    plan(engine, date(2026, 3, 5), KEY)
    told = {
        one.inputs["rule"]["rule"]: one for one in explain(ctx, "cases/a", on=date(2026, 3, 6)) if "rule" in one.inputs
    }
    assert "新老客户 = new（该事件：old）" in str(told["new-customer"].as_dict())
    assert "2026-03-05 起算，2026-03-06 至 2026-03-12 回访" in told["progress"].sentence
    solve(engine, "care-visit-generic", [replace(issue, solved_on=date(2026, 3, 9))])
    plan(engine, date(2026, 3, 9), KEY)
    told = {
        one.inputs["rule"]["rule"]: one for one in explain(ctx, "cases/a", on=date(2026, 3, 9)) if "rule" in one.inputs
    }
    assert "该事项提出的问题均已解决" in told["progress"].sentence


def test_a_published_year_settles_windows_and_deadlines_that_rested_on_it(
    ctx: Context, engine: Engine, tmp_path: Path
) -> None:
    loaded = shipped("care-visit-generic")
    with engine.begin() as connection:
        prepare(connection, [loaded])
    last = date(2026, 12, 30)
    while ctx.working_days.is_provisional(date(2026, 1, 1), last.replace(year=last.year)) is False:
        last = last.replace(year=last.year + 1)
    year = last.year
    bought = date(year - 1, 12, 31)
    arrive_in_store(engine, [event("a", "goods.purchased", bought, customer="C1")], bought)
    plan(engine, bought, KEY)
    found = (
        "select d.due_on, d.provisional, t.due_on as task_due, t.state from decision d "
        "join task t using (event_id, rule_id, round) join rule r using (rule_id) where r.rule = 'new-customer'"
    )
    before = one(ctx, found)
    assert before.provisional
    holidays = [date(year, 1, day) for day in range(1, 8)]
    file = tmp_path / "holidays.csv"
    file.write_text("day,is_workday,name\n" + "".join(f"{day},false,元旦\n" for day in holidays), "utf-8")
    import_year(ctx, file, year, "test", before.due_on)
    after = one(ctx, found)
    working = sum(day.weekday() < 5 for day in holidays)
    assert not after.provisional
    assert after.due_on == after.task_due == ctx.working_days.add(bought, 5)
    assert (after.due_on - before.due_on).days >= working
    assert after.state == "planned"


def limit(ctx: Context, calls_a_day: int) -> None:
    """Everybody who leads an area makes so many calls a day."""
    areas = tuple(area.model_copy(update={"calls_a_day": calls_a_day}) for area in ctx.organisation.areas)
    ctx.workspace.__dict__["organisation"] = ctx.organisation.model_copy(update={"areas": areas})


def test_a_list_proposes_days_within_what_people_can_do_and_tells_what_finds_no_room(ctx: Context) -> None:
    limit(ctx, 2)
    arrive(
        ctx, THU,
        *(repair(f"R{n}", "2026-10-07", customer=f"R{n}") for n in range(5)),  # due on Friday
        *(complaint(f"K{n}", "2026-10-08", customer=f"K{n}") for n in range(2)),  # due on Sunday; Saturday is a working day
    )  # fmt: skip
    (listed,) = publish(ctx, THU)
    sheet = load_workbook(listed.file)["回访任务"]
    head = [cell.value for cell in sheet[HEADER_ROW + 1]]
    days = [row[head.index("建议日期")].value.date() for row in sheet.iter_rows(min_row=HEADER_ROW + 2)]
    assert days == [THU, THU, FRI, FRI, FRI, date(2026, 10, 10), date(2026, 10, 10)]
    (mail,) = texts(ctx, "list")
    assert "建议日程：10月8日 2 次、10月9日 3 次、10月10日 2 次。其中 1 次在期限内已排不进可办的次数" in mail
    arrive(ctx, FRI, complaint("K9", "2026-10-09", customer="K9"))  # due on Monday; Friday and Saturday are full
    publish(ctx, FRI)
    assert one(ctx, "select max(planned_on) as day from list_line").day == MON


def test_why_tasks_share_a_call_and_why_on_that_day_is_explained(ctx: Context) -> None:
    limit(ctx, 2)
    arrive(ctx, THU, repair("R1", "2026-10-08"), complaint("K1", "2026-10-08"))
    publish(ctx, THU)
    (found,) = explain(ctx, "orders/K1", on=THU)
    told = "\n".join(line for _, lines in found.facts for line in lines)
    assert "与同一客户的 T1-" in told or "与同一客户的 T2-" in told
    assert "一次办完：2026-10-08 至 2026-10-10 都在期限内" in told
    assert "建议 2026-10-08 联系" in told
    (english,) = explain(ctx, "orders/K1", on=THU, language="en")
    assert "2026-10-08 to 2026-10-10 suits all" in "\n".join(line for _, lines in english.facts for line in lines)


def test_a_household_that_was_called_lately_waits_together(ctx: Context) -> None:
    register(ctx, ("C1", "父", "1"), ("C2", "子", "2"), ("C3", "邻", "3"))
    with ctx.engine.begin() as connection:
        connection.execute(text("update customer set attributes = '{\"household\": \"H1\"}' where customer <> 'C3'"))
    limit_ = ContactLimit(clause="PQ-19", at_most=1, days=7)
    amend(ctx, contact=limit_)
    arrive(ctx, THU, complaint("K1", str(THU), customer="C1"))
    publish(ctx, THU)
    arrive(ctx, FRI, *(complaint(f"N{n}", str(FRI), customer=f"C{n}") for n in (2, 3)))
    assert sum(one.tasks for one in publish(ctx, FRI)) == 2  # each customer by themselves
    amend(ctx, contact=limit_.model_copy(update={"per": "household"}))
    sat = date(2026, 10, 10)
    arrive(ctx, sat, *(complaint(f"M{n}", str(sat), customer=f"C{n}") for n in (2, 3)))
    assert publish(ctx, sat) == []
    told = {one.subject: one.sentence for n in (2, 3) for one in explain(ctx, f"orders/M{n}", on=sat)}
    assert sorted("近 7 天已有 2 天" in sentence for sentence in told.values()) == [False, True]


def test_a_list_warns_while_the_months_channels_are_beyond_their_share(ctx: Context) -> None:
    share = Share(channels=("door", "letter"), at_most="50%")
    amend(ctx, metrics=(Metric(id="K17", clause="PQ-19", name="电话占比", share=share),))
    arrive(ctx, THU, *(repair(f"R{n}", str(THU), customer=f"C{n}") for n in range(3)))
    (listed,) = publish(ctx, THU)
    door = {**GOOD, "visited_on": THU, "channel": "上门", "customer_signed": "是"}
    fill(ctx, Path(listed.file), [door, {**GOOD, "visited_on": THU}, {}])
    collect(ctx, THU)
    arrive(ctx, FRI, repair("S1", str(FRI), customer="S1"))
    assert "超过50%" not in _guide(publish(ctx, FRI)[0].file)  # one of two is not beyond a half
    fill(ctx, Path(listed.file), [door, {**GOOD, "visited_on": THU}, door], name="again.xlsx")
    collect(ctx, FRI)
    arrive(ctx, MON, repair("S2", str(MON), customer="S2"))
    assert "上门、信函合计2次，超过50%（PQ-19）" in _guide(publish(ctx, MON)[0].file)


def _guide(file: str) -> str:
    return "\n".join(str(row[0].value) for row in load_workbook(file)["填写说明"].iter_rows())


def test_a_reviewers_sheet_of_a_pack_that_is_gone_is_refused_and_stops_no_other(ctx: Context) -> None:
    a_month_of_records(ctx, 1)
    (listed,) = publish_reviews(ctx, FRI)
    del ctx.packs["property-qw-21-14"]
    answer_reviews(ctx, Path(listed.file), {"reviewer": "罗助理", "opinion": "属实"})
    (refused,) = collect(ctx, FRI)
    assert refused.error is not None
    assert "已停用" in refused.error


def test_a_changed_opinion_goes_back_and_an_altered_purpose_counts_for_nothing(ctx: Context) -> None:
    a_month_of_records(ctx, 1)
    (listed,) = publish_reviews(ctx, FRI)
    answer_reviews(ctx, Path(listed.file), {"purpose": "抽查核实", "reviewer": "罗助理", "opinion": "属实"})
    assert [one.accepted for one in collect(ctx, FRI)] == [1]  # a review needs no 记录属实, whatever the cell says now
    answer_reviews(ctx, Path(listed.file), {"reviewer": "罗助理", "opinion": "不属实"})
    (again,) = collect(ctx, MON)
    assert (again.accepted, again.refused) == (0, 1)


def test_two_stand_ins_under_one_clause_and_who_has_left(ctx: Context) -> None:
    pack = ctx.packs["property-qw-21-14"].pack
    person = Role(id="salesperson", title="业务员", seat="person", attribute="salesperson")
    given = {"clause": "PQ-16", "role": "salesperson", "by": "director"}
    amend(
        ctx, roles=(*pack.roles, person),
        stand_ins=(
            StandIn(**given, new_for=Span(1, "month")), StandIn(**given, idle_for=Span(2, "month"), without="deal.closed"),
        ),
    )  # fmt: skip
    staff(ctx, THU, "S1,新来,2026-09-20", "S2,老李,2020-01-01", "S3,走了,2020-01-01")
    for who in ("S1", "S2", "S3"):
        sold(ctx, date(2026, 9, 30), who)
    with ctx.engine.begin() as connection:
        connection.execute(text("update staff set left_on = '2026-10-01' where staff = 'S3'"))
        away = find_away(ctx, connection, THU)
    assert away["property-qw-21-14", 0] | away["property-qw-21-14", 1] == {"S1", "新来", "S3", "走了"}
