"""The steps around a contact that a pack asks for, on a real PostgreSQL: gates, limits on calls, raised occasions, follow-ups."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from month import GOOD, amend, arrive, complaint, every, fill, one, register, repair
from revisit import resources
from revisit.app.collect import collect
from revisit.app.context import Context
from revisit.app.occasions import raise_due
from revisit.app.plan import plan
from revisit.app.publish import publish
from revisit.domain.occasions import Occasion, period, to_raise
from revisit.policy.load import Choices, load_pack
from revisit.policy.model import ContactLimit, Gate, Pack
from revisit.settings import DatedOccasion
from revisit.store import packs

THU, FRI = date(2026, 10, 8), date(2026, 10, 9)


def test_nothing_is_handed_out_before_the_gate_is_declared_met(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    arrive(ctx, THU, complaint("K1", str(THU)))
    amend(ctx, gates=(Gate(id="plan", clause="PQ-21", means="计划已批准", rules=("repair-first",)),))
    assert [one.tasks for one in publish(ctx, THU)] == [1]  # the gate is another rule's
    arrive(ctx, FRI, complaint("K1", str(THU)), complaint("K2", str(FRI), customer="C2"))
    amend(ctx, gates=(Gate(id="plan", clause="PQ-21", means="计划已批准"),))
    assert publish(ctx, FRI) == []
    use = next(use for use in ctx.organisation.packs if use.line == "jinxiu")
    monkeypatch.setattr(
        "revisit.app.standings.pack_in_use", lambda _ctx, _pack: use.model_copy(update={"gates": ("plan",)})
    )
    assert [one.tasks for one in publish(ctx, FRI)] == [1]


def test_a_customer_called_lately_waits_and_the_last_day_goes_out_anyway(ctx: Context) -> None:
    register(ctx, ("C1", "张三丰", "13812348000"))
    amend(ctx, contact=ContactLimit(clause="PQ-19", at_most=1, days=7))
    arrive(ctx, THU, complaint("K1", str(THU)))
    assert [one.tasks for one in publish(ctx, THU)] == [1]
    arrive(ctx, FRI, complaint("K1", str(THU)), complaint("K2", str(FRI)))
    assert publish(ctx, FRI) == []
    assert [one.tasks for one in publish(ctx, date(2026, 10, 12))] == [1]  # the last day of K2


def test_a_date_agreed_at_the_contact_is_kept(ctx: Context) -> None:
    arrive(ctx, THU, repair("R1", str(THU)))
    (listed,) = publish(ctx, THU)
    from pathlib import Path

    fill(ctx, Path(listed.file), [{**GOOD, "visited_on": THU, "solved": "否", "agreed_on": date(2026, 10, 20)}])
    collect(ctx, THU)
    assert one(ctx, "select agreed_on from record").agreed_on == date(2026, 10, 20)


def test_periods_and_occasions_are_worked_out_from_the_day() -> None:
    assert period("period.quarter", THU) == Occasion("period.quarter", "2026Q4", date(2026, 10, 1), date(2026, 12, 31))
    assert period("period.month", date(2026, 2, 28)).ends_on == date(2026, 2, 28)
    near = Occasion("occasion.festival", "重阳", date(2026, 10, 18), date(2026, 10, 18))
    far = Occasion("occasion.festival", "元旦", date(2027, 1, 1), date(2027, 1, 1))
    assert to_raise(["period.year", "occasion.festival", "repair.completed"], [near, far], THU) == [
        period("period.year", THU), near,
    ]  # fmt: skip


def listing(ctx: Context, adopted_on: date) -> None:
    """Let the survey of every customer, a year apart at most, govern the line of two of three customers."""
    folder = resources.folder("policies") / "survey-complaint-qa"
    loaded = load_pack(folder, Choices({}, load_pack(folder).on_default))
    ctx.packs[loaded.pack.pack] = loaded
    use = next(use for use in ctx.organisation.packs if use.line == "jinxiu")
    other = use.model_copy(update={"pack": loaded.pack.pack, "adopted_on": adopted_on})
    ctx.workspace.__dict__["organisation"] = ctx.organisation.model_copy(update={"packs": (other,)})
    register(ctx, ("C1", "甲", "1"), ("C2", "乙", "2"), ("C3", "丙", "3"))
    with ctx.engine.begin() as connection:
        connection.execute(text("update customer set line = 'jinxiu' where customer <> 'C3'"))
        packs.activate(connection, loaded, "test", adopted_on)
        packs.use(connection, loaded.pack.pack, "jinxiu", adopted_on)


def test_a_customer_is_listed_once_and_corrected_when_the_register_says_otherwise(ctx: Context) -> None:
    listing(ctx, FRI)

    def raised_and_owed(on: date) -> tuple[int, int]:
        raised = raise_due(ctx, on)
        plan(ctx.engine, on, ctx.draw_key)
        found = one(ctx, "select count(*) as n from task where state = 'planned' and due_on = date '2027-10-09'")
        return raised, found.n

    def amend_first(line: str) -> None:
        with ctx.engine.begin() as connection:
            connection.execute(text("update customer set line = :line where customer = 'C1'"), {"line": line})

    assert raised_and_owed(THU) == (0, 0)  # not adopted yet
    assert raised_and_owed(FRI) == (2, 2)
    assert raised_and_owed(FRI) == (0, 2)
    amend_first("yunqi")
    assert raised_and_owed(date(2026, 10, 12)) == (1, 1)
    found = one(ctx, "select version, cancelled from event where customer = 'C1'")
    assert (found.version, found.cancelled) == (2, True)
    assert one(ctx, "select version from event_version").version == 1
    amend_first("jinxiu")
    assert raised_and_owed(date(2026, 10, 13)) == (1, 2)
    batch = one(ctx, "select rows_read, rows_accepted, rows_changed from batch order by batch_id desc limit 1")
    assert tuple(batch) == (1, 1, 1)


def test_every_customer_of_a_line_has_an_event_at_each_occasion_once(ctx: Context) -> None:
    folder = resources.folder("policies") / "realestate-marketing"
    loaded = load_pack(folder, Choices({}, load_pack(folder).on_default))
    (name,) = {use.pack for use in ctx.organisation.packs if use.line == "jinxiu"}
    ctx.packs[name] = replace(loaded, pack=Pack.model_validate({**loaded.pack.model_dump(by_alias=True), "pack": name}))
    ctx.workspace.__dict__["organisation"] = ctx.organisation.model_copy(
        update={"occasions": (DatedOccasion(kind="festival", name="重阳", day=date(2026, 10, 18)),)}
    )
    register(ctx, ("C1", "甲", "1"), ("C2", "乙", "2"), ("C3", "丙", "3"))
    with ctx.engine.begin() as connection:
        connection.execute(
            text("update customer set line = 'jinxiu', attributes = '{\"class\": \"vip\"}' where customer <> 'C3'")
        )
    assert raise_due(ctx, THU) == 2
    assert raise_due(ctx, FRI) == 0
    found = every(
        ctx, "select event_key, kind, starts_on, occasion, attributes ->> 'class' as class from event order by 1"
    )
    assert [(row.kind, row.starts_on, row.occasion) for row in found] == [
        ("occasion.festival", date(2026, 10, 18), "重阳")
    ] * 2
    assert {row[4] for row in found} == {"vip"}
    assert one(ctx, "select count(*) as n from batch where source = 'calendar'").n == 1
    assert plan(ctx.engine, THU, ctx.draw_key).decisions == {}
