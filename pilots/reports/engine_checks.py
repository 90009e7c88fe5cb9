"""What should never last: forgotten breaches, overdue steps, messages and pilots that nobody works on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
)
from django.db.models import Value as V
from django.db.models.functions import Cast

from pilots.evaluation.vocabulary import ConditionKind, Episode
from pilots.models import (
    Alert,
    ChannelState,
    ConditionState,
    ImportJob,
    Notification,
    Pilot,
    PilotMove,
    PilotState,
)

STEP_LATE = timedelta(minutes=5)
MESSAGE_LATE = timedelta(minutes=10)
LEASE_LATE = timedelta(minutes=2)
TRIES_OF_TEN_MINUTES = 5  # the pauses between them add up to more than ten minutes
SILENT_PERIODS = 3
LONGEST_ROUND = timedelta(minutes=2)  # a round may outlast three of its own short periods
TWO_DAYS = timedelta(days=2)
BREACHING = (Episode.FIRING.value, Episode.RECOVERING.value)
TELLING = (ConditionKind.STOP_CONDITION.value, ConditionKind.ESCALATION_TRIGGER.value)
WAITING = (Notification.State.PENDING, Notification.State.IN_DOUBT)


@dataclass(frozen=True, slots=True)
class EngineCheck:
    """One thing to look for: `find` returns the rows it is wrong with, `words` names one of them."""

    name: str
    title: str
    find: Callable[[datetime], QuerySet[Any]]
    words: Callable[[Any], str]


def untold_breaches(now: datetime) -> QuerySet[ConditionState]:
    """Find open episodes without an alert; where a change still waits to be judged is no matter."""
    same = Alert.objects.filter(
        pilot=OuterRef("condition__pilot"),
        kind=OuterRef("condition__kind"),
        condition=OuterRef("condition"),
        scope=OuterRef("scope"),
    )
    # It is put up with to the end of a day somewhere: a day more holds for every time zone.
    accepted = Q(accepted_until__gte=now.date() - timedelta(days=1))
    told = same.filter(~Q(status=Alert.Status.RESOLVED) | accepted)
    judged = Q(condition__pilot__state__evaluated_seq__gte=F("condition__pilot__state__dirty_seq"))
    return (
        ConditionState.objects.filter(judged, ~Exists(told), episode__in=BREACHING)
        .filter(condition__kind__in=TELLING, condition__observe_only=False, condition__retired_at=None)
        .filter(condition__pilot__status=Pilot.Status.RUNNING)
        .select_related("condition__pilot")
        .order_by("pk")
    )


def late_steps(now: datetime) -> QuerySet[Alert]:
    return Alert.objects.due(now - STEP_LATE)


def late_messages(now: datetime) -> QuerySet[Notification]:
    """Find what has waited past its time, or was tried in vain for as long."""
    late = Q(next_try_at__lt=now - MESSAGE_LATE) | Q(attempts__gte=TRIES_OF_TEN_MINUTES)
    return Notification.objects.filter(late, state__in=WAITING).order_by("next_try_at", "pk")


def shut_channels(now: datetime) -> QuerySet[ChannelState]:
    return ChannelState.objects.filter(shut_since__lt=now - MESSAGE_LATE).order_by("pk")


def lost_pilots(now: datetime) -> QuerySet[PilotState]:
    """Find due pilots whose worker is gone; what is not due, nobody misses."""
    gone = PilotState.objects.due(now).filter(lease_until__lt=now - LEASE_LATE)
    return gone.select_related("pilot")


def lost_messages(now: datetime) -> QuerySet[Notification]:
    claimed = Notification.objects.filter(state=Notification.State.CLAIMED)
    return claimed.filter(lease_until__lt=now - LEASE_LATE).order_by("lease_until", "pk")


def late_files(now: datetime) -> QuerySet[ImportJob]:
    """Find files of readings that nobody has begun to store, or whose worker is gone."""
    waiting = Q(state=ImportJob.State.WAITING, lease_until=None, started_at__lt=now - MESSAGE_LATE)
    lost = Q(lease_until__lt=now - LEASE_LATE)
    return ImportJob.objects.under_way().without_files().filter(waiting | lost).order_by("started_at", "pk")


def unjudged_pilots(now: datetime) -> QuerySet[Pilot]:
    """Find pilots that have been running for two of their cadences without being judged."""
    # Spans multiply plain integers only, on SQLite.
    days = Cast("cadence_days", IntegerField())
    cadences = ExpressionWrapper(V(TWO_DAYS) * days, output_field=DurationField())
    since = ExpressionWrapper(V(now) - cadences, output_field=DateTimeField())
    started = PilotMove.objects.filter(pilot=OuterRef("pk"), stage=None, to_status=Pilot.Status.RUNNING)
    return (
        Pilot.objects.running()
        .annotate(since=since)
        .exclude(state__last_evaluated_at__gte=F("since"))
        .exclude(started_at__gte=F("since"))
        .exclude(Exists(started.filter(at__gte=OuterRef("since"))))  # it was paused meanwhile
        .select_related("state")
        .order_by("pk")
    )


CHECKS = (
    EngineCheck(
        "breaches_without_alert",
        "Rules past their limit without an alert",
        untold_breaches,
        lambda state: f"{state.condition.ref}, {state.scope}, of {state.condition.pilot.ref}",
    ),
    EngineCheck(
        "steps_overdue",
        "Alerts whose next step is more than 5 minutes late",
        late_steps,
        lambda alert: f"{alert.ref}, due {instant_words(alert.due_at)}",
    ),
    EngineCheck(
        "messages_waiting",
        "Messages that wait for more than 10 minutes",
        late_messages,
        lambda row: f"message {row.pk}, due {instant_words(row.next_try_at)}, tried {row.attempts} times",
    ),
    EngineCheck(
        "channels_shut",
        "Channels that nothing has got through for more than 10 minutes",
        shut_channels,
        lambda state: f"{state.channel}, since {instant_words(state.shut_since)}: {state.reason}",
    ),
    EngineCheck(
        "pilots_held",
        "Pilots held by a worker that is gone",
        lost_pilots,
        lambda state: f"{state.pilot.ref}, held by {state.lease_owner}",
    ),
    EngineCheck(
        "messages_held",
        "Messages held by a worker that is gone",
        lost_messages,
        lambda row: f"message {row.pk}, held by {row.lease_owner}",
    ),
    EngineCheck(
        "files_waiting",
        "Files of readings that nobody stores",
        late_files,
        lambda job: f"file {job.pk}, since {instant_words(job.started_at)}",
    ),
    EngineCheck(
        "pilots_not_judged",
        "Pilots not judged for two of their cadences",
        unjudged_pilots,
        lambda pilot: f"{pilot.ref}, judged {last_words(pilot.state.last_evaluated_at)}",
    ),
)


def silent_before(period: float, now: datetime) -> datetime:
    """Return the instant before which a round of this period, in seconds, must not have come last."""
    return now - max(SILENT_PERIODS * timedelta(seconds=period), LONGEST_ROUND)


def instant_words(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def last_words(instant: datetime | None) -> str:
    return f"last {instant_words(instant)}" if instant else "never"
