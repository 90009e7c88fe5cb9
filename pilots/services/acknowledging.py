"""Take an alert, keep it, write down what was found, or hand it to somebody else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from pilots.evaluation.escalation import HELD_FOR
from pilots.evaluation.vocabulary import Severity
from pilots.models import Alert, AlertEvent, User
from pilots.permissions import can_answer_alert
from pilots.services.acting import acted, alert_to_act_on
from pilots.services.errors import Reason, Refused
from pilots.services.occasions import occasion_of
from pilots.services.telling import tell
from pilots.services.turning import QUIET, enter, take_turn, zone_of

Kind = AlertEvent.Kind


@transaction.atomic
def acknowledge(
    *, alert_id: int, by: User, now: datetime, seen_token: int | None = None, note: str = ""
) -> Alert:
    """Take an alert: nobody else is told, and after a while its owner is asked again.

    Whoever has it already keeps it as it is. Raises Refused where somebody else has it, unless they
    have not answered when they were asked.
    """
    alert = alert_to_act_on(alert_id, by=by)
    if alert.status == Alert.Status.ACKNOWLEDGED and alert.owner_id == by.pk and not alert.reminded_at:
        return alert
    if seen_token is not None and seen_token != alert.token:
        alert = alert_to_act_on(alert_id, by=by, seen_token=seen_token)
    _refuse_if_taken(alert, by)
    take_turn(alert, Kind.ACKNOWLEDGED, now=now, by=by, note=note, **_held_by(alert, by, now))
    return alert


@transaction.atomic
def say_still_on_it(*, alert_id: int, by: User, now: datetime, note: str = "") -> Alert:
    """Keep an alert for as long again. Only who has it may say so."""
    alert = alert_to_act_on(alert_id, by=by)
    _refuse_unless_owner(alert, by)
    take_turn(alert, Kind.STILL_ON_IT, now=now, by=by, note=note, **_held_by(alert, by, now))
    return alert


@transaction.atomic
def add_note(*, alert_id: int, by: User, note: str, now: datetime) -> Alert:
    """Write something down. By its owner it also says that they are still on it."""
    alert = alert_to_act_on(alert_id, by=by)
    if not note.strip():
        raise Refused(Reason("Write the note.", "alerts", "note"))
    if alert.status == Alert.Status.ACKNOWLEDGED and alert.owner_id == by.pk:
        fields = _held_by(alert, by, now) | {"acknowledged_at": alert.acknowledged_at}
        fields.pop("status")
        take_turn(alert, Kind.NOTE, now=now, by=by, note=note, **fields)
    else:
        enter(alert, Kind.NOTE, now=now, by=by, note=note)
    return alert


@transaction.atomic
def hand_over(*, alert_id: int, by: User, to: User, note: str, now: datetime) -> Alert:
    """Give an alert to somebody else, who is told so."""
    alert = alert_to_act_on(alert_id, by=by)
    if not can_answer_alert(to, alert):
        raise Refused(Reason(f"{to} has no part in this pilot and was not told of this.", "alerts", "to"))
    if alert.status == Alert.Status.ACKNOWLEDGED and alert.owner_id == to.pk:
        return alert
    facts = {"handed_over_by": by.pk, "to": to.pk}
    turn = take_turn(
        alert, Kind.ACKNOWLEDGED, now=now, by=by, note=note, facts=facts, **_held_by(alert, to, now)
    )
    tell(turn, occasion_of(alert, now))
    return alert


def _held_by(alert: Alert, owner: User, now: datetime) -> dict[str, Any]:
    until = HELD_FOR[Severity(alert.severity)].after(now, zone_of(alert))
    return {
        **QUIET,
        **acted(now),
        "status": Alert.Status.ACKNOWLEDGED,
        "owner": owner,
        "acknowledged_at": now,
        "acknowledged_until": until,
        "snoozed_by": None,
        "snooze_reason": "",
    }


def _refuse_if_taken(alert: Alert, by: User) -> None:
    taken = alert.status == Alert.Status.ACKNOWLEDGED and alert.owner_id != by.pk
    if taken and not alert.reminded_at:
        raise Refused(Reason(f"{alert.owner} has it already. They can hand it over to you.", "alerts"))


def _refuse_unless_owner(alert: Alert, by: User) -> None:
    if alert.status != Alert.Status.ACKNOWLEDGED or alert.owner_id != by.pk:
        has_it = f"{alert.owner} has it" if alert.owner else "Nobody has it yet"
        raise Refused(Reason(f"{has_it}: only who has it can say that they are still on it.", "alerts"))
