"""Freeze the periods that end, render their reports, have them reviewed and approved by two people, and mail them.

**When** on each month's last day at 20:00.
**What** one report for each pack whose period (month, quarter, half year or year) ends on that day, as HTML, PDF and
XLSX from one frozen snapshot. Where no period ends, what follows the first task is skipped. The reviewer and the
director answer under *Required Actions*; both answers are copied into Revisit's own tables.
**Run again?** Safe: a report that exists is left as it is, and each recipient gets it once. A returned report makes a
new revision when the DAG runs again.
**If it fails** clear the failed task. By hand: `revisit report draft`, `review`, `approve`, `send`.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param, dag, task

from revisit_airflow.house import LOCAL_DAY, house_dag, scheduled
from revisit_airflow.signing import ACCEPT, RETURN, answer_of, signer

COMMENT = Param("", type=["null", "string"], title="意见")
PATIENCE: dict[str, Any] = {"execution_timeout": None, "response_timeout": timedelta(days=14)}


@dag(**house_dag(__doc__, scheduled("0 20 L * *"), ["report"]))
def make_reports() -> None:
    @task
    def freeze(on: str) -> list[int]:
        from revisit.app.context import context
        from revisit.app.report import draft_ended

        return [drafted.report_id for drafted in draft_ended(context(), date.fromisoformat(on))]

    @task(map_index_template="report {{ report_id }}")
    def render(report_id: int) -> int:
        from revisit.app.context import context
        from revisit.app.report import render_files

        render_files(context(), report_id)
        return report_id

    @task
    def summarise(report_ids: list[int]) -> str:
        from revisit.app.context import context
        from revisit.app.report import summary

        return summary(context(), sorted(report_ids))

    @task.short_circuit
    def note(step: str, report_ids: list[int], answer: dict[str, Any]) -> list[int]:
        from revisit.app.context import context
        from revisit.app.report import sign

        given = answer_of(answer)
        return sign(context(), step, sorted(report_ids), given.user, given.accepted, given.comment, datetime.now(UTC))

    @task
    def queue(report_ids: list[int], on: str) -> int:
        from revisit.app.context import context
        from revisit.app.report import send

        return sum(send(context(), report_id, date.fromisoformat(on)) for report_id in report_ids)

    rendered = render.expand(report_id=freeze(on=LOCAL_DAY))
    body = summarise(rendered)
    review = HITLOperator(
        task_id="review", subject="请审核回访统计报告", body=str(body), options=[ACCEPT, RETURN],
        assigned_users=signer("reviewer"), params={"comment": COMMENT}, **PATIENCE,
    )  # fmt: skip
    body >> review
    reviewed = note.override(task_id="note_review")("review", rendered, review.output)
    approve = HITLOperator(
        task_id="approve", subject="请审定回访统计报告", body=str(body), options=[ACCEPT, RETURN],
        assigned_users=signer("approver"), params={"comment": COMMENT}, **PATIENCE,
    )  # fmt: skip
    reviewed >> approve
    approved = note.override(task_id="note_approval")("approve", reviewed, approve.output)
    queue(approved, on=LOCAL_DAY)


make_reports()
