from __future__ import annotations

import pytest

from pilots.models import AlertEvent, Notification, Receipt, User
from pilots.permissions import NotAllowed
from pilots.services.delivering import deliver_next
from pilots.services.errors import Refused
from pilots.services.resending import resend
from tests.builders import NOON, a_running_pilot, an_alert
from tests.services.test_delivering import Post, a_message

pytestmark = [pytest.mark.django_db, pytest.mark.database]
State = Notification.State


@pytest.fixture
def lost(owner: User) -> Notification:
    """A message about an open alert that the mail server refused for good."""
    alert = an_alert(a_running_pilot())
    event = AlertEvent.objects.create(alert=alert, at=NOON, kind="opened", to_status="open")
    row = a_message("lost", alert=alert, event=event)
    deliver_next(send=Post(Receipt(State.DEAD, "550 mailbox full")), now=NOON)
    row.refresh_from_db()
    return row


def test_a_lost_message_goes_out_again_under_its_message_id(lost: Notification, owner: User) -> None:
    row = resend(notification_id=lost.pk, by=owner, now=NOON)
    assert (row.state, row.attempts) == (State.PENDING, 0)
    assert row.state_reason == "Olive Owner sends it again. Before: 550 mailbox full"
    deliver_next(send=(post := Post()), now=NOON)
    assert [mail.message_id for mail in post.handed] == [lost.message_id]
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.SENT, 1)


def test_the_timeline_says_who_asked_for_it(lost: Notification, owner: User) -> None:
    resend(notification_id=lost.pk, by=owner, now=NOON)
    event = AlertEvent.objects.order_by("pk").last()
    assert event is not None
    assert (event.actor, event.note) == (owner, "Olive Owner sends the message to owner@example.org again.")


def test_only_what_is_lost_is_sent_again(lost: Notification, owner: User) -> None:
    resend(notification_id=lost.pk, by=owner, now=NOON)
    with pytest.raises(Refused, match="This message is not lost: waiting"):
        resend(notification_id=lost.pk, by=owner, now=NOON)


def test_a_stranger_can_not_send_it(lost: Notification, stranger: User) -> None:
    with pytest.raises(NotAllowed):
        resend(notification_id=lost.pk, by=stranger, now=NOON)
