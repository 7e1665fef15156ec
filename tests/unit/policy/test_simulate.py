"""A simulated year agrees with the engines where they can be compared, and levels work without losing a call."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from revisit import resources
from revisit.app.cases import load_for_cases, working_days
from revisit.app.simulate import page, simulate
from revisit.app.year_columns import Calendar, add_span
from revisit.app.year_events import invent_events, to_days
from revisit.domain import windows
from revisit.domain.windows import Span
from revisit.policy.model import Pack

FIRST, LAST = date(2023, 12, 1), date(2026, 12, 31)
CALENDAR = Calendar.of(working_days(), FIRST, LAST)


def pack(name: str) -> Pack:
    return load_for_cases(resources.folder("policies") / name).pack


@given(
    day=st.dates(date(2024, 1, 1), date(2026, 6, 1)), count=st.integers(0, 14),
    unit=st.sampled_from(["day", "workday", "week", "month", "year"]),
)  # fmt: skip
def test_lengths_of_time_are_the_engines(day: date, count: int, unit: Any) -> None:
    span = Span(0 if unit == "year" else max(count, 1) if unit == "workday" else count, unit)
    found = add_span(np.array([to_days(day)]), span, CALENDAR.workdays, CALENDAR.numbers)[0]
    assert found == to_days(windows.add_span(day, span, working_days()))


def test_the_quota_takes_its_number_from_every_stratum() -> None:
    events = invent_events([pack("property-qw-21-14")], 2025, 20_000)
    result = simulate([pack("property-qw-21-14")], events, working_days(), 1000)
    contracts = events[events["kind"] == "contract.active"]
    month = contracts["day"].to_numpy().astype("datetime64[D]").astype("datetime64[M]")
    sizes = contracts.groupby([month, "department"]).size()
    wanted = sum(-(-int(size) * 3 // 10) for size in sizes)
    assert [load.owed for load in result.loads if load.clause in ("PQ-06", "PQ-07")] == [wanted, wanted]
    assert [load.undecided for load in result.loads if load.clause == "PQ-15"] == [
        int((events["kind"] == "service.completed").sum())
    ]


def test_a_quota_of_customers_takes_its_number_of_customers_with_all_their_events() -> None:
    given = pack("property-qw-21-14")
    quotas = tuple(
        quota.model_copy(update={"unit": "customer"}) if quota.id == "PQ-12" else quota for quota in given.quotas
    )
    given = given.model_copy(update={"quotas": quotas})
    events = invent_events([given], 2025, 20_000)
    events = events.assign(customer=events["customer"] % 500)
    result = simulate([given], events, working_days(), 1000)
    contracts = events[events["kind"] == "contract.active"]
    month = contracts["day"].to_numpy().astype("datetime64[D]").astype("datetime64[M]")
    strata = contracts.assign(month=month).groupby(["month", "department"], observed=True)["customer"]
    mid = [rule.id for rule in given.rules].index("special-mid")
    called = contracts.assign(month=month).loc[result.duties.loc[result.duties["rule"] == mid, "event"]]
    drawn = called.groupby(["month", "department"], observed=True)["customer"]
    sizes = strata.nunique()
    assert (strata.size() > sizes).any()
    assert drawn.nunique().to_dict() == (-(-sizes * 3 // 10)).to_dict()
    everybody = contracts.assign(month=month).groupby(["month", "department", "customer"], observed=True).size()
    sharing = called.groupby(["month", "department", "customer"], observed=True).size()
    assert sharing.to_dict() == everybody.loc[sharing.index].to_dict()


def test_every_call_is_made_or_counted_as_beyond_capacity() -> None:
    packs = [pack("property-qw-21-14"), pack("property-3-22")]
    events = invent_events(packs, 2025, 5_000)
    for capacity in (1, 5, 10_000):
        result = simulate(packs, events, working_days(), capacity, {"pq.other_rate": Fraction(1, 5)})
        assert int(result.days["made"].sum() + result.days["beyond"].sum()) == result.calls <= result.tasks
        assert result.days["made"].max() <= capacity
    assert simulate(packs, events, working_days(), 1).departments["overloaded"].min() > 0
    roomy = simulate(packs, events, working_days(), 10_000).days
    beyond = roomy[roomy["beyond"] > 0]["day"]
    assert len(beyond)
    assert not any(working_days().is_workday(date(1970, 1, 1) + timedelta(days=int(day))) for day in beyond)


def test_duties_that_meet_are_one_call() -> None:
    day = to_days(date(2025, 3, 3))
    rows = {
        "kind": ["complaint.closed", "help.completed"],
        "day": [day, day],
        "starts": [day] * 2,
        "ends": [day + 90] * 2,
    }
    events = pd.DataFrame({**rows, "customer": [1, 1], "department": [1, 1]})
    result = simulate([pack("property-qw-21-14")], events, working_days(), 10)
    assert (result.tasks, result.calls) == (2, 1)
    assert result.contacts.iloc[0]["due"] == day + 3


def test_a_cadence_goes_on_to_the_end_of_the_year() -> None:
    day = to_days(date(2025, 1, 1))
    one = {"kind": ["lead.graded"], "day": [day], "starts": [day], "ends": [day], "customer": [1], "department": [1]}
    events = pd.DataFrame({**one, "class": ["interested"]})
    tail = pd.DataFrame(
        {**one, "day": [to_days(date(2025, 12, 31))], "kind": ["deal.closed"], "customer": [2], "class": [""]}
    )
    result = simulate([pack("loan-leads")], pd.concat([events, tail]), working_days(), 10)
    assert result.tasks == 36  # every ten days of a year


@pytest.mark.parametrize(
    "folder", sorted(path.parent.name for path in resources.folder("policies").glob("*/pack.yaml"))
)
def test_every_pack_can_be_simulated_and_shown(folder: str) -> None:
    one = pack(folder)
    result = simulate([one], invent_events([one], 2025, 500), working_days(), 5)
    assert one.title in page([(one.title, result)])
