"""Ask the engine to judge a pilot again."""

from __future__ import annotations

from django.db.models import F

from pilots.models import PilotState


def touch(pilot_id: int) -> None:
    """Count one more change to what is judged. Call it in the transaction of the change."""
    PilotState.objects.filter(pilot_id=pilot_id).update(dirty_seq=F("dirty_seq") + 1)
