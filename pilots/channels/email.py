"""Notifications as mail: text, HTML, and the chart as a picture inside."""

from __future__ import annotations

import logging
from email.mime.image import MIMEImage
from functools import lru_cache
from typing import Any

import font_roboto
import resvg_py
from django.conf import settings
from django.core.mail import BadHeaderError, EmailMultiAlternatives, get_connection

from pilots.channels.errors import DeliveryFailed
from pilots.models import Notification

logger = logging.getLogger(__name__)
PICTURE_WIDTH = 992  # twice the width it is shown at, for sharp screens


class Carrier:
    """Sends mails over one connection, opened for the first of them and kept until it is closed."""

    def __init__(self) -> None:
        self._connection: Any = None

    def send(self, notification: Notification) -> str:
        """Send one mail and return what the other side said. Raises DeliveryFailed."""
        if self._connection is None:
            self._connection = get_connection()
        try:
            mail = compose(notification, self._connection)
            self._connection.open()
            self._connection.send_messages([mail])
        except BadHeaderError as error:
            raise DeliveryFailed(str(error), permanent=True) from error
        return str(getattr(self._connection, "answer", ""))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


def compose(notification: Notification, connection: object | None = None) -> EmailMultiAlternatives:
    """Build the mail a notification stands for. Line breaks and NUL in a header are refused."""
    mail = EmailMultiAlternatives(
        subject=_header(notification.subject),
        body=notification.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[_header(notification.recipient)],
        headers=_headers(notification),
        connection=connection,
    )
    if notification.html:
        mail.attach_alternative(notification.html, "text/html")
    png = _picture(notification.chart_svg) if notification.chart_svg else b""
    if png:
        picture = MIMEImage(png, "png")
        picture.add_header("Content-ID", "<chart>")
        picture.add_header("Content-Disposition", "inline", filename="chart.png")
        mail.mixed_subtype = "related"  # type: ignore[attr-defined]
        mail.attach(picture)
    return mail


def _headers(notification: Notification) -> dict[str, str]:
    headers = {
        "Message-ID": _header(notification.message_id),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    if notification.in_reply_to:
        first = _header(notification.in_reply_to)
        headers |= {"In-Reply-To": first, "References": first}
    if notification.may_stop:
        headers["List-Unsubscribe"] = f"<{settings.BASE_URL}/preferences/>"
    return headers


def _header(text: str) -> str:
    if any(mark in text for mark in "\r\n\0"):
        raise DeliveryFailed(f"A header may not hold line breaks: {text!r}", permanent=True)
    return text


@lru_cache(maxsize=64)
def _picture(svg: str) -> bytes:
    """Draw a chart as PNG, for mail clients show no SVG; a mail rather goes without it than not at all."""
    try:
        drawn = resvg_py.svg_to_bytes(
            svg_string=svg,
            width=PICTURE_WIDTH,
            background="#ffffff",
            # Without font files text is dropped silently where the system has no fonts.
            skip_system_fonts=True,
            font_files=[font_roboto.Roboto, font_roboto.RobotoMedium],
            font_family="Roboto",
            sans_serif_family="Roboto",
        )
    except ValueError:
        logger.exception("A chart could not be drawn; its mail goes without it.")
        return b""
    return bytes(drawn)
