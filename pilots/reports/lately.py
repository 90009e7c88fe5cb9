"""What the last four weeks alone show, in words, for every number of which something is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db.models import Q

from pilots.evaluation.days import local_day
from pilots.evaluation.lately import DAYS, changes_lately, lately_words
from pilots.evaluation.series import Series
from pilots.evaluation.specs import GAP, MetricSpec
from pilots.evaluation.vocabulary import Method
from pilots.models import AccountShare, Observation, Pilot, ReadingRevision
from pilots.reports.results import PilotAnswer

UNDER_WAY = (Pilot.Status.RUNNING, Pilot.Status.PAUSED)


def lately_by_scope(
    pilot: Pilot, answer: PilotAnswer, *, now: datetime, then: datetime | None = None
) -> Mapping[tuple[str, str], str]:
    """Say how each number of an answer changed over the last days up to it, by metric and scope.

    Fetch the pilot `with_rules`; a fixed number of queries, none where nothing can be said. With `then`
    it is said from the readings that had been received by that instant.
    """
    scopes = _scopes(answer) if pilot.status in UNDER_WAY else {}
    if not scopes:
        return {}
    spec, day = pilot.spec, local_day(answer.as_of, pilot.timezone)
    if (day - spec.running_stage.first_day).days + 1 < DAYS:
        return {}
    asked = [metric for metric in spec.metrics if metric.ref in scopes]
    series = _series(pilot, asked, day=day, now=now, then=then)
    return {
        (metric.ref, scope): lately_words(lately)
        for metric in asked
        for scope, lately in changes_lately(spec, metric, series, scopes[metric.ref], day=day).items()
    }


def _scopes(answer: PilotAnswer) -> dict[str, list[str]]:
    """Return the scopes by metric in which a rule that is judged by intervals was answered."""
    scopes: dict[str, list[str]] = {}
    for found in answer.conditions:
        if found.method == Method.INTERVAL and not found.is_unknown and not found.scope.startswith(GAP):
            held = scopes.setdefault(found.metric or "", [])
            held += [found.scope] if found.scope not in held else []
    return scopes


def _series(
    pilot: Pilot, metrics: Sequence[MetricSpec], *, day: date, now: datetime, then: datetime | None
) -> Series:
    """Load the last days of some metrics, and the days before the pilot that they are compared with."""
    wanted = Q()
    for metric in metrics:
        since = day - timedelta(days=metric.maturity_days + DAYS - 1)
        windows = Q(day__range=(since, day))
        if baseline := metric.baseline:
            windows |= Q(day__range=(baseline.first_day, baseline.last_day))
        wanted |= Q(metric__ref=metric.ref) & windows
    readings = (
        Observation.objects.filter(wanted).readings_known(pilot.pk, now)
        if then is None
        else ReadingRevision.objects.filter(wanted, received_at__lte=then).readings_known(pilot.pk, now)
    )
    accounts = AccountShare.objects.filter(wanted, as_of__lte=now).sums_of(pilot.pk)
    return Series(readings, accounts)
