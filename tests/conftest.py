"""Fixtures: one PostgreSQL for the session, a fresh migrated database for each test that asks for one."""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import date
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from revisit import resources
from revisit.app.context import Context, set_up
from revisit.settings import Environment, Workspace
from revisit.store import calendars
from revisit.store.database import connect, migrate
from revisit.store.embedded import Embedded
from revisit_airflow.launch import free_port

_numbers = count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server's maintenance database: REVISIT_TEST_DSN, or the embedded one, stopped at the end."""
    if given := os.environ.get("REVISIT_TEST_DSN"):
        yield given
        return
    embedded = Embedded(
        tmp_path_factory.mktemp("postgres"), "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    )
    embedded.start()
    yield embedded.url("postgres")
    embedded.stop()


def _create(server: str, name: str, template: str | None = None) -> str:
    engine = connect(server)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'create database "{name}"' + (f' template "{template}"' if template else "")))
    engine.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def template(server: str) -> str:
    """A migrated database with the calendar, to be copied."""
    name = f"template_{os.getpid()}"
    engine = connect(_create(server, name))
    migrate(engine)
    with engine.begin() as connection:
        calendars.seed(connection)
    engine.dispose()
    return name


@pytest.fixture
def database_url(server: str, template: str) -> str:
    return _create(server, f"test_{os.getpid()}_{next(_numbers)}", template)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = connect(database_url)
    yield made
    made.dispose()


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A copy of the example workspace, without its sources."""
    folder = tmp_path / "workspace"
    shutil.copytree(resources.folder("config") / "example", folder, ignore=shutil.ignore_patterns("sources"))
    (folder / "sources").mkdir()
    return folder


@pytest.fixture(scope="session")
def fonts() -> Path:
    """Where the report's fonts are kept; they are cut once and stay."""
    return Environment().fonts


@pytest.fixture
def ctx(workspace: Path, database_url: str, fonts: Path) -> Iterator[Context]:
    """The example organisation on a fresh database, its packs in force."""
    given = {"database_url": database_url, "draw_key": "a key for tests only", "fonts": fonts}
    made = Context(Workspace(workspace), Environment.model_validate(given))
    set_up(made, "test", date(2025, 10, 1))
    yield made
    made.engine.dispose()


@pytest.fixture(scope="session")
def mysql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A MySQL or MariaDB database: REVISIT_TEST_MYSQL, or a MariaDB server of our own, stopped by its own pid."""
    if given := os.environ.get("REVISIT_TEST_MYSQL"):
        yield given
        return
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))
    server, installer = shutil.which("mariadbd", path=path), shutil.which("mariadb-install-db", path=path)
    if server is None or installer is None:
        pytest.skip("neither REVISIT_TEST_MYSQL nor an installed mariadbd")
    folder, port = tmp_path_factory.mktemp("mariadb"), free_port()
    owner = [f"--user={pwd.getpwuid(os.getuid()).pw_name}"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([installer, "--no-defaults", f"--datadir={folder}", *owner], check=True, **quiet)
    options = [f"--datadir={folder}", f"--port={port}", f"--socket={folder / 's.sock'}", "--bind-address=127.0.0.1"]
    process = subprocess.Popen([server, "--no-defaults", *options, "--skip-grant-tables", *owner], **quiet)
    url = f"mysql+pymysql://root@127.0.0.1:{port}"
    engine = create_engine(f"{url}/?charset=utf8mb4")
    for _ in range(150):
        try:
            with engine.begin() as connection:
                connection.execute(text("create database own character set utf8mb4"))
            break
        except OperationalError:
            time.sleep(0.2)
    engine.dispose()
    yield f"{url}/own?charset=utf8mb4"
    process.terminate()
    process.wait(30)
