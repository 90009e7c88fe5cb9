"""What one round of a worker does: batches, merged messages, dead workers, channels that are shut."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from pilots.evaluation.retries import DOUBT_WAIT, FIRST_SHUT
from pilots.models import Alert, AlertEvent, ChannelState, Notification, Receipt, User
from pilots.services.delivering import Round, deliver_next
from pilots.services.merging import MOST_ROWS
from tests.builders import NOON, a_person, a_running_pilot, an_alert

pytestmark = [pytest.mark.django_db, pytest.mark.database]
State = Notification.State
SECOND = timedelta(seconds=1)
LOCKED_OUT = Receipt(State.PENDING, "535 wrong password", closes_channel=True)


class Post:
    """A post office that answers as it is told and keeps what it was handed."""

    def __init__(self, *answers: Receipt) -> None:
        self.answers = list(answers)
        self.handed: list[Notification] = []

    def __call__(self, notification: Notification) -> Receipt:
        self.handed.append(notification)
        return self.answers.pop(0) if self.answers else Receipt(State.SENT, "250 OK")

    @property
    def told(self) -> list[str]:
        return [mail.recipient for mail in self.handed]


def a_message(name: str, to: str = "owner@example.org", **fields: Any) -> Notification:
    values: dict[str, Any] = {
        "recipient": to,
        "subject": f"About {name}",
        "text": f"Text of {name}.",
        "html": f"<p>{name}</p>",
        "facts": {"headline": f"Headline of {name}", "word": "Stop", "sentence": f"Sentence of {name}."},
        "message_id": f"<{name}@example.org>",
        "created_at": NOON,
        "next_try_at": NOON,
    }
    return Notification.objects.create(**(values | fields))


def run(post: Post, *, now: Any = NOON, most: int = 50) -> int:
    """Let one worker do its round; return how many messages it dealt with."""
    done = 0
    with Round(post, most=most) as through:
        while through.deliver_next(now=now):
            done += 1
    return done


def states() -> dict[str, str]:
    return {row.message_id.strip("<>").split("@")[0]: row.state for row in Notification.objects.all()}


def test_what_waits_for_one_person_goes_out_as_one_message() -> None:
    a_message("late", created_at=NOON + SECOND)
    a_message("urgent", urgency=1)
    a_message("early")
    a_message("elsewhere", to="data@example.org")
    post = Post()
    assert run(post) == 2
    merged, single = post.handed
    assert merged.subject == "About urgent and 2 more"
    assert merged.message_id == "<urgent@example.org>"
    order = [merged.text.index(f"Headline of {name}") for name in ("urgent", "early", "late")]
    assert order == sorted(order)
    assert (single.subject, single.text) == ("About elsewhere", "Text of elsewhere.")
    assert set(states().values()) == {State.SENT}
    sent_as = Notification.objects.filter(recipient="owner@example.org").values_list("sent_as", flat=True)
    assert set(sent_as) == {"<urgent@example.org>"}


def test_the_most_urgent_goes_first_whoever_waits_longer() -> None:
    a_message("patient", to="a@example.org", urgency=4, next_try_at=NOON - timedelta(hours=1))
    a_message("grave", to="b@example.org", urgency=1)
    post = Post()
    run(post, most=1)
    assert post.told == ["b@example.org", "a@example.org"]


def test_rows_in_doubt_go_out_again_in_the_same_company_under_the_same_message_id() -> None:
    for name in ("one", "two"):
        a_message(name)
    run(Post(Receipt(State.IN_DOUBT, "The connection broke.")))
    a_message("new", urgency=1, next_try_at=NOON + DOUBT_WAIT)
    post = Post()
    assert run(post, now=NOON + DOUBT_WAIT) == 2
    fresh, again = post.handed
    assert (fresh.message_id, fresh.subject) == ("<new@example.org>", "About new")
    assert (again.message_id, again.subject) == ("<one@example.org>", "About one and 1 more")


def test_what_surely_was_not_sent_may_go_in_other_company() -> None:
    a_message("one")
    run(Post(Receipt(State.PENDING, "450 later")))
    a_message("two", urgency=1)
    post = Post()
    run(post, now=NOON + timedelta(minutes=1))
    assert [mail.message_id for mail in post.handed] == ["<two@example.org>"]
    assert Notification.objects.get(message_id="<one@example.org>").sent_as == "<two@example.org>"


def test_a_merged_message_leaves_out_what_is_no_longer_wanted() -> None:
    pilot = a_running_pilot()
    gone = an_alert(pilot, status="resolved")
    event = AlertEvent.objects.create(alert=gone, at=NOON, kind="opened", to_status="open")
    a_message("gone", alert=gone, event=event)
    a_message("stays")
    post = Post()
    run(post)
    assert [mail.text for mail in post.handed] == ["Text of stays."]
    assert states() == {"gone": State.CANCELLED, "stays": State.SENT}


def test_an_end_is_not_told_together_with_a_beginning_that_is_told_no_more() -> None:
    alert = an_alert(a_running_pilot(), status="resolved")
    for kind, status in (("opened", "open"), ("resolved", "resolved")):
        event = AlertEvent.objects.create(alert=alert, at=NOON, kind=kind, to_status=status)
        a_message(kind, alert=alert, event=event)
    assert run(post := Post()) == 1
    assert post.handed == []
    assert set(states().values()) == {State.CANCELLED}


def test_a_call_for_somebody_is_not_made_once_somebody_has_it() -> None:
    pilot = a_running_pilot()
    alert = an_alert(pilot, status="acknowledged")
    event = AlertEvent.objects.create(alert=alert, at=NOON, kind="escalated")
    a_message("call", alert=alert, event=event)
    assert run(post := Post()) == 1
    assert post.handed == []
    assert states() == {"call": State.CANCELLED}


class Died(BaseException):
    """What kill -9 looks like from inside: nothing after it runs."""


def dying(notification: Notification) -> Receipt:
    raise Died


def test_a_dead_worker_leaves_doubt_only_about_the_message_in_its_hands() -> None:
    for name in "abc":
        a_message(name, to=f"{name}@example.org")
    through = Round(dying)
    with pytest.raises(Died):
        through.deliver_next(now=NOON)
    assert set(states().values()) == {State.CLAIMED}
    Notification.objects.update(lease_until=timezone.now() - SECOND)
    post = Post()
    run(post)
    assert post.told == ["b@example.org", "c@example.org"]
    assert states() == {"a": State.IN_DOUBT, "b": State.SENT, "c": State.SENT}
    assert list(Notification.objects.values_list("doubts", flat=True).order_by("message_id")) == [1, 0, 0]


def test_a_worker_that_is_stopped_gives_back_what_it_had_not_sent() -> None:
    for name in "ab":
        a_message(name, to=f"{name}@example.org")
    with pytest.raises(Died), Round(dying) as through:
        through.deliver_next(now=NOON)
    assert states() == {"a": State.CLAIMED, "b": State.PENDING}


def test_a_worker_whose_claim_was_taken_over_sends_nothing_of_it() -> None:
    a_message("a", to="a@example.org")
    a_message("b", to="b@example.org")
    late, post = Post(), Post()
    slow = Round(late)
    assert slow.deliver_next(now=NOON)
    Notification.objects.filter(state=State.CLAIMED).update(lease_until=timezone.now() - SECOND)
    run(post)
    assert slow.deliver_next(now=NOON)
    assert late.told == ["a@example.org"]
    assert post.told == ["b@example.org"]


def test_a_refused_login_shuts_the_channel_and_charges_only_the_message_it_met() -> None:
    for name in "abc":
        a_message(name, to=f"{name}@example.org")
    post = Post(LOCKED_OUT)
    assert run(post) == 1
    [state] = ChannelState.objects.all()
    assert (state.channel, state.reason, state.shut_until) == (
        "email",
        "535 wrong password",
        NOON + FIRST_SHUT,
    )
    assert set(states().values()) == {State.PENDING}
    assert list(Notification.objects.values_list("attempts", flat=True).order_by("pk")) == [1, 0, 0]
    assert run(post) == 0, "nothing is claimed while it is shut"


def test_one_message_tries_a_shut_channel_and_the_others_follow_once_it_got_through() -> None:
    for name in "abc":
        a_message(name, to=f"{name}@example.org")
    run(Post(LOCKED_OUT))
    later = NOON + FIRST_SHUT
    assert run(again := Post(LOCKED_OUT), now=later) == 1
    assert again.told == ["b@example.org"], "another than the one it was shut by"
    state = ChannelState.objects.get()
    assert (state.failures, state.shut_until) == (2, later + 2 * FIRST_SHUT)
    assert run(post := Post(), now=later + 3 * FIRST_SHUT) == 3
    assert not ChannelState.objects.exists()
    assert post.told == ["c@example.org", "a@example.org", "b@example.org"]


def test_one_message_that_meets_a_shut_channel_every_time_does_not_keep_it_shut() -> None:
    a_message("cursed", to="cursed@example.org", urgency=1)
    sent_at: dict[str, datetime] = {}
    now = NOON

    def send(notification: Notification) -> Receipt:
        if notification.recipient == "cursed@example.org":
            return LOCKED_OUT
        sent_at[notification.recipient] = now
        return Receipt(State.SENT, "250 OK")

    for minute in range(120):
        now = NOON + timedelta(minutes=minute)
        a_message(f"n{minute}", to=f"n{minute}@example.org", created_at=now, next_try_at=now)
        for _ in range(4):
            while deliver_next(send=send, now=now):
                pass
            now += 15 * SECOND
    waited = [at - NOON - timedelta(minutes=int(name[1:].split("@")[0])) for name, at in sent_at.items()]
    assert len(waited) == 120
    assert max(waited) <= timedelta(minutes=1)


def test_a_channel_that_was_shut_for_days_costs_no_message_its_later_tries() -> None:
    a_message("only")
    now = NOON
    while now < NOON + timedelta(days=3):
        run(Post(LOCKED_OUT), now=now)
        now += timedelta(minutes=30)
    run(Post(Receipt(State.PENDING, "450 later")), now=now)
    assert states() == {"only": State.PENDING}


def test_only_one_worker_tries_a_shut_channel() -> None:
    for name in "ab":
        a_message(name, to=f"{name}@example.org")
    run(Post(LOCKED_OUT))
    later = NOON + FIRST_SHUT
    other = Post()

    def slow(notification: Notification) -> Receipt:
        assert run(other, now=later) == 0
        return Receipt(State.SENT, "250 OK")

    deliver_next(send=slow, now=later)
    assert other.handed == []


def test_a_webhook_gets_every_message_by_itself_also_from_a_digest() -> None:
    for name in ("one", "two"):
        a_message(name, to="to:ops", channel="webhook", digest=True)
    run(post := Post())
    assert [mail.text for mail in post.handed] == ["Text of one.", "Text of two."]


def test_what_is_too_much_for_one_mail_goes_out_in_several() -> None:
    for number in range(MOST_ROWS + 2):
        a_message(f"n{number:02}")
    assert run(post := Post()) == 2
    assert [mail.subject for mail in post.handed] == ["About n00 and 24 more", "About n25 and 1 more"]


def test_one_shut_channel_does_not_hold_up_another() -> None:
    a_message("mail")
    a_message("hook", to="to:ops", channel="webhook")
    post = Post(LOCKED_OUT)
    assert run(post) == 2
    assert post.told == ["owner@example.org", "to:ops"]
    assert states() == {"mail": State.PENDING, "hook": State.SENT}


def test_a_later_mail_answers_the_message_that_the_first_one_went_out_in() -> None:
    a_message("other", urgency=1)
    a_message("first")
    run(Post())
    a_message("second", in_reply_to="<first@example.org>")
    run(post := Post())
    assert post.handed[0].in_reply_to == "<other@example.org>"


def an_alert_told_to(*names: str, **fields: Any) -> Alert:
    alert = an_alert(a_running_pilot(), step_due_at=NOON + timedelta(hours=4), due_at=NOON, **fields)
    event = AlertEvent.objects.create(alert=alert, at=NOON, kind="opened", to_status="open")
    for name in names:
        person = a_person(f"{name}@example.org")
        a_message(name, to=person.email, user=person, alert=alert, event=event)
    return alert


def test_where_nobody_could_be_told_the_next_is_told_at_once() -> None:
    alert = an_alert_told_to("olive.owner")
    run(Post(Receipt(State.DEAD, "550 no such user")))
    alert.refresh_from_db()
    assert alert.step_due_at == alert.due_at == NOON
    notes = [event.note for event in alert.events.filter(kind="note")]
    assert notes == ["Olive Owner could not be told: 550 no such user. The next is told now."]


def test_where_somebody_else_was_told_the_next_keeps_their_time() -> None:
    alert = an_alert_told_to("one", "two")
    run(Post(Receipt(State.DEAD, "550 no such user")))
    alert.refresh_from_db()
    assert alert.step_due_at == NOON + timedelta(hours=4)
    notes = [event.note for event in alert.events.filter(kind="note")]
    assert notes == ["One could not be told: 550 no such user."]


def test_where_who_was_to_be_told_has_left_meanwhile_the_next_is_told_at_once() -> None:
    alert = an_alert_told_to("olive.owner")
    User.objects.filter(email="olive.owner@example.org").update(is_active=False)
    run(post := Post())
    alert.refresh_from_db()
    assert post.handed == []
    assert alert.step_due_at == alert.due_at == NOON
    notes = [event.note for event in alert.events.filter(kind="note")]
    assert notes == [
        "Olive Owner could not be told: The person is no longer active. The next is told now.",
    ]


def test_where_one_of_two_has_left_the_next_keeps_their_time() -> None:
    alert = an_alert_told_to("one", "two")
    User.objects.filter(email="one@example.org").update(is_active=False)
    run(post := Post())
    alert.refresh_from_db()
    assert post.told == ["two@example.org"]
    assert alert.step_due_at == NOON + timedelta(hours=4)


def test_what_is_over_is_passed_on_to_nobody() -> None:
    alert = an_alert_told_to("olive.owner", status="resolved")
    User.objects.filter(email="olive.owner@example.org").update(is_active=False)
    run(Post())
    assert Notification.objects.get().state_reason == "Resolved before it was sent."
    assert not alert.events.filter(kind="note").exists()
