"""Databases filled for measuring."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from revisit import resources
from revisit.app import cases
from revisit.app.case_file import read_cases
from revisit.policy.load import Choices, load_pack
from revisit.store import calendars, packs
from revisit.store.database import connect, copy_in, migrate
from revisit.store.embedded import Embedded

PACKS = ("property-qw-21-14", "property-3-22")
_KINDS = (
    "complaint.closed", "complaint.closed", "repair.completed", "repair.completed", "repair.completed", "repair.completed",
    "contract.active", "help.completed", "publication.received", "service.completed",
)  # fmt: skip


def every_pack() -> tuple[str, ...]:
    """The packs that came with the product."""
    return tuple(sorted(path.parent.name for path in resources.folder("policies").glob("*/pack.yaml")))


def every_kind() -> tuple[str, ...]:
    """Every kind of event that one of them looks at."""
    packs_ = [cases.load_for_cases(resources.folder("policies") / name).pack for name in every_pack()]
    return tuple(sorted({str(rule.trigger.event) for pack in packs_ for rule in pack.rules if rule.trigger.event}))


def fresh(server: Embedded, name: str) -> tuple[Engine, str]:
    """A new migrated database."""
    admin = connect(server.url("postgres"))
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'create database "{name}"'))
    admin.dispose()
    engine = connect(server.url(name))
    migrate(engine)
    return engine, server.url(name)


def packs_in_force(engine: Engine, names: Sequence[str] = PACKS) -> None:
    """Packs on one line, every default accepted and every blank filled in."""
    with engine.begin() as connection:
        calendars.seed(connection)
        for name in names:
            path = resources.folder("policies") / name
            values, _ = read_cases(path)
            loaded = load_pack(path, Choices(values, cases.load_for_cases(path).on_default))
            packs.activate(connection, loaded, "bench", date(2026, 1, 1))
            packs.use(connection, name, "a", date(2020, 1, 1))


def fill_events(engine: Engine, events: int, batch: int, start: int = 0, kinds_of: Sequence[str] = _KINDS) -> None:
    """Write a batch of events in canonical form: kinds in turn, a year of days, 131,072 customers for each million."""
    kinds = ", ".join(f"'{kind}'" for kind in kinds_of)
    with engine.begin() as connection:
        connection.execute(
            text("insert into batch (source, received_on, origin, rows_read, rows_accepted, rows_unchanged, rows_refused, "
                 "rows_changed) values ('s', '2026-10-01', 'bench', 0, 0, 0, 0, 0)")
        )  # fmt: skip
        connection.execute(
            text("insert into event (source, event_key, kind, line, happened_at, starts_on, ends_on, customer, department, "
                 "area, matter, severity, occasion, subject, cancelled, batch_id, first_batch_id, received_on) "
                 "select 's', 'E' || g, k.kind, 'a', "
                 "timestamptz '2025-10-01' + (g * 31 % 365) * interval '1 day' + (g % 1440) * interval '1 minute', "
                 "case when k.kind = 'contract.active' then date '2025-10-01' + (g * 31 % 365)::int end, "
                 "case when k.kind = 'contract.active' then date '2025-10-01' + (g * 31 % 365)::int + 180 end, "
                 "'C' || (g / 8), 'D' || (hashint8(g + 1) & 7), 'A' || (g % 24), 'M' || (g % 40), "
                 "case when g % 9 = 0 then 'major' else 'ordinary' end, "
                 "case when k.kind = 'publication.received' then 'P' || g % 12 end, '漏水', "
                 "false, :batch, :batch, '2026-10-01' "
                 f"from generate_series(:first, :last) as g "
                 f"cross join lateral (select (array[{kinds}])[1 + g % {len(kinds_of)}] as kind) as k"),
            {"batch": batch, "first": start + 1, "last": start + events},
        )  # fmt: skip
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze event"))


def copy_rows(connection: Connection, table: str, columns: Sequence[str], path: Path) -> None:
    """COPY a CSV file in, as fast as the protocol allows."""
    with copy_in(connection, table, columns, "(format csv, header true)") as copy, path.open("rb") as file:
        while chunk := file.read(1 << 20):
            copy.write(chunk)
