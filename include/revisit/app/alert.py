"""Tell operations that something failed."""

from datetime import date

from revisit.app import outbox
from revisit.app.context import Context
from revisit.domain.masks import mask_text
from revisit.templates import render


def task_failed(ctx: Context, *, dag_id: str, task_id: str, run_id: str, error: str, log_url: str, on: date) -> bool:
    """Queue a mail about a failed task, once for each task and run; False where it was queued before."""
    view = {
        "organisation": ctx.organisation.name,
        "invented": ctx.organisation.invented,
        "dag_id": dag_id,
        "task_id": task_id,
        "run_id": run_id,
        "error": mask_text(error)[:2000],
        "log_url": log_url,
        "reply_to": ctx.organisation.mail.reply_to,
    }
    letter = outbox.Letter(
        kind="failure",
        subject_key=f"{dag_id}/{task_id}",
        recipient=ctx.organisation.mail.operations,
        period=run_id,
        subject=f"【任务失败】{dag_id}.{task_id}",
        text=render("emails/failure.txt", **view),
        html=render("emails/failure.html", **view),
        resend_uncertain=True,
    )
    with ctx.engine.begin() as connection:
        return outbox.queue(ctx, connection, letter, on)
