"""Enter a year's published holidays, and settle what was provisional."""

import csv
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select

from revisit.app.context import Context
from revisit.domain.calendar import number_days
from revisit.errors import ConfigError
from revisit.store import calendars, tables
from revisit.store.database import audit, run


def import_year(ctx: Context, file: Path, year: int, by: str, on: date) -> int:
    """Replace one year by what `file` (CSV: day, is_workday, name) publishes; days it does not name are Monday to Friday.

    Windows and deadlines that were provisional move to the new calendar; what is done, solved or answered stays. `on` is
    the day from which a window counts as over. Returns how many days differ from Monday to Friday. Raises ConfigError for
    a row that is no day of the year.
    """
    published = _read(file, year)
    table = tables.calendar_day
    name = ctx.organisation.calendar
    with ctx.engine.begin() as connection:
        kept = {
            row.day: (row.is_workday, row.name)
            for row in connection.execute(select(table).where(table.c.calendar == name, ~table.c.provisional))
        }
        last = connection.execute(
            select(table.c.day).where(table.c.calendar == name).order_by(table.c.day.desc()).limit(1)
        ).scalar_one()
        days = {d for d in kept if d.year == year}
        for offset in range((date(year, 12, 31) - date(year, 1, 1)).days + 1):
            day = date(year, 1, 1) + timedelta(days=offset)
            kept[day] = published.get(day, (day.weekday() < 5, ""))
        calendars.write(
            connection, name, number_days(kept, calendars.FIRST, max(last, date(year, 12, 31))), f"{file.name} by {by}"
        )
        run(connection, "plan/settle_provisional", calendar=name, due_workdays=ctx.organisation.responses.due_workdays)
        run(connection, "plan/settle_windows", calendar=name, on=on)
        audit(connection, by, "calendar.import", str(year), {"days": len(published), "replaced": len(days)})
    ctx.__dict__.pop("working_days", None)
    return sum((day.weekday() < 5) != workday for day, (workday, _) in published.items())


def _read(file: Path, year: int) -> dict[date, tuple[bool, str]]:
    found: dict[date, tuple[bool, str]] = {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            for number, row in enumerate(csv.DictReader(opened), 2):
                day = date.fromisoformat(row["day"])
                workday = {"true": True, "1": True, "false": False, "0": False}[row["is_workday"].strip().lower()]
                if day.year != year:
                    raise ConfigError(f"{file}:{number}: {day} is not in {year}. Import each year by itself.")
                found[day] = (workday, row.get("name") or "")
    except FileNotFoundError:
        raise ConfigError(f"{file}: no such file.") from None
    except (KeyError, ValueError) as error:
        raise ConfigError(
            f"{file}: needs the columns day (2027-01-01), is_workday (true or false) and name; found: {error}."
        ) from error
    if not found:
        raise ConfigError(f"{file}: no days. A year without holidays is surely a mistake.")
    return found
