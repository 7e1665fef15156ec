"""At what time of the day a customer is called: what the list proposes, and what a record may say."""

from datetime import date, time
from typing import Any

from revisit.delivery.sheet import CHANNEL_TITLES
from revisit.domain.calendar import WorkingDays
from revisit.domain.hours import Slot, parse_slots, slot_words, within
from revisit.policy.model import ContactHours, Pack, Rule

ATTRIBUTE = "preferred_hours"
_LONGEST = 20


def own_of(row: Any) -> str:
    """A customer's own hours in the customer's words, from a row with `customer_attributes`; empty where not told."""
    return " ".join(str((row.customer_attributes or {}).get(ATTRIBUTE, "")).split())


def proposal(pack: Pack, rule: Rule, own: str, same_day: bool) -> tuple[str, ...]:
    """What a list says beside the proposed day, line by line; nothing where the pack has no hours for the rule's channels.

    `own`: the customer's own hours in the customer's words. What cannot be read as hours, or lies outside the allowed ones,
    is told as it is. A duty of the `same_day` does not wait for better hours (RM-23).
    """
    hours = pack.hours
    if hours is None or not pack.asks_time() or not set((rule.channels or pack.channels).allowed) & set(hours.channels):
        return ()
    liked = tuple(f"{slot}（客户习惯）" for slot in _liked(hours, own))
    quoted = (f"客户注明“{own[:_LONGEST]}”",) if own and not liked else ()
    if same_day:
        free = tuple(f"{slot}均可" for slot in hours.allowed)
        return "今日到期", *(free or ("不限时段",)), *liked, *quoted
    return *(liked or map(str, hours.preferred or hours.allowed)), *quoted


def _liked(hours: ContactHours, own: str) -> tuple[Slot, ...]:
    """The customer's own hours as far as they are allowed; none where there are none or they cannot be read."""
    try:
        return within(parse_slots(own), hours.allowed) if own else ()
    except ValueError:
        return ()


def refusal(hours: ContactHours | None, channel: str | None, at: time | None, reached: bool) -> str | None:
    """Why a record's time of contact is not accepted, in words for the sender; None where nothing is wrong."""
    if hours is None or not hours.allowed or channel not in hours.channels:
        return None
    if at is None:
        return f"请填写“回访时间”，例如 15:30（{hours.clause}）" if reached else None
    if any(at in slot for slot in hours.allowed):
        return None
    slots = slot_words(hours.allowed)
    return f"“回访时间”{at:%H:%M}不在可以联系客户的时段{slots}内，请在该时段内另行联系后填写（{hours.clause}）"


def rest_day_refusal(
    hours: ContactHours | None, channel: str | None, on: date, working_days: WorkingDays
) -> str | None:
    """Why a contact of a rest day is not accepted, in words for the sender, where customers are contacted on working days."""
    if hours is None or hours.days == "all" or channel not in hours.channels or working_days.is_workday(on):
        return None
    return f"“回访日期”{on}是休息日，请在工作日联系客户（{hours.clause}）"


def in_preferred(hours: ContactHours | None, channel: str, at: time | None, own: str, same_day: bool) -> bool | None:
    """Whether a contact was made when it should better be; None where nothing is preferred, or the time is not known."""
    if hours is None or at is None or same_day or channel not in hours.channels:
        return None
    wanted = _liked(hours, own) or hours.preferred
    return any(at in slot for slot in wanted) if wanted else None


def hints(pack: Pack) -> list[str]:
    """What the list's instructions say about hours."""
    hours, told = pack.hours, []
    if hours and hours.preferred:
        told.append(
            f"较好的联系时段为{slot_words(hours.preferred)}；客户有自己习惯的，按其习惯；当日到期的不受此限（{hours.clause}）"
        )
    if hours and hours.allowed:
        titles = "、".join(CHANNEL_TITLES[channel] for channel in hours.channels if channel in pack.every_channel())
        days = "工作日" if hours.days == "workdays" else ""
        told.append(f"{titles}回访只可在{days}{slot_words(hours.allowed)}进行（{hours.clause}）")
    return told
