"""The hours in which customers are contacted, on a real PostgreSQL: proposed on the list, judged when it comes back."""

from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from month import GOOD, amend, arrive, complaint, every, fill, lines, one, register, repair, sent_back
from revisit.app.collect import collect
from revisit.app.context import Context
from revisit.app.figures import stand
from revisit.app.publish import publish
from revisit.delivery.sheet import HEADER_ROW, TASKS
from revisit.domain.periods import parse
from revisit.policy.model import ContactHours, Metric
from revisit.store.database import rows

THU, FRI, LAST = date(2026, 10, 8), date(2026, 10, 9), date(2026, 11, 6)
PREFERRED = ("10:00-11:30", "15:30-17:00")
SOFT = ContactHours(clause="PQ-19", preferred=PREFERRED)
BOTH = ContactHours(clause="PQ-19", preferred=PREFERRED, allowed=("08:00-21:00",))


def like(ctx: Context, customer: str, hours: object) -> None:
    """A customer with hours of their own."""
    register(ctx, (customer, customer, "1"))
    with ctx.engine.begin() as connection:
        connection.execute(
            text("update customer set attributes = jsonb_build_object('preferred_hours', cast(:hours as text)) "
                 "where customer = :customer"),
            {"hours": hours, "customer": customer},
        )  # fmt: skip


def listed(ctx: Context, count: int, hours: ContactHours = BOTH) -> Path:
    amend(ctx, hours=hours)
    arrive(ctx, THU, *(repair(f"R{n}", str(THU), customer=f"C{n}") for n in range(count)))
    (only,) = publish(ctx, THU)
    return Path(only.file)


def test_the_customers_own_hours_come_first_and_a_duty_of_the_day_does_not_wait(ctx: Context) -> None:
    amend(ctx, hours=SOFT)
    like(ctx, "C1", "18：00～20：00")
    like(ctx, "C2", "晚饭后")
    early = (complaint("K1", "2026-10-08", customer="C1"), complaint("K2", "2026-10-08", customer="C2"))
    arrive(ctx, FRI, *early, complaint("K3", "2026-10-08", customer="C3"), complaint("K4", "2026-10-06", customer="C4"))
    (only,) = publish(ctx, FRI)
    assert {row["客户"]: row["建议时段"] for row in lines(only.file)} == {
        "C1": "18:00-20:00（客户习惯）",
        "C2": "10:00-11:30\n15:30-17:00\n客户注明“晚饭后”",
        "C3": "10:00-11:30\n15:30-17:00",
        "C4": "今日到期\n不限时段",
    }
    guide = "\n".join(str(row[0].value) for row in load_workbook(only.file)["填写说明"].iter_rows())
    assert "较好的联系时段为10:00-11:30、15:30-17:00" in guide


def test_a_list_without_hours_asks_no_time(ctx: Context) -> None:
    arrive(ctx, THU, complaint("K1", "2026-10-08"))
    (only,) = publish(ctx, THU)
    assert {"建议时段", "回访时间"} & set(lines(only.file)[0]) == set()
    fill(ctx, Path(only.file), [{**GOOD, "visited_on": THU}])
    assert [taken.accepted for taken in collect(ctx, THU)] == [1]
    assert one(ctx, "select contacted_at from record").contacted_at is None


@pytest.mark.parametrize("written", [time(15, 30), "15:30", "15：30", "15点30分", 0.6458333333333334])
def test_a_time_comes_back_as_it_was_meant_and_is_kept(ctx: Context, written: Any) -> None:
    fill(ctx, listed(ctx, 1), [{**GOOD, "visited_on": THU, "contacted_at": written}])
    (taken,) = collect(ctx, THU)
    assert (taken.accepted, taken.refused) == (1, 0)
    found = one(ctx, "select contacted_at, in_preferred_hours from record")
    assert (found.contacted_at, found.in_preferred_hours) == (time(15, 30), True)


RUBBISH = (
    "25:70",
    "24:00",
    "下午",
    "15",
    1530,
    1.5,
    -0.5,
    date(2026, 10, 8),
    True,
    "=NOW()",
    "10:00\n11:00",
    "9" * 500,
)


@pytest.mark.parametrize("written", RUBBISH, ids=repr)
def test_rubbish_for_a_time_goes_back_and_stops_no_other_row(ctx: Context, written: Any) -> None:
    good = {**GOOD, "visited_on": THU, "contacted_at": "10:00"}
    fill(ctx, listed(ctx, 2), [{**good, "contacted_at": written}, good])
    (taken,) = collect(ctx, THU)
    assert (taken.answered, taken.accepted, taken.refused) == (2, 1, 1)
    path = ctx.returns / "back.xlsx"
    path.write_bytes(sent_back(ctx))
    (row,) = lines(path)
    assert "“回访时间”" in row["退回原因"]
    assert "15:30" in row["退回原因"]


def test_a_contact_outside_the_allowed_hours_goes_back_with_the_clause_and_a_later_one_is_taken(ctx: Context) -> None:
    like(ctx, "C0", "21:00-23:00")  # a customer's wish does not move the limits
    file = listed(ctx, 4)
    good = {**GOOD, "visited_on": THU}
    door = {**good, "channel": "上门", "customer_signed": "是"}
    answers = [
        {**good, "contacted_at": "22:10"}, {**door, "contacted_at": "07:59"}, {**good, "channel": "信函"},
        {**good, "result": "未联系上", "contacted_at": "21:01"},
    ]  # fmt: skip
    fill(ctx, file, answers)
    (taken,) = collect(ctx, THU)
    assert (taken.accepted, taken.refused) == (1, 3)  # a letter has no hours
    path = ctx.returns / "back.xlsx"
    path.write_bytes(sent_back(ctx))
    told = [row["退回原因"] for row in lines(path)]
    assert told[0] == "“回访时间”22:10不在可以联系客户的时段08:00-21:00内，请在该时段内另行联系后填写（PQ-19）"
    book = load_workbook(path)
    titles = [cell.value for cell in book[TASKS][HEADER_ROW + 1]]
    for row in range(HEADER_ROW + 2, HEADER_ROW + 5):
        book[TASKS].cell(row, titles.index("回访时间") + 1, time(21, 0))
    book.save(path)
    (again,) = collect(ctx, THU)
    assert (again.accepted, again.refused) == (3, 0)


def test_where_hours_bind_the_time_must_be_told_and_where_they_are_soft_it_may(ctx: Context) -> None:
    file = listed(ctx, 1)
    fill(ctx, file, [{**GOOD, "visited_on": THU}], name="without.xlsx")
    assert [taken.refused for taken in collect(ctx, THU)] == [1]
    amend(ctx, hours=SOFT)
    fill(ctx, file, [{**GOOD, "visited_on": THU}], name="soft.xlsx")
    assert [taken.accepted for taken in collect(ctx, THU)] == [1]
    assert one(ctx, "select in_preferred_hours from record").in_preferred_hours is None


def test_a_list_handed_out_before_there_were_hours_comes_back_with_the_new_column(ctx: Context) -> None:
    arrive(ctx, THU, complaint("K1", "2026-10-08"))
    (only,) = publish(ctx, THU)
    fill(ctx, Path(only.file), [{**GOOD, "visited_on": THU}])
    amend(ctx, hours=BOTH)
    assert [taken.refused for taken in collect(ctx, THU)] == [1]
    path = ctx.returns / "back.xlsx"
    path.write_bytes(sent_back(ctx))
    assert "回访时间" in lines(path)[0]


def test_the_share_of_contacts_in_better_hours_heeds_the_customers_own_and_leaves_the_last_day_out(
    ctx: Context,
) -> None:
    like(ctx, "C1", "12:00-14:00")
    amend(ctx, metrics=(Metric(id="K07", clause="PQ-19", name="较好时段联系率", of="hours"),))
    file = listed(ctx, 5, SOFT)
    told = {"C0": (THU, "13:00"), "C1": (THU, "13:00"), "C2": (THU, "10:00"), "C3": (LAST, "13:00"), "C4": (THU, "")}
    with ctx.engine.begin() as connection:
        connection.execute(text("update task set due_on = :last"), {"last": LAST})
    answers = [told[row["客户"]] for row in lines(file)]
    fill(ctx, file, [{**GOOD, "visited_on": day, "contacted_at": at} for day, at in answers])
    (taken,) = collect(ctx, LAST)
    assert taken.accepted == 5
    found = every(
        ctx, "select e.customer, p.in_preferred_hours as good from record p join event e using (event_id) order by 1"
    )
    assert [row.good for row in found] == [False, True, True, None, None]
    with ctx.engine.begin() as connection:
        stand(connection, ctx.packs["property-qw-21-14"].pack, parse("2026-10"), date(2026, 11, 30))
        (point,) = rows(connection, "report/count_trend", firsts=[date(2026, 10, 1)])
    assert (point.numerator, point.denominator) == (2, 3)


@pytest.mark.parametrize("mistyped", [date(2062, 10, 8), date(2003, 10, 8)], ids=str)
def test_a_mistyped_year_goes_back_where_customers_are_contacted_on_working_days(ctx: Context, mistyped: date) -> None:
    limits = {"clause": "PQ-19", "allowed": ["09:00-17:00"], "days": "workdays", "channels": ["phone"]}
    amend(ctx, hours=ContactHours.model_validate(limits))
    arrive(ctx, THU, repair("R1", str(THU)), repair("R2", str(THU), customer="C2"))
    (listed,) = publish(ctx, THU)
    good = {**GOOD, "contacted_at": "10:00", "visited_on": THU}
    fill(ctx, Path(listed.file), [{**good, "visited_on": mistyped}, good])
    (taken,) = collect(ctx, THU)
    assert (taken.accepted, taken.refused) == (1, 1)
