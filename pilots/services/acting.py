"""How a person's act on an alert begins: the pilot is locked, the alert is read, and they may act."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pilots.models import Alert, User
from pilots.permissions import can_answer_alert, require
from pilots.services.errors import Reason, Refused
from pilots.services.saving import lock_pilot
from pilots.services.turning import Overtaken

Allowed = Callable[[User, Alert], bool]


def alert_to_act_on(
    alert_id: int, *, by: User, seen_token: int | None = None, allowed: Allowed = can_answer_alert
) -> Alert:
    """Return an unresolved alert that only this act changes until its transaction ends.

    The pilot is locked before its alert is read, as by the engine. Raises Refused for one that is
    over, and Overtaken for one that has turned since `seen_token`.
    """
    alert = Alert.objects.select_related("pilot__decision", "condition__metric", "owner").get(pk=alert_id)
    lock_pilot(alert.pilot_id)
    alert.refresh_from_db(fields=[field.attname for field in Alert._meta.concrete_fields])
    require(allowed, by, alert)
    if alert.status == Alert.Status.RESOLVED:
        raise Refused(Reason(f"{alert.ref} is over already.", "alerts"))
    if seen_token is not None and seen_token != alert.token:
        raise Overtaken(alert)
    return alert


def acted(now: datetime) -> dict[str, Any]:
    """Return what any act of a person sets: the waiting begins anew, and a stalled alert moves again."""
    return {"acted_at": now, "waiting_since": now, "repeats": 0, "stalled_at": None}
