"""Which revisits the organisation owed before the new system, by the rules of its own packs, a column at a time."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd

from revisit.domain.draws import draw_rank
from revisit.domain.windows import Span
from revisit.policy.model import Quota, Rule
from revisit.sample.dirt import visible
from revisit.sample.estate import Estate

# For each table: the key, the kind of event (by a column's value where it has several), and the states that count.
_TABLES: dict[str, tuple[str, dict[str, str] | str, tuple[str, ...]]] = {
    "work_order": ("order_no", {"维修": "repair.completed", "其它服务": "service.completed"}, ("已完工",)),
    "complaint": ("complaint_no", "complaint.closed", ("已办结",)),
    "contract": ("contract_no", "contract.active", ("履行中", "已终止")),
    "help_record": ("help_no", "help.completed", ("已结束",)),
    "activity_recipient": ("recipient_no", "publication.received", ("有效",)),
}


def good_events(tables: Mapping[str, pd.DataFrame], place: Estate, on: date) -> pd.DataFrame:
    """The events that a contract accepts on a day and that stand: newest versions, no faults, nobody who is left alone."""
    register = tables["resident"]
    silent = register.loc[register["do_not_contact"] == "是", "resident_no"]
    found = []
    for table, (key, kind, standing) in _TABLES.items():
        shown = visible(tables[table], key, np.datetime64(on))
        shown = shown[(shown["_fault"] == "") & shown["status"].isin(standing) & ~shown["resident_no"].isin(silent)]
        shown = shown.drop_duplicates(key, keep="last")
        found.append(
            pd.DataFrame(
                {
                    "table": table,
                    "event_key": shown[key].str.strip(),
                    "kind": kind if isinstance(kind, str) else shown["order_type"].map(kind),
                    "line": shown["line_code"],
                    "department": shown["department_code"],
                    "area": shown["area_code"],
                    "occasion": shown.get("occasion_no"),
                    "administrator": place.administrators[shown["_area"].to_numpy()],
                    "area_index": shown["_area"],
                    "completed": shown["_day"],
                    "starts": pd.to_datetime(shown["starts_on"]) if "starts_on" in shown else pd.NaT,
                    "ends": pd.to_datetime(shown["ends_on"]) if "ends_on" in shown else pd.NaT,
                }
            )
        )
    return pd.concat(found, ignore_index=True)


def _plus(days: "pd.Series[pd.Timestamp]", span: Span) -> "pd.Series[pd.Timestamp]":
    """Working days are taken for civil days here: an invented past need not be exact."""
    if span.unit in ("month", "year"):
        return days + pd.DateOffset(months=span.count * (12 if span.unit == "year" else 1))
    return days + pd.Timedelta(days=span.count * (7 if span.unit == "week" else 1))


def _with_window(rule: Rule, events: pd.DataFrame) -> pd.DataFrame:
    if rule.window.share:
        length = (events["ends"] - events["starts"]).dt.days
        opens, due = (np.floor(length * float(share)) for share in rule.window.share)
        ends = [events["starts"] + pd.to_timedelta(part, unit="D") for part in (opens + 1, due)]
    else:
        assert rule.window.opens is not None and rule.window.due is not None
        anchor = events[{"completed": "completed", "starts": "starts"}.get(rule.anchor, "ends")]
        ends = [_plus(anchor, rule.window.opens), _plus(anchor, rule.window.due)]
    return events.assign(rule=rule.id, clause=rule.clause, opens=ends[0], due=ends[1])


def _drawn(place: Estate, quota: Quota, events: pd.DataFrame, key: bytes | None) -> "pd.Series[bool]":
    """Whether each event is drawn, as the planner draws a month that arrives in one batch; all of them without a key."""
    months = events["starts"].fillna(events["completed"]).dt.to_period("M")
    rates = {month: place.rate(quota, month.start_time.date()) for month in months.unique()}
    if key is None or all(rate == (1, 1) for rate in rates.values()):
        return pd.Series(True, index=events.index)
    strata = pd.Series("", index=events.index) if quota.period == "none" else months.astype(str)
    for column in quota.per:
        strata = strata + "/" + events[column].fillna("-")
    pairs = zip(events["table"], events["event_key"], strict=True)
    ranks = pd.Series(
        [draw_rank(key, quota.id, table, number) for table, number in pairs], index=events.index, dtype=object
    )
    order = pd.DataFrame({"stratum": strata, "rank": ranks}).sort_values(["stratum", "rank"]).index
    place_in = strata[order].groupby(strata[order]).cumcount()
    sizes = strata.groupby(strata).transform("size")
    shares = months.map({month: Fraction(*rate) if rate else Fraction(0) for month, rate in rates.items()})
    wanted = [-(-size * share.numerator // share.denominator) for size, share in zip(sizes, shares, strict=True)]
    return pd.Series(place_in.reindex(events.index).to_numpy() < np.array(wanted), index=events.index)


def owed(place: Estate, events: pd.DataFrame, key: bytes | None) -> pd.DataFrame:
    """One row for each event and duty with its window; a conditional duty stands beside its first with `follows`."""
    found = []
    for use in place.organisation.packs:
        pack, drawn = place.packs[use.line], {}
        governed = events[
            (events["line"] == use.line)
            & (events["starts"].fillna(events["completed"]) >= pd.Timestamp(use.adopted_on))
        ]
        for rule in pack.rules:
            asked = governed[governed["kind"] == rule.trigger.event]
            if asked.empty:
                continue
            if rule.quota:
                if rule.quota not in drawn:
                    drawn[rule.quota] = _drawn(place, pack.quota(rule.quota), asked, key)
                asked = asked[drawn[rule.quota]]
            channels = "/".join(pack.channels.allowed)
            found.append(
                _with_window(rule, asked).assign(
                    channels=channels, follows=rule.condition.first if rule.condition else ""
                )
            )
    return pd.concat(found, ignore_index=True)
