"""One customer, one call."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from revisit.domain.call_sheets import Owed, group

DAY = date(2026, 10, 1)


def owed(key: int, opens: int, due: int) -> Owed[int]:
    return Owed(key, DAY + timedelta(days=opens), DAY + timedelta(days=due))


def test_a_repair_and_a_complaint_whose_windows_meet_are_one_call() -> None:
    assert group([owed(1, 0, 2), owed(2, 1, 3)]) == [(owed(1, 0, 2), owed(2, 1, 3))]


def test_windows_that_do_not_meet_are_two_calls() -> None:
    assert len(group([owed(1, 0, 2), owed(2, 3, 5)])) == 2


def test_two_calls_are_enough_where_a_long_window_meets_two_short_ones() -> None:
    assert [len(g) for g in group([owed(1, 0, 2), owed(2, 0, 9), owed(3, 8, 9)])] == [2, 1]


windows = st.tuples(st.integers(0, 30), st.integers(0, 10)).map(lambda w: (w[0], w[0] + w[1]))


@given(st.lists(windows, max_size=9))
def test_no_window_is_broken_and_no_task_is_lost(given: list[tuple[int, int]]) -> None:
    tasks = [owed(n, *w) for n, w in enumerate(given)]
    groups = group(tasks)
    assert sorted(task.key for g in groups for task in g) == list(range(len(tasks)))
    for members in groups:
        assert max(t.opens_on for t in members) <= min(t.due_on for t in members)


@given(st.lists(windows, min_size=1, max_size=7))
def test_fewer_calls_would_not_do(given: list[tuple[int, int]]) -> None:
    tasks = [owed(n, *w) for n, w in enumerate(given)]
    apart: list[Owed[int]] = []
    for task in sorted(tasks, key=lambda t: t.due_on):
        if not apart or task.opens_on > apart[-1].due_on:
            apart.append(task)
    assert len(group(tasks)) == len(apart)
