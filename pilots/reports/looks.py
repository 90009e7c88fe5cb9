"""How a state shows: colour, icon and word, always all three."""

from __future__ import annotations

from typing import NamedTuple


class Look(NamedTuple):
    css: str
    icon: str
    word: str


VERDICTS = {
    "stop": Look("is-stop", "stop", "Stop"),
    "escalate": Look("is-escalate", "escalate", "Escalate"),
    "revisit": Look("is-revisit", "revisit", "Revisit"),
    "scale_up": Look("is-scale", "scale", "Scale up"),
    "inconclusive": Look("is-unclear", "unclear", "Inconclusive"),
    "cannot_tell": Look("is-cannot", "cannot", "Cannot tell"),
    "early": Look("is-early", "early", "Early"),
    "on_track": Look("is-track", "track", "On track"),
}
NOT_JUDGED = Look("", "ring", "Not judged yet")
SEVERITIES = {"SEV1": "is-stop", "SEV2": "is-escalate", "SEV3": "is-cannot", "SEV4": "is-unclear"}

WAITING = Look("is-early", "clock", "Waiting")
DELIVERIES = {
    "sent": Look("is-track", "track", "Sent"),
    "in_doubt": Look("is-cannot", "cannot", "In doubt"),
    "dead": Look("is-stop", "cross", "Could not be sent"),
    "cancelled": Look("is-unclear", "mute", "Cancelled"),
    "suppressed": Look("is-unclear", "mute", "Not wanted"),
}


def verdict_look(verdict: str) -> Look:
    return VERDICTS.get(verdict, NOT_JUDGED)
