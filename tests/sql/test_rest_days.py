"""A pack whose periods do not end on a rest day: planned, explained, and settled when a year is published."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import explained
from explained import THU, keys, open_store, printed, told
from histories import arrive, event
from month import every, one
from revisit.app.calendar import import_year
from revisit.app.context import Context
from revisit.app.plan import plan
from revisit.domain.derivation import recompute


@pytest.fixture
def rolling(server: str, template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    """The varied history under the pack of every window, now with `due_on_rest_day: next_workday`."""
    copied = shutil.copytree(explained.PACK, tmp_path / "pack")
    with (copied / "pack.yaml").open("a", encoding="utf-8") as file:
        file.write("\ndue_on_rest_day: next_workday\n")
    monkeypatch.setattr(explained, "PACK", copied)
    yield from open_store(server, template, tmp_path)


def test_periods_end_on_working_days_and_every_explanation_says_how(rolling: Context) -> None:
    on_rest = every(
        rolling,
        "select distinct r.rule, d.round from decision d join rule r using (rule_id) join calendar_day c on c.day = d.due_on "
        "and c.calendar = 'cn' where not c.is_workday order by 1, 2",
    )
    still = {row.rule for row in on_rest}
    assert still <= {"middle", "survey"}, "only shares of a term, and same-day duties, end on a rest day"
    for key in keys(rolling):
        for explanation in printed(rolling, f"cases/{key}"):
            row = explanation["decision"]
            again = recompute(explanation)
            assert again is None or explanation["window"]["agrees"], (key, row)


def test_the_sentence_tells_the_regular_end_and_the_working_day_after_it(rolling: Context) -> None:
    (found,) = told(rolling, "weeks")
    window = dict(found.facts)["期限"]
    assert window[2] == (
        "最迟 2026-10-08（星期四，含当日）：起算日之后2周为 2026-10-06（国庆节），顺延至其后第一个工作日"
    )
    assert not any(line.startswith("计入的工作日") for line in window)
    (found,) = told(rolling, "weeks", language="en")
    assert "moved to the next working day" in dict(found.facts)["Window"][2]


def test_a_published_year_moves_what_was_rolled_into_it(rolling: Context, tmp_path: Path) -> None:
    bought, year = date(2026, 12, 30), 2027
    assert rolling.working_days.is_provisional(date(year, 1, 4), date(year, 1, 4))
    arrive(rolling.engine, [event("late", "lead.visited", bought, customer="C99", area="JX01")], bought)
    plan(rolling.engine, bought, rolling.draw_key)
    found = (
        "select d.due_on, d.provisional, t.due_on as task_due from decision d join task t using (event_id, rule_id, round) "
        "join event e using (event_id) where e.event_key = 'late'"
    )
    before = one(rolling, found)
    assert (before.due_on, before.task_due, before.provisional) == (date(2027, 1, 4), date(2027, 1, 4), True)
    file = tmp_path / "holidays.csv"
    file.write_text("day,is_workday,name\n" + "".join(f"2027-01-0{day},false,元旦\n" for day in range(1, 5)), "utf-8")
    import_year(rolling, file, year, "test", THU)
    after = one(rolling, found)
    assert (after.due_on, after.task_due, after.provisional) == (date(2027, 1, 5), date(2027, 1, 5), False)
    file.write_text("day,is_workday,name\n2027-01-01,false,元旦\n2027-01-02,true,元旦\n", "utf-8")
    import_year(rolling, file, year, "test", THU)
    assert one(rolling, found).due_on == date(2027, 1, 5), "a window that was settled stays as it was told"
