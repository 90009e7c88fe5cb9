"""The chain of an alert: who is told first, who next, and how long each has to answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict

from django.db.models import Q

from pilots.evaluation.escalation import STEP_WAITS, Wait
from pilots.evaluation.vocabulary import Severity
from pilots.models import Alert, EscalationPolicy, Pilot, Role
from pilots.services.addressing import Audience, audience_of, reach, those_meant
from pilots.services.policies import save_policy as save_policy

OWN, OF_PILOT, OF_PRODUCT, BUILT_IN = "rule", "pilot", "product", "built-in"


class Step(TypedDict):
    """One step as it is frozen with an alert. Without `wait_minutes` its severity says how long."""

    notify: list[str]
    wait_minutes: int | None
    working_time: bool
    policy: str  # whose it is: the rule's own, the pilot's, the product's, or built in


BY_SEVERITY: Sequence[Step] = tuple(
    {"notify": notify, "wait_minutes": None, "working_time": False, "policy": BUILT_IN}
    for notify in ([], [Role.DEPUTY.value, Role.DECISION_OWNER.value, Role.ESCALATION_CONTACT.value])
)


def chain_of(alert: Alert) -> list[Step]:
    """Return the steps an alert climbs, as they are kept with it: later edits change nothing of it.

    The rule's own policy comes first, then the pilot's default, the product's, and the built-in one.
    """
    found = _policy_of(alert)
    if found is None:
        return [*BY_SEVERITY]
    return _frozen(*found)


def _frozen(policy: EscalationPolicy, whose: str) -> list[Step]:
    return [
        {
            "notify": list(step.notify),
            "wait_minutes": step.wait_minutes,
            "working_time": step.working_time,
            "policy": whose,
        }
        for step in policy.steps.all()
    ]


def _policy_of(alert: Alert) -> tuple[EscalationPolicy, str] | None:
    own = alert.condition.policy_id if alert.condition else None
    default = Q(is_default=True) & (Q(pilot=alert.pilot_id) | Q(pilot__isnull=True))
    policies = EscalationPolicy.objects.filter(default | Q(pk=own)).prefetch_related("steps")
    whose = {
        OWN if policy.pk == own else OF_PILOT if policy.pilot_id else OF_PRODUCT: policy
        for policy in policies
        if policy.steps.all()
    }
    return next(((whose[name], name) for name in (OWN, OF_PILOT, OF_PRODUCT) if name in whose), None)


def wait_of_step(alert: Alert, step: int) -> Wait | None:
    """Return how long a step, counted from 1, has to answer; None: the next one is never told.

    The least severe climb only a policy that their rule names itself.
    """
    frozen: Step = alert.chain[step - 1]
    by_severity = STEP_WAITS[Severity(alert.severity)]
    minutes = frozen["wait_minutes"]
    if minutes is None or (by_severity is None and frozen["policy"] != OWN):
        return by_severity
    return Wait(timedelta(minutes=minutes), working_time=frozen["working_time"])


def people_of_step(step: int, alert: Alert) -> Audience:
    """Return who is told at a step, counted from 1; the first is whom the alert is meant for."""
    if step <= 1:
        return audience_of(alert)
    return reach(alert.chain[step - 1]["notify"], alert)


def next_in_line(alert: Alert) -> tuple[datetime, Audience] | None:
    """Return who is told next while nobody answers, and when."""
    if alert.status != Alert.Status.OPEN or alert.step_due_at is None:
        return None
    return alert.step_due_at, people_of_step(alert.chain_step + 1, alert)


@dataclass(frozen=True, slots=True)
class PreviewedStep:
    """A step as it would go: who is told, who of those meant can't be, and how long they have."""

    number: int
    names: tuple[str, ...]
    unreachable: tuple[str, ...]
    instead: str
    wait: str


def preview(policy: EscalationPolicy | None, pilot: Pilot) -> list[PreviewedStep]:
    """Say who would be told of a SEV2 alert of a pilot, step by step; None: by the built-in chain."""
    alert = Alert(pilot=pilot, kind=Alert.Kind.ESCALATION_TRIGGER, severity=Severity.SEV2.value)
    alert.chain = _frozen(policy, OWN) if policy else [*BY_SEVERITY]
    return [_previewed(number, alert) for number in range(1, len(alert.chain) + 1)]


def _previewed(number: int, alert: Alert) -> PreviewedStep:
    audience, wait = people_of_step(number, alert), wait_of_step(alert, number)
    is_last = number == len(alert.chain)
    return PreviewedStep(
        number=number,
        names=tuple(recipient.name for recipient in audience.recipients),
        unreachable=tuple(unreachable(alert.chain[number - 1]["notify"], alert)),
        instead=audience.note,
        wait="" if is_last or wait is None else wait.words,
    )


def unreachable(wanted: Iterable[str], alert: Alert) -> list[str]:
    """Name the roles and addresses of which nobody can be told."""
    return [those_meant([entry]) for entry in wanted if not reach([entry], alert, or_else=False).recipients]
