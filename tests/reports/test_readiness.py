from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pilots.models import Condition, Membership, Pilot, Role, Stage, User
from pilots.reports.readiness import Check, readiness_of
from tests.builders import a_complete_pilot, a_condition, a_metric, a_person

pytestmark = pytest.mark.django_db


def checked(pilot: Pilot) -> dict[str, Check]:
    return {check.key: check for check in readiness_of(Pilot.objects.with_rules().get(pk=pilot.pk))}


def open_checks(pilot: Pilot) -> dict[str, str]:
    return {key: " ".join(check.missing) for key, check in checked(pilot).items() if not check.ok}


def the(pilot: Pilot, ref: str, **fields: Any) -> None:
    """Change one condition of a pilot."""
    condition = Condition.objects.get(pilot=pilot, ref=ref)
    for name, value in fields.items():
        setattr(condition, name, value)
    condition.save()


def who_owes_the_readings_left(pilot: Pilot) -> None:
    steward = pilot.metrics.get().steward
    assert steward is not None
    steward.is_active = False
    steward.save()


def the_pilot_owner_left(pilot: Pilot) -> None:
    owner = User.objects.get(email="pilot.owner@example.org")
    owner.is_active = False
    owner.save()


def another_metric_came_up(pilot: Pilot) -> None:
    a_metric(pilot, "cost", name="Cost per account")


def the_baseline_is_a_draft(pilot: Pilot) -> None:
    baseline = pilot.metrics.get().baselines.get()
    baseline.finalised_at = None
    baseline.save()


def the_driver_has_no_mix(pilot: Pilot) -> None:
    driver = pilot.drivers.get()
    driver.baseline_mix = {}
    driver.save()


def the_driver_is_a_number_unknown_before(pilot: Pilot) -> None:
    driver = pilot.drivers.get()
    driver.dimension = ""
    driver.save()


def nobody_said_how_the_driver_is_updated(pilot: Pilot) -> None:
    driver = pilot.drivers.get()
    driver.update_rule = ""
    driver.save()


def no_review_is_planned(pilot: Pilot) -> None:
    pilot.first_review_on = None
    pilot.save()


def the_owner_reviews(pilot: Pilot) -> None:
    membership = pilot.memberships.get(role=Role.REVIEWER)
    membership.user = a_person("pilot.owner@example.org")
    membership.save()


def test_nothing_is_missing_from_a_complete_pilot() -> None:
    assert open_checks(a_complete_pilot()) == {}


@pytest.mark.parametrize(
    ("mishap", "key", "says"),
    [
        (who_owes_the_readings_left, "owners", "Nobody owes the readings of Resolution time"),
        (the_pilot_owner_left, "owners", "Nobody is the pilot owner"),
        (another_metric_came_up, "baselines", "Cost per account has no baseline"),
        (the_baseline_is_a_draft, "baselines", "Resolution time is not final"),
        (the_driver_has_no_mix, "drivers", "mix of Issue severity mix before the pilot is not known"),
        (the_driver_is_a_number_unknown_before, "drivers", "value of Issue severity mix before the pilot"),
        (nobody_said_how_the_driver_is_updated, "drivers", "how and how often"),
        (lambda p: the(p, "T1", kind="stop_condition"), "thresholds", "no threshold"),
        (
            lambda p: the(p, "S1", kind="escalation_trigger", notify=["reviewer"]),
            "stop_conditions",
            "no stop",
        ),
        (lambda p: the(p, "S1", observe_only=True), "stop_conditions", "There is no stop condition"),
        (lambda p: the(p, "S1", rationale=" "), "stop_conditions", "S1 does not say why"),
        (lambda p: the(p, "E1", kind="threshold"), "escalation_triggers", "There is no escalation trigger"),
        (lambda p: the(p, "E1", notify=[]), "escalation_triggers", "E1 names nobody"),
        (lambda p: the(p, "E1", notify=["communicator"]), "escalation_triggers", "the customer communicator"),
        (no_review_is_planned, "first_review", "not scheduled"),
        (the_owner_reviews, "first_review", "has to be somebody else"),
        (
            lambda p: Membership.objects.filter(role=Role.REVIEWER).delete(),
            "first_review",
            "Nobody is the reviewer",
        ),
        (lambda p: Stage.objects.all().delete(), "stages", "There is no stage"),
    ],
)
def test_what_is_missing_is_named(mishap: Callable[[Pilot], Any], key: str, says: str) -> None:
    pilot = a_complete_pilot()
    mishap(pilot)
    assert says in open_checks(pilot)[key]


def test_every_check_names_the_place_that_mends_it() -> None:
    places = {check.where for check in checked(a_complete_pilot()).values()}
    assert places == {"people", "baselines", "drivers", "conditions", "stages", "reviews"}


@pytest.mark.parametrize(
    ("threshold", "stop", "overlap"),
    [
        # resolution time: lower is better, 20 hours before the pilot
        pytest.param({}, {"comparison": "above", "limit": 22.0}, False, id="above 22 hours is past 19"),
        pytest.param({}, {"comparison": "above", "limit": 18.0}, True, id="18.5 hours would mean both"),
        pytest.param({}, {"comparison": "below", "limit": 5.0}, True, id="4 hours would mean both"),
        pytest.param({}, {"comparison": "worsen_by", "limit": 0.0}, False, id="better is never worse"),
        pytest.param(
            {"comparison": "below", "limit": 21.0},
            {"comparison": "worsen_by", "limit": 0.02},
            True,
            id="20.5 hours is below the value and worse than before",
        ),
        pytest.param(
            {"scope": "low"},
            {"comparison": "above", "limit": 18.0, "scope": "high"},
            False,
            id="other scopes",
        ),
        pytest.param(
            {"scope": "low"},
            {"comparison": "above", "limit": 18.0, "scope": "each:severity"},
            True,
            id="a segment is one of each segment",
        ),
        pytest.param(
            {"scope": "gap:severity", "comparison": "below", "limit": 0.10},
            {"scope": "gap:severity", "comparison": "above", "limit": 0.05},
            True,
            id="a gap of 7% would mean both",
        ),
    ],
)
def test_no_value_may_mean_both_scale_up_and_stop(
    threshold: dict[str, Any], stop: dict[str, Any], overlap: bool
) -> None:
    pilot = a_complete_pilot()
    the(pilot, "T1", **threshold)
    the(pilot, "S1", **stop)
    assert ("limits" in open_checks(pilot)) is overlap


def test_a_retired_rule_counts_for_nothing() -> None:
    pilot = a_complete_pilot()
    stop = a_condition(pilot.metrics.get(), "S2", comparison="above", limit=1.0)
    assert "limits" in open_checks(pilot)
    stop.retired_at = pilot.metrics.get().baselines.get().finalised_at
    stop.save()
    assert "limits" not in open_checks(pilot)


def test_a_trigger_may_tell_somebody_by_address() -> None:
    pilot = a_complete_pilot()
    the(pilot, "E1", notify=["duty@example.org"])
    assert open_checks(pilot) == {}
    a_person("duty@example.org", is_active=False)
    assert "duty@example.org" in open_checks(pilot)["escalation_triggers"]


def test_readings_that_nobody_is_named_for_are_owed_by_the_pilot_owner() -> None:
    pilot = a_complete_pilot()
    metric = pilot.metrics.get()
    metric.owner = None
    metric.save()
    assert metric.steward == pilot.memberships.get(role="pilot_owner").user
    assert "owners" not in open_checks(pilot)
