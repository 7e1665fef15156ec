"""Send the mails that were decided.

**When** every 2 minutes.
**What** leases each queued message, marks it just before its data goes out, and settles it by the server's answer.
**Run again?** Always safe, also twice at once: a message has one lease, and a worker that lost it cannot write.
**If it fails** messages wait, and are tried again with growing pauses. Doubtful ones are `uncertain` and visible in
`revisit outbox` and on the board; a report to management is never resent by itself.
"""

from datetime import UTC, datetime

from airflow.sdk import dag, task

from revisit_airflow.house import house_dag, scheduled


@dag(**house_dag(__doc__, scheduled("*/2 * * * *"), ["mail"]))
def deliver_outbox() -> None:
    @task
    def deliver() -> int:
        from revisit.app.context import context
        from revisit.app.outbox import deliver as send

        return send(context(), datetime.now(UTC)).sent

    deliver()


deliver_outbox()
