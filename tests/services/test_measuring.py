from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from pilots.models import Baseline, ConditionState, Driver, Metric, Pilot, PilotState, User
from pilots.permissions import NotAllowed
from pilots.services.conditioning import retire_condition
from pilots.services.errors import Refused, Stale
from pilots.services.measuring import (
    draft_baseline,
    finalise_baseline,
    remove_driver,
    remove_metric,
    save_driver,
    save_metric,
    update_driver_value,
)
from pilots.services.mixing import baseline_mix_of
from tests.builders import (
    NOON,
    START,
    a_condition,
    a_driver,
    a_final_baseline,
    a_metric,
    a_person,
    a_pilot,
    a_running_pilot,
    readings,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]

FIRST, LAST = START - timedelta(days=28), START - timedelta(days=1)


@pytest.fixture
def pilot(owner: User) -> Pilot:
    return a_pilot()


@pytest.fixture
def metric(pilot: Pilot) -> Metric:
    return a_metric(pilot)


def save(pilot: Pilot, by: User, metric: Metric | None = None, **fields: Any) -> Metric:
    reserved = {name: fields.pop(name) for name in ("reason", "seen_version") if name in fields}
    metric_id = metric.pk if metric else None
    return save_metric(pilot_id=pilot.pk, by=by, metric_id=metric_id, fields=fields, now=NOON, **reserved)


def draft(metric: Metric, by: User, first: date = FIRST, last: date = LAST, **fields: Any) -> Baseline:
    return draft_baseline(metric_id=metric.pk, by=by, first_day=first, last_day=last, now=NOON, **fields)


def finalise(metric: Metric, by: User, now: datetime = NOON) -> Baseline:
    return finalise_baseline(metric_id=metric.pk, by=by, now=now)


# Metrics


def test_a_metric_is_added_and_the_pilot_judged_anew(pilot: Pilot, owner: User) -> None:
    metric = save(pilot, owner, ref="cost", name="Cost per account", unit="€")
    assert metric.history.get().history_user == owner
    assert PilotState.objects.get(pilot=pilot).dirty_seq == 2


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"ref": "resolution_hours", "name": "Again"}, "already used"),
        ({"ref": "cost", "name": "Cost", "window_days": 0}, "at least one day"),
        ({"ref": "cost", "name": "Cost", "no_entry_is_zero": True}, "Say why no entry means zero"),
        ({"ref": "cost", "name": "Cost", "kind": "median"}, "Kind"),
    ],
)
def test_a_metric_that_makes_no_sense_is_refused(
    metric: Metric, owner: User, fields: dict[str, Any], says: str
) -> None:
    with pytest.raises(Refused, match=says) as refused:
        save(metric.pilot, owner, **fields)
    assert refused.value.reasons[0].where == "metrics"


def test_two_people_change_one_metric(metric: Metric, owner: User) -> None:
    save(metric.pilot, owner, metric, name="Time to resolve", seen_version=metric.version)
    with pytest.raises(Stale):
        save(metric.pilot, owner, metric, name="Hours", seen_version=metric.version)


def test_what_was_read_keeps_its_meaning(metric: Metric, owner: User) -> None:
    readings(metric, mean=20, days=1)
    with pytest.raises(Refused, match="would mean something else"):
        save(metric.pilot, owner, metric, kind="rate")


def test_another_way_to_measure_starts_the_streaks_over(owner: User) -> None:
    pilot = a_running_pilot()
    metric = pilot.metrics.get()
    with pytest.raises(Refused, match="Say why"):
        save(pilot, owner, metric, window_days=14)
    save(pilot, owner, metric, window_days=14, reason="Weeks differ.")
    rules = pilot.conditions.all()
    assert {rule.counts_from for rule in rules} == {NOON.date()}
    assert "measured in another way" in rules[0].history.first().history_change_reason


def test_another_name_starts_nothing_over(owner: User) -> None:
    pilot = a_running_pilot()
    save(pilot, owner, pilot.metrics.get(), name="Time to resolve", reason="Plainer.")
    assert {rule.counts_from for rule in pilot.conditions.all()} == {None}


def test_a_metric_in_use_is_not_removed(metric: Metric, owner: User) -> None:
    a_condition(metric)
    readings(metric, mean=20, days=1)
    with pytest.raises(Refused) as refused:
        remove_metric(metric_id=metric.pk, by=owner, now=NOON)
    assert [reason.where for reason in refused.value.reasons] == ["conditions", "metrics"]
    assert "readings are never deleted" in str(refused.value)


def test_a_metric_that_nothing_speaks_of_is_removed_and_remembered(metric: Metric, owner: User) -> None:
    remove_metric(metric_id=metric.pk, by=owner, reason="Not measurable.", now=NOON)
    gone = Metric.history.first()
    assert (gone.history_type, gone.history_user, gone.history_change_reason) == (
        "-",
        owner,
        "Not measurable.",
    )


# Baselines


def test_a_baseline_freezes_what_was_read_in_its_window(metric: Metric, owner: User) -> None:
    readings(metric, mean=20, first=FIRST, days=28)
    readings(metric, mean=90, first=FIRST - timedelta(days=5), days=5)
    draft(metric, owner)
    steward = a_person("data@example.org")
    baseline = finalise(metric, steward)
    assert (baseline.value, baseline.n, baseline.reading_days) == (20.0, 1400, 28)
    assert baseline.spread == pytest.approx(4.0, rel=0.01)
    assert baseline.moments["low"] == [700, 14000.0, 700 * 416.0]
    assert (baseline.finalised_by, baseline.finalised_at) == (steward, NOON)
    assert baseline.history.first().history_user == steward


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        pytest.param("mean", 3.0, id="of the cases"),
        pytest.param("geometric_mean", 19.0855, id="back from the logarithms"),
        pytest.param("total", 150.0, id="of one reading period: 2 segments with 75 a day"),
    ],
)
def test_a_baseline_has_the_value_of_its_kind(pilot: Pilot, owner: User, kind: str, expected: float) -> None:
    metric = a_metric(pilot, kind=kind)
    readings(metric, mean=3, first=FIRST, days=14)
    draft(metric, owner)
    assert finalise(metric, owner).value == pytest.approx(expected, abs=1e-4)


def test_the_control_arm_is_no_part_of_a_baseline(metric: Metric, owner: User) -> None:
    readings(metric, mean=20, first=FIRST, days=2)
    for row in metric.observations.filter(day=FIRST):
        row.arm = "control"
        row.save()
    draft(metric, owner)
    assert finalise(metric, owner).n == 50


@pytest.mark.parametrize(
    ("days", "now", "final"),
    [
        pytest.param(0, datetime(2026, 3, 1, 23, 59, tzinfo=UTC), False, id="its last day is not over"),
        pytest.param(0, datetime(2026, 3, 2, tzinfo=UTC), True, id="its last day is over"),
        pytest.param(
            14, datetime(2026, 3, 15, 23, 59, tzinfo=UTC), False, id="its last cases are not settled"
        ),
        pytest.param(14, datetime(2026, 3, 16, tzinfo=UTC), True, id="fourteen days later"),
    ],
)
def test_a_baseline_is_final_once_its_last_cases_have_settled(
    pilot: Pilot, owner: User, days: int, now: datetime, final: bool
) -> None:
    metric = a_metric(pilot, maturity_days=days)
    readings(metric, mean=20, first=FIRST, days=28)
    draft(metric, owner)
    if final:
        assert finalise(metric, owner, now).is_final
        return
    with pytest.raises(Refused, match=r"can be finalised from (Mon 2 Mar|Mon 16 Mar)"):
        finalise(metric, owner, now)


def test_days_are_those_of_the_pilot(owner: User) -> None:
    metric = a_metric(a_pilot(timezone="Asia/Tokyo"))
    readings(metric, mean=20, first=FIRST, days=28)
    draft(metric, owner)
    assert finalise(metric, owner, datetime(2026, 3, 1, 15, tzinfo=UTC)).is_final


def test_an_empty_window_is_refused_with_who_owes_the_readings(metric: Metric, owner: User) -> None:
    draft(metric, owner)
    with pytest.raises(Refused) as refused:
        finalise(metric, owner)
    (reason,) = refused.value.reasons
    assert reason.text == "Resolution time has no readings from Mon 2 Feb to Sun 1 Mar 2026. Data owes them."
    assert reason.where == "baselines"


def test_too_few_cases_make_no_baseline(pilot: Pilot, owner: User) -> None:
    metric = a_metric(pilot, min_sample=200)
    readings(metric, mean=20, first=FIRST, days=3)
    draft(metric, owner)
    with pytest.raises(Refused, match=r"has 150 cases .* needs at least 200"):
        finalise(metric, owner)


def test_there_is_nothing_to_finalise_before_a_window_is_set(metric: Metric, owner: User) -> None:
    with pytest.raises(Refused, match="no baseline that waits"):
        finalise(metric, owner)


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [
        pytest.param(FIRST, START, "before the pilot starts, Mon 2 Mar", id="it reaches into the pilot"),
        pytest.param(LAST, FIRST, "can't be before its first", id="it ends before it begins"),
    ],
)
def test_a_window_lies_before_the_pilot(
    metric: Metric, owner: User, first: date, last: date, says: str
) -> None:
    with pytest.raises(Refused, match=says):
        draft(metric, owner, first, last)


def test_a_draft_window_is_moved_a_final_one_never(metric: Metric, owner: User) -> None:
    readings(metric, mean=20, first=FIRST, days=28)
    draft(metric, owner, FIRST + timedelta(days=7))
    assert draft(metric, owner).number == 1
    finalise(metric, owner)
    with pytest.raises(Refused, match="replaces a final baseline"):
        draft(metric, owner, FIRST + timedelta(days=7))
    second = draft(metric, owner, FIRST + timedelta(days=7), reason="A holiday week.")
    assert (second.number, second.is_final) == (2, False)
    assert Metric.objects.get().spec.baseline == metric.baselines.get(number=1).spec


def test_another_baseline_starts_the_streaks_of_a_running_pilot_over(owner: User) -> None:
    pilot = a_running_pilot()
    metric = pilot.metrics.get()
    readings(metric, mean=20, first=FIRST, days=28)
    draft(metric, owner, reason="A better month.")
    finalise(metric, owner)
    rules = pilot.conditions.all()
    assert {rule.counts_from for rule in rules} == {NOON.date()}
    assert {rule.rule_version for rule in rules} == {1}
    first = metric.baselines.get(number=1)
    assert (first.value, first.history.count()) == (20.0, 1)


def test_a_stranger_freezes_nothing(metric: Metric, stranger: User) -> None:
    with pytest.raises(NotAllowed, match="may finalise a baseline"):
        draft(metric, stranger)
    with pytest.raises(NotAllowed):
        finalise(metric, stranger)


# Drivers


def drive(pilot: Pilot, by: User, driver: Driver | None = None, **fields: Any) -> Driver:
    reserved = {name: fields.pop(name) for name in ("reason", "seen_version") if name in fields}
    driver_id = driver.pk if driver else None
    return save_driver(pilot_id=pilot.pk, by=by, driver_id=driver_id, fields=fields, now=NOON, **reserved)


def test_the_mix_of_a_driver_is_taken_from_the_baseline(metric: Metric, owner: User) -> None:
    a_final_baseline(metric)
    driver = drive(metric.pilot, owner, ref="mix", name="Severity mix", dimension="severity")
    assert driver.baseline_mix == {"low": 0.5, "high": 0.5}


def test_a_mix_follows_the_baseline_it_was_taken_from(metric: Metric, owner: User) -> None:
    driver = drive(metric.pilot, owner, ref="mix", name="Severity mix", dimension="severity")
    given = drive(
        metric.pilot,
        owner,
        ref="given",
        name="Agreed mix",
        dimension="severity",
        baseline_mix={"low": 0.9, "high": 0.1},
    )
    assert driver.baseline_mix == {}
    readings(metric, mean=20, first=FIRST, days=28)
    metric.observations.filter(segment="high").update(n=75)
    draft(metric, owner)
    baseline = finalise(metric, owner)
    driver.refresh_from_db()
    given.refresh_from_db()
    assert driver.baseline_mix == {"low": 0.25, "high": 0.75}
    assert driver.history.first().history_change_reason == f"Taken from {baseline}."
    assert given.baseline_mix == {"low": 0.9, "high": 0.1}


def test_one_dimension_of_several_has_its_own_mix(owner: User) -> None:
    pilot = a_pilot(dimensions={"tier": ["basic", "gold"], "severity": ["low", "high"]})
    baseline = a_final_baseline(a_metric(pilot))
    baseline.moments = {"tier=basic|severity=low": [60, 0, 0], "tier=gold|severity=high": [40, 0, 0]}
    baseline.save()
    driver = a_driver(pilot, dimension="tier")
    assert baseline_mix_of(driver) == {"basic": 0.6, "gold": 0.4}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"dimension": "region"}, "no dimension “region”"),
        ({"dimension": "severity", "baseline_mix": {"low": 0.5}}, "add up to 100%"),
        ({"dimension": "severity", "baseline_mix": {"low": 0.5, "vip": 0.5}}, "add up to 100%"),
        ({"material_change": 0.0}, "more than 0%"),
    ],
)
def test_a_driver_that_makes_no_sense_is_refused(
    pilot: Pilot, owner: User, fields: dict[str, Any], says: str
) -> None:
    with pytest.raises(Refused, match=says) as refused:
        drive(pilot, owner, ref="mix", name="Mix", **fields)
    assert refused.value.reasons[0].where == "drivers"


def test_who_owns_a_driver_keeps_it_up_to_date(pilot: Pilot, stranger: User) -> None:
    driver = a_driver(pilot, "seats", dimension="", baseline_value=100.0, owner=stranger)
    with pytest.raises(Refused, match="Give the value"):
        update_driver_value(driver_id=driver.pk, by=stranger, now=NOON)
    driver = update_driver_value(driver_id=driver.pk, by=stranger, value=140.0, now=NOON)
    assert (driver.current_value, driver.updated_on) == (140.0, NOON.date())
    assert driver.history.first().history_user == stranger
    assert PilotState.objects.get(pilot=pilot).dirty_seq == 2


def test_nobody_else_updates_a_driver_and_nobody_tomorrow(pilot: Pilot, owner: User, stranger: User) -> None:
    driver = a_driver(pilot)
    with pytest.raises(NotAllowed):
        update_driver_value(driver_id=driver.pk, by=stranger, now=NOON)
    with pytest.raises(Refused, match="still to come"):
        update_driver_value(driver_id=driver.pk, by=owner, on=date(2026, 3, 31), now=NOON)


def test_a_driver_in_use_is_not_removed(metric: Metric, owner: User) -> None:
    driver = a_driver(metric.pilot)
    rule = a_condition(metric, "S7")
    rule.metric, rule.driver, rule.comparison = None, driver, "above"
    rule.save()
    with pytest.raises(Refused, match="S7 speaks of it"):
        remove_driver(driver_id=driver.pk, by=owner, now=NOON)
    retire_condition(condition_id=rule.pk, by=owner, now=NOON)
    remove_driver(driver_id=driver.pk, by=owner, now=NOON)
    assert not metric.pilot.drivers.exists()
    assert rule.history.first().history_type == "-"


def test_what_was_judged_keeps_its_driver(owner: User) -> None:
    pilot = a_running_pilot()
    rule, driver = pilot.conditions.get(ref="S1"), a_driver(pilot)
    rule.metric, rule.driver, rule.comparison = None, driver, "above"
    rule.save()
    ConditionState.objects.create(condition=rule, scope="overall", updated_at=NOON)
    retire_condition(condition_id=rule.pk, by=owner, reason="Noise.", now=NOON)
    with pytest.raises(Refused, match="its record stays"):
        remove_driver(driver_id=driver.pk, by=owner, reason="Unused.", now=NOON)
