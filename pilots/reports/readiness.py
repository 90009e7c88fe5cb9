"""What a pilot still needs before it may be called ready."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from pilots.evaluation.baselines import baseline_of, baseline_periods
from pilots.evaluation.regions import Region, region_of
from pilots.evaluation.scopes import expand_scopes, members
from pilots.evaluation.series import Series
from pilots.evaluation.specs import ConditionSpec
from pilots.evaluation.vocabulary import ConditionKind
from pilots.models import Condition, Metric, Pilot, Role, User
from pilots.permissions import OWNERS, people_by_role

People = dict[str, list[User]]


@dataclass(frozen=True, slots=True)
class Check:
    """One clause of the list: `missing` says what keeps it open, `where` names the place that mends it."""

    key: str
    text: str
    ok: bool
    missing: tuple[str, ...]
    where: str


def readiness_of(pilot: Pilot, *, people: People | None = None) -> tuple[Check, ...]:
    """Check a pilot that was fetched `with_rules`, in the order in which it is set up."""
    people = people_by_role(pilot) if people is None else people
    found = ((key, text, where, tuple(find(pilot, people))) for key, text, where, find in CHECKS)
    return tuple(Check(key, text, not missing, missing, where) for key, text, where, missing in found)


def _owners(pilot: Pilot, people: People) -> Iterator[str]:
    for role in (Role.DECISION_OWNER, Role.PILOT_OWNER):
        if not people.get(role):
            yield f"Nobody is the {role.label.lower()}."
    for metric in pilot.metrics.all():
        if metric.steward is None or not metric.steward.is_active:
            yield f"Nobody owes the readings of {metric}."


def missing_baselines(pilot: Pilot, _: People | None = None) -> Iterator[str]:
    metrics = pilot.metrics.all()
    if not metrics:
        yield "There is no metric yet."
    for metric in metrics:
        baseline = metric.baseline
        if baseline is None:
            yield f"{metric} has no baseline."
        elif not baseline.is_final:
            yield f"The baseline of {metric} is not final."
        elif pilot.start and baseline.last_day >= pilot.start:
            yield f"The baseline of {metric} reaches into the pilot."


def _drivers(pilot: Pilot, _: People) -> Iterator[str]:
    for driver in pilot.drivers.all():
        if driver.dimension and not driver.baseline_mix:
            yield f"The mix of {driver} before the pilot is not known."
        if not driver.dimension and driver.baseline_value is None:
            yield f"The value of {driver} before the pilot is not known."
        if not (driver.update_rule and driver.update_every_days):
            yield f"Nothing says how and how often {driver} is updated."


def _limits(kind: ConditionKind, none: str) -> Callable[[Pilot, People], Iterator[str]]:
    def find(pilot: Pilot, _: People) -> Iterator[str]:
        enforced = [c for c in in_force(pilot) if c.kind == kind and not c.observe_only]
        if not enforced:
            yield none
        for condition in enforced:
            if not condition.rationale.strip():
                yield f"{condition} does not say why."

    return find


def _escalation(pilot: Pilot, people: People) -> Iterator[str]:
    triggers = [c for c in in_force(pilot) if c.kind == ConditionKind.ESCALATION_TRIGGER]
    if not triggers:
        yield "There is no escalation trigger."
    for trigger in triggers:
        unreachable = [name for name in trigger.notify if not _is_reachable(name, people)]
        if not trigger.notify:
            yield f"{trigger} names nobody to tell."
        for name in unreachable:
            yield f"{trigger} tells {_spoken(name)}, but nobody can be reached there."


def _first_review(pilot: Pilot, people: People) -> Iterator[str]:
    if pilot.first_review_on is None:
        yield "The first review is not scheduled."
    owners = {user for role in OWNERS for user in people.get(role, [])}
    reviewers = people.get(Role.REVIEWER, [])
    if not reviewers:
        yield "Nobody is the reviewer."
    elif all(reviewer in owners for reviewer in reviewers):
        yield f"{reviewers[0]} owns this pilot; the reviewer has to be somebody else."


def _stages(pilot: Pilot, _: People) -> Iterator[str]:
    if not pilot.stages.all():
        yield "There is no stage."


def _overlaps(pilot: Pilot, _: People) -> Iterator[str]:
    rules = in_force(pilot)
    thresholds = [c for c in rules if c.kind == ConditionKind.THRESHOLD and c.metric_id]
    stops = [c for c in rules if c.kind == ConditionKind.STOP_CONDITION]
    for threshold, stop in product(thresholds, stops):
        if threshold.metric_id == stop.metric_id and _overlap(threshold, stop, pilot):
            refs = f"“scale up” ({threshold.ref}) and “stop” ({stop.ref})"
            yield f"One value of {stop.metric} would mean both {refs}."


def in_force(pilot: Pilot) -> list[Condition]:
    return [condition for condition in pilot.conditions.all() if condition.retired_at is None]


def _overlap(threshold: Condition, stop: Condition, pilot: Pilot) -> bool:
    """Say whether a value of one metric would make both conditions true in one scope."""
    dimensions = {name: tuple(categories) for name, categories in pilot.dimensions.items()}
    metric = next(m for m in pilot.metrics.all() if m.pk == stop.metric_id)
    one, other = threshold.spec, stop.spec
    shared = set(expand_scopes(one, dimensions)) & set(expand_scopes(other, dimensions))
    return any(_meet(one, other, metric, scope, dimensions) for scope in shared)


def _meet(
    one: ConditionSpec,
    other: ConditionSpec,
    metric: Metric,
    scope: str,
    dimensions: dict[str, tuple[str, ...]],
) -> bool:
    baseline = None if one.spans_a_gap else baseline_value(metric, scope, dimensions)
    direction = metric.spec.direction
    regions: list[Region | None] = [region_of(c, direction, baseline=baseline) for c in (one, other)]
    known = [region for region in regions if region is not None]
    return len(known) == 2 and known[0].meets(known[1])


def baseline_value(metric: Metric, scope: str, dimensions: dict[str, tuple[str, ...]]) -> float | None:
    """Return what a metric was in a scope before the pilot, over one window, or None where none is final."""
    spec = metric.spec
    if spec.baseline is None or spec.baseline.finalised_at is None:
        return None
    before = baseline_of(
        spec,
        dict(spec.baseline.moments),
        baseline_periods(spec, Series(())),
        members(scope, spec.baseline.moments, dimensions),
    )
    return before.level(periods=max(1, spec.window_days // spec.cadence_days)) if before else None


def _is_reachable(name: str, people: People) -> bool:
    if name in Role.values:
        return any(user.email for user in people.get(name, []))
    try:
        validate_email(name)
    except ValidationError:
        return False
    return not User.objects.filter(email=name.lower(), is_active=False).exists()


def _spoken(name: str) -> str:
    return f"the {Role(name).label.lower()}" if name in Role.values else f"“{name}”"


Find = Callable[[Pilot, People], Iterable[str]]
CHECKS: tuple[tuple[str, str, str, Find], ...] = (
    ("owners", "Owners are assigned", "people", _owners),
    ("baselines", "Every metric has a final baseline", "baselines", missing_baselines),
    ("drivers", "Every driver has a starting point and an update rule", "drivers", _drivers),
    (
        "thresholds",
        "A threshold says when to scale up, and why",
        "conditions",
        _limits(ConditionKind.THRESHOLD, "There is no threshold to scale up at."),
    ),
    (
        "stop_conditions",
        "A stop condition says when to stop, and why",
        "conditions",
        _limits(ConditionKind.STOP_CONDITION, "There is no stop condition."),
    ),
    ("escalation_triggers", "Somebody is told before it gets bad", "conditions", _escalation),
    ("limits", "No value means both scale up and stop", "conditions", _overlaps),
    ("stages", "The stages are set", "stages", _stages),
    ("first_review", "The first review is scheduled with somebody else", "reviews", _first_review),
)
