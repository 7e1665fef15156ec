"""Where a source is: an Airflow connection by its id, or what the source's file says."""

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from sqlalchemy import URL

from revisit.ingest.source import Source

_DRIVERS = {"postgres": "postgresql+psycopg", "mysql": "mysql+pymysql"}


def airflow_url(source: Source) -> str | None:
    """The database URL of the Airflow connection that a source names; None where it names none.

    A connection of type sqlite has its file in the field Host (or Schema).
    """
    named = source.connection
    if named is None or "://" in named:
        return None
    try:
        found = Connection.get(named)
    except AirflowNotFoundException:
        return None
    if found.conn_type == "sqlite":
        return f"sqlite:///{found.host or found.schema}"
    made = URL.create(
        _DRIVERS.get(found.conn_type, found.conn_type),
        found.login,
        found.password,
        found.host,
        found.port,
        found.schema,
    )
    return made.render_as_string(hide_password=False)
