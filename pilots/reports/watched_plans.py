"""What pilots have planned, as the watch of the calendar reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from django.db.models import Prefetch, Q, QuerySet

from pilots.evaluation.days import local_day
from pilots.evaluation.signals import WATCHED
from pilots.evaluation.watching import Plan, PlannedReview, PlannedStage, WatchedRisk
from pilots.models import Alert, Pilot, Review, Risk, Stage

UNDER_WAY = (Pilot.Status.RUNNING, Pilot.Status.PAUSED)
CONCLUDED = (Pilot.Status.SCALED, Pilot.Status.STOPPED, Pilot.Status.INCONCLUSIVE)
UNSIGNED = (Review.Status.SCHEDULED, Review.Status.IN_REVIEW, Review.Status.MISSED)
STAGE_UNDER_WAY = (Stage.Status.RUNNING, Stage.Status.AWAITING_DECISION)
STAGE_OVER = (Stage.Status.PASSED, Stage.Status.FAILED)
REVIEW_NAMES = {
    Review.Kind.SCHEDULED: "The review",
    Review.Kind.GATE: "The review of the stage",
    Review.Kind.POST_ESCALATION: "The review after the escalation",
    Review.Kind.OUTCOME: "The closing review",
}


def pilots_of_interest(now: datetime) -> QuerySet[Pilot]:
    """Find pilots of which something may be past its day somewhere, or an alert still says so."""
    tomorrow = now.date() + timedelta(days=1)  # it has begun already in the eastern zones
    past = Q(planned_end__lt=tomorrow) | Q(planned_end=None, pilot__end__lt=tomorrow)
    stages = Stage.objects.filter(past, status__in=STAGE_UNDER_WAY)
    reviews = Review.objects.filter(status__in=UNSIGNED, due_on__lt=tomorrow)
    told = (Alert.objects.unresolved() | Alert.objects.accepted()).filter(kind__in=WATCHED)
    at_risk = missing_data().filter(pilot__decision__risks__signal=Risk.Signal.DATA_STATE)
    tripped = [rows.order_by().values("pilot") for rows in (stages, reviews, told, at_risk)]
    concerned = Q(pk__in=tripped[0]) | Q(pk__in=tripped[1]) | Q(pk__in=tripped[2]) | Q(pk__in=tripped[3])
    return Pilot.objects.filter(concerned, status__in=(*UNDER_WAY, *CONCLUDED)).order_by("pk")


def missing_data() -> QuerySet[Alert]:
    """Find the open alerts about metrics whose readings are owed beyond their grace."""
    return Alert.objects.unresolved().filter(kind=Alert.Kind.NO_DATA, scope__startswith="metric:")


def with_plans(pilots: QuerySet[Pilot]) -> QuerySet[Pilot]:
    """Fetch what `plan_of` needs, in a fixed number of queries."""
    return pilots.select_related("decision", "state__evaluation").prefetch_related(
        "stages",
        "reviews__reviewer",
        "decision__risks",
        Prefetch("alerts", missing_data().order_by("pk"), to_attr="missing_data"),
    )


def plan_of(pilot: Pilot) -> Plan:
    """Describe to the evaluation what a pilot has planned. Fetch it `with_plans` first."""
    if pilot.status not in UNDER_WAY:
        closing = [r for r in pilot.reviews.all() if r.kind == Review.Kind.OUTCOME]
        return Plan(reviews=list(_reviews(closing, pilot)), is_under_way=False)
    return Plan(
        reviews=list(_reviews(pilot.reviews.all(), pilot)),
        stages=list(_stages(pilot)),
        risks=[_risk(risk) for risk in pilot.decision.risks.all()],
        missing_data=[alert.sentence for alert in getattr(pilot, "missing_data", ())],
    )


def _reviews(reviews: Iterable[Review], pilot: Pilot) -> Iterator[PlannedReview]:
    signed = sorted(local_day(r.signed_at, pilot.timezone) for r in pilot.reviews.all() if r.signed_at)
    for review in reviews:
        yield PlannedReview(
            key=review.pk,
            name=REVIEW_NAMES[Review.Kind(review.kind)],
            due_on=review.due_on,
            reviewer=str(review.reviewer or ""),
            signed_on=_signed_on(review, pilot, signed),
            is_cancelled=review.status == Review.Status.CANCELLED,
        )


def _signed_on(review: Review, pilot: Pilot, signed: Iterable[date]) -> date | None:
    """Return when a review was settled: by its own signature, or by one that came after it was due."""
    if review.signed_at:
        return local_day(review.signed_at, pilot.timezone)
    if review.status not in UNSIGNED:
        return review.due_on
    return next((day for day in signed if day >= review.due_on), None)


def _stages(pilot: Pilot) -> Iterator[PlannedStage]:
    entered = [s for s in pilot.stages.all() if s.status in (*STAGE_UNDER_WAY, *STAGE_OVER)]
    for stage in (s for s in entered if s.started_on):
        ended_on = (stage.ended_on or stage.planned_end) if stage.status in STAGE_OVER else None
        yield PlannedStage(stage.order, stage.name, stage.spec.planned_end, ended_on)


def _risk(risk: Risk) -> WatchedRisk:
    is_small = risk.impact == Risk.Level.LOW
    return WatchedRisk(risk.pk, risk.text, risk.signal, risk.planned_response, is_small)
