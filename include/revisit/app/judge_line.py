"""Judge a returned line: what is missing in it or cannot be, and the record or answer it makes."""

import hashlib
import json
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from revisit.app import channel_share, hours, qualified
from revisit.delivery import sheet
from revisit.delivery.returned import as_day
from revisit.domain.calendar import WorkingDays
from revisit.domain.hours import parse_time
from revisit.policy.model import Pack, Rule


@dataclass(frozen=True, slots=True)
class Standards:
    """What a line is judged by on the day `on`: the pack whose form was filled in, the duty's own pack, the staff register,
    the calendar."""

    pack: Pack
    own: Pack
    register: qualified.Register
    on: date
    working_days: WorkingDays


def task_faults(given: Mapping[str, str], by: Standards, line: Any, cells: Mapping[str, str]) -> dict[str, str]:
    """What is missing in a returned line or cannot be, beyond single cells (`cells`): field id to the reason.

    `line` has the task's opens_on, due_on, joint_department, pack and rule, the channels its list offered (None: all that the
    rule allows), its event's attributes, severity, department and area, and customer_attributes.
    """
    faults = _when_faults(given, by, line, cells)
    if not given["result"] and "result" not in cells:
        faults["result"] = "请选择“回访结果”"
    if given["result"] != "已回访":
        return faults
    faults |= _contact_faults(given, by, line, cells)
    if line.joint_department and not given["joint_visitor"]:
        faults["joint_visitor"] = "本项须两部门共同回访，请填写“共同回访人”"
    fields = {**(line.attributes or {}), "severity": line.severity, "department": line.department, "area": line.area}
    for item in by.pack.form.ratings:
        if item.asked(line.rule, fields) and not item.optional and not given[item.id] and item.id not in cells:
            faults[item.id] = f"请选择“{item.title}”"
    for item in by.pack.form.texts:
        if item.required and item.asked(line.rule, fields) and not given[item.id]:
            faults[item.id] = f"请填写“{item.title}”"
    return faults


def _when_faults(given: Mapping[str, str], by: Standards, line: Any, cells: Mapping[str, str]) -> dict[str, str]:
    """Whether the days and the time that are told can be, also of an attempt that failed."""
    faults: dict[str, str] = {}
    on, visited = by.on, as_day(given["visited_on"]) if given["visited_on"] else None
    if visited is None and "visited_on" not in cells:
        faults["visited_on"] = "请填写“回访日期”"
    if visited and visited > on:
        faults["visited_on"] = f"“回访日期”{visited}晚于今天"
    if visited and visited < line.opens_on:
        faults["visited_on"] = f"“回访日期”{visited}早于可以回访的第一天 {line.opens_on}"
    agreed = as_day(given["agreed_on"]) if given["agreed_on"] else None
    if agreed and visited and agreed < visited:
        faults["agreed_on"] = f"“约定日期”{agreed}早于“回访日期”{visited}"
    channel = sheet.CHANNELS.get(given["channel"])
    if visited and "visited_on" not in faults:  # a day that can be is one that the calendar knows
        resting = hours.rest_day_refusal(by.own.hours, channel, visited, by.working_days)
        faults |= {"visited_on": resting} if resting else {}
    untimely = hours.refusal(by.own.hours, channel, _time(given), given["result"] == "已回访")
    if untimely and "contacted_at" not in cells:
        faults["contacted_at"] = untimely
    return faults


def _contact_faults(given: Mapping[str, str], by: Standards, line: Any, cells: Mapping[str, str]) -> dict[str, str]:
    """What a contact that took place must keep to: its channel, who made it, what was agreed, the signature."""
    pack = by.pack
    rule = next((rule for rule in by.own.rules if rule.id == line.rule), None)
    faults = _visitor_faults(given, by, rule, line)
    channel = sheet.CHANNELS.get(given["channel"])
    if not given["channel"] and "channel" not in cells:
        faults["channel"] = "请选择“回访方式”"
    own = (rule.channels if rule else None) or by.own.channels
    if channel and channel not in own.allowed:
        titles = "、".join(sheet.CHANNEL_TITLES[code] for code in own.allowed)
        faults["channel"] = f"本项回访方式限{titles}" + (f"（{own.clause}）" if own.clause else "")
    elif channel and line.channels and channel not in line.channels:
        faults["channel"] = channel_share.refusal(by.own, line.channels, channel)
    agreed = pack.form.agreed
    wanted = agreed and (agreed.required == "reached" or given["solved"] == "否")
    if agreed and wanted and not given["agreed_on"] and "agreed_on" not in cells:
        faults["agreed_on"] = f"请填写“约定日期”（{agreed.clause}）"
    if pack.on_result.categories and any(_problem(given, pack)) and not given["category"] and "category" not in cells:
        faults["category"] = f"请选择“问题类别”（{pack.on_result.categories.clause}）"
    needs_signature = any(s.who == "customer" and channel in s.channels for s in pack.form.signatures)
    if needs_signature and given["customer_signed"] != "是" and "customer_signed" not in cells:
        faults["customer_signed"] = "上门回访须由客户签字"
    return faults


def _visitor_faults(given: Mapping[str, str], by: Standards, rule: Rule | None, line: Any) -> dict[str, str]:
    """Whether the person who made the contact was one who may."""
    visitor, visited = given["visitor"], as_day(given["visited_on"]) if given["visited_on"] else None
    if not visitor:
        return {"visitor": "请填写“回访人”"}
    for barred in rule.never if rule else ():
        if visitor == (line.attributes or {}).get(barred.attribute):
            return {"visitor": f"“{visitor}”与本项有利害关系，不得回访（{barred.clause}）"}
    unfit = visited and qualified.refusal(by.own.required(line.rule), by.register, visitor, visited)
    return {"visitor": unfit} if unfit else {}


def _problem(given: Mapping[str, str], pack: Pack) -> tuple[bool, bool]:
    """Whether an answer is unsatisfactory, and whether something is unsolved: either raises an issue."""
    unsatisfactory = any(given[item.id] in pack.bad_answers(item) for item in pack.form.ratings if given[item.id])
    return unsatisfactory, given["solved"] == "否" or any(item.raises and given[item.id] for item in pack.form.texts)


def _time(given: Mapping[str, str]) -> time | None:
    return parse_time(given.get("contacted_at", ""))


def record_of(
    given: Mapping[str, str], by: Standards, line: Any, key: tuple[int, int, int], digest: str
) -> dict[str, Any]:
    """A line that nothing is wrong with, as a record."""
    pack, visited_on, at = by.pack, as_day(given["visited_on"]), _time(given)
    channel = sheet.CHANNELS.get(given["channel"], "phone")
    own, same_day = hours.own_of(line), visited_on is not None and visited_on >= line.due_on
    unsatisfactory, unsolved = _problem(given, pack)
    ratings = {item.id: given[item.id] for item in pack.form.ratings if given[item.id]}
    texts = {item.id: given[item.id] for item in pack.form.texts if given[item.id]}
    content = {name: value for name, value in sorted(given.items()) if value}
    return {
        "event_id": key[0],
        "rule_id": key[1],
        "round": key[2],
        "content_hash": hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:32],
        "recorded_on": by.on,
        "visited_on": visited_on,
        "contacted_at": at,
        "in_preferred_hours": hours.in_preferred(by.own.hours, channel, at, own, same_day),
        "agreed_on": as_day(given["agreed_on"]) if given["agreed_on"] else None,
        "result": sheet.RESULTS[given["result"]],
        "channel": channel,
        "visitor": given["visitor"],
        "joint_visitor": given["joint_visitor"],
        "customer_signed": given["customer_signed"] == "是",
        "ratings": ratings,
        "texts": texts,
        "unsatisfactory": unsatisfactory,
        "unsolved": unsolved,
        "second_visit_wanted": given["second_visit"] == "是",
        "category": given.get("category") or None,
        "returned_sha256": digest,
    }


def issue_faults(
    given: Mapping[str, str], issue: Any, on: date, cells: Mapping[str, str], departments: Set[str]
) -> dict[str, str]:
    faults: dict[str, str] = {}
    if given["assists"] and given["assists"] not in departments:
        faults["assists"] = f"“{given['assists'][:20]}”不是其它部门的名称，请填写：{'、'.join(sorted(departments))}"
    if not given["responder"]:
        faults["responder"] = "请填写“回复人”"
    if not (given["plan"] or given["solution"] or given["extension_until"]):
        faults["plan"] = "请填写“处理计划”或“解决措施”"
    if given["solved"] == "是" and not given["solution"]:
        faults["solution"] = "已解决的，请写明“解决措施”"
    responded = as_day(given["responded_on"]) if given["responded_on"] else on
    if responded and "responded_on" not in cells and responded > on:
        faults["responded_on"] = f"“回复日期”{responded}晚于今天"
    if given["extension_until"] and "extension_until" not in cells:
        until = as_day(given["extension_until"])
        if on > issue.due_on:
            faults["extension_until"] = f"期限 {issue.due_on} 已过，延期须在到期前申请"
        elif until and until <= issue.due_on:
            faults["extension_until"] = f"延期日期须晚于现期限 {issue.due_on}"
        if not given["extension_reason"]:
            faults["extension_reason"] = "申请延期须写明“延期理由”"
        if not given["extension_approver"]:
            faults["extension_approver"] = "申请延期须有“延期批准人”"
    return faults
