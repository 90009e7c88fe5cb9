"""How the product speaks to the outside."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pilots.channels import chat, email, webhook
from pilots.channels.errors import DeliveryFailed
from pilots.models import Notification, Receipt, Send

logger = logging.getLogger(__name__)
State = Notification.State
Channel = Notification.Channel
Deliver = Callable[[Notification], str]


@contextmanager
def connected() -> Iterator[Send]:
    """Yield a way to send many messages; what it connects to stays open until the end."""
    carrier = email.Carrier()
    deliver: dict[str, Deliver] = {
        Channel.EMAIL: carrier.send,
        Channel.WEBHOOK: webhook.send,
        Channel.CHAT: chat.send,
    }
    try:
        yield lambda notification: _send(notification, deliver[notification.channel])
    finally:
        carrier.close()


def send(notification: Notification) -> Receipt:
    """Hand one message to its channel and say what came of it. Never raises."""
    with connected() as send_by:
        return send_by(notification)


def _send(notification: Notification, deliver: Deliver) -> Receipt:
    try:
        return Receipt(State.SENT, deliver(notification))
    except DeliveryFailed as failed:
        return Receipt(_state_of(failed), str(failed), closes_channel=failed.closes_channel)
    except Exception as error:
        # A mistake of ours must not lose the row, nor stop the others.
        logger.exception("Notification %s could not be sent.", notification.pk)
        return Receipt(State.PENDING, f"{type(error).__name__}: {error}")


def _state_of(failed: DeliveryFailed) -> Notification.State:
    if failed.permanent:
        return State.DEAD
    return State.IN_DOUBT if failed.in_doubt else State.PENDING
