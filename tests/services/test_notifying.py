from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from pilots.evaluation.retries import DOUBT_WAIT, GIVE_UP_AFTER, LONGEST_RETRY, retry_after
from pilots.models import Alert, Notification, Receipt, User
from pilots.services.delivering import deliver_next
from pilots.services.notifying import message_id
from tests.builders import NOON, a_running_pilot
from tests.services.stories import end_of, judge, record

pytestmark = [pytest.mark.django_db, pytest.mark.database]
State = Notification.State
SECOND = timedelta(seconds=1)


class Post:
    """A post office that answers as it is told and keeps what it was handed."""

    def __init__(self, *answers: Receipt) -> None:
        self.answers = list(answers)
        self.handed: list[Notification] = []

    def __call__(self, notification: Notification) -> Receipt:
        self.handed.append(notification)
        return self.answers.pop(0) if self.answers else Receipt(State.SENT, "250 OK")


@pytest.fixture
def mail() -> Notification:
    """The mail of one alert, waiting since noon."""
    pilot = a_running_pilot(mean=21.6)
    judge(pilot, 28)
    mail = Notification.objects.get()
    Notification.objects.update(created_at=NOON, next_try_at=NOON)
    mail.refresh_from_db()
    return mail


def test_a_due_mail_is_sent_once_and_marked_with_what_the_other_side_said(mail: Notification) -> None:
    post = Post()
    assert deliver_next(send=post, now=NOON)
    assert not deliver_next(send=post, now=NOON)
    mail.refresh_from_db()
    assert (mail.state, mail.answer, mail.sent_at) == (State.SENT, "250 OK", NOON)
    assert len(post.handed) == 1


def test_a_mail_says_what_was_true_when_it_was_queued(mail: Notification) -> None:
    Alert.objects.update(sentence="Something else.")
    post = Post()
    deliver_next(send=post, now=NOON)
    assert "Resolution time is 8% higher than before" in post.handed[0].subject
    assert "21.6 h, where it was 20 h" in post.handed[0].text
    assert "/pilots/tiers/" in post.handed[0].html


def test_a_mail_that_was_surely_not_sent_is_tried_again_ever_later(mail: Notification) -> None:
    post = Post(*[Receipt(State.PENDING, "Could not connect.")] * 3)
    now = NOON
    for attempt in (1, 2, 3):
        assert deliver_next(send=post, now=now)
        assert not deliver_next(send=post, now=now + SECOND)
        now += retry_after(attempt, key=mail.message_id)
    assert deliver_next(send=post, now=now)
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == (State.SENT, 4)


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(1, 30), (2, 60), (3, 120), (6, 960), (7, 1800), (50, 1800)],
    ids=lambda value: str(value),
)
def test_the_wait_doubles_up_to_half_an_hour_and_varies_by_a_fifth(attempts: int, seconds: int) -> None:
    waits = [retry_after(attempts, key=str(key)).total_seconds() for key in range(200)]
    assert min(waits) >= seconds * 0.8 - 0.01
    assert max(waits) <= min(seconds * 1.2, LONGEST_RETRY.total_seconds()) + 0.01
    assert max(waits) - min(waits) > seconds * 0.15


def test_a_mail_that_can_not_be_sent_for_a_day_is_given_up_and_says_so(mail: Notification) -> None:
    post = Post(*[Receipt(State.PENDING, "Could not connect.")] * 100)
    now = NOON
    while deliver_next(send=post, now=now):
        mail.refresh_from_db()
        now = mail.next_try_at
    assert mail.state == State.DEAD
    assert mail.state_reason == "Could not connect. Given up after a day."
    assert GIVE_UP_AFTER - LONGEST_RETRY < now - NOON <= GIVE_UP_AFTER, "the next try would be too late"


def test_a_mail_that_is_refused_for_good_is_never_tried_again(mail: Notification) -> None:
    deliver_next(send=Post(Receipt(State.DEAD, "550 no such user")), now=NOON)
    mail.refresh_from_db()
    assert (mail.state, mail.state_reason) == (State.DEAD, "550 no such user")
    assert not deliver_next(send=Post(), now=NOON + timedelta(days=2))


def test_a_mail_in_doubt_waits_and_is_sent_again_at_most_twice(mail: Notification) -> None:
    post = Post(*[Receipt(State.IN_DOUBT, "The connection broke.")] * 5)
    now = NOON
    while deliver_next(send=post, now=now):
        assert not deliver_next(send=post, now=now + DOUBT_WAIT - SECOND)
        now += DOUBT_WAIT
    mail.refresh_from_db()
    assert mail.state == State.DEAD
    assert "nobody can say whether it arrived" in mail.state_reason
    assert [n.message_id for n in post.handed] == [mail.message_id] * 3


class Died(BaseException):
    """What kill -9 looks like from inside: nothing after it runs."""


def a_sender_that_dies(notification: Notification) -> Receipt:
    raise Died


def test_a_worker_that_dies_while_sending_leaves_the_mail_in_doubt_not_lost(mail: Notification) -> None:
    with pytest.raises(Died):
        deliver_next(send=a_sender_that_dies, now=NOON)
    assert not deliver_next(send=Post(), now=NOON), "its lease holds"
    Notification.objects.update(lease_until=timezone.now() - SECOND)
    post = Post()
    assert not deliver_next(send=post, now=NOON)
    mail.refresh_from_db()
    assert mail.state == State.IN_DOUBT
    assert post.handed == []
    assert deliver_next(send=post, now=NOON + DOUBT_WAIT)
    mail.refresh_from_db()
    assert mail.state == State.SENT


def test_a_worker_that_slept_through_its_lease_does_not_mark_what_another_sent(mail: Notification) -> None:
    def slow(notification: Notification) -> Receipt:
        Notification.objects.update(lease_until=timezone.now() - SECOND)
        assert not deliver_next(send=Post(), now=NOON), "it is in doubt from now on"
        assert deliver_next(send=Post(Receipt(State.SENT, "second")), now=NOON + DOUBT_WAIT)
        return Receipt(State.DEAD, "first")

    deliver_next(send=slow, now=NOON)
    mail.refresh_from_db()
    assert (mail.state, mail.answer) == (State.SENT, "second")


def test_an_alert_resolved_meanwhile_is_not_told_any_more(mail: Notification) -> None:
    Alert.objects.update(status="resolved")
    post = Post()
    assert deliver_next(send=post, now=NOON)
    mail.refresh_from_db()
    assert (mail.state, mail.state_reason) == (State.CANCELLED, "Resolved before it was sent.")
    assert post.handed == []


def test_who_left_meanwhile_is_not_told_any_more(mail: Notification) -> None:
    User.objects.filter(email=mail.recipient).update(is_active=False)
    deliver_next(send=Post(), now=NOON)
    mail.refresh_from_db()
    assert mail.state == State.CANCELLED


def recovered(send: Callable[[Notification], Receipt]) -> None:
    """An alert whose mail met `send` recovers, and the next mail goes out."""
    pilot = a_running_pilot(mean=21.6)
    judge(pilot, 28)
    deliver_next(send=send, now=end_of(28))
    record(pilot.metrics.get(), mean=19.0, days=(29, 40))
    judge(pilot, 40)


def test_the_closing_mail_answers_the_first_one() -> None:
    recovered(Post())
    first, last = Notification.objects.order_by("pk")
    assert last.in_reply_to == first.message_id
    assert last.subject.startswith("Over: ")
    post = Post()
    assert deliver_next(send=post, now=end_of(40))
    assert [sent.message_id for sent in post.handed] == [last.message_id]
    assert post.handed[0].in_reply_to == first.message_id


def test_who_was_never_told_gets_no_closing_mail() -> None:
    recovered(Post(Receipt(State.DEAD, "550 no such user")))
    assert [n.state for n in Notification.objects.all()] == [State.DEAD]


def test_a_closing_mail_is_dropped_where_the_first_turned_out_never_to_have_gone_out() -> None:
    recovered(Post(Receipt(State.IN_DOUBT, "?")))
    Notification.objects.filter(in_reply_to="").update(state=State.DEAD)
    post = Post()
    assert deliver_next(send=post, now=end_of(40))
    assert post.handed == []


def test_a_message_id_is_the_same_for_the_same_thing_and_person_only() -> None:
    assert message_id("event 1", "a@example.org") == message_id("event 1", "a@example.org")
    assert message_id("event 1", "a@example.org") != message_id("event 2", "a@example.org")
    assert message_id("event 1", "a@example.org") != message_id("event 1", "b@example.org")
