"""Working defaults for stories: each builder makes a valid row; name only what the story is about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import F

from pilots.evaluation.moments import Moments
from pilots.models import (
    Alert,
    Baseline,
    Condition,
    Decision,
    Driver,
    Evaluation,
    Membership,
    Metric,
    Observation,
    Option,
    Pilot,
    PilotState,
    ReadingRevision,
    Review,
    Role,
    Stage,
    User,
)

START = date(2026, 3, 2)  # a Monday
NOON = datetime(2026, 3, 30, 12, tzinfo=UTC)


def a_person(email: str = "owner@example.org", **fields: Any) -> User:
    known = User.objects.filter(email=email).first()
    name = fields.pop("name", email.split("@")[0].replace(".", " ").title())
    return known or User.objects.create_user(email=email, name=name, **fields)


def a_decision(ref: str = "support-tiers", *, owner: User | None = None, **fields: Any) -> Decision:
    fields = {"title": "Support tiers", "statement": "Pilot in stages.", "rationale": "Learn first."} | fields
    decision = Decision.objects.create(ref=ref, owner=owner or a_person(), **fields)
    for key, title in (("A", "Keep"), ("B", "Pilot in stages"), ("C", "Redesign")):
        Option.objects.create(decision=decision, key=key, title=title, chosen=key == "B")
    return decision


def a_pilot(ref: str = "tiers", *, decision: Decision | None = None, **fields: Any) -> Pilot:
    """A draft pilot with an owner, a reviewer and one stage, and nothing measured yet."""
    fields = {"title": "Tier pilot", "start": START, "end": START + timedelta(days=90)} | fields
    fields = {"dimensions": {"severity": ["low", "high"]}} | fields
    pilot = Pilot.objects.create(ref=ref, decision=decision or a_decision(f"{ref}-decision"), **fields)
    PilotState.objects.create(pilot=pilot)
    people = {Role.PILOT_OWNER: "pilot.owner@example.org", Role.REVIEWER: "reviewer@example.org"}
    for role, email in people.items():
        Membership.objects.create(pilot=pilot, user=a_person(email), role=role)
    Stage.objects.create(pilot=pilot, order=1, name="first accounts", min_days=14)
    return pilot


def a_metric(pilot: Pilot, ref: str = "resolution_hours", **fields: Any) -> Metric:
    fields = {"name": "Resolution time", "unit": "h", "owner": a_person("data@example.org")} | fields
    return Metric.objects.create(pilot=pilot, ref=ref, **fields)


def a_final_baseline(metric: Metric, *, mean: float = 20.0, n: int = 2800, **fields: Any) -> Baseline:
    """A final baseline of the 56 days before the pilot, the same in every segment."""
    segments = segments_of(metric.pilot)
    share = n // len(segments)
    parts = {s: Moments(share, share * mean, share * (mean**2 + 16.0)) for s in segments}
    fields = {"first_day": START - timedelta(days=56), "last_day": START - timedelta(days=1)} | fields
    return Baseline.objects.create(
        metric=metric,
        value=mean,
        n=share * len(segments),
        spread=4.0,
        moments={s: [m.n, m.total, m.total_sq] for s, m in parts.items()},
        finalised_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
        finalised_by=a_person("data@example.org"),
        **fields,
    )


def a_condition(metric: Metric, ref: str = "S1", kind: str = "stop_condition", **fields: Any) -> Condition:
    fields = {"comparison": "worsen_by", "limit": 0.10, "severity": "SEV2", "rationale": "Agreed."} | fields
    return Condition.objects.create(pilot=metric.pilot, metric=metric, ref=ref, kind=kind, **fields)


def a_driver(pilot: Pilot, ref: str = "issue_severity", **fields: Any) -> Driver:
    fields = {"name": "Issue severity mix", "dimension": "severity", "update_every_days": 7} | fields
    fields = {"baseline_mix": {"low": 0.5, "high": 0.5}, "update_rule": "Counted weekly"} | fields
    return Driver.objects.create(pilot=pilot, ref=ref, **fields)


def a_review(pilot: Pilot, **fields: Any) -> Review:
    fields = {"scheduled_for": START + timedelta(days=28), "due_on": START + timedelta(days=28)} | fields
    return Review.objects.create(pilot=pilot, reviewer=a_person("reviewer@example.org"), **fields)


def segments_of(pilot: Pilot) -> list[str]:
    """The segments of a pilot with at most one dimension."""
    return next(iter(pilot.dimensions.values()), ["all"])


def readings(metric: Metric, *, mean: float, first: date = START, days: int = 28, n: int = 25) -> None:
    """A reading a day and segment, all with the same mean, known at the end of their day."""
    for offset in range(days):
        day = first + timedelta(days=offset)
        known = datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC) - timedelta(seconds=1)
        for segment in segments_of(metric.pilot):
            values: dict[str, Any] = {
                "metric": metric,
                "day": day,
                "segment": segment,
                "n": n,
                "total": n * mean,
                "total_sq": n * (mean**2 + 16.0),
                "as_of": known,
                "received_at": known,
            }
            Observation.objects.create(**values)
            ReadingRevision.objects.create(**values)
    PilotState.objects.filter(pilot=metric.pilot).update(
        dirty_seq=PilotState.objects.get(pilot=metric.pilot).dirty_seq + 1
    )


def a_running_pilot(ref: str = "tiers", *, mean: float = 20.0, days: int = 28, **fields: Any) -> Pilot:
    """A pilot that runs since START, with resolution time, its final baseline of 20 hours and three rules."""
    pilot = a_pilot(ref, **fields)
    metric = a_metric(pilot)
    a_final_baseline(metric)
    a_condition(metric, "T1", "threshold", comparison="improve_by", limit=0.05, severity="SEV4")
    a_condition(metric, "S1")
    a_condition(metric, "E1", "escalation_trigger", limit=0.05, severity="SEV3", notify=["decision_owner"])
    pilot.stages.update(status=Stage.Status.RUNNING, started_on=START)
    pilot.status = Pilot.Status.RUNNING
    pilot.started_at = datetime.combine(START, datetime.min.time(), UTC)
    pilot.save()
    readings(metric, mean=mean, days=days)
    return pilot


def a_taken_decision(ref: str = "support-tiers", **fields: Any) -> Decision:
    return a_decision(ref, status=Decision.Status.DECIDED, decided_at=NOON - timedelta(days=40), **fields)


def a_complete_pilot(ref: str = "tiers", **fields: Any) -> Pilot:
    """A draft in which nothing is missing any more, of a decision that has been taken."""
    fields = {"first_review_on": START + timedelta(days=28), "review_every_days": 28, **fields}
    pilot = a_pilot(
        ref, decision=fields.pop("decision", None) or a_taken_decision(f"{ref}-decision"), **fields
    )
    metric = a_metric(pilot)
    a_final_baseline(metric)
    a_driver(pilot)
    a_condition(metric, "T1", "threshold", comparison="improve_by", limit=0.05, severity="SEV4")
    a_condition(metric, "S1")
    a_condition(metric, "E1", "escalation_trigger", limit=0.05, severity="SEV3", notify=["decision_owner"])
    return pilot


def an_alert(pilot: Pilot, kind: str = "stop_condition", **fields: Any) -> Alert:
    fields = {"severity": "SEV2", "sentence": "Cases take longer than you allowed."} | fields
    fields = {
        "opened_at": NOON,
        "last_seen_at": NOON,
        "condition": pilot.conditions.filter(kind=kind).first(),
    } | fields
    return Alert.objects.create(pilot=pilot, kind=kind, **fields)


def an_evaluation(
    pilot: Pilot, *, verdict: str = "on_track", at: datetime = NOON, state: str = "usable", n: int = 1400
) -> Evaluation:
    """What the engine stored at its last look, everything seen: one metric, one threshold."""
    metric = {"ref": "resolution_hours", "name": "Resolution time", "state": state, "n": n}
    result = {
        "metrics": [metric | {"sentence": f"Resolution time is {state}."}],
        "conditions": [{"ref": "T1", "kind": "threshold", "metric": "resolution_hours"}],
    }
    values = {
        "as_of": at,
        "recorded_at": at,
        "verdict": verdict,
        "result": result,
        "digest": "",
        "evaluator": "1",
    }
    evaluation = Evaluation.objects.create(pilot=pilot, **values)
    PilotState.objects.filter(pilot=pilot).update(
        evaluation=evaluation, last_evaluated_at=at, verdict=verdict, evaluated_seq=F("dirty_seq")
    )
    return evaluation
