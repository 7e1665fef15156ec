"""Hand a message to a mail server, and know which of five things happened."""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum


class Answer(Enum):
    """What became of one transmission."""

    ACCEPTED = "accepted"  # the server took it
    REFUSED = "refused"  # a permanent no (5xx)
    LATER = "later"  # a temporary no (4xx)
    UNREACHABLE = "unreachable"  # no connection; nothing was sent
    UNCERTAIN = "uncertain"  # the data went out and no answer came back (RFC 1047)
    FENCED = "fenced"  # the lease was lost before the data went out


@dataclass(frozen=True, slots=True)
class Server:
    host: str
    port: int
    user: str | None = None
    password: str | None = None
    starttls: bool = False


class Connection:
    """One SMTP session, opened when the first message needs it."""

    def __init__(self, server: Server, timeout: float = 30) -> None:
        self._server, self._timeout = server, timeout
        self._smtp: smtplib.SMTP | None = None

    def _open(self) -> smtplib.SMTP:
        if self._smtp is None:
            smtp = smtplib.SMTP(self._server.host, self._server.port, timeout=self._timeout)
            if self._server.starttls:
                smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
            if self._server.user and self._server.password:
                smtp.login(self._server.user, self._server.password)
            self._smtp = smtp
        return self._smtp

    def send(
        self, sender: str, recipient: str, content: bytes, transmitting: Callable[[], bool]
    ) -> tuple[Answer, str | None]:
        """Send one message. `transmitting` commits the mark just before the data and says whether the lease still holds."""
        began = False
        try:
            smtp = self._open()
            self._expect(smtp.mail(smtplib.email.utils.parseaddr(sender)[1]))  # type: ignore[attr-defined]
            self._expect(smtp.rcpt(recipient))
            if not transmitting():
                smtp.rset()
                return Answer.FENCED, "the lease was lost"
            began = True
            self._expect(smtp.data(content))
        except smtplib.SMTPResponseException as error:
            with suppress(smtplib.SMTPException, OSError):
                if self._smtp is not None:
                    self._smtp.rset()
            said = f"{error.smtp_code} {_text(error.smtp_error)}"
            return (Answer.LATER if 400 <= error.smtp_code < 500 else Answer.REFUSED), said
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            return (Answer.UNCERTAIN if began else Answer.UNREACHABLE), f"{type(error).__name__}: {error}"
        return Answer.ACCEPTED, None

    @staticmethod
    def _expect(reply: tuple[int, bytes]) -> None:
        if not 200 <= reply[0] < 300:
            raise smtplib.SMTPResponseException(*reply)

    def close(self) -> None:
        """End the session politely if it still listens."""
        if self._smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
            self._smtp = None


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


@contextmanager
def connected(server: Server) -> Iterator[Connection]:
    """A session that is closed at the end."""
    connection = Connection(server)
    try:
        yield connection
    finally:
        connection.close()
