"""Chase overdue department responses, stale ledgers and missing deliveries.

**When** daily at 08:30; on a rest day it does nothing, the next working day makes it good.
**What** takes the rung of the ladder that each open issue has reached and queues one digest a person; asks for feeds.
**Run again?** Always safe: a rung is taken once for each deadline.
**If it fails** nothing of the run is kept. `revisit chase --on DAY` repeats it by hand.
"""

from datetime import date

from airflow.sdk import dag, task

from revisit_airflow.house import LOCAL_DAY, house_dag, scheduled


@dag(**house_dag(__doc__, scheduled("30 8 * * *"), ["responses"]))
def chase_responses() -> None:
    @task
    def take_next_steps(on: str) -> int:
        from revisit.app.chase import chase
        from revisit.app.context import context

        return chase(context(), date.fromisoformat(on)).steps

    take_next_steps(on=LOCAL_DAY)


chase_responses()
