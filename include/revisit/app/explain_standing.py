"""Where a due task stands: on which list, or why on none, by the very steps that hand out the lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from revisit.app.assign import home_department
from revisit.app.channel_share import OVERDUE, Full
from revisit.app.context import Context
from revisit.app.standings import Held, standings
from revisit.app.wording import STATES, percent, task_code
from revisit.delivery.sheet import CHANNEL_TITLES
from revisit.domain.attempts import counted, given_up_on
from revisit.language import Words
from revisit.policy.model import Rule
from revisit.store import tables
from revisit.store.database import rows


@dataclass(frozen=True, slots=True)
class Standing:
    """`reason`: listed, done, withdrawn, held (then `held` says by what), ready, overdue (ready, but late) or gone (too late)."""

    reason: str
    on: date
    held: Held | None = None
    department: str | None = None
    last_issued_on: date | None = None

    def as_dict(self) -> dict[str, Any]:
        held = self.held
        return {
            "on": str(self.on),
            "reason": held.reason if held else self.reason,
            "until": str(held.until) if held and held.until else None,
            "gates": [gate.id for gate in held.gates] if held else [],
            "calls": {"made": held.calls, "allowed": held.allowed, "days": held.limit.days}
            if held and held.limit
            else None,
            "companion": task_code(held.companion.event_id, held.companion.rule_id, held.companion.round)
            if held and held.companion
            else None,
            "stops": [
                {
                    "metric": one.metric.id,
                    "capped": one.counted.capped,
                    "contacts": one.counted.contacts,
                    "at_most": str(one.share.at_most),
                }
                for one in held.offer.full
            ]
            if held and held.offer
            else [],
            "department": self.department,
            "last_issued_on": str(self.last_issued_on) if self.last_issued_on else None,
        }


def find(ctx: Context, connection: Connection, row: Any, on: date) -> Standing:
    """Where the task of a due decision stands on a day."""
    if row.batch_code:
        return Standing("listed", on)
    if row.state not in ("planned", "expired"):
        return Standing("withdrawn" if row.state in ("superseded", None) else "done", on)
    key = (row.event_id, row.rule_id, row.round)
    for task, told in standings(ctx, connection, on, row.event_id):
        if (task.event_id, task.rule_id, task.round) != key:
            continue
        if isinstance(told, Held):
            return Standing("held", on, told)
        department = home_department(ctx, task)
        table = tables.list_
        last = connection.execute(
            select(func.max(table.c.issued_on)).where(table.c.department == department)
        ).scalar_one()
        return Standing("overdue" if task.due_on < on else "ready", on, None, department, last)
    if row.opens_on > on:
        return Standing("held", on, Held("not_open", until=row.opens_on))
    return Standing("gone", on)


def sentence(ctx: Context, say: Words, standing: Standing, row: Any) -> str:
    """Where it stands, in a sentence without its full stop."""
    names = {one.code: one.name for one in ctx.organisation.departments}
    match standing.reason:
        case "listed":
            return say(
                "已列入清单 {batch} 第 {line} 行，{state}",
                batch=row.batch_code,
                line=row.line,
                state=say(STATES[row.state]),
            )
        case "withdrawn":
            return say("任务已撤销")
        case "done":
            return say("不在清单上，但已有回访记录：{state}", state=say(STATES[row.state]))
        case "gone":
            return say("未列入清单：期限已过 {days} 天以上，不再下发", days=OVERDUE.days)
        case "held":
            assert standing.held is not None
            return say("未列入清单：{reason}", reason=_held(say, standing.held, standing.on))
    department = names.get(str(standing.department), str(standing.department))
    last = say("上次清单 {day}", day=standing.last_issued_on) if standing.last_issued_on else say("此前没有清单")
    if standing.reason == "overdue":
        return say(
            "未列入清单：期限已过，下次下发时列入{department}的清单补做（{last}）", department=department, last=last
        )
    return say("未列入清单：已可下发，下次下发时列入{department}的清单（{last}）", department=department, last=last)


def _held(say: Words, held: Held, on: date) -> str:
    match held.reason:
        case "retired":
            return say("organisation.yaml 已不再使用该制度，恢复使用后下发")
        case "gate":
            gates = say.several(
                [
                    say("{means}（{clause}，{gate}）", means=gate.means, clause=gate.clause, gate=gate.id)
                    for gate in held.gates
                ]
            )
            return say("前提尚未办妥，即{gates}；办妥后写入 organisation.yaml 的 gates", gates=gates)
        case "limit":
            assert held.limit is not None
            return say("该客户近 {days} 天已有 {calls} 天列入清单，上限 {allowed} 天（{clause}），最晚 {until} 照常下发",
                       days=held.limit.days, calls=held.calls, allowed=held.allowed, clause=held.limit.clause,
                       until=held.until)  # fmt: skip
        case "companion":
            one = held.companion
            return say("等同一客户的 {code}，该项 {until} 起可以回访，届时一次完成",
                       code=task_code(one.event_id, one.rule_id, one.round), until=held.until)  # fmt: skip
        case "rest_day":
            return say("{on} 是休息日，等得到下一个工作日，{until} 下发", on=on, until=held.until)
        case "not_open":
            return say("{until} 起才可以回访", until=held.until)
        case "share":
            assert held.offer is not None
            full = say("；").join([_full(say, one) for one in held.offer.full])
            return say("{full}；以其它方式进行的回访增加后，按期限先后下发，期间可能逾期；{until} 起重新计算", full=full,
                       until=held.until)  # fmt: skip


def _full(say: Words, full: Full) -> str:
    return say("{first} 起完成的和清单上的 {contacts} 次回访中，{channels}合计 {capped} 次，再多一次即超过 {rate}（{clause}）",
               first=full.period.first, contacts=full.counted.contacts, channels=_channels(say, full.share.channels),
               capped=full.counted.capped, rate=percent(full.share.at_most), clause=full.metric.clause)  # fmt: skip


def _channels(say: Words, channels: Sequence[str]) -> str:
    return say.several([say(CHANNEL_TITLES[one]) for one in channels])


def _companions(connection: Connection, say: Words, row: Any) -> list[str]:
    """What else the same call settles, and on which days all of it can be settled."""
    found = rows(connection, "explain/find_companions", event_id=row.event_id, rule_id=row.rule_id, round=row.round)
    if not found:
        return []
    listed = say.several(
        [
            say("{code} {name}（{clause}，{first} 至 {last}）", code=one.code, name=one.name, clause=one.clause,
                first=one.opens_on, last=one.due_on)
            for one in found
        ]
    )  # fmt: skip
    first, last = max(row.opens_on, *(o.opens_on for o in found)), min(row.due_on, *(o.due_on for o in found))
    return [say("与同一客户的 {tasks} 一次办完：{first} 至 {last} 都在期限内", tasks=listed, first=first, last=last)]


def lines(connection: Connection, say: Words, row: Any, rule: Rule, causes: Sequence[Any]) -> list[str]:
    """Who does it, in which call and with what else, on which day, whether it was signed for, and attempts in vain."""
    if not row.state:
        return []
    told = [say("{state}（{day}）", state=say(STATES[row.state]), day=row.state_on)]
    if row.batch_code:
        told.append(
            say("清单 {batch} 第 {line} 行，{issued} 下发；{role} {name}（{clause}）", batch=row.batch_code, line=row.line,
                issued=row.issued_on, role=row.lead_role, name=row.lead_name, clause=row.assignment_clause)
        )  # fmt: skip
        signed = say("，{day} 签收", day=row.signed_on) if row.signed_on else say("，尚未签收")
        told.append(say("回访单 {sheet}", sheet=row.call_sheet) + signed)
        told += _companions(connection, say, row)
        if row.channels:
            told.append(say("下发时只可用{channels}，其它方式已达上限", channels=_channels(say, row.channels)))
        if row.planned_on:
            told.append(say("建议 {day} 联系：按责任人和部门每个工作日可办的次数，先到期的先排", day=row.planned_on))
    return told + _attempts(say, row, rule, causes)


def _attempts(say: Words, row: Any, rule: Rule, causes: Sequence[Any]) -> list[str]:
    """The attempts that reached nobody, how many of them count, and when it is given up."""
    task = (row.pack_version_id, rule.id, row.round)
    told = [one for one in causes if one.what == "record" and (one.pack_version_id, one.rule, one.round) == task]
    days = [one.visited_on for one in told if one.result == "unreached"]
    reached = any(one.result == "reached" for one in told)
    if rule.attempts is None or not days or reached or row.due_on is None:
        return []
    patience = rule.attempts.patience()
    attempts = counted(days, patience.apart_days)
    gives_up = given_up_on(days, row.due_on, patience)
    return [
        say("联系未成功，计 {count} 次（满 {most} 次为止，{clause}）：{days}；至 {day} 不再等待", count=len(attempts),
            most=patience.at_least, clause=rule.attempts.clause, days=say.several([str(day) for day in attempts]),
            day=gives_up)
    ]  # fmt: skip
