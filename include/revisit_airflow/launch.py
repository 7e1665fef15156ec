"""Start and stop everything a workspace needs on one machine: PostgreSQL, the mailbox, Airflow's four processes.

Every listener is on loopback at a port that was free; every process is stopped by its own pid, in reverse order.
"""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from types import FrameType

import httpx
from rich.console import Console

from revisit import resources
from revisit.app.context import Context, set_up
from revisit.errors import ConfigError
from revisit.store.embedded import Embedded

console = Console(stderr=True, highlight=False)
_READY_SECONDS, _STOP_SECONDS = 180, 25
_COMPONENTS = {
    "dag-processor": ("dag-processor",),
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the running parts can be reached, and the passwords."""

    airflow: str
    mailbox: str
    smtp_port: int
    passwords: dict[str, str]
    mailbox_password: str


def free_port() -> int:
    """A port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Launcher:
    """The processes of one workspace. Use as a context manager; leaving it stops what it started."""

    def __init__(self, ctx: Context, *, schedules: bool, mailbox: bool, slots: int = 4) -> None:
        self.ctx, self.schedules, self.with_mailbox, self.slots = ctx, schedules, mailbox, slots
        self.home = ctx.workspace.state / "airflow"
        self.pids_file = ctx.workspace.state / "pids.json"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._env: dict[str, str] = {}
        self.embedded = Embedded(ctx.workspace.state / "postgres")
        self.addresses: Addresses

    def __enter__(self) -> "Launcher":
        stop_all(self.ctx)
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "logs").mkdir(exist_ok=True)
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self) -> None:
        with console.status("starting PostgreSQL"):
            url = self.ctx.database_url
            airflow_url = self._metadata_url()
        users = self._users()
        passwords = self._passwords(users)
        port, mail_http, mail_smtp = free_port(), free_port(), free_port()
        mailbox_password = secrets.token_urlsafe(9)
        self.addresses = Addresses(
            f"http://127.0.0.1:{port}", f"http://127.0.0.1:{mail_http}", mail_smtp, passwords, mailbox_password
        )
        self._env = {**_inherited(), **self._airflow_env(airflow_url, url, port, users)}
        if self.with_mailbox:
            self._env |= {"REVISIT_SMTP_HOST": "127.0.0.1", "REVISIT_SMTP_PORT": str(mail_smtp)}
            folder = str(self.ctx.workspace.state / "mailbox")
            command = [sys.executable, "-m", "revisit_airflow.mailbox", folder, str(mail_smtp), str(mail_http)]
            self._spawn("mailbox", command, {"MAILBOX_PASSWORD": mailbox_password})
        with console.status("preparing the stores"):
            set_up(self.ctx, "launcher", self.first_day())
            self._once("db", "migrate")
        self._spawn("api-server", self._airflow("api-server"))
        with console.status("starting Airflow's web server"):
            self._await(f"{self.addresses.airflow}/api/v2/version", lambda _: True)
        for name, arguments in _COMPONENTS.items():
            self._spawn(name, self._airflow(*arguments))
        with console.status("starting Airflow's scheduler"):
            self._await(f"{self.addresses.airflow}/api/v2/monitor/health", _healthy)
        if self.with_mailbox:
            self._await(self.addresses.mailbox, lambda answer: answer.status_code == 401)
        self.pids_file.write_text(json.dumps({name: p.pid for name, p in self._processes.items()}))
        (self.ctx.workspace.state / "addresses.json").write_text(json.dumps(asdict(self.addresses), indent=2))
        (self.ctx.workspace.state / "addresses.json").chmod(0o600)

    def first_day(self) -> date:
        """The day on which the packs were adopted first: the day their activation is recorded under."""
        return min(use.adopted_on for use in self.ctx.organisation.packs)

    def _metadata_url(self) -> str:
        if given := os.environ.get("REVISIT_AIRFLOW_DATABASE_URL"):
            return given
        if self.ctx.environment.database_url:
            raise ConfigError(
                "with REVISIT_DATABASE_URL set, Airflow needs a database of its own: set REVISIT_AIRFLOW_DATABASE_URL "
                "to postgresql+psycopg2://user:password@host/airflow."
            )
        return self.embedded.url("airflow").replace("postgresql://", "postgresql+psycopg2://")

    def _users(self) -> dict[str, str]:
        reports = self.ctx.organisation.reports
        users = {"admin": "admin", "viewer": "viewer"}
        for person in (reports.reviewer, reports.approver):
            if person.user:
                users[person.user] = "user"
        return users

    def _passwords(self, users: Mapping[str, str]) -> dict[str, str]:
        path = self.home / "passwords.json"
        known = json.loads(path.read_text()) if path.exists() else {}
        passwords = {user: known.get(user) or secrets.token_urlsafe(9) for user in users}
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text(json.dumps(passwords))
        return passwords

    def _secret(self, name: str) -> str:
        path = self.home / f"{name}.secret"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(64))
        return path.read_text()

    def _airflow_env(self, metadata: str, store: str, port: int, users: Mapping[str, str]) -> dict[str, str]:
        root = resources.folder("sql").parent
        settings = {
            "DATABASE__SQL_ALCHEMY_CONN": metadata,
            "CORE__EXECUTOR": "LocalExecutor",
            "CORE__PARALLELISM": str(self.slots),
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__DEFAULT_TIMEZONE": "Asia/Shanghai",
            "CORE__DAGS_FOLDER": str(root / "dags"),
            "CORE__PLUGINS_FOLDER": str(root / "plugins"),
            "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{user}:{role}" for user, role in users.items()),
            "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self.home / "passwords.json"),
            "CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
            "API__HOST": "127.0.0.1",
            "API__PORT": str(port),
            "API__BASE_URL": f"http://127.0.0.1:{port}",
            "API__WORKERS": "1",
            "API__SECRET_KEY": self._secret("api"),
            "API__EXPOSE_CONFIG": "False",
            "API__INSTANCE_NAME": "回访 Revisit",
            "API_AUTH__JWT_SECRET": self._secret("jwt"),
            "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
            "SCHEDULER__ENABLE_HEALTH_CHECK": "False",
            "WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
            "WORKERS__EXECUTION_API_TIMEOUT": "30",
            "WORKERS__EXECUTION_API_RETRIES": "10",
            "DAG_PROCESSOR__REFRESH_INTERVAL": "10",
            "LOGGING__BASE_LOG_FOLDER": str(self.home / "logs"),
            "LOGGING__LOGGING_LEVEL": "WARNING",
            "USAGE_DATA_COLLECTION__ENABLED": "False",
        }
        return {
            **{f"AIRFLOW__{name}": value for name, value in settings.items()},
            "AIRFLOW_HOME": str(self.home),
            "REVISIT_WORKSPACE": str(self.ctx.workspace.folder),
            "REVISIT_DATABASE_URL": store,
            "REVISIT_SCHEDULES": "on" if self.schedules else "off",
            "GX_ANALYTICS_ENABLED": "false",
            "PYTHONWARNINGS": "ignore",
            "NO_PROXY": "127.0.0.1,localhost",
        }

    @staticmethod
    def _airflow(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "airflow", *arguments]

    def _once(self, *arguments: str) -> None:
        log = self.home / "logs" / "set-up.log"
        with log.open("ab") as target:
            done = subprocess.run(self._airflow(*arguments), env=self._env, stdout=target, stderr=target, check=False)
        if done.returncode:
            raise ConfigError(f"'airflow {' '.join(arguments)}' failed; the last lines of {log}:\n{_tail(log)}")

    def _spawn(self, name: str, command: list[str], more: Mapping[str, str] | None = None) -> None:
        with (self.home / "logs" / f"{name}.log").open("ab") as target:
            self._processes[name] = subprocess.Popen(
                command, env={**self._env, **(more or {})}, stdin=subprocess.DEVNULL, stdout=target, stderr=target,
                start_new_session=True,
            )  # fmt: skip

    def check(self) -> None:
        """Raise ConfigError with the log's end if a process has died."""
        for name, process in self._processes.items():
            if process.poll() is not None:
                log = self.home / "logs" / f"{name}.log"
                raise ConfigError(f"{name} ended with {process.returncode}; the last lines of {log}:\n{_tail(log)}")

    def _await(self, url: str, good: object) -> None:
        assert callable(good)
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            self.check()
            try:
                answer = httpx.get(url, timeout=5, trust_env=False)
                if good(answer):
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.3)
        raise ConfigError(f"{url} did not answer within {_READY_SECONDS} s; see the logs in {self.home / 'logs'}.")

    def stop(self) -> None:
        """Stop what was started, last first; a process that does not listen within 25 s is killed with its group."""
        with console.status("stopping"):
            for process in reversed(self._processes.values()):
                process.terminate()
            deadline = time.monotonic() + _STOP_SECONDS
            for process in reversed(self._processes.values()):
                try:
                    process.wait(max(0.1, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
            self.ctx.engine.dispose()
            self.embedded.stop()
            self.pids_file.unlink(missing_ok=True)
        self._processes.clear()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _inherited() -> dict[str, str]:
    """The environment without a surrounding Airflow's settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW__")}


def _healthy(answer: httpx.Response) -> bool:
    parts = answer.json() if answer.status_code == 200 else {}
    return all(
        (parts.get(name) or {}).get("status") == "healthy" for name in ("metadatabase", "scheduler", "dag_processor")
    )


def _tail(path: Path, lines: int = 15) -> str:
    return "\n".join(path.read_text("utf-8", "replace").splitlines()[-lines:])


def stop_all(ctx: Context) -> None:
    """Stop what an earlier `up` or `demo` of this workspace left running, by the pids it wrote down."""
    path = ctx.workspace.state / "pids.json"
    if path.exists():
        pids = [pid for pid in json.loads(path.read_text()).values() if _is_ours(pid)]
        for pid in reversed(pids):
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        while pids and time.monotonic() < deadline:
            pids = [pid for pid in pids if _is_ours(pid)]
            time.sleep(0.2)
        for pid in pids:
            os.killpg(pid, signal.SIGKILL)
        path.unlink(missing_ok=True)
    embedded = Embedded(ctx.workspace.state / "postgres")
    embedded.stop()


def _is_ours(pid: int) -> bool:
    """Whether a pid still is a process that a launcher started (pids are used again)."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z" and (b"airflow" in command or b"revisit" in command)


def serve(ctx: Context) -> int:
    """Run a workspace with its schedules until Ctrl-C or SIGTERM."""
    try:
        with Launcher(ctx, schedules=True, mailbox=False) as launcher:
            console.print(f"Airflow: {launcher.addresses.airflow}  (passwords: {launcher.home / 'passwords.json'})")
            console.print("Ctrl-C stops everything.")
            while True:
                launcher.check()
                time.sleep(2)
    except KeyboardInterrupt:
        console.print("stopped")
    return 0
