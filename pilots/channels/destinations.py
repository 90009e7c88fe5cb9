"""Where a message to `to:NAME` goes."""

from __future__ import annotations

from pilots.channels.errors import DeliveryFailed
from pilots.models import Destination, Notification


def destination_of(notification: Notification) -> Destination:
    """Return the active destination a message is for. Raises DeliveryFailed for good where there is none."""
    name = notification.recipient.removeprefix("to:")
    place = Destination.objects.filter(name=name, channel=notification.channel, active=True).first()
    if place is None:
        raise DeliveryFailed(f"There is no active destination called {name}.", permanent=True)
    return place
