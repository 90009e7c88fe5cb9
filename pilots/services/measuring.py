"""Set up what is measured, freeze what it is compared with, and keep what must hold up to date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from pilots.evaluation.days import ONE_DAY, local_day
from pilots.models import Baseline, Condition, Driver, Metric, Pilot, User
from pilots.permissions import can_finalise_baseline, can_record_readings, require
from pilots.reports.words import day_words
from pilots.services.conditioning import restart_streaks
from pilots.services.errors import Reason, Refused
from pilots.services.freezing import freeze
from pilots.services.mixing import baseline_mix_of, is_derived, refuse_bad_mix
from pilots.services.saving import (
    allow_change,
    edit,
    lock,
    lock_pilot,
    lock_pilot_to_edit,
    need_reason,
    refuse_ended,
    remove,
    save,
    write,
)
from pilots.services.touching import touch

# A change of these makes other numbers of the same readings: streaks start over.
JUDGED_BY = frozenset(
    ("direction", "kind", "window_days", "cadence_days", "maturity_days", "no_entry_is_zero")
)


@transaction.atomic
def save_metric(
    *,
    pilot_id: int,
    by: User,
    fields: Mapping[str, Any],
    metric_id: int | None = None,
    reason: str = "",
    seen_version: int | None = None,
    now: datetime,
) -> Metric:
    pilot = lock_pilot_to_edit(pilot_id, by=by)
    known = lock(pilot.metrics.all(), metric_id, seen_version=seen_version) if metric_id else None
    metric = known or Metric(pilot=pilot)
    changed = edit(metric, fields, where="metrics")
    if not changed and known:
        return metric
    allow_change(pilot, reason, "metrics")
    if known:
        _refuse_other_meaning(metric, changed)
    save(metric, by=by, reason=reason)
    if known and not changed.isdisjoint(JUDGED_BY):
        restart_streaks(metric, by=by, reason=f"{metric} is measured in another way.", now=now)
    touch(pilot.pk)
    return metric


@transaction.atomic
def remove_metric(*, metric_id: int, by: User, reason: str = "", now: datetime) -> None:
    """Take out a metric that nothing speaks of and that was never read."""
    metric = Metric.objects.get(pk=metric_id)
    pilot = lock_pilot_to_edit(metric.pilot_id, by=by)
    reasons = _uses(metric.conditions.all())
    if metric.observations.exists():
        reasons.append(Reason(f"{metric} has readings, and readings are never deleted.", "metrics"))
    if reasons:
        raise Refused(*reasons)
    allow_change(pilot, reason, "metrics")
    for row in (*metric.conditions.all(), metric):
        remove(row, by=by, reason=reason)
    touch(pilot.pk)


@transaction.atomic
def draft_baseline(
    *, metric_id: int, by: User, first_day: date, last_day: date, reason: str = "", now: datetime
) -> Baseline:
    """Set the window of the next baseline. To replace a final one takes a reason."""
    metric, pilot = _lock_metric(metric_id, by=by)
    draft = metric.baselines.filter(finalised_at=None).order_by("-number").first()
    newest = metric.baselines.aggregate(newest=Max("number"))["newest"] or 0
    baseline = draft or Baseline(metric=metric, number=newest + 1)
    if pilot.start and last_day >= pilot.start:
        start = day_words(pilot.start, today=local_day(now, pilot.timezone))
        text = f"The baseline has to end before the pilot starts, {start}."
        raise Refused(Reason(text, "baselines", "last_day"))
    window = {"first_day": first_day, "last_day": last_day, "reason": reason}
    replaces = metric.baselines.filter(finalised_at__isnull=False).exists()
    if replaces:
        need_reason(reason, "baselines", because="this replaces a final baseline")
    if write(baseline, window, by=by, where="baselines", reason=reason):
        touch(pilot.pk)
    return baseline


@transaction.atomic
def finalise_baseline(*, metric_id: int, by: User, now: datetime) -> Baseline:
    """Freeze the newest draft from the readings of its window. Final is final."""
    metric, pilot = _lock_metric(metric_id, by=by)
    draft = metric.baselines.filter(finalised_at=None).order_by("-number").first()
    if draft is None:
        raise Refused(Reason(f"{metric} has no baseline that waits to be finalised.", "baselines"))
    _refuse_immature(draft, metric, pilot, now)
    derived = [driver for driver in pilot.drivers.exclude(dimension="") if is_derived(driver)]
    freeze(draft, metric)
    draft.finalised_at, draft.finalised_by = now, by
    save(draft, by=by, reason=draft.reason or "Finalised.")
    for driver in derived:
        write(
            driver,
            {"baseline_mix": baseline_mix_of(driver)},
            by=by,
            where="drivers",
            reason=f"Taken from {draft}.",
        )
    restart_streaks(metric, by=by, reason=f"Compared with {draft}.", now=now)
    touch(pilot.pk)
    return draft


@transaction.atomic
def save_driver(
    *,
    pilot_id: int,
    by: User,
    fields: Mapping[str, Any],
    driver_id: int | None = None,
    reason: str = "",
    seen_version: int | None = None,
    now: datetime,
) -> Driver:
    """Save what must hold. The mix of a dimension is taken from the baseline where it isn't given."""
    pilot = lock_pilot_to_edit(pilot_id, by=by)
    known = lock(pilot.drivers.all(), driver_id, seen_version=seen_version) if driver_id else None
    driver = known or Driver(pilot=pilot)
    changed = edit(driver, fields, where="drivers")
    refuse_bad_mix(driver, pilot)
    if "dimension" in changed and "baseline_mix" not in fields:
        driver.baseline_mix = {}
    if driver.dimension and not driver.baseline_mix:
        driver.baseline_mix = baseline_mix_of(driver)
    if not changed and known:
        return driver
    allow_change(pilot, reason, "drivers")
    save(driver, by=by, reason=reason)
    touch(pilot.pk)
    return driver


@transaction.atomic
def update_driver_value(
    *,
    driver_id: int,
    by: User,
    now: datetime,
    value: float | None = None,
    on: date | None = None,
    reason: str = "",
) -> Driver:
    """Record that a driver was looked at; a plain number with its value, a mix as it is in the readings."""
    driver = Driver.objects.get(pk=driver_id)
    pilot = lock_pilot(driver.pilot_id)
    if driver.owner_id != by.pk or not by.is_active:
        require(can_record_readings, by, pilot)
    refuse_ended(pilot)
    driver = lock(Driver.objects.all(), driver_id)
    if not driver.dimension and value is None:
        raise Refused(Reason(f"Give the value of {driver}.", "drivers", "value"))
    today = local_day(now, pilot.timezone)
    if on and on > today:
        raise Refused(Reason("The day is still to come.", "drivers", "on"))
    fields: dict[str, Any] = {"updated_on": on or today}
    if not driver.dimension:
        fields["current_value"] = value
    write(driver, fields, by=by, where="drivers", reason=reason)
    touch(pilot.pk)
    return driver


@transaction.atomic
def remove_driver(*, driver_id: int, by: User, reason: str = "", now: datetime) -> None:
    driver = Driver.objects.get(pk=driver_id)
    pilot = lock_pilot_to_edit(driver.pilot_id, by=by)
    reasons = _uses(driver.conditions.all())
    if reasons:
        raise Refused(*reasons)
    allow_change(pilot, reason, "drivers")
    for row in (*driver.conditions.all(), driver):
        remove(row, by=by, reason=reason)
    touch(pilot.pk)


def _lock_metric(metric_id: int, *, by: User) -> tuple[Metric, Pilot]:
    pilot = lock_pilot(Metric.objects.values_list("pilot_id", flat=True).get(pk=metric_id))
    require(can_finalise_baseline, by, pilot)
    refuse_ended(pilot)
    return lock(pilot.metrics.all(), metric_id), pilot


def _refuse_other_meaning(metric: Metric, changed: frozenset[str]) -> None:
    if not changed.isdisjoint(("kind", "ref")) and metric.observations.exists():
        text = f"{metric} has readings, which would mean something else. Add another metric instead."
        raise Refused(Reason(text, "metrics"))


def _refuse_immature(draft: Baseline, metric: Metric, pilot: Pilot, now: datetime) -> None:
    settled = draft.last_day + metric.maturity_days * ONE_DAY
    today = local_day(now, pilot.timezone)
    if today <= settled:
        ready = day_words(settled + ONE_DAY, today=today)
        text = f"The baseline of {metric} can be finalised from {ready}, when its last cases have settled."
        raise Refused(Reason(text, "baselines"))


def _uses(conditions: Iterable[Condition]) -> list[Reason]:
    """Name the rules that keep what they watch: those in force, and those something was judged by."""
    reasons = []
    for condition in conditions:
        if condition.retired_at is None:
            reasons.append(Reason(f"{condition} speaks of it; retire that first.", "conditions"))
        elif condition.states.exists() or condition.alerts.exists():
            reasons.append(Reason(f"{condition} was judged by it; its record stays.", "conditions"))
    return reasons
