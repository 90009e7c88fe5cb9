"""The escalation policies of a pilot file: made so, and written out again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import F, Q

from pilots.importing.pilot_parts import PolicyPart, StepPart
from pilots.models import EscalationPolicy, Pilot
from pilots.services.errors import Reason, Refused
from pilots.services.policies import remove_policy, save_policy


def policy_part(policy: EscalationPolicy) -> PolicyPart:
    steps = tuple(
        StepPart(notify=tuple(step.notify), wait_minutes=step.wait_minutes, working_time=step.working_time)
        for step in policy.steps.all()
    )
    return PolicyPart(name=policy.name, is_default=policy.is_default, steps=steps)


def policy_named(name: str, pilot: Pilot) -> EscalationPolicy:
    """Return the policy of that name: the pilot's own, or else the product's."""
    of_either = Q(pilot=pilot) | Q(pilot__isnull=True)
    found = EscalationPolicy.objects.filter(of_either, name=name).order_by(F("pilot").asc(nulls_last=True))
    policy = found.first()
    if policy is None:
        raise Refused(Reason(f"Nobody has written the escalation policy “{name}”.", "escalation"))
    return policy


def save_filed_policies(
    pilot: Pilot, parts: Sequence[PolicyPart], *, who_and_why: dict[str, Any]
) -> Iterator[str]:
    """Write the policies that differ, and yield what changed, in words."""
    for part in parts:
        known = pilot.escalation_policies.filter(name=part.name).first()
        if known is None or policy_part(known) != part:
            policy_id = known.pk if known else None
            save_policy(pilot_id=pilot.pk, policy_id=policy_id, **_fields(part), **who_and_why)
            yield f"escalation {part.name}: {'changed' if known else 'added'}"


def drop_unfiled_policies(
    pilot: Pilot, parts: Sequence[PolicyPart], *, who_and_why: dict[str, Any]
) -> Iterator[str]:
    """Remove the policies that a list leaves out, and yield which; without a list they stay.

    Call it after the rules are written: what one of them names can't go.
    """
    names = [part.name for part in parts]
    for policy in pilot.escalation_policies.exclude(name__in=names) if names else ():
        remove_policy(policy_id=policy.pk, **who_and_why)
        yield f"escalation {policy}: removed"


def _fields(part: PolicyPart) -> dict[str, Any]:
    steps = [
        {"notify": list(step.notify), "wait_minutes": step.wait_minutes, "working_time": step.working_time}
        for step in part.steps
    ]
    return {"name": part.name, "is_default": part.is_default, "steps": steps}
