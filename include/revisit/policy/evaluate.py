"""The reference engine: what a pack means, event by event, in plain Python.

It is slow and easy to read. The set-based SQL of `sql/plan` must agree with it on every worked case and on generated
histories; where they differ, one of them is wrong.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from revisit.domain.attempts import given_up_on
from revisit.domain.calendar import WorkingDays
from revisit.domain.draws import allowance, customer_rank, draw_rank
from revisit.domain.staff import is_idle, is_new
from revisit.domain.windows import Window, add_months, add_span, count_window, midpoint, share_of_term
from revisit.policy.model import Detection, Pack, Quota, Rule, StandIn
from revisit.policy.predicate import holds

_GONE = ("superseded", "suppressed", "out_of_scope")

Place = tuple[str, str, str, str]  # of a customer in a draw that counts customers: pack, quota, stratum, customer


@dataclass(frozen=True, slots=True)
class Event:
    """An event in canonical form. `happened_at` is an aware moment; the pack's time zone makes it a civil day."""

    source: str
    event_key: str
    kind: str
    line: str
    happened_at: datetime
    starts_on: date | None = None
    ends_on: date | None = None
    customer: str | None = None
    department: str | None = None
    area: str | None = None
    matter: str | None = None
    severity: str | None = None
    occasion: str | None = None
    cancelled: bool = False
    attributes: Mapping[str, object] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        return self.source, self.event_key

    def fields(self) -> dict[str, object]:
        """What a `where` may look at."""
        seen = {"severity": self.severity, "department": self.department, "area": self.area, "matter": self.matter}
        return {**self.attributes, **dict(seen.items())}


@dataclass(frozen=True, slots=True)
class Contact:
    """What a record says, as far as rules look at it."""

    key: tuple[str, str]
    rule: str
    recorded_on: date
    unsatisfactory: bool = False
    second_visit_wanted: bool = False
    round: int = 1
    visited_on: date | None = None
    result: str = "reached"
    channel: str = "phone"
    unsolved: bool = False
    agreed_on: date | None = None
    answers: Mapping[str, object] = field(default_factory=dict)

    @property
    def contact_on(self) -> date:
        return self.visited_on or self.recorded_on

    def fields(self) -> dict[str, object]:
        """What a `when` may look at, beside whether the contact was given up."""
        return {
            **self.answers, "result": self.result, "channel": self.channel, "unsatisfactory": self.unsatisfactory,
            "unsolved": self.unsolved, "second_visit_wanted": self.second_visit_wanted,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Issue:
    """A problem raised by a task, open until its department has solved it; `number` counts the event's issues from 1."""

    key: tuple[str, str]
    rule: str
    round: int
    raised_on: date
    solved_on: date | None = None
    number: int = 1


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for one event, rule and round."""

    key: tuple[str, str]
    pack: str
    rule: str
    clause: str
    round: int
    outcome: str
    reason: str
    anchor_on: date | None
    opens_on: date | None
    due_on: date | None
    quota: str | None = None
    stratum: str | None = None
    draw_position: int | None = None
    drawn: bool | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """A pack version, the line it governs, and since when."""

    pack: Pack
    line: str
    adopted_on: date


def event_day(pack: Pack, event: Event) -> date:
    """The day that chooses the pack version and the month: a contract's first day, else the day it happened."""
    return event.starts_on or event.happened_at.astimezone(ZoneInfo(pack.time_zone)).date()


def anchor(pack: Pack, rule: Rule, event: Event) -> date | None:
    """Day 0 of a rule's window; None where the event lacks the date."""
    match rule.anchor:
        case "completed":
            moment = event.happened_at.astimezone(ZoneInfo(pack.time_zone))
            return moment.date() + timedelta(days=rule.day_ends is not None and moment.time() > rule.day_ends)
        case "starts":
            return event.starts_on
        case "ends":
            return event.ends_on
        case "term":
            if event.starts_on is None or event.ends_on is None:
                return None
            return midpoint(event.starts_on, event.ends_on)
        case _:
            return None


def window(pack: Pack, rule: Rule, event: Event, anchor_on: date, working_days: WorkingDays) -> Window:
    """The first and the last day of a contact."""
    if rule.window.share is not None:
        assert event.starts_on is not None and event.ends_on is not None
        return share_of_term(event.starts_on, event.ends_on, *rule.window.share)
    return window_after(pack, rule, anchor_on, working_days)


def window_after(pack: Pack, rule: Rule, anchor_on: date, working_days: WorkingDays) -> Window:
    """The same where nothing but day 0 matters."""
    one = rule.window
    assert one.opens is not None
    return count_window(anchor_on, working_days, one.opens, one.due, one.lasts, rolls=pack.rolls(rule))


def stratum(quota: Quota, event: Event, on: date) -> str:
    """The group within which a quota is exact: month, department, area, occasion, as the pack says."""
    parts = [f"{on:%Y-%m}"] if quota.period == "month" else []
    parts += [getattr(event, name) or "-" for name in ("department", "area", "occasion") if name in quota.per]
    return "/".join(parts)


class Engine:
    """Takes batches in order and keeps the decisions of every event seen so far."""

    def __init__(
        self,
        uses: Sequence[Use],
        working_days: WorkingDays,
        key: bytes,
        rates: Mapping[tuple[str, date], Fraction] | None = None,
        silent: Collection[str] = (),
    ) -> None:
        self._uses, self._days, self._key = uses, working_days, key
        self._rates, self._silent = rates or {}, silent
        self._events: dict[tuple[str, str], Event] = {}
        self._arrived: dict[tuple[str, str], int] = {}
        self._batches = 0
        self._ledger: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
        self._places: dict[tuple[tuple[str, str], str, str], tuple[tuple[str, str], str, str]] = {}
        # by place: the events that share it, each with the rule that draws, and whether it is counted
        self._sharing: dict[Place, dict[tuple[tuple[str, str], str], bool]] = {}
        self._lots: dict[Place, tuple[int, bool]] = {}
        self.decisions: dict[tuple[tuple[str, str], str, str, int], Decision] = {}

    def take(
        self, batch: Iterable[Event], on: date, contacts: Sequence[Contact] = (), issues: Sequence[Issue] = ()
    ) -> None:
        """Decide a batch on `on`: new events, and new versions of known ones; then heed all records and issues so far."""
        changed = {event.key: event for event in batch if self._events.get(event.key) != event}
        self._events |= changed
        self._batches += 1
        for key in changed:
            self._arrived.setdefault(key, self._batches)
        wanted: list[tuple[Use, Rule, Event, Decision]] = []
        for event in changed.values():
            for use in self._uses:
                wanted += self._applicable(use, event, on)
        drawn = self._draw([item for item in wanted if self._enters_draw(item[0], item[3])])
        for use, _rule, _event, decision in wanted:
            self._settle(use.pack.pack, decision, drawn)
        self._withdraw_reclassified(changed, wanted)
        self._recount_customers(changed)
        self._stop(contacts, issues)
        self._conditions(contacts, on)
        self._follow(contacts, issues, on)

    def substitute(
        self, pack: Pack, rule: str, key: tuple[str, str], on: date, reason: str, contacts: Sequence[Contact] = ()
    ) -> tuple[str, str] | None:
        """Give the place of a drawn event to the next of its stratum that was not drawn, and say to which; None where the
        quota does not allow it for this reason, the place was not drawn, is not owed any longer or was answered, or nobody
        is left. A place that was given on already stays where it went.
        """
        given = pack.rule(rule)
        if given.quota is None or given.trigger.event is None:
            return None
        first = pack.drawing_rule(given).id
        if (key, pack.pack, first) in self._places:
            return self._places[key, pack.pack, first][0]
        allowed, group = pack.quota(given.quota).substitutes, self._drawn_together(pack, first, key)
        own = self.decisions.get((key, pack.pack, first, pack.rule(first).round))
        answered = {(c.key, c.rule, c.round) for c in contacts if c.result == "reached"}
        if (
            allowed is None
            or reason not in allowed.for_
            or own is None
            or not own.drawn
            or own.outcome != "due"
            or any(d.outcome == "due" and d.due_on is not None and d.due_on < on for d in group)
            or any((d.key, d.rule, d.round) in answered for d in group)
        ):
            return None
        place = self._next_place(pack, own, on)
        if place is None:
            return None
        self._places[key, pack.pack, first] = place
        for decision in [*group, *self._drawn_together(pack, place[2], place[0])]:
            drawn = decision.key == place[0]
            new = replace(decision, drawn=drawn)
            if decision.outcome not in _GONE:
                outcome, why = self._drawn_words(pack, new)
                new = replace(new, outcome=outcome, reason=why)
            self.decisions[decision.key, decision.pack, decision.rule, decision.round] = new
        return place[0]

    def _next_place(self, pack: Pack, own: Decision, on: date) -> tuple[tuple[str, str], str, str] | None:
        """Who takes a place (event, pack, rule that draws): the first in the order of the draw who was not drawn, has not
        given a place away, is another customer, may be called, and whose windows have not ended.
        """
        customer = self._events[own.key].customer
        left = []
        for decision in self.decisions.values():
            rule, who = pack.rule(decision.rule) if decision.pack == pack.pack else None, self._events[decision.key]
            if (
                rule is None
                or (decision.quota, decision.stratum) != (own.quota, own.stratum)
                or pack.drawing_rule(rule) is not rule
                or decision.drawn is not False
                or decision.outcome != "not_drawn"
                or (decision.key, pack.pack, rule.id) in self._places
                or (customer is not None and who.customer == customer)
                or who.customer in self._silent
            ):
                continue
            ends = [
                one.due_on for one in self._drawn_together(pack, rule.id, decision.key) if one.outcome == "not_drawn"
            ]
            if all(due_on is not None and due_on >= on for due_on in ends):
                order = decision.draw_position, self._arrived[decision.key], decision.key
                left.append((order, (decision.key, pack.pack, rule.id)))
        return min(left, default=(None, None))[1]

    def _drawn_together(self, pack: Pack, first: str, key: tuple[str, str]) -> list[Decision]:
        """What one draw decided about an event: under the rule that draws, and under those that share what it draws."""
        together = [rule for rule in pack.rules if rule.quota and pack.drawing_rule(rule).id == first]
        found = [self.decisions.get((key, pack.pack, rule.id, rule.round)) for rule in together]
        return [decision for decision in found if decision is not None and decision.drawn is not None]

    def _drawn_words(self, pack: Pack, decision: Decision) -> tuple[str, str]:
        """Outcome and reason of what took part in a draw: by the lot, or by a place that was given on since."""
        place = decision.key, pack.pack, pack.drawing_rule(pack.rule(decision.rule)).id
        if decision.drawn:
            return "due", "substitute" if place in self._places.values() else "drawn"
        return "not_drawn", "substituted" if place in self._places else "not_drawn"

    def _applicable(self, use: Use, event: Event, on: date) -> list[tuple[Use, Rule, Event, Decision]]:
        pack = use.pack
        if use.line != event.line or not pack.in_force(event_day(pack, event)):
            return []
        return [
            (use, rule, event, self._decide(use, rule, event, on))
            for rule in pack.rules
            if rule.trigger.event == event.kind
        ]

    def _decide(self, use: Use, rule: Rule, event: Event, on: date) -> Decision:
        """What can be said without a draw; an open draw has the outcome 'draw'."""
        pack, day = use.pack, event_day(use.pack, event)
        quota = pack.quota(rule.quota) if rule.quota else None
        rate = self._rate(quota, day) if quota else None
        anchor_on = anchor(pack, rule, event)
        fields = {**event.fields(), "standing": self._standing(pack, event)}
        opens_on = due_on = None
        if anchor_on is not None:
            span = window(pack, rule, event, anchor_on, self._days)
            opens_on, due_on = span.opens_on, span.due_on
        if event.cancelled:
            outcome, reason = "superseded", "cancelled"
        elif anchor_on is None:
            outcome, reason = "out_of_scope", "no_anchor"
        elif day < use.adopted_on:
            outcome, reason = "out_of_scope", "before_adoption"
        elif not holds(rule.where, fields):
            outcome, reason = "out_of_scope", "not_matched"
        elif any(holds(other.where, fields) for other in pack.rules if rule.id in other.outranks):
            outcome, reason = "suppressed", "outranked"
        elif rule.needs and any(fields.get(name) is None for name in rule.needs.fields):
            outcome, reason = "awaiting", "incomplete"
        elif event.customer in self._silent:
            outcome, reason = "suppressed", "do_not_contact"
        elif rule.condition:
            lapsed = due_on is not None and due_on < on
            outcome, reason = ("out_of_scope", "lapsed") if lapsed else ("awaiting", "condition")
        elif quota and rate is None:
            outcome, reason = "awaiting", "rate"
        elif rate is None or rate == 1:
            outcome, reason = "due", "census"
        else:
            outcome, reason = "draw", ""
        return Decision(
            event.key, pack.pack, rule.id, rule.clause, rule.round, outcome, reason, anchor_on, opens_on, due_on,
            quota.id if quota else None, stratum(quota, event, day) if quota and quota.rate != 1 else None,
        )  # fmt: skip

    def _standing(self, pack: Pack, event: Event) -> str | None:
        """Whether the event's customer is new or old on its day, as far as is known when it is decided."""
        if pack.standing is None or event.customer is None:
            return None
        first = min(
            (
                other.happened_at
                for other in self._events.values()
                if (other.customer, other.line, other.kind) == (event.customer, event.line, pack.standing.since)
                and not other.cancelled
            ),
            default=None,
        )
        zone = ZoneInfo(pack.time_zone)
        if first is None:
            return "new"
        until = add_span(first.astimezone(zone).date(), pack.standing.new_for, self._days)
        return "new" if event.happened_at.astimezone(zone).date() < until else "old"

    def _rate(self, quota: Quota, day: date) -> Fraction | None:
        return quota.rate if quota.rate is not None else self._rates.get((str(quota.decided), day.replace(day=1)))

    def _enters_draw(self, use: Use, decision: Decision) -> bool:
        """The first rule of a quota on a kind of event draws for all of them; whoever took part once never does again."""
        first = use.pack.drawing_rule(use.pack.rule(decision.rule)).id
        old = self.decisions.get((decision.key, decision.pack, decision.rule, decision.round))
        return decision.outcome == "draw" and decision.rule == first and (old is None or old.drawn is None)

    def _draw(
        self, entrants: list[tuple[Use, Rule, Event, Decision]]
    ) -> dict[tuple[str, str, tuple[str, str]], tuple[int, bool]]:
        """Position and result of every entrant: stratum by stratum, in each the batches in order of first arrival.

        Where customers are counted, the first event of a customer draws, and the others have its position and result.
        """
        groups: dict[tuple[str, str, str, int], list[tuple[bool, bytes, Use, Event, Place | None]]] = defaultdict(list)
        followers: list[tuple[Place, Event]] = []
        for use, rule, event, decision in sorted(entrants, key=lambda one: self._order(one[2])):
            place = self._place(use.pack, decision, event)
            if place is not None:
                sharing = self._sharing.setdefault(place, {})
                sharing[event.key, rule.id] = not sharing
                if len(sharing) > 1:
                    followers.append((place, event))
                    continue
                rank = customer_rank(self._key, str(decision.quota), place[-1])
            else:
                rank = draw_rank(self._key, str(decision.quota), event.source, event.event_key)
            name = (decision.pack, str(decision.quota), str(decision.stratum), self._arrived[event.key])
            groups[name].append((self._drawn_this_year(use, decision, event), rank, use, event, place))
        result: dict[tuple[str, str, tuple[str, str]], tuple[int, bool]] = {}
        for (pack, quota, group, _), members in sorted(groups.items(), key=lambda item: item[0]):
            members.sort(key=lambda member: member[:2])
            ledger, (_, _, use, first, _) = self._ledger[pack, quota, group], members[0]
            own = use.pack.quota(quota)
            rate = self._rate(own, event_day(use.pack, first))
            assert rate is not None
            count = allowance(rate, ledger[0] + len(members), ledger[1], own.census_up_to or 0)
            for number, (_, _, _, event, place) in enumerate(members, 1):
                result[pack, quota, event.key] = (ledger[0] + number, number <= count)
                if place is not None:
                    self._lots[place] = result[pack, quota, event.key]
            ledger[0] += len(members)
            ledger[1] += min(count, len(members))
        for place, event in followers:
            result[place[0], place[1], event.key] = self._lots[place]
        return result

    def _order(self, event: Event) -> tuple[int, datetime, tuple[str, str]]:
        """Which of a customer's events comes first: by batch, then by when it happened."""
        return self._arrived[event.key], event.happened_at, event.key

    def _place(self, pack: Pack, decision: Decision, event: Event) -> Place | None:
        """The place an event shares with the customer's others in a draw that counts customers; None where it stands alone."""
        if event.customer is None or pack.quota(str(decision.quota)).unit != "customer":
            return None
        return decision.pack, str(decision.quota), str(decision.stratum), event.customer

    def _drawn_this_year(self, use: Use, decision: Decision, event: Event) -> bool:
        """Whether the customer was drawn in an earlier round of the year, where the rounds complete each other (PS-05)."""
        if use.pack.quota(str(decision.quota)).union is None or event.customer is None:
            return False
        day = event_day(use.pack, event)
        return any(
            other.drawn
            and (other.pack, other.quota) == (decision.pack, decision.quota)
            and self._events[other.key].customer == event.customer
            and date(day.year, 1, 1) <= event_day(use.pack, self._events[other.key]) < day
            for other in self.decisions.values()
        )

    def _settle(
        self, pack: str, new: Decision, drawn: Mapping[tuple[str, str, tuple[str, str]], tuple[int, bool]]
    ) -> None:
        name = (new.key, pack, new.rule, new.round)
        old = self.decisions.get(name)
        if new.outcome == "draw":
            place = drawn.get((pack, str(new.quota), new.key))
            if place is None:  # the rule that draws for it is outranked, incomplete or without a date for this event
                new = replace(new, outcome="not_drawn", reason="not_drawn")
            else:
                word = ("due", "drawn") if place[1] else ("not_drawn", "not_drawn")
                new = replace(new, outcome=word[0], reason=word[1], draw_position=place[0], drawn=place[1])
        if old is not None and old.drawn is not None:
            if new.outcome not in _GONE:
                outcome, reason = self._drawn_words(next(use.pack for use in self._uses if use.pack.pack == pack), old)
                new = replace(new, outcome=outcome, reason=reason)
            self._recount(new, old)
            new = replace(new, draw_position=old.draw_position, drawn=old.drawn, quota=old.quota, stratum=old.stratum)
        elif old is not None and old.reason == "condition_met" and new.reason in ("condition", "lapsed"):
            new = replace(new, outcome=old.outcome, reason=old.reason)
        self.decisions[name] = new

    def _recount(self, new: Decision, old: Decision) -> None:
        """Take a withdrawn event out of its stratum's count, or a restored one back in; the draw's first rule counts."""
        use = next(use for use in self._uses if use.pack.pack == new.pack)
        first = use.pack.drawing_rule(use.pack.rule(old.rule)).id
        change = (old.outcome in _GONE) - (new.outcome in _GONE)
        if any((new.key, new.rule) in sharing for place, sharing in self._sharing.items() if place[0] == new.pack):
            return
        if new.rule == first and change:
            ledger = self._ledger[new.pack, str(old.quota), str(old.stratum)]
            ledger[0] += change
            ledger[1] += change if old.drawn else 0

    def _recount_customers(self, changed: Mapping[tuple[str, str], Event]) -> None:
        """Take a customer out of its stratum's count with the last of its events there, and back in with the first."""
        packs = {use.pack.pack: use.pack for use in self._uses}
        for place, sharing in self._sharing.items():
            before = any(sharing.values())
            for key, rule in sharing:
                if key in changed:
                    name = (key, place[0], rule, packs[place[0]].rule(rule).round)
                    sharing[key, rule] = self.decisions[name].outcome not in _GONE
            change = any(sharing.values()) - before
            self._ledger[place[:3]][0] += change
            self._ledger[place[:3]][1] += change if self._lots[place][1] else 0

    def _withdraw_reclassified(
        self, changed: Mapping[tuple[str, str], Event], wanted: list[tuple[Use, Rule, Event, Decision]]
    ) -> None:
        still = {(decision.key, decision.pack, decision.rule) for _, _, _, decision in wanted}
        packs = {use.pack.pack: use.pack for use in self._uses}
        for name, decision in self.decisions.items():
            rule = packs[decision.pack].rule(decision.rule)
            gone = decision.outcome == "superseded" and decision.reason != "stopped"
            if name[0] not in changed or gone or _follows(rule, decision):
                continue
            if name[:3] not in still:
                self.decisions[name] = replace(decision, outcome="superseded", reason="reclassified")
                if decision.drawn is not None:
                    self._recount(self.decisions[name], decision)
        for name, decision in self.decisions.items():
            rule = packs[decision.pack].rule(decision.rule)
            if name[0] not in changed or not _follows(rule, decision):
                continue
            based = any(
                other.key == decision.key
                and other.pack == decision.pack
                and not _follows(packs[other.pack].rule(other.rule), other)
                and (rule.trigger.event is None or other.rule == rule.id)
                and other.outcome not in _GONE
                for other in self.decisions.values()
            )
            if not based and (decision.outcome == "due" or decision.reason == "stopped"):
                self.decisions[name] = replace(decision, outcome="superseded", reason="cause_gone")
            elif based and decision.reason == "cause_gone":
                self.decisions[name] = replace(decision, outcome="due", reason=_why_owed(rule, decision.round))

    def _stop(self, contacts: Sequence[Contact], issues: Sequence[Issue]) -> None:
        """End duties that come again where an event of `until` has happened or the issue is solved; go on where it is not so.

        A round whose contact took place is left alone.
        """
        packs = {use.pack.pack: use.pack for use in self._uses}
        done = {(c.key, c.rule, c.round) for c in contacts if c.result == "reached"}
        for name, decision in self.decisions.items():
            rule = packs[decision.pack].rule(decision.rule)
            if rule.recur is None or (decision.key, decision.rule, decision.round) in done:
                continue
            stopped = self._stopped(packs[decision.pack], rule, self._events[decision.key], issues)
            if stopped and decision.outcome == "due":
                self.decisions[name] = replace(decision, outcome="superseded", reason="stopped")
            elif not stopped and decision.reason == "stopped":
                again = replace(decision, outcome="due", reason=_why_owed(rule, decision.round))
                raised_on = self._raised_on(packs[decision.pack], rule, decision.key, issues)
                if raised_on is not None and decision.anchor_on is not None and raised_on > decision.anchor_on:
                    span = window_after(packs[decision.pack], rule, raised_on, self._days)
                    again = replace(again, anchor_on=raised_on, opens_on=span.opens_on, due_on=span.due_on)
                self.decisions[name] = again

    def _raised_on(self, pack: Pack, rule: Rule, key: tuple[str, str], issues: Sequence[Issue]) -> date | None:
        """When the first of an event's open issues was raised, for a rule that brings news of them."""
        names = {one.id for one in pack.rules} if rule.trigger.issue == "open" else set()
        return min(
            (i.raised_on for i in issues if i.key == key and i.rule in names and i.solved_on is None), default=None
        )

    def _stopped(self, pack: Pack, rule: Rule, event: Event, issues: Sequence[Issue]) -> bool:
        assert rule.recur is not None
        if rule.trigger.issue:
            names = {one.id for one in pack.rules}
            return not any(i.key == event.key and i.rule in names and i.solved_on is None for i in issues)
        return event.customer is not None and any(
            other.kind in rule.recur.until
            and other.customer == event.customer
            and other.line == event.line
            and not other.cancelled
            and other.happened_at > event.happened_at
            for other in self._events.values()
        )

    def _follow(self, contacts: Sequence[Contact], issues: Sequence[Issue], on: date) -> None:
        """Owe what records and issues ask for. What was once owed for a contact stands."""
        told: dict[tuple[tuple[str, str], str, int], list[Contact]] = defaultdict(list)
        for contact in contacts:
            told[contact.key, contact.rule, contact.round].append(contact)
        for use in self._uses:
            for rule in use.pack.rules:
                for records in told.values():
                    self._follow_contact(use.pack, rule, records, issues, on)
                for issue in sorted(issues, key=lambda one: one.number):
                    if rule.trigger.issue == "open" and issue.solved_on is None:
                        self._owe(use.pack, rule, issue.key, issue.rule, issue.round, 1, issue.raised_on, None)
                    elif rule.trigger.issue == "solved":
                        cause = issue.rule, issue.round, issue.number
                        self._owe(use.pack, rule, issue.key, *cause, issue.solved_on, None)

    def _follow_contact(
        self, pack: Pack, rule: Rule, records: Sequence[Contact], issues: Sequence[Issue], on: date
    ) -> None:
        """Owe what the newest of a task's records asks for."""
        contact = records[-1]
        event = self._events.get(contact.key)
        if event is None:
            return
        if rule.trigger.after == contact.rule:
            ended_on = self._ended_on(pack, records, on)
            if holds(rule.trigger.when, {**event.fields(), **contact.fields(), "given_up": ended_on is not None}):
                days = {"contact": contact.contact_on, "agreed": contact.agreed_on, "given_up": ended_on}
                cause = contact.rule, contact.round, contact.round
                self._owe(pack, rule, contact.key, *cause, days[rule.anchor], None)
        recur = rule.recur
        if recur is None or rule.id != contact.rule or contact.result != "reached":
            return
        if self._stopped(pack, rule, event, issues):
            return
        if recur.at_most is None or contact.round < recur.at_most:
            agreed, next_round = contact.agreed_on if recur.agreed else None, contact.round + 1
            raised_on = self._raised_on(pack, rule, contact.key, issues) or contact.contact_on
            anchor_on = max(contact.contact_on, raised_on)  # a new issue starts the news anew
            self._owe(pack, rule, contact.key, contact.rule, contact.round, next_round, anchor_on, agreed)

    def _ended_on(self, pack: Pack, records: Sequence[Contact], on: date) -> date | None:
        """The day by which a task's contact was given up; None while it was not, or where somebody was reached."""
        newest = records[-1]
        decision = self.decisions.get((newest.key, pack.pack, newest.rule, newest.round))
        if newest.result != "unreached" or decision is None or decision.due_on is None:
            return None
        attempts = pack.rule(newest.rule).attempts
        if attempts is None:
            return newest.contact_on
        if any(record.result == "reached" for record in records):
            return None
        days = [record.contact_on for record in records if record.result == "unreached"]
        day = given_up_on(days, decision.due_on, attempts.patience())
        return day if day is not None and day <= on else None

    def _owe(
        self, pack: Pack, rule: Rule, key: tuple[str, str], first: str, told: int, round_: int, anchor_on: date | None,
        agreed_on: date | None,
    ) -> None:  # fmt: skip
        """A duty that follows the decision (key, first, told), unless that was withdrawn or the follower exists."""
        cause = self.decisions.get((key, pack.pack, first, told))
        name = (key, pack.pack, rule.id, round_)
        if cause is None or cause.outcome in _GONE or anchor_on is None or name in self.decisions:
            return
        if rule.recur and rule.id == first:
            span = count_window(
                anchor_on, self._days, rule.recur.opens, rule.recur.every, agreed_on=agreed_on, rolls=pack.rounds_roll
            )
        else:
            span = window_after(pack, rule, anchor_on, self._days)
        silent = self._events[key].customer in self._silent
        self.decisions[name] = Decision(
            key, pack.pack, rule.id, rule.clause, round_, "suppressed" if silent else "due",
            "do_not_contact" if silent else _why_owed(rule, round_), anchor_on, span.opens_on, span.due_on,
        )  # fmt: skip

    def _conditions(self, contacts: Iterable[Contact], on: date) -> None:
        """Turn conditional duties into due ones, and close those whose window ended without need."""
        told = list(contacts)
        packs = {use.pack.pack: use.pack for use in self._uses}
        for name, decision in self.decisions.items():
            rule = packs[decision.pack].rule(decision.rule)
            if rule.condition is None or decision.reason not in ("condition", "lapsed"):
                continue
            event = self._events[decision.key]
            assert decision.due_on is not None
            asked = any(
                contact.key == decision.key
                and contact.rule == rule.condition.first
                and contact.recorded_on <= min(decision.due_on, on)
                and (
                    ("unsatisfactory" in rule.condition.any_of and contact.unsatisfactory)
                    or ("flagged" in rule.condition.any_of and contact.second_visit_wanted)
                )
                for contact in told
            )
            if asked or ("repeated" in rule.condition.any_of and self._repeats(packs[decision.pack], rule, event)):
                self.decisions[name] = replace(decision, outcome="due", reason="condition_met")
            elif decision.due_on < on:
                self.decisions[name] = replace(decision, outcome="out_of_scope", reason="lapsed")

    def _repeats(self, pack: Pack, rule: Rule, event: Event) -> bool:
        """Whether an event is the n-th of its line, customer and matter within the months of a detection (PQ-27)."""
        assert rule.condition is not None
        found = next(d for d in pack.detections if d.id == rule.condition.repeat)
        if event.customer is None or event.matter is None:
            return False
        assert found.at_least is not None
        after = _counted_after(found, event.happened_at.astimezone(ZoneInfo(pack.time_zone)))
        alike = [
            other
            for other in self._events.values()
            if (other.line, other.kind, other.customer) == (event.line, event.kind, event.customer)
            and not other.cancelled
        ]
        from_ = _last_other(found, alike, event)
        same = [
            other
            for other in alike
            if other.matter == event.matter
            and after < other.happened_at <= event.happened_at
            and (from_ is None or from_ <= other.happened_at)
        ]
        return len(same) >= found.at_least


def _follows(rule: Rule, decision: Decision) -> bool:
    """Whether a decision was made because of a record or an issue, not of the event itself."""
    return rule.trigger.event is None or decision.round != rule.round


def _why_owed(rule: Rule, round_: int) -> str:
    if rule.recur and round_ != rule.round:
        return "recurring"
    return "census" if rule.trigger.event else "followed"


def _counted_after(detection: Detection, moment: datetime) -> datetime:
    """The moment after which events count with one of `moment` (in the pack's time zone)."""
    assert detection.within_months is not None
    if detection.calendar:
        first = add_months(moment.date().replace(day=1), 1 - detection.within_months)
        return datetime.combine(first, time.min, moment.tzinfo) - timedelta(microseconds=1)
    return datetime.combine(add_months(moment.date(), -detection.within_months), moment.timetz())


def _last_other(detection: Detection, events: Iterable[Event], event: Event) -> datetime | None:
    """When the last of a customer's events with another matter came before an event; None where it interrupts nothing."""
    others = (
        other.happened_at for other in events if other.matter != event.matter and other.happened_at < event.happened_at
    )
    return max(others, default=None) if detection.in_a_row else None


def stands_in(
    one: StandIn, hired_on: date | None, last_success: date | None, on: date, working_days: WorkingDays
) -> bool:
    """Whether somebody else makes a person's contacts on `on`: the person is new, or was too long without success."""
    if one.new_for is not None:
        return is_new(hired_on, on, one.new_for, working_days)
    assert one.idle_for is not None
    return is_idle(hired_on, last_success, on, one.idle_for, working_days)


def repeats(
    pack: Pack, detection: Detection, events: Iterable[Event], first: date, last: date
) -> list[tuple[str, str, int]]:
    """What came again and again (PQ-27) from `first` to `last`: customer, matter and count, the most frequent first.

    Counted are the events of the window that ends with the last event of a day; told is the newest day that reaches the number.
    """
    assert detection.at_least is not None
    zone = ZoneInfo(pack.time_zone)
    by_customer: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.kind == detection.event and not event.cancelled and event.customer:
            by_customer[event.customer].append(event)
    found = []
    for customer, alike in by_customer.items():
        days: dict[str, dict[date, Event]] = defaultdict(dict)  # the last event of each day with a matter
        for event in sorted(alike, key=lambda one: one.happened_at):
            if event.matter:
                days[event.matter][event.happened_at.astimezone(zone).date()] = event
        for matter, lasts in days.items():
            for day in sorted((day for day in lasts if first <= day <= last), reverse=True):
                night = datetime.combine(day, time.max, zone)
                after = _counted_after(detection, night).astimezone(zone).date()
                from_ = _last_other(detection, alike, lasts[day])
                counted = [
                    other.department
                    for other in alike
                    if other.matter == matter
                    and after < other.happened_at.astimezone(zone).date() <= day
                    and (from_ is None or from_ <= other.happened_at)
                ]
                different = len({name for name in counted if name}) if detection.across else len(counted)
                if different >= detection.at_least:
                    found.append((customer, matter, len(counted)))
                    break
    return sorted(found, key=lambda item: (-item[2], item[0], item[1]))
