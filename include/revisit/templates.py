"""The one Jinja environment: everything is escaped, an unknown name is an error, and formatting comes as filters."""

from datetime import date
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from revisit import resources

_WEEKDAYS = "一二三四五六日"


def day(value: date) -> str:
    """2026-10-08 as 10月8日."""
    return f"{value.month}月{value.day}日"


def day_and_weekday(value: date) -> str:
    """2026-10-08 as 10月8日（星期四）."""
    return f"{day(value)}（星期{_WEEKDAYS[value.weekday()]}）"


@cache
def environment() -> Environment:
    """Templates of `reports_templates/`; HTML and text alike are autoescaped unless the file ends in .txt.j2."""
    found = Environment(
        loader=FileSystemLoader(resources.folder("reports_templates")),
        autoescape=lambda name: name is None or not name.endswith((".txt.j2", ".md.j2")),  # noqa: S701 - no HTML in these
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters |= {"day": day, "day_and_weekday": day_and_weekday}
    return found


def render(name: str, /, **values: object) -> str:
    """Render `reports_templates/<name>.j2`."""
    return environment().get_template(f"{name}.j2").render(values)
