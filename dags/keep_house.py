"""Keep what must be kept, forget what must be forgotten, and warn early.

**When** nightly at 02:30.
**What** executes the packs' retention, empties delivered mails and old quarantine rows, and warns operations when open
deadlines reach a year whose holidays are not published.
**Run again?** Always safe.
**If it fails** nothing of the run is kept. `revisit keep --on DAY` repeats it by hand.
"""

from datetime import date

from airflow.sdk import dag, task

from revisit_airflow.house import LOCAL_DAY, house_dag, scheduled


@dag(**house_dag(__doc__, scheduled("30 2 * * *"), ["house"]))
def keep_house() -> None:
    @task
    def keep(on: str) -> int:
        from revisit.app.context import context
        from revisit.app.keep import keep as execute

        return execute(context(), date.fromisoformat(on)).total

    keep(on=LOCAL_DAY)


keep_house()
