from __future__ import annotations

from django.test import Client
from django.utils.html import strip_tags

from pilots.models import Condition, User
from tests.admin.test_site import address
from tests.builders import a_running_pilot


def words(client: Client, page: str) -> str:
    return " ".join(strip_tags(client.get(page).content.decode()).split())


def test_the_history_says_who_changed_what_and_why(reviewing: Client, owner: User) -> None:
    stop = a_running_pilot().conditions.get(ref="S1")
    stop.limit, stop.must_watch, stop.severity = 0.2, True, "SEV1"
    stop.explain(by=owner, reason="Ten per cent was noise")
    stop.save()
    said = words(reviewing, address(Condition, "history", stop.pk))
    assert "Limit: 0.1 → 0.2" in said
    assert "Must always have data: no → yes" in said
    assert "Olive Owner" in said
    assert "“Ten per cent was noise”" in said
    assert "Version:" not in said


def test_what_the_engine_did_is_told_apart(reviewing: Client) -> None:
    pilot = a_running_pilot()
    pilot.status = "paused"
    pilot.explain(by=None, reason="A stop condition fires")
    pilot.save()
    said = words(reviewing, address(type(pilot), "history", pilot.pk))
    assert "Engine Status: Running → Paused “A stop condition fires”" in said


def test_a_past_version_shows_each_field_as_it_was(reviewing: Client) -> None:
    stop = a_running_pilot().conditions.get(ref="S1")
    first = stop.history.get()
    stop.rationale = "Changed since"
    stop.save()
    said = words(reviewing, address(Condition, "simple_history", stop.pk, first.pk))
    assert "Rationale Agreed." in said
    assert "Changed since" not in said


def test_a_version_that_speaks_of_a_removed_row_still_opens(reviewing: Client) -> None:
    pilot = a_running_pilot()
    stop = pilot.conditions.get(ref="S1")
    metric = pilot.metrics.create(ref="spare", name="Spare")
    stop.metric = metric
    stop.save()
    told = stop.history.first()
    stop.metric = pilot.metrics.get(ref="resolution_hours")
    stop.save()
    metric.delete()
    assert "removed since" in words(reviewing, address(Condition, "simple_history", stop.pk, told.pk))
    assert reviewing.get(address(Condition, "history", stop.pk)).status_code == 200
