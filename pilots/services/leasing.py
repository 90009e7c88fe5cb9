"""Claims: one conditional UPDATE with an owner, a lease by the database's clock, and a fence.

Whoever writes later repeats the fence, so that a worker that was stopped and goes on changes nothing.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from pilots.models import PilotState

LEASE = timedelta(seconds=60)
FREE = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())


class ClaimLost(Exception):
    """Raised when the lease ran out and somebody else has taken the work, or it is no longer there."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to write one pilot's verdict. `dirty_seq` counts the changes before anything was read."""

    pilot_id: int
    fence: int
    dirty_seq: int
    failures: int
    last_evaluated_at: datetime | None


def owner_name() -> str:
    return f"{socket.gethostname()[:60]}:{os.getpid()}"


def claim_due(now: datetime) -> Claim | None:
    """Claim the pilot that has been due longest. None: nothing is due, or another was quicker."""
    with transaction.atomic():
        due = PilotState.objects.due(now).select_for_update(skip_locked=True, of=("self",))
        state = due.first()
        return _take(state) if state else None


def claim_pilot(pilot_id: int) -> Claim | None:
    """Claim one pilot, due or not. None: somebody holds it."""
    with transaction.atomic():
        return _take(PilotState.objects.select_for_update().get(pilot_id=pilot_id))


def _take(state: PilotState) -> Claim | None:
    free = PilotState.objects.filter(FREE, pk=state.pk, fence=state.fence)
    taken = free.update(fence=F("fence") + 1, lease_owner=owner_name(), lease_until=Now() + LEASE)
    if not taken:
        return None
    return Claim(
        pilot_id=state.pilot_id,
        fence=state.fence + 1,
        dirty_seq=state.dirty_seq,
        failures=state.failures,
        last_evaluated_at=state.last_evaluated_at,
    )


def held(claim: Claim) -> PilotState:
    """Lock the state this claim may write to, or raise ClaimLost."""
    state = PilotState.objects.select_for_update().filter(pilot_id=claim.pilot_id, fence=claim.fence).first()
    if state is None:
        raise ClaimLost(f"Pilot {claim.pilot_id} was taken over by another worker.")
    return state


def release(claim: Claim) -> None:
    PilotState.objects.filter(pilot_id=claim.pilot_id, fence=claim.fence).update(lease_until=None)
