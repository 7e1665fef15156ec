"""What every step needs: the workspace, the store, and the organisation written into it."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, inspect
from sqlalchemy.dialects.postgresql import insert

from revisit.domain.calendar import WorkingDays
from revisit.errors import ConfigError, PackError
from revisit.policy.load import LoadedPack
from revisit.policy.model import Pack
from revisit.settings import Environment, Organisation, PackInUse, Workspace
from revisit.store import calendars, packs, tables
from revisit.store.database import connect, migrate
from revisit.store.embedded import Embedded


@dataclass(frozen=True)
class Context:
    """One workspace with its store."""

    workspace: Workspace
    environment: Environment

    @property
    def organisation(self) -> Organisation:
        return self.workspace.organisation

    @cached_property
    def database_url(self) -> str:
        if self.environment.database_url:
            return self.environment.database_url.get_secret_value()
        embedded = Embedded(self.workspace.state / "postgres")
        embedded.start()
        return embedded.url()

    @cached_property
    def engine(self) -> Engine:
        return connect(self.database_url)

    @cached_property
    def working_days(self) -> WorkingDays:
        with self.engine.connect() as connection:
            return calendars.working_days(connection, self.organisation.calendar)

    @cached_property
    def pack_files(self) -> dict[str, LoadedPack]:
        """The packs in use as their files stand, activated or not."""
        return {loaded.pack.pack: loaded for loaded in self.workspace.packs()}

    @cached_property
    def packs(self) -> dict[str, LoadedPack]:
        """The packs in use as they were activated last: a file that was changed since counts only once it is activated.

        Before the first activation, as their files stand.
        """
        known: dict[str, LoadedPack] = {}
        if inspect(self.engine).has_table(tables.pack_version.name):
            with self.engine.connect() as connection:
                known = packs.newest(connection)
        names = dict.fromkeys(use.pack for use in self.organisation.packs)
        return {name: known[name] if name in known else self.pack_files[name] for name in names}

    def packs_on(self, day: date) -> dict[str, LoadedPack]:
        """The packs in use under the version that is in force on a day: one activated ahead waits for its first day.

        Where none has begun yet, the one activated last.
        """
        return {name: self._version_on(loaded, day) for name, loaded in self.packs.items()}

    def _version_on(self, newest: LoadedPack, day: date) -> LoadedPack:
        if newest.pack.effective.from_ <= day:
            return newest
        with self.engine.connect() as connection:
            return packs.in_force(connection, newest.pack.pack, day) or newest

    @cached_property
    def pack_versions(self) -> dict[int, Pack]:
        """Every pack version that was ever in force: what was decided under it is explained and assigned by it."""
        with self.engine.connect() as connection:
            return packs.versions(connection)

    @cached_property
    def draw_key(self) -> bytes:
        return self.workspace.draw_key(self.environment)

    @property
    def lists(self) -> Path:
        return self.workspace.state / "lists"

    @property
    def returns(self) -> Path:
        return self.workspace.state / "returns"

    @property
    def reports(self) -> Path:
        return self.workspace.state / "reports"

    @property
    def docs(self) -> Path:
        return self.workspace.state / "contracts"


def context(folder: Path | None = None) -> Context:
    """The context of a folder, or of REVISIT_WORKSPACE, or of the current folder."""
    environment = Environment()
    return Context(Workspace(folder or environment.workspace), environment)


def _put(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    """Write register rows by key; what is no longer named stays, since history refers to it."""
    if not rows:
        return
    row = insert(table)
    keys = [column.name for column in table.primary_key]
    values = {name: row.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(row.on_conflict_do_update(index_elements=keys, set_=values), rows)


def set_up(ctx: Context, by: str, on: date) -> list[LoadedPack]:
    """Migrate the store, seed the calendar, write the organisation's registers; the packs that wait for their approval.

    In a store without packs all are activated, and later those whose first version the organisation approves by its hash;
    others, and new versions, wait for `revisit pack activate`. Safe to run again. Raises PackError and ConfigError before
    anything is written.
    """
    organisation, loaded = ctx.organisation, ctx.pack_files
    for name in loaded:
        check_posts(organisation, loaded[name])
    migrate(ctx.engine)
    with ctx.engine.begin() as connection:
        calendars.seed(connection, organisation.calendar)
        _put(
            connection,
            tables.department,
            [
                {
                    "department": d.code,
                    "name": d.name,
                    "line": d.line,
                    "mail": d.mail,
                    "head": d.head,
                    "head_mail": d.head_mail,
                }
                for d in organisation.departments
            ],
        )
        _put(
            connection,
            tables.area,
            [
                {"area": a.code, "name": a.name, "department": a.department, "administrator": a.administrator}
                for a in organisation.areas
            ],
        )
        known = packs.newest(connection)
        waiting = {
            name: pack for name, pack in loaded.items() if packs.refuse_taken(connection, pack) is None and known
        }
        for use in organisation.packs:
            if use.pack not in known and (not known or (use.approved and use.approved.sha256)):
                _approved(use, loaded[use.pack])
                approver = use.approved.by if use.approved else organisation.reports.approver.name
                packs.activate(connection, loaded[use.pack], approver, on, {"first": True, "written_by": by})
                waiting.pop(use.pack, None)
            packs.use(connection, use.pack, use.line, use.adopted_on)
        _put(
            connection,
            tables.rate_decision,
            [
                {
                    "parameter": r.parameter,
                    "period": r.period,
                    "numerator": r.rate.numerator,
                    "denominator": r.rate.denominator,
                    "decided_by": r.decided_by,
                    "decided_on": r.decided_on,
                }
                for r in organisation.rates
            ],
        )
    return list(waiting.values())


def check_posts(organisation: Organisation, loaded: LoadedPack) -> None:
    """Raise ConfigError where a pack in use asks for a post of the office that nobody holds."""
    wanted = {role.id for role in loaded.pack.roles if role.seat == "office"}
    for use in organisation.packs:
        if use.pack == loaded.pack.pack and (missing := wanted - set(use.posts)):
            raise ConfigError(
                f"organisation.yaml: the pack {use.pack} needs somebody for: {', '.join(sorted(missing))}. "
                f"Name them under the pack's 'posts'."
            )
        categories = loaded.pack.on_result.categories
        known = {
            "feeds": {feed.id for feed in loaded.pack.feeds},
            "categories": set(categories.titles if categories else ()),
        }
        for section, names in known.items():
            if use.pack == loaded.pack.pack and (strange := set(getattr(use, section)) - names):
                raise ConfigError(
                    f"organisation.yaml: the pack {use.pack} has no {section} {', '.join(sorted(strange))}; it has: "
                    f"{', '.join(sorted(names)) or 'none'}. Correct the name."
                )


def _approved(use: PackInUse, loaded: LoadedPack) -> None:
    """Refuse a first activation of other content than the organisation says was approved."""
    if use.approved and use.approved.sha256 and not loaded.sha256.startswith(use.approved.sha256):
        raise PackError(
            f"{loaded.path}: organisation.yaml says that {use.pack} was approved with the hash {use.approved.sha256}, but "
            f"the file and its values have {loaded.sha256[:12]}. Put back what was approved, or have this approved and "
            f"write its hash."
        )
