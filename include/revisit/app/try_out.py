"""A dry run: what a draft would decide about events that are there already. Nothing is written."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select

from revisit.app.case_file import read_cases
from revisit.app.cases import always_in_force
from revisit.app.context import Context
from revisit.app.wording import OUTCOMES, REASONS
from revisit.policy.evaluate import Decision, Engine, Event, Use
from revisit.policy.load import Choices, load_pack
from revisit.policy.model import Pack
from revisit.store import tables
from revisit.templates import day

_FACTS = (
    "source", "event_key", "kind", "line", "happened_at", "starts_on", "ends_on", "customer", "department", "area", "matter",
    "severity", "occasion", "cancelled",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tried:
    """How many decisions of each outcome a rule takes, and ten of them in words, one of each kind first."""

    events: int
    counts: tuple[tuple[str, str, str, int], ...]
    examples: tuple[str, ...]


def draft(ctx: Context, folder: Path) -> Pack:
    """A pack that is not in force yet, under the organisation's choices, where it uses a pack of this name; else defaults."""
    values, _ = read_cases(folder)
    name = load_pack(folder, Choices(values, ())).pack.pack
    chosen = next((use.values for use in ctx.organisation.packs if use.pack == name), {})
    return load_pack(folder, Choices({**values, **chosen}, ())).pack


def try_out(ctx: Context, pack: Pack, line: str, on: date, limit: int) -> Tried:
    """Decide the newest `limit` events of a line under the pack, on the reference engine.

    They are decided as if the pack had always been in force and they had just arrived, also where it begins later.
    """
    pack = always_in_force(pack)
    event = tables.event
    columns = [event.c[name] for name in _FACTS]
    with ctx.engine.connect() as connection:
        found = connection.execute(
            select(*columns, event.c.attributes)
            .where(event.c.line == line)
            .order_by(event.c.happened_at.desc(), event.c.event_id.desc())
            .limit(limit)
        ).all()
        silent = connection.execute(
            select(tables.customer.c.customer).where(tables.customer.c.do_not_contact)
        ).scalars()
        rates = {(rate.parameter, rate.period): rate.rate for rate in ctx.organisation.rates}
        engine = Engine([Use(pack, line, date.min)], ctx.working_days, ctx.draw_key, rates, set(silent))
    facts = [dict(row._mapping) for row in found]
    engine.take([Event(**{**fact, "attributes": fact["attributes"] or {}}) for fact in facts], on)
    decided = sorted(engine.decisions.values(), key=lambda one: (one.rule, one.outcome, one.key))
    counted = Counter((one.clause, one.rule, one.outcome) for one in decided)
    shown: dict[tuple[str, str], Decision] = {}
    for one in decided:
        shown.setdefault((one.rule, one.outcome), one)
    chosen = [*shown.values(), *(one for one in decided if shown[one.rule, one.outcome] is not one)]
    return Tried(
        len(found),
        tuple(
            (clause, pack.rule(rule).name, OUTCOMES[outcome], n)
            for (clause, rule, outcome), n in sorted(counted.items())
        ),
        tuple(_sentence(pack, one) for one in chosen[:10]),
    )


def _sentence(pack: Pack, one: Decision) -> str:
    window = f"，回访期{day(one.opens_on)}至{day(one.due_on)}" if one.opens_on and one.due_on else ""
    rule = pack.rule(one.rule)
    return f"{'/'.join(one.key)}：{rule.name}（{one.clause}）{OUTCOMES[one.outcome]}{window}；{REASONS[one.reason]}。"
