"""The mix of cases before the pilot, which a driver watches: taken from a baseline, or given by a person."""

from __future__ import annotations

from collections.abc import Mapping

from pilots.evaluation.scopes import categories, contains
from pilots.models import Baseline, Driver, Pilot
from pilots.services.errors import Reason, Refused


def baseline_mix_of(driver: Driver) -> dict[str, float]:
    """Return the share of each category in the final baseline that has the most cases, or nothing."""
    finals = Baseline.objects.filter(metric__pilot=driver.pilot_id, finalised_at__isnull=False)
    newest = {baseline.metric_id: baseline for baseline in finals.order_by("number")}
    largest = max(newest.values(), key=lambda baseline: (baseline.n or 0, -baseline.pk), default=None)
    return mix_of(largest, driver.dimension, driver.pilot.dimensions) if largest else {}


def mix_of(baseline: Baseline, dimension: str, dimensions: Mapping[str, list[str]]) -> dict[str, float]:
    """Return the share of each category of a dimension in a final baseline's cases."""
    named = {name: tuple(values) for name, values in dimensions.items()}
    cases = {
        category: sum(m[0] for segment, m in baseline.moments.items() if contains(scope, segment, named))
        for category, scope in zip(named.get(dimension, ()), categories(dimension, named), strict=True)
    }
    whole = sum(cases.values())
    return {category: n / whole for category, n in cases.items()} if whole else {}


def is_derived(driver: Driver) -> bool:
    """Say whether a driver's mix was taken from the baseline, not given by a person."""
    return not driver.baseline_mix or driver.baseline_mix == baseline_mix_of(driver)


def refuse_bad_mix(driver: Driver, pilot: Pilot) -> None:
    if not driver.dimension:
        return
    known = pilot.dimensions.get(driver.dimension)
    if known is None:
        raise Refused(Reason(f"This pilot has no dimension “{driver.dimension}”.", "drivers", "dimension"))
    mix = driver.baseline_mix
    if mix and (not mix.keys() <= set(known) or abs(sum(mix.values()) - 1) > 1e-6):
        raise Refused(Reason("The shares of the categories add up to 100%.", "drivers", "baseline_mix"))
