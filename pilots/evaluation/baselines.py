"""What a metric was before the pilot, in each scope."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pilots.evaluation.measures import level
from pilots.evaluation.moments import Moments, merged
from pilots.evaluation.series import Series
from pilots.evaluation.specs import BaselineSpec, MetricSpec
from pilots.evaluation.vocabulary import MetricKind


@dataclass(frozen=True, slots=True)
class Baseline:
    """The cases of a scope before the pilot, and the number of reading periods they came from."""

    kind: MetricKind
    moments: Moments
    periods: float

    def level(self, *, periods: int) -> float | None:
        """Return the baseline's level; a total is scaled to as many reading periods as it is compared to."""
        if self.kind is not MetricKind.TOTAL:
            return level(self.kind, self.moments.n, self.moments.total)
        return level(self.kind, 0, self.moments.total / self.periods * periods) if self.periods else None


def is_final(baseline: BaselineSpec | None) -> bool:
    return baseline is not None and baseline.finalised_at is not None


def baseline_moments(metric: MetricSpec, series: Series) -> dict[str, Moments]:
    """Return a final baseline's cases by segment, frozen or from its window as known; else nothing."""
    window = metric.baseline
    if window is None or not is_final(window):
        return {}
    if window.moments:
        return dict(window.moments)
    return dict(series.sums(metric.ref, first=window.first_day, last=window.last_day))


def baseline_periods(metric: MetricSpec, series: Series) -> float:
    """Count the baseline's reading periods; where no entry means zero, all of its window's."""
    window = metric.baseline
    if window is None:
        return 0.0
    whole = window.days / metric.cadence_days
    if metric.no_entry_is_zero:
        return whole
    if window.moments:
        return whole if window.reading_days is None else float(window.reading_days)
    return float(len(series.days(metric.ref, first=window.first_day, last=window.last_day)))


def baseline_of(
    metric: MetricSpec, moments: Mapping[str, Moments], periods: float, segments: Collection[str]
) -> Baseline | None:
    """Return the baseline of a scope, or None where the scope had no cases before the pilot."""
    cases = merged(m for segment, m in moments.items() if segment in segments)
    # A total of nothing is a true zero as soon as the metric was read at all.
    if not cases.n and not (metric.kind is MetricKind.TOTAL and moments):
        return None
    return Baseline(kind=metric.kind, moments=cases, periods=periods)
