"""Both engines agree on packs and calendars nobody wrote: cadences, follow-ups, news, precedence and draws in any mixture."""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from histories import KEY, LINE, SOURCE, arrive, as_rows, decisions, give_on, prepare, shipped, solve, tell
from revisit.app.plan import plan
from revisit.domain.calendar import CalendarDay, WorkingDays, number_days
from revisit.policy.evaluate import Contact, Event, Issue, Use
from revisit.policy.evaluate import Engine as Reference
from revisit.policy.load import LoadedPack
from revisit.policy.model import Pack, SubstitutionReason
from revisit.store import calendars

EXAMPLES = int(os.environ.get("REVISIT_TEST_EXAMPLES", "60"))
KINDS = ("lead.called", "lead.graded", "deal.closed", "complaint.closed")
SPANS = ("0 days", "1 day", "3 days", "1 week", "1 month", "2 workdays")
REASONS: tuple[SubstitutionReason, ...] = ("moved", "moved", "deceased")
FIRST = datetime(2026, 1, 5, 1, tzinfo=UTC)
ASSIGN = [{"clause": "PM-12", "lead": "butler"}]
CONDITIONS: list[dict[str, Any]] = [
    {},
    {"grade": "A"},
    {"grade": {"in": ["A", "B"]}},
    {"term": {"gt": 12}},
    {"severity": "major"},
    {"term": {"present": False}},
    {"standing": "new"},
    {"standing": "old"},
]


def _rule(name: str, trigger: dict[str, Any], anchor: str, window: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {
        "id": name, "clause": "PM-03", "name": name, "text": name, "trigger": trigger, "anchor": anchor,
        "window": {"opens": window[0], "due": window[1]}, "assign": ASSIGN, **more,
    }  # fmt: skip


@st.composite
def a_window(draw: st.DrawFn) -> tuple[str, str]:
    first, last = sorted(draw(st.tuples(st.integers(0, 5), st.integers(0, 5))))
    return SPANS[min(first, 3)], SPANS[max(last, 3)]


@st.composite
def a_pack(draw: st.DrawFn) -> LoadedPack:
    """Two to five rules on events, some of which come again or outrank others, and rules that follow them."""
    rules: list[dict[str, Any]] = []
    for number in range(draw(st.integers(2, 5))):
        more: dict[str, Any] = {"where": draw(st.sampled_from(CONDITIONS))}
        if draw(st.booleans()):
            agreed, every = draw(st.booleans()), draw(st.sampled_from([*SPANS[1:], "1 half_month", "3 half_months"]))
            later = ["1 day", "1 week"] if every in ("1 month", "3 half_months") else ["1 day"]
            more["recur"] = {
                "opens": "1 day" if agreed else draw(st.sampled_from(later)),
                "every": every,
                "until": draw(st.lists(st.sampled_from(KINDS), max_size=2, unique=True)),
                "at_most": draw(st.sampled_from([None, 2, 3])),
                "agreed": agreed,
            }
        elif draw(st.booleans()):
            more["quota"] = draw(st.sampled_from(["PM-07", "PM-08-repair"]))
        if number == 0:
            more["attempts"] = {
                "clause": "PM-03", "at_least": draw(st.integers(1, 3)), "apart": draw(st.sampled_from(["1 day", "3 days"])),
                "before_end": draw(st.sampled_from(["0 days", "2 days", "1 week"])),
            }  # fmt: skip
        more["day_ends"] = draw(st.sampled_from([None, "09:01", "09:30"]))
        kind = draw(st.sampled_from(KINDS))
        sharing = [
            rule for rule in rules if rule.get("quota") == more.get("quota", "") and rule["trigger"]["event"] == kind
        ]
        if sharing:  # rules of one quota on one kind of event look at the same events
            more["where"] = sharing[0]["where"]
        rules.append(_rule(f"r{number}", {"event": kind}, "completed", draw(a_window()), **more))
    if draw(st.booleans()):  # owed where something happens first, for example the n-th of a customer and matter
        asked = st.lists(st.sampled_from(["unsatisfactory", "repeated", "flagged"]), min_size=1, unique=True)
        condition = {"any_of": draw(asked), "first": "r0", "repeat": "often"}
        trigger = {"event": rules[0]["trigger"]["event"]}
        window = ("0 days", draw(st.sampled_from(["1 week", "3 months"])))
        rules.append(_rule("again", trigger, "completed", window, round=2, condition=condition, where={}))
    names = [rule["id"] for rule in rules]
    for rule in rules:
        others = [name for name in names if name > rule["id"]]
        if rule["where"] and others and draw(st.booleans()):
            rule["outranks"] = [draw(st.sampled_from(others))]
    for number in range(draw(st.integers(0, 2))):
        when = draw(
            st.sampled_from([{}, {"result": "unreached"}, {"unsatisfactory": True}, {"q": "no"}, {"grade": "A"}])
        )
        if draw(st.booleans()):
            when = {**when, "given_up": draw(st.booleans())}
        anchor = draw(st.sampled_from(["contact", "agreed", "given_up"]))
        trigger = {"after": draw(st.sampled_from(names)), "when": when}
        rules.append(_rule(f"f{number}", trigger, anchor, draw(a_window())))
    if draw(st.booleans()):
        rules.append(_rule("closing", {"issue": "solved"}, "solved", ("0 days", "3 days")))
    if draw(st.booleans()):
        recur = {"every": draw(st.sampled_from(SPANS[1:])), "at_most": draw(st.sampled_from([None, 2]))}
        rules.append(_rule("news", {"issue": "open"}, "raised", draw(a_window()), recur=recur))
    return _made_up(draw, rules, _any_quotas(draw))


def _made_up(draw: st.DrawFn, rules: list[dict[str, Any]], quotas: list[dict[str, Any]]) -> LoadedPack:
    base = shipped("property-3-22").pack.model_dump(mode="json", by_alias=True)
    base |= {"pack": "made-up", "rules": rules, "metrics": [], "parameters": []}
    often = {"id": "often", "clause": "PM-20", "name": "often", "key": ["customer", "matter"], "event": KINDS[0]}
    often |= {"calendar": draw(st.booleans()), "in_a_row": draw(st.booleans())}
    base["detections"] = [{**often, "at_least": draw(st.integers(2, 3)), "within_months": 1}]
    base["effective"] = {"from": draw(st.sampled_from(["2020-01-01", "2026-01-08"]))}
    base["quotas"] = quotas
    base["due_on_rest_day"] = draw(st.sampled_from(["stays", "next_workday"]))
    base["standing"] = {"clause": "PM-01", "since": draw(st.sampled_from(KINDS)), "new_for": "1 month"}
    return LoadedPack(Pack.model_validate(base), Path("made-up"), "0" * 64, (), ())


@st.composite
def a_drawing_pack(draw: st.DrawFn) -> LoadedPack:
    """Two to four rules on two kinds of event that nearly all draw; some share a quota, some a draw."""
    rules: list[dict[str, Any]] = []
    for number in range(draw(st.integers(2, 4))):
        kind, quota = draw(st.sampled_from(KINDS[:2])), draw(st.sampled_from(["PM-07", "PM-08-repair"]))
        same = next((rule for rule in rules if (rule["quota"], rule["trigger"]["event"]) == (quota, kind)), None)
        where = same["where"] if same else draw(st.sampled_from([{}, {}, {"grade": {"in": ["A", "B"]}}]))
        window = ("0 days", draw(st.sampled_from(["2 weeks", "1 month", "3 months"])))
        rules.append(_rule(f"r{number}", {"event": kind}, "completed", window, where=where, quota=quota))
    if draw(st.booleans()):
        rules.append(_rule("later", {"after": "r0", "when": {"result": "unreached"}}, "contact", ("0 days", "3 days")))
    return _made_up(draw, rules, _drawn_quotas(draw))


def _any_quotas(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A census or a draw whose places may be given on; rounds that complete each other, or a census up to a volume."""
    one, other = _drawn_quotas(draw)
    if draw(st.booleans()):
        one = {**one, "rate": 1, "substitutes": None}
    if draw(st.booleans()):
        other = {**other, "union": "year", "period": "month", "census_up_to": None, "substitutes": None}
    return [one, other]


def _drawn_quotas(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Two quotas of events whose places may be given on, or of customers; the other one with a census up to a volume."""
    one, other = _drawn_quota(draw), _drawn_quota(draw)
    return [
        one,
        {**other, "id": "PM-08-repair", "clause": "PM-08", "rate": "1/3", "census_up_to": draw(st.integers(1, 4))},
    ]


def _drawn_quota(draw: st.DrawFn) -> dict[str, Any]:
    unit = draw(st.sampled_from(["event", "customer"]))
    return {
        "id": "PM-07",
        "rate": draw(st.sampled_from(["30%", "1/2"])),
        "unit": unit,
        "per": draw(st.sampled_from([["department"], []])),
        "period": draw(st.sampled_from(["month", "none"])),
        "name": "one",
        "substitutes": {"clause": "PM-07", "for": ["moved", "absent"]} if unit == "event" else None,
    }


@st.composite
def a_calendar(draw: st.DrawFn) -> list[CalendarDay]:
    """Half a year whose weekends and holidays fall anywhere, then Monday to Friday."""
    bits = int.from_bytes(draw(st.binary(min_size=23, max_size=23)))
    first = date(2025, 12, 1)
    known = {first + timedelta(days=n): (bool(bits >> n & 1), "") for n in range(180)}
    return number_days(known, first, date(2027, 12, 31))


@st.composite
def some_events(draw: st.DrawFn, step: int, least: int, most: int, kinds: Sequence[str], customers: int) -> list[Event]:
    """So many events of a few customers; keys come again as corrections, cancellations and restorations."""
    events = []
    for place, key in enumerate(
        draw(st.lists(st.integers(1, most + 2).map("e{}".format), unique=True, min_size=least, max_size=most))
    ):
        attributes: dict[str, object] = {}
        if (grade := draw(st.sampled_from(["A", "B", None]))) is not None:
            attributes["grade"] = grade
        if (term := draw(st.sampled_from([12, 13, None]))) is not None:
            attributes["term"] = term
        events.append(
            Event(
                SOURCE, key, draw(st.sampled_from(kinds)), LINE,
                FIRST + timedelta(days=7 * step + draw(st.integers(-10, 6)), minutes=20 * step + place % 3),
                customer=draw(st.sampled_from([*(f"C{n}" for n in range(1, customers + 1)), "C9", None])), department="D1",
                matter=draw(st.sampled_from(["leak", "noise", None])), severity=draw(st.sampled_from(["major", "ordinary"])),
                cancelled=draw(st.sampled_from([False, False, False, True])), attributes=attributes,
            )
        )  # fmt: skip
    return events


def _contacts(draw: Any, engine: Reference, on: date, told: set[tuple[Any, ...]]) -> list[Contact]:
    """Records for some of the duties that are owed and open by now; one that reached nobody may get another record later."""
    found = []
    for (key, _, rule, round_), decision in sorted(engine.decisions.items()):
        if decision.outcome != "due" or decision.opens_on is None or decision.opens_on > on:
            continue
        if (key, rule, round_) in told or not draw(st.booleans()):
            continue
        result = draw(st.sampled_from(["reached", "reached", "unreached"]))
        if result == "reached":
            told.add((key, rule, round_))
        found.append(
            Contact(
                key, rule, on, unsatisfactory=draw(st.booleans()), round=round_,
                visited_on=min(on, decision.opens_on + timedelta(days=draw(st.integers(0, 9)))),
                result=result,
                agreed_on=draw(st.sampled_from([None, on, on + timedelta(days=2)])),
                answers={"q": draw(st.sampled_from(["yes", "no"]))},
            )
        )  # fmt: skip
    return found


def _issues(draw: Any, issues: dict[tuple[Any, ...], Issue], fresh: list[Contact], on: date) -> list[Issue]:
    """The issues that new records raise, some solved at once, and older ones that are solved by now."""
    changed = []
    for name, old in issues.items():
        if old.solved_on is None and draw(st.booleans()):
            changed.append(replace(old, solved_on=on))
            issues[name] = changed[-1]
    for one in fresh:
        name = (one.key, one.rule, one.round)
        if one.unsatisfactory and name not in issues:
            number = 1 + sum(other.key == one.key for other in issues.values())
            issues[name] = Issue(one.key, one.rule, one.round, on, draw(st.sampled_from([None, on])), number)
            changed.append(issues[name])
    return changed


THOROUGH = settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@THOROUGH
@given(data=st.data())
def test_both_engines_agree_on_generated_packs_step_by_step(engine: Engine, data: st.DataObject) -> None:
    _play(engine, data, data.draw(a_pack()), 0, 6, KINDS, 2)


@THOROUGH
@given(data=st.data())
def test_both_engines_agree_on_who_takes_a_place_that_is_given_on(engine: Engine, data: st.DataObject) -> None:
    _play(engine, data, data.draw(a_drawing_pack()), 6, 12, KINDS[:2], 6)


def _play(
    engine: Engine, data: st.DataObject, loaded: LoadedPack, least: int, most: int, kinds: Sequence[str], customers: int
) -> None:
    """Up to four steps of events, records, issues and places given on; the engines are compared after each."""
    with engine.begin() as connection:
        connection.execute(
            text("truncate decision, task, draw, draw_share, substitution, planned_batch, event, event_version, batch, "
                 "quarantine, record, issue, rule, quota, pack_version, pack_use, customer restart identity cascade")
        )  # fmt: skip
    with engine.begin() as connection:
        prepare(connection, [loaded], silent=["C9"])
    days = data.draw(a_calendar())
    with engine.begin() as connection:
        connection.execute(text("delete from calendar_day where calendar = 'made-up'"))
        calendars.write(connection, "made-up", days, "test")
    reference = Reference([Use(loaded.pack, LINE, date(2000, 1, 1))], WorkingDays(days), KEY, {}, ["C9"])
    contacts: list[Contact] = []
    issues: dict[tuple[Any, ...], Issue] = {}
    told: set[tuple[Any, ...]] = set()
    on = date(2026, 1, 10)
    for step in range(data.draw(st.integers(1, 4))):
        on += timedelta(days=data.draw(st.integers(0, 12)))
        events = data.draw(some_events(step, least, most, kinds, customers))
        fresh = _contacts(data.draw, reference, on, told)
        contacts += fresh
        changed = _issues(data.draw, issues, fresh, on)
        tell(engine, "made-up", fresh, on)
        solve(engine, "made-up", changed)
        arrive(engine, events, on)
        plan(engine, on, KEY, "made-up")
        reference.take(events, on, contacts, list(issues.values()))
        assert decisions(engine) == as_rows(reference, [loaded])
        _tasks_match(engine)
        for (key, _, rule), decision in sorted(decisions(engine).items()):
            if decision.drawn and "#" not in rule and data.draw(st.booleans()):
                day, reason = on + timedelta(days=data.draw(st.integers(0, 3))), data.draw(st.sampled_from(REASONS))
                taken = reference.substitute(loaded.pack, rule, (SOURCE, key), day, reason, contacts)
                assert give_on(engine, key, rule, day, reason) == (taken and taken[1])
                assert decisions(engine) == as_rows(reference, [loaded])
        _tasks_match(engine)
        _ledger_adds_up(engine)
        _customers_are_drawn_as_one(engine)


def _customers_are_drawn_as_one(engine: Engine) -> None:
    """All events of a customer in a stratum have one position and one result, and exactly one of them came first."""
    with engine.connect() as connection:
        wrong = connection.execute(
            text("select s.customer from draw_share s join decision d using (event_id, rule_id) where d.drawn is not null "
                 "group by s.quota_id, s.stratum, s.customer "
                 "having count(distinct (d.draw_position, d.drawn)) > 1 or count(*) filter (where s.leads) <> 1")
        ).all()  # fmt: skip
    assert wrong == []


def _ledger_adds_up(engine: Engine) -> None:
    """The ledger's sum over a stratum is what the decisions of the rules that draw say, without what was withdrawn: so many
    events, or so many customers.
    """
    with engine.connect() as connection:
        wrong = connection.execute(
            text("select * from (select quota_id, stratum, sum(eligible - eligible_withdrawn) as n, "
                 "sum(drawn - drawn_withdrawn) as k from draw group by 1, 2) as l "
                 "full join (select d.quota_id, d.stratum, count(distinct s.place) as n, "
                 "count(distinct s.place) filter (where d.drawn) as k "
                 "from decision d join rule r using (rule_id) left join draw_share o using (event_id, rule_id) "
                 "cross join lateral (select coalesce(o.customer, event_id || '/' || rule_id) as place) as s "
                 "where r.draws and d.drawn is not null "
                 "and d.outcome in ('due', 'not_drawn') group by 1, 2) as c using (quota_id, stratum) "
                 "where (coalesce(l.n, 0), coalesce(l.k, 0)) <> (coalesce(c.n, 0), coalesce(c.k, 0))")
        ).all()  # fmt: skip
    assert wrong == []


def _tasks_match(engine: Engine) -> None:
    """Exactly the due decisions have a task that is not superseded, with the same window."""
    with engine.connect() as connection:
        wrong = connection.execute(
            text("select count(*) from decision d full join task t using (event_id, rule_id, round) where "
                 "(coalesce(d.outcome, '') = 'due') <> (coalesce(t.state, 'superseded') <> 'superseded') "
                 "or (d.outcome = 'due' and (d.opens_on, d.due_on) is distinct from (t.opens_on, t.due_on))")
        ).scalar_one()  # fmt: skip
    assert wrong == 0
