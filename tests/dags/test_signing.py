"""Who may sign: under FAB a person is known by the user name, not by a number."""

from types import SimpleNamespace

import pytest


@pytest.mark.usefixtures("airflow_database")
def test_under_fab_the_named_person_may_answer_and_nobody_else() -> None:
    from revisit_airflow.people import RevisitFabAuthManager

    allowed = RevisitFabAuthManager.is_authorized_hitl_task
    reviewer, admin = SimpleNamespace(username="reviewer", id=2), SimpleNamespace(username="admin", id=1)
    assert allowed(None, assigned_users={"reviewer"}, user=reviewer)
    assert not allowed(None, assigned_users={"reviewer"}, user=admin)
    assert "FabAuthManager" in RevisitFabAuthManager.__name__


def test_an_answer_is_signed_with_the_users_name() -> None:
    from revisit_airflow.signing import answer_of

    given = {
        "chosen_options": ["退回"],
        "params_input": {"comment": "请补充"},
        "responded_by_user": {"id": "2", "name": "reviewer"},
    }
    found = answer_of(given)
    assert (found.user, found.accepted, found.comment) == ("reviewer", False, "请补充")
