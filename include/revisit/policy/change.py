"""What a choice changes in a pack: a reading of the text that takes more than another number."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any


def apply(document: Any, change: Mapping[str, Any], at: tuple[str, ...] = ()) -> None:
    """Merge a change into a pack's document, in place: mappings key by key, lists of named entries name by name.

    A value replaces what stands there, and `null` takes it away. An entry is named by its `id`, a step of a report's chain by
    its `step`; one that comes new says so (`new: true`), and stands at the end. Raises LookupError, with the keys down to it,
    where a name is not there that should be, or is there and should not.
    """
    for name, value in change.items():
        listed, here = isinstance(document, list), ".".join((*at, str(name)))
        key = _place(document, name, here) if listed else name
        there = key is not None and (listed or key in document)
        new = listed and isinstance(value, Mapping) and bool(value.get("new"))
        if value is None and not there:
            raise LookupError(f"there is no {here} to take away; correct the name")
        if listed and value is not None and (not isinstance(value, Mapping) or "id" in value):
            raise LookupError(
                f"{here} is an entry with keys, named by its key here; write {{key: value}}, without 'id'"
            )
        if listed and there == new:
            raise LookupError(
                f"{here} is there already; leave 'new' out, or rename it" if new else f"there is no {here}; correct the name, "
                f"or write 'new: true' where it is meant to be added"
            )  # fmt: skip
        if value is None:
            del document[key]
        elif new:
            document.append({"id": name, **{part: one for part, one in value.items() if part != "new"}})
        elif there and isinstance(value, Mapping) and isinstance(document[key], dict | list):
            document[key] = deepcopy(document[key])  # an alias elsewhere stays as it is
            apply(document[key], value, (*at, str(name)))
        else:
            document[key] = value


def _place(entries: list[Any], name: str, here: str) -> int | None:
    """Where the entry of a name stands in a list."""
    if not all(isinstance(one, Mapping) for one in entries):
        raise LookupError(f"{here}: the entries of this list have no names; write the whole list")
    named = (index for index, one in enumerate(entries) if name in (one.get("id"), one.get("step")))
    return next(named, None)
