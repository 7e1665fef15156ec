"""The commands. Each takes one day and calls one step of `revisit.app`."""

import shutil
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import structlog
import typer
from ruamel.yaml import YAML

from revisit import resources
from revisit.app import chase as chase_step
from revisit.app import collect as collect_step
from revisit.app import explain as explain_step
from revisit.app import export as export_step
from revisit.app import ingest as ingest_step
from revisit.app import keep as keep_step
from revisit.app import matter_pairs, matters, occasions, outbox, reviews
from revisit.app import plan as plan_step
from revisit.app import publish as publish_step
from revisit.app import report as report_step
from revisit.app import substitute as substitute_step
from revisit.app.check import Checked
from revisit.app.context import Context, context, set_up
from revisit.cli.output import err, out, progress, show, show_tree
from revisit.domain.periods import Period
from revisit.domain.periods import parse as parse_period
from revisit.errors import ConfigError, PackError
from revisit.policy.load import Choices, read_yaml
from revisit.policy.model import SubstitutionReason
from revisit.settings import Environment

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Revisits, planned and proved."
)
report_app = typer.Typer(no_args_is_help=True, help="The reports: draft, render, review, approve, send.")
pack_app = typer.Typer(no_args_is_help=True, help="Packs: regulations as data.")
calendar_app = typer.Typer(no_args_is_help=True, help="The working-day calendar.")
app.add_typer(report_app, name="report")
app.add_typer(pack_app, name="pack")
app.add_typer(calendar_app, name="calendar")
matter_app = typer.Typer(no_args_is_help=True, help="The same matter: what may be one, and what people merged.")
app.add_typer(matter_app, name="matter")


def _period(given: str) -> Period:
    try:
        return parse_period(given)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


Workspace = Annotated[
    Path | None, typer.Option("--workspace", "-w", help="The folder with organisation.yaml (or REVISIT_WORKSPACE).")
]
On = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day; today if left out.")]
Json = Annotated[bool, typer.Option("--json", help="Answer with JSON.")]
ReportPeriod = Annotated[
    Period, typer.Option(parser=_period, metavar="PERIOD", help="The period: 2026-10, 2026Q3, 2026H1 or 2026.")
]


def _logs_to_stderr() -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=sys.stderr))


@app.callback()
def _start() -> None:
    _logs_to_stderr()


def _day(ctx: Context, on: datetime | None) -> date:
    """The day asked for, or today in the organisation's time zone: the one place that looks at a calendar."""
    return on.date() if on else datetime.now(ZoneInfo(ctx.organisation.time_zone)).date()


@app.command()
def init(folder: Path) -> None:
    """Write a commented example workspace."""
    if folder.exists() and any(folder.iterdir()):
        raise ConfigError(f"{folder} is not empty. Name a new folder.")
    shutil.copytree(resources.folder("config") / "example", folder, dirs_exist_ok=True)
    (folder / "packs").mkdir(exist_ok=True)
    (folder / "drop").mkdir(exist_ok=True)
    out.print(f"Wrote {folder}. Edit organisation.yaml and sources/, then: revisit doctor --workspace {folder}")


@app.command()
def doctor(workspace: Workspace = None, on: On = None, json: Json = False) -> None:
    """Check the workspace, the store, the calendar, the packs, the sources and the mail server; writes the registers."""
    from revisit.app.doctor import examine

    ctx = context(workspace)
    found = examine(ctx, _day(ctx, on))
    show(found, json)
    if any(not check.good for check in found):
        raise typer.Exit(2)


@app.command(name="set-up")
def set_up_command(workspace: Workspace = None, on: On = None, by: str = "operator") -> None:
    """Migrate the store, write the organisation's registers, and activate the packs that the store has never had."""
    ctx = context(workspace)
    waiting = set_up(ctx, by, _day(ctx, on))
    out.print(f"{ctx.organisation.name}: {len(ctx.pack_versions)} pack versions activated.")
    for loaded in waiting:
        out.print(
            f"{loaded.path} is not in force, only what was activated before. To activate it: revisit pack activate "
            f"{loaded.pack.pack} --by NAME",
            markup=False,
        )


@app.command()
def ingest(
    source: Annotated[list[str] | None, typer.Argument(help="Sources by name; all if left out.")] = None,
    workspace: Workspace = None,
    on: On = None,
    judge: Annotated[bool, typer.Option(help="Let Great Expectations judge each batch.")] = True,
    json: Json = False,
) -> None:
    """Pull sources: check, quarantine, accept."""
    ctx = context(workspace)
    day = _day(ctx, on)
    chosen = [ingest_step.source_named(ctx, name) for name in source] if source else ingest_step.sources(ctx)
    pulled = []
    for one in progress(chosen, "pulling"):
        batches = ingest_step.pull(ctx, one, day)
        pulled += batches
        if judge and batches:
            ingest_step.judge(ctx, one, day, batches[-1].batch_id)
    show(pulled, json)


@app.command()
def plan(workspace: Workspace = None, on: On = None, json: Json = False) -> None:
    """Decide every new event, draw, and owe the tasks."""
    ctx = context(workspace)
    occasions.raise_due(ctx, _day(ctx, on))
    show(plan_step.plan(ctx.engine, _day(ctx, on), ctx.draw_key, ctx.organisation.calendar), json)


@app.command()
def substitute(
    task: Annotated[str, typer.Argument(help="The task that cannot be done: T12-3-1.")],
    by: Annotated[str, typer.Option(help="Who gives the place on.")],
    reason: Annotated[SubstitutionReason, typer.Option(help="Why the customer cannot be contacted.")],
    note: Annotated[str, typer.Option(help="More for the log, up to 200 characters.")] = "",
    workspace: Workspace = None,
    on: On = None,
    json: Json = False,
) -> None:
    """Give the place of a drawn task to the next of its stratum; the draw decides which, the log keeps why."""
    ctx = context(workspace)
    show(substitute_step.substitute(ctx.engine, task, by, reason, _day(ctx, on), note), json)


@app.command()
def publish(workspace: Workspace = None, on: On = None, json: Json = False) -> None:
    """Hand out the day's lists."""
    ctx = context(workspace)
    show([*publish_step.publish(ctx, _day(ctx, on)), *reviews.publish_reviews(ctx, _day(ctx, on))], json)


@app.command()
def collect(workspace: Workspace = None, on: On = None, json: Json = False) -> None:
    """Take in the returned sheets of the returns folder."""
    ctx = context(workspace)
    show(collect_step.collect(ctx, _day(ctx, on)), json)


@app.command()
def chase(workspace: Workspace = None, on: On = None, json: Json = False) -> None:
    """Chase overdue responses."""
    ctx = context(workspace)
    show(chase_step.chase(ctx, _day(ctx, on)), json)


@app.command()
def deliver(workspace: Workspace = None, json: Json = False) -> None:
    """Send what the outbox holds."""
    show(outbox.deliver(context(workspace), datetime.now(UTC)), json)


@app.command()
def keep(workspace: Workspace = None, on: On = None, json: Json = False) -> None:
    """Execute retention and warn early, as the nightly DAG does."""
    ctx = context(workspace)
    show(keep_step.keep(ctx, _day(ctx, on)), json)


@app.command(name="outbox")
def outbox_command(
    resend: Annotated[
        str | None, typer.Option(help="The id of a message in doubt or failed, to be sent again.")
    ] = None,
    workspace: Workspace = None,
    by: str = "operator",
    json: Json = False,
) -> None:
    """List the messages that are not sent; send one again by hand."""
    ctx = context(workspace)
    if resend:
        outbox.send_again(ctx, resend, by)
    show(outbox.unsent(ctx), json)


@app.command()
def explain(
    subject: Annotated[
        str, typer.Argument(help="T12-3-1 (a task), source/key (an event), K09/2026-10/D01 (a figure).")
    ],
    workspace: Workspace = None,
    on: On = None,
    lang: Annotated[
        Literal["zh", "zh_Hans", "zh_Hant", "en"] | None, typer.Option(help="The organisation's language if left out.")
    ] = None,
    pack: Annotated[str | None, typer.Option(help="For a figure: only this pack.")] = None,
    json: Json = False,
) -> None:
    """Say why: a sentence, and the facts it rests on."""
    ctx = context(workspace)
    language = "zh_Hans" if lang == "zh" else lang or ctx.organisation.language
    found = explain_step.explain(ctx, subject, _day(ctx, on), language, pack)
    if json:
        out.print_json(data=[item.as_dict() for item in found])
    else:
        for item in found:
            show_tree(item.sentence, item.facts)


@app.command()
def export(
    subject: Annotated[Literal["tasks", "events", "issues", "metrics"], typer.Argument()],
    workspace: Workspace = None,
    format: Annotated[Literal["csv", "json"], typer.Option(help="csv, or one JSON object a line.")] = "csv",
    to: Annotated[Path | None, typer.Option(help="A file; standard output if left out.")] = None,
) -> None:
    """Write decisions with their tasks, events, issues or metrics."""
    ctx = context(workspace)
    if to is None:
        export_step.write(ctx, subject, format, sys.stdout)
        return
    with to.open("w", encoding="utf-8", newline="") as target:
        count = export_step.write(ctx, subject, format, target)
    err.print(f"{count} rows written to {to}")


@report_app.command("draft")
def report_draft(
    period: ReportPeriod,
    workspace: Workspace = None,
    cut_off: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The period's last day if left out.")
    ] = None,
    pack: Annotated[str | None, typer.Option(help="Only this pack's report.")] = None,
    revise: Annotated[bool, typer.Option(help="Make a new revision of a report that was sent.")] = False,
    json: Json = False,
) -> None:
    """Freeze a period for every pack that reports by such periods, and render it as HTML, PDF and XLSX."""
    ctx = context(workspace)
    drafted = report_step.draft(ctx, period, cut_off.date() if cut_off else period.last, revise, pack)
    for one in progress(drafted, "rendering"):
        report_step.render_files(ctx, one.report_id)
    show(drafted, json)


@report_app.command("render")
def report_render(report_id: int, workspace: Workspace = None, json: Json = False) -> None:
    """Render a frozen report again; the same content gives the same bytes."""
    show(report_step.render_files(context(workspace), report_id), json)


@report_app.command("review")
def report_review(report_id: int, by: str, accept: bool = True, comment: str = "", workspace: Workspace = None) -> None:
    """Accept or return a draft, as its reviewer."""
    report_step.review(context(workspace), report_id, by, accept, comment, datetime.now(UTC))


@report_app.command("approve")
def report_approve(
    report_id: int, by: str, accept: bool = True, decision: str = "", workspace: Workspace = None
) -> None:
    """Approve or return a reviewed report, as its director."""
    report_step.approve(context(workspace), report_id, by, accept, decision, datetime.now(UTC))


@report_app.command("send")
def report_send(report_id: int, workspace: Workspace = None, on: On = None) -> None:
    """Queue an approved report to management, once."""
    ctx = context(workspace)
    out.print(f"{report_step.send(ctx, report_id, _day(ctx, on))} messages queued")


@report_app.command("list")
def report_list(workspace: Workspace = None, json: Json = False) -> None:
    """List the reports."""
    show(report_step.listed(context(workspace)), json)


@pack_app.command("check")
def pack_check(
    path: Path,
    accept: Annotated[list[str] | None, typer.Option(help="Parameters whose default is accepted.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="A blank filled in: name=value.")] = None,
    workspace: Workspace = None,
    on: On = None,
) -> None:
    """Check a pack: unknown keys, blanks, contradictions, with file, line and way out; then run its worked cases.

    In a workspace, also against its sources, and its people against the last twelve months' events.
    """
    from revisit.app.case_file import read_cases
    from revisit.app.check import check

    ctx = _workspace_at_hand(workspace)
    values, _ = read_cases(path if path.is_dir() else path.parent)
    accepted = list(accept or ())
    for use in ctx.organisation.packs if ctx else ():
        if use.pack == read_yaml(path / "pack.yaml" if path.is_dir() else path).get("pack"):
            values, accepted = {**use.values}, [*use.accept, *accepted]
    for given in set_ or ():
        name, _, value = given.partition("=")
        values[name] = YAML(typ="safe").load(value)
    zone = ZoneInfo(ctx.organisation.time_zone if ctx else "Asia/Shanghai")
    found = check(path, Choices(values, accepted), on.date() if on else datetime.now(zone).date(), ctx)
    _show_checked(found)
    if found.faults:
        raise PackError("\n".join(found.faults))
    if found.loaded.unset:
        raise PackError(
            f"{found.loaded.path}: open numbers, to be set or accepted by name: {', '.join(found.loaded.unset)}"
        )


def _workspace_at_hand(workspace: Path | None) -> Context | None:
    """The workspace that is named or that one stands in; None where there is none."""
    if workspace is None and not (Environment().workspace / "organisation.yaml").is_file():
        return None
    return context(workspace)


def _show_checked(found: Checked) -> None:
    pack = found.loaded.pack
    out.print(
        f"{pack.pack}: {len(pack.rules)} rules, {len(pack.clauses())} clauses, {found.cases} worked cases, hash "
        f"{found.loaded.sha256[:12]}"
    )
    for line in found.notes:
        out.print(f"note: {line}", markup=False, highlight=False)


@pack_app.command("activate")
def pack_activate(
    pack: Annotated[str, typer.Argument(help="A pack that organisation.yaml uses: its name, or its folder.")],
    by: Annotated[str, typer.Option(help="The person who approves it.")],
    sha256: Annotated[
        str | None,
        typer.Option(help="The hash that was shown, at least its first 12 characters; without it, only show."),
    ] = None,
    limit: Annotated[int, typer.Option(help="How many of the newest events of each line are tried.")] = 1000,
    workspace: Workspace = None,
    on: On = None,
) -> None:
    """Put a pack in force: check it, try it on the events that are there, say what happens to what is running.

    It is activated only with the hash of exactly what was shown.
    """
    from revisit.app import activate as step

    ctx = context(workspace)
    day = _day(ctx, on)
    proposal = step.propose(ctx, pack, day, limit)
    name, first = proposal.loaded.pack.pack, proposal.loaded.pack.effective.from_
    _show_checked(proposal.checked)
    for line, tried in proposal.tried.items():
        out.print(f"\n{line}: the newest {tried.events:,} events, as if they were decided by it:")
        show([dict(zip(("clause", "rule", "outcome", "events"), row, strict=True)) for row in tried.counts], False)
        for example in tried.examples:
            out.print(f"  {example}", markup=False, highlight=False)
    out.print("\nWhat happens to what is running:")
    for sentence in [f"{name} is activated already."] if proposal.known else step.what_happens(proposal):
        out.print(f"  {sentence}", markup=False, highlight=False)
    out.print(f"\nsha256 {proposal.loaded.sha256}", highlight=False)
    if step.activate(ctx, proposal, by, sha256, day):
        out.print(f"{name} is in force from {first}, approved by {by} on {day}.", markup=False)
    else:
        out.print(f"{name} from {first} was activated before with this very content; nothing changed.", markup=False)


@pack_app.command("diff")
def pack_diff(old: Path, new: Path, json: Json = False) -> None:
    """Say in sentences what changes from one pack to another; parameters stand at their defaults."""
    from revisit.app.cases import load_for_cases
    from revisit.policy.diff import diff

    found = list(diff(load_for_cases(old).pack, load_for_cases(new).pack))
    if json:
        show([{"change": line} for line in found], json)
        return
    for line in found or ["Nothing changes."]:
        out.print(line, markup=False, highlight=False)


@pack_app.command("try")
def pack_try(
    folder: Path,
    line: Annotated[str, typer.Option(help="The business line whose events are taken.")],
    limit: Annotated[int, typer.Option(help="How many of the newest events.")] = 1000,
    workspace: Workspace = None,
    on: On = None,
    json: Json = False,
) -> None:
    """Dry run: what a draft would decide about the events in the store, with ten examples. Nothing is written."""
    from revisit.app.try_out import draft, try_out

    ctx = context(workspace)
    tried = try_out(ctx, draft(ctx, folder), line, _day(ctx, on), limit)
    if json:
        show(tried, json)
        return
    show([dict(zip(("clause", "rule", "outcome", "events"), row, strict=True)) for row in tried.counts], json)
    for example in tried.examples:
        out.print(example, markup=False, highlight=False)


@pack_app.command("schema")
def pack_schema() -> None:
    """Print the JSON schema of pack.yaml, for editors."""
    from json import dumps

    from revisit.policy.schema import schema

    typer.echo(dumps(schema(), ensure_ascii=False, indent=1))


@pack_app.command("simulate")
def pack_simulate(
    folders: list[Path],
    events: Annotated[int, typer.Option(min=2004, max=2100, help="The year whose events are taken.")] = 2025,
    invent: Annotated[
        int | None, typer.Option(min=1, help="Invent so many events instead of taking those of the store.")
    ] = None,
    line: Annotated[
        list[str] | None, typer.Option(help="Business lines; all that the organisation has if left out.")
    ] = None,
    compare: Annotated[bool, typer.Option(help="Two packs as alternatives; versions of one pack always are.")] = False,
    capacity: Annotated[
        int | None, typer.Option(help="Calls a department makes on a working day, where not stated.")
    ] = None,
    person_capacity: Annotated[
        int | None, typer.Option(help="Calls a person makes on a working day, where not stated.")
    ] = None,
    rate: Annotated[list[str] | None, typer.Option(help="A rate decided at run time: name=30%.")] = None,
    unsatisfactory: Annotated[
        str, typer.Option(help="The share of contacts with bad answers and an unsolved problem.")
    ] = "5%",
    unreached: Annotated[str, typer.Option(help="The share of contacts that reach nobody.")] = "0%",
    often: Annotated[int, typer.Option(min=1, help="Count customers with more calls than this within 30 days.")] = 2,
    csv: Annotated[Path | None, typer.Option(help="Write every call to this file.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page with charts to this file.")] = None,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Run a year of events under a draft, or two packs side by side: contacts by week, department and person, what overflows,
    whether quotas can be reached, customers called too often, differences by clause."""
    from revisit.app import simulate as simulation
    from revisit.app import try_year
    from revisit.app.played_year import Answers
    from revisit.app.year_events import day_text
    from revisit.policy.model import parse_rate

    given = try_year.Given(
        events, invent, tuple(line or ()), capacity, person_capacity,
        {name: parse_rate(value) for name, _, value in (one.partition("=") for one in rate or ())},
        Answers(parse_rate(unsatisfactory), parse_rate(unreached)), often,
    )  # fmt: skip
    ctx = None if invent is not None and workspace is None else _workspace_at_hand(workspace)
    sides = try_year.run(ctx, folders, given, compare)
    if csv:
        try_year.calls(sides).to_csv(csv, index=False)
    if html:
        html.write_text(simulation.page(sides), "utf-8")
    if json:
        show([{"packs": title, **result.as_dict()} for title, result in sides], json)
        return
    for title, result in sides:
        out.rule(title)
        show(result.loads, json)
        busiest = result.weeks.sort_values("made", ascending=False).head(5)
        show(busiest.assign(monday=busiest["monday"].map(day_text)).to_dict("records"), json)
        show(result.departments.to_dict("records"), json)
        show(result.people.head(20).to_dict("records"), json)
        show(result.quotas, json)
        out.print(try_year.summary(result))
    if len(sides) == 2:
        out.rule("differences by clause")
        show(
            [{"clause": one.clause, "name": one.name, sides[0][0]: one.one, sides[1][0]: one.other, "change": f"{one.change:+,}"}
             for one in simulation.differences(sides[0][1], sides[1][1])], json,
        )  # fmt: skip


@pack_app.command("describe")
def pack_describe(folder: Path) -> None:
    """Write a pack's page for its owner, in Chinese, from the pack's data."""
    from revisit.app.describe import page

    typer.echo(page(folder), nl=False)


@pack_app.command("conformance")
def pack_conformance(
    page: Annotated[
        bool, typer.Option(help="The page of docs/, with the worked cases that prove each clause.")
    ] = False,
    json: Json = False,
) -> None:
    """Account for every clause of the regulations that came with the product."""
    from revisit.app import conformance

    if page:
        typer.echo(conformance.page(), nl=False)
        return
    show([line for folder in conformance.folders() for line in conformance.account(folder)], json)


@pack_app.command("list")
def pack_list(workspace: Workspace = None, json: Json = False) -> None:
    """List the packs of the workspace and those that came with the product."""
    folder = resources.folder("policies")
    found: list[dict[str, Any]] = []
    own = (workspace or Path()) / "packs"
    for path in sorted([*folder.glob("*/pack.yaml"), *own.glob("*/pack.yaml")]):
        head = read_yaml(path)
        found.append(
            {"pack": head["pack"], "title": head["title"], "document": head["document"]["code"],
             "from": head["effective"]["from"], "rules": len(head.get("rules", [])),
             "blanks": sum(one["stated"] == "blank" for one in head.get("parameters", []))}
        )  # fmt: skip
    show(found, json)


@calendar_app.command("import")
def calendar_import(
    file: Annotated[
        Path,
        typer.Argument(help="CSV with the columns day, is_workday, name: the days that differ from Monday to Friday."),
    ],
    year: int,
    workspace: Workspace = None,
    by: str = "operator",
    on: On = None,
) -> None:
    """Enter the published holidays and make-up workdays of a year; it is no longer provisional."""
    from revisit.app.calendar import import_year

    ctx = context(workspace)
    changed = import_year(ctx, file, year, by, _day(ctx, on))
    out.print(
        f"{year}: {changed} days differ from Monday to Friday; windows and deadlines that were provisional are settled."
    )


By = Annotated[str, typer.Option(help="The person who says so.")]
Reason = Annotated[str, typer.Option(help="Why, in a few words.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without, only show what would change.")]


@matter_app.command("propose")
def matter_propose(
    days: Annotated[int, typer.Option(help="How far apart two events may be, and how long ago the later one.")] = 30,
    line: Annotated[str | None, typer.Option(help="Only this business line.")] = None,
    limit: Annotated[int, typer.Option(help="How many pairs are shown.")] = 50,
    workspace: Workspace = None,
    on: On = None,
    json: Json = False,
) -> None:
    """List pairs that may be the same matter: one customer, one kind of event, two matters, close in time."""
    ctx = context(workspace)
    found = matter_pairs.propose(ctx, _day(ctx, on), days, line, limit)
    show(found, json)
    if found and not json:
        out.print("The same? revisit matter merge EVENT INTO --by NAME --reason TEXT", markup=False, highlight=False)


@matter_app.command("list")
def matter_list(
    line: Annotated[str | None, typer.Option(help="Only this business line.")] = None,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """List what was merged, and what was undone."""
    show(matters.listed(context(workspace), line), json)


@matter_app.command("merge")
def matter_merge(
    event: Annotated[str, typer.Argument(help="An event (source/key) of the matter that goes into the other.")],
    into: Annotated[str, typer.Argument(help="An event (source/key) of the matter that stays.")],
    by: By,
    reason: Reason,
    yes: Yes = False,
    workspace: Workspace = None,
    on: On = None,
    json: Json = False,
) -> None:
    """Say that two events of a customer are the same matter, and so are all of theirs, also later ones."""
    ctx = context(workspace)
    _show_act(matters.merge(ctx, event, into, by, reason, _day(ctx, on), yes), json)


@matter_app.command("undo")
def matter_undo(
    number: Annotated[int, typer.Argument(help="The number of the merge: revisit matter list.")],
    by: By,
    reason: Reason,
    yes: Yes = False,
    workspace: Workspace = None,
    on: On = None,
    json: Json = False,
) -> None:
    """Take a merge back; duties owed for the repetition are withdrawn, unless they were handed out."""
    ctx = context(workspace)
    _show_act(matters.undo(ctx, number, by, reason, _day(ctx, on), yes), json)


_BECOMES = {
    "owed": "is owed by the next planning run, until {due}",
    "late": "is owed by the next planning run; its window ended on {due}, so that it counts as missed",
    "withdrawn": "is withdrawn",
    "stays": "stays: it was handed out, or a record asked for it",
}


def _show_act(act: matters.Act, json: bool) -> None:
    if json:
        show(act, json)
        return
    if act.known:
        out.print(f"{act.known} Nothing changed.", markup=False, highlight=False)
        return
    show(list(act.events), json)
    for finding in act.findings:
        out.print(f"  report: {finding}", markup=False, highlight=False)
    for duty in act.duties:
        becomes = _BECOMES[duty.what].format(due=duty.due_on)
        out.print(f"  {duty.event} {duty.clause} {duty.name} {becomes}", markup=False, highlight=False)
    if act.done:
        out.print(f"Done: merge {act.number}.", highlight=False)
    else:
        out.print("Nothing is changed yet. To do it: the same command with --yes", highlight=False)


@app.command()
def demo(
    workspace: Annotated[
        Path, typer.Option("--workspace", "-w", help="Where the sample organisation is built.")
    ] = Path(".revisit/demo"),
    events: Annotated[int, typer.Option(help="How many events the sample organisation has in 13 months.")] = 6000,
    once: Annotated[bool, typer.Option(help="Leave after the summary; non-zero if a DAG run failed.")] = False,
    wait: Annotated[bool, typer.Option(help="Let you review and approve the report in the Airflow UI.")] = False,
) -> None:
    """Build the invented organisation and run its month through Airflow."""
    from revisit_airflow.demo import run

    raise typer.Exit(run(workspace, events=events, once=once, wait=wait))


@app.command()
def up(workspace: Workspace = None) -> None:
    """Start PostgreSQL, Airflow with its schedules, for a workspace; stop with Ctrl-C or 'revisit down'."""
    from revisit_airflow.launch import serve

    raise typer.Exit(serve(context(workspace)))


@app.command()
def down(workspace: Workspace = None) -> None:
    """Stop what 'up' or 'demo' started for a workspace."""
    from revisit_airflow.launch import stop_all

    stop_all(context(workspace))
