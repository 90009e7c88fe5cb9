"""What people choose: muted kinds, a weekly digest, quiet hours; and what reaches them all the same."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from pilots.models import Alert, Notification, Preference, User
from pilots.permissions import NotAllowed
from pilots.services.addressing import Recipient
from pilots.services.delivering import deliver_next
from pilots.services.errors import Refused
from pilots.services.letters import Letter
from pilots.services.notifying import queue_notification
from pilots.services.preferring import save_preference
from tests.builders import NOON, a_running_pilot, an_alert
from tests.services.test_delivering import Post

pytestmark = [pytest.mark.django_db, pytest.mark.database]
State = Notification.State
SOON = "If nobody does so before 12:00, Mei Tanaka is told next."
FACTS = {"headline": "It takes longer", "next": SOON}
LETTER = Letter("Escalate: it takes longer", "Text.", "<p>Text</p>", FACTS)
NIGHT = datetime(2026, 3, 30, 23, tzinfo=UTC)
MONDAY_8 = datetime(2026, 4, 6, 8, tzinfo=UTC)


@pytest.fixture
def reader(owner: User) -> User:
    return owner


def choose(reader: User, *, now: datetime = NOON, **fields: Any) -> Preference:
    chosen: dict[str, Any] = {"muted": [], "digest": [], "digest_weekday": 0, "timezone": "UTC"}
    chosen |= {"quiet_from": None, "quiet_to": None} | fields
    return save_preference(user=reader, by=reader, now=now, **chosen)


def tell(
    reader: User, kind: str = "escalation_trigger", *, now: datetime = NOON, ref: str = "tiers", **fields: Any
) -> Notification:
    alert = an_alert(a_running_pilot(ref), kind, **({"severity": "SEV3"} | fields))
    who = Recipient(reader.email, "pilot owner", reader)
    return queue_notification(recipient=who, letter=LETTER, key=ref, alert=alert, now=now)


def test_what_somebody_switched_off_is_kept_with_its_reason_and_never_sent(reader: User) -> None:
    choose(reader, muted=["escalation_trigger"])
    row = tell(reader)
    assert (row.state, row.state_reason) == (State.SUPPRESSED, "They switched off: Escalation trigger.")
    assert not deliver_next(send=Post(), now=NOON + timedelta(days=30))


@pytest.mark.parametrize(
    ("kind", "severity"),
    [("stop_condition", "SEV3"), ("escalation_trigger", "SEV2"), ("escalation_trigger", "SEV1")],
)
def test_the_grave_ones_reach_everybody_at_once(reader: User, kind: str, severity: str) -> None:
    hours = {"quiet_from": time(0), "quiet_to": time(23, 59)}
    # Written past the service, which would refuse to mute a stop condition.
    Preference.objects.create(user=reader, muted=[kind], digest=[kind], **hours)
    row = tell(reader, kind, severity=severity)
    assert (row.state, row.next_try_at, row.digest, row.may_stop) == (State.PENDING, NOON, False, False)


def test_a_message_that_can_be_switched_off_says_so_where_its_reader_has_an_account(reader: User) -> None:
    assert tell(reader).may_stop
    alert = Alert.objects.get()
    team = Recipient("team@example.org", "named in the rule")
    assert not queue_notification(recipient=team, letter=LETTER, key="x", alert=alert, now=NOON).may_stop


def test_in_quiet_hours_a_message_waits_for_the_morning_of_its_reader(reader: User) -> None:
    choose(reader, quiet_from=time(22), quiet_to=time(7), timezone="Asia/Tokyo")
    assert tell(reader, now=NIGHT).next_try_at == NIGHT, "it is 08:00 in Tokyo"
    late = datetime(2026, 3, 30, 14, tzinfo=UTC)
    assert tell(reader, now=late, ref="other").next_try_at == datetime(2026, 3, 30, 22, tzinfo=UTC)


def test_a_digest_comes_once_a_week_as_one_message(reader: User) -> None:
    choose(reader, digest=["escalation_trigger", "driver"])
    for kind, ref in (("escalation_trigger", "one"), ("driver", "two")):
        tell(reader, kind, ref=ref, condition=None)
    post = Post()
    assert not deliver_next(send=post, now=MONDAY_8 - timedelta(seconds=1))
    assert deliver_next(send=post, now=MONDAY_8)
    assert not deliver_next(send=post, now=MONDAY_8)
    [digest] = post.handed
    assert digest.subject == "Your week: 2 things to know"
    assert digest.may_stop
    assert SOON not in digest.text + digest.html, "that was days ago"
    assert "Choose what you are told: http://127.0.0.1:8000/preferences/" in digest.text


def test_what_ended_before_the_digest_is_left_out_of_it(reader: User) -> None:
    choose(reader, digest=["escalation_trigger"])
    row = tell(reader)
    event = Alert.objects.get().events.create(at=NOON, kind="opened", to_status="open")
    Notification.objects.filter(pk=row.pk).update(event=event)
    Alert.objects.update(status="resolved")
    deliver_next(send=(post := Post()), now=MONDAY_8)
    assert post.handed == []


def test_a_repeat_of_little_weight_waits_for_the_digest_of_everybody(reader: User) -> None:
    alert = an_alert(a_running_pilot(), "escalation_trigger", severity="SEV4")
    who = Recipient(reader.email, "pilot owner", reader)
    row = queue_notification(recipient=who, letter=LETTER, key="x", alert=alert, now=NOON, digest=True)
    assert (row.digest, row.next_try_at) == (True, MONDAY_8)


def test_a_new_choice_counts_for_what_already_waits(reader: User) -> None:
    choose(reader, digest=["escalation_trigger"])
    row = tell(reader)
    choose(reader, digest=["escalation_trigger"], digest_weekday=2)
    row.refresh_from_db()
    assert row.next_try_at == datetime(2026, 4, 1, 8, tzinfo=UTC)
    choose(reader, now=NOON)
    row.refresh_from_db()
    assert (row.digest, row.next_try_at) == (False, NOON)
    choose(reader, muted=["escalation_trigger"])
    row.refresh_from_db()
    assert row.state == State.SUPPRESSED


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"muted": ["stop_condition"]}, "Stop conditions, SEV1 and SEV2 always reach you."),
        ({"digest": ["gossip"]}, "There is no such kind of alert: gossip."),
        ({"timezone": "Mars/Olympus"}, "“Mars/Olympus” is no time zone."),
        ({"digest_weekday": 7}, "0 to 6"),
        ({"quiet_from": time(22)}, "Quiet hours need a beginning and an end."),
        ({"quiet_from": time(7), "quiet_to": time(7)}, "Quiet hours that end when they begin never end."),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused_in_words(
    reader: User, fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(Refused) as refused:
        choose(reader, **fields)
    assert said in str(refused.value)


def test_nobody_chooses_for_somebody_else(reader: User, stranger: User) -> None:
    fields: dict[str, Any] = {"muted": [], "digest": [], "digest_weekday": 0, "timezone": "UTC"}
    with pytest.raises(NotAllowed):
        save_preference(user=reader, by=stranger, quiet_from=None, quiet_to=None, now=NOON, **fields)
