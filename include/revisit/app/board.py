"""How a day stands: what operations look at first."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from revisit.app import channel_share
from revisit.app.context import Context
from revisit.app.matter_pairs import likely
from revisit.app.standings import Held, standings
from revisit.app.wording import STATES, reason_words
from revisit.domain.periods import parse
from revisit.reports.words import period as period_words
from revisit.store.database import rows

_OUTBOX = {
    "queued": "待发",
    "sending": "发送中",
    "transmitting": "传输中",
    "sent": "已发",
    "uncertain": "存疑",
    "failed": "失败",
}


@dataclass(frozen=True, slots=True)
class Board:
    """Counts only: no name, phone or address. `pairs`: matters of one customer that may be the same. `stopped`: what waits
    because of a stop on channels.
    """

    organisation: str
    invented: bool
    on: date
    departments: tuple[Any, ...]
    batches: tuple[Any, ...]
    quarantine: tuple[tuple[str, str, int], ...]
    pairs: int
    stopped: tuple[str, ...]
    outbox: tuple[tuple[str, int], ...]
    reports: tuple[Mapping[str, Any], ...]
    calendar_until: date
    states: dict[str, str]


def board(ctx: Context, on: date) -> Board:
    """Read the board of a day."""
    with ctx.engine.connect() as connection:
        return Board(
            ctx.organisation.name,
            ctx.organisation.invented,
            on,
            tuple(rows(connection, "board/count_departments", on=on)),
            tuple(rows(connection, "board/list_batches")),
            tuple(
                (row.source, reason_words(row.reason), row.rows_refused) for row in rows(connection, "board/count_held")
            ),
            likely(ctx, on),
            _stopped(ctx, connection, on),
            tuple((_OUTBOX[row.state], row.messages) for row in rows(connection, "deliver/count_states")),
            tuple(
                {**row._mapping, "period": period_words(parse(row.period))}
                for row in rows(connection, "board/list_reports")
            ),
            rows(connection, "board/find_horizon", calendar=ctx.organisation.calendar)[0].day,
            STATES,
        )


def _stopped(ctx: Context, connection: Connection, on: date) -> tuple[str, ...]:
    """Each stop on channels that keeps tasks waiting, with how many; where no pack has one, nobody looks."""
    if not channel_share.any_stop(ctx, on):
        return ()
    held = [told.offer for _, told in standings(ctx, connection, on) if isinstance(told, Held) and told.offer]
    counts = Counter(full for offer in held for full in offer.full)
    return tuple(f"{full}，{number}项等候下发" for full, number in counts.items())
