"""Who may sign a report in Airflow, and how their answer is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

ACCEPT, RETURN = "通过", "退回"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person answered under Required Actions."""

    user: str
    accepted: bool
    comment: str


def answer_of(result: Mapping[str, Any]) -> Answer:
    """Read the result of a human-in-the-loop operator; an answer without a person raises ValueError."""
    user = result.get("responded_by_user") or {}
    name = user.get("name") or user.get("id")
    if not name:
        raise ValueError("the answer names nobody; a report is signed by a person, never by a timeout")
    comment = (result.get("params_input") or {}).get("comment") or ""
    return Answer(str(name), list(result["chosen_options"]) == [ACCEPT], str(comment))


def signer(post: Literal["reviewer", "approver"]) -> list[dict[str, str]] | None:
    """The Airflow user who holds a post, from organisation.yaml; anybody where there is no workspace to read."""
    from revisit.errors import RevisitError
    from revisit.settings import Environment, Workspace

    try:
        person = getattr(Workspace(Environment().workspace).organisation.reports, post)
    except RevisitError:
        return None
    return [{"id": person.user, "name": person.name}] if person.user else None
