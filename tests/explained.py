"""A store with a duty of every kind of window and a task of every reason not to be on a list, for the tests of explain."""

import json
import shutil
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from histories import arrive, event, solve, tell
from revisit import resources
from revisit.app.context import Context, set_up
from revisit.app.explain import Explanation, explain
from revisit.app.plan import plan
from revisit.language import Language
from revisit.policy.evaluate import Contact, Issue
from revisit.settings import Environment, Workspace

PACK = Path(__file__).parent / "sql" / "every-window"
EARLY, THU = date(2026, 9, 28), date(2026, 10, 8)
_USE = """packs:
  - pack: every-window
    line: line
    adopted_on: 2025-01-01
    posts: {manager: {name: 程远, mail: manager@example.com}}
"""


def prepare(workspace: Path, database_url: str, fonts: Path) -> Context:
    """The example organisation with the pack of all windows on a line of its own."""
    (workspace / "packs").mkdir(exist_ok=True)
    (workspace / "packs" / "every-window").symlink_to(PACK)
    settings = workspace / "organisation.yaml"
    settings.write_text(settings.read_text("utf-8").replace("packs:\n", _USE, 1), "utf-8")
    given = {"database_url": database_url, "draw_key": "a key for tests only", "fonts": fonts}
    ctx = Context(Workspace(workspace), Environment.model_validate(given))
    set_up(ctx, "test", date(2025, 10, 1))
    return ctx


def build(ctx: Context) -> None:
    """Deadlines across National Day, clamped months, terms, cadences and what follows records; draws in three batches."""
    moment = {"area": "JX01"}
    arrive(
        ctx.engine,
        [
            event(
                "workdays", "complaint.closed", "2026-09-28T16:30:00", customer="C1", **moment
            ),  # 29 September in Shanghai
            event("weeks", "help.completed", "2026-09-22", customer="C2", **moment),
            event("months", "repair.completed", "2026-08-31", customer="C3", **moment),
            event("february", "repair.completed", "2025-12-31", customer="C3", **moment),
            event("years", "project.completed", "2026-09-01", customer="C4", **moment),
            event("lasts", "product.delivered", "2026-09-05", customer="C5", **moment),
            event("ahead", "policy.issued", "2026-09-20", starts_on=date(2026, 10, 12), customer="C6", **moment),
            event("undated", "policy.issued", "2026-09-20", customer="C6", **moment),
            event("cadence", "lead.visited", "2026-09-24", customer="C7", **moment),
            event("ending", "lead.visited", "2026-09-24", customer="C8", **moment),
            event("unreached", "complaint.closed", "2026-09-25", customer="C9", **moment),
            event("unsolved", "complaint.closed", "2026-09-25", customer="C10", **moment),
            event("solved", "complaint.closed", "2026-09-25", customer="C11", **moment),
            event("tried", "case.served", "2026-09-20", customer="C26", **moment),
            event("before", "complaint.closed", "2024-12-30", customer="C12", **moment),
            event("cancelled", "complaint.closed", "2026-09-25", customer="C13", cancelled=True, **moment),
        ],
        EARLY,
    )
    plan(ctx.engine, EARLY, ctx.draw_key)
    tell(
        ctx.engine, "every-window",
        [
            Contact(("cases", "cadence"), "cadence", EARLY, visited_on=date(2026, 9, 27)),
            Contact(("cases", "ending"), "cadence", EARLY, visited_on=date(2026, 9, 27), agreed_on=date(2026, 10, 9)),
            Contact(("cases", "unreached"), "workdays", EARLY, visited_on=date(2026, 9, 28), result="unreached"),
            *(
                Contact(("cases", "tried"), "tries", EARLY, visited_on=date(2026, 9, day), result="unreached")
                for day in (21, 22, 24, 26)
            ),
            Contact(("cases", "unsolved"), "workdays", EARLY, visited_on=EARLY, unsolved=True, agreed_on=date(2026, 10, 9)),
        ],
        EARLY,
    )  # fmt: skip
    solve(ctx.engine, "every-window", [Issue(("cases", "solved"), "workdays", 1, date(2026, 9, 30), date(2026, 9, 30))])
    contract = {"starts_on": date(2026, 9, 1), "ends_on": date(2026, 12, 31)}
    for number, size in enumerate((2, 5, 4)):
        arrive(
            ctx.engine,
            [
                event(f"contract-{number}-{n}", "contract.active", "2026-09-01", customer=f"K{number}{n}", **contract)
                for n in range(size)
            ],
            EARLY,
        )
        plan(ctx.engine, EARLY, ctx.draw_key)
    for occasion, on in (("春", date(2026, 9, 10)), ("秋", date(2026, 9, 20))):
        surveys = [
            event(f"survey-{occasion}-{n}", "survey.handed_out", on, customer=f"S{n}", occasion=occasion)
            for n in range(4)
        ]
        arrive(ctx.engine, surveys, EARLY)
        plan(ctx.engine, EARLY, ctx.draw_key)
    arrive(
        ctx.engine,
        [
            event("corrected", "complaint.closed", "2026-09-28", customer="C14", **moment),
            event("publication", "publication.received", "2026-10-08", customer="C15", **moment),
            event("plain", "service.completed", "2026-10-08", customer="C16", matter="门禁", **moment),
            event("repeated", "service.completed", "2026-10-07", customer="C17", matter="水管", **moment),
            event("repeated-again", "service.completed", "2026-10-08", customer="C17", matter="水管", **moment),
            event("incomplete", "goods.purchased", "2026-10-08", customer="C18", **moment),
            event("outranked", "lead.graded", "2026-10-08", customer="C19",
                  attributes={"months_to_need": 2, "class": "keen"}, **moment),
            event("unmatched", "lead.graded", "2026-10-08", customer="C20",
                  attributes={"months_to_need": 5}, **moment),
            event("gated", "claim.closed", "2026-10-08", customer="C21", **moment),
            event("silent", "service.completed", "2026-10-08", customer="C22", **moment),
            event("kindless", "opinion.received", "2026-10-08", customer="C23", **moment),
            event("too-early", "complaint.closed", "2023-05-01", customer="C24", **moment),
            event("deal", "deal.closed", "2026-10-08", customer="C8", **moment),
            event("companion", "service.completed", "2026-10-08", customer="C25", matter="车位", **moment),
            event("companion-later", "complaint.closed", "2026-10-08", customer="C25", **moment),
        ],
        THU,
    )  # fmt: skip
    with ctx.engine.begin() as connection:
        connection.execute(text("insert into customer (customer, name, do_not_contact) values ('C22', '何田', true)"))
    plan(ctx.engine, THU, ctx.draw_key)
    arrive(ctx.engine, [event("corrected", "complaint.closed", "2026-10-08", customer="C14", **moment)], THU)
    plan(ctx.engine, THU, ctx.draw_key)


def open_store(server: str, template: str, folder: Path) -> Iterator[Context]:
    """The varied history in a database of its own."""
    from conftest import _create

    shutil.copytree(resources.folder("config") / "example", folder / "ws", ignore=shutil.ignore_patterns("sources"))
    (folder / "ws" / "sources").mkdir()
    ctx = prepare(folder / "ws", _create(server, f"explained_{uuid4().hex}", template), folder)
    build(ctx)
    yield ctx
    ctx.engine.dispose()


def told(ctx: Context, key: str, on: date = THU, language: Language = "zh_Hans") -> list[Explanation]:
    return explain(ctx, f"cases/{key}", on, language)


def printed(ctx: Context, subject: str, on: date = THU) -> list[dict[str, Any]]:
    """The JSON explanations of a subject, as another program reads them."""
    found: list[dict[str, Any]] = json.loads(json.dumps([one.as_dict() for one in explain(ctx, subject, on)]))
    return found


def keys(ctx: Context) -> Sequence[str]:
    """Every event that something was decided about."""
    with ctx.engine.connect() as connection:
        return (
            connection.execute(text("select distinct event_key from event join decision using (event_id) order by 1"))
            .scalars()
            .all()
        )
