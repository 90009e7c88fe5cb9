"""Write who is told next when nobody answers: a policy and its steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from pilots.models import EscalationPolicy, EscalationStep, Pilot, User
from pilots.permissions import can_edit_policies, require
from pilots.services.addressing import can_be_named
from pilots.services.errors import Reason, Refused, Stale
from pilots.services.saving import allow_change, lock, lock_pilot_to_edit, remove, save, write

WHERE = "escalation"


@transaction.atomic
def save_policy(
    *,
    by: User,
    name: str,
    steps: Sequence[Mapping[str, Any]],
    is_default: bool,
    now: datetime,
    reason: str = "",
    policy_id: int | None = None,
    pilot_id: int | None = None,
    seen_version: int | None = None,
) -> EscalationPolicy:
    """Write a policy with its steps, in order: of a pilot, or without one of the whole product.

    A default takes the place of the one before. Alerts under way keep the steps they opened with.
    Raises Refused with every mistake.
    """
    pilot = _lock_pilot_of(policy_id, by=by) if policy_id else _lock_pilot(pilot_id, by=by)
    policies = EscalationPolicy.objects.all()
    policy = lock(policies, policy_id) if policy_id else EscalationPolicy(pilot=pilot)
    if seen_version is not None and seen_version != policy.version:
        raise Stale(policy)
    _refuse_bad_steps(steps)
    if is_default:
        _take_the_place(policy, by=by, reason=reason)
    fields = {"name": name, "is_default": is_default}
    write(policy, fields, by=by, where=WHERE, reason=reason, within=pilot)
    _save_steps(policy, steps, by=by, reason=reason, within=pilot)
    return policy


@transaction.atomic
def remove_policy(*, policy_id: int, by: User, now: datetime, reason: str = "") -> None:
    """Remove a policy that no rule names. Alerts under way keep its steps."""
    pilot = _lock_pilot_of(policy_id, by=by)
    policy = lock(EscalationPolicy.objects.all(), policy_id)
    if pilot is not None:
        allow_change(pilot, reason, WHERE)
    named_by = [condition.ref for condition in policy.conditions.order_by("ref")]
    if named_by:
        raise Refused(Reason(f"{', '.join(named_by)} still name “{policy}”.", WHERE))
    for step in policy.steps.all():
        remove(step, by=by, reason=reason)
    remove(policy, by=by, reason=reason)


def _lock_pilot_of(policy_id: int, *, by: User) -> Pilot | None:
    """Lock the pilot of a policy before the policy itself: who saves a rule that names it does so too."""
    pilot_id = EscalationPolicy.objects.values_list("pilot_id", flat=True).get(pk=policy_id)
    return _lock_pilot(pilot_id, by=by)


def _lock_pilot(pilot_id: int | None, *, by: User) -> Pilot | None:
    """Lock the pilot whose policies this person may write; None stands for the whole product."""
    if pilot_id is not None:
        return lock_pilot_to_edit(pilot_id, by=by)
    require(can_edit_policies, by, None)
    return None


def _take_the_place(policy: EscalationPolicy, *, by: User, reason: str) -> None:
    same = EscalationPolicy.objects.filter(pilot=policy.pilot_id, is_default=True).exclude(pk=policy.pk)
    for before in same:
        before.is_default = False
        save(before, by=by, reason=reason)


def _save_steps(
    policy: EscalationPolicy,
    steps: Sequence[Mapping[str, Any]],
    *,
    by: User,
    reason: str,
    within: Pilot | None,
) -> None:
    known = {step.order: step for step in policy.steps.all()}
    for order, fields in enumerate(steps, start=1):
        step = known.pop(order, None) or EscalationStep(policy=policy, order=order)
        write(step, fields, by=by, where=WHERE, reason=reason, within=within)
    for step in known.values():
        if within is not None:
            allow_change(within, reason, WHERE)
        remove(step, by=by, reason=reason)


def _refuse_bad_steps(steps: Sequence[Mapping[str, Any]]) -> None:
    mistakes = [] if steps else [Reason("Name at least one step.", WHERE, "steps")]
    for number, step in enumerate(steps, start=1):
        if not step["notify"]:
            mistakes.append(Reason(f"Step {number}: say who is told.", WHERE, "steps"))
        mistakes += [
            Reason(
                f"Step {number}: “{entry}” is neither a role, an address nor a destination.", WHERE, "steps"
            )
            for entry in step["notify"]
            if not can_be_named(entry)
        ]
    if mistakes:
        raise Refused(*mistakes)
