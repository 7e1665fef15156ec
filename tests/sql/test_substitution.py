"""Places in a draw that are given on: who takes them, that the quota stays exact, and what is said of it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from math import ceil
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from explained import EARLY, THU, open_store, printed, told
from histories import KEY, SOURCE, arrive, decisions, event, give_on, in_sql, shipped, tell
from month import arrive as deliver
from month import every, one, repair
from revisit.app import keep, report
from revisit.app.context import Context
from revisit.app.figures import stand
from revisit.app.plan import plan
from revisit.app.substitute import Substituted, substitute
from revisit.app.wording import why
from revisit.domain.derivation import recompute
from revisit.domain.periods import parse
from revisit.errors import RevisitError
from revisit.language import Language
from revisit.policy.evaluate import Contact
from revisit.policy.load import LoadedPack
from revisit.policy.model import Pack, Quota
from revisit.store.database import rows

DAY = timedelta(days=1)
TERM = {"starts_on": date(2026, 9, 1), "ends_on": date(2026, 12, 31)}
_PLACES = (
    "select 'T' || d.event_id || '-' || d.rule_id || '-' || d.round as code, e.event_key, e.customer, d.* from decision d "
    "join event e using (event_id) join rule r using (rule_id) join quota q on q.quota_id = d.quota_id "
    "where q.quota = 'EW-11' and r.rule = 'middle'"
)

OF_CONTRACTS = "select l.* from draw l join quota q using (quota_id) where q.quota = 'EW-11' order by 1, 2, 3"


@pytest.fixture
def store(server: str, template: str, tmp_path: Path) -> Iterator[Context]:
    """Eleven contracts of one stratum, 30 % of them drawn; their visits at mid-term and after the end share the draw."""
    yield from open_store(server, template, tmp_path)


def _drawn(ctx: Context) -> list[str]:
    """The places that are drawn, by task, in the order of the draw."""
    return [row.code for row in every(ctx, f"{_PLACES} and d.drawn and d.outcome = 'due' order by draw_position")]


def _key(ctx: Context, code: str) -> str:
    return str(one(ctx, f"select event_key from event where event_id = {code[1:].split('-')[0]}").event_key)


def _give(ctx: Context, code: str, on: date = THU) -> Substituted:
    return substitute(ctx.engine, code, "王主任", "moved", on, "邻居 13812348000 告知")


def _exact(ctx: Context, eligible: int) -> None:
    """ceil(30 %) are drawn, owed under both rules, and the ledger says so."""
    wanted = ceil(eligible * 3 / 10)
    counted = every(
        ctx, "select r.rule, count(*) filter (where d.drawn) as drawn, count(*) filter (where d.outcome = 'due') as due, "
        "count(*) as eligible, count(t.state) as owed from decision d join rule r using (rule_id) "
        "left join task t on t.event_id = d.event_id and t.rule_id = d.rule_id and t.state <> 'superseded' "
        "join quota q on q.quota_id = d.quota_id where q.quota = 'EW-11' and d.outcome in ('due', 'not_drawn') "
        "group by 1 order by 1",
    )  # fmt: skip
    assert [tuple(row) for row in counted] == [
        ("ended", wanted, wanted, eligible, wanted), ("middle", wanted, wanted, eligible, wanted)
    ]  # fmt: skip
    ledger = one(
        ctx, "select sum(eligible - eligible_withdrawn) as eligible, sum(drawn - drawn_withdrawn) as drawn from draw "
        "join quota using (quota_id) where quota = 'EW-11'"
    )  # fmt: skip
    assert tuple(ledger) == (eligible, wanted)


def test_the_next_in_the_order_of_the_draw_takes_the_place_and_the_quota_stays_exact(store: Context) -> None:
    first = _drawn(store)[0]
    following = every(store, f"{_PLACES} and not d.drawn order by draw_position")[0]
    _exact(store, 11)
    taken = _give(store, first)
    assert taken == Substituted(first, following.code, "moved", "王主任", THU, True)
    _exact(store, 11)
    by_key = decisions(store.engine)
    for rule in ("middle", "ended"):
        gave, took = (by_key[key, "every-window", rule] for key in (_key(store, first), following.event_key))
        assert (gave.outcome, gave.reason, gave.drawn) == ("not_drawn", "substituted", False)
        assert (took.outcome, took.reason, took.drawn) == ("due", "substitute", True)
        assert took.draw_position == following.draw_position
    logged = one(store, "select reason, note, substituted_by, substituted_on, stratum from substitution")
    assert tuple(logged) == ("moved", "邻居 138****8000 告知", "王主任", THU, "")
    fresh = [event(f"more-{n}", "contract.active", "2026-09-01", customer=f"M{n}", **TERM) for n in range(9)]
    arrive(store.engine, fresh, THU)
    plan(store.engine, THU, store.draw_key)
    _exact(store, 20)


def test_a_place_is_given_on_once_however_often_and_under_whatever_rule_it_is_asked(store: Context) -> None:
    first = _drawn(store)[0]
    taken = _give(store, first)
    ended = one(store, "select rule_id from rule where rule = 'ended'").rule_id
    again = substitute(store.engine, f"T{first[1:].split('-')[0]}-{ended}-2", "另一人", "absent", date(2026, 10, 9))
    assert again == replace(taken, new=False)
    _exact(store, 11)


def test_two_at_once_give_one_place_on_once(store: Context) -> None:
    first = _drawn(store)[0]
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: _give(store, first), range(4)))
    assert sorted(one.new for one in taken) == [False, False, False, True]
    assert len({one.substitute for one in taken}) == 1
    assert one(store, "select count(*) as n from substitution").n == 1
    _exact(store, 11)


def test_a_substitute_may_be_replaced_and_nobody_comes_twice_until_nobody_is_left(store: Context) -> None:
    place = _drawn(store)[0]
    seen = [place]
    for _ in range(7):
        place = _give(store, place).substitute
        seen.append(place)
        _exact(store, 11)
    assert len(set(seen)) == 8
    before = decisions(store.engine), every(store, "select * from task order by 1, 2, 3")
    with pytest.raises(RevisitError, match="nobody can take the place"):
        _give(store, place)
    assert (decisions(store.engine), every(store, "select * from task order by 1, 2, 3")) == before
    assert one(store, "select count(*) as n from substitution").n == 7


def test_the_same_customer_and_one_who_is_not_to_be_called_are_passed_over(store: Context) -> None:
    first = _drawn(store)[0]
    left = every(store, f"{_PLACES} and not d.drawn order by draw_position")
    with store.engine.begin() as connection:
        connection.execute(
            text("insert into customer (customer, name, do_not_contact) values (:c, '何', true)"),
            {"c": left[0].customer},
        )
        connection.execute(
            text(
                "update event set customer = (select customer from event where event_key = :own) where event_key = :key"
            ),
            {"own": _key(store, first), "key": left[1].event_key},
        )
    assert _give(store, first).substitute == left[2].code


@pytest.mark.parametrize("rule", ["middle", "ended"])
def test_a_place_that_was_answered_under_any_of_its_rules_stays(store: Context, rule: str) -> None:
    first = _drawn(store)[0]
    tell(
        store.engine,
        "every-window",
        [Contact((SOURCE, _key(store, first)), rule, THU, round=1 + (rule == "ended"))],
        THU,
    )
    with pytest.raises(RevisitError, match="was contacted on 2026-10-08"):
        _give(store, first)
    assert one(store, "select count(*) as n from substitution").n == 0


def test_a_place_that_was_missed_stays_missed_and_one_on_its_last_day_can_still_be_given_on(store: Context) -> None:
    first, last = _drawn(store)[0], one(store, f"{_PLACES} limit 1").due_on
    with pytest.raises(RevisitError, match=f"ended on {last}"):
        _give(store, first, date.fromordinal(last.toordinal() + 1))
    assert _give(store, first, last).new


def test_an_answer_that_comes_back_all_the_same_is_kept_and_moves_nothing(store: Context) -> None:
    first = _drawn(store)[0]
    _give(store, first)
    tell(store.engine, "every-window", [Contact((SOURCE, _key(store, first)), "middle", THU)], THU)
    plan(store.engine, THU, store.draw_key)
    _exact(store, 11)
    event_id, rule_id, round_ = first[1:].split("-")
    key = f"event_id = {event_id} and rule_id = {rule_id} and round = {round_}"
    assert one(store, f"select state from task where {key}").state == "superseded"
    assert one(store, f"select count(*) as n from record where {key}").n == 1


def test_corrections_of_either_event_later_count_it_once(store: Context) -> None:
    first = _drawn(store)[0]
    taken = _give(store, first).substitute
    gone, came = (
        {
            "key": _key(store, code),
            "customer": one(store, f"{_PLACES} and e.event_key = '{_key(store, code)}'").customer,
        }
        for code in (first, taken)
    )

    def correct(who: dict[str, str], cancelled: bool) -> None:
        changed = event(
            who["key"], "contract.active", "2026-09-01", customer=who["customer"], cancelled=cancelled, **TERM
        )
        arrive(store.engine, [changed], THU)
        plan(store.engine, THU, store.draw_key)

    def drawn() -> tuple[int, int]:
        ledger = one(
            store, "select sum(eligible - eligible_withdrawn)::int as n, sum(drawn - drawn_withdrawn)::int as k from draw "
            "join quota using (quota_id) where quota = 'EW-11'"
        )  # fmt: skip
        return ledger.n, ledger.k

    correct(gone, True)
    assert drawn() == (10, 4)  # the place was no longer its own
    correct(gone, False)
    assert drawn() == (11, 4)
    assert decisions(store.engine)[gone["key"], "every-window", "ended"].reason == "substituted"
    correct(came, True)
    assert drawn() == (10, 3)
    arrive(store.engine, [event("new", "contract.active", "2026-09-01", customer="N1", **TERM)], THU)
    plan(store.engine, THU, store.draw_key)
    assert drawn() == (11, 4)  # the next batch makes up for it, as for anybody drawn
    correct(came, False)
    assert drawn() == (12, 5)
    row = decisions(store.engine)[came["key"], "every-window", "middle"]
    assert (row.outcome, row.reason) == ("due", "substitute")


def test_decisions_made_again_from_the_events_are_the_same_with_every_place_given_on(store: Context) -> None:
    first, second, *_ = _drawn(store)
    _give(store, _give(store, first).substitute)
    _give(store, second)
    before = decisions(store.engine)
    owed = (
        "select event_id, rule_id, round, state, opens_on, due_on from task where state <> 'superseded' "
        "and rule_id in (select rule_id from rule where rule in ('middle', 'ended')) order by 1, 2, 3"
    )
    tasks, ledger = every(store, owed), every(store, OF_CONTRACTS)
    with store.engine.begin() as connection:
        connection.execute(text("truncate decision, task, draw, draw_share, planned_batch"))
    plan(store.engine, THU, store.draw_key)
    again = decisions(store.engine)
    contracts = [key for key in before if key[2] in ("middle", "ended")]
    assert len(contracts) == 22
    assert {key: again[key] for key in contracts} == {key: before[key] for key in contracts}
    assert every(store, owed) == tasks
    assert every(store, OF_CONTRACTS) == ledger
    assert len(tasks) == 8
    _exact(store, 11)


def test_a_quota_that_does_not_say_so_allows_none(ctx: Context) -> None:
    deliver(ctx, THU, repair("R1", str(THU)))
    (task,) = every(ctx, "select 'T' || event_id || '-' || rule_id || '-' || round as code from task")
    with pytest.raises(RevisitError, match="took no part in a draw"):
        _give(ctx, task.code)
    deliver(
        ctx, THU, {**repair("S1", str(THU)), "kind": "contract.active", "starts": "2026-10-01", "ends": "2027-09-30"}
    )
    drawn = every(
        ctx, "select 'T' || event_id || '-' || rule_id || '-' || round as code from task join decision "
        "using (event_id, rule_id, round) where drawn"
    )  # fmt: skip
    assert len(drawn) == 2
    for task in drawn:
        with pytest.raises(RevisitError, match="allows no substitution"):
            _give(ctx, task.code)


def test_a_reason_that_is_not_allowed_a_place_nobody_drew_and_no_task_are_refused(store: Context) -> None:
    first = _drawn(store)[0]
    with pytest.raises(RevisitError, match=r"for moved, unreachable, absent, not for deceased \(EW-34\)"):
        substitute(store.engine, first, "王主任", "deceased", THU)
    with pytest.raises(RevisitError, match="Name the person"):
        substitute(store.engine, first, " ", "moved", THU)
    with pytest.raises(RevisitError, match="not owed by a draw"):
        _give(store, every(store, f"{_PLACES} and not d.drawn")[0].code)
    with pytest.raises(RevisitError, match="there is no task 'T1-999-1'"):
        _give(store, "T1-999-1")
    with pytest.raises(RevisitError, match="there is no task 'K1'"):
        _give(store, "K1")
    survey = every(store, "select 'T' || event_id || '-' || rule_id || '-' || round as code from decision d "
                   "join quota using (quota_id) where quota = 'EW-27' and d.drawn")[0]  # fmt: skip
    with pytest.raises(RevisitError, match="allows no substitution"):
        _give(store, survey.code)


def _with_census(loaded: LoadedPack) -> LoadedPack:
    """PM-08's repairs: all of the first five, then 20 %, with substitutes."""
    given = loaded.pack.quota("PM-08-repair").model_dump(mode="json", by_alias=True)
    given |= {"rate": "20%", "census_up_to": 5, "substitutes": {"clause": "PM-08", "for": ["absent"]}}
    quotas = tuple(Quota.model_validate(given) if quota.id == given["id"] else quota for quota in loaded.pack.quotas)
    return replace(loaded, pack=Pack.model_validate({**loaded.pack.model_dump(by_alias=True), "quotas": quotas}))


def test_a_census_up_to_a_volume_gives_on_what_it_left_out_and_no_more(engine: Engine) -> None:
    happened = [event(f"e{n}", "repair.completed", THU, customer=f"C{n}", department="D1") for n in range(6)]
    found = in_sql(engine, [_with_census(shipped("property-3-22"))], [(THU, happened)])
    drawn = [key for (key, _, rule), row in found.items() if rule == "repair" and row.drawn]
    (left,) = {f"e{n}" for n in range(6)} - set(drawn)
    assert give_on(engine, drawn[0], "repair", THU, "absent") == left
    assert give_on(engine, drawn[1], "repair", THU, "absent") is None
    happened = [event(f"f{n}", "repair.completed", THU, customer=f"D{n}", department="D1") for n in range(24)]
    arrive(engine, happened, THU)
    plan(engine, THU, KEY)
    after = {key: row for (key, _, rule), row in decisions(engine).items() if rule == "repair"}
    assert sum(bool(row.drawn) for row in after.values()) == 6
    assert (after[drawn[0]].drawn, after[left].drawn) == (False, True)


def test_both_events_say_what_happened_by_whom_and_why(store: Context) -> None:
    first = _drawn(store)[0]
    taken = _give(store, first).substitute
    gave, took = (told(store, _key(store, code))[0] for code in (first, taken))
    assert gave.sentence.startswith(f"{first} 已替换，不在清单上：合同中期回访")
    assert f"抽中而无法回访：由 {taken}（" in gave.sentence
    other = f"{taken}（cases/{_key(store, taken)}）"
    assert f"由 {other}替换；王主任 2026-10-08 登记，原因：客户迁出" in dict(gave.facts)["判定"]
    assert "附注：邻居 138****8000 告知" in dict(gave.facts)["判定"]
    assert any(line.endswith("：抽中") for line in dict(gave.facts)["抽样"])
    assert "替换抽中而无法回访的一件" in took.sentence
    other = f"{first}（cases/{_key(store, first)}）"
    assert f"替换 {other}；王主任 2026-10-08 登记，原因：该客户迁出" in dict(took.facts)["判定"]
    assert any(line.endswith("：未抽中") for line in dict(took.facts)["抽样"])
    for code, side, hit in ((first, "gave", True), (taken, "took", False)):
        found, *_ = printed(store, f"cases/{_key(store, code)}")
        assert found["draw"]["hit"] is hit
        assert (found["draw"]["agrees"], found["draw"]["order_agrees"], found["draw"]["now"]) == (True, True, [11, 4])
        (place,) = found["draw"]["places"]
        wanted = {"reason": "moved", "by": "王主任", "on": "2026-10-08", "note": "邻居 138****8000 告知"}
        assert place[side] is True
        assert wanted.items() <= place.items()
        assert place["other"] == (taken if side == "gave" else first)
        assert recompute(found) is not None


@pytest.mark.parametrize(("language", "words"), [
    ("en", "entered by 王主任 on 2026-10-08: the customer moved away"), ("zh_Hant", "登記，原因：客戶遷出"),
])  # fmt: skip
def test_it_is_said_in_the_readers_language(store: Context, language: Language, words: str) -> None:
    first = _drawn(store)[0]
    _give(store, first)
    assert words in told(store, _key(store, first), language=language)[0].sentence


def test_the_list_says_whom_the_substitute_stands_for(store: Context) -> None:
    first = _drawn(store)[0]
    taken = _give(store, first).substitute
    with store.engine.connect() as connection:
        tasks = rows(
            connection, "publish/find_open_tasks", on=date(2026, 10, 12), horizon=date(2026, 10, 12),
            overdue_since=EARLY, event_id=int(taken[1:].split("-")[0]),
        )  # fmt: skip
    (task,) = [one for one in tasks if one.rule == "middle"]
    pack = store.pack_versions[task.pack_version_id]
    said = why(pack, pack.rule("middle"), task._mapping, task.due_on, task.opens_on)
    assert said.endswith(f"按30%抽样，本组第{task.draw_position}位，替换抽中而因客户迁出无法回访的一件。")


def test_the_report_counts_what_was_given_on_by_reason_and_the_place_out_is_not_drawn(store: Context) -> None:
    first, second, third, _ = _drawn(store)
    _give(store, first)
    _give(store, second)
    substitute(store.engine, third, "王主任", "unreachable", THU)
    (draft,) = [one for one in report.draft(store, parse("2026-09"), date(2026, 10, 31)) if one.pack == "every-window"]
    _, content = report.load(store, draft.report_id)
    (stratum,) = [draw for draw in content.draws if draw.quota == "EW-11"]
    assert (stratum.eligible, stratum.drawn) == (11, 4)
    assert stratum.substitutions == (("迁出", 2), ("联系不上", 1))
    assert stratum.substituted == 3


def test_a_place_that_was_given_on_stands_as_not_drawn_and_its_substitute_as_owed(store: Context) -> None:
    first = _drawn(store)[0]
    taken = _give(store, first).substitute
    pack = next(pack for pack in store.pack_versions.values() if pack.pack == "every-window")
    with store.engine.begin() as connection:
        stand(connection, pack, parse("2026-10"), THU)
        found = connection.execute(
            text("select 'T' || event_id || '-' || rule_id || '-' || standing.round as code, standing from standing "
                 "join rule using (rule_id) where metric = 'K01' and rule = 'middle'")
        )  # fmt: skip
        standing = {row.code: row.standing for row in found}
    assert (standing[first], standing[taken]) == ("not_drawn", "pending")
    assert sorted(standing.values()) == ["not_drawn"] * 7 + ["pending"] * 4


def test_names_and_notes_are_forgotten_after_the_retention_and_the_place_stays_given_on(store: Context) -> None:
    first = _drawn(store)[0]
    _give(store, first)
    years = store.packs["every-window"].pack.retention.years
    last = THU.replace(year=THU.year + years)
    assert [keep.keep(store, day).substitutions for day in (last, last + DAY, last + DAY)] == [0, 1, 0]
    row = one(store, "select reason, note, substituted_by from substitution")
    assert (row.reason, row.note, row.substituted_by) == ("moved", "", "")
    assert first not in _drawn(store)
