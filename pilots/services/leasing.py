"""Claims: one conditional UPDATE with an owner, a lease by the database's clock, and a fence.

Whoever writes later repeats the fence, so that a worker that was stopped and goes on changes nothing.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Field, Q
from django.db.models.functions import Now

from pilots.models import PilotState

LEASE = timedelta(seconds=60)
FREE = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to write one pilot's verdict. `dirty_seq` counts the changes before anything was read."""

    pilot_id: int
    fence: int
    dirty_seq: int
    failures: int
    last_evaluated_at: datetime | None


class ClaimLost(Exception):
    """Raised when the lease ran out and somebody else has taken the work, or it is no longer there."""

    def __init__(self, claim: Claim, why: str) -> None:
        super().__init__(why)
        self.claim = claim


def owner_name() -> str:
    return f"{socket.gethostname()[:60]}:{os.getpid()}"


def claim_due(now: datetime, *, size: int = 1) -> list[Claim]:
    """Claim the pilots that have been due longest. None of them: nothing is due, or another was quicker."""
    with transaction.atomic():
        due = PilotState.objects.due(now).select_for_update(skip_locked=True, of=("self",))
        return _take(list(due[:size]))


def claim_pilot(pilot_id: int) -> Claim | None:
    """Claim one pilot, due or not. None: somebody holds it."""
    with transaction.atomic():
        claims = _take([PilotState.objects.select_for_update().get(pilot_id=pilot_id)])
    return claims[0] if claims else None


def _take(states: Sequence[PilotState]) -> list[Claim]:
    """Take states that are locked; all or, where somebody was quicker, none of them."""
    free = PilotState.objects.filter(FREE, pk__in=[state.pk for state in states])
    taken = free.update(fence=F("fence") + 1, lease_owner=owner_name(), lease_until=Now() + LEASE)
    if taken != len(states):
        transaction.set_rollback(True)
        return []
    return [
        Claim(
            pilot_id=state.pilot_id,
            fence=state.fence + 1,
            dirty_seq=state.dirty_seq,
            failures=state.failures,
            last_evaluated_at=state.last_evaluated_at,
        )
        for state in states
    ]


def held(claims: Iterable[Claim]) -> dict[int, PilotState]:
    """Lock the states these claims may still write to, by pilot; a claim that was lost has none."""
    fences = {claim.pilot_id: claim.fence for claim in claims}
    states = PilotState.objects.select_for_update().filter(pilot__in=fences).order_by("pk")
    return {state.pilot_id: state for state in states if state.fence == fences[state.pilot_id]}


def release(claim: Claim) -> None:
    PilotState.objects.filter(pilot_id=claim.pilot_id, fence=claim.fence).update(lease_until=None)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """That a pilot was looked at, and what was concluded: columns of its state."""

    pilot_id: int
    fence: int
    evaluated_seq: int
    last_evaluated_at: datetime
    next_look_at: datetime | None
    evaluation_id: int | None
    verdict: str
    verdict_since: datetime | None


KEY = ("pilot_id", "fence")
KEPT = ("last_evaluated_at", "next_look_at", "evaluation_id", "verdict", "verdict_since")
COLUMNS = (*KEY, "evaluated_seq", *KEPT)


def give_back(heartbeats: Sequence[Heartbeat]) -> None:
    """Say what was concluded of some pilots and end their leases, each if its fence still stands."""
    if not heartbeats:
        return
    state, columns = PilotState._meta.db_table, [_column(name) for name in COLUMNS]
    row = f"({', '.join(map(_placeholder, columns))})"
    kept = ", ".join(f"{name} = beat.{name}" for name in KEPT)
    # Every name is one of our own columns; what comes from outside is a parameter.
    statement = (
        f"WITH beat ({', '.join(COLUMNS)}) AS (VALUES {', '.join([row] * len(heartbeats))}) "  # noqa: S608
        f"UPDATE {state} SET {kept}, lease_until = NULL, failures = 0, retry_at = NULL, last_error = '', "
        f"evaluated_seq = CASE WHEN {state}.evaluated_seq < beat.evaluated_seq "
        f"THEN beat.evaluated_seq ELSE {state}.evaluated_seq END "
        f"FROM beat WHERE {state}.pilot_id = beat.pilot_id AND {state}.fence = beat.fence"
    )
    values = (
        column.get_db_prep_save(getattr(heartbeat, column.attname), connection)
        for heartbeat in heartbeats
        for column in columns
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))


def _column(name: str) -> Field[Any, Any]:
    return next(column for column in PilotState._meta.concrete_fields if column.attname == name)


def _placeholder(column: Field[Any, Any]) -> str:
    # PostgreSQL must be told what a column of nothing but NULLs is; SQLite would make numbers of dates.
    if connection.vendor != "postgresql":
        return "%s"
    kind = column.rel_db_type(connection) if column.is_relation else column.db_type(connection)
    return f"CAST(%s AS {kind})"
