"""The circuit of a channel: shut while nothing gets through it, tried by one message from time to time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from pilots.evaluation.retries import shut_for
from pilots.models import ChannelState

PROBE_LEASE = timedelta(seconds=60)


def shut_channels() -> dict[str, ChannelState]:
    """Return the channels that are shut, by name."""
    return {state.channel: state for state in ChannelState.objects.all()}


def shut_channel(channel: str, *, reason: str, now: datetime, probed: bool) -> None:
    """Shut a channel for a while; `probed` says that it was shut before and a probe came back."""
    first = {"shut_until": now + shut_for(1), "shut_since": now, "reason": reason}
    with transaction.atomic():
        state, is_new = ChannelState.objects.select_for_update().get_or_create(
            channel=channel, defaults=first
        )
        # What else was on its way when it was shut says nothing new.
        if probed and not is_new:
            state.failures += 1
            state.shut_until, state.reason = now + shut_for(state.failures), reason
            state.save(update_fields=["failures", "shut_until", "reason"])


def may_probe(state: ChannelState, *, now: datetime) -> bool:
    """Take the right to try a shut channel with one message; nobody else has it meanwhile."""
    due = ChannelState.objects.filter(pk=state.pk, shut_until=state.shut_until, shut_until__lte=now)
    return bool(due.update(shut_until=now + PROBE_LEASE))


def open_channel(channel: str) -> None:
    ChannelState.objects.filter(channel=channel).delete()
