"""Whatever a post office answers and whoever dies: nothing is lost, and twice only what was in doubt."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from random import Random

import pytest
from django.utils import timezone

from pilots.models import Notification, Receipt
from pilots.services.delivering import Round
from tests.builders import NOON
from tests.services.test_delivering import Died, a_message

pytestmark = [pytest.mark.django_db, pytest.mark.database]
State = Notification.State
LATER = Receipt(State.PENDING, "450 later")
SHUT = Receipt(State.PENDING, "535 wrong password", closes_channel=True)
DOUBT = Receipt(State.IN_DOUBT, "The connection broke.")
HOURS = 2


class Moody:
    """A post office that takes, refuses, hangs up or kills as it likes, until it is mended."""

    def __init__(self, mood: Random) -> None:
        self.mood = mood
        self.is_mended = False
        self.arrived: Counter[str] = Counter()
        self.rows_of: dict[str, set[str]] = {}
        self.in_doubt = 0

    def __call__(self, message: Notification) -> Receipt:
        rows = set(
            Notification.objects.filter(sent_as=message.message_id).values_list("message_id", flat=True)
        )
        was = self.rows_of.setdefault(message.message_id, rows)
        act = (
            "take" if self.is_mended else self.mood.choice(("take", "take", "later", "shut", "doubt", "die"))
        )
        if act in ("later", "shut"):
            self.rows_of[message.message_id] = set()
            return LATER if act == "later" else SHUT
        if act != "take":
            self.in_doubt += 1
        if act == "take" or self.mood.random() < 0.5:
            assert not was or rows <= was, "the same Message-ID never hides a row"
            self.rows_of[message.message_id] = rows
            self.arrived.update(rows)
        if act == "die":
            raise Died
        return Receipt(State.SENT, "250 OK") if act == "take" else DOUBT


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_lost_and_twice_comes_only_what_was_in_doubt(seed: int) -> None:
    mood = Random(seed)
    names = [f"n{number}" for number in range(14)]
    for name in names:
        later = timedelta(minutes=mood.randrange(HOURS * 30))
        reader = f"reader{mood.randrange(3)}@example.org"
        a_message(name, to=reader, urgency=mood.randrange(1, 5), next_try_at=NOON + later)
    post = Moody(mood)
    now = NOON
    while now < NOON + timedelta(hours=HOURS):
        post.is_mended = now > NOON + timedelta(hours=HOURS / 2)
        work(post, now, killed=mood.random() < 0.3)
        now += timedelta(minutes=4)
    rows = {row.message_id: row for row in Notification.objects.all()}
    dead = {row.message_id for row in rows.values() if row.state == State.DEAD}
    assert {row.state for row in rows.values()} <= {State.SENT, State.DEAD}
    assert all(rows[message_id].doubts == 3 for message_id in dead)
    assert rows.keys() - dead <= post.arrived.keys(), "what was marked as sent arrived"
    extra = sum(count - 1 for count in post.arrived.values())
    assert extra <= sum(row.doubts for row in rows.values())


def work(post: Moody, now: datetime, *, killed: bool) -> None:
    """Let one worker do a round; one that is killed gives nothing back."""
    through = Round(post, most=4)
    try:
        while through.deliver_next(now=now):
            pass
    except Died:
        if not killed:
            through.__exit__(None, None, None)
    # Its lease runs out before anybody comes again.
    claimed = Notification.objects.filter(state=State.CLAIMED)
    claimed.update(lease_until=timezone.now() - timedelta(seconds=1))
