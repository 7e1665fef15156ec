"""A played year owes what the reference engine owes, day by day, when the same contacts take place."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from revisit import resources
from revisit.app.cases import KEY, LINE, always_in_force, load_for_cases, working_days
from revisit.app.played_year import Answers, Staff
from revisit.app.simulate import differences, page, simulate
from revisit.app.year_columns import Year
from revisit.app.year_events import invent_events, to_days
from revisit.domain.windows import Span, add_span
from revisit.policy.evaluate import Contact, Engine, Event, Issue, Use
from revisit.policy.model import Pack

PACKS = sorted(path.parent.name for path in resources.folder("policies").glob("*/pack.yaml"))
Owed = Counter[tuple[int, str, date | None, date | None]]


def census(name: str) -> Pack:
    """A pack that draws nothing, because the lots of the two differ, and brings no news, which a year takes as well received."""
    found = always_in_force(load_for_cases(resources.folder("policies") / name).pack)
    rules = tuple(rule for rule in found.rules if rule.trigger.issue != "open")
    quotas = tuple(quota.model_copy(update={"rate": Fraction(1), "decided": None}) for quota in found.quotas)
    return found.model_copy(update={"quotas": quotas, "rules": rules})


def days_apart(pack: Pack, count: int) -> pd.DataFrame:
    """Events of few customers, no two on one day."""
    events = invent_events([pack], 2025, count)
    day = to_days(date(2025, 1, 6)) + np.arange(count) * (330 // count)
    length = np.arange(count) % 5 * 30 + 30
    return events.assign(
        day=day,
        starts=day,
        ends=day + length,
        customer=np.arange(count) % 4,
        matter=[("a", "b")[n % 2] for n in range(count)],
    )


def as_event(number: int, row: dict[str, Any]) -> Event:
    first, last = (date(1970, 1, 1) + timedelta(days=int(row[name])) for name in ("starts", "ends"))
    told = {name: None if pd.isna(value) else value for name, value in row.items()}
    known = {"kind", "day", "starts", "ends", "customer", "department", "area", "matter"}
    return Event(
        "made", str(number), row["kind"], LINE, datetime(first.year, first.month, first.day, 1, tzinfo=UTC), first, last,
        str(row["customer"]), str(row["department"]), str(row["area"]), row["matter"], told.get("severity"),
        attributes={name: value for name, value in told.items() if name not in known | {"severity"}},
    )  # fmt: skip


def by_engine(pack: Pack, events: pd.DataFrame, answers: Answers, last: date) -> Owed:
    """The contacts that the reference engine owes when each is made on its last day with the answers assumed."""
    engine = Engine([Use(pack, LINE, date.min)], working_days(), KEY)
    arriving = {row["day"]: as_event(n, row) for n, row in enumerate(events.to_dict("records"))}
    agrees = any(rule.anchor == "agreed" for rule in pack.rules)
    contacts: list[Contact] = []
    issues: list[Issue] = []
    made: dict[Any, tuple[int, str, date | None, date | None]] = {}
    for offset in range((last - date(2025, 1, 1)).days + 1):
        day = date(2025, 1, 1) + timedelta(days=offset)
        event, known = arriving.get(to_days(day)), [one for one in issues if one.solved_on and one.solved_on <= day]
        if event or any(issue.solved_on == day for issue in known):
            engine.take([event] if event else [], day, contacts, known)
        while owed := [
            one
            for name, one in engine.decisions.items()
            if one.due_on == day and one.outcome == "due" and name not in made
        ]:  # once more for what follows on the same day
            for one in owed:
                made[one.key, one.pack, one.rule, one.round] = (int(one.key[1]), one.rule, one.opens_on, one.due_on)
                said = _record(pack, one.rule, answers)
                solved = add_span(day, pack.on_result.due or answers.answer, working_days())
                contacts.append(
                    Contact(one.key, one.rule, day, round=one.round, agreed_on=solved if agrees else None, **said)
                )
                if said["unsolved"]:
                    number = sum(issue.key == one.key for issue in issues) + 1
                    issues.append(Issue(one.key, one.rule, one.round, day, solved, number))
            engine.take([], day, contacts, known)
    return Counter(made.values())


def _record(pack: Pack, name: str, answers: Answers) -> dict[str, Any]:
    rule = pack.rule(name)
    channel = (rule.channels or pack.channels).allowed[0]
    if answers.unreached == 1:
        return {"result": "unreached", "channel": channel, "unsolved": False}
    bad = answers.unsatisfactory == 1
    said: dict[str, object] = {}
    for item in pack.form.ratings:
        if not item.rules or name in item.rules:
            scale, wrong = item.scale or pack.form.scale, pack.bad_answers(item)
            said[item.id] = (wrong or scale)[-1] if bad else next(one for one in scale if one not in wrong)
    return {"result": "reached", "channel": channel, "unsatisfactory": bad, "unsolved": bad, "answers": said}


@pytest.mark.parametrize("name", PACKS)
@pytest.mark.parametrize(
    "answers", [Answers(Fraction(0)), Answers(Fraction(1)), Answers(Fraction(0), Fraction(1))], ids=str
)
def test_the_year_owes_what_the_engine_owes(name: str, answers: Answers) -> None:
    pack = census(name)
    events = days_apart(pack, 16)
    last = date(1970, 1, 1) + timedelta(days=int(events["day"].max()))
    result = simulate([pack], events, working_days(), answers=answers)
    assert result.staff.a_department is None
    rules = [rule.id for rule in pack.rules]
    found = Counter(
        (
            int(duty.event),
            rules[duty.rule],
            *(date(1970, 1, 1) + timedelta(days=int(day)) for day in (duty.opens, duty.due)),
        )
        for duty in result.duties.itertuples()
    )
    inside = Counter({key: n for key, n in found.items() if key[3] <= last})
    assert inside == by_engine(pack, events, answers, last)


def shipped(name: str) -> Pack:
    return load_for_cases(resources.folder("policies") / name).pack


def test_the_same_year_gives_the_same_answers_and_about_the_share_assumed() -> None:
    pack = census("realestate-customer")
    events = invent_events([pack], 2025, 6000)
    one, again = (simulate([pack], events, working_days(), answers=Answers(Fraction(1, 5))) for _ in range(2))
    pd.testing.assert_frame_equal(one.duties, again.duties)
    loads = {load.clause: load.owed for load in one.loads}
    contacts = loads["RC-03"]
    assert 0.15 < loads["RC-08"] / contacts < 0.25
    with_nobody = simulate([pack], events, working_days(), answers=Answers(Fraction(0)))
    assert {load.clause: load.owed for load in with_nobody.loads}["RC-03"] == contacts
    assert "RC-08" not in {load.clause for load in with_nobody.loads}


def complaints(days: list[date], **columns: list[Any]) -> pd.DataFrame:
    moments = [to_days(day) for day in days]
    number = len(days)
    given = {"customer": list(range(number)), "department": ["D1"] * number, "area": ["A1"] * number, **columns}
    return pd.DataFrame(
        {"kind": ["complaint.closed"] * number, "day": moments, "starts": moments, "ends": moments, **given}
    )


def test_contacts_are_made_by_the_administrator_of_the_area_or_the_holder_of_the_post() -> None:
    events = complaints(
        [date(2025, 3, 3)] * 3,
        area=["A1", "A2", "A2"],
        severity=["minor", "minor", "major"],
        visiting=["D1", "D2", "D2"],
    )
    staff = Staff({"A1": "甲"}, {("property-3-22", "head"): "主任"})
    result = simulate([shipped("property-3-22")], events, working_days(), staff=staff)
    assert sorted(result.people["person"]) == ["主任", "客服管家 A2", "甲"]
    assert dict(zip(result.contacts["customer"], result.contacts["department"], strict=True)) == {
        0: "D1",
        1: "D2",
        2: "D2",
    }


def test_days_beyond_what_a_person_can_do_are_counted_and_the_quota_says_how_much_of_it_can_be_done() -> None:
    events = complaints([date(2025, 3, 3)] * 20)  # due on 6 March: four working days
    roomy = simulate([shipped("property-3-22")], events, working_days(), staff=Staff(a_person=5))
    assert [(one.owed, one.made) for one in roomy.quotas if one.owed] == [(20, 20)]
    assert roomy.people["overloaded"].tolist() == [0]
    tight = simulate([shipped("property-3-22")], events, working_days(), staff=Staff({"A1": "甲"}, people={"甲": 3}))
    (quota,) = (one for one in tight.quotas if one.owed)
    assert (quota.eligible, quota.owed, quota.made, quota.share) == (20, 20, 12, 0.6)
    assert tight.people.to_dict("records") == [
        {"person": "甲", "calls": 20, "busiest": 3, "busiest_last_day": 20, "overloaded": 1}
    ]
    assert "甲" in page([("试算", tight)])


def test_the_busiest_last_day_counts_calls_that_could_be_made_before() -> None:
    result = simulate([shipped("property-3-22")], complaints([date(2025, 3, 3)] * 4), working_days(), 100)
    assert result.departments.to_dict("records") == [
        {"department": "D1", "calls": 4, "busiest": 4, "busiest_last_day": 4, "overloaded": 0}
    ]


def test_lots_are_even_and_independent() -> None:
    year = Year(complaints([date(2025, 3, 3)] * 20_000))
    one, other = (year.dice(np.arange(20_000), salt) for salt in ("a", "b"))
    assert np.histogram(one, 10, (0, 1))[0] == pytest.approx(2000, abs=200)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.03


def test_two_packs_side_by_side_differ_by_clause() -> None:
    events = complaints([date(2025, 3, 3)] * 10)
    one, other = (simulate([shipped(name)], events, working_days()) for name in ("property-3-22", "property-qw-21-14"))
    changed = {(line.clause, line.change) for line in differences(one, other) if line.change}
    assert changed == {("PM-03", -10), ("PQ-03", 10)}
    shown = page([("甲案", one), ("乙案", other)])
    assert "两案比较" in shown and '<td class="n">+10</td>' in shown


def test_a_year_beyond_the_calendar_is_taken_as_monday_to_friday() -> None:
    late = complaints([date(2028, 12, 25)]).assign(ends=[to_days(date(2031, 6, 30))])
    assert simulate([shipped("property-3-22")], late, working_days()).calls == 1


def test_an_open_issue_asks_for_news_until_it_is_solved_and_a_new_customer_grows_old() -> None:
    pack = always_in_force(shipped("care-visit-generic"))
    slow = pack.model_copy(update={"on_result": pack.on_result.model_copy(update={"due": Span(12, "workday")})})
    days = [date(2025, 3, 3), date(2025, 9, 2), date(2025, 9, 3)]
    moments = [to_days(day) for day in days]
    events = pd.DataFrame(
        {"kind": "goods.purchased", "day": moments, "starts": moments, "ends": moments, "customer": 1, "department": "D1",
         "area": "A1"}
    )  # fmt: skip
    loads = {load.clause: load for load in simulate([slow], events, working_days()).loads}
    assert loads["CV-04"].decided == 2  # half a year after the first purchase the customer is an old one
    worst = simulate([slow], events, working_days(), answers=Answers(Fraction(1)))
    news = [rule.id for rule in slow.rules].index("progress")
    due = sorted(
        date(1970, 1, 1) + timedelta(days=int(one.due)) for one in worst.duties.itertuples() if one.rule == news
    )
    first_visit = working_days().add(days[0], 5)
    assert due[:2] == [working_days().add(first_visit, 5), working_days().add(first_visit, 10)]
