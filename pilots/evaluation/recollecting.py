"""Read a stored result back: the inverse of `documents`, as far as a mail needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from pilots.evaluation.documents import Document
from pilots.evaluation.results import ConditionResult, DriverResult, MetricResult, PilotResult
from pilots.evaluation.vocabulary import (
    ConditionKind,
    DataState,
    DriverState,
    Episode,
    Method,
    Severity,
    Truth,
    Verdict,
)

ENUMS = {
    "kind": ConditionKind,
    "data_state": DataState,
    "truth": Truth,
    "episode": Episode,
    "severity": Severity,
    "method": Method,
}
DAYS = ("since", "continued_on", "last_day", "valid_on")
INSTANTS = ("next_due", "overdue_after")


def result_of_json(pilot: str, document: Document, *, as_of: datetime) -> PilotResult:
    """Return what `as_json` wrote. What the interval method adds to a condition is not read back."""
    return PilotResult(
        pilot=pilot,
        as_of=as_of,
        verdict=Verdict(document["verdict"]),
        reason=document["reason"],
        sentence=document["sentence"],
        badges=tuple(document["badges"]),
        metrics=tuple(
            MetricResult(**_known(MetricResult, one) | {"state": DataState(one["state"])})
            for one in document["metrics"]
        ),
        conditions=tuple(ConditionResult(**_known(ConditionResult, one)) for one in document["conditions"]),
        drivers=tuple(
            DriverResult(**_known(DriverResult, one) | {"state": DriverState(one["state"])})
            for one in document["drivers"]
        ),
        next_look_at=_instant(document["next_look_at"]),
    )


def _known(kind: type, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a document that a dataclass has, as it has them."""
    names = {field.name for field in fields(kind)}
    return {name: _read(name, value) for name, value in document.items() if name in names}


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in ENUMS:
        return ENUMS[name](value)
    if name in DAYS:
        return date.fromisoformat(value)
    return _instant(value) if name in INSTANTS else value


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
