"""What a mail says: frozen when it is queued, so that it tells what was true then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string

from pilots.evaluation.results import ConditionResult, PilotResult
from pilots.evaluation.specs import PilotSpec
from pilots.evaluation.wording import on, sentence_case, without_range
from pilots.models import Alert, AlertEvent, Driver, User
from pilots.reports.alert_impacts import Fact, impact_facts
from pilots.services.addressing import Recipient
from pilots.services.letter_bars import bar_of
from pilots.services.letter_calls import call_of, open_pilot, pilot_url
from pilots.services.letter_numbers import numbers_of, others_of
from pilots.services.letter_words import (
    EARLY_FACE,
    FACES,
    Face,
    face_of,
    lead_of,
    promise_of,
    request_of,
    word_of,
)

SUBJECT_LENGTH = 200
FONT = "-apple-system,Segoe UI,Roboto,Helvetica Neue,Arial,sans-serif"
# What a merged message, a digest or a machine is told of a letter.
FACTS = (
    "word",
    "sign",
    "on_light",
    "on_dark",
    "severity",
    "headline",
    "lead",
    "sentence",
    "request",
    "about",
)


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
    face = face_of(alert, event)
    # The occasion's zone: the pilot's own may be what is broken.
    call = call_of(alert, event, recipient, now=occasion.now, timezone=occasion.pilot.timezone)
    headline = _over_headline(alert) if over else _headline(alert)
    context = _frame(occasion, recipient, face, headline)
    context |= {
        "word": word_of(face, event),
        "severity": "" if alert.kind == Alert.Kind.SCALE_UP else alert.severity,
        "lead": lead_of(alert, event),
        "sentence": behind(headline, _sentence(alert, over=over)),
        "request": request_of(alert, event, paused=occasion.paused),
        "call": call,
        "bar": bar_of(found, occasion.pilot, occasion.result) if found and not over else None,
        "numbers": numbers_of(found, occasion.pilot, occasion.result) if found else [],
        "others": others_of(occasion.pilot, occasion.result, apart_from=found) if not over else [],
        "impact": _impact_of(alert),
        "about": _about(alert),
        "promise": "" if over else promise_of(alert),
        "has_chart": has_chart,
    }
    facts = {"alert": alert.ref, "event": event.kind, "kind": alert.kind, "next": call.note}
    return _letter(context, facts | ({"acknowledge": call.url} if call.answers else {}))


def _impact_of(alert: Alert) -> list[Fact]:
    """Return what the newest assessment says of the customers, or nothing where there is none."""
    newest = alert.assessments.first() if alert.pk else None
    return list(impact_facts(newest)) if newest else []


def early_warning_letter(
    found: ConditionResult, recipient: Recipient, occasion: Occasion, *, has_chart: bool
) -> Letter:
    """Write that a stop condition is past its limit on too few cases or days to be relied on."""
    headline = first_fact(found.sentence)
    return _letter(
        _frame(occasion, recipient, EARLY_FACE, headline)
        | {
            "sentence": behind(headline, found.sentence),
            "request": "Nothing follows from it yet; you get another mail if it holds.",
            "bar": bar_of(found, occasion.pilot, occasion.result),
            "numbers": numbers_of(found, occasion.pilot, occasion.result),
            "others": others_of(occasion.pilot, occasion.result, apart_from=found),
            "about": f"Rule {found.ref}.",
            "promise": "You get one mail about this.",
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
            "promise": "You get one mail about this.",
        }
    )


def first_fact(sentence: str) -> str:
    """Return the fact a sentence begins with, as a headline: what comes before the numbers.

    >>> first_fact("Resolution time is 14% higher than before: 22.8 h, where it was 20 h. You said …")
    'Resolution time is 14% higher than before'
    """
    return without_range(sentence.split(". ")[0].split(": ")[0].rstrip("."))[0]


def behind(headline: str, sentence: str) -> str:
    """Return a sentence without the fact that heads it.

    >>> behind("Cost is 14% higher", "Cost is 14% higher: 2.28 €, where it was 2 €.")
    '2.28 €, where it was 2 €.'
    """
    if not sentence.startswith(headline):
        return sentence
    fact = sentence.split(". ")[0].split(": ")[0].rstrip(".")
    numbers = sentence.removeprefix(fact).lstrip(".: ")
    return sentence_case(": ".join(part for part in (without_range(fact)[1], numbers) if part))


def one_line(text: str) -> str:
    """Return a text as a mail's subject may hold it: one line, not too long."""
    line = " ".join(text.split())
    return line if len(line) <= SUBJECT_LENGTH else f"{line[: SUBJECT_LENGTH - 1]}…"


def _letter(context: dict[str, Any], facts: Mapping[str, str] | None = None) -> Letter:
    pilot = context["pilot"]
    subject = f"{context['word']}: {context['headline']} ({pilot.ref})"
    said = {name: str(context[name]) for name in FACTS if context.get(name)}
    return Letter(
        subject=one_line(subject),
        text=render_to_string("notifications/alert.txt", context),
        html=render_to_string("notifications/alert.html", context),
        facts={**said, "pilot": f"{pilot.ref} {pilot.title}", "url": context["url"], **(facts or {})},
    )


def _frame(occasion: Occasion, recipient: Recipient, face: Face, headline: str) -> dict[str, Any]:
    pilot = occasion.pilot
    sent = occasion.now.astimezone(ZoneInfo(pilot.timezone))
    return {
        "product": settings.PRODUCT_NAME,
        "font": FONT,
        "pilot": pilot,
        "word": face.word,
        "sign": face.sign,
        "on_light": face.on_light,
        "on_dark": face.on_dark,
        "headline": headline,
        "url": pilot_url(pilot.ref),
        "call": open_pilot(pilot.ref),
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
