"""A finished document by mail, over the office's own server where one is set."""

from __future__ import annotations

import mimetypes
import os
import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path

from records.settings import Settings

PASSWORD = "WENXIAO_MAIL_PASSWORD"
SECONDS = 30
LARGEST = 10 << 20  # bytes; a larger file stays in the inbox and the mail says so


class MailRefused(Exception):
    """The message could not be handed over; the sentence says what the server or the network answered."""


def is_set(settings: Settings) -> bool:
    """Whether a mail server is set at all."""
    return bool(settings.mail_host)


def message(settings: Settings, *, to: str, subject: str, text: str, file: Path | None, name: str) -> EmailMessage:
    """A message with at most one file. Line ends in a subject or address are refused by the library (ValueError)."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = settings.mail_from, to, subject
    mail.set_content(text)
    if file is not None:
        main, _, sub = (mimetypes.guess_type(name)[0] or "application/octet-stream").partition("/")
        mail.add_attachment(file.read_bytes(), maintype=main, subtype=sub, filename=name)
    return mail


def send(settings: Settings, mail: EmailMessage) -> None:
    """Hand a message to the server. Raises MailRefused; nothing is tried twice here."""
    try:
        with _server(settings) as server:
            if settings.mail_security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if settings.mail_user:
                server.login(settings.mail_user, os.environ.get(PASSWORD, ""))
            server.send_message(mail)
    except (smtplib.SMTPException, OSError) as error:
        raise MailRefused(" ".join(str(error).split())[:200] or type(error).__name__) from error


def _server(settings: Settings) -> smtplib.SMTP:
    if settings.mail_security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(settings.mail_host, settings.mail_port, timeout=SECONDS, context=context)
    return smtplib.SMTP(settings.mail_host, settings.mail_port, timeout=SECONDS)
