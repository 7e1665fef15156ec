"""A mail as bytes: a complete text part, an HTML part, attachments with safe names, and a stable Message-ID."""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

import css_inline

_XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
_TYPES = {".xlsx": _XLSX, ".pdf": ("application", "pdf"), ".html": ("text", "html")}


def build(
    *,
    sender: str,
    reply_to: str,
    recipient: str,
    subject: str,
    text: str,
    html: str,
    attachments: tuple[tuple[str, bytes], ...],
    message_id: str,
    sent_at: datetime,
) -> bytes:
    """Serialise a message; equal arguments give equal bytes. A line break in a header raises ValueError."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = recipient
    message["Reply-To"] = reply_to
    message["Subject"] = subject
    message["Date"] = format_datetime(sent_at)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(text, cte="base64")
    message.add_alternative(css_inline.inline(html), subtype="html", cte="base64")
    for name, content in attachments:
        main, sub = _TYPES.get(name[name.rfind(".") :], ("application", "octet-stream"))
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    mark = sha256(message_id.encode()).hexdigest()[:24]
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"=={mark}{number}==")
    return message.as_bytes()
