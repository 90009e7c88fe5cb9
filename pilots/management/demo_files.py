"""The demo's pilots as pilot files: what is measured, what must hold, and the limits."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from pilots.management.demo_story import (
    CONTACT,
    DECISION,
    INFORMED,
    OPTIONS,
    OWNER,
    PILOT_OWNER,
    REVIEWER,
    STEWARD,
    Course,
)

BASELINE_DAYS = 56
PLANNED_DAYS = 90

DIMENSIONS = {"tier": ["enterprise", "business", "basic"], "severity": ["low", "medium", "high"]}
METRICS: tuple[dict[str, Any], ...] = (
    {
        "ref": "resolution_hours",
        "name": "Resolution time",
        "unit": "h",
        "kind": "geometric_mean",
        "direction": "lower_is_better",
    },
    {
        "ref": "cost_per_account",
        "name": "Support cost per account",
        "unit": "EUR",
        "direction": "lower_is_better",
        "window_days": 14,
    },
    {
        "ref": "health_score",
        "name": "Customer health score",
        "unit": "points",
        "direction": "higher_is_better",
        "cadence_days": 7,
        "window_days": 28,
    },
)
DRIVERS: tuple[dict[str, Any], ...] = (
    {
        "ref": "usage_criticality",
        "name": "Usage criticality",
        "value": 0.38,
        "update_rule": "Share of accounts whose daily work depends on us, from the usage report",
    },
    {
        "ref": "contract_tier",
        "name": "Contract tier",
        "dimension": "tier",
        "update_rule": "Counted from the cases of each day",
    },
    {
        "ref": "issue_severity",
        "name": "Issue severity mix",
        "dimension": "severity",
        "update_rule": "Counted from the cases of each day",
    },
)
THRESHOLDS: tuple[dict[str, Any], ...] = (
    {
        "ref": "T1",
        "metric": "resolution_hours",
        "improve_by": "5 %",
        "rationale": "Less is not felt by customers.",
    },
    {"ref": "T2", "metric": "cost_per_account", "improve_by": "3 %", "rationale": "It pays for the change."},
    {"ref": "T3", "metric": "health_score", "improve_by": "1 %", "rationale": "Renewals follow the score."},
)
STOPS: tuple[dict[str, Any], ...] = (
    {
        "ref": "S1",
        "metric": "resolution_hours",
        "worsen_by": "15 %",
        "sustained": 2,
        "notify": ["pilot_owner"],
        "rationale": "From here on customers write to their account managers.",
    },
    {
        "ref": "S2",
        "metric": "health_score",
        "worsen_by": "8 %",
        "rationale": "Accounts that fall this far have left within a year.",
    },
)
TRIGGERS: tuple[dict[str, Any], ...] = (
    {
        "ref": "E1",
        "metric": "resolution_hours",
        "worsen_by": "8 %",
        "severity": "SEV3",
        "notify": ["decision_owner", "pilot_owner", "escalation_contact"],
        "rationale": "Early enough to mend it before we have to stop.",
    },
    {
        "ref": "E2",
        "metric": "cost_per_account",
        "worsen_by": "10 %",
        "severity": "SEV3",
        "notify": ["decision_owner"],
        "rationale": "The budget of the quarter allows no more.",
    },
)


def pilot_file(course: Course, *, today: date) -> dict[str, Any]:
    """Return one pilot as the document a pilot file holds."""
    start = course.start(today)
    baseline = {"from": start - timedelta(days=BASELINE_DAYS), "to": start - timedelta(days=1)}
    options = [{k: o[k] for k in ("key", "title", "chosen") if k in o} for o in OPTIONS]
    return {
        "version": 1,
        "decision": {
            "ref": DECISION["ref"],
            "title": DECISION["title"],
            "framework": "B0174",
            "statement": DECISION["statement"],
            "options": options,
        },
        "pilot": {
            "ref": course.ref,
            "title": course.title,
            "start": start,
            "end": start + timedelta(days=PLANNED_DAYS),
            "people": people(),
            "dimensions": DIMENSIONS,
            "stages": [
                {"name": "First accounts", "exposure": "10 %", "min_days": 14, "min_sample": 200},
                {"name": "Half of the accounts", "exposure": "50 %", "min_days": 14, "min_sample": 500},
            ],
        },
        "metrics": [{**metric, "owner": STEWARD.email, "baseline": baseline} for metric in METRICS],
        "drivers": [{**driver, "owner": STEWARD.email, "update_every_days": 28} for driver in DRIVERS],
        "thresholds": list(THRESHOLDS),
        "stop_conditions": list(STOPS),
        "escalation_triggers": list(TRIGGERS),
        "reviews": {"first": start + timedelta(days=course.review_on_day), "every_days": 28},
    }


def people() -> dict[str, Any]:
    return {
        "decision_owner": OWNER.email,
        "pilot_owner": PILOT_OWNER.email,
        "metric_owner": STEWARD.email,
        "reviewer": REVIEWER.email,
        "escalation_contact": CONTACT.email,
        "informed": [INFORMED.email],
    }
