"""The link in a mail asks once and answers for its reader; looking at it changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pilots.models import Alert, Pilot, User
from pilots.services import links
from pilots.services.links import acknowledge_link
from tests.builders import a_decision, a_person, a_running_pilot, an_alert

pytestmark = pytest.mark.django_db
Status = Alert.Status


@pytest.fixture
def pilot(owner: User) -> Pilot:
    return a_running_pilot(decision=a_decision(owner=owner), days=1)


@pytest.fixture
def alert(pilot: Pilot) -> Alert:
    now = timezone.now()
    return an_alert(pilot, opened_at=now, last_seen_at=now)


def path(alert: Alert, user: User) -> str:
    return "/" + acknowledge_link(alert, user).split("/", 3)[3]


def status_of(alert: Alert) -> str:
    return Alert.objects.get(pk=alert.pk).status


def test_looking_changes_nothing_and_asks_once(client: Client, alert: Alert, owner: User) -> None:
    for ask in (client.get, client.head):
        assert ask(path(alert, owner)).status_code == 200
    page = client.get(path(alert, owner))
    assert "You answer as Olive Owner." in page.text
    assert page.text.count("btn main") == 1
    assert status_of(alert) == Status.OPEN


def test_the_button_acknowledges_for_the_reader_without_a_sign_in(
    client: Client, alert: Alert, owner: User
) -> None:
    for _ in range(2):  # twice is once
        page = client.post(path(alert, owner))
        assert "You have it, Olive Owner." in page.text
    alert.refresh_from_db()
    assert (alert.status, alert.owner) == (Status.ACKNOWLEDGED, owner)
    assert alert.events.filter(kind="acknowledged").count() == 1
    assert "_auth_user_id" not in client.session


def test_a_form_of_another_site_answers_nothing(alert: Alert, owner: User) -> None:
    assert Client(enforce_csrf_checks=True).post(path(alert, owner)).status_code == 403
    assert status_of(alert) == Status.OPEN


def test_who_comes_second_reads_who_has_it(client: Client, alert: Alert, owner: User) -> None:
    client.post(path(alert, owner))
    other = a_person("pilot.owner@example.org")
    assert "Olive Owner has it already." in client.get(path(alert, other)).text
    assert "Olive Owner has it already." in client.post(path(alert, other)).text


def test_what_is_over_is_said_to_be_over(client: Client, alert: Alert, owner: User) -> None:
    Alert.objects.update(status=Status.RESOLVED, resolution="recovered", resolved_at=timezone.now())
    page = client.get(path(alert, owner)).text
    assert "It is over since" in page
    assert "btn main" not in page


def test_a_link_is_good_for_two_weeks(
    client: Client, alert: Alert, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = path(alert, owner)
    monkeypatch.setattr(links, "LIVES", timedelta(seconds=-1))
    page = client.get(link)
    assert page.status_code == 410
    assert "has expired. Sign in instead." in page.text


@pytest.mark.parametrize("cut", [1, 8, 30])
def test_a_broken_link_opens_nothing(client: Client, alert: Alert, owner: User, cut: int) -> None:
    page = client.get(path(alert, owner)[: -1 - cut] + "/")
    assert page.status_code == 410
    assert "This link is not complete." in page.text
    assert alert.sentence not in page.text


def test_who_left_answers_nothing(client: Client, alert: Alert, owner: User) -> None:
    link = path(alert, owner)
    owner.is_active = False
    owner.save()
    for ask in (client.get, client.post):
        page = ask(link)
        assert page.status_code == 410
        assert alert.sentence not in page.text
    assert status_of(alert) == Status.OPEN


def test_the_page_is_kept_out_of_caches_and_searches_and_runs_no_script(
    client: Client, alert: Alert, owner: User
) -> None:
    page = client.get(path(alert, owner))
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in page["Cache-Control"]
    assert "script-src 'self'" in page["Content-Security-Policy"]
    assert "<script" not in page.text


def test_the_page_tells_of_no_other_alert(client: Client, pilot: Pilot, alert: Alert, owner: User) -> None:
    an_alert(pilot, "escalation_trigger", sentence="A secret of another alert.")
    page = client.get(path(alert, owner)).text
    assert "secret" not in page
    assert "Main" not in page  # the places, with their counts, are for who signed in
