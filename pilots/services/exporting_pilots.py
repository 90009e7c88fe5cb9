"""A pilot of the database as a pilot file."""

from __future__ import annotations

from pilots.evaluation.vocabulary import ConditionKind
from pilots.importing.pilot_files import PilotFile
from pilots.importing.pilot_parts import DecisionPart, OptionPart, PeoplePart, PilotPart, ReviewsPart
from pilots.models import Decision, Pilot, Role
from pilots.services.errors import Reason, Refused
from pilots.services.filing import condition_part, driver_part, metric_part, stage_part

KINDS = list(ConditionKind)
ONE_PERSON = ("decision_owner", "pilot_owner", "metric_owner", "reviewer", "escalation_contact")


def file_of(pilot: Pilot) -> PilotFile:
    """Return what a pilot file says of this pilot, or raise Refused where it has no start yet."""
    if pilot.start is None:
        raise Refused(
            Reason("The pilot has no planned start, which a pilot file must name.", "pilot", "start")
        )
    rules = (c for c in pilot.conditions.in_force().select_related("metric", "driver") if c.comparison)
    return PilotFile(
        decision=_decision(pilot),
        pilot=PilotPart(
            ref=pilot.ref, title=pilot.title, start=pilot.start, end=pilot.end, timezone=pilot.timezone
        ),
        people=_people(pilot),
        dimensions={name: tuple(categories) for name, categories in pilot.dimensions.items()},
        stages=tuple(stage_part(stage) for stage in pilot.stages.order_by("order")),
        metrics=tuple(metric_part(metric) for metric in pilot.metrics.select_related("owner").order_by("pk")),
        drivers=tuple(driver_part(driver) for driver in pilot.drivers.select_related("owner").order_by("pk")),
        conditions=tuple(
            condition_part(c) for c in sorted(rules, key=lambda c: (KINDS.index(ConditionKind(c.kind)), c.pk))
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
    """Return who has which role. A file names one person a role; where there are more, the first."""
    emails: dict[str, list[str]] = {}
    for membership in pilot.memberships.select_related("user").order_by("pk"):
        emails.setdefault(membership.role, []).append(membership.user.email)
    if pilot.decision.owner:
        emails[Role.DECISION_OWNER] = [pilot.decision.owner.email]
    first = {role: emails[role][0] for role in ONE_PERSON if role in emails}
    return PeoplePart(**first, informed=tuple(emails.get(Role.INFORMED, ())))


def left_out(pilot: Pilot) -> list[str]:
    """Name what this pilot has and a pilot file has no words for."""
    people = file_of(pilot).people
    named = {(role, getattr(people, role)) for role in ONE_PERSON}
    named |= {(Role.INFORMED.value, email) for email in people.informed}
    others = [m for m in pilot.memberships.select_related("user") if (m.role, m.user.email) not in named]
    rules = [c for c in pilot.conditions.in_force() if not c.comparison or c.sustained_days or c.min_days]
    own = [label for label, value in _own_words(pilot).items() if value]
    return [
        *(f"{m.user.email} as {m.get_role_display().lower()}" for m in others),
        *(f"part of rule {rule.ref}: the data state, days or first look it names" for rule in rules),
        *own,
    ]


def _own_words(pilot: Pilot) -> dict[str, object]:
    stages = pilot.stages.exclude(planned_start=None, planned_end=None)
    return {
        "the hypothesis": pilot.hypothesis,
        "how often it is judged": pilot.cadence_days != 1,
        "that a stop pauses it": pilot.pause_on_stop,
        "the planned days of its stages": stages.exists(),
    }
