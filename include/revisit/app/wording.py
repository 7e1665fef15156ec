"""Sentences that explain a task in the user's words: on the list, in the mail, and in `revisit explain`."""

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from revisit.delivery.sheet import CHANNEL_TITLES
from revisit.domain.hours import time_words
from revisit.domain.windows import Span
from revisit.policy.model import Attempts, Pack, Quota, Rule
from revisit.templates import day

EVENTS = {
    "complaint.closed": "投诉办结",
    "repair.completed": "维修完成",
    "contract.active": "特约服务合同",
    "help.completed": "求助服务完成",
    "publication.received": "报刊、活动",
    "service.completed": "其它服务完成",
    "project.completed": "项目完工",
    "product.delivered": "产品交付",
    "goods.purchased": "购买",
    "lead.called": "来电",
    "lead.visited": "来访",
    "lead.graded": "客户分级",
    "lead.lost": "客户流失",
    "deal.closed": "成交",
    "policy.issued": "承保",
    "policy.changed": "保全",
    "policy.lapsed": "续期停效",
    "policy.orphaned": "业务员离司",
    "claim.surveyed": "查勘定损",
    "claim.closed": "赔案结案",
    "hotline.called": "专线来电",
    "case.served": "接受服务",
    "opinion.received": "意见建议",
    "survey.handed_out": "问卷发放",
    "contact.ordered": "人工安排",
    "customer.listed": "客户登记",
    "period.month": "每月",
    "period.quarter": "每季度",
    "period.half_year": "每半年",
    "period.year": "每年",
    "occasion.festival": "节日",
    "occasion.milestone": "项目节点",
}
CAUSES = {"unsatisfactory": "评价不合格", "unsolved": "问题未解决"}
STATES = {
    "planned": "待下发",
    "issued": "已下发",
    "signed": "已签收",
    "done": "按期完成",
    "late": "逾期完成",
    "unreached": "未联系上",
    "expired": "逾期未做",
    "superseded": "已撤销",
}
OUTCOMES = {
    "due": "应回访",
    "not_drawn": "未抽中",
    "suppressed": "免回访",
    "out_of_scope": "不适用",
    "superseded": "已撤销",
    "awaiting": "待定",
}
REASONS = {
    "census": "该类全数回访",
    "drawn": "抽样抽中",
    "not_drawn": "抽样未抽中",
    "substituted": "抽中而无法回访",
    "substitute": "替换抽中而无法回访的一件",
    "condition": "“必要时”的条件尚未出现",
    "condition_met": "“必要时”的条件已出现",
    "lapsed": "期限内未出现“必要时”的条件",
    "rate": "回访率尚待决定",
    "do_not_contact": "客户要求勿扰",
    "cancelled": "来源系统已撤销该事项",
    "reclassified": "来源系统更正后不再适用该条",
    "before_adoption": "事项早于本制度启用日",
    "not_matched": "不在本条适用范围",
    "no_anchor": "缺少起算日期",
    "incomplete": "缺少规定的资料，补齐后再定",
    "outranked": "本条让位于更具体的规定",
    "recurring": "按周期再次回访",
    "followed": "按前次回访或问题处理的结果回访",
    "stopped": "已出现终止周期回访的事项",
    "cause_gone": "所依据的事项已撤销",
}

SUBSTITUTED_FOR = {"moved": "迁出", "unreachable": "联系不上", "absent": "长期外出", "deceased": "去世"}
_RESULTS = {"reached": "已回访", "unreached": "未联系上", "refused": "拒绝回访"}
_ISSUE_STATES = {"raised": "问题待回复", "planned": "问题已有计划", "solved": "问题已解决"}
COUNTED = {"event": "件", "contract": "件", "customer": "位"}
_ANCHORS = {
    "contact": "前次回访",
    "agreed": "约定于",
    "given_up": "联系未成功于",
    "raised": "问题提出于",
    "solved": "问题解决于",
}
FIELDS = {
    "event_key": "单号",
    "kind": "类别",
    "line": "业务线",
    "happened_at": "办结时间",
    "starts_on": "起始日期",
    "ends_on": "截止日期",
    "customer": "客户",
    "department": "部门",
    "area": "片区",
    "matter": "事项",
    "severity": "程度",
    "occasion": "期次",
    "subject": "摘要",
    "standing": "新老客户",
    "cancelled": "撤销标记",
    "name": "姓名",
    "phone": "电话",
    "address": "地址",
    "do_not_contact": "勿扰标记",
    "of_source": "所属来源",
    "of_event": "所属单号",
    "clause": "条款",
    "visited_on": "回访日期",
    "agreed_on": "约定日期",
    "result": "回访结果",
    "channel": "回访方式",
    "visitor": "回访人",
    "satisfaction": "满意度",
    "suggestions": "建议",
    "row": "整行",
}
FAULTS = {
    "missing": "缺失",
    "not one of the agreed values": "不在约定取值内",
    "not in the agreed form": "格式不符",
    "too long": "过长",
    "implausibly early": "过早，不可信",
    "later than the day of the batch": "晚于取数日",
    "too late": "过晚",
    "unknown": "未登记",
    "a later row of the batch has the same key": "同一批内重复，以后一行为准",
    "no task is owed for this event under the clause": "该事项并无此项回访任务",
    "not a timestamptz": "不是时间",
    "not a date": "不是日期",
    "not a boolean": "不是“是／否”",
}


def reason_words(reason: str) -> str:
    """Why a row was refused, as a Chinese reader is told: `area: unknown` is 片区：未登记."""
    name, _, fault = reason.partition(": ")
    if fault.startswith("after "):
        fault = f"晚于{FIELDS.get(fault[6:], fault[6:])}"
    return f"{FIELDS.get(name, name)}：{FAULTS.get(fault, fault)}"


_UNITS = {"day": "日", "workday": "个工作日", "week": "周", "month": "个月", "year": "年"}


def span_words(span: Span) -> str:
    """A length of time in Chinese: 3日, 5个工作日, 1个月; for half months the days on which they begin."""
    if span.unit == "half_month":
        return "半月（1日、16日）" if span.count == 1 else f"逢第{span.count}个半月首日（1日或16日）"
    return f"{abs(span.count)}{_UNITS[span.unit]}"


def attempt_words(attempts: Attempts) -> str:
    """When a contact that reaches nobody is given up: 在不同的日子联系满3次，或距期限只剩3日，仍未联系上的."""
    daily = attempts.patience().apart_days == 1
    how = "在不同的日子联系" if daily else f"每次相隔至少{span_words(attempts.apart)}，联系"
    return f"{how}满{attempts.at_least}次，或距期限只剩{span_words(attempts.before_end)}，仍未联系上的"


def window_words(rule: Rule) -> str:
    """A rule's window in Chinese, without a date: 办结后3日内."""
    window = rule.window
    if window.share is not None:
        whole = window.share == (Fraction(0), Fraction(1))
        return "期间内" if whole else f"合同期的{percent(window.share[0])}至{percent(window.share[1])}"
    after = {
        "completed": "自当日起",
        "starts": "起始日",
        "ends": "结束后",
        "contact": "前次回访后",
        "agreed": "约定日",
        "given_up": "联系未成功后",
        "raised": "问题提出后",
        "solved": "问题解决后",
    }[rule.anchor]
    assert window.opens is not None
    if window.lasts is not None:
        return f"满{span_words(window.opens)}后{span_words(window.lasts)}内"
    assert window.due is not None
    if window.due.count == 0:
        day_itself = "当日"
        return (
            f"前{span_words(window.opens)}至当日"
            if window.opens.count < 0
            else f"{'约定' if rule.anchor == 'agreed' else ''}{day_itself}"
        )
    opens = (
        f"满{span_words(window.opens)}起，"
        if window.opens.count > 1 or (window.opens.unit != "day" and window.opens.count)
        else ""
    )
    return f"{after}{opens}{span_words(window.due)}内"


def channel_words(pack: Pack, rule: Rule) -> str:
    """How the contact may be made, where the rule has channels of its own or one goes first: 以电话为先，也可上门（LN-08）."""
    channels = rule.channels or pack.channels
    if rule.channels is None and channels.preferred is None:
        return ""
    others = "、".join(CHANNEL_TITLES[one] for one in channels.allowed if one != channels.preferred)
    first = f"以{CHANNEL_TITLES[channels.preferred]}为先，也可" if channels.preferred else "方式限"
    return f"；{first}{others}" + (f"（{channels.clause}）" if channels.clause else "")


def task_code(event_id: int, rule_id: int, round_: int) -> str:
    """The number a person reads and a sheet carries: T event - rule - round."""
    return f"T{event_id}-{rule_id}-{round_}"


def parse_task_code(code: str) -> tuple[int, int, int] | None:
    """The key behind a task number; None where it is none."""
    parts = code.strip().removeprefix("T").split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    event_id, rule_id, round_ = map(int, parts)
    return event_id, rule_id, round_


def percent(rate: Fraction) -> str:
    """3/10 as 30%."""
    value = rate * 100
    return f"{value.numerator}%" if value.denominator == 1 else f"{float(value):.1f}%"


def left(due_on: date, on: date) -> str:
    """How long is left, in words."""
    days = (due_on - on).days
    if days < 0:
        return f"已逾期{-days}天"
    return {0: "今日到期", 1: "明日到期"}.get(days, f"{days}天")


def anchor_words(rule: Rule, anchor_on: date, starts_on: date, ends_on: date | None) -> str:
    """What the window is counted from."""
    if rule.anchor == "term" and ends_on is not None:
        return f"合同期{day(starts_on)}至{day(ends_on)}"
    if rule.anchor == "ends":
        return f"合同{day(anchor_on)}结束"
    if rule.anchor in _ANCHORS:
        return f"{_ANCHORS[rule.anchor]}{day(anchor_on)}"
    if rule.day_ends and starts_on == anchor_on - timedelta(days=1):
        return f"{day(starts_on)}{time_words(rule.day_ends)}以后办结，自次日起算"
    return f"{day(anchor_on)}{'登记' if rule.trigger.event == 'customer.listed' else '办结'}"


def chosen_words(
    reason: str, position: int | None, rate: Fraction | None, quota: Quota | None, replaces: str | None = None
) -> str:
    """Why this one: all of them, drawn, in the place of one that cannot be contacted (`replaces`: why not), or a condition."""
    if reason in ("drawn", "substitute") and rate is not None and quota is not None:
        least = f"（{quota.census_up_to}{COUNTED[quota.unit]}以内全查）" if quota.census_up_to else ""
        hit = "抽中" if reason == "drawn" else f"替换抽中而因客户{SUBSTITUTED_FOR[str(replaces)]}无法回访的一件"
        return f"按{percent(rate)}抽样{least}，本组第{position}位，{hit}"
    return REASONS[reason]


def why(pack: Pack, rule: Rule, facts: Mapping[str, object], due_on: date, opens_on: date) -> str:
    """The sentence on a line: duty, clause, anchor, window, and how it was chosen."""
    anchor_on, ends_on, starts_on = facts["anchor_on"], facts["ends_on"], facts["happened_on"]
    assert isinstance(anchor_on, date) and isinstance(starts_on, date)
    assert ends_on is None or isinstance(ends_on, date)
    numerator = facts["numerator"]
    position = None if facts["draw_position"] is None else int(str(facts["draw_position"]))
    rate = Fraction(int(str(numerator)), int(str(facts["denominator"]))) if numerator is not None else None
    quota = pack.quota(rule.quota) if rule.quota else None
    replaces = str(facts["replaces"]) if facts.get("replaces") else None
    window = f"{day(opens_on)}至{day(due_on)}" if opens_on != due_on else day(due_on)
    provisional = "（下年度节假日未公布，期限暂定）" if facts["provisional"] else ""
    since = anchor_words(rule, anchor_on, starts_on, ends_on)
    if facts["reason"] == "recurring":
        since = f"{_ANCHORS['contact']}{day(anchor_on)}"
    return (
        f"{rule.text}（{pack.document.code}，{rule.clause}）。{since}，"
        f"回访期{window}{provisional}；{chosen_words(str(facts['reason']), position, rate, quota, replaces)}"
        f"{channel_words(pack, rule)}。"
    )


def history_line(names: Mapping[str, str], row: Any, number: int) -> dict[str, str | int | date]:
    """A line of what callers read beforehand: an event, or a contact with what came of it."""
    result = ""
    if row.result:
        bad = "，评价不合格" if row.unsatisfactory else ""
        result = _RESULTS[row.result] + bad + (f"，{_ISSUE_STATES[row.state]}" if row.state else "")
    return {
        "number": number, "customer": names[row.customer], "day": row.day,
        "what": EVENTS[row.kind] if row.kind else f"回访：{row.rule}", "said": row.said or "", "result": result,
    }  # fmt: skip


def value_words(value: object) -> str:
    """A parameter's value as people read it; a list or a table with its entries, an empty one as 未设."""
    if isinstance(value, Mapping):
        return "、".join(f"{name} {value_words(one)}" for name, one in value.items()) or "未设"
    if isinstance(value, list | tuple):
        return "、".join(map(value_words, value)) or "未设"
    return str(value)
