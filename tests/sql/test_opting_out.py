"""A drawn customer who opts out later leaves the count of the stratum, and comes back into it once."""

from datetime import date

from sqlalchemy import Engine, text

from histories import KEY, arrive, decisions, event, prepare, shipped
from revisit.app.plan import plan
from revisit.policy.evaluate import Event

PQ = "property-qw-21-14"
ON, NEXT, LATER = date(2026, 10, 8), date(2026, 10, 9), date(2026, 10, 12)


def contract(n: int, area: str = "A1") -> Event:
    return event(
        f"s{n}",
        "contract.active",
        ON,
        starts_on=ON,
        ends_on=date(2027, 3, 31),
        customer=f"C{n}",
        department="D1",
        area=area,
    )


def counted(engine: Engine) -> tuple[int, int]:
    """What the ledger says of the stratum, which is what the decisions say."""
    with engine.connect() as connection:
        ledger = connection.execute(
            text("select sum(eligible - eligible_withdrawn)::int, sum(drawn - drawn_withdrawn)::int from draw")
        ).one()
        decided = connection.execute(
            text("select count(*), count(*) filter (where drawn) from decision join rule using (rule_id) "
                 "where draws and drawn is not null and outcome in ('due', 'not_drawn')")
        ).one()  # fmt: skip
    assert tuple(ledger) == tuple(decided)
    return ledger[0], ledger[1]


def silence(engine: Engine, customer: str, silent: bool) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("insert into customer (customer, name, do_not_contact) values (:customer, :customer, :silent) "
                 "on conflict (customer) do update set do_not_contact = excluded.do_not_contact"),
            {"customer": customer, "silent": silent},
        )  # fmt: skip


def test_a_customer_who_opts_out_and_in_again_is_counted_once(engine: Engine) -> None:
    with engine.begin() as connection:
        prepare(connection, [shipped(PQ)])
    arrive(engine, [contract(n) for n in range(10)], ON)
    plan(engine, ON, KEY)
    assert counted(engine) == (10, 3)
    drawn = next(key for (key, _, rule), row in decisions(engine).items() if rule == "special-mid" and row.drawn)
    number = int(drawn.removeprefix("s"))
    silence(engine, f"C{number}", True)
    plan(engine, NEXT, KEY)
    assert decisions(engine)[drawn, PQ, "special-mid"].reason == "do_not_contact"
    assert counted(engine) == (9, 2)
    arrive(engine, [contract(10)], NEXT)
    plan(engine, NEXT, KEY)
    assert counted(engine) == (10, 3)
    silence(engine, f"C{number}", False)
    arrive(engine, [contract(number, area="A2")], LATER)
    plan(engine, LATER, KEY)
    assert decisions(engine)[drawn, PQ, "special-mid"].outcome == "due"
    assert counted(engine) == (11, 4)
