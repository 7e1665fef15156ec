"""From an event to a record, an issue and a chase: the month's middle, on a real PostgreSQL."""

import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from month import GOOD, arrive, complaint, every, fill, one, register, repair
from revisit.app.chase import chase
from revisit.app.collect import collect
from revisit.app.context import Context
from revisit.app.export import rows_of
from revisit.app.plan import plan
from revisit.app.publish import publish
from revisit.delivery.sheet import HEADER_ROW, TASKS

THU, FRI = date(2026, 10, 8), date(2026, 10, 9)  # the first working days after National Day


def published(ctx: Context, on: date) -> Path:
    (only,) = publish(ctx, on)
    return Path(only.file)


def cells(path: Path) -> list[list[object]]:
    return [[cell.value for cell in row] for row in load_workbook(path)[TASKS].iter_rows(min_row=HEADER_ROW + 1)]


def fingerprint(ctx: Context) -> list[object]:
    """Every business row, to tell whether anything changed."""
    tables = (
        "event",
        "decision",
        "task",
        "draw",
        "list",
        "list_line",
        "record",
        "issue",
        "response",
        "chase",
        "outbox",
    )
    return [every(ctx, f"select * from {table} order by 1, 2, 3") for table in tables]


def test_every_applicable_rule_of_every_event_has_exactly_one_decision(ctx: Context) -> None:
    arrive(
        ctx,
        THU,
        *(repair(f"R{n}", "2026-10-07") for n in range(9)),
        *(complaint(f"K{n}", "2026-10-07") for n in range(4)),
    )
    found = one(ctx, "select count(*) as n, count(distinct (event_id, rule_id, round)) as keys from decision")
    assert (found.n, found.keys) == (9 * 2 + 4, 9 * 2 + 4)


def test_planning_again_for_any_past_day_changes_nothing(ctx: Context) -> None:
    arrive(ctx, THU, repair("R1", "2026-10-07"), complaint("K1", "2026-10-08"))
    publish(ctx, THU)
    before = fingerprint(ctx)
    for on in (THU, date(2026, 10, 1), THU):
        plan(ctx.engine, on, ctx.draw_key)
        publish(ctx, THU)
        chase(ctx, on)
        collect(ctx, on)
    assert fingerprint(ctx) == before


def test_two_planners_at_once_owe_each_task_once(ctx: Context) -> None:
    arrive(ctx, THU)
    with ctx.engine.begin() as connection:
        connection.execute(text("truncate planned_batch"))
    threads = [threading.Thread(target=plan, args=(ctx.engine, THU, ctx.draw_key)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert one(ctx, "select count(*) as n from planned_batch").n == 2


def test_a_line_says_in_words_which_clause_put_it_there_and_until_when(ctx: Context) -> None:
    register(ctx, ("C1", "张三丰", "013812348000"))
    arrive(ctx, THU, repair("R1", "2026-10-08"))
    header, row = cells(published(ctx, THU))[:2]
    line = dict(zip(header, row, strict=True))
    assert line["依据与说明"] == (
        "维修工程完成后两日内回访（QW-21-14，PQ-04）。10月8日办结，回访期10月8日至10月10日；该类全数回访。"
    )
    assert str(line["截止日期"])[:10] == "2026-10-10"
    assert line["电话"] == "013812348000"  # text: the leading zero stays
    assert line["回访责任人"] == "片区管理员　唐晓棠"


def test_a_list_opens_with_frozen_header_filter_dropdowns_and_locked_keys(ctx: Context) -> None:
    arrive(ctx, THU, repair("R1", "2026-10-08"))
    sheet = load_workbook(published(ctx, THU))[TASKS]
    assert sheet.freeze_panes == "E5"
    assert sheet.auto_filter.ref == "A4:AC5"
    assert sheet.protection.sheet
    assert sheet["B5"].protection.locked
    assert not sheet["O5"].protection.locked
    assert sheet["B5"].number_format == "@"
    assert {v.type for v in sheet.data_validations.dataValidation} == {"list", "date"}
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.print_title_rows == "$1:$4"


def test_a_formula_in_a_customers_words_stays_text(ctx: Context) -> None:
    arrive(ctx, THU, repair("R1", "2026-10-08", matter='=HYPERLINK("http://x")'))
    sheet = load_workbook(published(ctx, THU))[TASKS]
    assert [cell.data_type for row in sheet.iter_rows() for cell in row if cell.value].count("f") == 0


def test_the_same_list_is_the_same_bytes(ctx: Context) -> None:
    arrive(ctx, THU, repair("R1", "2026-10-08"))
    first = published(ctx, THU).read_bytes()
    with ctx.engine.begin() as connection:
        connection.execute(text("truncate list, list_line, list_issue, outbox cascade"))
        connection.execute(text("update task set state = 'planned'"))
    assert published(ctx, THU).read_bytes() == first


def test_two_duties_of_one_customer_are_one_call(ctx: Context) -> None:
    arrive(
        ctx, THU, repair("R1", "2026-10-08"), complaint("K1", "2026-10-08"), repair("R2", "2026-10-08", customer="C2")
    )
    rows = cells(published(ctx, THU))[1:]
    sheets = [row[2] for row in rows]
    assert len(rows) == 3
    assert len(set(sheets)) == 2


def test_a_task_waits_for_its_companion_only_while_its_window_is_safe(ctx: Context) -> None:
    arrive(
        ctx, THU, complaint("K1", "2026-10-08", line="yunqi", area="YQ01"), repair("R1", "2026-10-03", line="yunqi", area="YQ01"),
        complaint("K2", "2026-10-06", line="yunqi", area="YQ01", customer="C2"),
        repair("R2", "2026-10-02", line="yunqi", area="YQ01", customer="C2"),
    )  # fmt: skip
    # C1: complaint due 11 Oct, repair opens 10 Oct: it may wait. C2: complaint due 9 Oct, repair opens 9 Oct: it may not.
    handed_out = every(ctx, "select 1 from list_line")
    publish(ctx, THU)
    handed_out = [row.event_key for row in every(ctx, "select event_key from list_line join event using (event_id)")]
    assert handed_out == ["K2"]
    publish(ctx, date(2026, 10, 10))
    together = every(
        ctx, "select call_sheet, event_key from list_line join event using (event_id) where customer = 'C1'"
    )
    assert len({row.call_sheet for row in together}) == 1
    assert len(together) == 2


def test_on_a_rest_day_only_what_cannot_wait_goes_out(ctx: Context) -> None:
    arrive(ctx, date(2026, 10, 1), repair("R1", "2026-10-01"), repair("R2", "2026-10-01", line="yunqi", area="YQ01"))
    found = publish(ctx, date(2026, 10, 1))  # National Day: due 3 Oct, before the next working day, 8 Oct
    assert [(p.department, p.tasks) for p in found] == [("JX-KF1", 1)]


def test_a_major_complaint_goes_to_the_director_and_an_ordinary_one_to_two_departments(ctx: Context) -> None:
    arrive(ctx, THU, complaint("K1", "2026-10-08", severity="major"), complaint("K2", "2026-10-08", customer="C2"))
    publish(ctx, THU)
    found = every(
        ctx, "select event_key, lead_role, assignment_clause, joint_department from list_line join event using (event_id) "
        "order by event_key",
    )  # fmt: skip
    assert [tuple(row) for row in found] == [
        ("K1", "管理处主任", "PQ-16", None),
        ("K2", "片区管理员", "PQ-17", "JX-GC"),
    ]


def answered(ctx: Context, on: date, **changes: str | date) -> None:
    arrive(ctx, on, complaint("K1", str(on)))
    fill(ctx, published(ctx, on), [{**GOOD, "visited_on": on, **changes}], signed=("唐晓棠", on))


def test_an_answered_row_becomes_a_record_and_its_task_is_done(ctx: Context) -> None:
    answered(ctx, THU)
    (taken,) = collect(ctx, THU)
    assert (taken.answered, taken.accepted, taken.refused, taken.issues) == (1, 1, 0, 0)
    assert one(ctx, "select state from task").state == "done"
    record = one(ctx, "select * from record")
    assert (record.visited_on, record.channel, record.ratings["satisfaction"]) == (THU, "phone", "满意")
    signed = one(ctx, "select signed_by, signed_on from list")
    assert tuple(signed) == ("唐晓棠", THU)


def test_a_contact_after_the_window_is_late_and_no_success(ctx: Context) -> None:
    arrive(ctx, THU, complaint("K1", str(THU)))
    fill(ctx, published(ctx, THU), [{**GOOD, "visited_on": date(2026, 10, 20)}])
    collect(ctx, date(2026, 10, 20))
    assert one(ctx, "select state from task").state == "late"


def test_a_row_whose_check_was_changed_is_refused(ctx: Context) -> None:
    arrive(ctx, THU, complaint("K1", str(THU)))
    fill(ctx, published(ctx, THU), [{**GOOD, "visited_on": THU, "check": "0123456789abcdef"}])
    (taken,) = collect(ctx, THU)
    assert (taken.accepted, taken.refused) == (0, 1)


def test_the_same_sheet_twice_changes_nothing(ctx: Context) -> None:
    answered(ctx, THU)
    path = next(ctx.returns.glob("*.xlsx"))
    content = path.read_bytes()
    collect(ctx, THU)
    before = fingerprint(ctx)
    for name in (path.name, "副本 of list.xlsx"):
        (ctx.returns / name).write_bytes(content)
        (taken,) = collect(ctx, FRI)
        assert (taken.accepted, taken.unchanged) == (0, 1)
    assert fingerprint(ctx) == before


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"visited_on": "2026-13-40"}, "“回访日期”填的是“2026-13-40”，不是日期"),
        ({"result": "？"}, "“回访结果”填的是“？”，请从已回访、未联系上、拒绝回访中选择"),
        ({"satisfaction": "还行"}, "“满意度评价”填的是“还行”"),
        ({"visited_on": FRI}, "晚于今天"),
        ({"visited_on": date(2026, 10, 7)}, "早于可以回访的第一天"),
        ({"visitor": ""}, "请填写“回访人”"),
        ({"joint_visitor": ""}, "本项须两部门共同回访"),
        ({"channel": "上门"}, "上门回访须由客户签字"),
    ],
)
def test_a_bad_cell_comes_back_with_its_reason_and_nothing_of_its_row_is_applied(
    ctx: Context, changes: dict[str, str | date], said: str
) -> None:
    arrive(ctx, THU, complaint("K1", str(THU)), complaint("K2", str(THU), customer="C2"))
    good = {**GOOD, "visited_on": THU}
    fill(ctx, published(ctx, THU), [{**good, **changes}, good])
    (taken,) = collect(ctx, THU)
    assert (taken.answered, taken.accepted, taken.refused) == (2, 1, 1)
    assert one(ctx, "select count(*) as n from record").n == 1
    back = one(ctx, "select content, subject from outbox where kind = 'sent_back'")
    assert "1 行需要更正" in back.subject
    from email import message_from_bytes
    from email.policy import default

    message = message_from_bytes(bytes(back.content), policy=default)
    attachment = next(iter(message.iter_attachments()))
    path = ctx.returns / "back.xlsx"
    path.write_bytes(attachment.get_content())
    header, row = cells(path)[:2]
    assert said in str(dict(zip(header, row, strict=True))["退回原因"])
    path.unlink()


def test_a_row_of_another_list_is_refused(ctx: Context) -> None:
    arrive(ctx, THU, complaint("K1", str(THU)), complaint("K2", str(THU), area="JX04", customer="C2"))
    first, second = (Path(p.file) for p in publish(ctx, THU))
    book, other = load_workbook(first), load_workbook(second)
    for column in (2, 27):
        book[TASKS].cell(5, column, other[TASKS].cell(5, column).value)
    book.save(first)
    fill(ctx, first, [{**GOOD, "visited_on": THU}])
    (taken,) = collect(ctx, THU)
    assert (taken.accepted, taken.refused) == (0, 1)


def test_an_unsatisfactory_answer_opens_an_issue_with_a_deadline_in_working_days(ctx: Context) -> None:
    answered(ctx, THU, satisfaction="不满意", shortcomings="又漏了，请打13812348000")
    collect(ctx, THU)
    issue = one(ctx, "select * from issue")
    assert (issue.department, issue.cause, issue.received_on) == ("JX-GC", "unsatisfactory", None)
    (only,) = publish(ctx, FRI)
    assert (only.department, only.issues) == ("JX-GC", 1)
    issue = one(ctx, "select * from issue")
    assert (issue.received_on, issue.due_on) == (FRI, date(2026, 10, 15))  # Sat 10 Oct is a make-up working day


def with_issue(ctx: Context) -> Path:
    answered(ctx, THU, satisfaction="不满意")
    collect(ctx, THU)
    return published(ctx, FRI)


def test_each_rung_of_the_ladder_is_taken_once_and_in_one_digest_a_day(ctx: Context) -> None:
    with_issue(ctx)
    taken = []
    for offset in range(20):
        on = FRI + timedelta(days=offset)
        for _ in range(2):
            steps = chase(ctx, on)
            if steps.steps:
                taken.append((on, steps.steps, steps.digests))
    assert taken == [(date(2026, 10, day), 1, 1) for day in (14, 15, 16, 20, 22)]
    told = every(ctx, "select recipient, subject from outbox where kind = 'digest' order by decided_on")
    assert [row.recipient.split("@")[0] for row in told] == ["jx-gc", "jx-gc", "jx-gc", "shi", "director"]


def test_many_overdue_issues_are_one_mail_to_a_person(ctx: Context) -> None:
    arrive(ctx, THU, *(complaint(f"K{n}", str(THU), customer=f"C{n}") for n in range(12)))
    fill(ctx, published(ctx, THU), [{**GOOD, "visited_on": THU, "satisfaction": "不满意"}] * 12)
    collect(ctx, THU)
    publish(ctx, FRI)
    assert chase(ctx, date(2026, 10, 16)).steps == 12
    assert one(ctx, "select count(*) as n from outbox where kind = 'digest'").n == 1


def test_a_response_ends_the_chase(ctx: Context) -> None:
    book = with_issue(ctx)
    answer = {
        "plan": "更换阀门",
        "solution": "已更换，试水两天",
        "solved": "是",
        "responder": "石砺锋",
        "responded_on": FRI,
    }
    fill(ctx, book, issues=[answer])
    (taken,) = collect(ctx, FRI)
    assert taken.accepted == 1
    assert one(ctx, "select state from issue").state == "solved"
    assert chase(ctx, date(2026, 10, 30)).steps == 0


def test_an_extension_asked_for_in_time_moves_the_deadline_and_starts_a_new_ladder(ctx: Context) -> None:
    book = with_issue(ctx)
    asked: dict[str, str | date] = {"extension_until": date(2026, 10, 20), "extension_reason": "等配件", "responder": "石砺锋",
                                    "extension_approver": "沈知远"}  # fmt: skip
    fill(ctx, book, issues=[asked])
    assert collect(ctx, FRI)[0].accepted == 1
    issue = one(ctx, "select due_on, first_due_on, state from issue")
    assert tuple(issue) == (date(2026, 10, 20), date(2026, 10, 15), "raised")
    assert chase(ctx, date(2026, 10, 16)).steps == 0
    assert chase(ctx, date(2026, 10, 19)).steps == 1


def test_an_extension_asked_for_too_late_is_sent_back(ctx: Context) -> None:
    book = with_issue(ctx)
    asked: dict[str, str | date] = {"extension_until": date(2026, 10, 30), "extension_reason": "等配件", "responder": "石砺锋",
                                    "extension_approver": "沈知远"}  # fmt: skip
    fill(ctx, book, issues=[asked])
    (taken,) = collect(ctx, date(2026, 10, 16))
    assert (taken.accepted, taken.refused) == (0, 1)
    assert one(ctx, "select due_on from issue").due_on == date(2026, 10, 15)


def test_an_unsatisfactory_first_visit_makes_the_second_one_due(ctx: Context) -> None:
    arrive(ctx, THU, repair("R1", str(THU)))
    assert one(ctx, "select outcome from decision where round = 2").outcome == "awaiting"
    fill(ctx, published(ctx, THU), [{**GOOD, "visited_on": THU, "satisfaction": "不满意"}])
    collect(ctx, THU)
    plan(ctx.engine, FRI, ctx.draw_key)
    second = one(ctx, "select d.outcome, d.reason, t.opens_on, t.due_on from decision d join task t "
                      "using (event_id, rule_id, round) where round = 2")  # fmt: skip
    assert tuple(second) == ("due", "condition_met", date(2026, 11, 8), date(2026, 12, 8))


def test_a_cancelled_order_takes_its_open_task_back_and_a_restored_one_returns_it(ctx: Context) -> None:
    arrive(ctx, THU, repair("R1", str(THU)))
    arrive(ctx, THU, repair("R1", str(THU), state="cancelled"))
    assert {row.state for row in every(ctx, "select state from task")} == {"superseded"}
    arrive(ctx, FRI, repair("R1", str(THU)))
    assert one(ctx, "select state from task where round = 1").state == "planned"


def test_an_order_finished_again_later_is_revisited_again(ctx: Context) -> None:
    arrive(ctx, THU, repair("R1", str(THU)))
    fill(ctx, published(ctx, THU), [{**GOOD, "visited_on": THU}])
    collect(ctx, THU)
    arrive(ctx, date(2026, 10, 20), repair("R1", "2026-10-20"))
    assert one(ctx, "select state, due_on from task where round = 1") == ("planned", date(2026, 10, 22))


def test_a_customer_who_asks_to_be_left_alone_is_taken_off_and_the_duty_stays_visible(ctx: Context) -> None:
    register(ctx, ("C1", "张三丰", "13812348000"))
    arrive(ctx, THU, complaint("K1", str(THU)))
    with ctx.engine.begin() as connection:
        connection.execute(text("update customer set do_not_contact = true"))
    plan(ctx.engine, THU, ctx.draw_key)
    assert publish(ctx, THU) == []
    decided = one(ctx, "select outcome, reason from decision")
    assert tuple(decided) == ("suppressed", "do_not_contact")


def test_a_draw_is_exact_after_every_batch_and_after_withdrawals(ctx: Context) -> None:
    sizes, seen = (1, 4, 0, 7, 2), 0
    for number, size in enumerate(sizes):
        events = [
            {"key": f"H{number}-{n}", "kind": "contract.active", "happened": "2026-10-08", "starts": "2026-10-08",
             "ends": "2027-04-08", "customer": f"C{number}-{n}"}
            for n in range(size)
        ]  # fmt: skip
        arrive(ctx, THU, *events)
        seen += size
        drawn = one(
            ctx, "select count(*) filter (where drawn) as n from decision where round = 1 and draw_position > 0"
        ).n
        assert drawn == -(-3 * seen // 10)
    ledger = one(ctx, "select sum(eligible - eligible_withdrawn) as n, sum(drawn - drawn_withdrawn) as drawn from draw")
    assert (ledger.n, ledger.drawn) == (14, 5)


def test_the_export_has_the_columns_that_were_promised(ctx: Context) -> None:
    arrive(ctx, THU, complaint("K1", str(THU), severity="major"))
    (row,) = rows_of(ctx, "tasks")
    wanted = ("source", "event_key", "kind", "pack", "pack_version", "clause", "round", "outcome", "reason", "opens", "due",
              "department", "role", "stratum", "draw_position")  # fmt: skip
    assert set(wanted) <= set(row)
    assert (row["clause"], row["role"], row["due"]) == ("PQ-03", "管理处主任", date(2026, 10, 11))
