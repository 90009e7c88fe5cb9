"""What a mail says: frozen when it is queued, so that it tells what was true then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string

from pilots.evaluation.results import ConditionResult, PilotResult
from pilots.evaluation.specs import MetricSpec, PilotSpec
from pilots.evaluation.vocabulary import Comparison, ConditionKind, Episode, Truth
from pilots.evaluation.wording import amount, counted, number, on, percent, scope_words, sentence_case
from pilots.models import Alert, AlertEvent
from pilots.services.addressing import Recipient

SUBJECT_LENGTH = 200
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
OVER_FACE = ("Over", "✓", "#0c6666", "#70cccb")
EARLY_FACE = ("Early warning", "△", "#3b5c7d", "#a0c1e3")


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    html: str


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
        "severity": alert.severity,
        "sentence": _sentence(alert, over=over),
        "request": "" if over else _request(kind, occasion),
        "numbers": _numbers(found, occasion) if found else [],
        "others": _others(occasion, apart_from=found) if not over else [],
        "about": _about(alert),
        "was_worse": event.kind == AlertEvent.Kind.WORSENED,
        "reopened": event.kind == AlertEvent.Kind.REOPENED,
        "has_chart": has_chart,
    }
    return _letter(context)


REQUESTS = {
    Alert.Kind.STOP_CONDITION: "Decide: continue, pause or stop.",
    Alert.Kind.SCALE_UP: "Decide whether to scale up.",
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
            "numbers": _numbers(found, occasion),
            "others": _others(occasion, apart_from=found),
            "about": f"Rule {found.ref}.",
            "has_chart": has_chart,
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
    subject = f"{context['word']}: {context['headline']} ({context['pilot'].ref})"
    return Letter(
        subject=one_line(subject),
        text=render_to_string("notifications/alert.txt", context),
        html=render_to_string("notifications/alert.html", context),
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


def _numbers(found: ConditionResult, occasion: Occasion) -> list[tuple[str, str]]:
    """Return the numbers behind a condition, as label and words; what is not known is left out."""
    metric = _metric_of(found, occasion.pilot)
    rows = [
        ("Now", _value(found.value, metric)),
        ("Before", _value(found.baseline, metric)),
        ("Change", _change(found.change, found)),
        ("Your limit", _limit(found, occasion.pilot, metric)),
        ("Cases", counted(found.n, "case") if found.n else None),
        ("Last reading", _day(_last_day(found, occasion.result))),
        ("Since", _day(found.since)),
    ]
    return [(label, words) for label, words in rows if words]


def _metric_of(found: ConditionResult, pilot: PilotSpec) -> MetricSpec | None:
    return next((m for m in pilot.metrics if m.ref == found.metric), None)


def _value(value: float | None, metric: MetricSpec | None) -> str | None:
    if value is None:
        return None
    return amount(value, metric) if metric else number(value)


def _change(change: float | None, found: ConditionResult) -> str | None:
    if change is None:
        return None
    if found.scope.startswith("gap:"):
        return f"{percent(change)} apart"
    return (
        f"{percent(change, unlike=found.limit)} {'higher' if change > 0 else 'lower'}" if change else "None"
    )


def _limit(found: ConditionResult, pilot: PilotSpec, metric: MetricSpec | None) -> str | None:
    spec = next((c for c in pilot.conditions if c.ref == found.ref), None)
    if spec is None or found.limit is None:
        return None
    if spec.spans_a_gap:
        return f"{percent(found.limit)} apart"
    if spec.comparison in (Comparison.ABOVE, Comparison.BELOW):
        return f"{spec.comparison.value} {_value(found.limit, metric)}"
    return f"{percent(found.limit)} {'higher' if found.limit > 0 else 'lower'}"


def _last_day(found: ConditionResult, result: PilotResult | None) -> date | None:
    metrics = result.metrics if result else ()
    return next((m.last_day for m in metrics if m.ref == found.metric), None)


def _day(day: date | None) -> str | None:
    return on(day) if day else None


def _others(occasion: Occasion, *, apart_from: ConditionResult | None) -> list[tuple[str, str, str]]:
    """Return how the pilot's other rules stand: what is measured, where it is, how the rule stands."""
    found = occasion.result.conditions if occasion.result else ()
    return [_other(c, occasion.pilot) for c in found if c is not apart_from and not c.observe_only]


def _other(found: ConditionResult, pilot: PilotSpec) -> tuple[str, str, str]:
    metric = _metric_of(found, pilot)
    what = sentence_case(f"{metric.name if metric else found.name or found.ref}{scope_words(found.scope)}")
    now = _change(found.change, found) or _value(found.value, metric) or "not known"
    return what, now, f"{_KINDS[found.kind]} {found.ref}: {_state(found)}"


_KINDS = {
    ConditionKind.THRESHOLD: "Scale up",
    ConditionKind.STOP_CONDITION: "Stop",
    ConditionKind.ESCALATION_TRIGGER: "Escalate",
}


def _state(found: ConditionResult) -> str:
    threshold = found.kind is ConditionKind.THRESHOLD
    if found.episode in (Episode.FIRING, Episode.RECOVERING):
        return "met" if threshold else "past the limit"
    if found.truth is Truth.UNKNOWN:
        return "can’t be told yet"
    return "not met" if threshold else "clear"
