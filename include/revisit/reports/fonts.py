"""The two Chinese fonts of the PDF: static weights, cut once from the variable font and kept in a cache folder.

WeasyPrint sets a variable font three times slower than a static one, and prints bold only where a bold font exists.
"""

import os
import tempfile
from importlib.resources import as_file, files
from pathlib import Path

import structlog

from revisit.errors import ConfigError

FAMILY = "Revisit Sans SC"
WEIGHTS = (400, 700)

log = structlog.get_logger()


def font_path(folder: Path, weight: int) -> Path:
    """Where `static_fonts` keeps a weight."""
    return folder / f"NotoSansSC-{weight}.ttf"


def static_fonts(folder: Path) -> tuple[Path, ...]:
    """The paths of weights 400 and 700 in `folder`, made there first where they are missing (15 s each).

    The same variable font gives the same bytes. Two processes may do this at once: each writes a file of its own
    and renames it, so that a reader sees a whole font or none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(font_path(folder, weight) for weight in WEIGHTS)
    for weight, path in zip(WEIGHTS, paths, strict=True):
        if not path.exists():
            log.info("fonts.instantiating", weight=weight, seconds="about 15", once_into=path.name)
            _instantiate(weight, path)
    return paths


def _instantiate(weight: int, path: Path) -> None:
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    source = files("justmytype_intl_cjk") / "fonts" / "ofl" / "notosanssc" / "NotoSansSC[wght].ttf"
    if not source.is_file():
        raise ConfigError(
            "the Chinese font NotoSansSC[wght].ttf is missing from the package justmytype-intl-cjk. "
            "Install it again with: pip install --force-reinstall justmytype-intl-cjk==0.1.0"
        )
    with as_file(source) as variable, TTFont(variable, recalcTimestamp=False) as font:
        instancer.instantiateVariableFont(font, {"wght": weight}, inplace=True, updateFontNames=True)
        handle, made = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                font.save(file)
            Path(made).chmod(0o644)
            Path(made).replace(path)
        except BaseException:
            Path(made).unlink(missing_ok=True)
            raise
