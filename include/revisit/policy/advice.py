"""What a valid pack may still get wrong: overlapping rules, clauses that never come true, short windows, old comparisons."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from revisit.domain.windows import Span, add_months
from revisit.policy.model import Pack, Rule
from revisit.policy.reach import Place, possible, unreachable

LONGEST_HOLIDAY = 9  # days: the Spring Festival of 2026 with its weekends
_DAYS = {"day": (1, 1), "week": (7, 7), "month": (28, 31), "year": (365, 366)}


@dataclass(frozen=True, slots=True)
class Note:
    """What is doubtful, with the way out, and the keys that lead to it in pack.yaml."""

    at: Place
    said: str


def advice(pack: Pack, on: date) -> Iterator[Note]:
    """Notes on a pack as it stands on a day."""
    yield from _dates(pack, on)
    for place, said in unreachable(pack):
        yield Note(place, said)
    for index, rule in enumerate(pack.rules):
        if not pack.rolls(rule):
            yield from (Note(("rules", index, "window"), said) for said in _window(rule))
    for (_, one), (index, other) in combinations(enumerate(pack.rules), 2):
        if _overlap(one, other) and other.id not in one.outranks and one.id not in other.outranks:
            yield Note(
                ("rules", index),
                f"'{one.id}' and '{other.id}' ask for a contact about the same event with windows that overlap; one call "
                f"settles both. If one of them is meant to win, let it outrank the other.",
            )
    yield from _unused(pack)


def _dates(pack: Pack, on: date) -> Iterator[Note]:
    if on > add_months(pack.confirmed_on, 12):
        yield Note(
            ("confirmed_on",),
            f"nobody has compared the pack with its text since {pack.confirmed_on}. Compare them, and write today's day as "
            f"'confirmed_on'.",
        )
    until = pack.effective.until
    if until is not None and until < pack.effective.from_:
        yield Note(("effective",), f"the pack ends on {until}, before it begins. Correct 'from' or 'until'.")
    elif until is not None and until < on:
        yield Note(
            ("effective",), f"the pack ended on {until}; later events owe nothing. Set 'until' later, or remove it."
        )


def _window(rule: Rule) -> Iterator[str]:
    """A window that closes before it opens, or that a long holiday can cover whole."""
    opens, due = rule.window.opens, rule.window.due
    if (
        opens
        and due
        and opens.unit != due.unit
        and "workday" not in (opens.unit, due.unit)
        and _days(opens)[0] > _days(due)[1]
    ):
        yield f"'{rule.id}' ({rule.clause}) is due before it opens. Open it earlier, or let it be due later."
        return
    if rule.window.lasts and opens:
        length = _days(rule.window.lasts)[1]
    elif due and due.unit in ("day", "week") and opens and opens.unit in ("day", "week"):
        length = _days(due)[1] - max(_days(opens)[0], 0)
        if _days(due)[1] <= 0:
            return  # on the day itself, or before it: meant so
    else:
        return
    if length < LONGEST_HOLIDAY:
        yield (
            f"'{rule.id}' ({rule.clause}) has {length + 1} calendar days from its first to its last, and the longest holiday "
            f"has {LONGEST_HOLIDAY}; somebody must be on duty, or count working days."
        )


def _days(span: Span) -> tuple[int, int]:
    """The fewest and the most calendar days of a length that is not in working days."""
    least, most = sorted(span.count * factor for factor in _DAYS[span.unit])
    return least, most


def _unused(pack: Pack) -> Iterator[Note]:
    """What is declared and never used."""
    measured = {metric.quota for metric in pack.metrics}
    drawn = {rule.quota for rule in pack.rules}
    for index, quota in enumerate(pack.quotas):
        if quota.id not in drawn:
            yield Note(
                ("quotas", index), f"no rule uses the quota {quota.id}. Name it in a rule's 'quota', or remove it."
            )
        elif quota.id not in measured:
            yield Note(
                ("quotas", index),
                f"the quota {quota.id} has no metric, so that the report does not say whether it was reached. Add a metric "
                f"with 'quota: {quota.id}'.",
            )
    for index, rule in enumerate(pack.rules):
        if rule.round > 1 and all(other.round >= rule.round for other in pack.rules if other.trigger == rule.trigger):
            yield Note(
                ("rules", index, "round"),
                f"'{rule.id}' is round {rule.round}, but no rule with this trigger is an earlier one. Number it 1, or add "
                f"the earlier round.",
            )
    for index, message in enumerate(pack.messages):
        for name in message.rules:
            if "sms" not in (pack.rule(name).channels or pack.channels).allowed:
                yield Note(
                    ("messages", index, "rules"),
                    f"the message '{message.id}' is meant for '{name}', whose channels do not allow sms. Add sms to its "
                    f"'channels', or take the rule out of the message.",
                )
    allowed = set(pack.every_channel())
    if pack.hours and not allowed & set(pack.hours.channels):
        yield Note(
            ("hours",),
            f"the hours ({pack.hours.clause}) are never heeded: no rule allows their channels. Name others in 'channels' of the "
            f"hours, or remove them.",
        )
    for index, signature in enumerate(pack.form.signatures):
        if not allowed & set(signature.channels):
            yield Note(
                ("form", "signatures", index),
                f"the signature of the {signature.who} ({signature.clause}) is never asked for: no rule allows its channels. "
                f"Allow one of them, or remove the signature.",
            )
    yield from _stopped(pack)
    yield from _idle(pack)


def _stopped(pack: Pack) -> Iterator[Note]:
    """What a stop on channels can keep off every list, and channels that it names for nothing."""
    stopped = {channel for metric in pack.stops() if metric.share for channel in metric.share.channels}
    for index, rule in enumerate(pack.rules):
        own = (rule.channels or pack.channels).allowed
        if own and not set(own) - stopped:
            yield Note(
                ("rules", index),
                f"'{rule.id}' ({rule.clause}) can only be made by channels with a stop ({', '.join(own)}), and may wait until "
                f"its window is over. Allow it another channel, or remove 'stop'.",
            )
    for metric_index, metric in enumerate(pack.metrics):
        if metric in pack.stops() and metric.share and not set(metric.share.channels) & set(pack.every_channel()):
            yield Note(
                ("metrics", metric_index, "share"),
                f"the stop of {metric.id} ({metric.clause}) is never heeded: no rule allows its channels. Name others, or remove "
                f"'stop'.",
            )


def _idle(pack: Pack) -> Iterator[Note]:
    named = {assignment.lead for rule in pack.rules for assignment in rule.assign}
    named |= {assignment.joint for rule in pack.rules for assignment in rule.assign if assignment.joint}
    named |= {step.by for step in pack.report.chain} | {pack.on_result.report_to}
    steps = (pack.lifecycle.issue, pack.lifecycle.return_, pack.lifecycle.review, pack.lifecycle.audit)
    named |= {step.by for step in steps if step and step.by}
    named |= {feed.by for feed in pack.feeds} | {one.by for one in pack.stand_ins}
    for index, role in enumerate(pack.roles):
        if role.id not in named:
            yield Note(
                ("roles", index),
                f"the role '{role.id}' is never asked to do anything. Let a rule name it, or remove it.",
            )


def _overlap(one: Rule, other: Rule) -> bool:
    """Whether two rules on the same events can be open on the same day, as far as their own words tell."""
    if one.trigger.event is None or one.trigger.event != other.trigger.event or one.anchor != other.anchor:
        return False
    spans = [(rule.window.opens, rule.window.due) for rule in (one, other)]
    if any(end is None or end.unit == "workday" for span in spans for end in span):
        return False
    (first, last), (begin, end) = [(_days(opens)[0], _days(due)[1]) for opens, due in spans if opens and due]
    return first <= end and begin <= last and possible([one.where, other.where])
