"""Pull completed orders and closed complaints from the organisation's own systems.

**When** every 15 minutes.
**What** copies each source in, quarantines rows that break its contract, appends new versions of events, and lets
Great Expectations judge the same rows (data docs in the workspace's `.revisit/contracts`).
**Run again?** Always safe: an equal row changes nothing.
**If it fails** one source's failure leaves the others done. Read the task's log; `revisit ingest SOURCE --on DAY`
repeats it by hand.
"""

from datetime import date

from airflow.sdk import Metadata, dag, task

from revisit_airflow.house import EVENTS, LOCAL_DAY, house_dag, scheduled


@dag(**house_dag(__doc__, scheduled("*/15 * * * *"), ["sources"]))
def ingest_events() -> None:
    @task
    def list_sources() -> list[str]:
        from revisit.app import ingest
        from revisit.app.context import context

        return [source.source for source in ingest.sources(context())]

    @task(map_index_template="{{ source }}")
    def pull(source: str, on: str) -> list[int]:
        from revisit.app import ingest
        from revisit.app.context import context
        from revisit_airflow.connections import airflow_url

        ctx = context()
        found = ingest.source_named(ctx, source)
        return [batch.batch_id for batch in ingest.pull(ctx, found, date.fromisoformat(on), airflow_url(found))]

    @task(outlets=[EVENTS], trigger_rule="all_done")
    def announce(on: str):  # type: ignore[no-untyped-def]
        yield Metadata(EVENTS, {"on": on})

    @task(trigger_rule="all_done")
    def judge(on: str) -> dict[str, bool]:
        from revisit.app import ingest
        from revisit.app.context import context

        return ingest.judge_all(context(), date.fromisoformat(on))

    pulled = pull.partial(on=LOCAL_DAY).expand(source=list_sources())
    pulled >> [announce(on=LOCAL_DAY), judge(on=LOCAL_DAY)]


ingest_events()
