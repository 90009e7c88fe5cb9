"""How old the verdicts are that a person looks at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max, Min, Q

from pilots.models import Pilot, PilotState, Pulse, User
from pilots.reports.engine_checks import silent_before

# The engine ticks every minute; what waits longer than this is not a matter of turn.
LATE_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Freshness:
    """When the running pilots a person sees were last looked at, and how many wait."""

    running: int
    last_check: datetime | None
    late: int
    not_since: datetime | None


def is_late(state: PilotState, *, now: datetime) -> bool:
    """Return whether a running pilot's look is overdue."""
    return state.next_look_at is not None and state.next_look_at < now - LATE_AFTER


def freshness_for(user: User, *, now: datetime) -> Freshness:
    waiting = Q(next_look_at__lt=now - LATE_AFTER)
    seen = PilotState.objects.filter(pilot__in=Pilot.objects.visible_to(user).running())
    facts = seen.aggregate(
        running=Count("pk"),
        last_check=Max("last_evaluated_at"),
        late=Count("pk", filter=waiting),
        not_since=Min("last_evaluated_at", filter=waiting),
    )
    return Freshness(**facts)


def engine_silent_since(*, now: datetime) -> datetime | None:
    """Return when the engine judged last, where its rounds have stopped since; None while they go on."""
    silent = Pulse.objects.filter(name="evaluate", at__lt=silent_before(settings.PERIODS["evaluate"], now))
    return silent.values_list("at", flat=True).first()
