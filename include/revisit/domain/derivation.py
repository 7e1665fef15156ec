"""How the window of one duty was worked out: every input of the computation, to be printed and worked out again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from revisit.domain.calendar import CalendarDay, WorkingDays
from revisit.domain.hours import time_words
from revisit.domain.windows import Span, Window, add_span, count_window, midpoint, share_of_term


@dataclass(frozen=True, slots=True)
class Derivation:
    """Where day 0 comes from, and how the window is counted from it.

    `fact`: completed (the civil day of `moment` in `time_zone`, or the next one where that is after `day_ends`), starts, ends
    or term (from `starts_on` and `ends_on`), contact, agreed, raised or solved (`told_on`, from a record or an issue).
    The window is `opens` and `due`, or `opens` and `lasts`, or `share` of a term. `agreed_on` is the customer's own date,
    which goes before a later `due`. One that `rolls` does not end on a rest day. `days` are the calendar days in which
    working days are counted or the end is moved, and none otherwise.
    """

    fact: str
    time_zone: str
    moment: datetime | None = None
    day_ends: time | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    told_on: date | None = None
    opens: Span | None = None
    due: Span | None = None
    lasts: Span | None = None
    share: tuple[Fraction, Fraction] | None = None
    agreed_on: date | None = None
    rolls: bool = False
    days: tuple[CalendarDay, ...] = ()

    def anchor(self) -> date | None:
        """Day 0; None where the fact has no such date."""
        match self.fact:
            case "completed":
                if self.moment is None:
                    return None
                civil = self.moment.astimezone(ZoneInfo(self.time_zone))
                return civil.date() + timedelta(days=self.day_ends is not None and civil.time() > self.day_ends)
            case "starts":
                return self.starts_on
            case "ends":
                return self.ends_on
            case "term":
                return midpoint(self.starts_on, self.ends_on) if self.starts_on and self.ends_on else None
            case _:
                return self.told_on

    def window(self, working_days: WorkingDays | None = None) -> Window | None:
        """The first and the last day, by the days given or else by its own; None without day 0.

        Raises CalendarMissing when the days do not reach as far as working days are counted.
        """
        anchor_on = self.anchor()
        if anchor_on is None:
            return None
        if self.share is not None:
            assert self.starts_on is not None and self.ends_on is not None
            return share_of_term(self.starts_on, self.ends_on, *self.share)
        days = working_days or WorkingDays(self.days)
        assert self.opens is not None
        return count_window(anchor_on, days, self.opens, self.due, self.lasts, self.agreed_on, self.rolls)

    @property
    def in_workdays(self) -> bool:
        """Whether an end of the window is counted in working days."""
        return any(span is not None and span.unit == "workday" for span in (self.opens, self.due))

    def regular(self, working_days: WorkingDays | None = None) -> date | None:
        """The last day before it rolls and before a date agreed goes first; None without day 0 or with a share."""
        window = replace(self, rolls=False, agreed_on=None).window(working_days) if self.share is None else None
        return window.due_on if window else None

    def counted(self, working_days: WorkingDays) -> "Derivation":
        """The same with the calendar days it counts, where it counts working days or its end rolls."""
        anchor_on, regular = self.anchor(), self.regular(working_days)
        if anchor_on is None or regular is None or not (self.in_workdays or self.rolls):
            return self
        first = anchor_on if self.in_workdays else regular
        last = working_days.on_or_after(regular) if self.rolls else regular
        assert self.opens is not None
        if self.opens.unit == "workday":
            last = max(last, add_span(anchor_on, self.opens, working_days))
        return replace(self, days=working_days.between(first, max(first, last)))

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON: dates and moments as ISO text, shares as fractions, spans as {count, unit}."""

        def span(one: Span | None) -> dict[str, Any] | None:
            return {"count": one.count, "unit": one.unit} if one else None

        return {
            "fact": self.fact,
            "time_zone": self.time_zone,
            "moment": self.moment.astimezone(ZoneInfo(self.time_zone)).isoformat() if self.moment else None,
            "day_ends": time_words(self.day_ends) if self.day_ends else None,
            "starts_on": _text(self.starts_on),
            "ends_on": _text(self.ends_on),
            "told_on": _text(self.told_on),
            "opens": span(self.opens),
            "due": span(self.due),
            "lasts": span(self.lasts),
            "share": [str(one) for one in self.share] if self.share else None,
            "agreed_on": _text(self.agreed_on),
            "rolls": self.rolls,
            "days": [
                {"day": str(one.day), "is_workday": one.is_workday, "name": one.name, "provisional": one.provisional}
                for one in self.days
            ],
        }


def _text(day: date | None) -> str | None:
    return None if day is None else str(day)


def parse(printed: Mapping[str, Any]) -> Derivation:
    """A derivation from what `as_dict` printed."""

    def day(name: str) -> date | None:
        return date.fromisoformat(printed[name]) if printed[name] else None

    def span(name: str) -> Span | None:
        return Span(**printed[name]) if printed[name] else None

    share = printed["share"]
    return Derivation(
        printed["fact"],
        printed["time_zone"],
        datetime.fromisoformat(printed["moment"]) if printed["moment"] else None,
        time.fromisoformat(printed["day_ends"]) if printed["day_ends"] else None,
        day("starts_on"),
        day("ends_on"),
        day("told_on"),
        span("opens"),
        span("due"),
        span("lasts"),
        (Fraction(share[0]), Fraction(share[1])) if share else None,
        day("agreed_on"),
        printed["rolls"],
        tuple(
            CalendarDay(date.fromisoformat(one["day"]), one["is_workday"], 0, one["name"], one["provisional"])
            for one in printed["days"]
        ),
    )


def recompute(explanation: Mapping[str, Any]) -> dict[str, str] | None:
    """Day 0 and both ends of the window, worked out from nothing but a printed explanation (`revisit explain --json`).

    None where the duty has no window. Raises CalendarMissing when the printed days do not reach far enough.
    """
    if not explanation.get("window"):
        return None
    derived = parse(explanation["window"])
    anchor_on, window = derived.anchor(), derived.window()
    if anchor_on is None or window is None:
        return None
    return {"anchor_on": str(anchor_on), "opens_on": str(window.opens_on), "due_on": str(window.due_on)}
