"""End an alert by a decision: go on past a stop condition, put up with it, close it; or raise one by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import transaction

from pilots.evaluation.days import local_day
from pilots.evaluation.regions import can_be_passed
from pilots.evaluation.vocabulary import Comparison, Direction, MetricKind, Severity
from pilots.evaluation.wording import on
from pilots.models import Alert, AlertEvent, Condition, Continuance, Pilot, User
from pilots.permissions import can_accept_alert, can_acknowledge, can_move_pilot, require
from pilots.services.acting import acted, alert_to_act_on
from pilots.services.alerting import QUIET, open_anew
from pilots.services.errors import Reason, Refused
from pilots.services.occasions import occasion_of
from pilots.services.saving import lock_pilot, need_reason, refuse_ended
from pilots.services.telling import tell
from pilots.services.touching import touch
from pilots.services.turning import CONTINUED, resolved, take_turn

Kind = AlertEvent.Kind


@transaction.atomic
def continue_past(
    *, alert_id: int, by: User, reason: str, until: date | None, limit: float | None, now: datetime
) -> Alert:
    """Go on although a stop condition fired: until a day, or until the number passes another limit.

    The limit is in the terms of the condition's own. Raises Refused without a reason, without
    either end, for an end that is past, for a limit that is not beyond the number as it stands, and
    without a day for one that no number can pass.
    """
    alert = alert_to_act_on(alert_id, by=by, allowed=_may_continue)
    condition = alert.condition
    if alert.kind != Alert.Kind.STOP_CONDITION or condition is None:
        raise Refused(Reason("Only a stop condition asks whether to continue.", "alerts"))
    need_reason(reason, "alerts", because="the pilot goes on past its stop condition")
    today = local_day(now, alert.pilot.timezone)
    _refuse_bad_bounds(alert, condition, until, limit, today)
    Continuance.objects.create(
        condition=condition,
        scope=alert.scope,
        alert=alert,
        decided_on=today,
        until=until,
        limit=limit,
        by=by,
        at=now,
        reason=reason,
    )
    facts = {"until": until and until.isoformat(), "limit": limit}
    turn = take_turn(
        alert,
        Kind.CONTINUED,
        now=now,
        by=by,
        note=reason,
        facts=facts,
        **resolved(CONTINUED, now),
        **_by_hand(now),
    )
    tell(turn, occasion_of(alert, now))
    touch(alert.pilot_id)
    return alert


@transaction.atomic
def keep_paused(*, alert_id: int, by: User, reason: str, now: datetime) -> Alert:
    """Make the engine's pause a person's decision: it answers the stop condition, and the pilot rests.

    Raises Refused without a reason, and where the pilot is not paused.
    """
    alert = alert_to_act_on(alert_id, by=by, allowed=_may_continue)
    if alert.kind != Alert.Kind.STOP_CONDITION:
        raise Refused(Reason("Only a stop condition asks whether to continue.", "alerts"))
    if lock_pilot(alert.pilot_id).status != Pilot.Status.PAUSED:
        raise Refused(Reason("The pilot is not paused.", "alerts"))
    need_reason(reason, "alerts", because="the pilot stays paused")
    ended = resolved(Pilot.Status.PAUSED, now) | _by_hand(now)
    turn = take_turn(alert, Kind.RESOLVED, now=now, by=by, note=reason, **ended)
    tell(turn, occasion_of(alert, now))
    return alert


@transaction.atomic
def accept(*, alert_id: int, by: User, reason: str, until: date, now: datetime) -> Alert:
    """Put up with an alert until a day. It takes somebody who has not had it.

    It opens again after that day if it is still so, and before where it gets worse.
    """
    alert = alert_to_act_on(alert_id, by=by, allowed=can_accept_alert)
    if alert.kind == Alert.Kind.STOP_CONDITION:
        raise Refused(Reason("A stop condition asks for a decision: continue, pause or stop.", "alerts"))
    if alert.owner is None:
        text = "Nobody has it yet. Who has it asks, and somebody else puts up with it."
        raise Refused(Reason(text, "alerts"))
    need_reason(reason, "alerts", because="an alert is put up with")
    _refuse_past(until, local_day(now, alert.pilot.timezone))
    turn = take_turn(
        alert,
        Kind.ACCEPTED,
        now=now,
        by=by,
        note=reason,
        facts={"until": until.isoformat()},
        accepted_by=by,
        accepted_until=until,
        **resolved("accepted", now),
        **_by_hand(now),
    )
    tell(turn, occasion_of(alert, now))
    return alert


@transaction.atomic
def close_by_hand(*, alert_id: int, by: User, reason: str, now: datetime) -> Alert:
    """Close an alert that was raised by hand, or whose cause is gone."""
    alert = alert_to_act_on(alert_id, by=by)
    need_reason(reason, "alerts", because="an alert is closed")
    if alert.kind == Alert.Kind.STOP_CONDITION:
        raise Refused(Reason("A stop condition asks for a decision: continue, pause or stop.", "alerts"))
    if alert.kind != Alert.Kind.MANUAL and alert.result.get("standing") not in QUIET:
        text = f"It is still so: {alert.sentence} It closes by itself when it is over."
        raise Refused(Reason(f"{text} Until then somebody else can put up with it.", "alerts"))
    turn = take_turn(
        alert, Kind.RESOLVED, now=now, by=by, note=reason, **resolved("closed", now), **_by_hand(now)
    )
    tell(turn, occasion_of(alert, now))
    return alert


@transaction.atomic
def raise_by_hand(*, pilot_id: int, by: User, severity: str, sentence: str, now: datetime) -> Alert:
    """Raise an alert about something that no rule watches."""
    pilot = lock_pilot(pilot_id)
    require(can_acknowledge, by, pilot)
    refuse_ended(pilot)
    if not sentence.strip():
        raise Refused(Reason("Say in a sentence what happened.", "alerts", "sentence"))
    if severity not in list(Severity):
        raise Refused(Reason(f"“{severity}” is no severity: {', '.join(Severity)}.", "alerts", "severity"))
    number = pilot.alerts.filter(kind=Alert.Kind.MANUAL).count() + 1
    alert = Alert(
        pilot=pilot,
        kind=Alert.Kind.MANUAL,
        scope=f"by hand:{number}",
        severity=severity,
        sentence=sentence.strip(),
        opened_at=now,
        last_seen_at=now,
    )
    turn = open_anew(alert, now, by=by, note=f"Raised by {by}.")
    tell(turn, occasion_of(alert, now))
    return alert


def _may_continue(user: User, alert: Alert) -> bool:
    """Only the decision owner, the deputy or the pilot owner may go on past a stop condition."""
    return can_move_pilot(user, alert.pilot)


def _by_hand(now: datetime) -> dict[str, Any]:
    fields = acted(now)
    fields.pop("waiting_since")
    return fields


def _refuse_bad_bounds(
    alert: Alert, condition: Condition, until: date | None, limit: float | None, today: date
) -> None:
    if until is None and limit is None:
        text = "Say until which day, or up to which limit, the pilot goes on."
        raise Refused(Reason(text, "alerts", "until"))
    if until is not None:
        _refuse_past(until, today)
    if limit is not None:
        _refuse_near(alert, condition, limit)
        if until is None:
            _refuse_out_of_reach(alert, condition, limit)


def _refuse_past(until: date, today: date) -> None:
    if until <= today:
        raise Refused(Reason(f"{on(until)} is not ahead. Give a later day.", "alerts", "until"))


def _refuse_near(alert: Alert, condition: Condition, limit: float) -> None:
    """Refuse a limit that would fire at once: it lies beyond the rule's own, and beyond the number."""
    if condition.comparison == "" or condition.limit is None:
        raise Refused(Reason("This rule has no number. Give a day instead.", "alerts", "limit"))
    sign = -1.0 if condition.comparison == Comparison.BELOW else 1.0
    stands = _stands_at(alert, condition)
    bounds = [condition.limit] if stands is None else [condition.limit, stands]
    if sign * limit <= max(sign * bound for bound in bounds):
        text = "The number is past that already. Give a limit beyond where it stands."
        raise Refused(Reason(text, "alerts", "limit"))


def _refuse_out_of_reach(alert: Alert, condition: Condition, limit: float) -> None:
    """Refuse a limit that no number can pass: alone it would silence the rule for ever."""
    metric = condition.metric
    if metric is None:
        return
    allowed, baseline = replace(condition.spec, limit=limit), _number(alert.result.get("baseline"))
    if not can_be_passed(allowed, MetricKind(metric.kind), Direction(metric.direction), baseline=baseline):
        text = "The number can never get past that limit. Give a nearer one, or a day as well."
        raise Refused(Reason(text, "alerts", "limit"))


def _stands_at(alert: Alert, condition: Condition) -> float | None:
    """Return the number as it stands, in the terms of the rule's limit."""
    found = alert.result
    if not condition.spec.needs_baseline:
        return _number(found.get("value"))
    change, limit = _number(found.get("change")), _number(found.get("limit"))
    # A change has the sign of the data; the limit says which way is worse.
    return None if change is None else -change if limit is not None and limit < 0 else change


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
