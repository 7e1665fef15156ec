"""Airflow's users in production (FAB), known to human-in-the-loop tasks by the name they sign in with."""

from collections.abc import Collection
from typing import Any

from airflow.providers.fab.auth_manager.fab_auth_manager import FabAuthManager


class RevisitFabAuthManager(FabAuthManager):
    """FAB's own users have numbers; organisation.yaml names people by their user name, and so does a report's signature.

    Airflow looks for the text "FabAuthManager" in the class name; keep it there.
    """

    def is_authorized_hitl_task(self, *, assigned_users: Collection[str], user: Any) -> bool:
        """Whether a person may answer: the user name is among those the question was put to."""
        return user.username in assigned_users
