"""Mail by SMTP, telling what surely was not sent from what may have been."""

from __future__ import annotations

import smtplib
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend as DjangoBackend

from pilots.channels.errors import DeliveryFailed

END_OF_MAIL = b"\r\n.\r\n"
CLOSING = 421
LOGIN_WANTED = (530, 534, 535, 538)
TOO_LARGE = 552


class Watched:
    """A mixin for an SMTP connection that remembers whether the mail's last dot has left."""

    past_the_dot = False
    answer = ""

    def send(self, s: Any) -> None:
        # Set before the bytes leave: what breaks on the way may have arrived.
        self.past_the_dot = isinstance(s, bytes) and s.endswith(END_OF_MAIL)
        super().send(s)  # type: ignore[misc]

    def close(self) -> None:
        super().close()  # type: ignore[misc]

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
    connection: WatchedSMTP | WatchedSMTPOverTLS | None
    _is_proven = False  # a mail went through this connection

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return WatchedSMTPOverTLS if self.use_ssl else WatchedSMTP

    def open(self) -> bool | None:
        try:
            is_new = super().open()
            if is_new and self.connection:
                # Said here, a greeting that is refused is nothing that a mail did.
                self.connection.ehlo_or_helo_if_needed()
        except OSError as error:  # SMTPException is one, and so is a failed TLS handshake
            self._drop()
            raise DeliveryFailed(f"Could not connect: {_said(error)}", closes_channel=True) from error
        self._is_proven = self._is_proven and not is_new
        return is_new

    def close(self) -> None:
        try:
            super().close()
        except OSError:
            self.connection = None  # the mail is on its way or not; a failed good-bye changes nothing

    def _send(self, email_message: EmailMessage) -> bool:
        try:
            sent = self._attempt(email_message)
        except DeliveryFailed as failed:
            # A server may hang up between two mails; a new connection says whether it is more than that.
            if self.connection or not self._is_proven or failed.in_doubt:
                raise
            self.open()
            sent = self._attempt(email_message)
        self.answer = self.connection.answer if self.connection else ""
        self._is_proven = True
        return sent

    def _attempt(self, email_message: EmailMessage) -> bool:
        try:
            return bool(super()._send(email_message))  # type: ignore[misc]
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise self._refused(code, said) from error
        except smtplib.SMTPResponseException as error:
            by_sender = isinstance(error, smtplib.SMTPSenderRefused) and error.smtp_code != TOO_LARGE
            raise self._refused(error.smtp_code, error.smtp_error, at_sender=by_sender) from error
        except (UnicodeError, ValueError, smtplib.SMTPNotSupportedError) as error:
            raise DeliveryFailed(f"Can't be sent as it is: {error}", permanent=True) from error
        except OSError as error:
            raise DeliveryFailed(f"The connection broke: {error}", in_doubt=self._drop()) from error
        except Exception as error:
            # Interrupted from outside, such as by a time limit: the conversation can't go on.
            raise DeliveryFailed(f"{type(error).__name__}: {error}", in_doubt=self._drop()) from error

    def _refused(self, code: int, said: bytes | str, *, at_sender: bool = False) -> DeliveryFailed:
        """Tell a refusal of this mail from one of them all: what is said to our sender is said to each."""
        words = said.decode(errors="replace") if isinstance(said, bytes) else said
        passing = code == CLOSING or code in LOGIN_WANTED
        permanent = 500 <= code < 600 and not passing
        closes = at_sender and (passing or permanent)
        if closes or code == CLOSING:
            self._drop()
        return DeliveryFailed(f"{code} {words}", permanent=permanent and not closes, closes_channel=closes)

    def _drop(self) -> bool:
        """Leave a broken connection without a good-bye; say whether a mail's last dot had gone through it."""
        connection, self.connection = self.connection, None
        if connection is None:
            return False
        connection.close()
        return connection.past_the_dot


def _said(error: OSError) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"{error.smtp_code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
    return str(error)
