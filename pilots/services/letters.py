"""What a mail says: frozen when it is queued, so that it tells what was true then."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string

from pilots.evaluation.results import ConditionResult, PilotResult
from pilots.evaluation.specs import PilotSpec
from pilots.evaluation.wording import on
from pilots.models import Alert, AlertEvent, Driver, User
from pilots.services.addressing import Recipient
from pilots.services.letter_numbers import numbers_of, others_of

SUBJECT_LENGTH = 200
FONT = "-apple-system,Segoe UI,Roboto,Helvetica Neue,Arial,sans-serif"
# Word, sign and colours (on light, on dark) of what a mail is about: mails can't use the stylesheet.
FACES = {
    Alert.Kind.STOP_CONDITION: ("Stop", "■", "#b3221a", "#ff958b"),
    Alert.Kind.ESCALATION_TRIGGER: ("Escalate", "▲", "#954700", "#f3b271"),
    Alert.Kind.SCALE_UP: ("Scale up", "●", "#14663a", "#74d49b"),
    Alert.Kind.DRIVER: ("Revisit", "◆", "#6a3ea6", "#c9abf6"),
    Alert.Kind.NO_DATA: ("Data missing", "○", "#735600", "#e1c467"),
    Alert.Kind.TECHNICAL: ("Not judged", "○", "#735600", "#e1c467"),
}
OTHER_FACE = ("Alert", "▲", "#954700", "#f3b271")
# What a merged message, a digest or a machine is told of a letter.
FACTS = ("word", "sign", "on_light", "on_dark", "severity", "headline", "sentence", "request", "url", "about")
OVER_FACE = ("Over", "✓", "#0c6666", "#70cccb")
EARLY_FACE = ("Early warning", "△", "#3b5c7d", "#a0c1e3")


@dataclass(frozen=True, slots=True)
class Letter:
    """A message in words. `facts` is what a merged message, a digest or a machine is told of it."""

    subject: str
    text: str
    html: str
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Occasion:
    """What there is to tell of a pilot at one look; everything a mail is written from."""

    pilot: PilotSpec
    result: PilotResult | None
    now: datetime
    paused: bool = False  # by the engine, because of this look


def alert_letter(
    alert: Alert, event: AlertEvent, recipient: Recipient, occasion: Occasion, *, has_chart: bool
) -> Letter:
    """Write what an alert's turn means to one person."""
    found = _condition_of(alert, occasion.result)
    over = event.to_status == Alert.Status.RESOLVED
    kind = Alert.Kind(alert.kind)
    face = OVER_FACE if over else FACES.get(kind, OTHER_FACE)
    headline = _over_headline(alert) if over else _headline(alert)
    context = _frame(occasion, recipient, face, headline) | {
        "severity": "" if kind == Alert.Kind.SCALE_UP else alert.severity,
        "sentence": _sentence(alert, over=over),
        "request": "" if over else _request(kind, occasion),
        "numbers": numbers_of(found, occasion.pilot, occasion.result) if found else [],
        "others": others_of(occasion.pilot, occasion.result, apart_from=found) if not over else [],
        "about": _about(alert),
        "was_worse": event.kind == AlertEvent.Kind.WORSENED,
        "reopened": event.kind == AlertEvent.Kind.REOPENED,
        "has_chart": has_chart,
    }
    return _letter(context)


REQUESTS = {
    Alert.Kind.STOP_CONDITION: "Decide: continue, pause or stop.",
    Alert.Kind.DRIVER: "Say whether the limits still hold.",
    Alert.Kind.NO_DATA: "Send the readings, or say why there are none.",
    Alert.Kind.TECHNICAL: "Nothing is lost: the pilot is judged as soon as this is mended.",
}


def _request(kind: Alert.Kind, occasion: Occasion) -> str:
    paused = "The pilot is paused. " if occasion.paused and kind == Alert.Kind.STOP_CONDITION else ""
    return f"{paused}{REQUESTS.get(kind, '')}"


def early_warning_letter(
    found: ConditionResult, recipient: Recipient, occasion: Occasion, *, has_chart: bool
) -> Letter:
    """Write that a stop condition is past its limit on too few cases or days to be relied on."""
    headline = first_fact(found.sentence)
    return _letter(
        _frame(occasion, recipient, EARLY_FACE, headline)
        | {
            "sentence": found.sentence,
            "request": "Nothing follows from it yet; you get another mail if it holds.",
            "numbers": numbers_of(found, occasion.pilot, occasion.result),
            "others": others_of(occasion.pilot, occasion.result, apart_from=found),
            "about": f"Rule {found.ref}.",
            "has_chart": has_chart,
        }
    )


def decide_anew_letter(
    driver: Driver, by: User, reason: str, recipient: Recipient, occasion: Occasion, *, found: str
) -> Letter:
    """Write that a reviewer asks to decide anew, who it is and why; `found` says how the driver stands."""
    frame = _frame(occasion, recipient, FACES[Alert.Kind.DRIVER], f"{by} asks you to decide anew")
    return _letter(
        frame
        | {
            "sentence": f"{by} looked at {driver} and finds that the limits no longer hold.",
            "request": "Decide: change the limits, pause or stop the pilot.",
            "numbers": [("Reason", reason), *([("What was seen", found)] if found else [])],
            "about": f"Driver {driver.ref}.",
            "told_once": True,
        }
    )


def first_fact(sentence: str) -> str:
    """Return the fact a sentence begins with, as a headline: what comes before the numbers.

    >>> first_fact("Resolution time is 14% higher than before: 22.8 h, where it was 20 h. You said …")
    'Resolution time is 14% higher than before'
    """
    return sentence.split(". ")[0].split(": ")[0].rstrip(".")


def one_line(text: str) -> str:
    """Return a text as a mail's subject may hold it: one line, not too long."""
    line = " ".join(text.split())
    return line if len(line) <= SUBJECT_LENGTH else f"{line[: SUBJECT_LENGTH - 1]}…"


def _letter(context: dict[str, Any]) -> Letter:
    pilot = context["pilot"]
    subject = f"{context['word']}: {context['headline']} ({pilot.ref})"
    return Letter(
        subject=one_line(subject),
        text=render_to_string("notifications/alert.txt", context),
        html=render_to_string("notifications/alert.html", context),
        facts={name: str(context[name]) for name in FACTS if context.get(name)} | {"pilot": pilot.ref},
    )


def _frame(
    occasion: Occasion, recipient: Recipient, face: tuple[str, str, str, str], headline: str
) -> dict[str, Any]:
    word, sign, on_light, on_dark = face
    pilot = occasion.pilot
    sent = occasion.now.astimezone(ZoneInfo(pilot.timezone))
    return {
        "product": settings.PRODUCT_NAME,
        "pilot": pilot,
        "word": word,
        "sign": sign,
        "on_light": on_light,
        "on_dark": on_dark,
        "headline": headline,
        "url": f"{settings.BASE_URL}/pilots/{pilot.ref}/",
        "recipient": recipient,
        "written": f"{on(sent.date())} {sent:%Y, %H:%M} {pilot.timezone}",
    }


def _condition_of(alert: Alert, result: PilotResult | None) -> ConditionResult | None:
    if result is None or alert.condition is None:
        return None
    same = (c for c in result.conditions if (c.ref, c.scope) == (alert.condition.ref, alert.scope))
    return next(same, None)


def _headline(alert: Alert) -> str:
    if alert.kind == Alert.Kind.SCALE_UP:
        return "Every criterion is met"
    if alert.condition is None:
        return alert.sentence.split(". ")[0].rstrip(".")
    return first_fact(alert.sentence)


def _over_headline(alert: Alert) -> str:
    if alert.kind == Alert.Kind.SCALE_UP:
        return "The criteria are no longer all met"
    if alert.resolution == "withdrawn":
        return "Corrected readings took an alert back"
    return first_fact(alert.sentence)


def _sentence(alert: Alert, *, over: bool) -> str:
    if over and alert.kind == Alert.Kind.SCALE_UP:
        return f"You were told that every criterion was met; that no longer holds. {alert.sentence}"
    return alert.sentence


def _about(alert: Alert) -> str:
    rule = alert.rule_snapshot
    said = [f"Alert {alert.ref}"]
    if alert.condition:
        said.append(f"rule {rule.get('ref')} version {rule.get('version')}")
    if rule.get("baseline_version"):
        said.append(f"baseline version {rule['baseline_version']}")
    return f"{', '.join(said)}."
