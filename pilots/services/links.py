"""The link in a mail that lets its reader acknowledge without signing in."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core import signing

from pilots.models import Alert, User

SALT = "pilots.acknowledge"
LIVES = timedelta(days=14)


class BadLink(Exception):
    """Raised for a link that opens nothing. The text says why, for its reader."""


def acknowledge_link(alert: Alert, user: User) -> str:
    """Return the address at which this person, and nobody else, acknowledges this alert."""
    token = signing.dumps([alert.pk, user.pk], salt=SALT)
    return f"{settings.BASE_URL}/acknowledge/{token}/"


def read_link(token: str) -> tuple[int, int]:
    """Return the alert and the user a link was made for, as their keys. Raises BadLink."""
    try:
        alert_id, user_id = signing.loads(token, salt=SALT, max_age=LIVES)
    except signing.SignatureExpired as error:
        raise BadLink(
            f"This link was good for {LIVES.days} days and has expired. Sign in instead."
        ) from error
    except signing.BadSignature as error:
        raise BadLink("This link is not complete. Open it from the mail once more, or sign in.") from error
    return alert_id, user_id
