"""The one-pager of a decision: what was chosen and why, and how its pilots stand today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, QuerySet

from pilots.evaluation.days import local_day
from pilots.evaluation.vocabulary import DriverState
from pilots.evaluation.wording import listed
from pilots.models import Decision, Membership, Pilot, Review, Role, Stage, User
from pilots.reports.looks import Look
from pilots.reports.portfolio import URGENCY
from pilots.reports.result_rows import ResultRow, result_rows
from pilots.reports.results import PilotAnswer, answer_of
from pilots.reports.stages import stage_progress
from pilots.reports.words import day_words

QUIET, TRIPPED = Look("is-track", "track", "Quiet"), Look("is-escalate", "escalate", "Tripped")
NOT_WATCHED = Look("", "ring", "Not watched")
MOST_ROWS = 6


@dataclass(frozen=True, slots=True)
class PilotLine:
    """One pilot of the decision: its headline and where it is."""

    pilot: Pilot
    answer: PilotAnswer | None
    where: str

    @property
    def verdict(self) -> str:
        return self.answer.verdict if self.answer else ""


@dataclass(frozen=True, slots=True)
class RiskLine:
    text: str
    sign: str
    response: str
    look: Look


@dataclass(frozen=True, slots=True)
class DecisionPage:
    decision: Decision
    lines: tuple[PilotLine, ...]
    results: tuple[ResultRow, ...]
    more_results: int
    risks: tuple[RiskLine, ...]
    drivers: str
    next_dates: str
    changed: str
    updated: datetime | None
    owner: User | None
    reviewers: str
    stood_on: date | None = None

    @property
    def is_decided(self) -> bool:
        return self.decision.decided_at is not None

    @property
    def loudest(self) -> PilotLine | None:
        return self.lines[0] if self.lines else None


def decisions_for_page(user: User) -> QuerySet[Decision]:
    """Return the decisions a person sees, with all their one-pager needs in a fixed number of queries."""
    pilots = Pilot.objects.select_related("state__evaluation").order_by("ref")
    reviews = Review.objects.upcoming()
    return (
        Decision.objects.visible_to(user)
        .select_related("framework", "owner", "deputy", "supersedes", "superseded_by")
        .prefetch_related(
            "options",
            "risks__owner",
            "next_steps",
            Prefetch("pilots", queryset=pilots),
            "pilots__stages",
            "pilots__drivers",
            "pilots__metrics__owner",
            "pilots__metrics__baselines",
            "pilots__conditions__metric",
            "pilots__conditions__driver",
            Prefetch("pilots__reviews", queryset=reviews),
            Prefetch("pilots__memberships", queryset=Membership.objects.select_related("user")),
        )
    )


def decision_page(decision: Decision, *, now: datetime, stood_on: date | None = None) -> DecisionPage:
    """Lay the one-pager out; `stood_on` is the day it stood so, None for today."""
    today = stood_on or now.date()
    lines = sorted((_line(pilot, now) for pilot in decision.pilots.all()), key=_urgency)
    loudest = next((line for line in lines if line.answer), None)
    results = _results(loudest)
    return DecisionPage(
        decision=decision,
        lines=tuple(lines),
        results=results[:MOST_ROWS],
        more_results=max(0, len(results) - MOST_ROWS),
        risks=tuple(_risks(decision, lines, today)),
        drivers=_drivers(lines),
        next_dates=_next_dates(lines, today),
        changed=_changed(decision, now, today),
        updated=_versions(decision, now).values_list("history_date", flat=True).first(),
        owner=decision.owner,
        reviewers=_reviewers(lines),
        stood_on=stood_on,
    )


def _versions(decision: Decision, now: datetime) -> QuerySet[Any]:
    versions: QuerySet[Any] = decision.history.filter(history_date__lte=now)
    return versions


def _line(pilot: Pilot, now: datetime) -> PilotLine:
    if pilot.status in (Pilot.Status.DRAFT, Pilot.Status.READY):
        return PilotLine(pilot, None, f"{pilot.get_status_display().lower()}, not started")
    progress = stage_progress(pilot, today=local_day(now, pilot.timezone))
    where = ", ".join(part for part in (progress.words.lower(), progress.day) if part)
    running = pilot.status == Pilot.Status.RUNNING
    return PilotLine(
        pilot,
        answer_of(pilot.state.evaluation),
        where if running else f"{pilot.get_status_display().lower()}, {where}",
    )


def _urgency(line: PilotLine) -> tuple[bool, int, str]:
    rank = URGENCY.index(line.verdict) if line.verdict in URGENCY else len(URGENCY)
    return line.pilot.has_ended, rank, line.pilot.ref


def _results(line: PilotLine | None) -> tuple[ResultRow, ...]:
    if line is None or line.answer is None:
        return ()
    return result_rows(line.answer, list(line.pilot.conditions.all()))


def _risks(decision: Decision, lines: Sequence[PilotLine], today: date) -> list[RiskLine]:
    tripped = {
        "data_state": any(m.is_owed for line in lines if line.answer for m in line.answer.metrics),
        "stage_overdue": any(_is_overdue(line.pilot, today) for line in lines),
        "review_overdue": any(r.due_on < today for line in lines for r in line.pilot.reviews.all()),
    }
    return [
        RiskLine(
            risk.text,
            _sign(risk.signal, risk.get_signal_display()),
            risk.planned_response,
            _risk_look(risk.signal, tripped),
        )
        for risk in decision.risks.all()
    ]


def _sign(signal: str, words: str) -> str:
    return words[:1].lower() + words[1:] if signal else "none"


def _risk_look(signal: str, tripped: Mapping[str, bool]) -> Look:
    if not signal:
        return NOT_WATCHED
    return TRIPPED if tripped.get(signal) else QUIET


def _is_overdue(pilot: Pilot, today: date) -> bool:
    stage = pilot.running_stage
    end = stage.spec.planned_end if stage and stage.started_on else None
    return end is not None and end < today


def _drivers(lines: Sequence[PilotLine]) -> str:
    """Name what would make people decide again, and whether it holds."""
    names = list(dict.fromkeys(driver.name for line in lines for driver in line.pilot.drivers.all()))
    if not names:
        return "No driver is named."
    found = [driver for line in lines if line.answer for driver in line.answer.drivers]
    open_ = [driver.name for driver in found if driver.state != DriverState.HOLDS]
    if not found:
        return f"{listed(names)}."
    holds = f"Not known to hold: {listed(list(dict.fromkeys(open_)))}." if open_ else "All hold."
    return f"{listed(names)}. {holds}"


def _next_dates(lines: Sequence[PilotLine], today: date) -> str:
    """Name the dates that come next: a review, the end of the running stage."""
    said = []
    for line in lines:
        if line.pilot.has_ended:
            continue
        said += [f"{day_words(review.due_on, today=today)}: review." for review in line.pilot.reviews.all()][
            :1
        ]
        stage = line.pilot.running_stage
        if stage is not None and stage.status == Stage.Status.RUNNING and stage.planned_end:
            said.append(f"{day_words(stage.planned_end, today=today)}: planned end of “{stage.name}”.")
    return " ".join(dict.fromkeys(said))


def _changed(decision: Decision, now: datetime, today: date) -> str:
    at = decision.changed_since_decided_at
    if at is None:
        return ""
    record = (
        _versions(decision, now)
        .filter(history_date__gte=decision.decided_at)
        .exclude(history_change_reason="")
        .first()
    )
    reason = f": {record.history_change_reason}" if record and record.history_change_reason else ""
    return f"Changed since decided, {day_words(at.date(), today=today)}{reason}"


def _reviewers(lines: Sequence[PilotLine]) -> str:
    members = [m for line in lines for m in line.pilot.memberships.all() if m.role == Role.REVIEWER]
    return listed(list(dict.fromkeys(str(member.user) for member in members)))
