"""How commands answer: a table for people, one JSON document with --json, errors on standard error."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any, TypeVar

from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from revisit.errors import RevisitError

T = TypeVar("T")
_ENDLESS = 100_000
out, err = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)


def _plain(value: Any) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def show(found: Any, as_json: bool) -> None:
    """Print a result: a dataclass or a list of them."""
    if as_json:
        plain = [_plain(item) for item in found] if isinstance(found, list | tuple) else _plain(found)
        out.print_json(json.dumps(plain, ensure_ascii=False, default=str))
        return
    items: Sequence[Mapping[str, Any]] = [
        _plain(item) for item in (found if isinstance(found, list | tuple) else [found])
    ]
    if not items:
        out.print("nothing to do")
        return
    table = Table()
    for name in items[0]:
        table.add_column(name)
    for item in items:
        table.add_row(*(Text(_cell(value)) for value in item.values()))  # a text with brackets is no markup
    out.print(table)


def show_tree(sentence: str, branches: Iterable[tuple[str, Sequence[str]]]) -> None:
    """Print a sentence with branches of lines below it; a terminal wraps long lines under their branch, a pipe keeps them."""
    tree = Tree(Text(sentence, "bold"))
    for heading, lines in branches:
        branch = tree.add(Text(heading, "cyan"))
        for line in lines:
            branch.add(Text(line))
    (out if out.is_terminal else Console(width=_ENDLESS)).print(tree, soft_wrap=False)


def _cell(value: Any) -> str:
    if isinstance(value, Mapping):
        return "\n".join(f"{name}: {count}" for name, count in value.items())
    return "" if value is None else str(value)


def progress(items: Iterable[T], what: str) -> Iterator[T]:
    """Go through items behind a progress bar on standard error."""
    yield from track(items, description=what, console=err, transient=True)


def complain(error: RevisitError) -> None:
    err.print(f"[bold red]revisit:[/] {escape(str(error))}", highlight=False)
