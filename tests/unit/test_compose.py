"""The files of a deployment: valid, and without a secret, an open port or a second version in them."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = YAML(typ="safe").load((ROOT / "docker-compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
AIRFLOW = {"airflow-init", "api-server", "scheduler", "dag-processor", "triggerer", "worker"}
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
EXAMPLE = (ROOT / ".env.example").read_text("utf-8")
SECRET = re.compile(
    r"password|secret|fernet|draw_key|_auth$|broker_url|result_backend|conn$|database_url", re.IGNORECASE
)
REQUIRED = re.compile(r"\$\{(\w+):\?([^}]+)\}")
NAMED = re.compile(r"(?<!\$)\$\{(\w+)")


def environment(service: str) -> dict[str, Any]:
    found: dict[str, Any] = SERVICES[service].get("environment") or {}
    return found


def strings(value: Any) -> list[str]:
    """Every string of a part of the file."""
    if isinstance(value, dict):
        return [found for item in value.items() for part in item for found in strings(part)]
    if isinstance(value, list):
        return [found for item in value for found in strings(item)]
    return [str(value)]


def test_the_file_keeps_the_compose_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, str(ROOT / "docker-compose.yaml")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_no_secret_is_written_out(service: str) -> None:
    for name, value in environment(service).items():
        if SECRET.search(name) and value is not None:
            assert "${" in value, f"{name}: take it from the environment"
            without = re.sub(r"\$\{\w+(:\?[^}]*|:-)?\}", "", value)
            assert not re.search(r":[^/@]+@", without), f"{name}: the password comes from the environment, whole"
            assert without == "" or "@" in without, f"{name}: a secret has no fixed part and no default"


def test_the_passwords_in_inline_files_come_from_the_environment() -> None:
    for name, config in COMPOSE["configs"].items():
        for line in config["content"].splitlines():
            for value in re.findall(r"(?:requirepass|password)[ =]+(\S+)", line):
                assert value.startswith(("${", '"$$', ":'")), f"configs.{name}: {line}"


def test_whoever_lacks_a_variable_is_told_what_to_set_and_finds_it_in_the_example() -> None:
    required = {name: said for text in strings(COMPOSE) for name, said in REQUIRED.findall(text)}
    assert required, "secrets are required, not defaulted"
    for name, said in required.items():
        assert "set it in .env" in said, name
        assert re.search(rf"^{name}=", EXAMPLE, re.MULTILINE), f".env.example lacks {name}"
    for name in {name for text in strings(COMPOSE) for name in NAMED.findall(text)}:
        assert re.search(rf"^#?{name}=", EXAMPLE, re.MULTILINE), f".env.example lacks {name}"


def test_the_example_holds_no_secret() -> None:
    for name, value in re.findall(r"^#?([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE):
        assert not (SECRET.search(name) and value), f".env.example: {name} has a value"


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_a_service_says_whether_it_is_well_and_comes_back(service: str) -> None:
    part = SERVICES[service]
    if service == "airflow-init":
        assert part["restart"] == "no", "a one-shot ends"
        return
    assert part["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert part["restart"] == "unless-stopped"


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_a_service_has_no_more_rights_than_it_needs(service: str) -> None:
    part = SERVICES[service]
    assert part["security_opt"] == ["no-new-privileges:true"]
    assert not part.get("privileged")
    if service in AIRFLOW:
        assert part["cap_drop"] == ["ALL"]
        assert part["user"].endswith(":0") and not part["user"].startswith("0"), "the entrypoint wants the group 0"


def test_ports_are_published_on_loopback_unless_somebody_decides_otherwise() -> None:
    published = {name: part["ports"] for name, part in SERVICES.items() if part.get("ports")}
    assert set(published) == {"api-server", "mailbox"}, "nothing else is reached from outside"
    for ports in published.values():
        for port in ports:
            assert re.match(r"(127\.0\.0\.1|\$\{\w+:-127\.0\.0\.1\}):", port), port


def test_every_airflow_service_runs_the_same_image() -> None:
    assert {name for name, part in SERVICES.items() if part.get("build")} == AIRFLOW
    assert {SERVICES[name]["image"] for name in AIRFLOW} == {f"revisit:{version('revisit')}"}
    assert {SERVICES[name]["build"] for name in AIRFLOW} == {"."}


def test_airflow_services_share_one_environment_and_the_worker_lacks_the_keys_of_the_house() -> None:
    common = COMPOSE["x-environment"]
    keys = {name for name in COMPOSE["x-airflow-environment"] if SECRET.search(name)} - set(common)
    assert {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__API_AUTH__JWT_SECRET"} < keys
    for service in AIRFLOW:
        assert common.items() <= environment(service).items()
        assert keys.isdisjoint(environment("worker")) if service == "worker" else keys <= set(environment(service))


def test_only_the_worker_and_the_set_up_write_to_the_workspace() -> None:
    for service in AIRFLOW:
        mounts = {mount["target"]: mount for mount in SERVICES[service]["volumes"]}
        assert mounts["/workspace"]["read_only"] is True
        assert "/opt/airflow/logs" in mounts
        assert ("/workspace/.revisit" in mounts) == (service in ("worker", "airflow-init"))


def test_tasks_are_handed_out_only_when_the_api_server_answers() -> None:
    for service in ("scheduler", "worker"):
        assert SERVICES[service]["depends_on"]["api-server"] == {"condition": "service_healthy"}
    done = {"condition": "service_completed_successfully"}
    assert SERVICES["api-server"]["depends_on"]["airflow-init"] == done


def version(package: str) -> str:
    with (ROOT / "uv.lock").open("rb") as file:
        (found,) = [part["version"] for part in tomllib.load(file)["package"] if part["name"] == package]
    return str(found)


def test_the_image_has_the_airflow_that_is_locked() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        wanted = tomllib.load(file)["project"]["dependencies"]
    base = re.search(r"^ARG AIRFLOW=([0-9.]+)-python3\.11$", DOCKERFILE, re.MULTILINE)
    assert base, "the base image's version is the build argument AIRFLOW"
    assert base[1] == version("apache-airflow")
    assert f"apache-airflow=={base[1]}" in wanted


def test_the_image_is_built_from_the_lock_and_runs_as_nobody_special() -> None:
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {
        "apache/airflow:${AIRFLOW}", "ghcr.io/astral-sh/uv:0.13.9", "dependencies"
    }  # fmt: skip
    assert DOCKERFILE.count("uv sync --locked --extra celery") == 2
    assert re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)[-1] == "airflow"
    from revisit.reports import system

    for library in system._PACKAGES:
        assert library in DOCKERFILE, f"the PDF renderer needs {library}"
    for name in re.findall(r"^(?:ARG|ENV) (\w+)|^\s{4}(\w+)=", DOCKERFILE, re.MULTILINE):
        assert not SECRET.search("".join(name)), f"{name}: a secret does not belong in an image"


def test_what_the_build_copies_is_let_through_and_secrets_are_not() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in ignored
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE):
        for source in line.split():
            assert f"!{source.split('/')[0]}" in ignored, f".dockerignore keeps {source} from the build"
            assert (ROOT / source).exists(), source
    uncommitted = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {"/.env", "/sources.env"} <= set(uncommitted), "what holds secrets is never committed"
