"""The reviewers' door: every model with its history, and changes through the services."""

from pilots.admin import (  # noqa: F401  (importing registers)
    alerts,
    conditions,
    decisions,
    engine,
    escalation,
    evaluations,
    impact,
    metrics,
    notifications,
    observations,
    people,
    pilots,
    reviews,
)
