"""Retention and early warnings: what keep_house does for a day."""

from dataclasses import dataclass
from datetime import date, timedelta

import structlog

from revisit.app import outbox
from revisit.app.context import Context
from revisit.domain.periods import period_of
from revisit.store.database import audit, rows, run
from revisit.templates import render

log = structlog.get_logger()
_MAIL_DAYS, _QUARANTINE_DAYS, _REPORT_DAYS = timedelta(days=90), timedelta(days=180), timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Kept:
    """What was forgotten: records, substitutions and merges past their retention, delivered mail contents, quarantined rows;
    warnings queued.
    """

    records: int
    substitutions: int
    merges: int
    mails: int
    quarantined: int
    warnings: int

    @property
    def total(self) -> int:
        return self.records + self.substitutions + self.merges + self.mails + self.quarantined


def keep(ctx: Context, on: date) -> Kept:
    """Execute retention on `on`. A record is filed by its pack's filing day and kept the pack's years from then."""
    records = substitutions = 0
    in_force = ctx.packs_on(on)
    with ctx.engine.begin() as connection:
        for name, loaded in in_force.items():
            filing, years = loaded.pack.lifecycle.file, loaded.pack.retention.years
            records += run(
                connection, "keep/forget_records", pack=name, on=on, day_of_month=filing.day_of_month if filing else None,
                later=int(filing is not None and filing.month == "next"), years=years,
                skips=filing is not None and filing.short_month == "next_month",
            )  # fmt: skip
            substitutions += run(connection, "keep/forget_substitutions", pack=name, on=on, years=years)
        longest: dict[str, int] = {}
        for use in ctx.organisation.packs:
            longest[use.line] = max(longest.get(use.line, 0), in_force[use.pack].pack.retention.years)
        merges = sum(run(connection, "keep/forget_merges", line=line, on=on, years=n) for line, n in longest.items())
        mails = run(connection, "keep/empty_mails", before=on - _MAIL_DAYS)
        quarantined = run(connection, "keep/drop_quarantine", before=_quarantined_before(ctx, on))
        forgotten = {
            "records": records, "substitutions": substitutions, "merges": merges, "quarantined": quarantined
        }  # fmt: skip
        if any(forgotten.values()):
            audit(connection, "keep_house", "retention", str(on), forgotten)
        warnings = _warn_of_calendar(ctx, on)
    log.info("house.kept", on=str(on), mails=mails, **forgotten)
    return Kept(records, substitutions, merges, mails, quarantined, warnings)


def _quarantined_before(ctx: Context, on: date) -> date:
    """The first day whose refused rows are kept: for 180 days, and until the reports of their period have been made.

    A report tells why rows of its period were refused; it is drafted and revised within 60 days after the period's end.
    """
    reported = (period_of(loaded.pack.report.period, on - _REPORT_DAYS).first for loaded in ctx.packs_on(on).values())
    return min([on - _QUARANTINE_DAYS, *reported])


def _warn_of_calendar(ctx: Context, on: date) -> int:
    """From 15 November on, warn once a week while the next year's holidays are missing."""
    if (on.month, on.day) < (11, 15) or not ctx.working_days.is_provisional(on, date(on.year + 1, 12, 31)):
        return 0
    view = {
        "organisation": ctx.organisation.name,
        "invented": ctx.organisation.invented,
        "year": on.year + 1,
        "reply_to": ctx.organisation.mail.reply_to,
    }
    letter = outbox.Letter(
        kind="calendar",
        subject_key=str(on.year + 1),
        recipient=ctx.organisation.mail.operations,
        period=f"{on:%G-W%V}",
        subject=f"【日历】{on.year + 1}年节假日尚未导入",
        text=render("emails/calendar.txt", **view),
        html=render("emails/calendar.html", **view),
        resend_uncertain=True,
    )
    with ctx.engine.begin() as connection:
        return int(outbox.queue(ctx, connection, letter, on))


def states(ctx: Context) -> dict[str, int]:
    """How many messages are in each state of the outbox."""
    with ctx.engine.connect() as connection:
        return {row.state: row.messages for row in rows(connection, "deliver/count_states")}
