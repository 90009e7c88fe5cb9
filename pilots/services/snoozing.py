"""Put an alert off, with a reason and an end. It stays listed, and opens no gate."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from pilots.evaluation.escalation import LONGEST_SNOOZE
from pilots.evaluation.vocabulary import Severity
from pilots.models import Alert, AlertEvent, User
from pilots.services.acting import acted, alert_to_act_on
from pilots.services.errors import Reason, Refused
from pilots.services.saving import need_reason
from pilots.services.turning import ENDED, opened, take_turn, zone_of


@transaction.atomic
def snooze(*, alert_id: int, by: User, until: datetime, reason: str, now: datetime) -> Alert:
    """Let an alert wait. It wakes at `until`, and early where it gets worse.

    Raises Refused without a reason, and for an end that is past or beyond what its severity allows.
    """
    alert = alert_to_act_on(alert_id, by=by)
    need_reason(reason, "alerts", because="an alert is put off")
    _refuse_bad_end(alert, until, now)
    take_turn(
        alert,
        AlertEvent.Kind.SNOOZED,
        now=now,
        by=by,
        note=reason,
        facts={"until": until.isoformat()},
        status=Alert.Status.SNOOZED,
        snoozed_by=by,
        snooze_reason=reason,
        **{**ENDED, **acted(now), "snoozed_until": until},
    )
    return alert


@transaction.atomic
def wake(*, alert_id: int, by: User, now: datetime) -> Alert:
    """End a snooze before its time: the alert waits for somebody again, as when it opened."""
    alert = alert_to_act_on(alert_id, by=by)
    if alert.status != Alert.Status.SNOOZED:
        raise Refused(Reason(f"{alert.ref} is not snoozed.", "alerts"))
    note = f"{by} ended the snooze."
    take_turn(alert, AlertEvent.Kind.WOKEN, now=now, by=by, note=note, **(opened(alert, now) | acted(now)))
    return alert


def _refuse_bad_end(alert: Alert, until: datetime, now: datetime) -> None:
    cap = LONGEST_SNOOZE[Severity(alert.severity)]
    if until <= now:
        raise Refused(Reason("That is in the past. Say until when it can wait.", "alerts", "until"))
    if until > cap.after(now, zone_of(alert)):
        text = f"{alert.severity} can wait {cap.words} at most."
        raise Refused(Reason(text, "alerts", "until"))
