"""Where the files that travel with the package lie: in the wheel, or beside it in a checkout."""

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).parent
_IN_CHECKOUT = {"policies": "include/policies", "config": "include/config"}


def folder(name: str) -> Path:
    """The folder `sql`, `reports_templates`, `policies` or `config`."""
    installed = _PACKAGE / "_data" / name
    return installed if installed.is_dir() else _PACKAGE.parents[1] / _IN_CHECKOUT.get(name, name)


@cache
def sql(name: str) -> str:
    """The statement in `sql/<name>.sql`."""
    return (folder("sql") / f"{name}.sql").read_text("utf-8")
