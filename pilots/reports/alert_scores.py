"""How urgent an alert is, from what is stored of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pilots.evaluation.priority import Score, Urgency, score_of
from pilots.evaluation.specs import GAP
from pilots.evaluation.vocabulary import Comparison, MetricKind, Severity
from pilots.models import Alert, Basis

OPEN = Alert.Status.OPEN
RATES = (MetricKind.RATE.value,)


def alert_score(alert: Alert, share: float | None, *, now: datetime) -> Score:
    """Score an unresolved alert; `share` is the share of accounts affected, None where it isn't known."""
    return score_of(
        Urgency(
            severity=Severity(alert.severity),
            share=share,
            days=_days_late(alert, now=now),
            waited=now - (alert.waiting_since or alert.opened_at) if alert.status == OPEN else None,
            **_distance(alert),
        )
    )


def known_share(share: float | None, basis: str | None) -> float | None:
    """Return the share of accounts affected: none is zero, unknown is not."""
    if basis == Basis.NONE:
        return 0.0
    return None if basis in (None, Basis.UNKNOWN) else share


def _distance(alert: Alert) -> dict[str, Any]:
    """Return what was found and its limit, in the same terms."""
    comparison, found, limit = _compared(alert)
    if found is None or limit is None:
        return {}
    relative = comparison.is_relative if comparison else True
    below = limit < 0 if relative else comparison is Comparison.BELOW
    fractions = relative or alert.scope.startswith(GAP) or _is_rate(alert)
    return {"found": found, "limit": limit, "below": below, "fractions": fractions}


def _compared(alert: Alert) -> tuple[Comparison | None, float | None, float | None]:
    result, named = alert.result, alert.rule_snapshot.get("comparison")
    comparison = Comparison(named) if named else None
    relative = comparison.is_relative if comparison else True
    found = result.get("change") if relative or result.get("value") is None else result.get("value")
    return comparison, found, result.get("limit")


def _is_rate(alert: Alert) -> bool:
    condition = alert.condition
    return bool(condition and condition.metric and condition.metric.kind in RATES)


def _days_late(alert: Alert, *, now: datetime) -> int | None:
    """Return for how many days something is owed, where the alert is about that."""
    found = alert.result
    if "days_late" in found:
        return int(found["days_late"])
    if alert.kind != Alert.Kind.NO_DATA:
        return None
    if last_day := found.get("last_day"):
        return max((now.date() - date.fromisoformat(last_day)).days - 1, 0)
    return (now - alert.opened_at).days
