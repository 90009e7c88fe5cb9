"""Every address, by everybody: what is unknown and what is forbidden look the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from pilots.models import Metric, Pilot, Risk, User
from pilots.services.links import acknowledge_link
from tests.builders import a_complete_pilot, a_driver, a_person, a_running_pilot, an_alert
from tests.services.uploads import HEADER, a_row, sent

pytestmark = pytest.mark.django_db

SIGN_IN, OK, NOT_FOUND, FORBIDDEN, METHOD, UNWELL = 302, 200, 404, 403, 405, 503


@dataclass(frozen=True)
class Row:
    """What a GET answers to nobody, to a stranger, to the decision's owner, to the pilot's reviewer."""

    nobody: int
    stranger: int
    owner: int
    reviewer: int


OPEN = Row(OK, OK, OK, OK)
SIGNED_IN = Row(SIGN_IN, OK, OK, OK)
SEEN = Row(SIGN_IN, NOT_FOUND, OK, OK)
REVIEWED = Row(SIGN_IN, NOT_FOUND, FORBIDDEN, OK)
OWNED = Row(SIGN_IN, NOT_FOUND, OK, FORBIDDEN)

TABLE: dict[str, Row] = {
    "portfolio": SIGNED_IN,
    "decisions": SIGNED_IN,
    "alerts": SIGNED_IN,
    "alert": SEEN,
    "alert-raise": SIGNED_IN,
    "alert-act": Row(SIGN_IN, NOT_FOUND, SIGN_IN, SIGN_IN),  # leads back to the alert: it is answered by POST
    "acknowledge": OPEN,
    "reviews": SIGNED_IN,
    "outbox": SIGNED_IN,
    "resend": Row(SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN),  # leads back to the list: it is asked by POST
    "preferences": SIGNED_IN,
    "healthz": OPEN,
    "healthz-deep": Row(UNWELL, UNWELL, UNWELL, UNWELL),  # no engine runs beside this story
    "sign-in": Row(OK, SIGN_IN, SIGN_IN, SIGN_IN),  # whoever is in already is led on
    "sign-out": Row(METHOD, METHOD, METHOD, METHOD),
    "appearance": Row(METHOD, METHOD, METHOD, METHOD),
    "decision": SEEN,
    "pilot": SEEN,
    "pilot-timeline": SEEN,
    "metric-csv": SEEN,
    "metric-svg": SEEN,
    "decision-new": SIGNED_IN,
    "decision-from-text": SIGNED_IN,
    "decision-edit": OWNED,
    "decision-move": OWNED,
    "risk-new": OWNED,
    "risk-edit": OWNED,
    "pilot-new": OWNED,
    "pilot-edit": Row(SIGN_IN, NOT_FOUND, SIGN_IN, SIGN_IN),  # leads on to the first open step
    "pilot-setup": OWNED,
    "setup-row-new": OWNED,
    "setup-row": OWNED,
    "setup-row-remove": OWNED,
    "escalation-policy-new": OWNED,
    "escalation-policy": OWNED,
    "baseline-window": OWNED,
    "baseline-final": OWNED,
    "driver-value": SEEN,  # whoever keeps the driver may be anybody; saving it is asked of the service
    "driver-answer": REVIEWED,
    "pilot-move": OWNED,
    "readings": SEEN,
    "readings-day": SEEN,
    "readings-new": OWNED,
    "readings-job": OWNED,
    "reading-new": OWNED,
}


def named(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern.name or str(pattern.pattern)
        elif pattern.app_name != "admin":  # the admin's own test goes through all of it
            yield from named(pattern.url_patterns)


@pytest.fixture
def people() -> dict[str, User | None]:
    return {
        "nobody": None,
        "stranger": a_person("stranger@example.org"),
        "owner": a_person("owner@example.org"),
        "reviewer": a_person("reviewer@example.org"),
    }


@pytest.fixture
def addresses() -> dict[str, str]:
    pilot = a_complete_pilot()
    metric = Metric.objects.get(pilot=pilot)
    driver = a_driver(pilot, "criticality", dimension="", baseline_mix={}, baseline_value=0.3)
    alert, policy = an_alert(pilot), pilot.escalation_policies.create(name="Out of hours")
    risk = Risk.objects.create(decision=pilot.decision, text="Bad data hides a shift")
    of_decision, of_pilot = [pilot.decision.ref], [pilot.ref]
    arguments: dict[str, list[str | int]] = {
        "decision": [*of_decision],
        "decision-edit": [*of_decision],
        "decision-move": [*of_decision, "propose"],
        "risk-new": [*of_decision],
        "risk-edit": [*of_decision, risk.pk],
        "pilot-new": [*of_decision],
        "alert": [alert.pk],
        "alert-act": [alert.pk, "acknowledge"],
        "resend": [1],
        "acknowledge": [acknowledge_link(alert, a_person()).split("/")[-2]],
        "pilot": [*of_pilot],
        "pilot-timeline": [*of_pilot],
        "metric-csv": [*of_pilot, metric.ref],
        "metric-svg": [*of_pilot, metric.ref],
        "pilot-edit": [*of_pilot],
        "pilot-setup": [*of_pilot, "metrics"],
        "setup-row-new": [*of_pilot, "metrics"],
        "setup-row": [*of_pilot, "metrics", metric.pk],
        "setup-row-remove": [*of_pilot, "metrics", metric.pk],
        "escalation-policy-new": [*of_pilot],
        "escalation-policy": [*of_pilot, policy.pk],
        "baseline-window": [*of_pilot, metric.pk],
        "baseline-final": [*of_pilot, metric.pk],
        "driver-value": [*of_pilot, driver.pk],
        "driver-answer": [*of_pilot, driver.pk],
        "pilot-move": [*of_pilot, "ready"],
        "readings": [*of_pilot],
        "readings-day": [*of_pilot, metric.ref, "2026-03-02"],
        "readings-new": [*of_pilot],
        "readings-job": [*of_pilot, sent(pilot, HEADER + a_row(), by=a_person()).pk],
        "reading-new": [*of_pilot],
    }
    return {name: reverse(name, args=arguments.get(name, [])) for name in TABLE}


def test_every_address_has_its_row() -> None:
    assert set(named(get_resolver().url_patterns)) == set(TABLE)


@pytest.mark.parametrize("who", ["nobody", "stranger", "owner", "reviewer"])
def test_who_sees_what(who: str, people: dict[str, User | None], addresses: dict[str, str]) -> None:
    client = Client()
    if (person := people[who]) is not None:
        client.force_login(person)
    answers = {name: client.get(address).status_code for name, address in addresses.items()}
    assert answers == {name: getattr(row, who) for name, row in TABLE.items()}


def test_what_is_unknown_answers_like_what_is_forbidden(people: dict[str, User | None]) -> None:
    a_running_pilot("secret", title="Secret")
    client = Client()
    client.force_login(people["stranger"] or a_person())
    forbidden, unknown = client.get("/pilots/secret/"), client.get("/pilots/none/")
    assert forbidden.status_code == unknown.status_code == NOT_FOUND
    token = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
    said = [token.sub("", answer.text).replace("secret", "none") for answer in (forbidden, unknown)]
    assert said[0] == said[1]


def test_a_person_told_of_a_pilot_sees_it_and_nothing_else(people: dict[str, User | None]) -> None:
    told = a_person("informed@example.org")
    pilot = a_running_pilot("told", title="Told of")
    a_running_pilot("other", title="Other")
    pilot.memberships.create(user=told, role="informed")
    client = Client()
    client.force_login(told)
    assert client.get("/pilots/told/").status_code == OK
    assert client.get("/decisions/told-decision/").status_code == OK
    assert client.get("/pilots/other/").status_code == NOT_FOUND
    assert Pilot.objects.visible_to(told).get() == pilot


def test_somebody_whose_account_was_closed_is_signed_out(people: dict[str, User | None]) -> None:
    client, owner = Client(), people["owner"]
    assert owner is not None
    client.force_login(owner)
    owner.is_active = False
    owner.save()
    assert client.get("/")["Location"] == "/sign-in/?next=/"
