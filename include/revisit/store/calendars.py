"""The working-day calendar: a table seeded from published holidays, the years to come marked provisional."""

from datetime import date

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from revisit.domain.calendar import CalendarDay, WorkingDays, number_days
from revisit.store import tables

FIRST = date(2004, 1, 1)


def published_days() -> dict[date, tuple[bool, str]]:
    """Day to (is a working day, holiday name) for the years whose State Council notice the library carries."""
    import chinese_calendar
    from chinese_calendar import constants

    last = max(constants.holidays).year
    days: dict[date, tuple[bool, str]] = {}
    for ordinal in range(FIRST.toordinal(), date(last, 12, 31).toordinal() + 1):
        day = date.fromordinal(ordinal)
        holiday = constants.holidays.get(day) or constants.workdays.get(day) or ""
        days[day] = (chinese_calendar.is_workday(day), str(holiday))
    return days


def seed(connection: Connection, calendar: str = "cn", provisional_years: int = 2) -> None:
    """Write the calendar, with `provisional_years` unpublished years of Monday to Friday at its end.

    Safe to run again: a day that was provisional and is published now is replaced, a day an organisation overrode is not.
    """
    known = published_days()
    last = date(max(known).year + provisional_years, 12, 31)
    write(connection, calendar, number_days(known, FIRST, last), "chinesecalendar")


def write(connection: Connection, calendar: str, days: list[CalendarDay], source: str) -> None:
    """Store numbered days; an equal day is left alone."""
    table = tables.calendar_day
    row = insert(table)
    rows = [
        {
            "calendar": calendar,
            "day": day.day,
            "is_workday": day.is_workday,
            "workday_number": day.workday_number,
            "name": day.name,
            "provisional": day.provisional,
            "source": source,
        }
        for day in days
    ]
    changed = {name: row.excluded[name] for name in ("is_workday", "workday_number", "name", "provisional", "source")}
    connection.execute(
        row.on_conflict_do_update(
            index_elements=["calendar", "day"],
            set_=changed,
            where=table.c.is_workday.is_distinct_from(row.excluded.is_workday)
            | table.c.workday_number.is_distinct_from(row.excluded.workday_number)
            | table.c.provisional.is_distinct_from(row.excluded.provisional),
        ),
        rows,
    )


def working_days(connection: Connection, calendar: str = "cn") -> WorkingDays:
    """The calendar in memory."""
    table = tables.calendar_day
    found = connection.execute(
        select(table.c.day, table.c.is_workday, table.c.workday_number, table.c.name, table.c.provisional).where(
            table.c.calendar == calendar
        )
    )
    return WorkingDays(CalendarDay(*row) for row in found)
