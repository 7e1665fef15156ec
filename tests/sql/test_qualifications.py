"""Who may make a contact by their training, on a real PostgreSQL: told on the list, judged when it comes back."""

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from month import GOOD, amend, arrive, every, fill, lines, repair, sent_back
from revisit.app import ingest
from revisit.app.collect import collect
from revisit.app.context import Context
from revisit.app.ingest import Pulled
from revisit.app.publish import publish
from revisit.ingest.source import Source
from revisit.policy.model import Qualification

THU, FRI = date(2026, 10, 8), date(2026, 10, 9)
TRAINED = Qualification(id="trained", clause="PQ-16", name="回访培训")
LEAD = "唐晓棠"


def staff(ctx: Context, on: date, *people: str) -> Pulled:
    """A staff register by CSV through the real ingest."""
    folder = ctx.workspace.folder / "register"
    folder.mkdir(exist_ok=True)
    (folder / "staff.csv").write_text("\n".join(["no,name,department,left,trained", *people]), "utf-8")
    given = {"event_key": "no", "name": "name", "department": "department", "left_on": "left"}
    source = {"source": "staff", "title": "人员", "target": "staff", "files": "register/staff.csv", "map": given}
    attributes = {"trained": "trained"}
    folder_ = ctx.workspace.folder
    (pulled,) = ingest.pull(ctx, Source.model_validate({**source, "attributes": attributes, "folder": folder_}), on)
    return pulled


def listed(ctx: Context, *binding: Qualification) -> Path:
    amend(ctx, qualifications=binding)
    arrive(ctx, THU, repair("R1", str(THU)))
    (only,) = publish(ctx, THU)
    return Path(only.file)


def told(file: Path) -> str:
    """What the only line of a list says of its reasons."""
    (row,) = lines(file)
    return str(row["依据与说明"])


def answer(ctx: Context, file: Path, visitor: str, name: str, **more: Any) -> int:
    """How many rows of a sheet are accepted."""
    fill(ctx, file, [{**GOOD, "visited_on": FRI, "visitor": visitor, **more}], name=f"{name}.xlsx")
    (taken,) = collect(ctx, FRI)
    return taken.accepted


def reason(ctx: Context) -> str:
    """Why the only row that was sent back was refused."""
    (row,) = lines(BytesIO(sent_back(ctx)))
    return str(row["退回原因"])


def test_the_register_is_kept_with_what_people_are_trained_in_and_an_equal_one_changes_nothing(ctx: Context) -> None:
    rows = ("S1,王敏,JX-KF1,,是", "S2,李强,JX-KF1,,2026-12-31", "S3,赵云,JX-KF1,,")
    assert staff(ctx, THU, *rows).accepted == 3
    assert staff(ctx, THU, *rows).unchanged == 3
    assert staff(ctx, FRI, *rows[:2], "S3,赵云,JX-KF1,,是").accepted == 1
    found = every(ctx, "select name, attributes ->> 'trained' as trained from staff order by staff")
    assert [tuple(row) for row in found] == [("王敏", "是"), ("李强", "2026-12-31"), ("赵云", "是")]


def test_a_line_tells_who_may_go_instead_of_somebody_who_is_not_trained(ctx: Context) -> None:
    staff(
        ctx, THU, f"S1,{LEAD},JX-KF1,,2026-10-07", "S2,李强,JX-KF1,,是", "S3,赵云,JX-KF1,2026-10-01,是",
        "S4,别处,JX-GC,,是", "S5,孙乾,JX-KF1,,2026-10-08",
    )  # fmt: skip
    assert told(listed(ctx, TRAINED)).endswith(
        f"须由具备“回访培训”的人员回访（PQ-16）：“{LEAD}”的“回访培训”有效期至2026-10-07；本部门可由孙乾、李强回访。"
    )


@pytest.mark.parametrize(
    ("rows", "binds", "says"),
    [
        ((f"S1,{LEAD},JX-KF1,,是",), "everybody", ""),
        ((), "everybody", f"“{LEAD}”不在人员登记中，无法核对“回访培训”；本部门登记中尚无人具备。"),
        ((), "registered", ""),
        ((f"S1,{LEAD},JX-KF1,,否",), "registered", f"“{LEAD}”未登记“回访培训”；本部门登记中尚无人具备。"),
        ((f"S1,{LEAD},JX-KF1,,否",), "nobody", ""),
    ],
)
def test_a_line_says_who_lacks_what_and_nothing_where_nothing_is_lacking(
    ctx: Context, rows: tuple[str, ...], binds: str, says: str
) -> None:
    staff(ctx, THU, *rows)
    line = told(listed(ctx, TRAINED.model_copy(update={"binds": binds})))
    assert line.endswith(f"（PQ-16）：{says}") if says else "回访培训" not in line


def test_a_contact_by_somebody_untrained_goes_back_until_the_register_says_otherwise(ctx: Context) -> None:
    staff(ctx, THU, f"S1,{LEAD},JX-KF1,,")
    file = listed(ctx, TRAINED)
    assert answer(ctx, file, LEAD, "first") == 0
    assert f"“{LEAD}”未登记“回访培训”，须具备者方可回访（PQ-16）；已具备的，请先更新人员登记后再交回" in reason(ctx)
    staff(ctx, FRI, f"S1,{LEAD},JX-KF1,,{FRI}")
    assert answer(ctx, file, LEAD, "second") == 1


@pytest.mark.parametrize(
    ("visitor", "accepted"),
    [
        ("李强", 1),
        ("李　强", 1),  # with an ideographic space, as names of two characters are set
        ("s2", 0),
        ("S2", 1),
        ("李强、王敏", 0),
        ("李强/S2", 1),
        ("李强 S2、", 1),
        ("王敏 李强", 0),
        ("、", 0),
        ("李强(代)", 0),
        ("张伟", 1),  # one of two people of this name
        ("陈晨", 0),
        ("'; drop table staff; --", 0),
    ],
)
def test_a_visitor_is_known_by_name_or_number(ctx: Context, visitor: str, accepted: int) -> None:
    staff(
        ctx, THU, "S1,王敏,JX-KF1,,", "S2,李强,JX-KF1,,是", "S3,张伟,JX-KF1,,否", "S4,张伟,JX-GC,,2099/1/1", "S5,陈晨,,,明年"
    )  # fmt: skip
    assert answer(ctx, listed(ctx, TRAINED), visitor, "sheet") == accepted


def test_who_is_not_in_the_register_is_refused_only_where_everybody_is_bound(ctx: Context) -> None:
    staff(ctx, THU, "S1,王敏,JX-KF1,,")
    file = listed(ctx, TRAINED)
    assert answer(ctx, file, "外聘", "everybody") == 0
    assert (
        "“外聘”不在人员登记中，无法核对“回访培训”，须具备者方可回访（PQ-16）；请核对姓名，或先在人员登记中补登"
        in reason(ctx)
    )
    amend(ctx, qualifications=(TRAINED.model_copy(update={"binds": "registered"}),))
    assert answer(ctx, file, "王敏", "registered") == 0
    assert answer(ctx, file, "外聘", "stranger") == 1


def test_only_the_named_rules_ask_for_it_and_only_a_contact_that_took_place(ctx: Context) -> None:
    file = listed(ctx, TRAINED)
    assert answer(ctx, file, LEAD, "attempt", result="未联系上") == 1
    amend(ctx, qualifications=(TRAINED.model_copy(update={"rules": ("complaint",)}),))
    assert answer(ctx, file, LEAD, "other") == 1
