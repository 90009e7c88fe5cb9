"""Everything sent is read where it was sent from, and nothing of it can be misused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from pilots.models import ChannelState, Notification, Pilot, User
from pilots.services.links import acknowledge_link
from tests.builders import NOON, a_decision, a_running_pilot, an_alert

pytestmark = pytest.mark.django_db


@pytest.fixture
def pilot(owner: User) -> Pilot:
    return a_running_pilot(decision=a_decision(owner=owner), days=1)


@pytest.fixture
def page(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def a_message(pilot: Pilot, number: int = 1, **fields: Any) -> Notification:
    usual = {
        "alert": pilot.alerts.first() or an_alert(pilot),
        "recipient": f"person{number}@example.org",
        "subject": f"Letter {number}",
        "text": "Hello.",
        "created_at": NOON,
        "next_try_at": NOON,
        "message_id": f"<{number}@x>",
    }
    return Notification.objects.create(**{**usual, **fields})


def subjects(page: Client, query: str = "") -> list[str]:
    return [message.subject for message in page.get(f"/outbox/?{query}").context["page"]]


def test_what_could_not_be_sent_stands_above_what_is_newer(page: Client, pilot: Pilot) -> None:
    a_message(pilot, 1, state="dead", answer="550 no such mailbox")
    a_message(pilot, 2, state="sent", created_at=NOON + timedelta(days=1))
    assert subjects(page) == ["Letter 1", "Letter 2"]
    assert "The other side said: 550 no such mailbox" in page.get("/outbox/").text


def test_the_address_filters_by_state_channel_and_pilot(page: Client, pilot: Pilot, owner: User) -> None:
    other = a_running_pilot("other", decision=a_decision("other-decision", owner=owner), days=1)
    a_message(pilot, 1, state="sent")
    a_message(pilot, 2, state="suppressed", state_reason="They switched off: Scale up.")
    a_message(other, 3, state="sent", channel="chat")
    assert subjects(page, "state=suppressed") == ["Letter 2"]
    assert subjects(page, "channel=chat") == ["Letter 3"]
    assert sorted(subjects(page, f"pilot={pilot.ref}")) == ["Letter 1", "Letter 2"]
    assert len(subjects(page, "state=nonsense")) == 3
    assert "No message is of this kind." in page.get("/outbox/?state=dead").text


def test_a_shut_channel_is_said_with_its_reason(page: Client) -> None:
    ChannelState.objects.create(
        channel="email", shut_until=NOON, shut_since=NOON, reason="535 wrong password"
    )
    said = page.get("/outbox/").text
    assert "Email: nothing gets through since" in said
    assert "535 wrong password" in said


def test_nobody_finds_the_link_that_answers_in_another_s_name(
    page: Client, pilot: Pilot, reviewer: User
) -> None:
    link = acknowledge_link(an_alert(pilot), reviewer)
    a_message(pilot, text=f"Acknowledge: {link}\nIt opens a page that asks once.", user=reviewer)
    said = page.get("/outbox/").text
    assert "It opens a page that asks once." in said
    assert link not in said
    assert "/acknowledge/" not in said


def test_a_stranger_reads_only_what_was_sent_to_them(client: Client, pilot: Pilot, stranger: User) -> None:
    a_message(pilot, 1)
    a_message(pilot, 2, user=stranger)
    client.force_login(stranger)
    assert subjects(client) == ["Letter 2"]


def test_an_owner_sends_again_what_could_not_be_sent(page: Client, pilot: Pilot) -> None:
    lost = a_message(pilot, state="dead", attempts=7, answer="550 no such mailbox")
    assert f"/outbox/{lost.pk}/send-again/" in page.get("/outbox/").text
    answer = page.post(f"/outbox/{lost.pk}/send-again/", {"next": "/outbox/?state=dead"}, follow=True)
    assert "It is sent to person1@example.org again." in answer.text
    lost.refresh_from_db()
    assert (lost.state, lost.attempts) == ("pending", 0)
    twice = page.post(f"/outbox/{lost.pk}/send-again/", {"next": "/outbox/"}, follow=True)
    assert "This message is not lost" in twice.text


def test_who_owns_nothing_of_it_sends_nothing_again(client: Client, pilot: Pilot, stranger: User) -> None:
    lost = a_message(pilot, state="dead")
    client.force_login(stranger)
    assert client.post(f"/outbox/{lost.pk}/send-again/").status_code == 404
    pilot.memberships.create(user=stranger, role="informed")
    assert "send-again" not in client.get("/outbox/").text
    assert client.post(f"/outbox/{lost.pk}/send-again/").status_code == 403
    lost.refresh_from_db()
    assert lost.state == "dead"
