"""What a choice changes in a pack: a reading of the text that takes more than another number."""

from collections.abc import Mapping
from typing import Any


def apply(document: Any, change: Mapping[str, Any], at: tuple[str, ...] = ()) -> None:
    """Merge a change into a pack's document, in place: mappings key by key, lists of named entries name by name.

    A value replaces what stands there, `null` takes it away, a name that no entry has adds one at the end. An entry is
    named by its `id`, a step of a report's chain by its `step`. Raises LookupError, with the keys down to it, for a `null`
    where nothing stands.
    """
    for name, value in change.items():
        key = _place(document, name) if isinstance(document, list) else name
        there = key is not None and (isinstance(document, list) or key in document)
        if value is None:
            if not there:
                raise LookupError(".".join((*at, str(name))))
            del document[key]
        elif there and isinstance(value, Mapping) and isinstance(document[key], dict | list):
            apply(document[key], value, (*at, str(name)))
        elif isinstance(document, list) and not there:
            document.append({"id": name, **value} if isinstance(value, Mapping) else value)
        else:
            document[key] = value


def _place(entries: list[Any], name: str) -> int | None:
    """Where the entry of a name stands in a list."""
    named = (index for index, one in enumerate(entries) if name in (one.get("id"), one.get("step")))
    return next(named, None)
