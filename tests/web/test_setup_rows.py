"""Stages, metrics, drivers and limits are added, changed and taken away on small pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from pilots.models import Condition, Metric, Pilot, User
from tests.builders import (
    START,
    a_condition,
    a_decision,
    a_driver,
    a_final_baseline,
    a_metric,
    a_pilot,
    a_running_pilot,
    readings,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def pilot(owner: User) -> Pilot:
    return a_pilot(decision=a_decision(owner=owner))


@pytest.fixture
def page(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def new(pilot: Pilot, step: str, kind: str = "") -> str:
    return reverse("setup-row-new", args=[pilot.ref, step]) + (f"?kind={kind}" if kind else "")


def limit(metric: Metric, **fields: Any) -> dict[str, Any]:
    rule = {"watch": f"metric:{metric.pk}", "when": "worsen_by", "limit": "10 %", "scope": "overall"}
    finer = {"sustained_periods": "1", "sustained_days": "0", "recover_periods": "3", "severity": "SEV2"}
    return {**rule, **finer, "rationale": "Agreed in March", "told": ["pilot_owner"], **fields}


def test_a_limit_is_typed_in_words_and_kept_as_a_rule(page: Client, pilot: Pilot) -> None:
    metric = a_metric(pilot)
    typed = limit(metric, scope="each:severity", limit="7.5", told_also="mei@example.org")
    page.post(new(pilot, "limits", "stop_condition"), typed)
    saved = Condition.objects.get()
    assert (saved.ref, saved.kind, saved.comparison) == ("S1", "stop_condition", "worsen_by")
    assert saved.limit == pytest.approx(0.075)
    assert saved.scope == "each:severity"
    assert saved.notify == ["pilot_owner", "mei@example.org"]
    shown = page.get(reverse("pilot-setup", args=[pilot.ref, "limits"])).content.decode()
    assert "Resolution time is 7.5% higher than before, in any severity" in shown


def test_an_absolute_limit_is_in_the_metric_s_unit(page: Client, pilot: Pilot) -> None:
    typed = limit(a_metric(pilot), when="above", limit="24")
    page.post(new(pilot, "limits", "stop_condition"), typed)
    assert Condition.objects.get().limit == 24


def test_a_limit_may_watch_for_silence(page: Client, pilot: Pilot) -> None:
    typed = limit(a_metric(pilot), when="data:stale", limit="")
    page.post(new(pilot, "limits", "escalation_trigger"), typed)
    assert Condition.objects.get().data_state == "stale"


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"limit": ""}, "limit", "Say how much"),
        ({"limit": "a lot"}, "limit", "a percentage"),
        ({"when": "above", "limit": "5 %"}, "limit", "a number"),
        ({"rationale": ""}, "rationale", "Say why"),
        ({"watch": "metric:0"}, "watch", "0 is not one of"),
        ({"scope": "each:colour"}, "scope", "colour is not one of"),
        ({"clear_limit": "20"}, "clear_limit", "beyond the limit"),
        ({"told_also": "mei"}, "told_also", "Not an address: mei"),
        ({"sustained_periods": "0"}, None, "At least one reading"),
    ],
)
def test_a_wrong_limit_is_said_at_its_field(
    page: Client, pilot: Pilot, wrong: dict[str, str], field: str | None, says: str
) -> None:
    answer = page.post(
        new(pilot, "limits", "stop_condition"), limit(a_metric(pilot), name="Kept words", **wrong)
    )
    form = answer.context["form"]
    assert says in str(form.errors[field or "__all__"])
    assert form["name"].value() == "Kept words"
    assert not Condition.objects.exists()


def test_a_limit_of_a_running_pilot_asks_why_and_starts_over(page: Client, owner: User) -> None:
    running = a_running_pilot(decision=a_decision("other", owner=owner))
    stop = running.conditions.get(ref="S1")
    address = reverse("setup-row", args=[running.ref, "limits", stop.pk])
    changed = limit(running.metrics.get(), limit="12 %", seen_version=str(stop.version))

    answer = page.post(address, changed)
    assert "Say why" in str(answer.context["form"].errors["reason"])
    page.post(address, {**changed, "reason": "The survey says 12"})
    stop.refresh_from_db()
    assert stop.limit == pytest.approx(0.12)
    assert stop.rule_version == 2


def test_two_people_changing_one_limit_see_both(page: Client, pilot: Pilot) -> None:
    stop = a_condition(a_metric(pilot))
    opened = limit(stop.metric, limit="12 %", seen_version=str(stop.version))  # type: ignore[arg-type]
    stop.limit = 0.08
    stop.save()
    answer = page.post(reverse("setup-row", args=[pilot.ref, "limits", stop.pk]), opened)
    differs = {d.label: (d.yours, d.theirs) for d in answer.context["form"].theirs}
    assert differs["How much"] == ("12 %", "8 %")
    stop.refresh_from_db()
    assert stop.limit == 0.08


def test_a_limit_shows_itself_as_it_was_typed(page: Client, pilot: Pilot) -> None:
    stop = a_condition(a_metric(pilot), notify=["pilot_owner", "mei@example.org"])
    form = page.get(reverse("setup-row", args=[pilot.ref, "limits", stop.pk])).context["form"]
    assert form["limit"].value() == "10 %"
    assert form["told"].value() == ["pilot_owner"]
    assert form["told_also"].value() == "mei@example.org"


def test_a_stage_is_a_share_of_accounts_in_per_cent(page: Client, pilot: Pilot) -> None:
    stage = {"name": "half", "exposure_share": "50 %", "min_days": "14", "min_sample": "0"}
    page.post(new(pilot, "stages"), {**stage, "exposure_segments": ["low"]})
    saved = pilot.stages.get(name="half")
    assert (saved.exposure_share, saved.exposure_segments, saved.order) == (0.5, ["low"], 2)


@pytest.mark.parametrize("share", ["0", "120 %"])
def test_a_share_beyond_all_accounts_is_refused(page: Client, pilot: Pilot, share: str) -> None:
    stage = {"name": "odd", "exposure_share": share, "min_days": "0", "min_sample": "0"}
    answer = page.post(new(pilot, "stages"), stage)
    assert "more than 0% and at most 100%" in answer.content.decode()
    assert answer.context["form"]["exposure_share"].value() == share


def test_a_metric_s_name_in_files_is_made_from_its_name(page: Client, pilot: Pilot) -> None:
    typed = {"name": "Cost per account", "direction": "lower_is_better", "kind": "mean", "window_days": "7"}
    typed |= {"cadence_days": "7", "maturity_days": "0", "owner": "data@example.org"}
    page.post(new(pilot, "metrics"), typed)
    assert Metric.objects.get().ref == "cost_per_account"
    answer = page.post(new(pilot, "metrics"), typed)
    assert "is taken in this pilot" in str(answer.context["form"].errors["ref"])


def test_a_silent_day_counts_as_zero_only_with_a_reason(page: Client, pilot: Pilot) -> None:
    typed = {"name": "Claims", "direction": "lower_is_better", "kind": "total", "window_days": "7"}
    typed |= {
        "cadence_days": "1",
        "maturity_days": "0",
        "owner": "data@example.org",
        "no_entry_is_zero": "on",
    }
    answer = page.post(new(pilot, "metrics"), typed)
    assert "Say why no entry means zero" in str(answer.context["form"].errors["no_entry_reason"])
    assert '<details class="more" open>' in answer.content.decode()


def test_what_a_limit_speaks_of_can_t_be_taken_away(page: Client, pilot: Pilot) -> None:
    metric = a_condition(a_metric(pilot)).metric
    address = reverse("setup-row-remove", args=[pilot.ref, "metrics", metric.pk])  # type: ignore[union-attr]
    answer = page.post(address, {"reason": "Not needed"})
    shown = answer.content.decode()
    assert "retire that first" in shown
    assert reverse("pilot-setup", args=[pilot.ref, "limits"]) in shown
    assert pilot.metrics.exists()


@pytest.mark.parametrize("step", ["stages", "drivers", "limits"])
def test_a_row_is_taken_away_with_a_reason(page: Client, pilot: Pilot, step: str) -> None:
    rows = {
        "stages": pilot.stages.get(),
        "drivers": a_driver(pilot),
        "limits": a_condition(a_metric(pilot)),
    }
    address = reverse("setup-row-remove", args=[pilot.ref, step, rows[step].pk])
    assert page.get(address).status_code == 200
    assert page.post(address, {"reason": ""}).status_code == 200
    assert page.post(address, {"reason": "Not needed"}).status_code == 302
    left = {"stages": pilot.stages.all(), "drivers": pilot.drivers.all()}
    assert not left.get(step, pilot.conditions.in_force())


def test_a_plain_number_gets_its_new_value(page: Client, pilot: Pilot) -> None:
    driver = a_driver(pilot, "load", dimension="", baseline_mix={}, baseline_value=100.0)
    address = reverse("driver-value", args=[pilot.ref, driver.pk])
    assert "Enter a number" in page.post(address, {"value": "much"}).content.decode()
    page.post(address, {"value": "112.5"})
    driver.refresh_from_db()
    assert driver.current_value == 112.5


def test_a_suggested_driver_follows_the_dimension_it_is_named_after(page: Client, pilot: Pilot) -> None:
    form = page.get(new(pilot, "drivers") + "?name=issue severity mix").context["form"]
    assert (form["name"].value(), form["dimension"].value()) == ("issue severity mix", "severity")


def test_a_row_of_another_pilot_is_not_found(page: Client, pilot: Pilot, owner: User) -> None:
    other = a_metric(a_pilot("other", decision=a_decision("other", owner=owner)))
    assert page.get(reverse("setup-row", args=[pilot.ref, "metrics", other.pk])).status_code == 404


@pytest.mark.parametrize("address", ["colours/new/", "limits/new/?kind=colour"])
def test_what_does_not_exist_is_not_found(page: Client, pilot: Pilot, address: str) -> None:
    assert page.get(f"/pilots/{pilot.ref}/set-up/{address}").status_code == 404


def test_a_new_limit_shows_what_can_be_proven_and_what_is_missing(page: Client, pilot: Pilot) -> None:
    metric = a_metric(pilot)
    a_final_baseline(metric)
    form = page.get(new(pilot, "limits", "threshold")).content.decode()
    assert "Resolution time has no readings from Mon 5 Jan to Sun 1 Mar yet" in form
    readings(metric, mean=20.0, first=START - timedelta(days=56), days=56)
    form = page.get(new(pilot, "limits", "threshold")).content.decode()
    assert "at 50 cases a day, an improvement of about" in form
    assert "a change for the worse" not in form
    assert "a change for the worse" in page.get(new(pilot, "limits", "stop_condition")).content.decode()
