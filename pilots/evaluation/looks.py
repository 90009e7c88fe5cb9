"""A look at a pilot: the instant, the day it falls on, and each metric as it is known then."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from pilots.evaluation.baselines import baseline_moments, baseline_of, baseline_periods
from pilots.evaluation.conditions import Judged, Part, Question
from pilots.evaluation.days import last_ended_day, local_day
from pilots.evaluation.drivers import has_moved_number
from pilots.evaluation.estimates import NO_CASES_EVER, Estimate
from pilots.evaluation.grids import Grid, estimate_looks, grid_of, span_of
from pilots.evaluation.mix_grids import estimate_mix, mix_key
from pilots.evaluation.moments import Moments
from pilots.evaluation.quality import Quality, assess_quality
from pilots.evaluation.rules import Rule, rule_of
from pilots.evaluation.scopes import categories, members
from pilots.evaluation.series import Series, with_empty_periods
from pilots.evaluation.specs import GAP, BaselineSpec, ConditionSpec, DriverSpec, MetricSpec, PilotSpec
from pilots.evaluation.vocabulary import MetricKind


@dataclass(frozen=True, slots=True)
class MetricLook:
    """A metric at a look: the days that count, and its cases before the pilot by segment.

    The days run from the stage's first to the last mature one, `all_days` from the pilot's start to
    the look; `n` counts the pilot's cases on every day since the stage began, mature or not.
    """

    spec: MetricSpec
    quality: Quality
    days: tuple[date, ...]
    all_days: tuple[date, ...]
    n: int
    before: Mapping[str, Moments]
    periods_before: float


@dataclass(frozen=True, slots=True)
class Trail:
    """The periods judged so far of one rule, and the fingerprints of the days that they saw."""

    periods: tuple[Judged, ...]
    marks: Mapping[date, int]


@dataclass(slots=True)
class Foresight:
    """What a replay knows beyond the memory of a single look: it saves work and changes no answer.

    `sights` holds what looks see with what is known now, by metric and scope; `trails` and `rules`
    go by condition ref and scope.
    """

    sights: Mapping[tuple[str, str], Mapping[date, Estimate]] = field(default_factory=dict)
    trails: dict[tuple[str, str], Trail] = field(default_factory=dict)
    rules: dict[tuple[str, str], Rule] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Look:
    pilot: PilotSpec
    series: Series
    now: datetime
    day: date
    first_day: date
    metrics: Mapping[str, MetricLook]
    parts: dict[tuple[str, str], Part] = field(default_factory=dict)  # by metric and scope, once asked for
    grids: dict[str, Grid] = field(default_factory=dict)  # by metric, once asked for
    foresight: Foresight = field(default_factory=Foresight)

    @property
    def moved_numbers(self) -> bool:
        """Say whether a required plain-number driver moved: what it does cannot be standardised away."""
        return any(driver.required and has_moved_number(driver) for driver in self.pilot.drivers)

    def estimates(self, metric: MetricLook, scope: str, looks: Sequence[date]) -> Sequence[Estimate]:
        """Estimate a scope's change at some looks, with what is known now."""
        ref, baseline = metric.spec.ref, metric.spec.baseline
        foreseen = self.foresight.sights.get((ref, scope), {})
        if foreseen.keys() >= set(looks):
            return [foreseen[look] for look in looks]
        if baseline is None:
            return [NO_CASES_EVER for _ in looks]
        grid = self._grid(metric, baseline)
        span = span_of(metric.spec, baseline, first_day=self.first_day)
        return estimate_looks(grid, span, looks, members(scope, grid.segments, self.pilot.dimensions))

    def mix_estimates(
        self, metric: MetricLook, driver: DriverSpec, looks: Sequence[date]
    ) -> Sequence[Estimate]:
        """Estimate what a driver's mix alone does to a metric at some looks; nothing where it has no mix."""
        foreseen = self.foresight.sights.get((metric.spec.ref, mix_key(driver)), {})
        if foreseen.keys() >= set(looks):
            return [foreseen[look] for look in looks]
        baseline = metric.spec.baseline
        if baseline is None:
            return [NO_CASES_EVER for _ in looks]
        span = span_of(metric.spec, baseline, first_day=self.first_day)
        return estimate_mix(self._grid(metric, baseline), span, driver, self.pilot.dimensions, looks)

    def _grid(self, metric: MetricLook, baseline: BaselineSpec) -> Grid:
        ref = metric.spec.ref
        if ref not in self.grids:
            first = min(baseline.first_day, self.first_day)
            self.grids[ref] = grid_of(metric.spec, self.series, first=first, last=self.day)
        return self.grids[ref]

    def rule(self, condition: ConditionSpec, scope: str) -> Rule:
        """Return what a condition asks of the interval method in one scope."""
        rules, key = self.foresight.rules, (condition.ref, scope)
        if key not in rules:
            rules[key] = rule_of(condition, scope, self.metrics[condition.metric].spec, self.pilot)
        return rules[key]

    def counts_from(self, condition: ConditionSpec) -> date:
        """Return the first day of a condition's windows and streaks."""
        return max(self.first_day, condition.counts_from or self.first_day)

    def ask(self, condition: ConditionSpec, scope: str) -> Question:
        """Put a condition, in one scope, to what is known of its metric."""
        metric = self.metrics[condition.metric]
        gap = condition.spans_a_gap
        scopes = categories(scope.removeprefix(GAP), self.pilot.dimensions) if gap else (scope,)
        return Question(
            condition=condition,
            metric=metric.spec,
            first_day=self.first_day,
            counts_from=self.counts_from(condition),
            parts=tuple(self._part(metric, name) for name in scopes),
        )

    def _part(self, metric: MetricLook, scope: str) -> Part:
        """Return the cases of a scope, added up once for all conditions that ask for it."""
        key = (metric.spec.ref, scope)
        if key not in self.parts:
            self.parts[key] = self._added_up(metric, scope)
        return self.parts[key]

    def _added_up(self, metric: MetricLook, scope: str) -> Part:
        seen = {*self.series.segments(metric.spec.ref), *metric.before}
        segments = members(scope, seen, self.pilot.dimensions)
        return Part(
            name=scope,
            daily=self.series.daily(metric.spec.ref, metric.days, segments),
            baseline=baseline_of(metric.spec, metric.before, metric.periods_before, segments),
        )


def look_at(pilot: PilotSpec, series: Series, *, now: datetime, foresight: Foresight | None = None) -> Look:
    """Return the look at a pilot at an instant: every day up to the local date of `now` counts."""
    day = local_day(now, pilot.timezone)
    metrics = {m.ref: _metric_look(pilot, m, series, day=day, now=now) for m in pilot.metrics}
    return Look(
        pilot=pilot,
        series=series,
        now=now,
        day=day,
        first_day=pilot.running_stage.first_day,
        metrics=metrics,
        foresight=foresight or Foresight(),
    )


def _metric_look(
    pilot: PilotSpec, metric: MetricSpec, series: Series, *, day: date, now: datetime
) -> MetricLook:
    first_day = pilot.running_stage.first_day
    days = series.days(metric.ref, first=min(pilot.start, first_day), last=day)
    return MetricLook(
        spec=metric,
        quality=assess_quality(metric, days, start=pilot.start, timezone=pilot.timezone, now=now),
        days=_used_days(pilot, metric, days, day=day, now=now),
        all_days=days,
        n=series.count(metric.ref, days[bisect_left(days, first_day) :]),
        before=baseline_moments(metric, series),
        periods_before=baseline_periods(metric, series),
    )


def _used_days(
    pilot: PilotSpec, metric: MetricSpec, days: tuple[date, ...], *, day: date, now: datetime
) -> tuple[date, ...]:
    """Cut the days to the stage and to the mature ones; where no entry is a zero, add the days of none."""
    first, last = pilot.running_stage.first_day, day - timedelta(days=metric.maturity_days)
    used = tuple(d for d in days if first <= d <= last)
    if not (metric.no_entry_is_zero and metric.kind is MetricKind.TOTAL):
        return used
    over = min(last, last_ended_day(now, pilot.timezone))
    return with_empty_periods(used, first=first, last=over, cadence=metric.cadence_days)
