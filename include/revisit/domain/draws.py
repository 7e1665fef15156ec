"""Exact, replayable draws: how many are due, and in which order."""

import hashlib
import hmac
from collections.abc import Sequence
from fractions import Fraction
from math import ceil


def allowance(rate: Fraction, eligible: int, drawn: int, census_up_to: int = 0) -> int:
    """How many more must be drawn so that `drawn` reaches ceil(rate * eligible), and at least the first `census_up_to`;
    never negative.

    >>> allowance(Fraction(3, 10), 7, 0), allowance(Fraction(3, 10), 7, 0, 5)
    (3, 5)
    """
    return max(0, ceil(rate * eligible) - drawn, min(eligible, census_up_to) - drawn)


def draw_rank(key: bytes, quota: str, source: str, event_key: str) -> bytes:
    """The place of an event in a draw: HMAC-SHA256 of its identity, smallest first.

    Anybody who holds the key can replay the order with any tool; nobody who does not can choose it.
    The message is quota, source and event key, separated by a unit separator (U+001F).
    """
    message = "\x1f".join((quota, source, event_key)).encode()
    return hmac.digest(key, message, hashlib.sha256)


def customer_rank(key: bytes, quota: str, customer: str) -> bytes:
    """The place of a customer in a draw that counts customers (TS-08), like `draw_rank`.

    The message is quota, nothing, and customer: no event has it, since the name of a source is never empty.
    """
    return draw_rank(key, quota, "", customer)


def draw(candidates: Sequence[tuple[bytes, str]], count: int) -> list[str]:
    """The names of the first `count` candidates (rank, name) by rank; ties, which a hash makes impossible, by name."""
    return [name for _, name in sorted(candidates)[:count]]


def fingerprint(key: bytes) -> str:
    """What is recorded of a draw key: the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(key).hexdigest()[:16]
