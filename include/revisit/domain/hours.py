"""Hours of the day: the slots in which customers may be called or would rather be, and times as people write them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time
from unicodedata import normalize

_SLOT = re.compile(r"^(\d{1,2}):(\d{2}) ?[-~–—−至到] ?(\d{1,2}):(\d{2})$")
_TIME = re.compile(r"^(\d{1,2})(?::|点|时)(\d{1,2})(?::\d{2}(?:\.\d+)?|分)?$")
_FRACTION = re.compile(r"^0?\.\d+$")
_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of the day in minutes since midnight, both ends included; it never passes midnight."""

    first: int
    last: int

    def __contains__(self, at: time) -> bool:
        return self.first <= at.hour * 60 + at.minute <= self.last

    def __str__(self) -> str:
        return f"{_clock(self.first)}-{_clock(self.last)}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def parse_slot(text: str) -> Slot:
    """A slot as people write it: 18:00-20:00, 9:00～11：30. Raises ValueError for anything else."""
    found = _SLOT.match(normalize("NFKC", text).strip())
    if found:
        first, last = (int(found[n]) * 60 + int(found[n + 1]) for n in (1, 3))
        if int(found[2]) < 60 and int(found[4]) < 60 and first < last <= _DAY:
            return Slot(first, last)
    raise ValueError(f"'{text}' are no hours of a day; write for example 10:00-11:30, the earlier end first")


def parse_slots(text: str) -> tuple[Slot, ...]:
    """Several slots in one text: 9:00-11:00、18:00 - 20:00. Raises ValueError where one of them is none."""
    parts = re.split(r"[、,;/和\s]+", re.sub(r"\s*([-~–—−至到])\s*", r"\1", normalize("NFKC", text).strip()))
    return tuple(parse_slot(part) for part in parts)


def within(slots: Iterable[Slot], limits: Sequence[Slot]) -> tuple[Slot, ...]:
    """The parts of `slots` that lie within `limits`; all of them where there are no limits."""
    if not limits:
        return tuple(slots)
    parts = (Slot(max(s.first, limit.first), min(s.last, limit.last)) for s in slots for limit in limits)
    return tuple(part for part in parts if part.first < part.last)


def time_words(at: time) -> str:
    """A time as 17:00."""
    return f"{at:%H:%M}"


def slot_words(slots: Iterable[Slot]) -> str:
    return "、".join(map(str, slots))


def parse_time(text: str) -> time | None:
    """A time as people and spreadsheets write it: 15:30, 15：30, 15点30分, 15:30:00, 0.6458333 (of a day); else None."""
    plain = normalize("NFKC", text).strip()
    if _FRACTION.match(plain):
        minutes = round(float(plain) * _DAY)
        return time(minutes // 60, minutes % 60) if minutes < _DAY else None
    found = _TIME.match(plain)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    return time(int(found[1]), int(found[2]))
