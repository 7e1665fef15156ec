"""One pack played through a year of events, as arithmetic on columns: who is owed what, and what the records bring about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from revisit.app.levelling import Days
from revisit.app.year_columns import Calendar, Mask, Year, coded
from revisit.app.year_events import PRESENT
from revisit.domain.windows import Span
from revisit.policy.model import Pack, Quota, Rule
from revisit.policy.predicate import holds

_MOST_ROUNDS = 60
_MOST_WAVES = 60  # how often a contact may follow on a contact: letters after doors after calls, and closing contacts


@dataclass(frozen=True, slots=True)
class Answers:
    """What is assumed of contacts: every one takes place on the last day of its window.

    unreached: the share that reaches nobody. unsatisfactory: of those that reach somebody, the share with the worst answers,
    whose problem is unsolved, becomes an issue, and is solved (and its date agreed) on the department's last day.
    """

    unsatisfactory: Fraction = Fraction(5, 100)
    unreached: Fraction = Fraction(0)
    answer: Span = field(default=Span(5, "workday"))


@dataclass(frozen=True, slots=True)
class Staff:
    """Who visits and how many calls they make on a working day.

    areas: administrator by area. posts: holder by pack and role. departments, people: calls a day by name; for others
    `a_department` and `a_person`, where None sets no limit.
    """

    areas: Mapping[Any, str] = field(default_factory=dict)
    posts: Mapping[tuple[str, str], str] = field(default_factory=dict)
    departments: Mapping[Any, int] = field(default_factory=dict)
    people: Mapping[str, int] = field(default_factory=dict)
    a_department: int | None = None
    a_person: int | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """What one rule asks for: duties decided, contacts owed, and how many were not drawn, suppressed or undecided."""

    pack: str
    clause: str
    name: str
    decided: int
    owed: int
    not_drawn: int
    outranked: int
    undecided: int


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contacts of one rule in one round: the events they are about, and their windows."""

    rule: Rule
    round: int
    rows: Days
    opens: Days
    due: Days


class Play:
    """One pack played through the year: who is owed what, and what its records bring about."""

    def __init__(
        self,
        pack: Pack,
        year: Year,
        calendar: Calendar,
        last: int,
        rates: Mapping[str, Fraction],
        answers: Answers,
    ) -> None:
        self.pack, self.calendar, self.last = pack, calendar, last
        self.year = year if pack.standing is None else year.with_standing(pack.standing, calendar)
        self.rates, self.answers = rates, answers
        self.loads: dict[str, Load] = {}
        self.eligible: dict[str, int] = {}
        self.contacts: list[Contacts] = []
        self._drawn: dict[tuple[str, str], Mask] = {}

    def run(self) -> None:
        for rule in self.pack.rules:
            if rule.trigger.event and not rule.condition:
                self._decide(rule)
        for rule in self.pack.rules:
            if rule.trigger.event and rule.condition:
                self._decide(rule)
        wave, waves = list(self.contacts), 0
        while wave and waves < _MOST_WAVES:
            waves += 1
            following = [found for told in wave for found in self._follow(told)]
            self.contacts += following
            wave = following

    def _decide(self, rule: Rule) -> None:
        year, pack = self.year, self.pack
        rows = year.of_kind(str(rule.trigger.event))
        rows = rows[year.matches(rule.where)[rows]]
        beaten = np.zeros(len(rows), bool)
        for other in pack.rules:
            if rule.id in other.outranks:
                beaten |= year.matches(other.where)[rows]
        kept = rows[~beaten]
        if rule.needs:
            kept = kept[np.logical_and.reduce([year.matches({name: PRESENT})[kept] for name in rule.needs.fields])]
        owed, undecided = self._owed(rule, kept)
        if rule.condition:
            owed &= self._asked(rule, kept)
        self._count(
            rule, len(rows), int(owed.sum()), len(kept) - int(owed.sum()) - undecided, int(beaten.sum()), undecided
        )
        if rule.quota:
            self.eligible[rule.quota] = self.eligible.get(rule.quota, 0) + len(kept)
        self.contacts += self._windows(rule, kept[owed])

    def _count(
        self, rule: Rule, decided: int, owed: int, not_drawn: int = 0, outranked: int = 0, undecided: int = 0
    ) -> None:
        old = self.loads.get(rule.id, Load(self.pack.pack, rule.clause, rule.name, 0, 0, 0, 0, 0))
        self.loads[rule.id] = Load(
            self.pack.pack, rule.clause, rule.name, old.decided + decided, old.owed + owed, old.not_drawn + not_drawn,
            old.outranked + outranked, old.undecided + undecided,
        )  # fmt: skip

    def _owed(self, rule: Rule, rows: Days) -> tuple[Mask, int]:
        """Which events are owed under the rule's quota, and how many wait for a rate; rules of one quota share their draw."""
        everything = np.ones(len(rows), bool)
        if rule.quota is None:
            return everything, 0
        quota = self.pack.quota(rule.quota)
        rate = quota.rate if quota.rate is not None else self.rates.get(str(quota.decided))
        if rate is None:
            return ~everything, len(rows)
        if rate == 1:
            return everything, 0
        name = (quota.id, str(rule.trigger.event))
        if name not in self._drawn:
            self._drawn[name] = self._draw(quota, rate, rows)
        return self._drawn[name][rows], 0

    def _draw(self, quota: Quota, rate: Fraction, rows: Days) -> Mask:
        """ceil(rate * n) of every stratum, by lot: of its events, or of its customers with all their events."""
        result = np.zeros(len(self.year.frame), bool)
        if not len(rows):
            return result
        stratum = np.zeros(len(rows), np.int64)
        if quota.period == "month":
            stratum = self.year.starts[rows].astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        if "department" in quota.per:
            of_event = coded(self.year.frame["department"])[0]
            stratum = stratum * (int(of_event.max()) + 2) + of_event[rows] + 1
        if "area" in quota.per:
            stratum = stratum * (len(self.year.area_names) + 1) + self.year.area[rows] + 1
        everyone, of_row = rows, np.arange(len(rows))  # who draws, and whose lot each event has
        if quota.unit == "customer":
            who = stratum * (int(self.year.customer.max()) + 1) + self.year.customer[rows]
            _, first, of_row = np.unique(who, return_index=True, return_inverse=True)
            rows, stratum = rows[first], stratum[first]
        order = np.lexsort((self.year.dice(rows, quota.id), stratum))
        ordered = stratum[order]
        starts = np.r_[0, np.flatnonzero(np.diff(ordered)) + 1]
        sizes = np.diff(np.r_[starts, len(ordered)])
        place = np.arange(len(ordered)) - np.repeat(starts, sizes)
        wanted = np.maximum(-(-sizes * rate.numerator // rate.denominator), np.minimum(sizes, quota.census_up_to or 0))
        drawn = np.zeros(len(rows), bool)
        drawn[order] = place < np.repeat(wanted, sizes)
        result[everyone] = drawn[of_row]
        return result

    def _windows(self, rule: Rule, rows: Days) -> list[Contacts]:
        """The contacts of a rule on events, with every round of a cadence, each made on its last day."""
        year, calendar, window = self.year, self.calendar, rule.window
        starts, ends = year.starts[rows], year.ends[rows]
        anchor = {"starts": starts, "ends": ends}.get(rule.anchor, year.day[rows])
        if window.share is not None:
            length, (first, until) = ends - starts, window.share
            opens = starts + -(-length * first.numerator // first.denominator)
            due = starts + length * until.numerator // until.denominator
        else:
            assert window.opens is not None
            opens = calendar.add(anchor, window.opens)
            end = window.lasts or window.due
            assert end is not None
            due = self._ends(calendar.add(opens if window.lasts else anchor, end), self.pack.rolls(rule))
        if rule.recur is None:
            return [Contacts(rule, rule.round, rows, opens, due)]
        stop = year.first_end(rule.recur.until, rows)
        found: list[Contacts] = []
        for number in range(1, min(rule.recur.at_most or _MOST_ROUNDS, _MOST_ROUNDS) + 1):
            alive = due < stop if number == 1 else (due < stop) & (due <= self.last)
            rows, opens, due, stop = rows[alive], opens[alive], due[alive], stop[alive]
            if not len(rows):
                break
            found.append(Contacts(rule, number, rows, opens, due))
            reached = ~self._unreached(found[-1])  # a cadence goes on from a contact that took place
            rows, due, stop = rows[reached], due[reached], stop[reached]
            opens = calendar.add(due, rule.recur.opens)
            due = self._ends(calendar.add(due, rule.recur.every), self.pack.rounds_roll)
        return found

    def _ends(self, due: Days, rolls: bool) -> Days:
        return self.calendar.on_or_after(due) if rolls else due

    def _unreached(self, one: Contacts) -> Mask:
        name = f"reached/{self.pack.pack}/{one.rule.id}/{one.round}"
        return self.year.dice(one.rows, name) < float(self.answers.unreached)

    def _told(self, one: Contacts) -> list[tuple[dict[str, object], Mask]]:
        """What the records of some contacts say: nobody reached, good answers, or bad ones, and which records say so."""
        name = f"answers/{self.pack.pack}/{one.rule.id}/{one.round}"
        unreached = self._unreached(one)
        bad = ~unreached & (self.year.dice(one.rows, name) < float(self.answers.unsatisfactory))
        channel = (one.rule.channels or self.pack.channels).allowed[0]
        flags: dict[str, object] = dict.fromkeys(
            ("unsatisfactory", "unsolved", "second_visit_wanted", "given_up"), False
        )
        said: dict[str, object] = {"result": "reached", "channel": channel, **flags}
        asked = [item for item in self.pack.form.ratings if not item.rules or one.rule.id in item.rules]
        worst, best = dict(said), dict(said)
        for item in asked:
            answers = item.scale or self.pack.form.scale
            wrong = self.pack.bad_answers(item)
            best[item.id] = next((answer for answer in answers if answer not in wrong), answers[0])
            worst[item.id] = wrong[-1] if wrong else answers[-1]
        worst |= {"unsatisfactory": True, "unsolved": True}
        return [({**said, "result": "unreached", "given_up": True}, unreached), (best, ~unreached & ~bad), (worst, bad)]

    def _asked(self, rule: Rule, rows: Days) -> Mask:
        """Which conditional duties come true: after a bad answer to the first contact, or for the n-th of the same kind."""
        assert rule.condition is not None
        result = np.zeros(len(self.year.frame), bool)
        if "unsatisfactory" in rule.condition.any_of:
            for one in self.contacts:
                if one.rule.id == rule.condition.first:
                    result[one.rows[self._told(one)[2][1]]] = True
        if "repeated" in rule.condition.any_of and "matter" in self.year.frame:
            result[self._repeated(rule, rows)] = True
        return result[rows]

    def _repeated(self, rule: Rule, rows: Days) -> Days:
        """Events that are the n-th of their customer and matter within the months of the rule's detection."""
        assert rule.condition is not None
        found = next(one for one in self.pack.detections if one.id == rule.condition.repeat)
        if found.at_least is None or found.within_months is None:
            return rows[:0]
        matter, _ = coded(self.year.frame["matter"])
        rows = self.year.of_kind(str(rule.trigger.event))
        rows = rows if found.in_a_row else rows[matter[rows] >= 0]  # what has no matter comes between others
        day, customer = self.year.day[rows], self.year.customer[rows]
        keys = (matter[rows], day, customer) if found.in_a_row else (day, matter[rows], customer)
        rows, before = rows[np.lexsort(keys)], found.at_least - 1
        now, then = rows[before:], rows[: len(rows) - before]
        same = (self.year.customer[now] == self.year.customer[then]) & (matter[now] >= 0)
        for back in range(before):  # of what lies between
            same &= matter[now] == matter[rows[back : back + len(now)]]
        month = Span(1 - found.within_months, "month") if found.calendar else Span(-found.within_months, "month")
        since = self.calendar.add(self.year.day[now], month)
        if found.calendar:
            since = since.astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - 1
        return np.asarray(now[same & (self.year.day[then] > since)])

    def _follow(self, told: Contacts) -> list[Contacts]:
        """The contacts that the records of some contacts ask for, and the closing ones of the issues they raise."""
        found: list[Contacts] = []
        followers = [rule for rule in self.pack.rules if rule.trigger.after == told.rule.id or rule.trigger.issue]
        if not followers or told.rule.trigger.issue == "open":  # news of a problem are taken to raise no other
            return found
        solved = self.calendar.add(told.due, self.pack.on_result.due or self.answers.answer)
        for said, which in self._told(told):
            for rule in followers:
                rows, contact, answered = told.rows[which], told.due[which], solved[which]
                if rule.trigger.issue and not said["unsolved"]:
                    continue
                if rule.trigger.issue == "open":
                    found += self._progress(rule, rows, contact, answered)
                    continue
                if rule.trigger.after:
                    asked = {name: test for name, test in rule.trigger.when.items() if name in said}
                    if not holds(asked, said):
                        continue
                    others = {name: test for name, test in rule.trigger.when.items() if name not in said}
                    keep = self.year.matches(others)[rows]
                    rows, contact, answered = rows[keep], contact[keep], answered[keep]
                anchor = contact if rule.anchor in ("contact", "given_up") else answered
                inside = anchor <= self.last
                rows, anchor = rows[inside], anchor[inside]
                if len(rows):
                    assert rule.window.opens is not None and rule.window.due is not None
                    opens, due = (
                        self.calendar.add(anchor, rule.window.opens),
                        self._ends(self.calendar.add(anchor, rule.window.due), self.pack.rolls(rule)),
                    )
                    found.append(Contacts(rule, told.round, rows, opens, due))
                    self._count(rule, len(rows), len(rows))
        return found

    def _progress(self, rule: Rule, rows: Days, raised: Days, solved: Days) -> list[Contacts]:
        """The contacts that come again from the day an issue is raised until it is solved."""
        assert rule.window.opens is not None and rule.window.due is not None and rule.recur is not None
        opens = self.calendar.add(raised, rule.window.opens)
        due = self._ends(self.calendar.add(raised, rule.window.due), self.pack.rolls(rule))
        found: list[Contacts] = []
        for number in range(1, min(rule.recur.at_most or _MOST_ROUNDS, _MOST_ROUNDS) + 1):
            alive = (due < solved) & (due <= self.last)
            rows, opens, due, solved = rows[alive], opens[alive], due[alive], solved[alive]
            if not len(rows):
                break
            found.append(Contacts(rule, number, rows, opens, due))
            self._count(rule, len(rows), len(rows))
            opens = self.calendar.add(due, rule.recur.opens)
            due = self._ends(self.calendar.add(due, rule.recur.every), self.pack.rounds_roll)
        return found

    def persons(self, rule: Rule, rows: Days, staff: Staff, people: dict[str, int]) -> Days:
        """Who makes the contacts of a rule: the area's administrator, whom the event names, or the holder of the post."""
        result, open_ = np.zeros(len(rows), np.int64), np.ones(len(rows), bool)
        titles = {role.id: role for role in self.pack.roles}
        for entry in rule.assign:
            mine = open_ & self.year.matches(entry.where)[rows]
            role = titles[entry.lead]
            if role.seat == "area":
                names = [staff.areas.get(area, f"{role.title} {area}") for area in self.year.area_names]
                codes = np.array([people.setdefault(name, len(people)) for name in (*names, role.title)])
                result[mine] = codes[self.year.area[rows[mine]]]
            elif role.attribute and role.attribute in self.year.frame:
                named, values = coded(self.year.frame[role.attribute])
                codes = np.array([people.setdefault(str(name), len(people)) for name in (*values, role.title)])
                result[mine] = codes[named[rows[mine]]]
            else:
                name = staff.posts.get((self.pack.pack, role.id), role.title)
                result[mine] = people.setdefault(name, len(people))
            open_ &= ~mine
        return result
