"""What people read, word for word: approved texts of mails, a list's cells, and the reviewer's summary.

After a wanted change: `make test ARGS="--snapshot-update tests/approved"`, and read the difference.
"""

from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from syrupy.assertion import SnapshotAssertion

from month import GOOD, arrive, complaint, every, fill, register, repair
from revisit.app import report
from revisit.app.chase import chase
from revisit.app.collect import collect
from revisit.app.context import Context
from revisit.app.publish import publish
from revisit.domain.periods import parse

THU, FRI = date(2026, 10, 8), date(2026, 10, 9)
AT = datetime(2026, 10, 31, 12, tzinfo=UTC)


def mails(ctx: Context, kind: str) -> list[dict[str, Any]]:
    """Subject, headers and text of every mail of a kind."""
    found = []
    for row in every(ctx, "select content from outbox where kind = :kind order by decided_on, recipient", kind=kind):
        message = message_from_bytes(bytes(row.content), policy=default)
        text = message.get_body(("plain",))
        assert text
        headers = {name: message[name] for name in ("Subject", "From", "To", "Reply-To", "Date", "Auto-Submitted")}
        found.append({**headers, "text": text.get_content().replace("\r\n", "\n")})
    return found


def test_the_mail_and_the_cells_of_a_list(ctx: Context, snapshot: SnapshotAssertion) -> None:
    register(ctx, ("C1", "欧阳明日", "13812348000"))
    contract = {
        "key": "H1",
        "kind": "contract.active",
        "happened": "2026-06-01",
        "starts": "2026-06-01",
        "ends": "2026-12-31",
    }
    arrive(
        ctx,
        THU,
        repair("R1", "2026-10-08"),
        complaint("K1", "2026-10-07", customer="C2"),
        {**contract, "customer": "C3"},
    )
    (only,) = publish(ctx, THU)
    assert mails(ctx, "list") == snapshot
    sheet = load_workbook(only.file)["回访任务"]
    cells = [[str(cell.value or "") for cell in row] for row in sheet.iter_rows(max_col=27)]
    assert cells == snapshot


def test_the_mails_that_send_back_and_chase(ctx: Context, snapshot: SnapshotAssertion) -> None:
    arrive(ctx, THU, complaint("K1", str(THU)), complaint("K2", str(THU), customer="C2"))
    (only,) = publish(ctx, THU)
    bad = {**GOOD, "visited_on": THU, "satisfaction": "不满意", "shortcomings": "又漏了"}
    fill(ctx, Path(only.file), [bad, {**GOOD, "visited_on": "2026-13-40", "result": "？"}])
    collect(ctx, THU)
    publish(ctx, FRI)
    chase(ctx, date(2026, 10, 16))
    assert mails(ctx, "sent_back") == snapshot
    assert mails(ctx, "digest") == snapshot


def test_the_summary_for_the_reviewer_and_the_mail_to_management(ctx: Context, snapshot: SnapshotAssertion) -> None:
    arrive(ctx, THU, complaint("K1", str(THU)))
    (first, _) = report.draft(ctx, parse("2026-10"), date(2026, 10, 31))
    report.render_files(ctx, first.report_id)
    report.review(ctx, first.report_id, "reviewer", True, "", AT)
    report.approve(ctx, first.report_id, "director", True, "启动持续改进", AT)
    report.send(ctx, first.report_id, date(2026, 10, 31))
    said = [{**mail, "text": mail["text"].split("PDF 校验值")[0]} for mail in mails(ctx, "report")][:1]
    assert said == snapshot
    assert report.summary(ctx, [first.report_id]).split("PDF 校验")[0] == snapshot
