"""The answers people give to an alert: what each does, whom it is offered to, and what it asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pilots.models import Alert, Pilot, User
from pilots.permissions import can_accept_alert, can_answer_alert, can_move_pilot
from pilots.services import acknowledging, settling, snoozing
from pilots.services.alerting import QUIET
from pilots.web.forms.alerts import (
    AcceptForm,
    AnswerForm,
    CloseForm,
    ContinueForm,
    HandOverForm,
    NoteForm,
    PauseForm,
    SnoozeForm,
)

OPEN, TAKEN, SNOOZED = Alert.Status.OPEN, Alert.Status.ACKNOWLEDGED, Alert.Status.SNOOZED
UNRESOLVED = (OPEN, TAKEN, SNOOZED)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: what it is called, what it does, whom it is offered to, and what it asks for."""

    title: str
    says: str
    done: str
    act: Callable[..., Alert]
    form: type[AnswerForm]
    of: tuple[Alert.Status, ...]
    fits: Callable[[User, Alert], bool] = can_answer_alert


def is_owner(user: User, alert: Alert) -> bool:
    return alert.owner_id == user.pk


def may_take(user: User, alert: Alert) -> bool:
    """Say whether this person can take it: from somebody else only where they were asked again."""
    gone_quiet = alert.reminded_at is not None and not is_owner(user, alert)
    return (alert.status != TAKEN or gone_quiet) and can_answer_alert(user, alert)


def may_decide(user: User, alert: Alert) -> bool:
    return alert.kind == Alert.Kind.STOP_CONDITION and can_move_pilot(user, alert.pilot)


def may_keep_paused(user: User, alert: Alert) -> bool:
    return alert.pilot.status == Pilot.Status.PAUSED and may_decide(user, alert)


def may_close(user: User, alert: Alert) -> bool:
    """Say whether this person can close it; what still holds closes by itself."""
    over = alert.kind == Alert.Kind.MANUAL or alert.result.get("standing") in QUIET
    return alert.kind != Alert.Kind.STOP_CONDITION and over and can_answer_alert(user, alert)


def may_accept(user: User, alert: Alert) -> bool:
    somebody_has_it = alert.owner_id is not None and alert.kind != Alert.Kind.STOP_CONDITION
    return somebody_has_it and can_accept_alert(user, alert)


ANSWERS = {
    "acknowledge": Answer(
        "Acknowledge",
        "You take it: nobody else is told, and you are asked again if you go quiet.",
        "You have it now.",
        acknowledging.acknowledge,
        AnswerForm,
        UNRESOLVED,
        may_take,
    ),
    "still-on-it": Answer(
        "Still on it",
        "You keep it for as long again.",
        "Noted: you are still on it.",
        acknowledging.say_still_on_it,
        AnswerForm,
        (TAKEN,),
        is_owner,
    ),
    "continue": Answer(
        "Go on",
        "The pilot goes on past this limit until a day, or until it gets worse than you allow.",
        "Decided: the pilot goes on.",
        settling.continue_past,
        ContinueForm,
        UNRESOLVED,
        may_decide,
    ),
    "keep-paused": Answer(
        "Keep it paused",
        "The pilot stays paused until somebody resumes it. Where it is still so then, you are asked again.",
        "Decided: the pilot stays paused.",
        settling.keep_paused,
        PauseForm,
        UNRESOLVED,
        may_keep_paused,
    ),
    "hand-over": Answer(
        "Hand it over",
        "Somebody else takes it and is told so.",
        "Handed over.",
        acknowledging.hand_over,
        HandOverForm,
        (OPEN, TAKEN),
    ),
    "snooze": Answer(
        "Snooze", "It can wait.", "Snoozed. It stays in the list.", snoozing.snooze, SnoozeForm, (OPEN, TAKEN)
    ),
    "wake": Answer(
        "Wake now",
        "It waits for somebody again, as when it opened.",
        "Awake again.",
        snoozing.wake,
        AnswerForm,
        (SNOOZED,),
    ),
    "note": Answer(
        "Write a note",
        "Whoever looks at this alert reads it.",
        "Noted.",
        acknowledging.add_note,
        NoteForm,
        UNRESOLVED,
    ),
    "accept": Answer(
        "Put up with it",
        "It closes although it still holds. Only somebody who has not had it may say so.",
        "Accepted.",
        settling.accept,
        AcceptForm,
        UNRESOLVED,
        may_accept,
    ),
    "close": Answer(
        "Close it",
        "It is over, and you say why.",
        "Closed.",
        settling.close_by_hand,
        CloseForm,
        UNRESOLVED,
        may_close,
    ),
}
