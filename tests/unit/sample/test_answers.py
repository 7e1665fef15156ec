"""The invented staff answer the same question the same way, and now and then badly."""

import pytest

from revisit.sample.answers import Answer, answer, respond
from revisit.sample.words import SCALE

SEED = 20_261_001
MANY = [answer(f"WX202610{number:06d}", "PQ-04", f"JX0{number % 6 + 1}", SEED) for number in range(20_000)]
PINNED = Answer(
    answered=True,
    result="reached",
    channel="phone",
    days_after_issue=2,
    quality="非常满意",
    effect="满意",
    satisfaction="基本满意",
    shortcomings="",
    suggestions="",
    solved=True,
    second_visit=False,
    bad_cell=None,
)
ISSUES = [respond(number, "JX-GC", SEED) for number in range(10_000)]


def share(chosen: list[bool]) -> float:
    return sum(chosen) / len(chosen)


def test_the_same_question_has_the_same_answer() -> None:
    assert answer("WX202610000001", "PQ-04", "JX01", SEED) == answer("WX202610000001", "PQ-04", "JX01", SEED)
    assert respond(7, "JX-GC", SEED) == respond(7, "JX-GC", SEED)


def test_an_answer_does_not_change_from_one_release_to_the_next() -> None:
    assert answer("WX202610000001", "PQ-04", "JX01", SEED) == PINNED


def test_another_seed_gives_other_answers() -> None:
    others = [answer(f"WX202610{number:06d}", "PQ-04", "JX01", 1) for number in range(100)]
    assert others != [answer(f"WX202610{number:06d}", "PQ-04", "JX01", 2) for number in range(100)]


def test_one_line_in_twenty_is_never_filled_in() -> None:
    assert share([not line.answered for line in MANY]) == pytest.approx(0.05, abs=0.007)


def test_one_line_in_fifty_has_a_bad_cell() -> None:
    assert share([line.bad_cell is not None for line in MANY]) == pytest.approx(0.02, abs=0.005)
    assert ("visited_on", "2026-13-40") in {line.bad_cell for line in MANY}


def test_about_four_in_a_hundred_are_not_satisfied_or_not_solved() -> None:
    bad = [line.satisfaction in SCALE[3:] or not line.solved for line in MANY]
    assert share(bad) == pytest.approx(0.04, abs=0.012)


def test_areas_differ() -> None:
    shares = [share([not answer(f"E{n}", "PQ-04", f"JX0{a}", SEED).solved for n in range(4_000)]) for a in range(1, 7)]
    assert max(shares) > 1.3 * min(shares)


def test_who_was_not_reached_rated_nothing() -> None:
    silent = [line for line in MANY if line.result != "reached"]
    assert silent
    assert all(line.quality == line.effect == line.satisfaction == line.shortcomings == "" for line in silent)


def test_who_was_reached_rated_everything_on_the_scale() -> None:
    reached = [line for line in MANY if line.result == "reached"]
    assert all({line.quality, line.effect, line.satisfaction} <= set(SCALE) for line in reached)


def test_the_regulation_3_22_is_visited_at_the_door_only() -> None:
    assert {answer(f"E{n}", "PM-04", "YQ01", SEED).channel for n in range(500)} == {"door"}


def test_all_three_channels_are_used_elsewhere() -> None:
    assert {line.channel for line in MANY} == {"door", "phone", "letter"}


def test_what_is_not_solved_wants_a_second_visit() -> None:
    assert all(line.second_visit for line in MANY if not line.solved)


def test_most_departments_answer_within_five_working_days() -> None:
    assert share([r.workdays is not None and r.workdays <= 5 for r in ISSUES]) == pytest.approx(0.8, abs=0.02)
    assert {r.workdays for r in ISSUES} == {None, 1, 2, 3, 4, 5, 6, 7, 8, 9}


def test_one_issue_in_twenty_is_never_answered_and_has_no_text() -> None:
    never = [r for r in ISSUES if r.workdays is None]
    assert len(never) / len(ISSUES) == pytest.approx(0.05, abs=0.01)
    assert all(r.plan == r.solution == r.extension_reason == "" for r in never)


def test_an_extension_is_asked_for_before_the_deadline_with_a_reason_and_by_the_late_only() -> None:
    asking = [r for r in ISSUES if r.extension_workdays]
    assert asking
    assert all(1 <= r.extension_after <= 4 and r.extension_reason for r in asking)
    assert all(r.workdays is not None and r.workdays > 5 for r in asking)


def test_a_plan_names_the_department() -> None:
    assert "JX-GC" in next(r.plan for r in ISSUES if r.plan)
