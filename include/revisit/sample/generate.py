"""Thirteen months of an invented organisation's own system, the same for the same seed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from revisit.policy.load import LoadedPack
from revisit.sample.cases import complaints, help_records
from revisit.sample.contracts import contracts
from revisit.sample.dirt import Dirt
from revisit.sample.duties import good_events, owed
from revisit.sample.earlier import earlier_visits
from revisit.sample.estate import Estate, estate
from revisit.sample.ledger import ground
from revisit.sample.occasions import recipients
from revisit.sample.orders import work_orders
from revisit.sample.people import residents, staff
from revisit.sample.rhythm import Period, months_ending
from revisit.settings import Organisation

UNTIL = date(2026, 10, 31)
EVENTS = 6_000
SEED = 20_261_001
_SHARES = {"repair": 0.45, "service": 0.18, "complaint": 0.10, "contract": 0.04, "help": 0.03, "publication": 0.20}
_RESIDENTS = 0.3  # for one event


@dataclass(frozen=True, slots=True)
class Tables:
    """Frames by table name (columns that begin with an underscore are not written), and the faults planted in each."""

    frames: dict[str, pd.DataFrame]
    planted: dict[str, dict[str, int]]
    period: Period


def generate(
    organisation: Organisation,
    packs: Mapping[str, LoadedPack],
    until: date = UNTIL,
    events: int = EVENTS,
    seed: int = SEED,
    draw_key: bytes | None = None,
    months: int = 13,
) -> Tables:
    """About `events` events in the months that end on `until`, with residents in proportion; all of it invented.

    Earlier visits end on the last day of the month before `until`'s. With `draw_key`, the key of the planner's draws,
    the old book of visits covers the sampled duties that this key draws; without one it covers most of all, and the
    records of those not drawn will be refused as not owed.
    """
    place, period = estate(organisation, packs), months_ending(until, months)
    frames: dict[str, pd.DataFrame] = {"service_area": _areas(place)}
    streams = iter(np.random.default_rng(seed).spawn(16))
    dirt = Dirt(next(streams))
    count = {name: max(2, round(events * share)) for name, share in _SHARES.items()}
    frames["staff"] = staff(next(streams), place)
    frames["resident"] = residents(next(streams), dirt, place, period, max(60, round(events * _RESIDENTS)))
    at = ground(next(streams), place, period, frames["resident"])
    frames["work_order"] = work_orders(next(streams), dirt, at, count["repair"], count["service"])
    frames["complaint"] = complaints(next(streams), dirt, at, count["complaint"])
    frames["contract"] = contracts(next(streams), dirt, at, count["contract"])
    frames["help_record"] = help_records(next(streams), dirt, at, count["help"])
    frames["activity_recipient"] = recipients(next(streams), dirt, at, count["publication"])
    duties = owed(place, good_events(frames, place, period.eve), draw_key)
    frames["old_revisit"] = earlier_visits(next(streams), dirt, duties, period)
    return Tables(frames, dirt.planted, period)


def _areas(place: Estate) -> pd.DataFrame:
    return pd.DataFrame(
        {"area_code": place.codes, "name": place.names, "department_code": place.centres, "line_code": place.lines}
    )
