"""What a valid pack may still get wrong: overlapping rules, windows shorter than a holiday, an old comparison."""

from collections.abc import Iterator
from datetime import date
from itertools import combinations

from revisit.domain.windows import add_months
from revisit.policy.model import Pack, Rule

LONGEST_HOLIDAY = 9  # days: the Spring Festival of 2026 with its weekends


def advice(pack: Pack, on: date) -> Iterator[str]:
    """Notes on a pack as it stands on a day, each with the rule and the way out."""
    if on > add_months(pack.confirmed_on, 12):
        yield (
            f"nobody has compared the pack with its text since {pack.confirmed_on}. Compare them, and write today's day as "
            f"'confirmed_on'."
        )
    for one, other in combinations(pack.rules, 2):
        if _overlap(one, other) and other.id not in one.outranks and one.id not in other.outranks:
            yield (
                f"'{one.id}' and '{other.id}' ask for a contact about the same event with windows that overlap; one call "
                f"settles both. If one of them is meant to win, let it outrank the other."
            )
    for rule in pack.rules:
        due = rule.window.due
        if due and due.unit == "day" and 0 < due.count < LONGEST_HOLIDAY:
            yield (
                f"'{rule.id}' ({rule.clause}) is due {due.count} calendar days after its anchor, less than the longest holiday "
                f"({LONGEST_HOLIDAY} days); somebody must be on duty, or count working days."
            )
    measured = {metric.quota for metric in pack.metrics}
    for quota in pack.quotas:
        if quota.id not in measured:
            yield f"the quota {quota.id} has no metric, so that the report does not say whether it was reached."
    named = {assignment.lead for rule in pack.rules for assignment in rule.assign}
    named |= {assignment.joint for rule in pack.rules for assignment in rule.assign if assignment.joint}
    named |= {step.by for step in pack.report.chain} | {pack.on_result.report_to}
    named |= {pack.lifecycle.issue.by} if pack.lifecycle.issue else set()
    for role in pack.roles:
        if role.id not in named:
            yield f"the role '{role.id}' is never asked to do anything."


def _overlap(one: Rule, other: Rule) -> bool:
    """Whether two rules on the same events are open on the same day, as far as their own words tell."""
    if one.trigger.event is None or one.trigger.event != other.trigger.event or one.where != other.where:
        return False
    if one.anchor != other.anchor or one.window.share or other.window.share:
        return False
    spans = [(rule.window.opens, rule.window.due) for rule in (one, other)]
    if any(opens is None or due is None or opens.unit != "day" or due.unit != "day" for opens, due in spans):
        return False
    (first, last), (begin, end) = [(opens.count, due.count) for opens, due in spans if opens and due]
    return first <= end and begin <= last
