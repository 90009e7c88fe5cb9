"""An alert in words: its headline, what stands behind it, who has it."""

from __future__ import annotations

from dataclasses import dataclass

from pilots.evaluation.escalation import LONGEST_SNOOZE
from pilots.evaluation.vocabulary import Severity
from pilots.evaluation.wording import sentence_case, without_range
from pilots.models import Alert, AlertEvent

YOU_SAID = "You "  # a rule's sentence speaks of the limit its reader has set
NUMERALS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True, slots=True)
class Headline:
    """What an alert says first, and the rest of it."""

    text: str
    rest: str


def headline_of(alert: Alert) -> Headline:
    """Say the fact and the limit first, the numbers behind them after.

    "Opened again is 32% higher than before: 10.6 h. You said stop at 15% higher. From 338 cases." is
    headed "Opened again is 32% higher than before; you said stop at 15% higher".
    """
    first, *others = alert.sentence.split(". ")
    fact, _, numbers = first.partition(": ") if alert.condition_id else (first, "", "")
    fact, likely = without_range(fact)
    limit = next((said for said in others[:1] if said.startswith(YOU_SAID)), "")
    numbers = ": ".join(part for part in (likely, numbers) if part)
    behind = [sentence_case(numbers)] if numbers else []
    behind += others[1:] if limit else others
    heading = f"{fact}; {limit[:1].lower()}{limit[1:]}" if limit else fact
    return Headline(heading.rstrip("."), _full_stop(". ".join(behind)))


def cap_words(alert: Alert) -> str:
    """Say how long an alert can be put off."""
    longest = LONGEST_SNOOZE[Severity(alert.severity)]
    return f"At most {longest.words}. It wakes early if things get worse."


def _full_stop(text: str) -> str:
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


def spelled(number: int) -> str:
    """Write a small number as a word, a larger one in figures."""
    return NUMERALS[number] if number < len(NUMERALS) else f"{number:,}"


def how_many(*, waiting: int, taken: int, snoozed: int) -> str:
    """Say how many alerts are open, and how they stand."""
    total = waiting + taken + snoozed
    if not total:
        return "Nothing needs anybody."
    groups = (
        (waiting, "waits for somebody", "wait for somebody"),
        (taken, "is taken", "are taken"),
        (snoozed, "is snoozed", "are snoozed"),
    )
    held = [(n, one, many) for n, one, many in groups if n]
    if len(held) == 1:
        _, one, many = held[0]
        return f"One is open. It {one}." if total == 1 else f"{_first(total)} are open. All {many}."
    said = [f"{spelled(n)} {one if n == 1 else many}" for n, one, many in held]
    return f"{_first(total)} are open. {sentence_case(', '.join(said))}."


def _first(number: int) -> str:
    return sentence_case(spelled(number))


EVENT_WORDS = {
    AlertEvent.Kind.OPENED: "It opened",
    AlertEvent.Kind.WORSENED: "It got worse",
    AlertEvent.Kind.EASED: "It became less grave",
    AlertEvent.Kind.ACKNOWLEDGED: "{who} took it",
    AlertEvent.Kind.SNOOZED: "{who} snoozed it",
    AlertEvent.Kind.ESCALATED: "The next were told",
    AlertEvent.Kind.REMINDED: "Whoever has it was asked again",
    AlertEvent.Kind.REPEATED: "Nothing had changed, so it was told again",
    AlertEvent.Kind.STILL_ON_IT: "{who} is still on it",
    AlertEvent.Kind.EXPIRED: "No answer came, so it is open again",
    AlertEvent.Kind.WOKEN: "The snooze is over",
    AlertEvent.Kind.STALLED: "It has stalled",
    AlertEvent.Kind.FLAPPING: "It comes and goes, so it is held open",
    AlertEvent.Kind.CONTINUED: "{who} decided to go on",
    AlertEvent.Kind.ACCEPTED: "{who} accepted it",
    AlertEvent.Kind.REOPENED: "It opened again",
    AlertEvent.Kind.RECOVERED: "The numbers are back inside the limit",
    AlertEvent.Kind.WITHDRAWN: "Corrected readings took it back",
    AlertEvent.Kind.RESOLVED: "It is over",
    AlertEvent.Kind.NOTE: "{who} noted",
}


def event_words(event: AlertEvent, *, handed_to: str = "") -> str:
    """Say what happened to an alert, and who did it."""
    words = EVENT_WORDS[AlertEvent.Kind(event.kind)]
    if event.kind == AlertEvent.Kind.RESOLVED and event.actor:
        words = "{who} closed it"
    if handed_to:
        words = f"{{who}} handed it to {handed_to}"
    return words.format(who=event.actor or "The engine")


RESOLUTIONS = {
    "recovered": "The numbers recovered",
    "over": "It no longer holds",
    "withdrawn": "Corrected readings took it back",
    "retired": "The rule was retired",
    "continued": "Decided: go on",
    "accepted": "Accepted",
    "paused": "Decided: pause",
    "stopped": "Decided: stop",
    "scaled": "Decided: scale up",
    "inconclusive": "The pilot was closed without an answer",
    "invalid": "The pilot was declared invalid",
    "closed": "Closed by hand",
}


def resolution_words(alert: Alert) -> str:
    """Say how an alert ended."""
    return RESOLUTIONS.get(alert.resolution, alert.resolution.replace("_", " ").capitalize() or "Closed")
