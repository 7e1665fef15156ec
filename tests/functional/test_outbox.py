"""Delivery over real SMTP: decided once, handed over at most once by itself, and every doubt visible."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import text

from month import arrive, every, one, register, repair
from revisit.app import outbox
from revisit.app.context import Context
from revisit.app.publish import publish
from revisit.settings import Environment, Workspace
from revisit_airflow.launch import free_port

ON = date(2026, 10, 8)
AT = datetime(2026, 10, 8, 1, tzinfo=UTC)


class Server:
    """A mail server that keeps what it takes and can be told to misbehave."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.on_data = "250 OK"
        self.on_rcpt = "250 OK"
        self.hang_up = False

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if self.on_rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.on_rcpt

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.on_data.startswith("250"):
            self.kept.append(envelope.content)
        if self.hang_up:
            server.transport.close()
        return self.on_data


@pytest.fixture
def smtp() -> Iterator[tuple[Server, int]]:
    server, port = Server(), free_port()
    controller = Controller(server, hostname="127.0.0.1", port=port, data_size_limit=64 << 20)
    controller.start()
    yield server, port
    controller.stop()


@pytest.fixture
def posting(workspace: Path, database_url: str, smtp: tuple[Server, int], ctx: Context) -> Iterator[Context]:
    given = {"database_url": database_url, "draw_key": "k", "smtp_host": "127.0.0.1", "smtp_port": smtp[1]}
    made = Context(Workspace(workspace), Environment.model_validate(given))
    assert ctx.organisation == made.organisation
    yield made
    made.engine.dispose()


def queue(ctx: Context, number: int = 1, resend: bool = True, recipient: str = "a@example.com") -> bool:
    letter = outbox.Letter("list", f"L{number}", recipient, "2026-10-08", "主题", "正文", "<p>正文</p>", (), resend)
    with ctx.engine.begin() as connection:
        return outbox.queue(ctx, connection, letter, ON)


def states(ctx: Context) -> list[str]:
    return [row.state for row in every(ctx, "select state from outbox order by subject_key")]


def test_a_message_is_decided_once_and_sent_once(posting: Context, smtp: tuple[Server, int]) -> None:
    assert [queue(posting), queue(posting)] == [True, False]
    assert outbox.deliver(posting, AT).sent == 1
    assert outbox.deliver(posting, AT).sent == 0
    assert len(smtp[0].kept) == 1


def test_a_decision_that_is_rolled_back_leaves_no_message(posting: Context) -> None:
    letter = outbox.Letter("list", "L1", "a@example.com", "2026-10-08", "主题", "正文", "<p>正文</p>")
    with posting.engine.connect() as connection, connection.begin() as cause:
        assert outbox.queue(posting, connection, letter, ON)
        cause.rollback()
    assert states(posting) == []


def test_a_permanent_no_is_a_failure_and_the_others_go_on(posting: Context, smtp: tuple[Server, int]) -> None:
    queue(posting)
    smtp[0].on_rcpt = "550 no such user"
    assert outbox.deliver(posting, AT).failed == 1
    assert "550 no such user" in one(posting, "select error from outbox").error
    smtp[0].on_rcpt = "250 OK"
    queue(posting, 2)
    assert outbox.deliver(posting, AT).sent == 1


def test_a_temporary_no_waits_and_is_tried_again_later(posting: Context, smtp: tuple[Server, int]) -> None:
    queue(posting)
    smtp[0].on_data = "451 greylisted"
    assert outbox.deliver(posting, AT).postponed == 1
    smtp[0].on_data = "250 OK"
    assert outbox.deliver(posting, AT + timedelta(seconds=30)).sent == 0
    assert outbox.deliver(posting, AT + timedelta(minutes=2)).sent == 1


def test_a_mail_server_that_is_down_loses_nothing(posting: Context, workspace: Path, database_url: str) -> None:
    queue(posting)
    given = {"database_url": database_url, "draw_key": "k", "smtp_host": "127.0.0.1", "smtp_port": 1}
    down = Context(Workspace(workspace), Environment.model_validate(given))
    assert outbox.deliver(down, AT).postponed == 1
    down.engine.dispose()
    assert outbox.deliver(posting, AT + timedelta(minutes=2)).sent == 1


def test_a_lost_acknowledgement_is_uncertain_and_a_list_is_resent_once_with_the_same_message_id(
    posting: Context, smtp: tuple[Server, int]
) -> None:
    queue(posting)
    smtp[0].hang_up = True
    outbox.deliver(posting, AT)
    assert states(posting) == ["uncertain"]
    outbox.deliver(posting, AT + timedelta(hours=1))
    first, second = (message_from_bytes(content, policy=default) for content in smtp[0].kept)
    assert first["Message-ID"] == second["Message-ID"]
    assert one(posting, "select attempts from outbox").attempts == 2


def test_a_report_in_doubt_waits_for_a_person(posting: Context, smtp: tuple[Server, int]) -> None:
    queue(posting, resend=False)
    smtp[0].hang_up = True
    outbox.deliver(posting, AT)
    smtp[0].hang_up = False
    assert outbox.deliver(posting, AT + timedelta(days=1)).sent == 0
    assert states(posting) == ["uncertain"]
    assert len(smtp[0].kept) == 1


@pytest.mark.parametrize(("mark", "state"), [("sending", "sent"), ("transmitting", "uncertain")])
def test_a_worker_killed_before_the_data_loses_nothing_and_after_it_duplicates_nothing(
    posting: Context, smtp: tuple[Server, int], mark: str, state: str
) -> None:
    queue(posting, resend=False)
    with posting.engine.begin() as connection:
        connection.execute(
            text("update outbox set state = :mark, token = 1, attempts = 1, leased_until = :until"),
            {"mark": mark, "until": AT - timedelta(seconds=1)},
        )
    outbox.deliver(posting, AT)
    assert states(posting) == [state]
    assert len(smtp[0].kept) == (1 if state == "sent" else 0)


def test_a_worker_that_lost_its_lease_cannot_write(posting: Context) -> None:
    queue(posting)
    from revisit.store.database import rows, run

    with posting.engine.begin() as connection:
        (mine,) = rows(connection, "deliver/claim_message", at=AT, until=AT - timedelta(seconds=1))
        run(connection, "deliver/release_leases", at=AT)
        (theirs,) = rows(connection, "deliver/claim_message", at=AT, until=AT + timedelta(minutes=5))
        assert theirs.token == mine.token + 1
        assert run(connection, "deliver/mark_transmitting", message_id=mine.message_id, token=mine.token) == 0
        assert run(connection, "deliver/mark_transmitting", message_id=theirs.message_id, token=theirs.token) == 1


def test_four_workers_send_forty_messages_once_each(posting: Context, smtp: tuple[Server, int]) -> None:
    for number in range(40):
        queue(posting, number)
    threads = [threading.Thread(target=outbox.deliver, args=(posting, AT)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [message_from_bytes(content)["Message-ID"] for content in smtp[0].kept]
    assert len(ids) == len(set(ids)) == 40


@pytest.mark.parametrize("recipient", ["a@example.com\r\nBcc: x@example.com", "a@example.com\nX: y"])
def test_a_line_break_in_an_address_is_refused(posting: Context, recipient: str) -> None:
    with pytest.raises(ValueError, match=r"(?i)header|newline|linefeed"):
        queue(posting, recipient=recipient)


def test_a_list_mail_has_both_parts_its_deadline_and_no_personal_data_but_in_the_attachment(
    posting: Context, smtp: tuple[Server, int]
) -> None:
    register(posting, ("C1", "欧阳明日", "13812348000"))
    arrive(posting, ON, repair("R1", "2026-10-08"), repair("R2", "2026-10-08", area="JX02"))
    publish(posting, ON)
    outbox.deliver(posting, AT)
    (content,) = smtp[0].kept
    message = message_from_bytes(content, policy=default)
    assert message["Subject"] == "【回访清单】锦绣园第一客户服务中心 10月8日 共2件 最早10月10日到期"
    plain, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert plain
    assert html
    for part in (plain.get_content(), html.get_content()):
        assert "10月10日（星期六）" in part
        assert "20261008-JX-KF1" in part
        assert "欧阳" not in part
        assert "138" not in part
    (attachment,) = message.iter_attachments()
    assert attachment.get_filename() == "revisit-20261008-JX-KF1.xlsx"
