"""A rate that a role decides late: every pack settles its own decisions, once, also those corrected on the very day."""

from datetime import date
from fractions import Fraction

from sqlalchemy import Engine, text

from histories import KEY, arrive, decisions, event, prepare, reference, shipped
from revisit.app.plan import plan

PACKS = ("property-qw-21-14", "property-3-22")
RATES = {("pq.other_rate", date(2026, 10, 1)): Fraction(1, 4), ("pm.other_rate", date(2026, 10, 1)): Fraction(1, 2)}
ON = date(2026, 10, 8)


def test_packs_that_plan_side_by_side_settle_their_own_decisions_once(engine: Engine) -> None:
    loaded = [shipped(name) for name in PACKS]
    served = [event(f"s{n}", "service.completed", ON, customer=f"C{n}", department="D1", area="A1") for n in range(8)]
    with engine.begin() as connection:
        prepare(connection, loaded)
    arrive(engine, served, ON)
    plan(engine, ON, KEY)
    with engine.begin() as connection:
        for (parameter, period), rate in RATES.items():
            connection.execute(
                text("insert into rate_decision (parameter, period, numerator, denominator, decided_by, decided_on) "
                     "values (:parameter, :period, :numerator, :denominator, 'test', :period)"),
                {"parameter": parameter, "period": period, "numerator": rate.numerator, "denominator": rate.denominator},
            )  # fmt: skip
    corrected = event("s0", "service.completed", ON, customer="C0", department="D1", area="A1", matter="车位")
    arrive(engine, [corrected], ON)
    plan(engine, ON, KEY)
    assert decisions(engine) == reference(loaded, [(ON, served)], RATES)
    with engine.connect() as connection:
        ledger = connection.execute(
            text("select q.quota, l.eligible, l.drawn from draw l join quota q using (quota_id) order by 1")
        ).all()
        tasks = connection.execute(
            text("select v.pack, count(*) from task join rule using (rule_id) join pack_version v using (pack_version_id) "
                 "where state = 'planned' group by 1 order by 1")
        ).all()  # fmt: skip
    assert [tuple(row) for row in ledger] == [("PM-09", 8, 4), ("PQ-14", 8, 2)]
    assert [tuple(row) for row in tasks] == [("property-3-22", 4), ("property-qw-21-14", 2)]
