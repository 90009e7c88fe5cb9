"""Who can be found on a pilot's timeline."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, Q

from pilots.models import AlertEvent, Membership, Pilot, PilotMove, User


def people_of_timeline(pilot: Pilot) -> list[User]:
    """Return everybody who has or had a part in a pilot, moved it or answered its alerts; one query."""
    history: type[Model] = Membership.history.model
    parts: Any = history._default_manager.filter(Q(pilot=pilot.pk) | Q(decision=pilot.decision_id))
    had_a_part = Q(pk__in=parts.values("user_id"))
    owns_it = Q(pk__in=[pk for pk in (pilot.decision.owner_id, pilot.decision.deputy_id) if pk])
    moved_it = Q(pk__in=PilotMove.objects.filter(pilot=pilot.pk).values("by"))
    answered = Q(pk__in=AlertEvent.objects.filter(alert__pilot=pilot.pk).values("actor"))
    return sorted(User.objects.filter(had_a_part | owns_it | moved_it | answered), key=str)
