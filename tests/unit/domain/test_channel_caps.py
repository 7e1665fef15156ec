"""Which contacts a stop on channels lets through, and that it holds."""

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revisit.domain.channel_caps import Cap, Counted, Ways, share_out

PHONE, DOOR, LETTER = Ways({"phone"}), Ways({"door"}), Ways({"letter"})
TENTH = Cap(DOOR | LETTER, Fraction(1, 10))


@pytest.mark.parametrize(("phone", "door"), [(8, 0), (9, 1), (17, 1), (18, 2), (26, 2), (27, 3), (0, 0)])
def test_one_of_ten_may_go_to_the_door(phone: int, door: int) -> None:
    given_, counts = share_out([TENTH], {}, [DOOR] * 4 + [PHONE] * phone)
    assert given_ == [DOOR] * door + [Ways()] * (4 - door) + [PHONE] * phone
    assert counts == [Counted(door, phone + door)]


def test_door_and_letter_count_together_where_they_are_one_cap_and_apart_where_they_are_two() -> None:
    so_far = {PHONE: 18, DOOR: 1}
    together, _ = share_out([TENTH], so_far, [LETTER, LETTER])
    each, _ = share_out([Cap(DOOR, Fraction(1, 10)), Cap(LETTER, Fraction(1, 10))], so_far, [LETTER, LETTER, DOOR])
    assert together == [LETTER, Ways()]
    assert each == [LETTER, LETTER, DOOR]


def test_a_contact_that_another_channel_may_make_goes_out_without_the_full_ones() -> None:
    many = [DOOR | PHONE] * 3
    assert share_out([TENTH], {PHONE: 7}, many)[0] == many
    assert share_out([TENTH], {PHONE: 6}, many)[0] == [PHONE] * 3
    assert share_out([TENTH], {PHONE: 16, DOOR: 1}, many)[0] == many
    assert share_out([TENTH], {PHONE: 15, DOOR: 1}, many)[0] == [PHONE] * 3


def test_what_two_caps_leave_of_a_contact_that_both_cover() -> None:
    half, none = Cap(DOOR, Fraction(1, 2)), Cap(LETTER, Fraction(1, 100))
    assert share_out([half, none], {PHONE: 1}, [DOOR | LETTER, DOOR | LETTER])[0] == [DOOR, Ways()]


def test_an_earlier_one_that_waits_for_a_later_ones_room_gets_it_at_once() -> None:
    doors, letters = Cap(DOOR, Fraction(1, 4)), Cap(LETTER, Fraction(1, 2))
    assert share_out([doors, letters], {PHONE: 2}, [DOOR, LETTER])[0] == [DOOR, LETTER]
    assert share_out([doors, letters], {PHONE: 2}, [DOOR])[0] == [Ways()]


_WAYS = st.sets(st.sampled_from(["door", "letter", "phone"]), min_size=1).map(Ways)
_CAPS = st.lists(
    st.builds(
        Cap, st.sampled_from([DOOR, LETTER, DOOR | LETTER, PHONE]), st.fractions(Fraction(1, 20), Fraction(19, 20))
    ),
    min_size=1, max_size=3,
)  # fmt: skip
_SO_FAR = st.dictionaries(_WAYS, st.integers(1, 12), max_size=4)


@given(_CAPS, _SO_FAR, st.lists(_WAYS, max_size=25))
def test_a_cap_that_is_kept_stays_kept_and_asking_again_lets_nobody_more_through(
    caps: list[Cap], so_far: dict[Ways, int], wanted: list[Ways]
) -> None:
    offered, counts = share_out(caps, so_far, wanted)
    after = Counter(so_far) + Counter(ways for ways in offered if ways)
    for cap, counted in zip(caps, counts, strict=True):
        only = sum(number for ways, number in after.items() if ways <= cap.channels)
        assert counted == Counted(only, sum(after.values()))
        before = sum(number for ways, number in so_far.items() if ways <= cap.channels)
        assert counted.capped == before or counted.capped <= cap.at_most * counted.contacts
    waiting = [asked for ways, asked in zip(offered, wanted, strict=True) if not ways]
    again, _ = share_out(caps, after, waiting)
    assert again == [Ways()] * len(waiting)


@given(_SO_FAR, st.lists(_WAYS, max_size=25))
def test_of_one_cap_the_first_come_first(so_far: dict[Ways, int], wanted: list[Ways]) -> None:
    offered, _ = share_out([TENTH], so_far, wanted)
    tied = [bool(ways) for ways, asked in zip(offered, wanted, strict=True) if asked <= TENTH.channels]
    assert tied == sorted(tied, reverse=True)
    assert all(ways == asked or ways == asked - TENTH.channels for ways, asked in zip(offered, wanted, strict=True))
