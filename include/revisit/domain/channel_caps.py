"""A stop on channels: which contacts may still be asked for while those of some channels stay within their share (LI-12)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

Ways = frozenset[str]
"""The channels that a contact was made by, which is one, or can be made by."""


@dataclass(frozen=True, slots=True)
class Cap:
    """Channels that together may make at most a share of all contacts."""

    channels: Ways
    at_most: Fraction


@dataclass(frozen=True, slots=True)
class Counted:
    """Contacts made or asked for, and how many of them were or can only be made by a cap's channels."""

    capped: int
    contacts: int

    def full(self, cap: Cap, more: int = 0) -> bool:
        """Whether one more capped contact, with `more` contacts in all, would go beyond the share."""
        return self.capped + 1 > cap.at_most * (self.contacts + more)


def share_out(
    caps: Sequence[Cap], so_far: Mapping[Ways, int], wanted: Sequence[Ways]
) -> tuple[list[Ways], list[Counted]]:
    """What each contact of `wanted` may be made by, nothing where it waits; and the count of each cap after that.

    `so_far` counts the contacts made or asked for before. Of those that only capped channels can make, the first come first;
    asked again with what was given out counted in `so_far`, nobody who waited gets through.

    >>> phone, door = frozenset({"phone"}), frozenset({"door"})
    >>> share_out([Cap(door, Fraction(1, 2))], {phone: 1}, [door, door])[0] == [door, frozenset()]
    True
    """
    capped = frozenset[str]().union(*(cap.channels for cap in caps))
    tied = [bool(ways) and ways <= capped for ways in wanted]
    counts = [Counted(_only(cap, so_far), sum(so_far.values()) + tied.count(False)) for cap in caps]

    def left(ways: Ways, more: int) -> Ways:
        pairs = zip(caps, counts, strict=True)
        return ways.difference(*(cap.channels for cap, counted in pairs if counted.full(cap, more)))

    given: dict[int, Ways] = {}
    passed = True
    while passed:  # a contact under one cap makes room under another
        passed = False
        for number, ways in enumerate(wanted):
            if tied[number] and number not in given and (offered := left(ways, 1)):
                given[number], passed = offered, True
                counts = [
                    Counted(counted.capped + (offered <= cap.channels), counted.contacts + 1)
                    for cap, counted in zip(caps, counts, strict=True)
                ]
    return [
        given.get(number, frozenset()) if tied[number] else left(ways, 0) for number, ways in enumerate(wanted)
    ], counts


def _only(cap: Cap, so_far: Mapping[Ways, int]) -> int:
    return sum(number for ways, number in so_far.items() if ways <= cap.channels)
