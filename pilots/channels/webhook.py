"""Notifications as signed JSON, in the form of Standard Webhooks (standardwebhooks.com, version 1)."""

from __future__ import annotations

import base64
import hmac
import json
import time
from hashlib import sha256

from pilots.channels.destinations import destination_of
from pilots.channels.errors import DeliveryFailed
from pilots.channels.outgoing import post
from pilots.models import Notification


def send(notification: Notification) -> str:
    """Post one message and return what the other side said. Raises DeliveryFailed."""
    place = destination_of(notification)
    if not place.secret:
        raise DeliveryFailed(
            f"{place.name} has no secret to sign with; make one in the admin.", permanent=True
        )
    body = body_of(notification)
    key = notification.message_id.strip("<>").partition("@")[0]
    at = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": notification.message_id,
        "Webhook-Id": key,
        "Webhook-Timestamp": str(at),
        "Webhook-Signature": signature(place.secret, key, at, body),
    }
    return post(place.url, body, headers)


def body_of(notification: Notification) -> bytes:
    """Return what is posted: the same bytes whenever the same message is."""
    content = {
        "id": notification.message_id,
        "at": notification.created_at.isoformat(),
        "subject": notification.subject,
        "text": notification.text,
        **notification.facts,
    }
    return json.dumps(content, sort_keys=True, ensure_ascii=False).encode()


def signature(secret: str, key: str, at: int, body: bytes) -> str:
    """Return `v1,` and the base-64 HMAC-SHA256 of `key.at.body`; the secret is `whsec_` and base 64."""
    raw = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(raw, f"{key}.{at}.".encode() + body, sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
