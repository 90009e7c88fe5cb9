from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from pilots.models import (
    AccountShare,
    AlertEvent,
    ApiToken,
    ChannelState,
    Continuance,
    CustomerFeedback,
    CustomerNotice,
    Destination,
    DriverState,
    EscalationPolicy,
    EscalationStep,
    Evaluation,
    ImpactAssessment,
    ImportJob,
    NextStep,
    Notification,
    Pilot,
    PilotMove,
    Preference,
    Pulse,
    Risk,
    User,
)
from pilots.services.shipping import ensure_frameworks, ensure_groups
from tests.builders import (
    NOON,
    a_driver,
    a_person,
    a_review,
    a_running_pilot,
    an_alert,
    an_evaluation,
)


@pytest.fixture
def reviewers(db: None) -> Group:
    return ensure_groups()


@pytest.fixture
def reviewing(reviewer: User, reviewers: Group, client: Client) -> Client:
    """A browser in which a reviewer is signed in."""
    reviewer.groups.add(reviewers)
    client.force_login(reviewer)
    return client


@pytest.fixture
def owning(owner: User, reviewers: Group) -> Client:
    """A browser in which somebody is signed in who owns the pilots and may use the admin."""
    owner.is_staff = True
    owner.save()
    owner.groups.add(reviewers)
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def everything(owner: User) -> Pilot:
    """A running pilot, and one row at least of every other model."""
    ensure_frameworks()
    pilot = a_running_pilot(decision=None)
    a_driver(pilot)
    a_review(pilot)
    one_of_what_the_engine_writes(pilot)
    what_there_is_one_of(owner)
    Risk.objects.create(decision=pilot.decision, text="Readings come late")
    NextStep.objects.create(decision=pilot.decision, text="Name the owners")
    life = {"created_at": NOON, "expires_at": NOON + timedelta(days=90)}
    ApiToken.objects.create(user=owner, name="Help desk", key_id="abcd1234", sha256="5ecret" * 10, **life)
    return pilot


def what_there_is_one_of(owner: User) -> None:
    Preference.objects.create(user=owner)
    Pulse.objects.create(name="evaluate", at=NOON)
    shut = {"shut_since": NOON, "shut_until": NOON + timedelta(minutes=5)}
    ChannelState.objects.create(channel="email", reason="The sign-in was refused.", **shut)


def one_of_what_the_engine_writes(pilot: Pilot) -> None:
    alert, evaluation = an_alert(pilot), an_evaluation(pilot)
    assert isinstance(evaluation, Evaluation)
    condition = pilot.conditions.get(ref="S1")
    condition.states.create(scope="overall", episode="firing", updated_at=NOON)
    DriverState.objects.create(driver=pilot.drivers.get(), updated_at=NOON)
    of_account = {"day": NOON.date(), "segment": "low", "account": "5ecret", "n": 1, "total": 20.0}
    AccountShare.objects.create(metric=pilot.metrics.get(), as_of=NOON, **of_account)
    event = AlertEvent.objects.create(alert=alert, at=NOON, kind=AlertEvent.Kind.OPENED)
    person = a_person("data@example.org")
    Notification.objects.create(
        recipient=person.email,
        user=person,
        alert=alert,
        event=event,
        subject="Past your limit",
        text="Resolution time is past your limit.",
        message_id="<1@example.org>",
        created_at=NOON,
        next_try_at=NOON,
    )
    ImportJob.objects.create(pilot=pilot, by=person, name="readings.csv", created_at=NOON)
    PilotMove.objects.create(pilot=pilot, from_status="ready", to_status="running", at=NOON)
    ImpactAssessment.objects.create(alert=alert, at=NOON, severity="SEV2")
    CustomerFeedback.objects.create(alert=alert, received_at=NOON, channel="mail", text="It takes longer")
    CustomerNotice.objects.create(alert=alert, subject="We look into it", body="…", drafted_by=person)
    until = NOON.date() + timedelta(days=14)
    decided = {"alert": alert, "decided_on": NOON.date(), "until": until, "by": person, "at": NOON}
    Continuance.objects.create(condition=condition, scope="overall", reason="A known cause", **decided)
    policy = EscalationPolicy.objects.create(pilot=pilot, name="Ours")
    EscalationStep.objects.create(policy=policy, order=1, notify=["pilot_owner"])
    room = {"channel": "chat", "url": "https://chat.example.org/hooks/5ecret"}
    Destination.objects.create(name=f"room-{pilot.pk}", **room)
