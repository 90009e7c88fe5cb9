"""Whatever people and the clock do to an alert, in any order: what always holds of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pilots.evaluation.days import local_day
from pilots.evaluation.escalation import MOST_REPEATS, next_due
from pilots.models import Alert, AlertEvent, Pilot, User
from pilots.permissions import NotAllowed
from pilots.services.acknowledging import acknowledge, add_note, hand_over, say_still_on_it
from pilots.services.errors import Refused
from pilots.services.escalating import advance_next
from pilots.services.evaluating import evaluate_pilot
from pilots.services.settling import accept, close_by_hand
from pilots.services.snoozing import snooze, wake
from pilots.services.turning import clock_of
from tests.builders import a_running_pilot
from tests.services.stories import day, end_of, judge, record

pytestmark = [pytest.mark.django_db]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STATUSES = {"open", "acknowledged", "snoozed", "resolved"}
Act = Callable[[Alert, User, "Moment"], object]


class Moment:
    """The instant of a story and its pilot, whose severity may rise and fall again."""

    def __init__(self, pilot: Pilot) -> None:
        self.pilot, self.now, self.recorded = pilot, end_of(28), 28

    def pass_by(self, hours: int) -> None:
        """Let the beat run every half hour."""
        for _ in range(hours * 2):
            self.now += HOUR / 2
            while advance_next(now=self.now):
                pass

    def look(self, mean: float, severity: str) -> None:
        self.pilot.conditions.filter(ref="E1").update(severity=severity)
        today = (local_day(self.now, "UTC") - day(1)).days
        if today > self.recorded:
            record(self.pilot.metrics.get(), mean=mean, days=(self.recorded + 1, today))
            self.recorded = today
        evaluate_pilot(pilot_id=self.pilot.pk, now=self.now)


ACTS: Mapping[str, Act] = {
    "take it": lambda a, by, m: acknowledge(alert_id=a.pk, by=by, now=m.now),
    "keep it": lambda a, by, m: say_still_on_it(alert_id=a.pk, by=by, now=m.now),
    "note it": lambda a, by, m: add_note(alert_id=a.pk, by=by, note="Seen.", now=m.now),
    "give it away": lambda a, by, m: hand_over(
        alert_id=a.pk, by=by, to=User.objects.get(email="owner@example.org"), note="", now=m.now
    ),
    "put it off": lambda a, by, m: snooze(
        alert_id=a.pk, by=by, until=m.now + DAY, reason="Later.", now=m.now
    ),
    "wake it": lambda a, by, m: wake(alert_id=a.pk, by=by, now=m.now),
    "accept it": lambda a, by, m: accept(
        alert_id=a.pk, by=by, reason="Small.", until=local_day(m.now, "UTC") + 2 * DAY, now=m.now
    ),
    "close it": lambda a, by, m: close_by_hand(alert_id=a.pk, by=by, reason="Over.", now=m.now),
    "wait an hour": lambda a, by, m: m.pass_by(1),
    "wait a day": lambda a, by, m: m.pass_by(24),
    "look, as before": lambda a, by, m: m.look(21.6, "SEV2"),
    "look, worse": lambda a, by, m: m.look(21.6, "SEV1"),
    "look, better": lambda a, by, m: m.look(15.0, "SEV3"),
}
PEOPLE = ("owner@example.org", "pilot.owner@example.org", "reviewer@example.org")
LIVES = st.lists(st.tuples(st.sampled_from(list(ACTS)), st.sampled_from(PEOPLE)), min_size=3, max_size=12)


@given(life=LIVES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_of_any_life(life: list[tuple[str, str]]) -> None:
    with transaction.atomic():
        pilot = a_running_pilot(mean=21.6)
        pilot.conditions.filter(ref="E1").update(severity="SEV2", notify=["pilot_owner"])
        judge(pilot, 28)
        moment = Moment(pilot)
        for act, email in life:
            live(ACTS[act], User.objects.get(email=email), moment)
        transaction.set_rollback(True)


def live(act: Act, by: User, moment: Moment) -> None:
    """Do one act, refused or not, and look at every alert there is."""
    alert = Alert.objects.filter(pilot=moment.pilot, kind="escalation_trigger").latest("pk")
    try:
        with transaction.atomic():
            act(alert, by, moment)
    except (Refused, NotAllowed):
        pass
    for known in Alert.objects.select_related("pilot"):
        holds(known, moment)


def holds(alert: Alert, moment: Moment) -> None:
    due = next_due(clock_of(alert))
    assert alert.due_at == (due and due[0])
    assert alert.status in STATUSES
    assert (alert.owner is None) or alert.status != "open"
    assert (alert.snoozed_until is None) == (alert.status != "snoozed")
    assert (alert.acknowledged_until is None) == (alert.status != "acknowledged")
    assert (alert.resolved_at is None) == (alert.status != "resolved")
    assert alert.repeats <= MOST_REPEATS
    assert alert.due_at is None or alert.due_at > moment.now - HOUR
    tells_one_story(alert)
    nobody_is_told_twice_of_one_turn(alert)


def tells_one_story(alert: Alert) -> None:
    """Each turn begins where the one before it ended, and the last one where the alert is now."""
    turns = alert.events.exclude(to_status="").order_by("pk").values_list("from_status", "to_status")
    stood = ""
    for before, after in turns:
        assert before == stood
        stood = after
    assert stood == alert.status


def nobody_is_told_twice_of_one_turn(alert: Alert) -> None:
    mails = Counter(alert.notifications.values_list("event", "recipient"))
    assert set(mails.values()) <= {1}
    silent = (
        AlertEvent.Kind.NOTE,
        AlertEvent.Kind.STILL_ON_IT,
        AlertEvent.Kind.SNOOZED,
        AlertEvent.Kind.STALLED,
    )
    assert not alert.notifications.filter(event__kind__in=silent).exists()
