"""Every guard is needed: each small story holds with it, and fails as soon as it is taken out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from inspect import isfunction
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, Q
from django.utils import timezone

from pilots.models import Alert, Evaluation, Notification, PilotState
from pilots.models.pilots import PilotQuerySet
from pilots.services import (
    alerting,
    chains,
    concluding,
    deciding,
    delivering,
    evaluating,
    leasing,
    notifying,
    turning,
)
from pilots.services.intake import Intake
from tests.faults import guarded
from tests.faults.guarded import Story

pytestmark = [pytest.mark.django_db, pytest.mark.database]
Without = Callable[[pytest.MonkeyPatch], object]


@dataclass(frozen=True, slots=True)
class Guard:
    """A guard of the product, the story that it keeps true, and how the test takes it out."""

    name: str
    story: Story
    without: Without


def replaced(owner: object, name: str, by: object) -> Without:
    return lambda patch: patch.setattr(owner, name, by)


def dropped(index: str) -> Without:
    def drop(_: pytest.MonkeyPatch) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP INDEX {index}")

    return drop


class ProcessClock(Func):
    """The clock of whoever asks, where the database's own is meant."""

    output_field = models.DateTimeField()

    def as_sql(  # type: ignore[override]
        self, compiler: object, connection: BaseDatabaseWrapper, **_: object
    ) -> tuple[str, list[Any]]:
        return "%s", [connection.ops.adapt_datetimefield_value(timezone.now())]


def any_state(claims: Iterable[leasing.Claim]) -> dict[int, PilotState]:
    ids = [claim.pilot_id for claim in claims]
    return {state.pilot_id: state for state in PilotState.objects.filter(pilot__in=ids)}


def any_row(rows: Iterable[Notification]) -> models.QuerySet[Notification]:
    return Notification.objects.filter(pk__in=[row.pk for row in rows])


def read_afterwards(heartbeats: Iterable[leasing.Heartbeat]) -> None:
    newest = dict(PilotState.objects.values_list("pilot_id", "dirty_seq"))
    leasing.give_back([replace(beat, evaluated_seq=newest[beat.pilot_id]) for beat in heartbeats])


def without_a_transaction(patch: pytest.MonkeyPatch) -> None:
    for name, act in list(vars(concluding).items()):
        if isfunction(act) and hasattr(act, "__wrapped__"):
            patch.setattr(concluding, name, act.__wrapped__)


def mark_first(rows: Iterable[Notification], **_: object) -> None:
    any_row(rows).update(state="sent", lease_until=None)


def change_anyway(alert: Alert, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(alert, name, value)
    Alert.objects.filter(pk=alert.pk).update(token=F("token") + 1, **fields)


def unconditionally(patch: pytest.MonkeyPatch) -> None:
    for module in (turning, alerting):
        patch.setattr(module, "change", change_anyway)


def newest_or_not(metrics: Iterable[int]) -> str:
    return MAKE_CURRENT(metrics).rpartition("WHERE excluded")[0]


MAKE_CURRENT = chains._make_newest_current


def lock_anyway(rows: models.QuerySet[Any], pk: int, **_: object) -> Any:
    return rows.get(pk=pk)


GUARDS = [
    Guard(
        "a claim is one conditional UPDATE",
        guarded.one_pilot_is_judged_by_one_worker,
        replaced(leasing, "FREE", Q()),
    ),
    Guard(
        "leases run by the database's clock",
        guarded.a_worker_whose_clock_is_ahead_takes_nothing_that_is_held,
        replaced(leasing, "FREE", Q(lease_until__isnull=True) | Q(lease_until__lt=ProcessClock())),
    ),
    Guard(
        "leases run out",
        guarded.what_a_dead_worker_held_is_taken_over,
        replaced(leasing, "FREE", Q(lease_until__isnull=True)),
    ),
    Guard(
        "the fence is repeated at the write",
        guarded.a_worker_that_slept_through_its_lease_changes_nothing,
        replaced(concluding, "held", any_state),
    ),
    Guard(
        "dirty_seq is noted before anything is read",
        guarded.a_reading_that_comes_while_a_pilot_is_judged_is_judged_too,
        replaced(concluding, "give_back", read_afterwards),
    ),
    Guard(
        "an alert and its messages are one transaction",
        guarded.a_worker_that_dies_while_it_tells_leaves_nothing_untold,
        without_a_transaction,
    ),
    Guard(
        "one unresolved alert for each rule and scope",
        guarded.two_workers_open_one_alert,
        dropped("alert_one_unresolved_per_rule"),
    ),
    Guard(
        "one message for each turn and recipient",
        guarded.one_turn_is_told_to_one_person_once,
        dropped("notification_once_per_event_and_recipient"),
    ),
    Guard(
        "a Message-ID follows from what is told to whom",
        guarded.a_warning_that_is_told_again_is_the_same_message,
        replaced(notifying, "message_id", lambda *_: f"<{uuid4()}@example.org>"),
    ),
    Guard(
        "an alert is changed as it was read, or not at all",
        guarded.what_a_person_did_meanwhile_stands,
        unconditionally,
    ),
    Guard(
        "an evaluation is only ever appended",
        guarded.a_past_verdict_stays_as_it_was,
        replaced(Evaluation, "save", models.Model.save),
    ),
    Guard(
        "send, then mark",
        guarded.a_message_whose_sender_dies_is_sent_after_all,
        replaced(delivering, "hand_over", mark_first),
    ),
    Guard(
        "what a dead sender held comes due again",
        guarded.a_message_whose_sender_dies_is_sent_after_all,
        replaced(delivering, "_settle_abandoned", lambda _: None),
    ),
    Guard(
        "the fence is repeated when a message is marked",
        guarded.what_another_sent_meanwhile_stays_sent,
        replaced(delivering, "held", any_row),
    ),
    Guard(
        "looked at again just before it is sent",
        guarded.what_was_resolved_meanwhile_is_not_told,
        replaced(delivering, "unwanted", lambda _: ""),
    ),
    Guard(
        "sent again at most twice",
        guarded.a_message_in_doubt_is_sent_three_times_at_most,
        replaced(delivering, "MOST_DOUBTS", 99),
    ),
    Guard(
        "a channel that nothing gets through is shut",
        guarded.a_wrong_password_is_tried_once_and_not_for_every_message,
        replaced(delivering, "shut_channel", lambda *_, **__: None),
    ),
    Guard(
        "a pilot that raises marks only itself",
        guarded.a_pilot_that_raises_holds_up_nobody,
        replaced(evaluating, "_marking_only", lambda *_: nullcontext()),
    ),
    Guard(
        "a pilot that raises waits",
        guarded.a_pilot_that_raises_waits_before_it_is_tried_again,
        replaced(evaluating, "RETRIES", (timedelta(),)),
    ),
    Guard(
        "a reading is of a day that has come",
        guarded.a_reading_of_tomorrow_is_refused,
        replaced(Intake, "reason_against", lambda *_: ""),
    ),
    Guard(
        "the newest value of a key is the current one",
        guarded.an_older_value_that_comes_late_changes_nothing,
        replaced(chains, "_make_newest_current", newest_or_not),
    ),
    Guard(
        "an edit names the version it saw",
        guarded.of_two_edits_of_one_version_one_is_kept,
        replaced(deciding, "lock", lock_anyway),
    ),
    Guard(
        "people see what they have a part in",
        guarded.a_stranger_finds_nothing,
        replaced(PilotQuerySet, "visible_to", lambda rows, _: rows),
    ),
]
EACH = pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)


@EACH
def test_the_story_holds(guard: Guard) -> None:
    guard.story()


@EACH
def test_the_story_fails_without_its_guard(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    guard.without(monkeypatch)
    with pytest.raises(AssertionError):
        guard.story()
