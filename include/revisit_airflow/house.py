"""The house rules of every DAG: time zone, the day a run is for, retries, failure notices, assets."""

import os
from datetime import date, datetime, timedelta
from typing import Any

import pendulum
from airflow.sdk import Asset, Param

from revisit_airflow.notice import FailureNotice

TIME_ZONE = "Asia/Shanghai"
START = pendulum.datetime(2026, 1, 1, tz=TIME_ZONE)
EVENTS = Asset("revisit://events")
TASKS = Asset("revisit://tasks")

ON = Param(
    None,
    type=["null", "string"],
    format="date",
    title="日期",
    description="业务日期，例如 2026-10-08；留空为运行当日（上海时间）",
)
DEFAULTS: dict[str, Any] = {
    "owner": "revisit",
    "retries": 2,
    "retry_delay": timedelta(seconds=20),
    "retry_exponential_backoff": True,
    "execution_timeout": timedelta(hours=1),
    "on_failure_callback": [FailureNotice()],
}
LOCAL_DAY = "{{ local_day(dag_run, params, triggering_asset_events) }}"


def scheduled(schedule: Any) -> Any:
    """A DAG's schedule; REVISIT_SCHEDULES=off leaves only manual and asset-triggered runs (the demo, tests)."""
    return None if os.environ.get("REVISIT_SCHEDULES") == "off" else schedule


def local_day(dag_run: Any, params: Any, triggering_asset_events: Any) -> str:
    """The day a run is for: asked for, or carried by the asset event, or the day in Shanghai on which the run is due.

    Never a data interval: a cron run's is empty, and `ds` is the date in UTC.
    """
    if params.get("on"):
        return date.fromisoformat(params["on"]).isoformat()
    carried = [
        event.extra["on"]
        for events in (triggering_asset_events or {}).values()
        for event in events
        if "on" in event.extra
    ]
    if carried:
        return str(max(carried))
    moment: datetime = dag_run.run_after
    return str(pendulum.instance(moment).in_timezone(TIME_ZONE).date())


MACROS = {"local_day": local_day}


def house_dag(doc: str | None, schedule: Any, tags: list[str], **more: Any) -> dict[str, Any]:
    """The arguments that every DAG shares."""
    return {
        "schedule": schedule,
        "start_date": START,
        "catchup": False,
        "max_active_runs": 1,
        "default_args": DEFAULTS,
        "params": {"on": ON, **more.pop("params", {})},
        "user_defined_macros": MACROS,
        "tags": ["revisit", *tags],
        "doc_md": doc,
        **more,
    }
