"""Decide every event that arrived: due, not drawn, suppressed or out of scope, with its window and reason.

**When** as soon as events arrive, and daily at 00:10 so that windows open and end.
**What** writes one decision for each event and applicable rule, draws the quotas exactly, owes the tasks.
**Run again?** Always safe: decisions are keyed, and what is drawn stays drawn.
**If it fails** nothing of the run is kept; read the log, then clear the task. `revisit plan --on DAY` repeats it by hand.
"""

from datetime import date

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, Metadata, dag, task

from revisit_airflow.house import EVENTS, LOCAL_DAY, TASKS, TIME_ZONE, house_dag, scheduled

SCHEDULE = scheduled(
    AssetOrTimeSchedule(timetable=CronTriggerTimetable("10 0 * * *", timezone=TIME_ZONE), assets=EVENTS)
)


@dag(**house_dag(__doc__, SCHEDULE or [EVENTS], ["tasks"]))
def plan_revisits() -> None:
    @task(outlets=[TASKS])
    def plan(on: str):  # type: ignore[no-untyped-def]
        from revisit.app.context import context
        from revisit.app.occasions import raise_due
        from revisit.app.plan import plan as decide

        ctx = context()
        raise_due(ctx, date.fromisoformat(on))
        decide(ctx.engine, date.fromisoformat(on), ctx.draw_key, ctx.organisation.calendar)
        yield Metadata(TASKS, {"on": on})

    plan(on=LOCAL_DAY)


plan_revisits()
