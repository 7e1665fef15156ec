"""A pack is checked against the organisation: what its sources deliver, and what its people can do."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from month import SOURCE, arrive, complaint
from revisit import resources
from revisit.app.check import Checked, check
from revisit.app.context import Context
from revisit.policy.load import Choices
from revisit.settings import Environment

QW = "property-qw-21-14"
ON = date(2026, 11, 2)


@pytest.fixture
def folder(workspace: Path) -> Path:
    """The pack as a file of the workspace, so that lines can be counted."""
    target = workspace / "packs" / QW
    shutil.copytree(resources.folder("policies") / QW, target)
    return target


def source(ctx: Context, **changes: object) -> None:
    """A source of events beside the ones there are; `kind` and `line` as changed."""
    given = {**SOURCE, "map": {**SOURCE["map"], **changes}}
    with (ctx.workspace.folder / "sources" / "orders.yaml").open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(given, file)


@pytest.fixture(autouse=True)
def _nobody_states_a_capacity(workspace: Path) -> None:
    file = workspace / "organisation.yaml"
    file.write_text(file.read_text("utf-8").replace(", calls_a_day: 8", ""), "utf-8")


def organisation(ctx: Context, old: str, new: str) -> None:
    file = ctx.workspace.folder / "organisation.yaml"
    content = file.read_text("utf-8")
    assert old in content
    file.write_text(content.replace(old, new), "utf-8")


def checked(ctx: Context, folder: Path) -> Checked:
    fresh = Context(type(ctx.workspace)(ctx.workspace.folder), ctx.environment)
    use = next(use for use in fresh.organisation.packs if use.pack == QW)
    return check(folder, Choices(use.values, use.accept), ON, fresh)


def notes(ctx: Context, folder: Path) -> list[str]:
    return [note for note in checked(ctx, folder).notes if "holiday" not in note]


def line_of(folder: Path, words: str) -> int:
    return next(n for n, line in enumerate((folder / "pack.yaml").read_text("utf-8").splitlines(), 1) if words in line)


def test_a_kind_that_no_source_delivers_is_told_with_its_line_and_way_out(ctx: Context, folder: Path) -> None:
    source(ctx)
    assert not any("never owed" in note for note in notes(ctx, folder))
    source(ctx, kind={"from": "kind", "values": {"维修": "repair.completed"}, "otherwise": "service.completed"})
    told = [note for note in notes(ctx, folder) if "never owed" in note]
    assert told[0] == (
        f"{folder}/pack.yaml:{line_of(folder, 'event: complaint.closed')}: 'complaint' (PQ-03) is never owed: no source "
        f"delivers complaint.closed for jinxiu. Map it in a file of sources/, or leave the rule out."
    )
    assert [note.split("'")[1] for note in told] == [
        "complaint",
        "special-mid",
        "special-end",
        "emergency",
        "publication",
    ]


def test_events_of_another_line_do_not_count_and_neither_does_what_the_contract_refuses(
    ctx: Context, folder: Path
) -> None:
    source(ctx, line={"value": "yunqi"})
    assert len([note for note in notes(ctx, folder) if "never owed" in note]) == 8
    source(ctx, line={"value": "jinxiu"})
    file = ctx.workspace.folder / "sources" / "orders.yaml"
    file.write_text(
        file.read_text("utf-8") + "contract: [{expect: one_of, field: kind, values: [help.completed]}]\n", "utf-8"
    )
    assert len([note for note in notes(ctx, folder) if "never owed" in note]) == 7


def test_occasions_and_ends_of_a_cadence_must_come_from_somewhere(ctx: Context, folder: Path) -> None:
    source(ctx, kind={"value": "lead.visited"})
    cadence = "trigger: {event: lead.visited}\n    recur: {every: 7 days, until: [deal.closed]}"
    content = (folder / "pack.yaml").read_text("utf-8")
    for old, new in (("{event: complaint.closed}", "{event: occasion.festival}"), ("trigger: {event: help.completed}", cadence),
                     ("    quota: PQ-08\n", ""), ("rules: {emergency: {quota: PQ-14}}, ", "")):  # fmt: skip
        assert old in content
        content = content.replace(old, new)
    (folder / "pack.yaml").write_text(content, "utf-8")
    (folder / "cases.yaml").unlink()
    told = "\n".join(notes(ctx, folder))
    assert (
        "nothing raises occasion.festival for jinxiu. Name them under 'occasions' in organisation.yaml, and let a customer"
        in told
    )
    assert "'emergency' (PQ-08) is not ended by every event: no source delivers deal.closed for jinxiu." in told


@pytest.fixture
def busy(ctx: Context, folder: Path) -> Context:
    """Sixty complaints of one area in October 2026, which has 18 working days; its department visits."""
    source(ctx)
    arrive(ctx, ON, *(complaint(f"K{n}", f"2026-10-{9 + n % 20:02}", customer=f"C{n}") for n in range(60)))
    assert folder.is_dir()
    return ctx


def test_capacity_is_not_looked_at_where_nobody_states_it_or_nothing_happened(ctx: Context, folder: Path) -> None:
    source(ctx)
    assert (
        "capacity is not looked at: organisation.yaml states no 'calls_a_day' of a department, area or post."
        in notes(ctx, folder)
    )
    organisation(ctx, "administrator: 唐晓棠", "administrator: 唐晓棠, calls_a_day: 2")
    assert notes(ctx, folder) == [
        "capacity is not looked at: the store has no events of 2025-11-02 to 2026-11-02. Pull them first: revisit ingest"
    ]
    gone = Environment.model_validate(
        {**ctx.environment.model_dump(), "database_url": "postgresql://nobody@127.0.0.1:1/none"}
    )
    (told,) = [note for note in checked(Context(ctx.workspace, gone), folder).notes if "holiday" not in note]
    assert told.startswith("capacity is not looked at: the store does not answer: ")
    alone = check(folder, Choices({}, ()), ON)
    assert alone.notes[-1] == "sources and capacity are not looked at without an organisation. Add: --workspace FOLDER"


def test_a_rule_that_asks_for_more_than_its_people_can_do_is_told_with_the_month(busy: Context, folder: Path) -> None:
    organisation(busy, "administrator: 唐晓棠", "administrator: 唐晓棠, calls_a_day: 4")
    assert notes(busy, folder) == []
    organisation(busy, "calls_a_day: 4", "calls_a_day: 2")
    assert notes(busy, folder) == [
        f"{folder}/pack.yaml:{line_of(folder, '- id: complaint')}: 'complaint' (PQ-03) would have needed 60 contacts of 唐晓棠 "
        f"in 2026-10; 36 can be made, at 2 a day. Lower the rate of PQ-10, widen its window, or plan for more people."
    ]


def test_rules_that_are_too_much_together_are_told_as_the_pack(busy: Context, folder: Path) -> None:
    arrive(
        busy, ON, *(complaint(f"K{n}", f"2026-10-{9 + n % 20:02}", customer=f"C{n}") for n in range(60)),
        *({"key": f"H{n}", "kind": "help.completed", "happened": "2026-10-12", "customer": f"C{n}"} for n in range(60)),
    )  # fmt: skip
    organisation(busy, "head: 方雨桐", "calls_a_day: 4, head: 方雨桐")
    (told,) = notes(busy, folder)
    assert "the whole pack would have needed 120 contacts of JX-KF1 in 2026-10; 72 can be made, at 4 a day." in told


def test_a_qualification_that_no_register_tells_is_told_with_what_would_happen(ctx: Context, folder: Path) -> None:
    source(ctx)
    file = folder / "pack.yaml"
    asked = "qualifications: [{id: trained, clause: PQ-16, name: 回访培训, binds: everybody}]"
    file.write_text(file.read_text("utf-8") + asked + "\n", "utf-8")
    (note,) = [note for note in notes(ctx, folder) if "trained" in note]
    assert note == (
        f"{file}:{line_of(folder, asked)}: no source says who has 'trained' (PQ-16), so that every contact is refused. Add "
        "'trained' under 'attributes' of a source with 'target: staff'."
    )
    register = {
        "source": "staff",
        "title": "人员",
        "target": "staff",
        "files": "staff.csv",
        "map": {"event_key": "no", "name": "name"},
    }
    with (ctx.workspace.folder / "sources" / "staff.yaml").open("w", encoding="utf-8") as target:
        YAML(typ="safe").dump({**register, "attributes": {"trained": "培训有效期"}}, target)
    assert not any("trained" in note for note in notes(ctx, folder))
    file.write_text(file.read_text("utf-8").replace("binds: everybody", "binds: nobody"), "utf-8")
    (ctx.workspace.folder / "sources" / "staff.yaml").unlink()
    assert not any("trained" in note for note in notes(ctx, folder))
