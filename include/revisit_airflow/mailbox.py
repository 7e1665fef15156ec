"""The demo's mailbox: takes every mail on loopback and shows it in a browser. For looking, never for production.

Run as `python -m revisit_airflow.mailbox FOLDER SMTP_PORT HTTP_PORT`; the password is in MAILBOX_PASSWORD.
"""

import os
import secrets
import signal
import sys
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import escape
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import HTMLResponse, Response
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from revisit.templates import render

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Keeper:
    """Keeps each accepted message as a file, numbered in order of arrival."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        number = len(list(self.folder.glob("*.eml"))) + 1
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        part = self.folder / f"{number:06d}.part"
        part.write_bytes(content)
        part.rename(part.with_suffix(".eml"))
        return "250 Kept"

    def message(self, number: int) -> EmailMessage:
        path = self.folder / f"{number:06d}.eml"
        if not path.is_file():
            raise HTTPException(404, "no such message")
        found = message_from_bytes(path.read_bytes(), policy=default)
        assert isinstance(found, EmailMessage)
        return found


def web(keeper: Keeper, password: str) -> FastAPI:
    """The pages: the list of messages, one message, its HTML part, its attachments."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    basic = HTTPBasic(realm="Revisit mailbox")

    def signed_in(given: Annotated[HTTPBasicCredentials, Depends(basic)]) -> None:
        if not secrets.compare_digest(given.password.encode(), password.encode()):
            raise HTTPException(401, "wrong password", {"WWW-Authenticate": "Basic"})

    guarded: dict[str, Any] = {"dependencies": [Depends(signed_in)]}

    @app.get("/", response_class=HTMLResponse, **guarded)
    def messages() -> Response:
        found = []
        for path in sorted(keeper.folder.glob("*.eml"), reverse=True):
            message = message_from_bytes(path.read_bytes(), policy=default)
            found.append(
                {"number": int(path.stem), "subject": message["Subject"], "to": message["To"], "date": message["Date"]}
            )
        return HTMLResponse(render("pages/mailbox.html", messages=found), headers=_HEADERS)

    @app.get("/{number}", response_class=HTMLResponse, **guarded)
    def one(number: int) -> Response:
        message = keeper.message(number)
        text = message.get_body(("plain",))
        files = [part.get_filename() for part in message.iter_attachments()]
        view = {
            "number": number,
            "headers": [(name, message[name]) for name in ("From", "To", "Reply-To", "Subject", "Date", "Message-ID")],
            "text": text.get_content() if text else "",
            "files": list(enumerate(files)),
        }
        return HTMLResponse(render("pages/message.html", **view), headers=_HEADERS)

    @app.get("/{number}/html", response_class=HTMLResponse, **guarded)
    def html(number: int) -> Response:
        part = keeper.message(number).get_body(("html",))
        content = part.get_content() if part else "<p></p>"
        return HTMLResponse(
            content, headers={**_HEADERS, "Content-Security-Policy": "sandbox; " + _HEADERS["Content-Security-Policy"]}
        )

    @app.get("/{number}/files/{index}", **guarded)
    def attachment(number: int, index: int) -> Response:
        parts = list(keeper.message(number).iter_attachments())
        if index >= len(parts):
            raise HTTPException(404, "no such attachment")
        name = escape(parts[index].get_filename() or "attachment").encode("ascii", "ignore").decode()
        headers = {**_HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
        content = parts[index].get_payload(decode=True)
        assert isinstance(content, bytes)
        return Response(content, media_type=parts[index].get_content_type(), headers=headers)

    return app


def main(folder: Path, smtp_port: int, http_port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    keeper = Keeper(folder)
    controller = Controller(keeper, hostname="127.0.0.1", port=smtp_port, data_size_limit=64 << 20)
    controller.start()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        uvicorn.run(web(keeper, os.environ["MAILBOX_PASSWORD"]), host="127.0.0.1", port=http_port, log_level="warning")
    finally:
        controller.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
