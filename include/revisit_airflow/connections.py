"""Where a source is: an Airflow connection by its id, or what the source's file says."""

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from revisit.ingest.source import Source

_DRIVERS = {"postgres": "postgresql+psycopg", "mysql": "mysql+pymysql", "sqlite": "sqlite"}


def airflow_url(source: Source) -> str | None:
    """The database URL of the Airflow connection that a source names; None where it names none."""
    named = source.connection
    if named is None or "://" in named:
        return None
    try:
        found = Connection.get(named)
    except AirflowNotFoundException:
        return None
    scheme, _, rest = found.get_uri().partition("://")
    return f"{_DRIVERS.get(scheme, scheme)}://{rest}"
