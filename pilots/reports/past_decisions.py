"""A decision as it stood at an instant, with its pilots as they stood then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pilots.models import Decision, Framework, NextStep, Option, Pilot, Review, Risk
from pilots.reports.past_pilots import rebuilt
from pilots.reports.past_rows import give, name_people, people_at, rows_at

UPCOMING = (Review.Status.SCHEDULED, Review.Status.IN_REVIEW)


def decision_at(decision_id: int, instant: datetime) -> Decision | None:
    """Return a decision as fetched for its page, or None before it existed; a fixed number of queries."""
    found = rows_at(Decision, instant, id=decision_id)
    if not found:
        return None
    decision = found[0]
    _give_parts(decision, instant)
    _give_pilots(decision, instant)
    _give_neighbours(decision, instant)
    return decision


def _give_parts(decision: Decision, instant: datetime) -> None:
    risks = rows_at(Risk, instant, decision=decision.pk)
    name_people(risks, people_at((risk.owner_id for risk in risks), instant), "owner")
    options = sorted(rows_at(Option, instant, decision=decision.pk), key=lambda option: option.key)
    steps = sorted(rows_at(NextStep, instant, decision=decision.pk), key=lambda step: (step.order, step.pk))
    give(decision, {"options": options, "risks": risks, "next_steps": steps})


def _give_pilots(decision: Decision, instant: datetime) -> None:
    pilots = sorted(rows_at(Pilot, instant, decision=decision.pk), key=lambda pilot: pilot.ref)
    rebuilt(pilots, instant, [decision])
    for pilot in pilots:
        upcoming: Sequence[Review] = [r for r in pilot.reviews.all() if r.status in UPCOMING]
        give(pilot, {"reviews": upcoming})
    give(decision, {"pilots": pilots})


def _give_neighbours(decision: Decision, instant: datetime) -> None:
    """Set the template it follows and the decision that took its place, as they stood."""
    framework = rows_at(Framework, instant, id=decision.framework_id) if decision.framework_id else []
    decision.framework = framework[0] if framework else decision.framework
    successors = rows_at(Decision, instant, supersedes=decision.pk)
    relation: Any = Decision._meta.get_field("superseded_by")
    relation.set_cached_value(decision, successors[0] if successors else None)
