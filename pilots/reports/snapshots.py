"""A page as plain JSON: all it shows, so that two of them can be compared, or one be kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Model

from pilots.models import Alert, Decision, Metric, Pilot, Review, User
from pilots.reports.decision_pages import DecisionPage
from pilots.reports.pilot_pages import PilotPage

# When the engine looked without finding anything new is not kept; and a page knows which day it stands on.
NOT_KEPT = frozenset({"late", "stood_on"})
SHOWN: Mapping[type[Model], tuple[str, ...]] = {
    Pilot: ("ref", "title", "hypothesis", "timezone", "start", "end", "status", "returned_to", "simulated"),
    Metric: ("ref", "name", "unit", "kind", "window_days", "maturity_days", "owner"),
    Alert: ("pk", "kind", "scope", "severity", "status", "sentence", "opened_at", "owner", "snoozed_until"),
    Review: ("kind", "status", "due_on", "reviewer", "outcome", "note", "signed_at"),
    User: ("name", "email"),
}
OF_DECISION = (
    *("ref", "title", "status", "quality", "context", "trade_off_a", "trade_off_b", "statement", "rationale"),
    *("coi", "reversibility", "prediction", "confidence", "owner", "deputy", "decided_at", "outcome"),
)
OF_OPTION = ("key", "title", "summary", "chosen", "rejected_because")


def snapshot_of(page: PilotPage | DecisionPage) -> dict[str, Any]:
    """Return everything a page shows as plain JSON, the same whether it is live or as it stood.

    Raises TypeError for what has no plain form.
    """
    shown: dict[str, Any] = _plain(page)
    return shown


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime() | date():
            return value.isoformat()
        case Decision():
            return _decision(value)
        case Model():
            return {name: _plain(getattr(value, name)) for name in SHOWN[type(value)]}
        case Mapping():
            return {str(key): _plain(part) for key, part in value.items()}
        case tuple() if hasattr(value, "_asdict"):
            return _plain(value._asdict())
        case list() | tuple():
            return [_plain(part) for part in value]
        case frozenset():
            return sorted(_plain(part) for part in value)
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value) if f.name not in NOT_KEPT}
    raise TypeError(f"{type(value).__name__} has no plain form")


def _decision(decision: Decision) -> dict[str, Any]:
    shown = {name: _plain(getattr(decision, name)) for name in OF_DECISION}
    options = [{name: getattr(option, name) for name in OF_OPTION} for option in decision.options.all()]
    steps = [{"text": step.text, "done": step.done} for step in decision.next_steps.all()]
    framework = decision.framework.code if decision.framework else ""
    return shown | {"options": options, "next_steps": steps, "framework": framework}
