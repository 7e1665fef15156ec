"""Days for calls: never outside the window, never more beyond capacity than any plan needs."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from revisit.domain.calendar import WorkingDays, number_days
from revisit.domain.call_days import Call, PlannedCall, plan_days

FIRST = date(2026, 10, 5)  # a Monday
DAYS = WorkingDays(number_days({}, date(2026, 9, 1), date(2027, 3, 31)))
MON, TUE, WED, THU, FRI, SAT, SUN = (FIRST + timedelta(days=n) for n in range(7))


def plan(calls: list[tuple[str, date, date]], capacity: int = 1, on: date = MON) -> dict[str, PlannedCall]:
    listed = [Call(key, opens, due, ("王",)) for key, opens, due in calls]
    return plan_days(listed, {"王": capacity}, {}, on, DAYS)


def test_the_most_urgent_goes_first_and_the_rest_is_levelled() -> None:
    found = plan([("later", MON, FRI), ("soon", MON, TUE), ("today", MON, MON)])
    assert {key: (one.day, one.beyond) for key, one in found.items()} == {
        "today": (MON, False), "soon": (TUE, False), "later": (WED, False),
    }  # fmt: skip


def test_what_finds_no_room_stands_on_its_last_working_day_and_says_so() -> None:
    found = plan([("a", MON, MON), ("b", MON, MON), ("weekend", FRI, SUN), ("friday", FRI, FRI)])
    assert [found["a"].beyond, found["b"].beyond] == [False, True]
    assert found["weekend"] == PlannedCall(FRI, True)
    assert found["friday"] == PlannedCall(FRI, False)


def test_windows_of_rest_days_only_are_called_on_these_within_the_same_capacity() -> None:
    assert plan([("a", SAT, SUN)], on=MON) == {"a": PlannedCall(SAT, False)}
    found = plan([("a", SAT, SUN), ("b", SAT, SUN), ("c", SAT, SUN)], on=SAT)
    assert sorted((one.day, one.beyond) for one in found.values()) == [(SAT, False), (SUN, False), (SUN, True)]


def test_what_is_overdue_goes_out_today() -> None:
    assert plan([("a", date(2026, 9, 20), date(2026, 9, 21))], on=WED)["a"].day == WED


def test_who_has_no_stated_capacity_calls_at_once_and_a_department_limits_all() -> None:
    calls = [
        Call("a", MON, FRI, ("王", "一部")),
        Call("b", MON, FRI, ("李", "一部")),
        Call("c", MON, FRI, ("赵", "二部")),
    ]
    found = plan_days(calls, {"一部": 1}, {}, MON, DAYS)
    assert (found["a"].day, found["b"].day, found["c"].day) == (MON, TUE, MON)


def test_what_earlier_plans_took_is_not_given_twice() -> None:
    found = plan_days([Call("a", MON, WED, ("王",))], {"王": 1}, {("王", MON): 1, ("王", TUE): 1}, MON, DAYS)
    assert found["a"] == PlannedCall(WED, False)


def _most(calls: list[tuple[str, date, date]], capacity: int) -> int:
    """How many calls any plan can keep within capacity: the largest matching of calls and places on the working days of
    their windows, or on their rest days where there is none."""
    places: dict[tuple[date, int], str] = {}
    windows = {key: (opens, due) for key, opens, due in calls}

    def place(key: str, seen: set[tuple[date, int]]) -> bool:
        opens, due = windows[key]
        days = [opens + timedelta(days=offset) for offset in range((due - opens).days + 1)]
        for day in [day for day in days if DAYS.is_workday(day)] or days:
            for number in range(capacity):
                if (day, number) not in seen:
                    seen.add((day, number))
                    if (day, number) not in places or place(places[day, number], seen):
                        places[day, number] = key
                        return True
        return False

    return sum(place(key, set()) for key in windows)


@given(
    spans=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 9)), max_size=12),
    capacity=st.integers(1, 3),
)
def test_no_plan_keeps_more_calls_within_capacity(spans: list[tuple[int, int]], capacity: int) -> None:
    calls = [
        (str(number), FIRST + timedelta(days=start), FIRST + timedelta(days=start + length))
        for number, (start, length) in enumerate(spans)
    ]
    found = plan(calls, capacity)
    assert set(found) == {key for key, _, _ in calls}
    assert all(opens <= found[key].day <= due for key, opens, due in calls)
    kept = Counter(found[key].day for key, _, _ in calls if not found[key].beyond)
    assert all(number <= capacity for number in kept.values())
    assert sum(kept.values()) == _most(calls, capacity)
