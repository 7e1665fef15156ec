"""Mounts Revisit's page in Airflow's UI. Featherlight: every task process loads this file."""

from typing import Any

from airflow.plugins_manager import AirflowPlugin


class OnFirstRequest:
    """An ASGI application that is imported when somebody asks for it, in the web server alone."""

    def __init__(self) -> None:
        self._app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self._app is None:
            from revisit_airflow.web import app

            self._app = app()
        await self._app(scope, receive, send)


class RevisitPlugin(AirflowPlugin):
    """The board under Browse, and at /revisit/."""

    name = "revisit"
    fastapi_apps = [{"app": OnFirstRequest(), "url_prefix": "/revisit", "name": "Revisit"}]  # noqa: RUF012
    external_views = [  # noqa: RUF012
        {"name": "回访看板", "href": "/revisit/", "destination": "nav", "url_route": "revisit", "nav_top_level": True}
    ]
