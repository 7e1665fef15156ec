"""What may be the same matter. Two texts for one leak are two matters to a machine: it can only propose, people merge."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from revisit.app.context import Context
from revisit.errors import RevisitError
from revisit.store.database import rows

_LIKELY, _ALL = 0.5, 10**6
_LONGEST = 366  # days between two events that may be one matter


@dataclass(frozen=True, slots=True)
class Pair:
    """Two matters of one customer that may be one: the closest event of each. `alike`: 0 to 1, how alike their words are."""

    event: str
    into: str
    customer: str
    kind: str
    matter: str
    into_matter: str
    happened_on: date
    into_happened_on: date
    departments: str
    alike: float


def propose(ctx: Context, on: date, days: int = 30, line: str | None = None, limit: int = 50) -> list[Pair]:
    """Pairs of matters of one customer and kind of event, at most `days` apart, the later within the last `days` to `on`.

    Only where a pack in use looks for what repeats; the most alike in their words first. Raises RevisitError for a line
    without a pack and for numbers below one.
    """
    if not 1 <= days <= _LONGEST or limit < 1:
        raise RevisitError(f"--days {days} --limit {limit}: both are at least 1, and --days at most {_LONGEST}.")
    known = {use.line for use in ctx.organisation.packs}
    if line is not None and line not in known:
        raise RevisitError(f"--line {line}: no pack is in use there. Lines with a pack: {', '.join(sorted(known))}.")
    in_force = ctx.packs_on(on)
    wanted = sorted(
        {
            (use.line, detection.event)
            for use in ctx.organisation.packs
            for detection in in_force[use.pack].pack.detections
            if detection.event and line in (None, use.line)
        }
    )
    with ctx.engine.connect() as connection:
        found = rows(
            connection, "matter/find_pairs", lines=[name for name, _ in wanted], kinds=[kind for _, kind in wanted],
            on=on, days=days, zone=ctx.organisation.time_zone,
        )  # fmt: skip
    pairs = [
        Pair(
            row.event, row.earlier_event, row.customer, row.kind, row.matter, row.earlier_matter, row.happened_on,
            row.earlier_on, " / ".join(dict.fromkeys(d for d in (row.department, row.earlier_department) if d)),
            max(_alike(row.matter, row.earlier_matter), _alike(row.subject, row.earlier_subject)),
        )
        for row in found
    ]  # fmt: skip
    return sorted(pairs, key=lambda pair: (-pair.alike, pair.customer, pair.happened_on, pair.event))[:limit]


def _alike(one: str, other: str) -> float:
    """The share of characters that two texts have in common (Dice), whatever their order: 漏水 and 水管渗漏 share two."""
    common = (Counter(one) & Counter(other)).total()
    return round(2 * common / (len(one) + len(other)), 2) if common else 0.0


def likely(ctx: Context, on: date) -> int:
    """How many of the proposed pairs have at least half of their words' characters in common: what the board asks people of."""
    return sum(pair.alike >= _LIKELY for pair in propose(ctx, on, limit=_ALL))
