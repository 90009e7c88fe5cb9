"""Notifications as mail: text, HTML, and the chart as a picture inside."""

from __future__ import annotations

import logging
from email.mime.image import MIMEImage

import font_roboto
import resvg_py
from django.conf import settings
from django.core.mail import BadHeaderError, EmailMultiAlternatives, get_connection

from pilots.channels.errors import DeliveryFailed
from pilots.models import Notification

logger = logging.getLogger(__name__)
PICTURE_WIDTH = 992  # twice the width it is shown at, for sharp screens


def send(notification: Notification) -> str:
    """Send one mail and return what the other side said. Raises DeliveryFailed."""
    connection = get_connection()
    try:
        connection.send_messages([compose(notification, connection)])
    except BadHeaderError as error:
        raise DeliveryFailed(str(error), permanent=True) from error
    return str(getattr(connection, "answer", ""))


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
    picture = _picture(notification)
    if picture is not None:
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
    return headers


def _header(text: str) -> str:
    if any(mark in text for mark in "\r\n\0"):
        raise DeliveryFailed(f"A header may not hold line breaks: {text!r}", permanent=True)
    return text


def _picture(notification: Notification) -> MIMEImage | None:
    """Draw the chart as PNG, for mail clients show no SVG; a mail rather goes without it than not at all."""
    if not notification.chart_svg:
        return None
    try:
        drawn = resvg_py.svg_to_bytes(
            svg_string=notification.chart_svg,
            width=PICTURE_WIDTH,
            background="#ffffff",
            # Without font files text is dropped silently where the system has no fonts.
            skip_system_fonts=True,
            font_files=[font_roboto.Roboto, font_roboto.RobotoMedium],
            font_family="Roboto",
            sans_serif_family="Roboto",
        )
    except ValueError:
        logger.exception("The chart of notification %s could not be drawn.", notification.pk)
        return None
    picture = MIMEImage(bytes(drawn), "png")
    picture.add_header("Content-ID", "<chart>")
    picture.add_header("Content-Disposition", "inline", filename="chart.png")
    return picture
