"""A pilot of the database as a pilot file."""

from __future__ import annotations

from pilots.evaluation.vocabulary import ConditionKind
from pilots.importing.pilot_files import PilotFile
from pilots.importing.pilot_parts import (
    SHARED_ROLES,
    DecisionPart,
    OptionPart,
    PeoplePart,
    PilotPart,
    ReviewsPart,
)
from pilots.models import Decision, Pilot
from pilots.services.errors import Reason, Refused
from pilots.services.filing import condition_part, driver_part, metric_part, stage_part
from pilots.services.policy_files import policy_part

KINDS = list(ConditionKind)


def file_of(pilot: Pilot) -> PilotFile:
    """Return what a pilot file says of this pilot, or raise Refused where it has no start yet."""
    if pilot.start is None:
        raise Refused(
            Reason("The pilot has no planned start, which a pilot file must name.", "pilot", "start")
        )
    rules = pilot.conditions.in_force().select_related("metric", "driver", "policy")
    return PilotFile(
        decision=_decision(pilot),
        pilot=PilotPart(
            ref=pilot.ref,
            title=pilot.title,
            start=pilot.start,
            end=pilot.end,
            timezone=pilot.timezone,
            hypothesis=pilot.hypothesis,
            cadence_days=pilot.cadence_days,
            pause_on_stop=pilot.pause_on_stop,
        ),
        people=_people(pilot),
        dimensions={name: tuple(categories) for name, categories in pilot.dimensions.items()},
        stages=tuple(stage_part(stage) for stage in pilot.stages.order_by("order")),
        metrics=tuple(metric_part(metric) for metric in pilot.metrics.select_related("owner").order_by("pk")),
        drivers=tuple(driver_part(driver) for driver in pilot.drivers.select_related("owner").order_by("pk")),
        conditions=tuple(
            condition_part(c) for c in sorted(rules, key=lambda c: (KINDS.index(ConditionKind(c.kind)), c.pk))
        ),
        escalation=tuple(
            policy_part(policy)
            for policy in pilot.escalation_policies.prefetch_related("steps").order_by("pk")
        ),
        reviews=ReviewsPart(first=pilot.first_review_on, every_days=pilot.review_every_days),
    )


def _decision(pilot: Pilot) -> DecisionPart | None:
    """Return the decision, or None where it only holds the pilot and says nothing of its own."""
    decision: Decision = pilot.decision
    options = tuple(
        OptionPart(key=o.key, title=o.title, chosen=o.chosen) for o in decision.options.order_by("key")
    )
    part = DecisionPart(
        ref=decision.ref,
        title=decision.title,
        framework=decision.framework.code if decision.framework else "",
        statement=decision.statement,
        options=options,
    )
    return None if part == DecisionPart(ref=pilot.ref, title=pilot.title) else part


def _people(pilot: Pilot) -> PeoplePart:
    owner, shared = pilot.decision.owner, dict[str, tuple[str, ...]]()
    for role, email in pilot.memberships.order_by("user__email").values_list("role", "user__email"):
        if role in SHARED_ROLES:
            shared[role] = (*shared.get(role, ()), email)
    return PeoplePart(decision_owner=owner.email if owner else "", **shared)
