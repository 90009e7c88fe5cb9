"""What an alert was last seen as: its newest sentence and values. It is no turn of the alert."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pilots.evaluation.signals import Signal, Standing
from pilots.models import Alert, Evaluation

QUIET = (Standing.EASED, Standing.OVER, Standing.WITHDRAWN)


def see(alert: Alert, signal: Signal, evaluation: Evaluation | None, now: datetime) -> None:
    """Refresh what was last seen. It is no turn of the alert, so people's acts are not overtaken by it."""
    fields = seen(alert, signal, evaluation, now)
    if all(getattr(alert, name) == value for name, value in fields.items()):
        return
    Alert.objects.filter(pk=alert.pk).update(**fields)
    for name, value in fields.items():
        setattr(alert, name, value)


def seen(alert: Alert, signal: Signal, evaluation: Evaluation | None, now: datetime) -> dict[str, Any]:
    return {
        "last_seen_at": now,
        "sentence": _sentence(signal),
        "result": found(signal),
        "last_value": signal.value,
        "worst_value": signal.worse(alert.worst_value),
        "count": alert.count + (1 if evaluation and signal.standing is Standing.RAISED else 0),
    }


def _sentence(signal: Signal) -> str:
    if signal.is_latched and signal.standing in (Standing.OVER, Standing.WITHDRAWN):
        return f"{signal.sentence} This stays open until you decide: continue, pause or stop."
    return signal.sentence


def found(signal: Signal) -> dict[str, object]:
    return {"standing": signal.standing.value, **signal.facts}
