"""Hand out the day's lists: one workbook and one mail for each department, and for each reviewer of records.

**When** daily at 07:30; on a rest day only what would not survive until the next working day.
**What** groups a customer's tasks into one call, assigns them, writes the workbook, queues the mail; asks for reviews.
**Run again?** Always safe: a task is handed out once.
**If it fails** nothing of the run is kept. `revisit publish --on DAY` repeats it by hand.
"""

from datetime import date

from airflow.sdk import dag, task

from revisit_airflow.house import LOCAL_DAY, house_dag, scheduled


@dag(**house_dag(__doc__, scheduled("30 7 * * *"), ["lists"]))
def publish_lists() -> None:
    @task
    def publish(on: str) -> int:
        from revisit.app.context import context
        from revisit.app.publish import publish as hand_out

        return len(hand_out(context(), date.fromisoformat(on)))

    @task
    def publish_reviews(on: str) -> int:
        from revisit.app.context import context
        from revisit.app.reviews import publish_reviews as hand_out

        return len(hand_out(context(), date.fromisoformat(on)))

    publish(on=LOCAL_DAY)
    publish_reviews(on=LOCAL_DAY)


publish_lists()
