"""Notifications as a few lines in a chat room, by an incoming webhook as Slack and Teams have them."""

from __future__ import annotations

import json

from pilots.channels.destinations import destination_of
from pilots.channels.outgoing import post
from pilots.models import Notification

# The only marks that an incoming webhook reads in a text; escaped, nobody is paged by a pilot's title.
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def send(notification: Notification) -> str:
    """Post one message and return what the other side said. Raises DeliveryFailed."""
    place = destination_of(notification)
    body = json.dumps({"text": text_of(notification)}).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": notification.message_id}
    return post(place.url, body, headers)


def text_of(notification: Notification) -> str:
    """Return the message in three lines: what it is, what it says, where to open it."""
    facts = notification.facts
    said = " ".join(part for part in (facts.get("sentence", ""), facts.get("request", "")) if part)
    lines = (notification.subject, said, facts.get("url", ""))
    return "\n".join(line for line in lines if line).translate(ESCAPES)
