"""Put a pack in force: look it over, try it on the events that are there, tell what is running, bind it to its hash."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from revisit.app.check import Checked, check, lines_of
from revisit.app.context import Context, check_posts
from revisit.app.try_out import Tried, try_out
from revisit.errors import ConfigError, PackError
from revisit.policy.load import Choices, LoadedPack, require_complete
from revisit.store import packs
from revisit.store.database import migrate, rows

SHORTEST = 12  # characters of the hash that bind an approval


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pack about to be activated.

    tried: the dry run, by business line. known: whether this very content is activated already. running: how many items
    of earlier versions there are, by name, with the first day of the newest of them; None where the pack is new.
    """

    checked: Checked
    known: bool
    tried: dict[str, Tried]
    running: dict[str, Any] | None

    @property
    def loaded(self) -> LoadedPack:
        return self.checked.loaded


def propose(ctx: Context, pack: str, on: date, limit: int = 1000) -> Proposal:
    """Look over a pack of the organisation, by name or folder, and try it on the newest `limit` events of each of its lines.

    Nothing is activated. Raises PackError or ConfigError for whatever would make it wrong to activate.
    """
    folder = Path(pack) if (Path(pack) / "pack.yaml").is_file() else ctx.workspace.pack_path(pack)
    checked = check(folder, _choices(ctx, folder), on, ctx)
    loaded = checked.loaded
    require_complete(loaded)
    check_posts(ctx.organisation, loaded)
    if checked.faults:
        raise PackError(
            "\n".join(checked.faults)
            + "\nCorrect the pack or its worked cases; a pack that fails them is not activated."
        )
    name = loaded.pack.pack
    migrate(ctx.engine)
    with ctx.engine.connect() as connection:
        known = packs.refuse_taken(connection, loaded) is not None
        found = rows(connection, "activate/count_running", pack=name, first=loaded.pack.effective.from_)[0]
    tried = {line: try_out(ctx, loaded.pack, line, on, limit) for line in lines_of(ctx, name)}
    return Proposal(checked, known, tried, None if found.newest is None else dict(found._mapping))


def _choices(ctx: Context, folder: Path) -> Choices:
    """What the organisation decided about the pack of a folder; the folder's pack must be in use."""
    from revisit.policy.load import read_yaml

    name = read_yaml(folder / "pack.yaml").get("pack")
    for use in ctx.organisation.packs:
        if use.pack == name:
            return Choices(use.values, use.accept)
    raise ConfigError(
        f"organisation.yaml does not use the pack {name}. Name it under 'packs', with its line, its first day and its posts."
    )


def activate(ctx: Context, proposal: Proposal, by: str, sha256: str | None, on: date) -> bool:
    """Put a proposal in force with the approval of `by`, who gives the hash of what they saw; whether anything changed.

    The audit keeps approver, hash, and the counts of the dry run. Raises PackError where the hash is missing or another.
    """
    loaded = proposal.loaded
    if proposal.known:
        return False
    if not by.strip():
        raise PackError("an activation records who approves it. Give the person's name: --by NAME")
    _same_hash(loaded, sha256)
    detail = {
        "events": {line: tried.events for line, tried in proposal.tried.items()},
        "dry_run": {
            line: [dict(zip(("clause", "rule", "outcome", "events"), row, strict=True)) for row in tried.counts]
            for line, tried in proposal.tried.items()
        },
        "running": {key: str(value) if isinstance(value, date) else value for key, value in (proposal.running or {}).items()},
    }  # fmt: skip
    with ctx.engine.begin() as connection:
        packs.activate(connection, loaded, by.strip(), on, detail)
        for use in ctx.organisation.packs:
            if use.pack == loaded.pack.pack:
                packs.use(connection, use.pack, use.line, use.adopted_on)
    return True


def _same_hash(loaded: LoadedPack, given: str | None) -> None:
    if given is None:
        raise PackError(
            f"{loaded.path}: nothing is activated yet. To put exactly this in force, give its hash: "
            f"--sha256 {loaded.sha256[:SHORTEST]}"
        )
    if len(given) < SHORTEST:
        raise PackError(f"--sha256 {given}: {len(given)} characters are too few. Give at least the first {SHORTEST}.")
    if not loaded.sha256.startswith(given.lower()):
        raise PackError(
            f"{loaded.path}: the approval is for the hash {given}, but the file with its values now has "
            f"{loaded.sha256[:SHORTEST]}: it was changed since it was looked at. Look at it again, without --sha256."
        )


def what_happens(proposal: Proposal) -> Iterator[str]:
    """What becomes of running items, in sentences with their numbers."""
    pack, running = proposal.loaded.pack, proposal.running
    first = pack.effective.from_
    if running is None:
        yield f"{pack.pack} is new: nothing is running under it. Events of {first} and later are decided by it."
        return
    yield (
        f"The event's day chooses the version: {first} and later this one, earlier days the version from {running['newest']}, "
        f"also for events that arrive or are corrected later."
    )
    yield (
        f"{running['tasks']:,} open tasks keep their window, clause and assignment; {running['waiting']:,} decisions that wait "
        f"for a rate, a fact or a condition are settled by the version that took them."
    )
    if running["cadences"]:
        yield (
            f"{running['cadences']:,} duties that come again go on under the version they began with, with its interval, until "
            f"they end; they do not move to the new one."
        )
    if running["issues"]:
        yield f"{running['issues']:,} open issues are closed, and called back about, under the version of their contact."
    yield "What follows a contact (a reminder, an agreed date) comes from the version of that contact."
    if pack.quotas:
        part = (
            f"; {first:%Y-%m} is drawn in two parts, each rounded up by itself"
            if first.day > 1 and running["strata"]
            else ""
        )
        yield f"Draws that were made stand. The new version counts its strata from nothing{part}."
    if any(quota.union for quota in pack.quotas) and (first.month, first.day) != (1, 1):
        yield f"Who was drawn earlier in {first.year} is not known to the new version: its rounds begin anew."
    if rates := sorted({str(quota.decided) for quota in pack.quotas if quota.decided}):
        yield f"Rates decided by month hold for both versions: {', '.join(rates)}."
    if running["decided_anew"]:
        yield (
            f"{running['decided_anew']:,} events of {first} and later were decided ahead by the earlier version: these decisions "
            f"are withdrawn, and this version decides the events."
        )
    if running["handed_out"]:
        yield (
            f"{running['handed_out']:,} events of {first} and later are on a list already: they stay with the earlier version, "
            f"unless the source corrects them."
        )
