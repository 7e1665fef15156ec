"""Exact draws that anybody can replay."""

import hmac
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from revisit.app.plan import hmac_halves
from revisit.domain.draws import allowance, customer_rank, draw, draw_rank, fingerprint


def test_three_of_seven_contracts_are_drawn_at_thirty_percent() -> None:  # W12
    assert allowance(Fraction(3, 10), 7, 0) == 3


@given(
    rate=st.fractions(0, 1, max_denominator=50),
    sizes=st.lists(st.integers(0, 30), max_size=12),
    least=st.integers(0, 40),
)
def test_after_every_batch_of_any_size_the_draw_is_exact(rate: Fraction, sizes: list[int], least: int) -> None:
    eligible = drawn = 0
    for size in sizes:
        eligible += size
        more = allowance(rate, eligible, drawn, least)
        assert more <= size
        drawn += more
        assert drawn == max(-(-rate.numerator * eligible // rate.denominator), min(eligible, least))


def test_the_rank_is_a_plain_hmac_that_any_tool_can_replay() -> None:
    assert draw_rank(b"key", "PQ-12", "crm", "H-1") == hmac.new(b"key", b"PQ-12\x1fcrm\x1fH-1", "sha256").digest()


def test_the_rank_of_a_customer_is_one_too_with_nothing_where_a_source_has_its_name() -> None:
    assert customer_rank(b"key", "PQ-13", "C-1") == hmac.new(b"key", b"PQ-13\x1f\x1fC-1", "sha256").digest()


def test_the_halves_given_to_the_database_complete_the_same_digest() -> None:
    import hashlib

    inner, outer = hmac_halves(b"key")
    completed = hashlib.sha256(outer + hashlib.sha256(inner + b"PQ-12\x1fcrm\x1fH-1").digest()).digest()
    assert completed == draw_rank(b"key", "PQ-12", "crm", "H-1")


def test_another_key_gives_another_order_and_another_fingerprint() -> None:
    names = [f"E{n}" for n in range(50)]

    def drawn(key: bytes) -> list[str]:
        return draw([(draw_rank(key, "Q", "s", name), name) for name in names], 10)

    assert drawn(b"one") != drawn(b"two")
    assert fingerprint(b"one") != fingerprint(b"two")
    assert drawn(b"one") == drawn(b"one")
