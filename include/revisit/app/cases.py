"""Worked cases beside a pack: read, and run on the reference engine. The tests run the same cases on the SQL."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from revisit.app import hours
from revisit.app.case_file import Case, read_cases
from revisit.app.judge_line import Standards, record_of, task_faults
from revisit.app.qualified import Person, Register
from revisit.app.scores import score_row
from revisit.app.standings import calls_allowed
from revisit.delivery import sheet
from revisit.domain.calendar import WorkingDays, number_days
from revisit.domain.call_sheets import may_call
from revisit.domain.channel_caps import Cap, Ways, share_out
from revisit.domain.feeds import overdue_period
from revisit.domain.periods import parse
from revisit.domain.scores import concentration
from revisit.domain.windows import retained_until
from revisit.policy.evaluate import Contact, Engine, Event, Issue, Use, repeats, stands_in
from revisit.policy.load import Choices, LoadedPack, load_pack
from revisit.policy.model import Effective, Pack, Rule, parse_rate
from revisit.reports.model import Portion
from revisit.store import calendars

SOURCE, LINE, KEY = "cases", "line", b"worked cases"
_NINE, _MONDAY = "T01:00:00", date(2026, 3, 2)
_FACTS = ("customer", "department", "area", "matter", "severity", "occasion", "cancelled", "attributes")

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A decision as a case looks at it."""

    outcome: str
    reason: str
    anchor_on: date | None
    opens_on: date | None
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Step:
    """A day of a case: events that arrive, records and issues told on it, places in a draw given on after that."""

    day: date
    events: Sequence[Event]
    contacts: Sequence[Contact]
    issues: Sequence[Issue]
    substituted: Sequence[Case] = ()


@cache
def working_days() -> WorkingDays:
    """The published calendar, and Monday to Friday after it."""
    return WorkingDays(number_days(calendars.published_days(), calendars.FIRST, date(2028, 12, 31)))


def load_for_cases(folder: Path, pack_file: Path | None = None, case: Case | None = None) -> LoadedPack:
    """A pack with every default accepted and its blanks filled in as `cases.yaml` says, and as a case says for itself."""
    values, _ = read_cases(folder)
    chosen = {**values, **(case or {}).get("values", {})}
    return load_pack(
        pack_file or folder, Choices(chosen, load_pack(pack_file or folder, Choices(chosen, ())).on_default)
    )


def always_in_force(pack: Pack) -> Pack:
    """The pack as if it had no first and no last day: what its text says does not depend on when it is put in force."""
    return pack.model_copy(update={"effective": Effective.model_validate({"from": date.min})})


def event_of(given: Case) -> Event:
    """An event of a case: at nine o'clock in Shanghai of its day, or at the moment given (UTC)."""
    moment = str(given["completed"]).replace(" ", "T")
    happened = datetime.fromisoformat(moment if "T" in moment else moment + _NINE).replace(tzinfo=UTC)
    return Event(
        SOURCE, given["key"], given["kind"], LINE, happened,
        given.get("starts"), given.get("ends"), **{name: given[name] for name in _FACTS if name in given},
    )  # fmt: skip


def steps(case: Case) -> list[Step]:
    """The days of a case in order; events that people merge on a day (`same`) come again with the matter they stand under."""
    found = [Step(case["day"], _events(case), [], [])]
    told = {event.key: event for event in found[0].events}  # as their source has them
    merges: dict[tuple[Any, ...], str | None] = {}
    for later in case.get("then", []):
        contacts = [_contact(given, later["day"]) for given in later.get("contacts", [])]
        raised = [_issue(given, later["day"], number, None) for number, given in enumerate(later.get("raised", []), 1)]
        solved = [
            _issue(given, later["day"], number, given.get("day", later["day"]))
            for number, given in enumerate(later.get("solved", []), 1)
        ]
        arrived = {event.key: event for event in _events(later)}
        before = {key: _standing(event, merges) for key, event in told.items() if key not in arrived}
        told |= arrived
        for given in later.get("same", []):
            one, into = (_standing(told[SOURCE, given[name]], merges) for name in ("event", "into"))
            if one.matter != into.matter:
                merges[one.customer, one.kind, one.matter] = into.matter
        now = {key: _standing(event, merges) for key, event in told.items()}
        events = [event for key, event in now.items() if event != before.get(key)]
        found.append(Step(later["day"], events, contacts, raised + solved, later.get("substituted", [])))
    return found


def _standing(event: Event, merges: Mapping[tuple[Any, ...], str | None]) -> Event:
    """An event under the matter that people merged its own into."""
    while (into := merges.get((event.customer, event.kind, event.matter))) is not None:
        event = replace(event, matter=into)
    return event


def _events(given: Case) -> list[Event]:
    """The events of a day: one by one, and those that `repeat` counts out (`{n}` in their texts is the number)."""
    events = [event_of(one) for one in given.get("events", [])]
    if "repeat" in given:
        one = {"key": "e{n}", **given["repeat"]["event"]}
        for n in range(given["repeat"]["count"]):
            numbered = {
                name: value.replace("{n}", str(n)) if isinstance(value, str) else value for name, value in one.items()
            }
            events.append(event_of(numbered))
    return events


def _issue(given: Case, day: date, number: int, solved_on: date | None) -> Issue:
    return Issue((SOURCE, given["event"]), given["rule"], given.get("round", 1), day, solved_on, number)


def newest(issues: Sequence[Issue]) -> list[Issue]:
    """What is known of each issue by the last time it was told."""
    return list({(one.key, one.rule, one.round): one for one in issues}.values())


def _contact(given: Case, day: date) -> Contact:
    known = {"unsatisfactory", "unsolved", "second_visit_wanted", "result", "channel", "answers"}
    return Contact(
        (SOURCE, given["event"]), given["rule"], day, round=given.get("round", 1), visited_on=given.get("visited", day),
        agreed_on=given.get("agreed"), **{name: given[name] for name in known if name in given},
    )  # fmt: skip


def rates(case: Case) -> dict[tuple[str, date], Fraction]:
    """The rates that were decided at run time."""
    return {(r["parameter"], r["period"]): parse_rate(r["rate"]) for r in case.get("rates", [])}


def decide(pack: Pack, case: Case) -> dict[Key, Row]:
    """The reference engine's decisions at the end of a case, by event and rule (`rule#2` for its second round)."""
    engine = Engine([Use(pack, LINE, date(2000, 1, 1))], working_days(), KEY, rates(case), case.get("silent", []))
    contacts: list[Contact] = []
    issues: list[Issue] = []
    for step in steps(case):
        contacts, issues = [*contacts, *step.contacts], [*issues, *step.issues]
        engine.take(step.events, step.day, contacts, newest(issues))
        for one in step.substituted:
            engine.substitute(pack, one["rule"], (SOURCE, one["event"]), step.day, one["reason"], contacts)
    return {
        (key[1], rule if round_ == pack.rule(rule).round else f"{rule}#{round_}"): Row(
            d.outcome, d.reason, d.anchor_on, d.opens_on, d.due_on
        )
        for (key, _, rule, round_), d in engine.decisions.items()
    }


def check_decisions(case: Case, found: Mapping[Key, Row]) -> Iterator[str]:
    """What differs from `expect` and `count`."""
    for wanted in case.get("expect", []):
        name = f"{wanted['event']}/{wanted['rule']}"
        row = found.get((wanted["event"], wanted["rule"]))
        if row is None:
            if wanted.get("outcome") != "none":
                yield f"{name}: no decision"
            continue
        shown = {
            "outcome": row.outcome, "reason": row.reason, "anchor": row.anchor_on, "opens": row.opens_on, "due": row.due_on
        }  # fmt: skip
        for key, value in shown.items():
            if key in wanted and wanted[key] != value:
                yield f"{name}: {key} is {value}, not {wanted[key]}"
    customers = {step_event.event_key: step_event.customer for step in steps(case) for step_event in step.events}
    for wanted in case.get("covered", []):
        reached = {
            customers[event] for (event, rule), row in found.items() if rule == wanted["rule"] and row.outcome == "due"
        }
        if len(reached) != wanted["is"]:
            yield f"{wanted['rule']}: {len(reached)} customers are owed a contact, not {wanted['is']}"
    counts = Counter((rule, row.outcome) for (_, rule), row in found.items())
    for wanted in case.get("count", []):
        if counts[wanted["rule"], wanted["outcome"]] != wanted["is"]:
            yield f"{wanted['rule']}: {counts[wanted['rule'], wanted['outcome']]} {wanted['outcome']}, not {wanted['is']}"


def faults(pack: Pack, case: Case) -> list[str]:
    """Everything in which a pack differs from a case, on the reference engine; nothing where they agree."""
    found = list(check_decisions(case, decide(pack, case))) if "day" in case else []
    found += _check_repeats(pack, case)
    for key, check in _CHECKS.items():
        for wanted in case.get(key, []):
            found += check(pack, wanted)
    if "filing" in case:
        found += _check_filing(pack, case["filing"])
    if "blank" in case:
        blank = [one.id for one in pack.parameters if one.stated == "blank"]
        if blank != list(case["blank"]):
            found.append(f"blank are {', '.join(blank)}")
    said = _says(pack)
    found += [
        f"{key} is {said.get(key)}, not {value}"
        for key, value in case.get("says", {}).items()
        if said.get(key) != value
    ]
    known = {metric.id: metric for metric in pack.metrics}
    for wanted in case.get("figures", []):
        metric = known.get(wanted["metric"])
        if metric is None:
            found.append(f"{wanted['metric']}: not measured")
        if parse(str(wanted["period"])).kind != pack.report.period:
            found.append(f"{wanted['metric']}: the report is about each {pack.report.period}, not {wanted['period']}")
    return found


def _check_repeats(pack: Pack, case: Case) -> list[str]:
    if "repeats" not in case:
        return []
    wanted = case["repeats"]
    detection = next((one for one in pack.detections if one.id == wanted["detection"]), None)
    if detection is None:
        return [f"{wanted['detection']}: not detected"]
    events = {event.key: event for step in steps(case) for event in step.events}.values()
    span = parse(str(wanted["period"]))
    seen = [
        {"customer": customer, "matter": matter, "times": times}
        for customer, matter, times in repeats(pack, detection, events, span.first, span.last)
    ]
    return [] if seen == [dict(one) for one in wanted["found"]] else [f"{wanted['detection']}: found {seen}"]


def _rule(pack: Pack, name: str) -> Rule | None:
    return next((rule for rule in pack.rules if rule.id == name), None)


def _facts(wanted: Case) -> dict[str, Any]:
    given = dict(wanted.get("event", {}))
    return {"severity": None, "department": None, "area": None, "matter": None, **given.pop("attributes", {}), **given}


def _check_assigned(pack: Pack, wanted: Case) -> Iterator[str]:
    rule = _rule(pack, wanted["rule"])
    if rule is None:
        yield f"{wanted['rule']}: no such rule"
        return
    given = rule.assignment(_facts(wanted))
    lead, person = given.lead, wanted.get("person", {})
    for one in pack.stand_ins if person else ():
        last = person.get("last") if one.without else None
        if one.role == given.lead and stands_in(one, person.get("hired"), last, wanted["day"], working_days()):
            lead = one.by
            break
    if (lead, given.joint) != (wanted["lead"], wanted.get("joint")):
        yield f"{rule.id}: assigned to {lead} and {given.joint}"


def _check_returned(pack: Pack, wanted: Case) -> Iterator[str]:
    """A returned line that is good but for the answers given: which cells are refused, and whether it is unsatisfactory."""
    rule = _rule(pack, wanted["rule"])
    if rule is None:
        yield f"{wanted['rule']}: no such rule"
        return
    facts, day = _facts(wanted), wanted.get("day", _MONDAY)
    allowed = (rule.channels or pack.channels).allowed
    given = {
        "result": "已回访", "visited_on": str(day), "channel": sheet.CHANNEL_TITLES[allowed[0]], "visitor": "王敏",
        "joint_visitor": "李强", "customer_signed": "是", "solved": "是", "second_visit": "否", "agreed_on": str(day),
        "category": "", "contacted_at": _good_time(pack),
    }  # fmt: skip
    for item in pack.form.ratings:
        scale = item.scale or pack.form.scale
        good = next(answer for answer in scale if answer not in pack.bad_answers(item))
        given[item.id] = good if item.asked(rule.id, facts) else ""
    given |= {item.id: "无" if item.asked(rule.id, facts) else "" for item in pack.form.texts}
    unknown = set(wanted.get("answers", {})) - set(given)
    if unknown:
        yield f"{rule.id}: the form does not ask {', '.join(sorted(unknown))}"
        return
    given |= {name: str(value) for name, value in wanted.get("answers", {}).items()}
    people = wanted.get("staff", {"王敏": {one.id: "是" for one in pack.qualifications}})
    register = Register(Person(name, name, attributes=known) for name, known in people.items())
    line = SimpleNamespace(
        opens_on=day, due_on=wanted.get("due", day), customer_attributes=_own(wanted), channels=wanted.get("offered"),
        joint_department=rule.assignment(facts).joint, pack=pack.pack, rule=rule.id, attributes=facts, severity=facts["severity"],
        department=facts["department"], area=facts["area"],
    )  # fmt: skip
    by = Standards(pack, pack, register, day, working_days())
    refused = sorted(task_faults(given, by, line, {}))
    if refused != sorted(wanted.get("refused", [])):
        yield f"{rule.id}: refused are {refused}, not {sorted(wanted.get('refused', []))}"
    elif not refused:
        record = record_of(given, by, line, (1, 1, 1), "")
        for name in ("unsatisfactory", "unsolved", "in_preferred_hours"):
            if name in wanted and record[name] != wanted[name]:
                yield f"{rule.id}: {name} is {record[name]}"


def _good_time(pack: Pack) -> str:
    """A time at which nothing is wrong with a contact."""
    slots = (pack.hours.preferred or pack.hours.allowed) if pack.hours else ()
    return str(slots[0])[:5] if slots else ""


def _own(wanted: Case) -> dict[str, str]:
    return {hours.ATTRIBUTE: wanted["own"]} if "own" in wanted else {}


def _check_hours(pack: Pack, wanted: Case) -> Iterator[str]:
    """What a list of a day proposes for a duty, given its last day and the customer's own hours."""
    rule = _rule(pack, wanted["rule"])
    own = hours.own_of(SimpleNamespace(customer_attributes=_own(wanted)))
    said = hours.proposal(pack, rule, own, wanted["due"] <= wanted["day"]) if rule else ()
    if list(said) != wanted["is"]:
        yield f"{wanted['rule']}: the proposed time is {'; '.join(said)}"


def _check_held(pack: Pack, wanted: Case) -> Iterator[str]:
    """Whether a duty waits because its customer was called lately."""
    limit = pack.contact
    goes = limit is None or may_call(
        wanted["day"], wanted["due"], wanted["recent"], calls_allowed(limit, bool(wanted.get("averse")))
    )
    if goes == wanted["is"]:
        yield f"due {wanted['due']}, called {wanted['recent']} times lately: held is {not goes}"


def _check_stopped(pack: Pack, wanted: Case) -> Iterator[str]:
    """Which of the duties that are open go out after the contacts made so far, in their order."""
    caps = [Cap(Ways(one.share.channels), one.share.at_most) for one in pack.stops() if one.share]
    rules = [pack.rule(name) for name in wanted["rules"]]
    ways = [Ways((rule.channels or pack.channels).allowed) for rule in rules]
    given, _ = share_out(caps, {Ways({channel}): n for channel, n in wanted["made"].items()}, ways)
    go = [bool(left) for left in given]
    if go != list(wanted["go"]):
        yield f"of {', '.join(wanted['rules'])} go out: {go}"


def _check_feed(pack: Pack, wanted: Case) -> Iterator[str]:
    """Which delivery is asked for on a day, given the last one."""
    feed = next((one for one in pack.feeds if one.id == wanted["feed"]), None)
    if feed is None:
        yield f"{wanted['feed']}: no such feed"
        return
    missing = overdue_period(feed.every, wanted.get("delivered"), wanted["day"], working_days())
    if missing != wanted.get("missing"):
        yield f"{feed.id}: on {wanted['day']} the delivery to {missing} is missing"


def _check_score(pack: Pack, wanted: Case) -> Iterator[str]:
    """A score made of counts: `items` and `figures` as [good, bad], `categories` as numbers of issues."""
    metric = next((one for one in pack.metrics if one.id == wanted["metric"]), None)
    if metric is None:
        yield f"{wanted['metric']}: not measured"
        return
    if metric.spread:
        share = concentration(list(wanted["categories"].values()))
        if share != parse_rate(wanted["is"]):
            yield f"{metric.id}: concentrated by {share}"
        return
    counts: Mapping[str, Sequence[int]] = wanted.get("items") or wanted["figures"]
    portions = [Portion(name, good, good + bad) for name, (good, bad) in counts.items()]
    rates = [portion.rate for portion in portions]
    if "rates" in wanted and rates != [parse_rate(rate) for rate in wanted["rates"]]:
        yield f"{metric.id}: the rates are {rates}"
    if metric.mean:
        row = score_row(metric, "-", portions)
        if (row.score, row.grade) != (parse_rate(wanted["is"]), wanted.get("grade", "")):
            yield f"{metric.id}: {row.score}, grade '{row.grade}'"


def _check_filing(pack: Pack, wanted: Case) -> Iterator[str]:
    filing = pack.lifecycle.file
    filed = filing.day(wanted["visited"]) if filing else wanted["visited"]
    kept = retained_until(filed, pack.retention.years)
    if (filed, kept) != (wanted["filed"], wanted["kept_until"]):
        yield f"filed on {filed}, kept until {kept}"


def _says(pack: Pack) -> dict[str, Any]:
    """What a pack says of the steps around a contact."""
    chain = {step.step: step.by for step in pack.report.chain}
    receipt, due, steps_ = pack.lifecycle.issue, pack.on_result.due, pack.lifecycle
    result = pack.on_result
    return {
        "reviewed_by": steps_.review.by if steps_.review else None,
        "review_workdays": steps_.review.within.count if steps_.review else None,
        "audited_by": steps_.audit.by if steps_.audit else None,
        "audit_share": str(steps_.audit.share) if steps_.audit else None,
        "history_months": pack.preparation.months if pack.preparation else None,
        "categories": list(result.categories.titles) if result.categories else [],
        "ledger_workdays": result.ledger.within.count if result.ledger else None,
        "coordination_workdays": result.coordination.within.count if result.coordination else None,
        "gates": [gate.id for gate in pack.gates],
        "answer_workdays": due.count if due else None,
        "report": pack.report.name,
        "report_period": pack.report.period,
        "due_workday": pack.report.due_workday,
        "written_by": chain.get("written"),
        "decided_by": chain.get("decided"),
        "told": pack.on_result.report_to,
        "form": pack.form.name,
        "receipt": receipt.receipt if receipt else None,
        "channels": list(pack.channels.allowed),
        "preferred_channel": pack.channels.preferred,
        "kept_years": pack.retention.years,
        "procedure": pack.on_result.procedure,
        "messages": [message.id for message in pack.messages],
    }


_CHECKS: Mapping[str, Callable[[Pack, Case], Iterator[str]]] = {
    "assigned": _check_assigned,
    "returned": _check_returned,
    "held": _check_held,
    "stopped": _check_stopped,
    "hours": _check_hours,
    "feeds": _check_feed,
    "scores": _check_score,
}
