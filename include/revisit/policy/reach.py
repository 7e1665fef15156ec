"""Which parts of a pack can never come true: conditions are tried on a value of every kind that they can tell apart."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice, pairwise, product
from math import prod

from revisit.policy.model import Item, Pack, Rule
from revisit.policy.predicate import Comparison, Where, holds

Domains = Mapping[str, Sequence[object]]  # by field: every value it can have; None where it is missing
Place = tuple[str | int, ...]
_MOST = 50_000  # combinations that are tried; beyond, a condition has the benefit of the doubt
_ANYTHING = "\N{REPLACEMENT CHARACTER} another word"
_RESULTS = ("reached", "unreached", "refused")
_STANDING = (None, "new", "old")
_FLAGS = ("unsatisfactory", "unsolved", "second_visit_wanted", "given_up")


def possible(wheres: Sequence[Where], unless: Sequence[Where] = (), known: Domains | None = None) -> bool:
    """Whether something can satisfy all of `wheres` and none of `unless`."""
    given = {"standing": _STANDING, **(known or {})}
    domains = {name: list(given.get(name) or _values(tests)) for name, tests in _tests(wheres, unless).items()}
    if prod(map(len, domains.values())) > _MOST:
        return True
    return any(
        all(holds(where, fields) for where in wheres) and not any(holds(where, fields) for where in unless)
        for fields in (dict(zip(domains, one, strict=True)) for one in islice(product(*domains.values()), _MOST))
    )


def _tests(*groups: Iterable[Where]) -> dict[str, list[Comparison]]:
    found: dict[str, list[Comparison]] = {}
    for where in (where for group in groups for where in group):
        for name, test in where.items():
            one = test if isinstance(test, Comparison) else Comparison.model_validate({"eq": test})
            found.setdefault(name, []).append(one)
    return found


def _values(tests: Iterable[Comparison]) -> Iterator[object]:
    """A value on both sides of everything that the tests compare with, one that they do not name, and none."""
    named = [v for t in tests for v in (t.eq, t.ne, t.gt, t.ge, t.lt, t.le, *(t.in_ or ())) if v is not None]
    yield from (None, _ANYTHING, True, False)
    yield from dict.fromkeys(v for v in named if isinstance(v, str))
    numbers = sorted({v for v in named if isinstance(v, int | Decimal) and not isinstance(v, bool)})
    yield from numbers
    yield from ((one + other) / Decimal(2) for one, other in pairwise(numbers))
    yield from (edge for end in (numbers[:1], numbers[-1:]) for v in end for edge in (v - 1, v + 1))


def unreachable(pack: Pack) -> Iterator[tuple[Place, str]]:
    """Rules that can never be owed, assignments that are never taken and questions that are never asked: where, and why."""
    for index, rule in enumerate(pack.rules):
        if (why := never(pack, rule)) is not None:
            yield ("rules", index, *why[0]), f"'{rule.id}' ({rule.clause}) is never owed: {why[1]}"
            continue
        root = root_where(pack, rule)
        for place, entry in enumerate(rule.assign[:-1]):
            if not possible([root, entry.where], [earlier.where for earlier in rule.assign[:place]]):
                yield (
                    ("rules", index, "assign", place),
                    f"'{rule.id}': this assignment to '{entry.lead}' ({entry.clause}) is never taken, because the entries "
                    f"before it or the rule's own 'where' leave it nothing. Move it up, or remove it.",
                )
    for section, items in (("ratings", pack.form.ratings), ("texts", pack.form.texts)):
        for place, item in enumerate(items):
            if pack.rules and not any(_asked(pack, item, rule) for rule in pack.rules):
                yield (
                    ("form", section, place),
                    f"'{item.id}' ({item.title}) is never asked: no event of its rules can satisfy its 'where'. Correct the "
                    f"'where', or name other 'rules'.",
                )


def root(pack: Pack, rule: Rule) -> Rule:
    """The rule on an event that a rule follows, however indirectly; itself where there is none."""
    seen = {rule.id}
    while rule.trigger.after and rule.trigger.after not in seen:
        seen.add(rule.trigger.after)
        rule = pack.rule(rule.trigger.after)
    return rule


def root_where(pack: Pack, rule: Rule) -> Where:
    return root(pack, rule).where


def _asked(pack: Pack, item: Item, rule: Rule) -> bool:
    return (not item.rules or rule.id in item.rules) and possible([root_where(pack, rule), item.where])


def never(pack: Pack, rule: Rule, seen: tuple[str, ...] = ()) -> tuple[Place, str] | None:
    """Why a rule is never owed, with the way out, and the key at fault; None where it can be."""
    if rule.id in seen:
        return ("trigger",), "it follows itself. Let the first of these rules be triggered by an event."
    if rule.trigger.after is not None:
        return _never_followed(pack, rule, pack.rule(rule.trigger.after), (*seen, rule.id))
    if not possible([rule.where]):
        return ("where",), "its 'where' contradicts itself. Correct it, or split the rule."
    if rule.needs:
        needed: Where = {name: Comparison.model_validate({"present": True}) for name in rule.needs.fields}
        if not possible([rule.where, needed]):
            return ("needs",), "it needs a fact that its 'where' excludes. Remove one of the two."
    winners = [other for other in pack.rules if rule.id in other.outranks]
    if not possible([rule.where], [other.where for other in winners]):
        names = ", ".join(f"'{other.id}'" for other in winners)
        return (), f"{names} outrank it for every event. Narrow their 'where', or take it out of their 'outranks'."
    if rule.quota and pack.quota(rule.quota).rate == 0:
        return ("quota",), f"the quota {rule.quota} is 0 %. Give the quota its rate, or remove the rule."
    return _never_conditional(pack, rule, (*seen, rule.id))


def _never_conditional(pack: Pack, rule: Rule, seen: tuple[str, ...]) -> tuple[Place, str] | None:
    if rule.condition is None or "repeated" in rule.condition.any_of:
        return None
    first = pack.rule(rule.condition.first)
    if root(pack, first).trigger.event != rule.trigger.event:
        return ("condition",), (
            f"it waits for a record of '{first.id}', which is about other events. Name a rule on {rule.trigger.event}."
        )
    if never(pack, first, seen) is not None:
        return (
            "condition",
        ), f"it waits for a record of '{first.id}', which is never owed itself. Correct that one first."
    return None


def _never_followed(pack: Pack, rule: Rule, cause: Rule, seen: tuple[str, ...]) -> tuple[Place, str] | None:
    at = ("trigger", "after")
    if never(pack, cause, seen) is not None:
        return at, f"it follows '{cause.id}', which is never owed itself. Correct that one first."
    known = _record_values(pack, cause)
    for name, test in rule.trigger.when.items():
        if not possible([{name: test}], known=known):
            return ("trigger", "when", name), (
                f"a record of '{cause.id}' never says so of '{name}'; it can be "
                f"{_listed(known[name]) if name in known else 'anything but that'}. Write one of these, or another field."
            )
    if not possible([rule.trigger.when, root_where(pack, rule)], known=known):
        return (
            "trigger",
            "when",
        ), f"its 'when' contradicts itself or the 'where' of '{root(pack, rule).id}'. Correct one of them."
    return None


def _record_values(pack: Pack, cause: Rule) -> dict[str, list[object]]:
    """What a record of a rule can say: its result, channel, flags, and the answers to the questions asked under the rule."""
    found: dict[str, list[object]] = {
        "result": list(_RESULTS),
        "channel": list((cause.channels or pack.channels).allowed),
    }
    found |= {name: [True, False] for name in _FLAGS}
    for item in pack.form.ratings:
        found[item.id] = [*(item.scale or pack.form.scale), None] if _asked(pack, item, cause) else [None]
    return found | {item.id: [None] for item in pack.form.texts if not _asked(pack, item, cause)}


def _listed(values: Sequence[object]) -> str:
    words = [
        "missing" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        for value in values
    ]
    return ", ".join(words)
