"""Tell a person that a task failed: one mail a task and run, through the outbox."""

from typing import Any

import structlog
from airflow.sdk import BaseNotifier

log = structlog.get_logger()


class FailureNotice(BaseNotifier):
    """Queues a mail to the organisation's operations address; a fault in doing so is logged, never raised."""

    template_fields = ()

    def notify(self, context: Any) -> None:
        from revisit.app.alert import task_failed
        from revisit.app.context import context as revisit_context

        instance = context["ti"]
        try:
            task_failed(
                revisit_context(),
                dag_id=instance.dag_id,
                task_id=instance.task_id,
                run_id=instance.run_id,
                error=f"{type(context.get('exception')).__name__}: {context.get('exception')}",
                log_url=getattr(instance, "log_url", "") or "",
                on=context["dag_run"].run_after.date(),
            )
        except Exception as error:  # noqa: BLE001 - the failure itself must stay visible
            log.error("failure_notice.lost", error=str(error))
