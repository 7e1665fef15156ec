"""Take in the sheets that departments return.

**When** every 15 minutes, from the workspace's `.revisit/returns`.
**What** reads each workbook in a limited child process; answered rows become records and responses, bad rows go back
with the reason beside each cell, unsatisfactory answers raise issues.
**Run again?** Always safe: the same answer is recorded once.
**If it fails** the files not yet taken stay where they are. `revisit collect --on DAY` repeats it by hand.
"""

from datetime import date

from airflow.sdk import dag, task

from revisit_airflow.house import LOCAL_DAY, house_dag, scheduled


@dag(**house_dag(__doc__, scheduled("*/15 * * * *"), ["responses"]))
def collect_returns() -> None:
    @task
    def collect(on: str) -> int:
        from revisit.app.collect import collect as take_in
        from revisit.app.context import context

        return sum(taken.accepted for taken in take_in(context(), date.fromisoformat(on)))

    collect(on=LOCAL_DAY)


collect_returns()
