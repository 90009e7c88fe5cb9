"""A pilot's alerts as they stood at an instant, from their turns and what was concluded after them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pilots.models import Alert, AlertEvent, Evaluation, Pilot
from pilots.reports.past_rows import people_at
from pilots.reports.results import PilotAnswer, answer_of

Kind = Alert.Kind
JUDGED = (Kind.STOP_CONDITION, Kind.ESCALATION_TRIGGER, Kind.SCALE_UP, Kind.NO_DATA, Kind.DRIVER)


def alerts_at(pilot: Pilot, instant: datetime) -> list[Alert]:
    """Return a rebuilt pilot's alerts that had opened by an instant, the most severe first.

    A fixed number of queries, of which one reads back over the conclusions only as far as it has to.
    """
    alerts = list(Alert.objects.filter(pilot=pilot.pk, opened_at__lte=instant))
    turns = _last_turns(alerts, instant)
    owners = people_at((turn.stood["owner"] for turn in turns.values()), instant)
    rules = {condition.pk: condition for condition in pilot.conditions.all()}
    for alert in alerts:
        alert.pilot, alert.condition = pilot, rules.get(alert.condition_id or 0)
        if turn := turns.get(alert.pk):
            _go_back(alert, turn)
            alert.owner = owners.get(turn.stood["owner"] or 0)
    _say_again([alert for alert in alerts if alert.pk in turns], turns, instant)
    return sorted(alerts, key=lambda alert: (alert.severity, alert.opened_at, alert.pk))


def _last_turns(alerts: Iterable[Alert], instant: datetime) -> dict[int, AlertEvent]:
    """Return the last entry by then that says what each alert was."""
    events = AlertEvent.objects.filter(alert__in=list(alerts), at__lte=instant).exclude(stood={})
    return {event.alert_id: event for event in events.order_by("at", "pk")}


def _go_back(alert: Alert, turn: AlertEvent) -> None:
    stood, until = turn.stood, turn.stood.get("snoozed_until")
    alert.status, alert.severity, alert.sentence = stood["status"], stood["severity"], stood["sentence"]
    alert.snoozed_until = datetime.fromisoformat(until) if until else None


def _say_again(alerts: Iterable[Alert], turns: dict[int, AlertEvent], instant: datetime) -> None:
    """Let what is open say what was last found of it: between its turns each look says it anew."""
    silent = {a.pk: a for a in alerts if a.status != Alert.Status.RESOLVED and a.kind in JUDGED}
    if not silent:
        return
    first = min(turns[pk].at for pk in silent)
    pilot = next(iter(silent.values())).pilot_id
    concluded = Evaluation.objects.filter(pilot=pilot, recorded_at__lte=instant, as_of__gte=first)
    for evaluation in concluded.order_by("-as_of", "-pk").iterator(chunk_size=10):
        answer = answer_of(evaluation)
        for pk in [pk for pk in silent if answer and turns[pk].at <= answer.as_of]:
            if answer and (sentence := found_of(silent[pk], answer)):
                silent.pop(pk).sentence = sentence
        if not silent:
            return


def found_of(alert: Alert, answer: PilotAnswer) -> str:
    """Return what an answer says of what raised an alert; empty where it raises it no more."""
    kind, _, ref = alert.scope.partition(":")
    match alert.kind:
        case Kind.STOP_CONDITION | Kind.ESCALATION_TRIGGER:
            rule = (alert.condition.ref if alert.condition else "", alert.scope)
            found = next((c for c in answer.conditions if (c.ref, c.scope) == rule), None)
            return found.sentence if found and found.is_active and not found.withdrawn else ""
        case Kind.SCALE_UP:
            return answer.sentence if answer.verdict == "scale_up" else ""
        case Kind.NO_DATA if kind == "metric":
            return next((m.sentence for m in answer.metrics if m.ref == ref and m.is_owed), "")
    return next((d.sentence for d in answer.drivers if d.ref == ref and d.state != "holds"), "")
