"""Pilots as a company would have them, one in each headline, judged by the real engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from math import sin
from typing import Any

from django.utils import timezone

from pilots.evaluation.moments import Moments
from pilots.models import (
    Baseline,
    Decision,
    Framework,
    Membership,
    Metric,
    NextStep,
    Observation,
    Pilot,
    PilotState,
    ReadingRevision,
    Review,
    Risk,
    Role,
    Stage,
    User,
)
from pilots.services.evaluating import evaluate_pilot
from tests.builders import a_condition, a_decision, a_driver, a_metric, a_person, a_pilot, a_review

PASSWORD = "correct horse battery staple"
BASELINE_DAYS = 42
TIERS = {"tier": ["basic", "standard", "premium"], "severity": ["critical", "major", "minor"]}
WEIGHT = {"basic": 0.3, "standard": 0.42, "premium": 0.28, "critical": 0.1, "major": 0.3, "minor": 0.6}

Level = Callable[[date, str], float]


def owner() -> User:
    return a_person("mei.tanaka@example.org", name="Mei Tanaka", password=PASSWORD)


def a_started_pilot(
    ref: str, title: str, *, days_ago: int, metric: str = "Resolution time", **fields: Any
) -> Pilot:
    """A pilot that began some days ago, with one stage running of two, and one metric without readings."""
    today = timezone.localdate()
    start = today - timedelta(days=days_ago)
    length = int(fields.pop("length", 56))
    who = fields.pop("pilot_owner", "jonas.lindqvist@example.org")
    decision = a_decision(f"{ref}-decision", owner=owner(), title=f"Should we try {title.lower()}?")
    end = start + timedelta(days=length - 1)
    pilot = a_pilot(ref, decision=decision, title=title, start=start, end=end, **fields)
    pilot.memberships.filter(role=Role.PILOT_OWNER).delete()
    Membership.objects.create(pilot=pilot, user=a_person(str(who)), role=Role.PILOT_OWNER)
    stage = pilot.stages.get()
    stage.name, stage.status, stage.started_on = "First accounts", Stage.Status.RUNNING, start
    stage.planned_end, stage.exposure_share = start + timedelta(days=length // 2 - 1), 0.05
    stage.save()
    Stage.objects.create(pilot=pilot, order=2, name="A quarter", exposure_share=0.25, min_days=14)
    pilot.status = Pilot.Status.RUNNING
    pilot.started_at = datetime.combine(start, time(8), UTC)
    pilot.save()
    a_review(
        pilot,
        scheduled_for=today + timedelta(days=days_ago % 13),
        due_on=today + timedelta(days=days_ago % 13),
    )
    a_metric(pilot, name=metric, owner=a_person("aiko.sato@example.org"))
    return pilot


def measured(metric: Metric, level: Level, *, to: date | None = None, cases: int = 60) -> None:
    """Give a metric a final baseline and readings by day and segment, with weekdays and some noise."""
    pilot = metric.pilot
    assert pilot.start is not None
    first, last = pilot.start - timedelta(days=BASELINE_DAYS), to or timezone.localdate() - timedelta(days=1)
    rows = [
        row
        for offset in range((last - first).days + 1)
        for row in _rows(metric, first + timedelta(days=offset), level, cases)
    ]
    Observation.objects.bulk_create(rows)
    ReadingRevision.objects.bulk_create(_as_received(row) for row in rows)
    _final_baseline(metric, [row for row in rows if row.day < pilot.start])
    PilotState.objects.filter(pilot=pilot).update(dirty_seq=2)


def _rows(metric: Metric, day: date, level: Level, cases: int) -> list[Observation]:
    known = datetime.combine(day, time(21), UTC)
    weekend = 0.4 if day.weekday() > 4 else 1.0
    rows = []
    for i, segment in enumerate(segments(metric.pilot)):
        n = max(3, round(cases * weekend * _weight(segment) * (1 + 0.2 * sin(day.toordinal() * 1.7 + i))))
        mean = level(day, segment) * (1 + 0.045 * sin(day.toordinal() * 2.39 + i * 1.3))
        square = mean**2 * 1.4 if metric.kind != "rate" else mean
        rows.append(
            Observation(
                metric=metric,
                day=day,
                segment=segment,
                n=n,
                total=n * mean,
                total_sq=n * square,
                as_of=known,
                received_at=known,
                source="help desk",
            )
        )
    return rows


def _as_received(row: Observation) -> ReadingRevision:
    kept = ("metric_id", "day", "segment", "arm", "n", "total", "total_sq", "as_of", "received_at", "source")
    return ReadingRevision(**{name: getattr(row, name) for name in kept})


def segments(pilot: Pilot) -> list[str]:
    names = list(pilot.dimensions)
    if len(names) == 2:
        one, other = (pilot.dimensions[name] for name in names)
        return [f"{names[0]}={a}|{names[1]}={b}" for a in one for b in other]
    return list(next(iter(pilot.dimensions.values()), ["all"]))


def _weight(segment: str) -> float:
    weight = 1.0
    for part in segment.split("|"):
        weight *= WEIGHT.get(part.rpartition("=")[2], 0.5)
    return weight


def _final_baseline(metric: Metric, rows: Sequence[Observation]) -> None:
    parts: dict[str, Moments] = {}
    for row in rows:
        parts[row.segment] = parts.get(row.segment, Moments()) + Moments(row.n, row.total, row.total_sq)
    whole = sum(parts.values(), Moments())
    Baseline.objects.create(
        metric=metric,
        first_day=rows[0].day,
        last_day=rows[-1].day,
        value=whole.mean,
        n=whole.n,
        spread=4.0,
        moments={segment: [m.n, m.total, m.total_sq] for segment, m in parts.items()},
        finalised_at=datetime.combine(rows[-1].day, time(22), UTC),
        finalised_by=metric.owner,
    )


def step(before: float, after: float, pilot: Pilot) -> Level:
    """The same level in every segment, another one from the pilot's start."""
    assert pilot.start is not None
    start = pilot.start
    return lambda day, _: before if day < start else after


def usual_rules(metric: Metric, **trigger: object) -> None:
    a_condition(
        metric, "T1", "threshold", comparison="improve_by", limit=0.05, severity="SEV4", name="Quicker"
    )
    a_condition(metric, "S1", limit=0.15, name="Much slower")
    notify = {"notify": ["decision_owner"]} | trigger
    a_condition(metric, "E1", "escalation_trigger", limit=0.05, severity="SEV3", name="Slower", **notify)


def judged(pilot: Pilot, *, days: int = 0) -> Pilot:
    """Have the engine judge a pilot at the end of each of the last days, and now."""
    now = timezone.now()
    for back in range(days, -1, -1):
        evaluate_pilot(pilot_id=pilot.pk, now=now - timedelta(days=back))
    return pilot


def stopping() -> Pilot:
    pilot = a_started_pilot(
        "chat-first", "Chat-first routing for billing", days_ago=12, length=28, metric="Opened again"
    )
    metric = pilot.metrics.get()
    measured(metric, step(8.0, 10.6, pilot))
    usual_rules(metric)
    return judged(pilot, days=3)


def escalating() -> Pilot:
    """Three metrics, two dimensions; the basic tier waits longer."""
    pilot = a_started_pilot("support-tiers", "Support tier segmentation", days_ago=23, dimensions=TIERS)
    start = pilot.start
    assert start is not None
    metric = pilot.metrics.get()
    metric.maturity_days = 2
    metric.save()

    def level(day: date, segment: str) -> float:
        before = {"basic": 20.0, "standard": 22.5, "premium": 24.0}[_category(segment, "tier")]
        change = {"basic": 1.09, "standard": 0.82, "premium": 0.7}[_category(segment, "tier")]
        return before if day < start else before * change

    measured(metric, level, cases=300)
    cost = a_metric(
        pilot,
        "support_cost",
        name="Support cost per account",
        unit="€",
        owner=a_person("daniel.okafor@example.org"),
    )
    measured(cost, step(41.2, 39.5, pilot), cases=300)
    health = a_metric(
        pilot,
        "health_score",
        name="Customer health score",
        unit="points",
        direction="higher_is_better",
        owner=a_person("priya.nair@example.org"),
    )
    measured(health, step(71.4, 72.2, pilot), cases=300)
    a_condition(
        metric,
        "T1",
        "threshold",
        comparison="improve_by",
        limit=0.05,
        severity="SEV4",
        name="Cases are solved sooner",
    )
    a_condition(
        cost,
        "T2",
        "threshold",
        comparison="improve_by",
        limit=0.06,
        severity="SEV4",
        name="Support costs less",
    )
    a_condition(metric, "S2", scope="each:tier", limit=0.15, name="A tier becomes much slower")
    a_condition(cost, "S1", limit=0.10, name="Support costs much more")
    a_condition(health, "S3", comparison="below", limit=65.0, name="Customers are unhappy")
    a_condition(
        metric,
        "E1",
        "escalation_trigger",
        scope="each:tier",
        limit=0.05,
        severity="SEV3",
        name="No tier is left behind",
        notify=["pilot_owner"],
    )
    drivers(pilot)
    return judged(pilot, days=6)


def _category(segment: str, dimension: str) -> str:
    return next(part.partition("=")[2] for part in segment.split("|") if part.startswith(f"{dimension}="))


def drivers(pilot: Pilot) -> None:
    today = timezone.localdate()
    fresh = {"updated_on": today - timedelta(days=2), "owner": a_person("aiko.sato@example.org")}
    mix = {"critical": 0.1, "major": 0.3, "minor": 0.6}
    a_driver(pilot, "issue_severity", name="Issue severity mix", baseline_mix=mix, **fresh)
    tiers = {"basic": 0.3, "standard": 0.42, "premium": 0.28}
    a_driver(
        pilot,
        "contract_tier",
        name="Contract tier of the case",
        dimension="tier",
        baseline_mix=tiers,
        **fresh,
    )
    a_driver(
        pilot,
        "usage_criticality",
        name="Usage criticality",
        dimension="",
        baseline_mix={},
        baseline_value=0.34,
        current_value=0.35,
        **fresh,
    )


def revisiting() -> Pilot:
    pilot = a_started_pilot(
        "lisbon-weekends",
        "Weekend cover from Lisbon",
        days_ago=31,
        metric="First reply",
        pilot_owner="ana.duarte@example.org",
    )
    metric = pilot.metrics.get()
    measured(metric, step(4.0, 3.9, pilot))
    usual_rules(metric)
    overdue = timezone.localdate() - timedelta(days=12)
    a_driver(
        pilot,
        name="Share of critical cases",
        dimension="",
        baseline_mix={},
        baseline_value=0.08,
        current_value=0.14,
        updated_on=overdue,
    )
    return judged(pilot)


def scaling() -> Pilot:
    pilot = a_started_pilot(
        "suggested-replies",
        "Suggested replies for questions",
        days_ago=27,
        length=56,
        metric="Handling",
        pilot_owner="grace.mensah@example.org",
    )
    metric = pilot.metrics.get()
    measured(metric, step(34.0, 28.0, pilot))
    usual_rules(metric)
    return judged(pilot, days=2)


def undecided() -> Pilot:
    pilot = a_started_pilot(
        "named-engineers",
        "Named engineers for premium",
        days_ago=70,
        length=56,
        metric="Cost per account",
        pilot_owner="henrik.aalto@example.org",
    )
    pilot.stages.filter(order=2).delete()
    metric = pilot.metrics.get()
    measured(metric, step(41.0, 40.7, pilot))
    usual_rules(metric)
    return judged(pilot)


def blind() -> Pilot:
    pilot = a_started_pilot(
        "health-warning",
        "Health score as early warning",
        days_ago=19,
        metric="Renewals at risk",
        pilot_owner="priya.nair@example.org",
    )
    metric = pilot.metrics.get()
    measured(metric, step(12.0, 11.8, pilot), to=timezone.localdate() - timedelta(days=5))
    usual_rules(metric)
    return judged(pilot, days=1)


def starting() -> Pilot:
    pilot = a_started_pilot(
        "self-service",
        "Self-service password reset",
        days_ago=4,
        metric="Cases a day",
        pilot_owner="tomas.rivera@example.org",
    )
    metric = pilot.metrics.get()
    measured(metric, step(9.0, 8.0, pilot))
    usual_rules(metric)
    return judged(pilot)


def without_readings() -> Pilot:
    pilot = a_started_pilot(
        "knowledge-base", "Japanese knowledge base", days_ago=0, metric="Solved without us"
    )
    metric = pilot.metrics.get()
    measured(metric, step(30.0, 30.0, pilot), to=timezone.localdate() - timedelta(days=1))
    usual_rules(metric)
    return judged(pilot)


def on_track() -> Pilot:
    pilot = a_started_pilot(
        "follow-the-sun",
        "Follow-the-sun handover",
        days_ago=27,
        metric="First reply",
        pilot_owner="ana.duarte@example.org",
    )
    metric = pilot.metrics.get()
    measured(metric, step(5.0, 4.85, pilot))
    usual_rules(metric)
    return judged(pilot)


def drafted() -> Pilot:
    decision = a_decision("onboarding-decision", owner=owner(), title="Should we call new customers?")
    pilot = a_pilot("onboarding-calls", title="Guided onboarding calls", decision=decision)
    a_metric(pilot, name="Cases in the first month", owner=a_person("aiko.sato@example.org"))
    return pilot


def ended() -> Pilot:
    pilot = a_started_pilot("old-bot", "Answering bot for invoices", days_ago=80)
    measured(pilot.metrics.get(), step(20.0, 26.0, pilot), to=timezone.localdate() - timedelta(days=40))
    pilot.status, pilot.ended_at = Pilot.Status.STOPPED, timezone.now() - timedelta(days=38)
    pilot.returned_to = "One queue for every invoice question, as before."
    pilot.save()
    return pilot


def everything() -> None:
    """One pilot in each headline, a draft, and one that ended."""
    for scene in (
        stopping,
        escalating,
        revisiting,
        scaling,
        undecided,
        blind,
        starting,
        without_readings,
        on_track,
        drafted,
        ended,
    ):
        scene()
    one_pager(Decision.objects.get(ref="support-tiers-decision"))
    Review.objects.filter(pilot__ref="named-engineers").update(
        due_on=timezone.localdate() - timedelta(days=5)
    )


def one_pager(decision: Decision) -> Decision:
    """Fill a decision in as its owner would."""
    framework, _ = Framework.objects.get_or_create(
        code="B0174",
        defaults={
            "name_en": "Customer support tier segmentation",
            "name_katakana": "サポート / セグメント",
            "name_kanji": "顧客支援階層",
        },
    )
    decision.title = "Should support differ by customer tier?"
    decision.framework = framework
    decision.status, decision.quality = Decision.Status.PILOTING, Decision.Quality.REVIEWED
    decision.decided_at = timezone.now() - timedelta(days=30)
    decision.deputy = a_person("jonas.lindqvist@example.org")
    decision.context = (
        "Every customer waits in one queue today. Account managers want faster help for premium customers; "
        "support leads fear that basic customers would pay for it."
    )
    decision.trade_off_a, decision.trade_off_b = "service differentiation", "fairness"
    decision.statement = (
        "We try tiered support on 5%, then 25% of accounts, compare it with the weeks before, and extend it "
        "only when every limit is met. If a stop condition fires, everybody returns to one queue."
    )
    decision.rationale = (
        "It keeps both sides of the trade-off in view, and each step can be taken back within a day."
    )
    decision.prediction = "Resolution time at least 10% lower with no tier more than 5% slower."
    decision.confidence, decision.coi = 70, "none"
    decision.save()
    words = {
        "A": (
            "Keep one queue",
            "No disruption, little to gain.",
            "renewals of premium accounts stay at risk",
        ),
        "B": ("Pilot in stages", "Learn on a few accounts, prove it, then extend.", ""),
        "C": (
            "Rebuild at once",
            "New routing, rota and contracts together.",
            "hard to undo, and nobody could tell what worked",
        ),
    }
    for option in decision.options.all():
        option.title, option.summary, option.rejected_because = words[option.key]
        option.save()
    for text, signal, response in (
        ("Bad data hides a shift", "data_state", "Pause the stage and mend the source"),
        ("Slow steps cost trust", "stage_overdue", "The escalation contact calls the owners together"),
        ("Reviews slip", "review_overdue", "The reviewer's manager is told"),
    ):
        Risk.objects.create(decision=decision, text=text, signal=signal, planned_response=response)
    for order, (text, key) in enumerate(
        (("Assign owners", "owners"), ("Finalise the baselines", "baselines"), ("Tell the support leads", ""))
    ):
        NextStep.objects.create(decision=decision, order=order, text=text, readiness=key, done=order == 2)
    return decision
