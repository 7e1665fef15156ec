"""Why: every decision of a varied history is explained, and its printed explanation gives the same days again."""

import hashlib
import hmac
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from math import ceil
from pathlib import Path

import pytest
from sqlalchemy import text

from explained import EARLY, THU, keys, open_store, printed, told
from histories import arrive, event, tell
from month import every, one
from revisit.app.context import Context, set_up
from revisit.app.explain import explain
from revisit.app.plan import plan
from revisit.app.publish import publish
from revisit.domain.derivation import recompute
from revisit.errors import CalendarMissing, RevisitError
from revisit.language import Language
from revisit.policy.evaluate import Contact
from revisit.settings import RateDecided


@pytest.fixture(scope="module")
def store(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """The varied history, for tests that only read."""
    yield from open_store(server, template, tmp_path_factory.mktemp("explained"))


@pytest.fixture
def own(server: str, template: str, tmp_path: Path) -> Iterator[Context]:
    """The same, for a test that goes on with it."""
    yield from open_store(server, template, tmp_path)


def test_every_window_is_worked_out_again_from_its_printed_explanation(store: Context) -> None:
    decided = {
        f"T{row.event_id}-{row.rule_id}-{row.round}": row
        for row in every(store, "select * from decision order by 1, 2, 3")
    }
    seen, worked_out = set(), 0
    for key in keys(store):
        for explanation in printed(store, f"cases/{key}"):
            row = decided.pop(explanation["subject"])
            again = recompute(explanation)
            if row.anchor_on is None:
                assert again is None
                continue
            assert again == {name: str(getattr(row, name)) for name in ("anchor_on", "opens_on", "due_on")}, key
            assert explanation["window"]["agrees"], key
            worked_out += 1
            window = explanation["window"]
            seen |= {window["fact"]} | {window[end]["unit"] for end in ("opens", "due", "lasts") if window[end]}
            seen |= {name for name in ("share", "lasts", "agreed_on", "days", "source") if window[name]}
    assert decided == {}
    assert worked_out >= 50
    assert seen == {
        "completed", "starts", "ends", "term", "contact", "agreed", "given_up", "solved", "day", "workday", "week", "month",
        "year", "share", "lasts", "agreed_on", "days", "source",
    }  # fmt: skip


def test_attempts_in_vain_are_counted_and_what_follows_names_the_day_they_ended(store: Context) -> None:
    calls, visit = told(store, "tried")
    assert (
        "联系未成功，计 3 次（满 3 次为止，EW-32）：2026-09-21、2026-09-24、2026-09-26；至 2026-09-26 不再等待"
        in (dict(calls.facts)["办理"])
    )
    assert dict(visit.facts)["期限"][0].startswith(
        "起算日 2026-09-26（星期六，第 0 天）：联系未成功、不再等待的日期（T"
    )


def test_a_day_altered_in_the_explanation_gives_another_window(store: Context) -> None:
    (found,) = printed(store, "cases/workdays")
    assert recompute(found) == {"anchor_on": "2026-09-29", "opens_on": "2026-09-30", "due_on": "2026-10-12"}
    days = {day["day"]: day for day in found["window"]["days"]}
    assert (days["2026-10-10"]["is_workday"], days["2026-10-01"]["name"]) == (True, "National Day")
    days["2026-10-01"]["is_workday"] = True
    assert recompute(found) == {"anchor_on": "2026-09-29", "opens_on": "2026-09-30", "due_on": "2026-10-10"}
    days["2026-10-01"]["is_workday"] = days["2026-10-10"]["is_workday"] = False
    with pytest.raises(CalendarMissing):
        recompute(found)
    (again,) = printed(store, "cases/workdays")
    again["window"]["moment"] = "2026-09-28T23:59:59+08:00"
    with pytest.raises(CalendarMissing):  # the days printed begin a day later
        recompute(again)


@pytest.mark.parametrize("language", ["zh_Hans", "zh_Hant", "en"])
def test_the_words_name_the_same_days_as_the_inputs(store: Context, language: Language) -> None:
    for key in keys(store):
        for found in told(store, key, language=language):
            given = found.as_dict()
            again = recompute(given)
            if again is None:
                continue
            lines = [line for _, lines in found.facts for line in lines]
            for day in again.values():
                assert any(day in line for line in lines), (key, language, day)
            if given["decision"]["outcome"] == "due":
                window = given["window"]
                term = (window["starts_on"], window["ends_on"]) if window["share"] else (again["anchor_on"],)
                assert all(day in found.sentence for day in (*term, again["opens_on"], again["due_on"])), (
                    key,
                    language,
                )


def test_the_counted_days_and_the_rest_days_are_named(store: Context) -> None:
    (found,) = told(store, "workdays")
    assert dict(found.facts)["期限"] == (
        "起算日 2026-09-29（星期二，第 0 天）：办结于 2026-09-29 00:30（Asia/Shanghai）",
        "最早 2026-09-30（星期三）：起算日之后第 1 个工作日",
        "最迟 2026-10-12（星期一，含当日）：起算日之后第 5 个工作日",
        "计入的工作日（5 个）：2026-09-30、2026-10-08 至 2026-10-10、2026-10-12",
        "跳过的休息日：国庆节 2026-10-01 至 2026-10-07；周末 2026-10-11",
        "计入的调休上班日：2026-10-10 国庆节",
        "以上各项复算，与判定时的日期一致",
    )
    (found,) = told(store, "workdays", language="en")
    window = dict(found.facts)["Window"]
    assert window[0] == "day 0 is 2026-09-29 (Tuesday): completed at 2026-09-29 00:30 (Asia/Shanghai)"
    assert window[4] == "rest days left out: National Day 2026-10-01 to 2026-10-07; weekend 2026-10-11"


SAID = {
    "february": (0, "2026-02 没有 31 日，取月末", "2026-02 has no day 31: the month's last day"),
    "years": (0, "起算日之后1年", "1 year after day 0"),
    "lasts": (0, "自最早一天起10天", "10 days after it opens"),
    "ahead": (0, "起算日之前7天", "7 days before day 0"),
    "contract-0-0": (0, "中点 2026-10-31（星期六）", "1/3 of a term of 121 days, rounded up to day 41"),
    "cadence": (1, "前次回访的日期（T", "the day of the last contact (T"),
    "ending": (1, "同一客户已有 cases/deal（成交）", "the cadence gives 2026-10-15; 2026-10-09, agreed with the customer"),
    "unsolved": (1, "前次回访约定的日期（T", "the day agreed at the last contact (T"),
    "solved": (1, "问题解决的日期（W1）", "the day the issue was solved (W1)"),
    "undated": (0, "缺少起算日期：缺 起始日期", "it lacks: first day"),
    "before": (0, "本业务线自 2025-01-01 起执行该制度", "its line follows the pack from 2025-01-01"),
    "cancelled": (0, "不在清单上：投诉回访（试 1 号，EW-03），来源系统已撤销该事项", "is on no list (withdrawn)"),
    "publication": (0, "ew.other_rate（报刊回访率，EW-12）由经理按月决定，2026-10 尚未决定", "is decided monthly by 经理"),
    "plain": (1, "12个月内同一客户同一事项达 2 次", "comes up 2 times within 12 months"),
    "repeated-again": (1, "“必要时”的条件已出现：12个月内", "the condition “if necessary” is met: the same matter"),
    "incomplete": (0, "缺 contact（EW-19）", "it lacks contact (EW-19)"),
    "outranked": (1, "适用 EW-20 准客户回访（months_to_need ≤ 3）", "EW-20 准客户回访 applies (months_to_need ≤ 3)"),
    "unmatched": (0, "本条要求 months_to_need ≤ 3（该事件：5）", "the rule asks for months_to_need ≤ 3 (this event: 5)"),
    "silent": (0, "客户要求勿扰", "the customer asks not to be contacted"),
    "kindless": (0, "every-window 没有由“意见建议”引发的条款", "no rule that is triggered by “opinion received”"),
    "too-early": (0, "2023-05-01 没有有效的版本（最早自 2024-01-01 起施行）", "the first is in force from 2024-01-01"),
    "gated": (0, "前提尚未办妥，即回访名单已获批准（EW-22，approved）", "a precondition is not declared met"),
    "companion": (0, "未列入清单：等同一客户的 T", "so that one call does for both"),
    "corrected": (0, "未列入清单：2026-10-09 起才可以回访", "it opens on 2026-10-09"),
    "workdays": (0, "已可下发，下次下发时列入锦绣园第一客户服务中心的清单（此前没有清单）", "goes out on the next list of"),
}  # fmt: skip


@pytest.mark.parametrize("key", SAID)
def test_why_is_said_in_two_languages(store: Context, key: str) -> None:
    number, chinese, english = SAID[key]
    for language, words in (("zh_Hans", chinese), ("en", english)):
        found = told(store, key, language=language)[number]  # type: ignore[arg-type]
        said = "\n".join([found.sentence, *(line for _, lines in found.facts for line in lines)])
        assert words in said


def test_a_task_by_its_number_is_one_of_its_events_explanations(store: Context) -> None:
    first, second = told(store, "cadence")
    assert explain(store, second.subject, THU) == [second]
    assert first != second
    with pytest.raises(RevisitError, match="there is no event or task 'T99999-1-1'"):
        explain(store, "T99999-1-1", THU)
    with pytest.raises(RevisitError, match="there is no event or task 'cases/none'"):
        explain(store, "cases/none", THU)


def test_the_printed_draw_gives_the_same_count_and_the_same_hash(store: Context) -> None:
    drawn = 0
    for number, size in enumerate((2, 5, 4)):
        places = {}
        for n in range(size):
            middle, ended = printed(store, f"cases/contract-{number}-{n}")
            draw = middle["draw"]
            assert (draw["rate"], draw["joined"], draw["drawn_before"]) == ("3/10", size, drawn)
            assert draw["allowance"] == ceil((draw["eligible_before"] + size) * 3 / 10) - drawn
            assert draw["hit"] == (draw["place"] <= draw["allowance"]) == (middle["decision"]["outcome"] == "due")
            assert (draw["agrees"], draw["key_agrees"], draw["order_agrees"], draw["now"]) == (
                True,
                True,
                True,
                [11, 4],
            )
            message = "\x1f".join(("EW-11", "cases", f"contract-{number}-{n}"))
            assert draw["message"] == message
            assert draw["rank"] == hmac.new(b"a key for tests only", message.encode(), hashlib.sha256).hexdigest()
            assert ended["draw"] == draw
            places[draw["rank"]] = draw["place"]
        assert [places[rank] for rank in sorted(places)] == list(range(1, size + 1))
        drawn += draw["drawn"]
    assert drawn == 4


def test_who_was_drawn_before_in_the_year_comes_last_and_is_told(store: Context) -> None:
    rounds = [[told(store, f"survey-{name}-{n}")[0].as_dict()["draw"] for n in range(4)] for name in ("春", "秋")]
    spring, autumn = ([draw["hit"] for draw in draws] for draws in rounds)
    assert sum(spring) == 2
    assert autumn == [not hit for hit in spring]
    assert all(draw["agrees"] and draw["order_agrees"] for draws in rounds for draw in draws)
    assert [draw["drawn_before_this_year"] for draw in rounds[1]] == spring
    last = told(store, f"survey-秋-{spring.index(True)}")[0]
    assert "客户本年已抽中过，排在未抽中过的客户之后" in dict(last.facts)["抽样"]


def test_another_key_cannot_replay_a_draw_and_a_withdrawal_is_told(own: Context) -> None:
    own.__dict__["draw_key"] = b"another key"
    found = told(own, "contract-1-0")[0]
    assert "与现用密钥不同，无法复算次序" in dict(found.facts)["抽样"][-1]
    assert found.as_dict()["draw"]["order_agrees"] is None
    own.__dict__["draw_key"] = b"a key for tests only"
    gone = {"starts_on": date(2026, 9, 1), "ends_on": date(2026, 12, 31), "customer": "K10", "cancelled": True}
    arrive(own.engine, [event("contract-1-0", "contract.active", "2026-09-01", **gone)], THU)
    plan(own.engine, THU, own.draw_key)
    (draw, *_) = [one.as_dict()["draw"] for one in told(own, "contract-1-1")]
    assert draw["withdrawn"][0] == 1
    assert draw["now"][0] == 10
    assert (draw["agrees"], draw["order_agrees"]) == (True, True)


def test_a_rate_is_told_from_the_day_it_is_written_to_the_draw_it_decides(own: Context) -> None:
    decided = RateDecided(
        parameter="ew.other_rate", period=date(2026, 10, 1), rate=Fraction(1, 5), decided_by="manager", decided_on=THU
    )
    own.workspace.__dict__["organisation"] = own.organisation.model_copy(update={"rates": (decided,)})
    (waiting,) = told(own, "publication")
    assert dict(waiting.facts)["判定"][2].startswith("organisation.yaml 中已填 20%（2026-10-08 决定）")
    set_up(own, "test", THU)
    plan(own.engine, THU, own.draw_key)
    (found,) = told(own, "publication")
    assert "按 20% 抽样，该层第 1 位，抽中" in found.sentence
    assert "本批应抽 ceil(1/5 × 1) − 0 = 1 件" in dict(found.facts)["抽样"]
    assert found.as_dict()["draw"]["order_agrees"]


def test_a_condition_that_a_record_met_names_the_record(own: Context) -> None:
    first = told(own, "plain")[0].subject
    record = Contact(("cases", "plain"), "first", THU, second_visit_wanted=True)
    tell(own.engine, "every-window", [record], THU)
    plan(own.engine, THU, own.draw_key)
    second = told(own, "plain")[1]
    assert f"“必要时”的条件已出现：服务第一次回访时注明需要（{first}，2026-10-08 收到）" in second.sentence


def test_what_was_handed_out_limits_the_next_call_and_is_told(own: Context) -> None:
    later = event("next", "service.completed", "2026-10-09", customer="C16", matter="电梯", area="JX01")
    assert publish(own, THU)
    listed = told(own, "plain")[0]
    batch = one(own, "select batch_code from list").batch_code
    assert f"已列入清单 {batch} 第" in listed.sentence
    assert listed.as_dict()["standing"]["reason"] == "listed"
    fri = THU + timedelta(days=1)
    arrive(own.engine, [later], fri)
    assert "尚未判定：批次" in told(own, "next", fri)[0].sentence
    plan(own.engine, fri, own.draw_key)
    waiting = told(own, "next", fri)[0]
    assert "该客户近 7 天已有 1 天列入清单，上限 1 天（EW-24），最晚 2026-10-11 照常下发" in waiting.sentence
    assert waiting.as_dict()["standing"]["calls"] == {"made": 1, "allowed": 1, "days": 7}
    last_day = told(own, "next", date(2026, 10, 11))[0]
    assert "已可下发" in last_day.sentence
    assert "上次清单 2026-10-08" in last_day.sentence


def test_on_a_rest_day_what_can_wait_is_told_to_wait(store: Context) -> None:
    found = told(store, "lasts", date(2026, 10, 5))[0]
    assert "2026-10-05 是休息日，等得到下一个工作日，2026-10-08 下发" in found.sentence
    assert told(store, "february")[0].as_dict()["standing"]["reason"] == "gone"
    overdue = told(store, "plain", date(2026, 10, 13))[0]
    assert "期限已过，下次下发时列入锦绣园第一客户服务中心的清单补做" in overdue.sentence


def test_what_is_told_to_go_out_is_what_goes_out(own: Context) -> None:
    said = {
        found.subject
        for key in keys(own)
        for found in told(own, key)
        if (found.as_dict()["standing"] or {}).get("reason") in ("ready", "overdue")
    }
    publish(own, THU)
    listed = every(own, "select 'T' || event_id || '-' || rule_id || '-' || round as code from list_line")
    assert said == {row.code for row in listed}
    assert len(said) > 5


def test_a_correction_that_takes_a_rule_away_is_explained_by_the_version_it_was_decided_on(own: Context) -> None:
    moved = event("weeks", "repair.completed", "2026-10-01", customer="C2", area="JX01")
    arrive(own.engine, [moved], THU)
    plan(own.engine, THU, own.draw_key)
    found = {one.as_dict()["rule"]["rule"]: one for one in told(own, "weeks")}
    assert "来源系统更正后不再适用该条" in found["weeks"].sentence
    assert found["weeks"].as_dict()["window"]["event_version"] == 1
    assert recompute(found["weeks"].as_dict()) == {
        "anchor_on": "2026-09-22", "opens_on": "2026-09-29", "due_on": "2026-10-06"
    }  # fmt: skip
    assert recompute(found["months"].as_dict()) == {
        "anchor_on": "2026-10-01", "opens_on": "2026-11-01", "due_on": "2026-12-01"
    }  # fmt: skip


def test_a_calendar_that_changed_since_is_told_and_not_hidden(own: Context) -> None:
    with own.engine.begin() as connection:
        connection.execute(text("update calendar_day set is_workday = false where day = '2026-10-10'"))
    own.__dict__.pop("working_days", None)
    (found,) = told(own, "workdays")
    window = dict(found.facts)["期限"]
    assert window[2].startswith("最迟 2026-10-13")
    assert window[-1].startswith("判定时为 2026-09-30 至 2026-10-12，以现有资料复算不一致")
    assert not found.as_dict()["window"]["agrees"]


def test_a_record_that_was_corrected_is_still_the_one_that_counted(own: Context) -> None:
    later = Contact(("cases", "unreached"), "workdays", THU, visited_on=date(2026, 9, 30), result="unreached")
    tell(own.engine, "every-window", [later], THU)
    plan(own.engine, THU, own.draw_key)
    found = told(own, "unreached")[1]
    assert dict(found.facts)["期限"][0].startswith("起算日 2026-09-28（星期一，第 0 天）：前次回访的日期（T")
    assert found.as_dict()["window"]["agrees"]
    with own.engine.begin() as connection:
        connection.execute(text("update issue set state = 'raised', state_on = '2026-10-07'"))
    reopened = told(own, "solved")[1]
    assert (
        "2026-09-30（星期三，第 0 天）：问题解决的日期（该记录其后已变动或不再保存）" in dict(reopened.facts)["期限"][0]
    )


def test_a_record_that_is_no_longer_kept_leaves_the_day_it_gave(own: Context) -> None:
    with own.engine.begin() as connection:
        connection.execute(text("delete from record"))
    found = told(own, "cadence")[1]
    assert "前次回访的日期（该记录其后已变动或不再保存）" in dict(found.facts)["期限"][0]
    assert found.as_dict()["window"]["agrees"]


def test_a_line_without_a_pack_and_a_pack_without_a_version_are_told(own: Context) -> None:
    with own.engine.begin() as connection:
        connection.execute(text("update event set line = 'nowhere' where event_key in ('kindless', 'workdays')"))
        connection.execute(text("insert into pack_use (pack, line, adopted_on) values ('draft', 'line', '2026-01-01')"))
    assert told(own, "kindless")[0].sentence == "cases/kindless 不在清单上：业务线 nowhere 没有启用任何制度。"
    assert told(own, "plain")[-1].sentence == "cases/plain 没有另外的回访任务：draft 没有施行过的版本。"


def test_a_pack_adopted_for_another_line_decides_what_arrived_there_before(own: Context) -> None:
    arrive(own.engine, [event("elsewhere", "complaint.closed", "2026-10-08")], THU)
    with own.engine.begin() as connection:
        connection.execute(text("update event set line = 'second' where event_key = 'elsewhere'"))
    plan(own.engine, THU, own.draw_key)
    before = one(own, "select count(*) as n from decision").n
    with own.engine.begin() as connection:
        connection.execute(
            text("insert into pack_use (pack, line, adopted_on) values ('every-window', 'second', '2026-01-01')")
        )
    (found,) = told(own, "elsewhere")
    assert found.sentence.startswith("cases/elsewhere 不在清单上：every-window 尚未判定")
    plan(own.engine, THU, own.draw_key)
    assert {one.inputs["event"]["event_key"] for one in told(own, "elsewhere")} == {"elsewhere"}
    assert one(own, "select count(*) as n from decision").n == before + len(told(own, "elsewhere"))


def test_a_refused_row_is_told_with_its_reasons_also_where_an_earlier_version_is_known(own: Context) -> None:
    with own.engine.begin() as connection:
        for key in ("plain", "never-taken"):
            connection.execute(
                text("insert into quarantine (source, row_hash, batch_id, position, event_key, reasons, row, refused_on) "
                     "values ('cases', :key, 1, 7, :key, '{area: unknown,happened_at: after received_on,odd: odd}', '{}', :on)"),
                {"key": key, "on": EARLY},
            )  # fmt: skip
    (alone,) = told(own, "never-taken")
    assert alone.sentence.startswith("cases/never-taken 不在清单上：该行在隔离区")
    assert dict(alone.facts)["隔离原因"][0] == "片区：未登记"
    assert dict(alone.facts)["所在"] == ("批次 1 第 7 行，2026-09-28 隔离",)
    (english,) = told(own, "never-taken", language="en")
    assert "area: not registered; completion time: after received_on; odd: odd." in english.sentence
    *_, correction = told(own, "plain")
    assert correction.sentence.startswith("cases/plain 另有一行更正在隔离区")
