"""The board inside Airflow's UI: how today stands, read only, for signed-in users."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.core_api.security import get_user
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from revisit.app.board import board
from revisit.app.context import context
from revisit.errors import RevisitError
from revisit.templates import render

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def app() -> FastAPI:
    """One page; who is not signed in is sent to Airflow's login."""
    made = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    ctx = context()

    @made.get("/", response_class=HTMLResponse)
    async def today(request: Request, on: date | None = None) -> Response:
        try:
            user = await get_user(request, None, None)
        except HTTPException:
            return RedirectResponse(get_auth_manager().get_url_login(next_url=str(request.url)))
        try:
            day = on or datetime.now(ZoneInfo(ctx.organisation.time_zone)).date()
            page = render("pages/board.html", user=user.get_name(), board=board(ctx, day))
        except RevisitError as error:
            return HTMLResponse(render("pages/trouble.html", message=str(error)), 503, headers=_HEADERS)
        return HTMLResponse(page, headers=_HEADERS)

    return made
