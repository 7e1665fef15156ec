"""Every worked case beside a pack, on both engines."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from histories import arrive, decisions, event, give_on, in_sql, prepare, shipped, solve, tell
from revisit import resources
from revisit.app import cases
from revisit.app.case_file import read_cases
from revisit.app.figures import counted, repeated, stand
from revisit.app.plan import plan
from revisit.domain.periods import parse
from revisit.policy.load import LoadedPack
from revisit.store.database import run

_PACKS = sorted(path.parent.name for path in resources.folder("policies").glob("*/cases.yaml"))


def _cases(*keys: str) -> list[Any]:
    return [
        pytest.param(pack, case, id=f"{pack}: {case['name']}")
        for pack in _PACKS
        for case in read_cases(resources.folder("policies") / pack)[1]
        if not keys or any(key in case for key in keys)
    ]


@pytest.mark.parametrize(("pack", "case"), _cases())
def test_the_reference_engine_agrees_with_the_worked_case(pack: str, case: dict[str, Any]) -> None:
    assert cases.faults(_loaded(pack, case).pack, case) == []


def _loaded(pack: str, case: dict[str, Any]) -> LoadedPack:
    """The pack as it stands, or under a case's own choices."""
    return cases.load_for_cases(resources.folder("policies") / pack, case=case) if "values" in case else shipped(pack)


def _play(engine: Engine, loaded: LoadedPack, case: dict[str, Any]) -> dict[cases.Key, cases.Row]:
    """A case on the SQL, day by day."""
    pack = loaded.pack.pack
    with engine.begin() as connection:
        prepare(connection, [loaded], cases.rates(case), case.get("silent", []))
    for step in cases.steps(case):
        tell(engine, pack, step.contacts, step.day)
        solve(engine, pack, step.issues)
        arrive(engine, step.events, step.day)
        plan(engine, step.day, cases.KEY)
        for one in step.substituted:
            give_on(engine, one["event"], one["rule"], step.day, one["reason"])
    return {
        (key, rule): cases.Row(row.outcome, row.reason, row.anchor_on, row.opens_on, row.due_on)
        for (key, _, rule), row in decisions(engine).items()
    }


def _sql_faults(
    engine: Engine, loaded: LoadedPack, case: dict[str, Any], found: dict[cases.Key, cases.Row]
) -> list[str]:
    """In what the SQL, which has played a case, differs from it."""
    faults = list(cases.check_decisions(case, found))
    detection = next((d for d in loaded.pack.detections if d.id == case.get("repeats", {}).get("detection")), None)
    if detection is not None:
        wanted = case["repeats"]
        span = parse(str(wanted["period"]))
        with engine.connect() as connection:
            seen = repeated(connection, loaded.pack, detection, span.first, span.last)
        told = [{"customer": r.customer, "matter": r.matter, "times": r.times} for r in seen]
        faults += [f"found are {told}"] * (told != wanted["found"])
    for wanted in case.get("figures", []):
        period = parse(str(wanted["period"]))
        with engine.begin() as connection:
            stand(connection, loaded.pack, period, wanted.get("cut_off", period.last))
            figure = counted(connection, period).get((wanted["metric"], period), (0, 0))
            connection.execute(text("drop table standing"))
        faults += [f"{wanted['metric']} is {figure}"] * (figure != (wanted["numerator"], wanted["denominator"]))
    return faults


@pytest.mark.parametrize(("pack", "case"), _cases("day"))
def test_the_sql_agrees_with_the_worked_case(pack: str, case: dict[str, Any], engine: Engine) -> None:
    loaded = _loaded(pack, case)
    found = _play(engine, loaded, case)
    assert found == cases.decide(loaded.pack, case)
    assert _sql_faults(engine, loaded, case, found) == []


@pytest.mark.parametrize(("pack", "case"), _cases("values"))
def test_a_case_of_another_reading_fails_on_the_text_as_it_is_read_by_default(
    pack: str, case: dict[str, Any], engine: Engine
) -> None:
    as_read = {name: value for name, value in case.items() if name != "values"}
    loaded = shipped(pack)
    assert cases.faults(loaded.pack, as_read) or _sql_faults(engine, loaded, as_read, _play(engine, loaded, as_read))


@pytest.mark.parametrize("pack", ["property-qw-21-14", "property-3-22"])
def test_the_store_forgets_a_record_on_the_day_after_its_retention(pack: str, engine: Engine) -> None:
    case = next(case for name, case in (param.values for param in _cases("filing")) if name == pack)
    wanted, loaded = case["filing"], shipped(pack)
    key = "repair-first" if pack == "property-qw-21-14" else "repair"
    on = wanted["visited"] - timedelta(days=1)
    in_sql(engine, [loaded], [(on, [event("a", "repair.completed", on)])])
    assert decisions(engine)["a", pack, key].outcome
    filing = loaded.pack.lifecycle.file
    assert filing is not None
    with engine.begin() as connection:
        connection.execute(
            text("insert into record (event_id, rule_id, round, content_hash, recorded_on, visited_on, result, channel, "
                 "visitor, customer_signed, ratings, texts, unsatisfactory, unsolved, second_visit_wanted) "
                 "select event_id, rule_id, round, 'x', :on, :on, 'reached', 'phone', '王', false, '{}', '{}', false, false, "
                 "false from task limit 1"),
            {"on": wanted["visited"]},
        )  # fmt: skip
        later = 1 if filing.month == "next" else 0
        given = {
            "pack": pack,
            "day_of_month": filing.day_of_month,
            "later": later,
            "skips": False,
            "years": loaded.pack.retention.years,
        }
        assert run(connection, "keep/forget_records", on=wanted["kept_until"], **given) == 0
        assert run(connection, "keep/forget_records", on=wanted["kept_until"] + timedelta(days=1), **given) == 1


def test_without_a_filing_day_a_record_is_kept_from_the_day_of_the_contact(engine: Engine) -> None:
    loaded, on = shipped("tech-services"), date(2024, 1, 5)
    in_sql(engine, [loaded], [(on, [event("a", "complaint.closed", on)])])
    with engine.begin() as connection:
        connection.execute(
            text("insert into record (event_id, rule_id, round, content_hash, recorded_on, visited_on, result, channel, "
                 "visitor, customer_signed, ratings, texts, unsatisfactory, unsolved, second_visit_wanted) "
                 "select event_id, rule_id, round, 'x', :on, :on, 'reached', 'phone', '王', false, '{}', '{}', false, false, "
                 "false from task limit 1"),
            {"on": on},
        )  # fmt: skip
        given = {"pack": "tech-services", "day_of_month": None, "later": 0, "skips": False, "years": 2}
        assert run(connection, "keep/forget_records", on=date(2026, 1, 5), **given) == 0
        assert run(connection, "keep/forget_records", on=date(2026, 1, 6), **given) == 1


NEWCOMER = Path(__file__).parent / "newcomer"


@pytest.mark.parametrize("case", read_cases(NEWCOMER)[1], ids=lambda case: str(case["name"]))
def test_a_pack_written_from_the_guide_alone_works_on_both_engines(case: dict[str, Any], engine: Engine) -> None:
    loaded = cases.load_for_cases(NEWCOMER)
    assert cases.faults(loaded.pack, case) == []
    assert _play(engine, loaded, case) == cases.decide(loaded.pack, case)
