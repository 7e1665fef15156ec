"""Hours and times as people write them."""

from datetime import time

import pytest

from revisit.domain.hours import Slot, parse_slot, parse_slots, parse_time, slot_words, within

NINE_TO_NOON, EVENING = Slot(9 * 60, 12 * 60), Slot(18 * 60, 20 * 60 + 30)


@pytest.mark.parametrize(
    "text", ["18:00-20:30", "18：00～20：30", "１８:00 — 20:30", "18:00至20:30", " 18:00 - 20:30 "]
)
def test_a_slot_is_read_as_people_write_it(text: str) -> None:
    assert parse_slot(text) == EVENING


@pytest.mark.parametrize(
    "text", ["", "晚饭后", "20:30-18:00", "22:00-02:00", "18:00", "18:00-18:00", "18:61-20:00", "23:00-24:01", "18-20"]
)
def test_what_is_no_slot_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="10:00-11:30"):
        parse_slot(text)


def test_several_slots_stand_in_one_text_and_one_bad_one_spoils_it() -> None:
    assert parse_slots("9:00-12:00、18:00-20:30") == parse_slots("9:00-12:00；18:00-20:30") == (NINE_TO_NOON, EVENING)
    assert parse_slots(" 9:00 - 12:00\n18:00 至 20:30 ") == (NINE_TO_NOON, EVENING)
    with pytest.raises(ValueError, match="晚上"):
        parse_slots("9:00-12:00、晚上")


def test_both_ends_belong_to_a_slot_and_seconds_do_not_count() -> None:
    assert time(9, 0) in NINE_TO_NOON
    assert time(12, 0, 59) in NINE_TO_NOON
    assert time(12, 1) not in NINE_TO_NOON
    assert time(8, 59, 59) not in NINE_TO_NOON
    assert time(23, 59) in parse_slot("22:00-24:00")


def test_slots_are_cut_to_their_limits_and_what_touches_only_at_an_end_is_gone() -> None:
    assert within([EVENING], [Slot(8 * 60, 19 * 60)]) == (Slot(18 * 60, 19 * 60),)
    assert within([EVENING], [NINE_TO_NOON, Slot(8 * 60, 18 * 60)]) == ()
    assert within([EVENING], ()) == (EVENING,)
    assert slot_words([NINE_TO_NOON, EVENING]) == "09:00-12:00、18:00-20:30"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("15:30", time(15, 30)),
        ("9:05", time(9, 5)),
        ("15：30", time(15, 30)),
        ("１５：３０", time(15, 30)),
        ("15点30分", time(15, 30)),
        ("15时30", time(15, 30)),
        ("15:30:00", time(15, 30)),  # an Excel cell with a time
        ("10:20:00.000100", time(10, 20)),
        ("0.6458333333", time(15, 30)),  # the same as a number, a fraction of the day
        ("0.0", time(0, 0)),
        ("00:00", time(0, 0)),
    ],
)
def test_a_time_is_read_as_people_and_spreadsheets_write_it(text: str, at: time) -> None:
    assert parse_time(text) == at


@pytest.mark.parametrize(
    "text",
    [
        "",
        "25:70",
        "24:00",
        "12:60",
        "下午三点",
        "3:30下午",
        "15",
        "1530",
        "15.5",
        "1.5",
        "-1:00",
        "0.99999",
        "2026-10-08",
        "10:3x",
    ],
)
def test_what_is_no_time_of_a_day_is_none(text: str) -> None:
    assert parse_time(text) is None
