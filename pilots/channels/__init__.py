"""How the product speaks to the outside."""

from __future__ import annotations

import logging

from pilots.channels import email
from pilots.channels.errors import DeliveryFailed
from pilots.models import Notification, Receipt

logger = logging.getLogger(__name__)
State = Notification.State
CHANNELS = {Notification.Channel.EMAIL.value: email.send}


def send(notification: Notification) -> Receipt:
    """Hand a notification to its channel and say what came of it. Never raises."""
    deliver = CHANNELS.get(notification.channel)
    if deliver is None:
        return Receipt(State.DEAD, f"There is no way to send by {notification.channel} yet.")
    try:
        return Receipt(State.SENT, deliver(notification))
    except DeliveryFailed as failed:
        return Receipt(_state_of(failed), str(failed))
    except Exception as error:
        # A mistake of ours must not lose the row, nor stop the others.
        logger.exception("Notification %s could not be sent.", notification.pk)
        return Receipt(State.PENDING, f"{type(error).__name__}: {error}")


def _state_of(failed: DeliveryFailed) -> Notification.State:
    if failed.permanent:
        return State.DEAD
    return State.IN_DOUBT if failed.in_doubt else State.PENDING
