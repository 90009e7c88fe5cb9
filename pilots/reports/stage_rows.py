"""The stages of a pilot, each with its state, its days and whom it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pilots.evaluation.wording import counted
from pilots.models import Pilot, Stage
from pilots.reports.looks import Look
from pilots.reports.metric_charts import exposure_words
from pilots.reports.stages import OVER, day_of
from pilots.reports.words import day_words, span_words


@dataclass(frozen=True, slots=True)
class StageRow:
    number: int
    name: str
    css: str
    look: Look
    text: str


def stage_rows(pilot: Pilot, *, today: date) -> tuple[StageRow, ...]:
    stages = sorted(pilot.stages.all(), key=lambda stage: stage.order)
    return tuple(
        StageRow(i, stage.name, _css(stage), _look(stage, pilot, today), _text(stage))
        for i, stage in enumerate(stages, start=1)
    )


def _css(stage: Stage) -> str:
    if stage.status in OVER:
        return "done"
    return "" if stage.status == Stage.Status.NOT_STARTED else "now"


def _look(stage: Stage, pilot: Pilot, today: date) -> Look:
    on = f" {day_words(stage.ended_on, today=today)}" if stage.ended_on else ""
    day = day_of(stage, pilot, today)
    match stage.status:
        case Stage.Status.PASSED:
            return Look("is-track", "track", f"Passed{on}")
        case Stage.Status.FAILED:
            return Look("is-stop", "cross", f"Failed{on}")
        case Stage.Status.SKIPPED:
            return Look("is-unclear", "mute", "Skipped")
        case Stage.Status.AWAITING_DECISION:
            return Look(
                "is-revisit", "clock", f"Waits for a decision, {day}" if day else "Waits for a decision"
            )
        case Stage.Status.RUNNING:
            return Look("now-t", "half", f"Running, {day}" if day else "Running")
    return Look("", "ring", "Not started")


def _text(stage: Stage) -> str:
    """Say whom a stage reaches, when, and what it needs at least."""
    first = stage.started_on or stage.planned_start
    last = stage.ended_on or stage.planned_end
    dates = span_words(first, last) if first and last else f"from {first.day} {first:%b}" if first else ""
    planned = "" if stage.started_on or not dates else "planned "
    needs = [
        counted(stage.min_days, "day") if stage.min_days else "",
        counted(stage.min_sample, "case") if stage.min_sample else "",
    ]
    least = " and ".join(part for part in needs if part)
    said = [
        exposure_words(stage),
        f"{planned}{dates}",
        f"at least {least}" if least else "",
        stage.skipped_because,
    ]
    text = ". ".join(part[:1].upper() + part[1:] for part in said if part)
    return f"{text}." if text else ""
