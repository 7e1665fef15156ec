"""The outbox: a message is decided once, in the transaction of its cause, and delivered later."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from revisit.app.context import Context
from revisit.delivery.mail import build
from revisit.delivery.smtp import Answer, Server, connected
from revisit.errors import RevisitError
from revisit.store import tables
from revisit.store.database import added, audit, rows, run
from revisit.templates import render

log = structlog.get_logger()
_NAMESPACE = uuid.UUID("6d1b3c52-52a5-4f0a-9f3e-2f5f6f0b7a11")
LEASE = timedelta(minutes=5)
_BACKOFF = (1, 5, 15, 60, 240, 720)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to one recipient. It is unique by kind, subject key, recipient and period.

    `resend_uncertain`: whether a message whose delivery is in doubt may go out again by itself (a list may, with
    the same Message-ID; a report to management waits for a person).
    """

    kind: str
    subject_key: str
    recipient: str
    period: str
    subject: str
    text: str
    html: str
    attachments: tuple[tuple[str, bytes], ...] = ()
    resend_uncertain: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """A short letter: a title, paragraphs, and facts as (label, value)."""

    title: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Delivered:
    """Counts of one delivery run."""

    sent: int
    uncertain: int
    failed: int
    postponed: int


def notify(
    ctx: Context, connection: Connection, kind: str, key: str, to: tuple[str, str], notice: Notice, on: date,
    attachments: tuple[tuple[str, bytes], ...] = (),
) -> bool:  # fmt: skip
    """Queue a notice to (name, mail), once for its kind and key; False where it was queued before."""
    name, mail = to
    view = {
        "name": name,
        "title": notice.title,
        "paragraphs": notice.paragraphs,
        "facts": notice.facts,
        "organisation": ctx.organisation.name,
        "invented": ctx.organisation.invented,
        "reply_to": ctx.organisation.mail.reply_to,
    }
    letter = Letter(
        kind=kind,
        subject_key=key,
        recipient=mail,
        period="",
        subject=f"【{notice.title}】{notice.paragraphs[0]}",
        text=render("emails/notice.txt", **view),
        html=render("emails/notice.html", **view),
        attachments=attachments,
        resend_uncertain=True,
    )
    return queue(ctx, connection, letter, on)


def queue(ctx: Context, connection: Connection, letter: Letter, on: date) -> bool:
    """Decide a message; False where it was decided before. Nothing is sent here."""
    key = "\x1f".join((letter.kind, letter.subject_key, letter.recipient, letter.period))
    message_id = uuid.uuid5(_NAMESPACE, key)
    mail = ctx.organisation.mail
    content = build(
        sender=mail.sender,
        reply_to=mail.reply_to,
        recipient=letter.recipient,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        attachments=letter.attachments,
        message_id=f"<revisit.{message_id}@{mail.sender.rpartition('@')[2].rstrip('>')}>",
        sent_at=datetime.combine(on, time(8, 0), ZoneInfo(ctx.organisation.time_zone)),
    )
    row = insert(tables.outbox).values(
        message_id=message_id,
        kind=letter.kind,
        subject_key=letter.subject_key,
        recipient=letter.recipient,
        period=letter.period,
        decided_on=on,
        subject=letter.subject,
        content=content,
        resend_uncertain=letter.resend_uncertain,
    )
    return added(connection, row)


def deliver(ctx: Context, at: datetime, limit: int = 500) -> Delivered:
    """Send what is queued, over one SMTP connection; `at` is the moment leases and retries are measured by.

    A message goes queued, sending (leased, with a token), transmitting (committed just before the data), and then
    sent, uncertain or failed. A worker that lost its lease cannot write: its token is old.
    """
    with ctx.engine.begin() as connection:
        run(connection, "deliver/release_leases", at=at)
    sent = uncertain = failed = postponed = 0
    with connected(server(ctx)) as smtp:
        for _ in range(limit):
            with ctx.engine.begin() as connection:
                claimed = rows(connection, "deliver/claim_message", at=at, until=at + LEASE)
            if not claimed:
                break
            message = claimed[0]

            def transmitting(message_id: object = message.message_id, token: int = message.token) -> bool:
                with ctx.engine.begin() as connection:
                    return run(connection, "deliver/mark_transmitting", message_id=message_id, token=token) == 1

            answer, error = smtp.send(
                ctx.organisation.mail.sender, message.recipient, bytes(message.content), transmitting
            )
            state, retry_at = _next_state(answer, message.attempts, at)
            with ctx.engine.begin() as connection:
                kept = run(
                    connection, "deliver/settle_message", message_id=message.message_id, token=message.token,
                    state=state, at=at, retry_at=retry_at, error=error,
                )  # fmt: skip
            sent += kept and state == "sent"
            uncertain += kept and state == "uncertain"
            failed += kept and state == "failed"
            postponed += kept and state == "queued"
            if answer is Answer.UNREACHABLE:
                break
    if uncertain or failed:
        log.warning("outbox.troubled", uncertain=uncertain, failed=failed)
    return Delivered(sent, uncertain, failed, postponed)


def _next_state(answer: Answer, attempts: int, at: datetime) -> tuple[str, datetime | None]:
    match answer:
        case Answer.ACCEPTED:
            return "sent", None
        case Answer.UNCERTAIN | Answer.FENCED:
            return "uncertain", None
        case Answer.REFUSED:
            return "failed", None
        case Answer.LATER | Answer.UNREACHABLE:
            if attempts > len(_BACKOFF) and answer is Answer.LATER:
                return "failed", None
            return "queued", at + timedelta(minutes=_BACKOFF[min(attempts, len(_BACKOFF)) - 1])


def unsent(ctx: Context) -> list[dict[str, object]]:
    """The messages that were decided and are not sent, with what stands in the way."""
    with ctx.engine.connect() as connection:
        return [dict(row._mapping) for row in rows(connection, "deliver/list_unsent")]


def send_again(ctx: Context, message_id: str, by: str) -> None:
    """Queue a doubtful or failed message again, with the same Message-ID; who did it is kept."""
    with ctx.engine.begin() as connection:
        try:
            known = run(connection, "deliver/queue_again", message_id=uuid.UUID(message_id))
        except ValueError:
            known = 0
        if not known:
            raise RevisitError(f"no message {message_id} is uncertain or failed. List them with: revisit outbox")
        audit(connection, by, "outbox.resend", message_id, {})


def server(ctx: Context) -> Server:
    """The mail server: organisation.yaml, overridden by REVISIT_SMTP_HOST, _PORT and _PASSWORD."""
    mail, environment = ctx.organisation.mail, ctx.environment
    password = environment.smtp_password.get_secret_value() if environment.smtp_password else None
    return Server(
        environment.smtp_host or mail.host, environment.smtp_port or mail.port, mail.user, password, mail.starttls
    )
