"""One report in three forms: a page for the browser, a PDF to sign and keep, a workbook to calculate with.

The same report gives the same bytes, in whichever process.
"""

from pathlib import Path
from typing import Any

import structlog

from revisit.reports import words
from revisit.reports.fonts import FAMILY, WEIGHTS, static_fonts
from revisit.reports.model import Report
from revisit.reports.view import period_view
from revisit.reports.workbook import render_xlsx

__all__ = ["render_html", "render_pdf", "render_xlsx"]

log = structlog.get_logger()


def render_html(report: Report) -> str:
    """The whole report as one page that needs nothing else: no script, no network."""
    return words.environment().get_template("reports/period.html.j2").render(view=period_view(report))


def render_pdf(report: Report, fonts: Path) -> bytes:
    """The same page as PDF/UA on A4, Chinese fonts embedded; `fonts` is the folder they are cached in.

    WeasyPrint is loaded here and not with the module: its import takes a second.
    """
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    warn_if_slow()
    faces = dict(zip(WEIGHTS, (path.resolve().as_uri() for path in static_fonts(fonts)), strict=True))
    fetcher = only_fonts(frozenset(faces.values()))
    configuration = FontConfiguration()
    css = "".join(
        f'@font-face {{ font-family: "{FAMILY}"; font-weight: {weight}; src: url("{url}") }}\n'
        for weight, url in faces.items()
    )
    sheet = CSS(string=css, font_config=configuration, url_fetcher=fetcher)
    document: bytes = HTML(string=render_html(report), url_fetcher=fetcher).write_pdf(
        stylesheets=[sheet],
        font_config=configuration,
        pdf_identifier=report.sha256()[:32].encode(),
        pdf_variant="pdf/ua-1",
    )
    return document


def warn_if_slow() -> bool:
    """Whether harfbuzz-subset is missing; says what to install, since WeasyPrint's own warning is not seen."""
    from weasyprint.text import ffi

    missing = ffi.harfbuzz_subset is None
    if missing:
        log.warning(
            "pdf.slow",
            problem="libharfbuzz-subset is missing: a PDF takes four times as long",
            remedy="apt-get install libharfbuzz-subset0",
        )
    return missing


def only_fonts(allowed: frozenset[str]) -> Any:
    """A fetcher for WeasyPrint that opens these file addresses and refuses every other."""
    from weasyprint.urls import URLFetcher

    class OnlyTheFonts(URLFetcher):  # type: ignore[misc]
        """Opens the named files and nothing else: no network, no other file, no redirect."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            if url not in allowed:
                raise ValueError(f"a report loads nothing but its fonts, and not {url}")
            return super().fetch(url, headers)

    return OnlyTheFonts(allowed_protocols=("file",), allow_redirects=False)
