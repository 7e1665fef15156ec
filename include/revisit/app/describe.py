"""A pack in the words of its owner: the page beside it, written from the data so that it never says anything else."""

from pathlib import Path

from revisit.app import cases, channel_share, conformance, hours
from revisit.app.case_file import read_cases
from revisit.app.wording import (
    COUNTED,
    EVENTS,
    SUBSTITUTED_FOR,
    attempt_words,
    percent,
    span_words,
    value_words,
    window_words,
)
from revisit.delivery.sheet import CHANNEL_TITLES
from revisit.domain.hours import time_words
from revisit.domain.windows import NEXT_DAY
from revisit.policy.load import Choices, load_pack
from revisit.policy.model import Pack, Parameter, Rule
from revisit.reports.words import PERIODS
from revisit.templates import render

_STATED = {
    "never": "原文未写明",
    "ambiguous": "原文有两种读法",
    "blank": "原文空白，须填写",
    "runtime": "由岗位逐月决定",
}
_FATES = {"executed": "执行", "guidance": "说明", "open": "尚未执行"}


def page(folder: Path) -> str:
    """The Chinese page of a pack: duties, blanks, readings, steps, and what becomes of every clause."""
    pack = _as_written(folder)
    return render(
        "pages/pack.md",
        pack=pack,
        rules=[_rule(pack, rule) for rule in pack.rules],
        parameters=[_parameter(one) for one in pack.parameters],
        roles={role.id: role.title for role in pack.roles},
        channels="、".join(CHANNEL_TITLES[code] for code in pack.channels.allowed),
        preferred=[
            (rule.name if rule else "", CHANNEL_TITLES[one.preferred], one.clause)
            for rule, one in [(None, pack.channels), *((rule, rule.channels) for rule in pack.rules)]
            if one and one.preferred
        ],
        stops=[
            (channel_share.titles(one.share.channels), percent(one.share.at_most), one.clause)
            for one in pack.stops()
            if one.share
        ],
        hours=hours.hints(pack),
        account=[(line.clause, _FATES[line.status], line.where) for line in conformance.account(folder)],
        attempts=[
            (rule.name, attempt_words(rule.attempts), rule.attempts.clause) for rule in pack.rules if rule.attempts
        ],
        cases=[case["name"] for case in read_cases(folder)[1]],
        span_words=span_words,
        percent=percent,
        report=PERIODS[pack.report.period].report,
    )


def _as_written(folder: Path) -> Pack:
    """The pack with every default, and its blanks filled in as for the cases, so that it can be read."""
    values, _ = read_cases(folder)
    blank = [one.id for one in cases.load_for_cases(folder).pack.parameters if one.stated == "blank"]
    return load_pack(folder, Choices({name: values[name] for name in blank if name in values}, ())).pack


def _rule(pack: Pack, rule: Rule) -> dict[str, str]:
    titles = {role.id: role.title for role in pack.roles}
    quota = pack.quota(rule.quota) if rule.quota else None
    rate = "100%" if quota is None else "逐月决定" if quota.rate is None else percent(quota.rate)
    by_customer = quota is not None and quota.unit == "customer" and quota.rate != 1
    if by_customer:
        rate += "，按客户抽"
    if quota and quota.census_up_to:
        rate += f"，{quota.census_up_to}{COUNTED[quota.unit]}以内全查"
    if quota and quota.substitutes:
        reasons = "、".join(SUBSTITUTED_FOR[reason] for reason in quota.substitutes.for_)
        rate += f"；客户{reasons}的，由同层下一件替换（{quota.substitutes.clause}）"
    last = rule.assign[-1]
    cadence = ""
    if rule.recur:
        stop = "问题解决" if rule.trigger.issue else "、".join(EVENTS[kind] for kind in rule.recur.until)
        opens = f"（满{span_words(rule.recur.opens)}起）" if rule.recur.opens != NEXT_DAY else ""
        cadence = f"；此后每{span_words(rule.recur.every)}一次{opens}" + (f"，至{stop}为止" if stop else "")
    late = f"；{time_words(rule.day_ends)}以后的自次日起算" if rule.day_ends else ""
    origin = rule.trigger.event and EVENTS[rule.trigger.event]
    if rule.trigger.after:
        origin = f"“{pack.rule(rule.trigger.after).name}”之后"
    return {
        "clause": rule.clause, "name": rule.name,
        "origin": origin or ("问题提出" if rule.trigger.issue == "open" else "问题解决"),
        "window": window_words(rule) + late + cadence,
        "rate": rate, "lead": titles[last.lead] + (f"，与{titles.get(last.joint, '被诉部门')}共同" if last.joint else ""),
    }  # fmt: skip


def _parameter(one: Parameter) -> dict[str, str]:
    return {
        "id": one.id, "clause": one.clause, "means": one.means, "stated": _STATED[one.stated],
        "default": "—" if one.default is None else value_words(one.default),
        "choices": "、".join(map(str, one.choices or ())),
    }  # fmt: skip
