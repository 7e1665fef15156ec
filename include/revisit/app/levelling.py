"""Calls from duties, and the days on which they can be made: one call for what one call settles, the most urgent first."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Days = NDArray[np.int64]  # days since 1970-01-01


def calls(who: Days, opens: Days, due: Days) -> tuple[Days, Days, Days, Days]:
    """Duties of a customer whose windows share a day become one call.

    Gives for every duty the number of its call, and for every call the place of its first duty, its first and last day.
    """
    order = np.lexsort((due, opens, who))
    customers, first_days, last_days = who[order].tolist(), opens[order].tolist(), due[order].tolist()
    begins: list[int] = []
    latest: list[int] = []
    present, until = None, 0
    for index, (customer, first, last) in enumerate(zip(customers, first_days, last_days, strict=True)):
        if customer != present or first > until:
            begins.append(index)
            latest.append(last)
            present, until = customer, last
        elif last < until:
            until = latest[-1] = last
    at = np.array(begins, np.int64)
    if not len(at):
        return at, at, at, at
    sizes = np.diff(np.r_[at, len(who)])
    number = np.empty(len(who), np.int64)
    number[order] = np.repeat(np.arange(len(at)), sizes)
    ends = at + sizes - 1  # the duty that opens last decides when the call can be made
    return number, order[at], opens[order][ends], np.array(latest, np.int64)


def level(contacts: pd.DataFrame, by: str, workdays: Days, capacity: Mapping[Any, int]) -> pd.DataFrame:
    """Each working day everybody makes their most urgent open calls, up to their capacity; what is due goes beyond it.

    `by`: the column that says whose calls they are. `capacity`: calls on a working day; no entry: no limit.
    Gives whose, day, calls made, calls beyond capacity, calls if each were made on its last day.
    """
    found: list[dict[str, Any]] = []
    if contacts.empty:
        return pd.DataFrame({by: [], "day": [], "made": [], "beyond": [], "last_day": []})
    first, last = int(contacts["opens"].min()), int(contacts["due"].max())
    works = np.zeros(last - first + 1, bool)
    works[workdays[(workdays >= first) & (workdays <= last)] - first] = True
    for whose, mine in contacts.groupby(by, observed=True):
        dues, due_at = np.unique(mine["due"].to_numpy() - first, return_inverse=True)
        days, day_at = np.unique(mine["opens"].to_numpy() - first, return_inverse=True)
        opening = np.zeros((len(days), len(dues)), np.int64)
        np.add.at(opening, (day_at, due_at), 1)
        arrivals = dict(zip(days.tolist(), opening, strict=True))
        at_last = dict(zip(dues.tolist(), opening.sum(axis=0).tolist(), strict=True))
        room = capacity.get(whose, len(mine))
        pool = np.zeros(len(dues), np.int64)
        for day in range(int(days[0]), int(dues[-1]) + 1):
            if day in arrivals:
                pool += arrivals[day]
            taken = np.diff(np.r_[0, np.minimum(np.cumsum(pool), room if works[day] else 0)])
            pool -= taken
            urgent = int(np.searchsorted(dues, day, "right"))
            beyond, made = int(pool[:urgent].sum()), int(taken.sum())
            pool[:urgent] = 0
            if made or beyond or day in at_last:
                found.append(
                    {by: whose, "day": day + first, "made": made, "beyond": beyond, "last_day": at_last.get(day, 0)}
                )
    return pd.DataFrame(found)


def often(contacts: pd.DataFrame, limit: int) -> int:
    """Customers with more than `limit` calls within 30 days, each made on its last day."""
    ordered = contacts.sort_values(["customer", "due"])
    who, day = ordered["customer"].to_numpy(), ordered["due"].to_numpy()
    if len(who) <= limit:
        return 0
    close = (who[limit:] == who[:-limit]) & (day[limit:] - day[:-limit] < 30)
    return len(np.unique(who[limit:][close]))
