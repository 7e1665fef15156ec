"""What differs from one installation to the next: environment variables, and the workspace's organisation.yaml.

Read by `app`, `cli` and the DAGs only, and handed inward as values.
"""

import secrets
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from revisit import resources
from revisit.domain.ladder import Step
from revisit.errors import ConfigError
from revisit.policy.load import Choices, LoadedPack, load_pack
from revisit.policy.model import Rate


def _first_of_month(value: object) -> object:
    return f"{value}-01" if isinstance(value, str) and len(value) == 7 else value


CallsADay = Annotated[int | None, Field(ge=1)]  # contacts that can be made on a working day; None: not stated


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Person(_Strict):
    """Somebody with a post; `user` is the name they sign in to Airflow with."""

    name: str
    mail: EmailStr
    user: str | None = None
    calls_a_day: CallsADay = None


class Approval(_Strict):
    """Who approved a pack before the first set-up, and the start of the hash of what they approved."""

    by: str
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{12,64}$")] | None = None


class PackInUse(_Strict):
    """A pack governs a business line from a day on; its open numbers are set or accepted by name.

    `categories`: which department solves which category of problems. `feeds`: the source of each of the pack's feeds.
    """

    pack: str
    line: str
    adopted_on: date
    accept: tuple[str, ...] = ()
    values: dict[str, Any] = {}
    gates: tuple[str, ...] = ()
    categories: dict[str, str] = {}
    feeds: dict[str, str] = {}
    approved: Approval | None = None
    posts: dict[str, Person]


class Department(_Strict):
    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,20}$")]
    name: str
    line: str
    mail: EmailStr
    head: str
    head_mail: EmailStr
    calls_a_day: CallsADay = None


class Area(_Strict):
    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,20}$")]
    name: str
    department: str
    administrator: str
    calls_a_day: CallsADay = None


class Rung(_Strict):
    step: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    title: str
    after: int
    to: Literal["department", "department_head", "director"]


class Responses(_Strict):
    """How long a department has to answer an issue, and who hears of it when."""

    due_workdays: Annotated[int, Field(ge=1)]
    ladder: tuple[Rung, ...]

    def steps(self) -> tuple[Step, ...]:
        return tuple(Step(rung.step, rung.after, rung.to) for rung in self.ladder)


class Mail(_Strict):
    sender: str
    reply_to: EmailStr
    operations: EmailStr
    host: str = "127.0.0.1"
    port: int = 25
    user: str | None = None
    starttls: bool = False


class Reports(_Strict):
    recipients: tuple[EmailStr, ...]
    author: str
    reviewer: Person
    approver: Person


class RateDecided(_Strict):
    """A rate that a regulation leaves to a role, decided for one month."""

    parameter: str
    period: Annotated[date, BeforeValidator(_first_of_month)]
    rate: Rate
    decided_by: str
    decided_on: date


class DatedOccasion(_Strict):
    """A festival or a milestone of the organisation, for all lines or one."""

    kind: Literal["festival", "milestone"]
    name: str
    day: date
    line: str | None = None


class Organisation(_Strict):
    """organisation.yaml."""

    name: str
    calendar: str = "cn"
    time_zone: str = "Asia/Shanghai"
    language: Literal["zh_Hans", "zh_Hant", "en"] = "zh_Hans"
    invented: bool = False
    merge_slack_days: Annotated[int, Field(ge=0)] = 1
    packs: tuple[PackInUse, ...]
    departments: tuple[Department, ...]
    areas: tuple[Area, ...]
    responses: Responses
    mail: Mail
    reports: Reports
    rates: tuple[RateDecided, ...] = ()
    occasions: tuple[DatedOccasion, ...] = ()

    def calls_a_day(self) -> dict[str, int]:
        """By name: the calls that a person can make on a working day, for whom it is stated; the larger of two."""
        holders = [(area.administrator, area.calls_a_day) for area in self.areas]
        holders += [(person.name, person.calls_a_day) for use in self.packs for person in use.posts.values()]
        found: dict[str, int] = {}
        for name, calls in holders:
            if calls is not None:
                found[name] = max(calls, found.get(name, 0))
        return found

    @model_validator(mode="after")
    def _names_exist(self) -> "Organisation":
        departments = {d.code for d in self.departments}
        for area in self.areas:
            if area.department not in departments:
                raise ValueError(f"area {area.code} belongs to the unknown department '{area.department}'")
        for use in self.packs:
            if strange := set(use.categories.values()) - departments:
                raise ValueError(f"{use.pack}: categories go to the unknown department(s) {', '.join(sorted(strange))}")
        if self.reports.reviewer.user == self.reports.approver.user:
            raise ValueError("a report is reviewed and approved by two different people; give them different 'user's")
        for use in self.packs:
            for other in self.packs:
                if use.pack == other.pack and (use.values, set(use.accept)) != (other.values, set(other.accept)):
                    raise ValueError(f"{use.pack} is used for two lines with different values; they must be the same")
        return self


class Environment(BaseSettings):
    """Environment variables REVISIT_*."""

    model_config = SettingsConfigDict(env_prefix="REVISIT_", extra="ignore")

    workspace: Path = Path()
    database_url: SecretStr | None = None
    draw_key: SecretStr | None = None
    smtp_host: str | None = None
    smtp_port: int | None = None
    smtp_password: SecretStr | None = None
    fonts: Path = Field(default_factory=lambda: platformdirs.user_cache_path("revisit") / "fonts")


class Workspace:
    """A folder with organisation.yaml, sources/ and packs/; what the system writes goes to its .revisit/."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    @property
    def state(self) -> Path:
        return self.folder / ".revisit"

    @cached_property
    def organisation(self) -> Organisation:
        path = self.folder / "organisation.yaml"
        try:
            return Organisation.model_validate(YAML(typ="safe").load(path.read_text("utf-8")))
        except FileNotFoundError:
            raise ConfigError(
                f"{self.folder} is no workspace: it has no organisation.yaml. Create one with: revisit init {self.folder}"
            ) from None
        except (YAMLError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path}: not valid YAML: {error}") from error
        except ValidationError as error:
            faults = "\n".join(f"{path}: {'.'.join(map(str, f['loc'])) or 'file'}: {f['msg']}." for f in error.errors())
            raise ConfigError(faults) from error

    def pack_path(self, name: str) -> Path:
        """A pack of the workspace itself, or one that came with the product."""
        for folder in (self.folder / "packs" / name, resources.folder("policies") / name):
            if (folder / "pack.yaml").is_file():
                return folder
        known = ", ".join(sorted(path.parent.name for path in resources.folder("policies").glob("*/pack.yaml")))
        raise ConfigError(
            f"there is no pack '{name}'. Put it in {self.folder / 'packs' / name}, or use one of: {known}."
        )

    def packs(self) -> list[LoadedPack]:
        """The packs in use, each once, under the organisation's choices."""
        uses = {use.pack: use for use in self.organisation.packs}
        return [load_pack(self.pack_path(name), Choices(use.values, use.accept)) for name, use in uses.items()]

    def draw_key(self, environment: Environment) -> bytes:
        """The key of the draws: from the environment, or a random one kept beside the data."""
        if environment.draw_key:
            return environment.draw_key.get_secret_value().encode()
        path = self.state / "draw.key"
        if not path.exists():
            self.state.mkdir(parents=True, exist_ok=True)
            path.write_text(secrets.token_hex(32))
            path.chmod(0o600)
        return bytes.fromhex(path.read_text().strip())
