"""A small client of Airflow's REST API: trigger, wait, answer."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from revisit.errors import ConfigError

_DONE = ("success", "failed")


class Airflow:
    """One signed-in user."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=60, trust_env=False)
        answer = self._http.post("/auth/token", json={"username": user, "password": password})
        answer.raise_for_status()
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def close(self) -> None:
        self._http.close()

    def await_dags(self, names: set[str], seconds: float = 120) -> None:
        """Wait until every DAG is parsed; raises ConfigError with Airflow's import errors."""
        deadline = time.monotonic() + seconds
        while True:
            found = {dag["dag_id"] for dag in self._get("/api/v2/dags", limit=100)["dags"]}
            if names <= found:
                return
            errors = self._get("/api/v2/importErrors")["import_errors"]
            if errors or time.monotonic() > deadline:
                said = "\n".join(f"{e['filename']}: {e['stack_trace']}" for e in errors)
                raise ConfigError(f"Airflow has not loaded {', '.join(sorted(names - found))}. {said}")
            time.sleep(0.5)

    def trigger(self, dag_id: str, conf: Mapping[str, Any]) -> str:
        """Start a run and return its id."""
        answer = self._http.post(f"/api/v2/dags/{dag_id}/dagRuns", json={"logical_date": None, "conf": dict(conf)})
        answer.raise_for_status()
        return str(answer.json()["dag_run_id"])

    def wait(self, dag_id: str, run_id: str, seconds: float = 900) -> str:
        """Wait for a run's end and return its state."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            state = self.run_state(dag_id, run_id)
            if state in _DONE:
                return state
            time.sleep(0.15)
        raise ConfigError(f"{dag_id} {run_id} did not end within {seconds:.0f} s; look at it in the Airflow UI.")

    def run_state(self, dag_id: str, run_id: str) -> str:
        """Where a run is."""
        return str(self._get(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")["state"])

    def runs(self, dag_id: str = "~") -> list[dict[str, Any]]:
        """Every run of a DAG, or of all."""
        found: list[dict[str, Any]] = []
        while True:
            page = self._get(f"/api/v2/dags/{dag_id}/dagRuns", limit=100, offset=len(found))
            found += page["dag_runs"]
            if not page["dag_runs"] or len(found) >= page["total_entries"]:
                return found

    def count(self, dag_id: str, state: str) -> int:
        """How many runs of a DAG are in a state."""
        found = self._get(f"/api/v2/dags/{dag_id}/dagRuns", state=[state], limit=1)
        return int(found["total_entries"])

    def await_next(self, dag_id: str, ended: int, seconds: float = 300) -> None:
        """Wait until more runs of a DAG than `ended` have ended, as an asset event makes happen."""
        deadline = time.monotonic() + seconds
        while self.count(dag_id, "success") + self.count(dag_id, "failed") <= ended:
            if time.monotonic() > deadline:
                raise ConfigError(f"{dag_id} did not follow within {seconds:.0f} s; look at it in the Airflow UI.")
            time.sleep(0.15)

    def await_quiet(self, seconds: float = 300) -> None:
        """Wait until no run is queued or running."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            busy = self._get("/api/v2/dags/~/dagRuns", state=["queued", "running"], limit=1)
            if not busy["total_entries"]:
                return
            time.sleep(0.15)

    def questions(self, dag_id: str, run_id: str) -> Iterator[dict[str, Any]]:
        """The questions of a run that wait for a person."""
        found = self._get(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/hitlDetails", response_received=False)
        yield from found["hitl_details"]

    def answer(self, dag_id: str, run_id: str, task_id: str, option: str, comment: str) -> None:
        """Answer a question as the signed-in user."""
        url = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/-1/hitlDetails"
        said = self._http.patch(url, json={"chosen_options": [option], "params_input": {"comment": comment}})
        said.raise_for_status()

    def _get(self, path: str, **params: Any) -> dict[str, Any]:
        answer = self._http.get(path, params=params)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found
