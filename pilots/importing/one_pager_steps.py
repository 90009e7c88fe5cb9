"""The steps a one-pager asks for, one by one, and the readiness check each of them answers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

PREPARING_VERBS = (
    *("agree", "appoint", "arrange", "assign", "book", "build", "collect", "communicate", "confirm"),
    *("create", "define", "describe", "document", "draft", "establish", "finalise", "finalize", "fix"),
    *("freeze", "hold", "identify", "inform", "launch", "list", "log", "name", "nominate", "plan"),
    *("prepare", "publish", "record", "run", "schedule", "set", "share", "start", "tell", "train"),
    *("update", "write"),
)
DECIDING_VERBS = ("choose", "measure", "monitor", "revisit", "select", "validate")
VERB = rf"(?:{'|'.join((*PREPARING_VERBS, *DECIDING_VERBS))})\b"
PREPARING = re.compile(rf"(?:{'|'.join(PREPARING_VERBS)})\b", re.IGNORECASE)
SENTENCE_END = re.compile(r"(?<=[.;!?])\s+(?=[^a-z\s])|(?<=;)\s+|\n+")
NEXT_STEP = re.compile(
    rf"(?:[,;]\s*(?:and\s+|then\s+|and then\s+)?|\s+(?:and|then|and then)\s+)(?={VERB})", re.IGNORECASE
)
HEDGE, SPACE = "\x00", "\x01"  # stand before and within a term while steps are split; no text holds them

# In this order: "assign owners to the stop conditions" is about stop conditions.
READINESS = {
    "stop_conditions": r"\bstop(?:ping)?[- ](?:conditions?|criteria|rules?)\b",
    "escalation_triggers": r"\bescalat",
    "baselines": r"\bbaselines?\b",
    "drivers": r"\bupdate rules?\b|\bdrivers?\b",
    "thresholds": r"\bthresholds?\b|\bscale-up criteria\b",
    "first_review": r"\breviews?\b",
    "owners": r"\bowners?\b|\bownership\b",
    "stages": r"\bstages?\b",
}


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do before the pilot may start; `readiness` names the check it answers, if one does."""

    text: str
    readiness: str | None
    done: bool = False


def next_steps(next_text: str, decision: str, *, terms: Iterable[str]) -> tuple[Step, ...]:
    """Return the next steps, and what the decision asks to prepare that no step covers."""
    terms = tuple(terms)
    steps = [Step(text, _readiness(text)) for text in steps_in(next_text, terms=terms)]
    covered = {step.readiness for step in steps}
    asked = [
        Step(text, _readiness(text)) for text in steps_in(decision, terms=terms) if PREPARING.match(text)
    ]
    return (*steps, *(step for step in asked if step.readiness and step.readiness not in covered))


def steps_in(text: str, *, terms: Iterable[str]) -> tuple[str, ...]:
    """Split a text into its single steps; a verb within one of the terms starts none."""
    for term in sorted(terms, key=len, reverse=True):
        shielded = re.compile(rf"\b{re.escape(term)}\b", re.IGNORECASE)
        text = shielded.sub(lambda found: HEDGE + found[0].replace(" ", SPACE), text)
    clauses = (clause for sentence in SENTENCE_END.split(text) for clause in NEXT_STEP.split(sentence))
    plain = (clause.replace(HEDGE, "").replace(SPACE, " ").strip(" .;,") for clause in clauses)
    return tuple(clause[0].upper() + clause[1:] for clause in plain if clause)


def _readiness(text: str) -> str | None:
    return next((check for check, words in READINESS.items() if re.search(words, text, re.IGNORECASE)), None)
