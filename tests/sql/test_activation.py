"""Putting a pack in force is a step of its own: what was tried is what is activated, by a person whose name is kept."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from month import arrive, every, one, repair
from revisit import resources
from revisit.app.activate import Proposal, activate, propose, what_happens
from revisit.app.context import Context, set_up
from revisit.errors import ConfigError, PackError

QW = "property-qw-21-14"
ON = date(2026, 10, 8)


def fresh(ctx: Context) -> Context:
    """The same workspace and store, as the next command sees them."""
    return Context(type(ctx.workspace)(ctx.workspace.folder), ctx.environment)


@pytest.fixture
def draft(ctx: Context) -> Path:
    """The pack as a file of the workspace, from November on."""
    folder = ctx.workspace.folder / "packs" / QW
    shutil.copytree(resources.folder("policies") / QW, folder)
    change(folder, "effective: {from: 2020-01-01", "effective: {from: 2026-11-01")
    return folder


def change(folder: Path, old: str, new: str) -> None:
    file = folder / "pack.yaml"
    content = file.read_text("utf-8")
    assert old in content
    file.write_text(content.replace(old, new), "utf-8")


def proposed(ctx: Context) -> Proposal:
    return propose(fresh(ctx), QW, ON)


def versions(ctx: Context) -> list[tuple[str, date, date | None]]:
    rows = every(
        ctx, "select activated_by, effective_from, effective_until from pack_version where pack = :p order by 2", p=QW
    )
    return [tuple(row) for row in rows]


def test_the_first_set_up_records_the_approver_whom_the_organisation_names(ctx: Context) -> None:
    assert versions(ctx) == [("沈知远", date(2020, 1, 1), None)]
    told = one(ctx, "select actor, detail from audit where action = 'pack.activate' and subject = :p", p=QW)
    assert (told.actor, told.detail["written_by"], told.detail["first"]) == ("沈知远", "test", True)
    assert told.detail["sha256"] == ctx.pack_files[QW].sha256


def test_a_first_activation_is_refused_where_the_organisation_approved_another_hash(
    workspace: Path, ctx: Context
) -> None:
    file = workspace / "organisation.yaml"
    text = file.read_text("utf-8").replace(
        f"  - pack: {QW} ", f"  - approved: {{by: 王敏, sha256: '{'0' * 12}'}}\n    pack: {QW} "
    )
    file.write_text(text, "utf-8")
    set_up(fresh(ctx), "test", ON)  # in force already: nothing to approve
    with ctx.engine.begin() as connection:
        for table in ("rule", "quota", "pack_version"):
            connection.exec_driver_sql(f"delete from {table}")
    with pytest.raises(PackError, match="was approved with the hash 000000000000"):
        set_up(fresh(ctx), "test", ON)
    file.write_text(text.replace("0" * 12, ctx.pack_files[QW].sha256[:12]), "utf-8")
    set_up(fresh(ctx), "test", ON)
    assert versions(ctx) == [("王敏", date(2020, 1, 1), None)]


@pytest.mark.usefixtures("draft")
def test_set_up_leaves_a_new_version_to_its_approval_and_a_changed_file_changes_nothing(ctx: Context) -> None:
    before = ctx.packs[QW]
    later = fresh(ctx)
    assert [loaded.pack.pack for loaded in set_up(later, "test", ON)] == [QW]
    assert versions(ctx) == [("沈知远", date(2020, 1, 1), None)]
    assert later.packs[QW].pack == before.pack
    assert later.packs[QW].pack.effective.from_ != later.pack_files[QW].pack.effective.from_


@pytest.mark.usefixtures("draft")
def test_what_was_seen_is_activated_with_its_approver_and_the_counts_of_the_dry_run(ctx: Context) -> None:
    arrive(ctx, ON, repair("R1", "2026-10-08"), repair("R2", "2026-10-07"))
    found = proposed(ctx)
    assert found.tried["jinxiu"].counts[0] == ("PQ-04", "维修第一次回访", "应回访", 2)
    assert len(found.tried["jinxiu"].examples) == 4
    assert activate(fresh(ctx), found, "王敏", found.loaded.sha256[:12], ON)
    assert versions(ctx) == [("沈知远", date(2020, 1, 1), date(2026, 10, 31)), ("王敏", date(2026, 11, 1), None)]
    told = one(ctx, "select actor, detail from audit order by audit_id desc limit 1")
    assert told.actor == "王敏"
    assert (told.detail["sha256"], told.detail["on"], told.detail["events"]) == (
        found.loaded.sha256, "2026-10-08", {"jinxiu": 2},
    )  # fmt: skip
    assert told.detail["dry_run"]["jinxiu"][0] == {
        "clause": "PQ-04",
        "rule": "维修第一次回访",
        "outcome": "应回访",
        "events": 2,
    }
    assert told.detail["running"]["tasks"] == 2
    assert fresh(ctx).packs[QW].sha256 == found.loaded.sha256


@pytest.mark.usefixtures("draft")
@pytest.mark.parametrize(
    ("given", "said"),
    [(None, "nothing is activated yet"), ("abc", "characters are too few"), ("0" * 12, "it was changed since")],
)
def test_nothing_is_activated_without_the_hash_of_what_was_seen(ctx: Context, given: str | None, said: str) -> None:
    with pytest.raises(PackError, match=said):
        activate(ctx, proposed(ctx), "王敏", given, ON)
    assert len(versions(ctx)) == 1


def test_a_file_that_was_changed_since_is_refused(ctx: Context, draft: Path) -> None:
    seen = proposed(ctx).loaded.sha256
    change(draft, "title: ", "title: 新")
    with pytest.raises(PackError, match="it was changed since it was looked at"):
        activate(ctx, proposed(ctx), "王敏", seen, ON)


@pytest.mark.usefixtures("draft")
def test_an_approval_has_a_name(ctx: Context) -> None:
    found = proposed(ctx)
    with pytest.raises(PackError, match="--by NAME"):
        activate(ctx, found, "  ", found.loaded.sha256, ON)


def test_the_same_content_again_changes_nothing_and_other_content_of_the_day_is_refused(
    ctx: Context, draft: Path
) -> None:
    found = proposed(ctx)
    activate(ctx, found, "王敏", found.loaded.sha256, ON)
    again = proposed(ctx)
    assert again.known
    assert not activate(ctx, again, "王敏", None, ON)
    assert len(every(ctx, "select 1 from audit where action = 'pack.activate'")) == 3
    change(draft, "title: ", "title: 新")
    with pytest.raises(PackError, match=r"Give the new content a later effective\.from and its own document\.revision"):
        proposed(ctx)


def test_a_pack_that_fails_its_cases_is_not_proposed(ctx: Context, draft: Path) -> None:
    change(draft, "window: {opens: 0 days, due: 3 days}", "window: {opens: 0 days, due: 4 days}")
    with pytest.raises(PackError, match=r"cases\.yaml: .*is 2024-03-03, not 2024-03-02"):
        proposed(ctx)


def test_a_pack_that_nobody_uses_or_holds_a_post_of_is_not_proposed(ctx: Context, draft: Path) -> None:
    with pytest.raises(ConfigError, match="does not use the pack loan-leads"):
        propose(ctx, "loan-leads", ON)
    change(draft, "roles:\n", "roles:\n  - {id: auditor, title: 审计, seat: office}\n")
    with pytest.raises(ConfigError, match="needs somebody for: auditor"):
        proposed(ctx)


def test_what_happens_to_running_items_is_told_with_their_numbers(ctx: Context, draft: Path) -> None:
    contract = {"kind": "contract.active", "ends": "2027-06-30"}
    arrive(
        ctx, ON, repair("R1", "2026-10-08"),
        {"key": "H1", **contract, "happened": "2026-10-08", "starts": "2026-11-05"},
        {"key": "H2", **contract, "happened": "2026-10-08", "starts": "2026-10-01"},
    )  # fmt: skip
    change(draft, "effective: {from: 2026-11-01", "effective: {from: 2026-10-15")
    found = proposed(ctx)
    assert found.running is not None
    counted = ("tasks", "waiting", "cadences", "issues", "strata", "decided_anew", "handed_out")
    assert [found.running[name] for name in counted] == [3, 1, 0, 0, 1, 1, 0]
    told = "\n".join(what_happens(found))
    assert "2026-10-15 and later this one, earlier days the version from 2020-01-01" in told
    assert "3 open tasks keep their window, clause and assignment; 1 decisions that wait" in told
    assert "2026-10 is drawn in two parts" in told
    assert "Rates decided by month hold for both versions: pq.other_rate." in told
    assert "1 events of 2026-10-15 and later were decided ahead by the earlier version" in told


def test_a_pack_that_is_added_later_waits_unless_the_organisation_approves_its_hash(ctx: Context) -> None:
    added = "  - pack: loan-leads\n    line: jinxiu\n    adopted_on: 2026-10-01\n"
    added += "    accept: [ll.walk_in_interval, ll.walk_in, ll.need, ll.need_months, ll.new_for, ll.idle_for]\n"
    posts = "    posts: {marketing_head: {name: 王敏, mail: wang@jinyun.example.com}}\n"
    file = ctx.workspace.folder / "organisation.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("packs:\n", f"packs:\n{added}{posts}", 1), "utf-8")
    (waiting,) = set_up(fresh(ctx), "test", ON)
    assert waiting.pack.pack == "loan-leads"
    assert not every(ctx, "select 1 from pack_version where pack = 'loan-leads'")
    approved = f"    approved: {{by: 王敏, sha256: '{waiting.sha256[:12]}'}}\n"
    file.write_text(text.replace("packs:\n", f"packs:\n{added}{approved}{posts}", 1), "utf-8")
    assert set_up(fresh(ctx), "test", ON) == []
    assert one(ctx, "select activated_by from pack_version where pack = 'loan-leads'").activated_by == "王敏"
