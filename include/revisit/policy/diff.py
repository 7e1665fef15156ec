"""Two versions of a pack, or two packs, compared in sentences."""

from collections.abc import Iterator, Mapping
from typing import Any

from revisit.policy.model import Pack

_NAMED = (
    "rules", "quotas", "parameters", "roles", "gates", "qualifications", "detections", "metrics", "guidance", "ratings", "texts"
)  # fmt: skip


def diff(old: Pack, new: Pack) -> Iterator[str]:
    """What changes from `old` to `new`, one sentence each, with the day it takes effect; nothing where they say the same."""
    yield from _compare("", old.model_dump(mode="json", by_alias=True), new.model_dump(mode="json", by_alias=True), new)


def _compare(where: str, old: Any, new: Any, pack: Pack) -> Iterator[str]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in [*new, *(key for key in old if key not in new)]:
            yield from _compare(f"{where}.{key}" if where else key, old.get(key), new.get(key), pack)
    elif isinstance(old, list) and isinstance(new, list) and where.rpartition(".")[2] in _NAMED:
        before, after = {_key(one): one for one in old}, {_key(one): one for one in new}
        for name in [*after, *(name for name in before if name not in after)]:
            if name not in before:
                yield f"{where}: {_title(after[name])} is new, from {pack.effective.from_}."
            elif name not in after:
                yield f"{where}: {_title(before[name])} is gone, from {pack.effective.from_}."
            else:
                yield from _compare(f"{where}: {_title(after[name])}", before[name], after[name], pack)
    else:
        yield f"{where}: {_text(old)} → {_text(new)}, from {pack.effective.from_}."


def _key(entry: Mapping[str, Any]) -> str:
    return str(entry.get("id") or entry.get("clause"))


def _title(entry: Mapping[str, Any]) -> str:
    name = entry.get("name") or entry.get("title") or entry.get("means") or ""
    return f"{_key(entry)} {name}".strip()


def _text(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, list):
        return "[" + ", ".join(_text(one) for one in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_text(one)}" for key, one in value.items() if one not in (None, [], {})) + "}"
    return str(value)
