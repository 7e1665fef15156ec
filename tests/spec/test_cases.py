"""Every worked case beside a pack, on both engines."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from ruamel.yaml import YAML
from sqlalchemy import Engine, text

from histories import Decisions, decisions, event, in_sql, reference, shipped
from revisit import resources
from revisit.app.figures import last_day
from revisit.app.keep import filed_on
from revisit.domain.windows import retained_until
from revisit.policy.evaluate import Event, repeats
from revisit.policy.model import _rate
from revisit.store.database import rows

_PACKS = sorted(path.parent.name for path in resources.folder("policies").glob("*/cases.yaml"))


def _cases() -> Iterator[Any]:
    for pack in _PACKS:
        for case in YAML(typ="safe").load((resources.folder("policies") / pack / "cases.yaml").read_text("utf-8")):
            yield pytest.param(pack, case, id=f"{pack}: {case['name']}")


def _event(given: dict[str, Any]) -> Event:
    more = {k: v for k, v in given.items() if k not in ("key", "kind", "completed", "starts", "ends")}
    return event(
        given["key"],
        given["kind"],
        given["completed"],
        starts_on=given.get("starts"),
        ends_on=given.get("ends"),
        **more,
    )


def _history(case: dict[str, Any]) -> list[tuple[date, list[Event]]]:
    events = [_event(given) for given in case.get("events", [])]
    if "repeat" in case:
        events += [_event({"key": f"e{n}", **case["repeat"]["event"]}) for n in range(case["repeat"]["count"])]
    later = [(step["day"], [_event(given) for given in step["events"]]) for step in case.get("then", [])]
    return [(case["day"], events), *later]


def _circumstances(case: dict[str, Any]) -> dict[str, Any]:
    rates = {(r["parameter"], r["period"]): _rate(r["rate"]) for r in case.get("rates", [])}
    return {"rates": rates, "silent": case.get("silent", [])}


def _check(case: dict[str, Any], pack: str, found: Decisions) -> None:
    for wanted in case.get("expect", []):
        row = found[wanted["event"], pack, wanted["rule"]]
        shown = {
            "outcome": row.outcome, "reason": row.reason, "anchor": row.anchor_on, "opens": row.opens_on, "due": row.due_on
        }  # fmt: skip
        assert {k: shown[k] for k in wanted if k in shown} == {k: v for k, v in wanted.items() if k in shown}
    counts = Counter((key[2], row.outcome) for key, row in found.items())
    for wanted in case.get("count", []):
        assert counts[wanted["rule"], wanted["outcome"]] == wanted["is"], wanted


@pytest.mark.parametrize(("pack", "case"), [c for c in _cases() if "day" in c.values[1]])
def test_the_reference_engine_agrees_with_the_worked_case(pack: str, case: dict[str, Any]) -> None:
    history = _history(case)
    _check(case, pack, reference([shipped(pack)], history, **_circumstances(case)))
    if "repeats" in case:
        wanted = case["repeats"]
        detection = next(d for d in shipped(pack).pack.detections if d.id == wanted["detection"])
        seen = repeats(shipped(pack).pack, detection, history[-1][1], wanted["month"], last_day(wanted["month"]))
        assert [{"customer": c, "matter": m, "times": n} for c, m, n in seen] == wanted["found"]


@pytest.mark.parametrize(("pack", "case"), [c for c in _cases() if "day" in c.values[1]])
def test_the_sql_agrees_with_the_worked_case(pack: str, case: dict[str, Any], engine: Engine) -> None:
    _check(case, pack, in_sql(engine, [shipped(pack)], _history(case), **_circumstances(case)))
    if "repeats" in case:
        wanted = case["repeats"]
        detection = next(d for d in shipped(pack).pack.detections if d.id == wanted["detection"])
        with engine.connect() as connection:
            seen = rows(
                connection, "report/find_repeats", kind=detection.event, pack=pack, first=wanted["month"],
                last=last_day(wanted["month"]), months=detection.within_months, at_least=detection.at_least,
                across=detection.across is not None,
            )  # fmt: skip
        assert [{"customer": r.customer, "matter": r.matter, "times": r.times} for r in seen] == wanted["found"]


@pytest.mark.parametrize(("pack", "case"), [c for c in _cases() if "filing" in c.values[1]])
def test_a_record_is_filed_and_kept_as_the_pack_says(pack: str, case: dict[str, Any]) -> None:
    wanted, rules = case["filing"], shipped(pack).pack
    filed = filed_on(wanted["visited"], rules.lifecycle.file.day_of_month, rules.lifecycle.file.month == "next")
    assert filed == wanted["filed"]
    assert retained_until(filed, rules.retention.years) == wanted["kept_until"]


@pytest.mark.parametrize(("pack", "case"), [c for c in _cases() if "filing" in c.values[1]])
def test_the_store_forgets_a_record_on_the_day_after_its_retention(
    pack: str, case: dict[str, Any], engine: Engine
) -> None:
    wanted, loaded = case["filing"], shipped(pack)
    key = "repair-first" if pack == "property-qw-21-14" else "repair"
    on = wanted["visited"] - timedelta(days=1)
    in_sql(engine, [loaded], [(on, [event("a", "repair.completed", on)])])
    assert decisions(engine)["a", pack, key].outcome
    filing = loaded.pack.lifecycle.file
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
            "years": loaded.pack.retention.years,
        }
        from revisit.store.database import run

        assert run(connection, "keep/forget_records", on=wanted["kept_until"], **given) == 0
        assert run(connection, "keep/forget_records", on=wanted["kept_until"] + timedelta(days=1), **given) == 1
