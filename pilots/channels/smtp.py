"""Mail by SMTP, telling what surely was not sent from what may have been."""

from __future__ import annotations

import smtplib
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend as DjangoBackend

from pilots.channels.errors import DeliveryFailed

END_OF_MAIL = b"\r\n.\r\n"


class Watched:
    """A mixin for an SMTP connection that remembers whether the mail's last dot has left."""

    past_the_dot = False
    answer = ""

    def send(self, s: Any) -> None:
        # Set before the bytes leave: what breaks on the way may have arrived.
        self.past_the_dot = isinstance(s, bytes) and s.endswith(END_OF_MAIL)
        super().send(s)  # type: ignore[misc]

    def data(self, msg: Any) -> tuple[int, bytes]:
        code, said = super().data(msg)  # type: ignore[misc]
        self.answer = f"{code} {said.decode(errors='replace')}"
        return code, said


class WatchedSMTP(Watched, smtplib.SMTP):
    pass


class WatchedSMTPOverTLS(Watched, smtplib.SMTP_SSL):
    pass


class EmailBackend(DjangoBackend):
    """Sends one mail at a time and raises DeliveryFailed; `answer` is what the server said."""

    answer = ""
    connection: Watched | None  # type: ignore[assignment]

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return WatchedSMTPOverTLS if self.use_ssl else WatchedSMTP

    def open(self) -> bool | None:
        try:
            return super().open()
        except OSError as error:  # SMTPException is one, and so is a failed TLS handshake
            raise DeliveryFailed(f"Could not connect: {error}") from error

    def close(self) -> None:
        try:
            super().close()
        except OSError:
            self.connection = None  # the mail is on its way or not; a failed good-bye changes nothing

    def _send(self, email_message: EmailMessage) -> bool:
        try:
            sent = bool(super()._send(email_message))  # type: ignore[misc]
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise _refused(code, said) from error
        except smtplib.SMTPResponseException as error:
            raise _refused(error.smtp_code, error.smtp_error) from error
        except (UnicodeError, ValueError, smtplib.SMTPNotSupportedError) as error:
            raise DeliveryFailed(f"Can't be sent as it is: {error}", permanent=True) from error
        except OSError as error:
            in_doubt = bool(self.connection and self.connection.past_the_dot)
            raise DeliveryFailed(f"The connection broke: {error}", in_doubt=in_doubt) from error
        self.answer = self.connection.answer if self.connection else ""
        return sent


def _refused(code: int, said: bytes | str) -> DeliveryFailed:
    words = said.decode(errors="replace") if isinstance(said, bytes) else said
    return DeliveryFailed(f"{code} {words}", permanent=500 <= code < 600)
