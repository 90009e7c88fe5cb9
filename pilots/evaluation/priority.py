"""How urgent an alert is among those of its severity: a score of 100, part by part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from pilots.evaluation.escalation import REPEATS_AFTER
from pilots.evaluation.vocabulary import Severity
from pilots.evaluation.wording import counted, number, percent

OF_SEVERITY = {Severity.SEV1: 60, Severity.SEV2: 45, Severity.SEV3: 30, Severity.SEV4: 15}
MOST_FOR_ACCOUNTS, MOST_FOR_DISTANCE, MOST_FOR_WAITING = 16, 12, 12
ALL_POINTS_AT_SHARE = 0.45  # of all accounts
ALL_POINTS_AT_DISTANCE = 1.0  # as far past the limit as the limit is from the baseline


@dataclass(frozen=True, slots=True)
class Urgency:
    """What the score of an alert is made from.

    `share` is the share of accounts affected, None where nobody knows it. `found` and `limit` are in the
    same terms, both fractions or both in the metric's unit; `below` says that less is worse. `days`
    counts what is late where there is no limit. `waited` is None where somebody has it; it counts in
    full once people are told again.
    """

    severity: Severity
    share: float | None = None
    found: float | None = None
    limit: float | None = None
    below: bool = False
    fractions: bool = True
    days: int | None = None
    waited: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Part:
    words: str
    points: int


@dataclass(frozen=True, slots=True)
class Score:
    parts: tuple[Part, ...]

    @property
    def points(self) -> int:
        return sum(part.points for part in self.parts)


def score_of(urgency: Urgency) -> Score:
    """Add up what makes an alert urgent; the parts never add up to more than 100."""
    severity = Part(f"Severity {urgency.severity}", OF_SEVERITY[urgency.severity])
    return Score((severity, _accounts(urgency), _distance(urgency), _waiting(urgency)))


def _accounts(urgency: Urgency) -> Part:
    if urgency.share is None:
        return Part("Accounts affected, not known: provisional", 0)
    words = f"Accounts affected, {percent(urgency.share) if urgency.share else 'none'}"
    return Part(words, _points(urgency.share / ALL_POINTS_AT_SHARE, MOST_FOR_ACCOUNTS))


def _distance(urgency: Urgency) -> Part:
    if urgency.days is not None:
        return Part(f"Late by {counted(urgency.days, 'day')}", min(urgency.days, MOST_FOR_DISTANCE))
    found, limit = urgency.found, urgency.limit
    if found is None or limit is None:
        return Part("Distance past the limit, none", 0)
    size = percent if urgency.fractions else number
    past = (limit - found if urgency.below else found - limit) / abs(limit) if limit else float(found != 0)
    words = f"Distance past the limit, {size(found)} against {size(limit)}"
    return Part(words, _points(past / ALL_POINTS_AT_DISTANCE, MOST_FOR_DISTANCE))


def _waiting(urgency: Urgency) -> Part:
    if urgency.waited is None:
        return Part("Time without an answer", 0)
    share = urgency.waited / REPEATS_AFTER[urgency.severity].length
    return Part(f"{_long(urgency.waited)} without an answer", _points(share, MOST_FOR_WAITING))


def _long(time: timedelta) -> str:
    """Say how long something lasts, in the largest unit that fits twice."""
    minutes = max(0, int(time.total_seconds() // 60))
    if minutes < 120:
        return counted(minutes, "minute")
    return counted(minutes // 60, "hour") if minutes < 48 * 60 else counted(minutes // 1440, "day")


def _points(share: float, most: int) -> int:
    """Return the share of the most points there are, rounded up: what is there at all counts."""
    return ceil(most * min(max(share, 0.0), 1.0))
