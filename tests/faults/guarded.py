"""Small stories that hold because of one guard each; `test_guards` takes the guards out one by one.

Every story begins with an empty database and ends in an assertion about rows and messages. None of them
knows how its guard is built.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.db.models import F, Model
from django.test import Client
from django.utils import timezone

from pilots.evaluation.moments import Moments
from pilots.evaluation.retries import DOUBT_WAIT
from pilots.evaluation.signals import signals_of
from pilots.evaluation.specs import Reading
from pilots.importing.errors import BadInput
from pilots.models import Alert, Decision, Evaluation, Notification, Observation, Pilot, PilotState, Receipt
from pilots.services import concluding
from pilots.services.addressing import Recipient
from pilots.services.alerting import reconcile_alerts, unresolved_of
from pilots.services.concluding import conclude
from pilots.services.deciding import change_decision
from pilots.services.delivering import Round, deliver_next
from pilots.services.errors import Stale
from pilots.services.evaluating import evaluate_batch
from pilots.services.leasing import Claim, ClaimLost, claim_pilot
from pilots.services.letters import Letter
from pilots.services.looking import look_at_pilot
from pilots.services.notifying import queue_notification
from pilots.services.recording import record_readings
from pilots.services.touching import touch
from pilots.services.turning import Overtaken
from tests.builders import NOON, a_decision, a_person, a_running_pilot
from tests.services.stories import day, end_of, everything, judge, record

State = Notification.State
SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=s) for s in (1, 60, 3600, 86_400))


class Died(BaseException):
    """kill -9, as the lines after it see it: they never run."""


class Post:
    """Takes every message, or answers as it is told to."""

    def __init__(self, answer: Receipt | None = None) -> None:
        self.answer = answer or Receipt(State.SENT, "250 OK")
        self.handed: list[Notification] = []

    def __call__(self, notification: Notification) -> Receipt:
        self.handed.append(notification)
        return self.answer


def leases_run_out() -> None:
    past = timezone.now() - SECOND
    PilotState.objects.filter(lease_until__isnull=False).update(lease_until=past)
    Notification.objects.filter(lease_until__isnull=False).update(lease_until=past)


def claimed(pilot: Pilot) -> Claim:
    claim = claim_pilot(pilot.pk)
    assert claim is not None
    return claim


def a_breach_told_to_one() -> Notification:
    """The one mail of an escalation, waiting since noon."""
    judge(a_running_pilot(mean=21.6), 28)
    Notification.objects.update(created_at=NOON, next_try_at=NOON)
    return Notification.objects.get()


# Claims


def one_pilot_is_judged_by_one_worker() -> None:
    pilot = a_running_pilot()
    claimed(pilot)
    assert claim_pilot(pilot.pk) is None


def a_worker_whose_clock_is_ahead_takes_nothing_that_is_held() -> None:
    pilot = a_running_pilot()
    claimed(pilot)
    with time_machine.travel(timezone.now() + HOUR):
        assert claim_pilot(pilot.pk) is None


def what_a_dead_worker_held_is_taken_over() -> None:
    pilot = a_running_pilot()
    claimed(pilot)
    leases_run_out()
    assert claim_pilot(pilot.pk) is not None


def a_worker_that_slept_through_its_lease_changes_nothing() -> None:
    pilot = a_running_pilot(mean=24.0)
    sleeper, look = claimed(pilot), look_at_pilot(pilot.pk, NOON)
    leases_run_out()
    evaluate_batch(now=NOON)
    before = everything()
    with suppress(ClaimLost, IntegrityError), transaction.atomic():
        conclude(sleeper, look, NOON)
    assert everything() == before


def a_reading_that_comes_while_a_pilot_is_judged_is_judged_too() -> None:
    pilot = a_running_pilot()
    claim, look = claimed(pilot), look_at_pilot(pilot.pk, NOON)
    touch(pilot.pk)
    conclude(claim, look, NOON)
    assert evaluate_batch(now=NOON + MINUTE) == 1


# One transaction, one identity


def a_worker_that_dies_while_it_tells_leaves_nothing_untold() -> None:
    a_running_pilot(mean=24.0)
    with pytest.MonkeyPatch.context() as world:
        world.setattr(concluding, "tell", _fail)
        evaluate_batch(now=NOON)
    evaluate_batch(now=NOON + HOUR)
    assert Notification.objects.filter(event__kind="opened", alert__kind="stop_condition").exists()


def _fail(*_: object, **__: object) -> None:
    raise OSError("the worker dies here")


def two_workers_open_one_alert() -> None:
    a_breach_told_to_one()
    _store_again(Alert.objects.get())
    assert Alert.objects.count() == 1


def one_turn_is_told_to_one_person_once() -> None:
    mail = a_breach_told_to_one()
    mail.message_id = "<another@example.org>"
    _store_again(mail)
    assert Notification.objects.count() == 1


def _store_again(row: Model) -> None:
    row.pk = None
    with suppress(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def a_warning_that_is_told_again_is_the_same_message() -> None:
    for _ in range(2):
        queue_notification(
            recipient=Recipient("owner@example.org", "owner"),
            letter=Letter("Soon past its limit", "", ""),
            key="early warning 1",
            now=NOON,
        )
    assert Notification.objects.count() == 1


def what_a_person_did_meanwhile_stands() -> None:
    pilot = a_running_pilot(mean=21.6)
    judge(pilot, 28)
    record(pilot.metrics.get(), mean=19.0, days=(29, 40))
    look = look_at_pilot(pilot.pk, end_of(40))
    signals = signals_of(look.result, look.spec, looked_before=None)
    known = unresolved_of([pilot.pk])[pilot.pk]
    Alert.objects.update(status="acknowledged", token=F("token") + 1)
    with suppress(Overtaken):
        reconcile_alerts(pilot=look.pilot, signals=signals, evaluation=None, now=end_of(40), known=known)
    assert Alert.objects.get().status == "acknowledged"


def a_past_verdict_stays_as_it_was() -> None:
    judge(a_running_pilot(mean=24.0), 29)
    stored = Evaluation.objects.get()
    before, stored.verdict = stored.verdict, "on_track"
    with suppress(TypeError):
        stored.save()
    assert Evaluation.objects.get().verdict == before


# The outbox


def a_message_whose_sender_dies_is_sent_after_all() -> None:
    a_breach_told_to_one()
    with suppress(Died):
        deliver_next(send=_die, now=NOON)
    leases_run_out()
    post = Post()
    for minutes in range(5):
        deliver_next(send=post, now=NOON + minutes * MINUTE)
    assert len(post.handed) == 1


def _die(_: Notification) -> Receipt:
    raise Died


def what_another_sent_meanwhile_stays_sent() -> None:
    a_breach_told_to_one()

    def slow(_: Notification) -> Receipt:
        leases_run_out()
        for later in (timedelta(), DOUBT_WAIT):
            deliver_next(send=Post(), now=NOON + later)
        return Receipt(State.DEAD, "too late")

    deliver_next(send=slow, now=NOON)
    assert Notification.objects.get().state == State.SENT


def what_was_resolved_meanwhile_is_not_told() -> None:
    a_breach_told_to_one()
    Alert.objects.update(status="resolved")
    post = Post()
    deliver_next(send=post, now=NOON)
    assert not post.handed


def a_message_in_doubt_is_sent_three_times_at_most() -> None:
    a_breach_told_to_one()
    post = Post(Receipt(State.IN_DOUBT, "hung up"))
    for minutes in range(60):
        deliver_next(send=post, now=NOON + minutes * MINUTE)
    assert len(post.handed) <= 3


def a_wrong_password_is_tried_once_and_not_for_every_message() -> None:
    for ref in ("one", "two", "three"):
        judge(a_running_pilot(ref, mean=21.6), 28)
    Notification.objects.update(next_try_at=NOON)
    Notification.objects.update(recipient=F("message_id"))  # one message each
    post = Post(Receipt(State.PENDING, "535 no", closes_channel=True))
    with Round(post) as through:
        for _ in range(6):
            through.deliver_next(now=NOON)
    assert len(post.handed) == 1


# Faults that are one pilot's own


def a_pilot_that_raises_holds_up_nobody() -> None:
    broken, well = a_running_pilot("broken"), a_running_pilot("well")
    Pilot.objects.filter(pk=broken.pk).update(timezone="Nowhere/Land")
    with suppress(Exception):
        evaluate_batch(now=NOON)
    assert PilotState.objects.get(pilot=well).verdict


def a_pilot_that_raises_waits_before_it_is_tried_again() -> None:
    broken = a_running_pilot("broken")
    Pilot.objects.filter(pk=broken.pk).update(timezone="Nowhere/Land")
    assert evaluate_batch(now=NOON) == 1
    assert evaluate_batch(now=NOON + SECOND) == 0


# What comes from outside, and who sees it


def a_reading_of_tomorrow_is_refused() -> None:
    pilot = a_running_pilot()
    reading = Reading("resolution_hours", day(30), "low", Moments(1, 20.0, 400.0), end_of(30))
    before = Observation.objects.count()
    with suppress(BadInput):
        record_readings(pilot_id=pilot.pk, rows=[reading], by=None, source="story", now=end_of(29))
    assert Observation.objects.count() == before


def an_older_value_that_comes_late_changes_nothing() -> None:
    pilot = a_running_pilot(days=10)
    metric = pilot.metrics.get()
    reading = Reading("resolution_hours", day(12), "low", Moments(5, 100.0, 2100.0), end_of(14))
    for row in (reading, replace(reading, moments=Moments(9, 9.0, 9.0), as_of=end_of(13))):
        record_readings(pilot_id=pilot.pk, rows=[row], by=None, source="story", now=end_of(15))
    assert metric.observations.get(day=day(12)).n == 5


def of_two_edits_of_one_version_one_is_kept() -> None:
    decision = a_decision()
    assert decision.owner is not None
    for title in ("first", "second"):
        with suppress(Stale):
            change_decision(
                decision_id=decision.pk,
                by=decision.owner,
                fields={"title": title},
                seen_version=decision.version,
                now=NOON,
            )
    assert Decision.objects.get().title == "first"


def a_stranger_finds_nothing() -> None:
    pilot = a_running_pilot()
    client = Client()
    client.force_login(a_person("stranger@example.org"))
    assert client.get(f"/pilots/{pilot.ref}/").status_code == 404


Story = Callable[[], None]
