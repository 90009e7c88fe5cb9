"""What a name or a sentence gives away: said as a guess, and only where it is plain."""

from __future__ import annotations

import re

from pilots.evaluation.vocabulary import Direction
from pilots.models import Risk

LOWER = (
    r"time|hours|duration|delay|latency|wait|cost|spend|error|defect|complaint|churn|backlog|incident|fail"
)
HIGHER = (
    r"score|satisfaction|retention|revenue|margin|adoption|conversion|uptime|availability|accuracy|throughput"
)

# The first that fits: late action on bad data is still about the data.
SIGNALS = (
    (re.compile(r"\bdata\b|\bmeasurement|\breporting\b", re.IGNORECASE), Risk.Signal.DATA_STATE),
    (re.compile(r"\bslow|\bdelay|\blate\b|\bdrag", re.IGNORECASE), Risk.Signal.STAGE_OVERDUE),
    (re.compile(r"\breview", re.IGNORECASE), Risk.Signal.REVIEW_OVERDUE),
)


def direction_of(name: str) -> Direction | None:
    """Return which way a metric of that name is better, or None where its name could mean either."""
    lower, higher = (re.search(rf"\b({words})", name, re.IGNORECASE) for words in (LOWER, HIGHER))
    if bool(lower) == bool(higher):
        return None
    return Direction.LOWER_IS_BETTER if lower else Direction.HIGHER_IS_BETTER


def signal_of(risk: str) -> Risk.Signal:
    """Return what would show a risk coming, as far as the tracker can watch it."""
    return next((signal for words, signal in SIGNALS if words.search(risk)), Risk.Signal.NONE)
