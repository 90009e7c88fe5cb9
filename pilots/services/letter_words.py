"""What each turn of an alert is called in a mail, what is said of it first, and what is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pilots.evaluation.vocabulary import Severity
from pilots.evaluation.wording import on
from pilots.models import Alert, AlertEvent

Kind = AlertEvent.Kind
OVER = Alert.Status.RESOLVED


@dataclass(frozen=True, slots=True)
class Face:
    """Word, sign and colours (on light, on dark) of what a mail is about: mails can't use the stylesheet."""

    word: str
    sign: str
    on_light: str
    on_dark: str


_ORANGE, _OLIVE = ("#954700", "#f3b271"), ("#735600", "#e1c467")
FACES = {
    Alert.Kind.STOP_CONDITION: Face("Stop", "■", "#b3221a", "#ff958b"),
    Alert.Kind.ESCALATION_TRIGGER: Face("Escalate", "▲", *_ORANGE),
    Alert.Kind.SCALE_UP: Face("Scale up", "●", "#14663a", "#74d49b"),
    Alert.Kind.DRIVER: Face("Revisit", "◆", "#6a3ea6", "#c9abf6"),
    Alert.Kind.NO_DATA: Face("Data missing", "○", *_OLIVE),
    Alert.Kind.TECHNICAL: Face("Not judged", "○", *_OLIVE),
    Alert.Kind.RISK_SIGNAL: Face("Risk", "▲", *_ORANGE),
    Alert.Kind.REVIEW_OVERDUE: Face("Review overdue", "○", *_OLIVE),
    Alert.Kind.SLOW_EXECUTION: Face("Behind plan", "○", *_OLIVE),
    Alert.Kind.MANUAL: Face("Raised by hand", "▲", *_ORANGE),
}
OVER_FACE = Face("Over", "✓", "#0c6666", "#70cccb")
GOING_ON_FACE = Face("Going on", "▷", "#954700", "#f3b271")
ACCEPTED_FACE = Face("Accepted", "✓", "#3b5c7d", "#a0c1e3")
EARLY_FACE = Face("Early warning", "△", "#3b5c7d", "#a0c1e3")

# What follows the word in the subject, so that a list of mails can be told apart.
MARKS = {
    Kind.WORSENED: "worse",
    Kind.REOPENED: "open again",
    Kind.ESCALATED: "nobody answered",
    Kind.REMINDED: "are you still on it",
    Kind.EXPIRED: "nobody has it any more",
    Kind.WOKEN: "the wait is over",
    Kind.REPEATED: "still open",
    Kind.FLAPPING: "comes and goes",
    Kind.ACKNOWLEDGED: "handed to you",
}
REQUESTS = {
    Alert.Kind.STOP_CONDITION: "Decide: continue, pause or stop.",
    Alert.Kind.DRIVER: "Say whether the limits still hold.",
    Alert.Kind.NO_DATA: "Send the readings, or say why there are none.",
    Alert.Kind.TECHNICAL: "Nothing is lost: the pilot is judged as soon as this is mended.",
}
# How often it is told again while it stays open and unanswered.
TOLD_AGAIN = {
    Severity.SEV1: "every 4 hours",
    Severity.SEV2: "once a day",
    Severity.SEV3: "every 3 days",
    Severity.SEV4: "in your weekly summary",
}


def face_of(alert: Alert, event: AlertEvent) -> Face:
    if event.to_status != OVER:
        return FACES[Alert.Kind(alert.kind)]
    return {Kind.CONTINUED: GOING_ON_FACE, Kind.ACCEPTED: ACCEPTED_FACE}.get(Kind(event.kind), OVER_FACE)


def word_of(face: Face, event: AlertEvent) -> str:
    """Return the word a mail's subject begins with: "Stop", or "Stop, nobody answered"."""
    mark = "" if event.to_status == OVER else MARKS.get(Kind(event.kind), "")
    return f"{face.word}, {mark}" if mark else face.word


def lead_of(alert: Alert, event: AlertEvent) -> str:
    """Return what happened, said before how things stand; nothing where that is enough."""
    if event.to_status == OVER:
        return _ending(event)
    note = _full_stop(event.note)
    match event.kind:
        case Kind.OPENED:
            return note
        case Kind.WORSENED:
            return f"This has got worse: {note}" if note else "This has got worse."
        case Kind.REOPENED:
            return note or "You were told that this was over; it is open again."
        case Kind.ESCALATED:
            return f"{note or 'Nobody answered.'} You are told next."
        case Kind.REMINDED:
            return (
                "You have had this for a while. Say whether you are still on it; otherwise others are told."
            )
        case Kind.EXPIRED:
            return f"{note} It waits for somebody again."
        case Kind.WOKEN:
            return f"It was put off until now, and waits for somebody again. {note}".strip()
        case Kind.REPEATED:
            return f"This is open since {on(alert.opened_at.date())}, and nobody has it."
        case Kind.FLAPPING:
            return (
                "This opened and closed again and again within a week. It stays open until it is quiet for "
                "twice as long as usual; from now on it comes in your weekly summary."
            )
        case Kind.ACKNOWLEDGED:
            return f"{event.actor} gave this to you. {note}".strip()
    return note


def _ending(event: AlertEvent) -> str:
    """Say who ended it and why, where a person did."""
    note, who, until = _full_stop(event.note), event.actor, _until(event)
    if who is None:
        return ""
    match event.kind:
        case Kind.CONTINUED:
            return f"{who} decided to go on{until}: {note}"
        case Kind.ACCEPTED:
            return f"{who} puts up with it{until}: {note}"
    return f"{who} closed it: {note}"


def _until(event: AlertEvent) -> str:
    until = event.facts.get("until")
    return f" until {on(date.fromisoformat(until))}" if until else ""


def request_of(alert: Alert, event: AlertEvent, *, paused: bool) -> str:
    """Return what the reader is asked to do."""
    kind = Alert.Kind(alert.kind)
    if event.to_status == OVER:
        return ""
    is_paused = "The pilot is paused. " if paused and kind == Alert.Kind.STOP_CONDITION else ""
    return f"{is_paused}{REQUESTS.get(kind, '')}"


def promise_of(alert: Alert) -> str:
    """Say when the reader is told of this again."""
    again = TOLD_AGAIN[Severity(alert.severity)]
    return (
        "You get one mail when this opens, if it gets worse, "
        f"{again} while it stays open and unanswered, and when it closes."
    )


def _full_stop(text: str) -> str:
    text = text.strip()
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."
