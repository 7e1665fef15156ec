"""A stop on channels, on a real PostgreSQL: what waits, what a list offers, and what is judged when it comes back."""

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from month import GOOD, amend, arrive, complaint, every, fill, lines, one, repair, sent_back
from revisit.app.board import board
from revisit.app.collect import collect
from revisit.app.context import Context
from revisit.app.explain import explain
from revisit.app.plan import plan
from revisit.app.publish import publish
from revisit.delivery.sheet import HEADER_ROW, TASKS
from revisit.policy.model import Channel, Channels, Metric, Share
from revisit.store.database import run
from revisit.templates import render

THU, FRI, SAT, MON = date(2026, 10, 8), date(2026, 10, 9), date(2026, 10, 10), date(2026, 10, 12)
DOOR = {**GOOD, "channel": "上门", "customer_signed": "是"}


def stop(clause: str = "PQ-19", *channels: Channel, at_most: str = "25%") -> Metric:
    share = Share.model_validate({"channels": channels or ("door", "letter"), "at_most": at_most, "stop": True})
    return Metric(id="K17" if clause == "PQ-19" else "K18", clause=clause, name="电话占比", share=share)


def by(ctx: Context, *stops: Metric, **rules: tuple[Channel, ...]) -> None:
    """The line's pack with these stops, and some rules that allow these channels only."""
    (pack,) = (loaded.pack for name, loaded in ctx.packs.items() if name == "property-qw-21-14")
    changed = tuple(
        rule.model_copy(update={"channels": Channels(clause="PQ-19", allowed=rules[name])})
        if (name := rule.id.partition("-")[0]) in rules
        else rule
        for rule in pack.rules
    )
    amend(ctx, rules=changed, metrics=stops)


def issued(ctx: Context, on: date) -> list[str]:
    """The customers of the lists of a day, as they stand."""
    return [row["客户"] for found in publish(ctx, on) for row in lines(found.file)]


def guide(file: str) -> str:
    return "\n".join(str(row[0].value) for row in load_workbook(file)["填写说明"].iter_rows())


def choices(file: str | Path | BytesIO) -> list[str]:
    """What each row's channel may be chosen from."""
    book = load_workbook(file)
    sheet = book[TASKS]
    titles = [cell.value for cell in sheet[HEADER_ROW + 1]]
    letter = get_column_letter(titles.index("回访方式") + 1)
    found = []
    for row in range(HEADER_ROW + 2, sheet.max_row + 1):
        (one,) = (v for v in sheet.data_validations.dataValidation if f"{letter}{row}" in v.cells)
        ((name, cells),) = book.defined_names[str(one.formula1).strip("=")].destinations
        found.append("、".join(str(cell[0].value) for cell in book[name][cells]))
    return found


def doors(ctx: Context, *days: date, prefix: str = "D") -> None:
    """Repairs done on these days, of customers D0 and so on, which only a visit can settle within two days."""
    arrive(ctx, max(days), *(repair(f"{prefix}{n}", str(day), customer=f"{prefix}{n}") for n, day in enumerate(days)))


def phones(ctx: Context, on: date, count: int, prefix: str = "P") -> None:
    """Complaints which only a call can settle within three days."""
    arrive(ctx, on, *(complaint(f"{prefix}{n}", str(on), customer=f"{prefix}{n}") for n in range(count)))


@pytest.fixture
def tied(ctx: Context) -> Context:
    """A quarter by the door: visits for repairs, calls for complaints."""
    by(ctx, stop(), repair=("door",), complaint=("phone",))
    return ctx


def test_what_only_stopped_channels_can_make_goes_out_by_due_day_as_far_as_the_share_reaches(tied: Context) -> None:
    phones(tied, THU, 6)
    doors(tied, THU, date(2026, 10, 6), date(2026, 10, 7))
    assert sorted(issued(tied, THU)) == ["D1", "D2", *(f"P{n}" for n in range(6))]  # two of eight
    assert issued(tied, THU) == []  # what waits on lists counts as much as what is made
    doors(tied, FRI, prefix="E")
    phones(tied, FRI, 3, "Q")
    assert sorted(issued(tied, FRI)) == ["D0", "Q0", "Q1", "Q2"]  # three of twelve
    assert issued(tied, FRI) == []


def test_contacts_made_count_by_their_channel_and_those_in_vain_as_long_as_they_can_be_repeated(tied: Context) -> None:
    phones(tied, THU, 6)
    doors(tied, THU, date(2026, 10, 7), date(2026, 10, 6))
    (found,) = publish(tied, THU)
    made = [
        {
            **(DOOR if row["客户"][0] == "D" else GOOD),
            "visited_on": THU,
            "result": "未联系上" if row["客户"] == "D2" else "已回访",
        }
        for row in lines(found.file)
    ]
    fill(tied, Path(found.file), made)
    assert [taken.accepted for taken in collect(tied, THU)] == [8]
    assert issued(tied, FRI) == []  # D2 may still be met on its last day, Thursday, and seven days late
    plan(tied.engine, FRI, tied.draw_key)
    assert one(tied, "select state from task where customer = 'D2'").state == "expired"
    assert issued(tied, FRI) == []
    with tied.engine.begin() as connection:
        run(connection, "collect/settle_tasks", on=FRI)
    assert issued(tied, FRI) == ["D0"]


def test_a_task_that_waits_is_told_on_the_list_on_the_board_and_when_asked_why(tied: Context) -> None:
    phones(tied, THU, 6)
    doors(tied, THU, THU, THU)
    (found,) = publish(tied, THU)
    assert (
        "提示：本月已完成和已下发的8次回访中，上门、信函合计2次，再多一次即超过25%（PQ-19），有其它方式可选的，请以其它方式回访；"
        "另有1项没有其它方式可用，按期限先后等候下发"
    ) in guide(found.file)
    (waits,) = [one for one in explain(tied, "orders/D2", THU) if (one.as_dict()["standing"] or {}).get("stops")]
    assert (
        "未列入清单：2026-10-01 起完成的和清单上的 8 次回访中，上门、信函合计 2 次，再多一次即超过 25%（PQ-19）；"
        "以其它方式进行的回访增加后，按期限先后下发，期间可能逾期；2026-11-01 起重新计算。"
    ) in waits.sentence
    standing = waits.as_dict()["standing"]
    assert (standing["reason"], standing["until"]) == ("share", "2026-11-01")
    assert standing["stops"] == [{"metric": "K17", "capped": 2, "contacts": 8, "at_most": "1/4"}]
    (english, *_) = explain(tied, "orders/D2", THU, "en")
    assert "of the 8 contacts made since 2026-10-01 or on lists, 2 are by door, letter" in english.sentence
    told = "本月已完成和已下发的8次回访中，上门、信函合计2次，再多一次即超过25%（PQ-19），1项等候下发"
    assert board(tied, THU).stopped == (told,)
    assert f"<p>{told}。</p>" in render("pages/board.html", user="", board=board(tied, THU))


def test_what_explain_says_will_go_out_is_what_goes_out(tied: Context) -> None:
    phones(tied, THU, 4)
    doors(tied, THU, THU, FRI)
    said = {
        f"D{n}": standing["reason"]
        for n in range(3)
        for one in explain(tied, f"orders/D{n}", FRI)
        if (standing := one.as_dict()["standing"])
    }
    assert said == {"D0": "ready", "D1": "share", "D2": "share"}
    assert sorted(issued(tied, FRI)) == ["D0", "P0", "P1", "P2", "P3"]


def test_a_stop_holds_on_the_last_day_and_what_is_overdue_comes_after_what_is_in_time(tied: Context) -> None:
    phones(tied, THU, 2)
    doors(tied, THU)
    assert "D0" not in issued(tied, THU)
    assert issued(tied, SAT) == []  # its last day
    plan(tied.engine, MON, tied.draw_key)
    arrive(tied, MON, repair("E0", str(MON), customer="E0"), complaint("Q0", str(MON), customer="Q0"))
    assert sorted(issued(tied, MON)) == ["E0", "Q0"]  # one of four
    phones(tied, MON, 4, "R")
    assert sorted(issued(tied, MON)) == ["D0", "R0", "R1", "R2", "R3"]  # late, with two of nine
    november = date(2026, 11, 2)
    plan(tied.engine, november, tied.draw_key)
    doors(tied, november, date(2026, 10, 31), prefix="N")
    phones(tied, november, 3, "S")
    assert sorted(issued(tied, november)) == ["N1", "S0", "S1", "S2"]  # a new month begins to count


def test_a_contact_that_another_channel_may_make_is_offered_without_the_stopped_ones(ctx: Context) -> None:
    by(ctx, stop())
    arrive(ctx, THU, *(repair(f"R{n}", str(THU), customer=f"C{n}") for n in range(4)))
    (first,) = publish(ctx, THU)
    assert choices(first.file) == ["上门、电话、信函"] * 4  # one of four may still be a visit
    assert "再多一次即超过" not in guide(first.file)
    fill(ctx, Path(first.file), [{**DOOR, "visited_on": THU}, {**DOOR, "visited_on": THU}])
    assert [taken.accepted for taken in collect(ctx, THU)] == [2]  # its list offered them
    arrive(ctx, FRI, repair("S1", str(FRI), customer="S1"), repair("S2", str(FRI), customer="S2"))
    (second,) = publish(ctx, FRI)
    assert choices(second.file) == ["电话", "电话"]
    assert lines(second.file)[0]["依据与说明"].endswith("上门、信函已达上限（PQ-19），本次请以电话回访。")
    assert "本月已完成和已下发的6次回访中，上门、信函合计2次，再多一次即超过25%（PQ-19），有其它方式可选的" in guide(
        second.file
    )
    (told,) = [one for one in explain(ctx, "orders/S1", FRI) if "办理" in dict(one.facts)]
    assert "下发时只可用电话，其它方式已达上限" in dict(told.facts)["办理"]
    fill(ctx, Path(second.file), [{**DOOR, "visited_on": FRI}, {**GOOD, "visited_on": FRI}])
    (taken,) = collect(ctx, FRI)
    assert (taken.accepted, taken.refused) == (1, 1)
    back = BytesIO(sent_back(ctx))
    (row,) = lines(back)
    assert row["退回原因"] == "清单下发时，上门回访已达上限（PQ-19），本项未提供该方式，请以电话另行回访后填写"
    assert choices(back) == ["电话"]
    again = ctx.returns / "again.xlsx"
    again.write_bytes(sent_back(ctx))
    fill(ctx, again, [{"channel": "电话"}])
    assert [taken.accepted for taken in collect(ctx, FRI)] == [1]


def test_a_sheet_of_rows_with_and_without_a_stopped_channel_has_a_choice_for_each(ctx: Context) -> None:
    by(ctx, stop(), complaint=("phone", "mail"))
    arrive(
        ctx, THU, complaint("K1", "2026-10-05", customer="K1"), repair("R1", "2026-10-07", customer="R1"),
        complaint("K2", "2026-10-07", customer="K2"),
    )  # fmt: skip
    (found,) = publish(ctx, THU)
    every_one = "上门、电话、信函、电子邮件"
    assert dict(zip((row["客户"] for row in lines(found.file)), choices(found.file), strict=True)) == {
        "K1": every_one, "R1": "电话", "K2": every_one,
    }  # fmt: skip


def test_each_of_two_stops_holds_what_it_covers(ctx: Context) -> None:
    stops = stop("PQ-19", "door"), stop("PQ-20", "letter", at_most="10%")
    by(ctx, *stops, repair=("door", "letter"), complaint=("phone",))
    phones(ctx, THU, 3)
    doors(ctx, THU, THU)
    assert sorted(issued(ctx, THU)) == ["D0", "P0", "P1", "P2"]
    assert [row.channels for row in every(ctx, "select channels from list_line order by channels")] == [
        ["door"], None, None, None,
    ]  # fmt: skip
    (waits,) = [one for one in explain(ctx, "orders/D1", THU) if (one.as_dict()["standing"] or {}).get("stops")]
    assert [one["metric"] for one in waits.as_dict()["standing"]["stops"]] == ["K17", "K18"]


def test_a_share_without_a_stop_holds_nothing_and_takes_no_channel(ctx: Context) -> None:
    warning: Any = stop().model_copy(update={"share": Share(channels=("door", "letter"), at_most="25%")})
    by(ctx, warning, repair=("door",), complaint=("phone",))
    doors(ctx, THU, THU)
    (found,) = publish(ctx, THU)
    assert choices(found.file) == ["上门、电话、信函"] * 2
    assert [row.channels for row in every(ctx, "select channels from list_line")] == [None, None]
    assert "等候下发" not in render("pages/board.html", user="", board=board(ctx, THU))
