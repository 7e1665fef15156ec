"""The command line as a person uses it: a day by hand, errors without tracebacks, exit codes, JSON."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from explained import EARLY, prepare
from histories import arrive, event
from month import COLUMNS, DEFAULTS
from revisit.domain.derivation import recompute


@pytest.fixture
def folder(workspace: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REVISIT_DATABASE_URL", database_url)
    monkeypatch.setenv("REVISIT_DRAW_KEY", "k")
    monkeypatch.setenv("REVISIT_SMTP_PORT", "1")
    (workspace / "drop").mkdir()
    (workspace / "sources" / "orders.yaml").write_text(
        "source: orders\ntitle: 工单\nfiles: ../drop/*.csv\nmap:\n  event_key: key\n  kind: kind\n  line: {value: jinxiu}\n"
        "  happened_at: happened\n  customer: customer\n  department: department\n  area: area\n  matter: matter\n",
        "utf-8",
    )
    with (workspace / "drop" / "orders.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerow({**DEFAULTS, "key": "R1", "kind": "repair.completed", "happened": "2026-10-08"})
        writer.writerow({**DEFAULTS, "key": "R2", "kind": "repair.completed", "happened": "soon"})
    return workspace


def revisit(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", "-c", "from revisit.cli import main; main()", *arguments]
    if folder:
        command += ["--workspace", str(folder)]
    given = {name: value for name, value in os.environ.items() if name != "REVISIT_WORKSPACE"}  # other tests set it
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**given, "COLUMNS": "200"})


def answer(*arguments: str, folder: Path) -> object:
    done = revisit(*arguments, "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_day_can_be_done_by_hand(folder: Path) -> None:
    day = ("--on", "2026-10-08")
    assert revisit("set-up", *day, folder=folder).returncode == 0
    (pulled,) = answer("ingest", *day, folder=folder)  # type: ignore[misc]
    assert (pulled["read"], pulled["accepted"], pulled["refused"]) == (2, 1, 1)
    assert pulled["reasons"] == {"happened_at: not a timestamptz": 1}
    assert answer("plan", *day, folder=folder)["decisions"] == {"due": 1, "awaiting": 1}  # type: ignore[call-overload,index]
    (published,) = answer("publish", *day, folder=folder)  # type: ignore[misc]
    assert (published["department"], published["tasks"]) == ("JX-KF1", 1)
    assert answer("collect", *day, folder=folder) == []
    assert answer("chase", *day, folder=folder) == {"steps": 0, "digests": 0, "feeds": 0}
    assert answer("deliver", folder=folder)["postponed"] == 1  # type: ignore[call-overload,index]
    (found, _) = answer("explain", "orders/R1", folder=folder)  # type: ignore[misc]
    assert "PQ-04" in found["sentence"]
    assert recompute(found) == {"anchor_on": "2026-10-08", "opens_on": "2026-10-08", "due_on": "2026-10-10"}
    tree = revisit("explain", "orders/R1", "--lang", "en", *day, folder=folder).stdout
    assert tree.startswith(f"{found['subject']} is due: 维修第一次回访 (QW-21-14, PQ-04), counted from 2026-10-08,")
    assert "├── due on 2026-10-10 (Saturday, that day included): 2 days after day 0\n" in tree
    rows = list(csv.DictReader(io.StringIO(revisit("export", "tasks", folder=folder).stdout)))
    assert [row["clause"] for row in rows] == ["PQ-04", "PQ-05"]
    lines = revisit("export", "events", "--format", "json", folder=folder).stdout.splitlines()
    assert [json.loads(line)["event_key"] for line in lines] == ["R1"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["plan"], 2, "is no workspace: it has no organisation.yaml"),
        (["pack", "check", "/nowhere"], 3, "no such file"),
        (["pack", "check", "include/policies/property-3-22"], 3, "open numbers, to be set or accepted by name"),
        (["init", "tests"], 2, "is not empty"),
        (["demo", "--workspace", "tests"], 2, "was not made by the demo"),
    ],
)
def test_a_mistake_is_a_sentence_and_an_exit_code(arguments: list[str], code: int, said: str, tmp_path: Path) -> None:
    done = revisit(*arguments, folder=tmp_path if arguments == ["plan"] else None)
    assert done.returncode == code
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_store_that_is_not_set_up_has_no_events_to_simulate(folder: Path, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("drop table event"))
    done = revisit("pack", "simulate", "include/policies/property-3-22", "--events", "2025", folder=folder)
    assert done.returncode == 2
    assert "the store has no events of 2025" in " ".join(done.stderr.split())


def test_a_quarantined_event_is_explained_with_its_way_out(folder: Path) -> None:
    revisit("set-up", "--on", "2026-10-08", folder=folder)
    revisit("ingest", "--on", "2026-10-08", "--no-judge", folder=folder)
    done = revisit("explain", "orders/R2", folder=folder)
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == "orders/R2 不在清单上：该行在隔离区，尚未采用：办结时间：不是时间。"
    assert "批次 1 第 2 行，2026-10-08 隔离" in done.stdout
    assert "在来源系统更正；更正后的行到达时自动进入" in done.stdout
    nothing = revisit("explain", "orders/R3", folder=folder)
    assert (nothing.returncode, nothing.stdout) == (1, "")
    assert "there is no event or task 'orders/R3'" in " ".join(nothing.stderr.split())


def test_a_new_workspace_passes_the_doctor_but_for_its_mail_server(tmp_path: Path, database_url: str) -> None:
    folder = tmp_path / "mine"
    assert revisit("init", str(folder)).returncode == 0
    environment = {"REVISIT_DATABASE_URL": database_url, "REVISIT_SMTP_PORT": "1"}
    os.environ |= environment
    done = revisit("doctor", "--on", "2026-10-08", "--json", folder=folder)
    for name in environment:
        del os.environ[name]
    found = {check["what"]: check["good"] for check in json.loads(done.stdout)}
    assert done.returncode == 2
    assert [name for name, good in found.items() if not good and not name.startswith("source ")] == ["mail server"]


def test_a_year_of_holidays_is_imported_and_no_longer_provisional(folder: Path, tmp_path: Path) -> None:
    revisit("set-up", "--on", "2026-10-08", folder=folder)
    file = tmp_path / "2027.csv"
    file.write_text("day,is_workday,name\n2027-01-01,false,元旦\n2027-01-02,true,调休\n", "utf-8")
    done = revisit("calendar", "import", str(file), "2027", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "2 days differ from Monday to Friday" in done.stdout
    file.write_text("day,is_workday,name\n2026-01-01,false,元旦\n", "utf-8")
    wrong = revisit("calendar", "import", str(file), "2027", folder=folder)
    assert wrong.returncode == 2
    assert "2026-01-01 is not in 2027" in " ".join(wrong.stderr.split())


def test_a_doubtful_message_is_listed_and_sent_again_by_hand(folder: Path, engine: Engine) -> None:
    day = ("--on", "2026-10-08")
    for step in ("set-up", "ingest", "plan", "publish"):
        assert revisit(step, *day, folder=folder).returncode == 0
    (waiting,) = answer("outbox", folder=folder)  # type: ignore[misc]
    assert (waiting["kind"], waiting["state"]) == ("list", "queued")
    refused = revisit("outbox", "--resend", waiting["message_id"], folder=folder)
    assert refused.returncode == 1
    assert "is uncertain or failed" in " ".join(refused.stderr.split())
    with engine.begin() as connection:
        connection.execute(text("update outbox set state = 'uncertain', error = 'the connection broke'"))
    (again,) = answer("outbox", "--resend", waiting["message_id"], "--by", "王敏", folder=folder)  # type: ignore[misc]
    assert (again["state"], again["error"]) == ("queued", None)
    with engine.connect() as connection:
        assert connection.execute(text("select actor from audit where action = 'outbox.resend'")).scalars().all() == [
            "王敏"
        ]


def test_a_draft_is_tried_on_the_events_that_are_there_and_writes_nothing(folder: Path, engine: Engine) -> None:
    for step in ("set-up", "ingest"):
        assert revisit(step, "--on", "2026-10-08", folder=folder).returncode == 0
    draft = "include/policies/property-3-22"
    tried = answer("pack", "try", draft, "--line", "jinxiu", "--on", "2026-10-08", folder=folder)
    assert tried == {
        "events": 1,
        "counts": [["PM-04", "维修回访", "应回访", 1]],
        "examples": ["orders/R1：维修回访（PM-04）应回访，回访期10月15日至11月8日；抽样抽中。"],
    }
    with engine.connect() as connection:
        assert connection.execute(text("select count(*) from decision")).scalar_one() == 0


def test_a_pack_is_activated_by_the_hash_of_what_was_shown(folder: Path) -> None:
    day = ("--on", "2026-10-08")
    for step in ("set-up", "ingest", "plan"):
        assert revisit(step, *day, folder=folder).returncode == 0
    draft = folder / "packs" / "property-qw-21-14"
    shutil.copytree("include/policies/property-qw-21-14", draft)
    content = (draft / "pack.yaml").read_text("utf-8")
    (draft / "pack.yaml").write_text(content.replace("{from: 2020-01-01", "{from: 2026-12-01"), "utf-8")
    waiting = revisit("set-up", *day, folder=folder)
    assert "is not in force, only what was activated before." in waiting.stdout
    command = ("pack", "activate", "property-qw-21-14", "--by", "王敏", *day)
    shown = revisit(*command, folder=folder)
    assert shown.returncode == 3
    assert "orders/R1：维修第一次回访（PQ-04）应回访，回访期10月8日至10月10日" in shown.stdout
    assert "1 open tasks keep their window, clause and assignment; 1 decisions that wait" in shown.stdout
    given = shown.stderr.split("--sha256")[1].split()[0]
    assert f"sha256 {given}" in shown.stdout
    done = revisit(*command, "--sha256", given, folder=folder)
    assert done.returncode == 0, done.stderr
    assert "is in force from 2026-12-01, approved by 王敏 on 2026-10-08." in done.stdout
    again = revisit(*command, folder=folder)
    assert (again.returncode, "nothing changed" in again.stdout) == (0, True)
    (draft / "pack.yaml").write_text(content.replace("{from: 2020-01-01", "{from: 2027-01-01"), "utf-8")
    changed = revisit(*command, "--sha256", given, folder=folder)
    assert changed.returncode == 3
    assert "it was changed since it was looked at" in " ".join(changed.stderr.split())


def test_a_year_of_the_store_is_simulated_and_two_versions_are_compared(folder: Path, tmp_path: Path) -> None:
    for step in ("set-up", "ingest"):
        assert revisit(step, "--on", "2026-10-08", folder=folder).returncode == 0
    old = "include/policies/property-qw-21-14"
    draft = tmp_path / "draft"
    shutil.copytree(old, draft)
    content = (draft / "pack.yaml").read_text("utf-8")
    (draft / "pack.yaml").write_text(content.replace("name: 维修第一次回访", "name: 维修首访"), "utf-8")
    (one, other) = answer("pack", "simulate", old, str(draft), "--events", "2026", folder=folder)  # type: ignore[misc]
    assert (one["packs"], other["packs"]) == ("A 物业客户回访作业规程 A/0", "B 物业客户回访作业规程 A/0")
    assert (one["events"], one["tasks"]) == (1, 1)
    assert one["people"] == [{"person": "唐晓棠", "calls": 1, "busiest": 1, "busiest_last_day": 1, "overloaded": 0}]
    assert one["weeks"] == [{"monday": "2026-10-05", "made": 1, "beyond": 0}]
    said = revisit("pack", "simulate", old, str(draft), "--events", "2026", folder=folder).stdout
    changes = [
        [cell.strip() for cell in line.split("│")[1:-1]] for line in said.split("differences by clause")[1].splitlines()
    ]
    assert ["PQ-04", "维修第一次回访", "1", "0", "-1"] in changes
    assert ["PQ-04", "维修首访", "0", "1", "+1"] in changes
    empty = revisit("pack", "simulate", old, "--events", "2024", folder=folder)
    assert empty.returncode == 2
    assert "the store has no events of 2024 for jinxiu, yunqi" in " ".join(empty.stderr.split())


def test_packs_are_compared_simulated_and_described_by_command(tmp_path: Path) -> None:
    old, new = "include/policies/property-qw-21-14", "include/policies/property-3-22"
    compared = revisit("pack", "diff", old, new)
    assert "quotas: PM-08-repair 维修回访 is new, from 2020-01-01." in compared.stdout
    assert revisit("pack", "diff", old, old).stdout.strip() == "Nothing changes."
    page, calls = tmp_path / "year.html", tmp_path / "calls.csv"
    made = revisit(
        "pack",
        "simulate",
        old,
        new,
        "--invent",
        "2000",
        "--html",
        str(page),
        "--csv",
        str(calls),
        "--rate",
        "pm.other_rate=10%",
    )
    assert made.returncode == 0, made.stderr
    assert "物业客户回访作业规程" in page.read_text("utf-8")
    assert calls.read_text("utf-8").startswith("customer,department,person,opens,due,tasks")
    refused = revisit("pack", "simulate", old, "--events", "2025", folder=None)
    assert refused.returncode == 2
    assert "Name it with --workspace, or invent events: --invent 100000" in " ".join(refused.stderr.split())
    assert "| PM-03 | 诉求回访 |" in revisit("pack", "describe", new).stdout
    assert json.loads(revisit("pack", "schema").stdout)["$defs"]["Rule"]
    accounts = json.loads(revisit("pack", "conformance", "--json").stdout)
    assert len(accounts) == 334


def test_matters_are_proposed_merged_and_taken_apart_by_command(folder: Path) -> None:
    day = ("--on", "2026-10-08")
    revisit("set-up", *day, folder=folder)
    with (folder / "drop" / "orders.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for key, happened, matter in (
            ("R1", "2026-10-01", "水管渗漏"), ("R2", "2026-10-03", "水管渗漏"), ("R3", "2026-10-08", "[/]厨房漏水")
        ):  # fmt: skip
            writer.writerow(
                {**DEFAULTS, "key": key, "kind": "repair.completed", "happened": happened, "matter": matter}
            )
    answer("ingest", "--no-judge", *day, folder=folder)
    answer("plan", *day, folder=folder)
    (pair,) = answer("matter", "propose", *day, folder=folder)  # type: ignore[misc]
    assert (pair["event"], pair["into"], pair["matter"]) == ("orders/R3", "orders/R2", "[/]厨房漏水")
    told = revisit("matter", "propose", *day, folder=folder).stdout
    assert "[/]厨房漏水" in told and "revisit matter merge EVENT INTO --by NAME --reason TEXT" in told
    signed = ("--by", "沈若岚", "--reason", "同一处漏水", *day)
    command = ("matter", "merge", pair["event"], pair["into"], *signed)
    looked = revisit(*command, folder=folder).stdout
    assert "report: found: 2026-10 同种维修重复 (PQ-27): '水管渗漏' 3 times" in looked
    assert "orders/R3 PQ-05 维修第二次回访 is owed by the next planning run, until 2026-12-08" in looked
    assert looked.endswith("Nothing is changed yet. To do it: the same command with --yes\n")
    assert answer("matter", "list", folder=folder) == []
    assert revisit(*command, "--yes", folder=folder).stdout.endswith("Done: merge 2.\n")
    assert (
        "沈若岚 merged it on 2026-10-08 (merge 2). Nothing changed." in revisit(*command, "--yes", folder=folder).stdout
    )
    assert answer("plan", *day, folder=folder)["changed"] == 1  # type: ignore[call-overload,index]
    back = ("matter", "undo", "2", *signed)
    assert "PQ-05 维修第二次回访 is withdrawn" in revisit(*back, "--yes", folder=folder).stdout
    assert "沈若岚 undid merge 2 on 2026-10-08. Nothing changed." in revisit(*back, folder=folder).stdout
    (row,) = answer("matter", "list", folder=folder)  # type: ignore[misc]
    assert (row["number"], row["matter"], row["into_matter"], row["undone_by"]) == (
        2,
        "[/]厨房漏水",
        "水管渗漏",
        "沈若岚",
    )
    wrong = revisit("matter", "merge", "orders/R9", "orders/R1", *signed, folder=folder)
    assert (wrong.returncode, "Traceback" in wrong.stderr) == (1, False)
    assert "there is no event 'orders/R9'" in wrong.stderr


def test_a_place_in_a_draw_is_given_on_by_command_once(folder: Path, engine: Engine, fonts: Path) -> None:
    prepare(folder, str(os.environ["REVISIT_DATABASE_URL"]), fonts).engine.dispose()
    term = {"starts_on": date(2026, 9, 1), "ends_on": date(2026, 12, 31)}
    arrive(engine, [event(f"c{n}", "contract.active", "2026-09-01", customer=f"K{n}", **term) for n in range(3)], EARLY)
    assert revisit("plan", "--on", str(EARLY), folder=folder).returncode == 0
    with engine.connect() as connection:
        code = connection.execute(
            text("select 'T' || event_id || '-' || rule_id || '-' || d.round from decision d join rule r using (rule_id) "
                 "where d.drawn and r.rule = 'middle'")
        ).scalar_one()  # fmt: skip
    asked = ("substitute", code, "--by", "王主任", "--reason", "moved", "--on", str(EARLY))
    given = answer(*asked, folder=folder)
    assert isinstance(given, dict)
    assert (given["task"], given["reason"], given["by"], given["new"]) == (code, "moved", "王主任", True)
    assert given["substitute"] != code
    assert answer(*asked, folder=folder) == {**given, "new": False}
    assert answer("explain", code, folder=folder)[0]["decision"]["reason"] == "substituted"  # type: ignore[index]
    refused = revisit("substitute", code, "--by", "王主任", "--reason", "tired", folder=folder)
    assert refused.returncode == 2
    assert "'tired' is not one of" in " ".join(refused.stderr.split())
    refused = revisit("substitute", "T1-1-9999", "--by", "王主任", "--reason", "moved", folder=folder)
    assert refused.returncode == 1
    assert "took no part in a draw" in " ".join(refused.stderr.split())


def test_the_house_is_kept_by_hand(folder: Path, engine: Engine) -> None:
    for step in ("set-up", "ingest"):
        assert revisit(step, "--on", "2026-10-08", folder=folder).returncode == 0
    assert answer("keep", "--on", "2026-10-09", folder=folder)["quarantined"] == 0  # type: ignore[call-overload,index]
    kept = answer("keep", "--on", "2027-05-01", folder=folder)
    assert kept == {"records": 0, "substitutions": 0, "merges": 0, "mails": 0, "quarantined": 1, "warnings": 0}
    with engine.connect() as connection:
        assert connection.execute(text("select count(*) from quarantine")).scalar_one() == 0


def test_a_report_is_drafted_for_a_period_that_its_pack_reports_by(folder: Path) -> None:
    assert revisit("set-up", "--on", "2026-06-01", folder=folder).returncode == 0
    other = revisit("report", "draft", "--period", "2026H1", folder=folder)
    assert other.returncode != 0
    assert "no report is about 2026H1" in other.stderr
    assert "property-qw-21-14 (2026-06)" in " ".join(other.stderr.split())
    wrong = revisit("report", "draft", "--period", "June", folder=folder)
    assert wrong.returncode != 0
    assert "write a month as 2026-10" in " ".join(wrong.stderr.replace("│", " ").split())
    assert "Traceback" not in other.stderr + wrong.stderr
    (made,) = answer("report", "draft", "--period", "2026-06", "--pack", "property-3-22", folder=folder)  # type: ignore[misc]
    assert (made["pack"], made["period"], made["revision"]) == ("property-3-22", "2026-06", 1)
