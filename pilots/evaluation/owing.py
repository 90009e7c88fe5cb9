"""What is known of a metric or a driver, in words, and who owes what is not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pilots.evaluation.days import local_day
from pilots.evaluation.drivers import Drift, Impact
from pilots.evaluation.quality import Quality
from pilots.evaluation.specs import DriverSpec, MetricSpec
from pilots.evaluation.vocabulary import DataState, DriverState
from pilots.evaluation.wording import counted, number, on, percent, way_words

ASKS = "Say whether the limits still hold."
NOTHING = percent(0)


def metric_words(metric: MetricSpec, quality: Quality, *, timezone: str) -> str:
    """Say up to when a metric is known, and who owes what is not."""
    missing = counted(quality.owed, "day" if metric.cadence_days == 1 else "reading")
    match quality.state:
        case DataState.NO_BASELINE:
            return f"{metric.name}: no final baseline yet. {owes(metric.owner, 'it')}"
        case DataState.AWAITING_FIRST if quality.next_due:
            return f"{metric.name}: the first readings are due {on(local_day(quality.next_due, timezone))}."
        case DataState.NO_DATA:
            return f"{metric.name}: no readings yet. {owes(metric.owner, missing)}"
        case DataState.STALE if quality.last_day:
            return f"{metric.name}: no readings since {on(quality.last_day)}. {owes(metric.owner, missing)}"
    if quality.last_day is None:
        return f"{metric.name}: no entries, which means zero here."
    return f"{metric.name}: readings to {on(quality.last_day)}."


def driver_words(driver: DriverSpec, drift: Drift, *, due: date | None) -> str:
    """Say how a driver compares with before, and what is asked of whom."""
    said = [_drift_words(driver, drift)]
    if drift.state is DriverState.MOVED:
        said.append(ASKS)
    if drift.state is DriverState.UPDATE_DUE and due:
        said.append(f"Its update was due {on(due)}. {owes(driver.owner, 'it')}")
    return " ".join(said)


def owes(owner: str, what: str) -> str:
    return f"{owner} owes {what}." if owner else f"Nobody is named who owes {what}."


def _drift_words(driver: DriverSpec, drift: Drift) -> str:
    if drift.then and drift.now:
        against = f", against the four weeks to {on(drift.valid_on)}" if drift.valid_on else ""
        return f"{driver.name}{against}: {_mix_words(drift.then, drift.now)}.{_impact_words(drift.impact)}"
    if drift.valid_on:
        return f"{driver.name}: found still valid on {on(drift.valid_on)}, and no cases since."
    if drift.change is None or driver.current_value is None or driver.baseline_value is None:
        return f"{driver.name}: not known yet."
    if not drift.change:
        return f"{driver.name} is as it was before: {number(driver.current_value)}."
    way = way_words(drift.change)
    values = f"{number(driver.current_value)}, where it was {number(driver.baseline_value)}"
    return f"{driver.name} is {percent(drift.change)} {way} than before: {values}."


def _impact_words(impact: Impact | None) -> str:
    """Say what the mix alone does to a metric, and from where that matters."""
    if impact is None:
        return ""
    if percent(impact.change) == NOTHING:
        return (
            f" The mix alone leaves {impact.name} as it was; a change matters from {percent(impact.limit)}."
        )
    size = f"{percent(impact.change)} {way_words(impact.change)}"
    proven = "proven" if impact.low * impact.high > 0 else "not proven"
    return f" The mix alone makes {impact.name} {size} ({proven}); it matters from {percent(impact.limit)}."


def _mix_words(then: Mapping[str, float], now: Mapping[str, float]) -> str:
    """Name up to two categories whose shares changed most, of two that changed alike the one that grew."""
    grown = {name: round(now[name] - then[name], 9) for name in then}
    seen = [name for name in then if percent(now[name]) != percent(then[name])]
    loudest = sorted(seen, key=lambda name: (-abs(grown[name]), -grown[name], name))[:2]
    if not loudest:
        return "the shares are the same"
    return "; ".join(f"{name} {percent(now[name])} of all, was {percent(then[name])}" for name in loudest)
