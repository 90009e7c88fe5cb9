"""Where a pilot is in its stages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pilots.models import Pilot, Stage
from pilots.reports.bars import StagePart, stage_bar

OVER = (Stage.Status.PASSED, Stage.Status.FAILED, Stage.Status.SKIPPED)


@dataclass(frozen=True, slots=True)
class StageProgress:
    """The running stage in words and as a bar."""

    words: str
    day: str
    bar: tuple[StagePart, ...]


def stage_progress(pilot: Pilot, *, today: date) -> StageProgress:
    """Say where a pilot with its stages fetched is: "Stage 2 of 3", "day 23 of 56"."""
    stages = sorted(pilot.stages.all(), key=lambda s: s.order)
    bar = stage_bar((_share(s, pilot, today), s.status == Stage.Status.RUNNING) for s in stages)
    running = pilot.running_stage
    if running is None:
        return StageProgress(f"{len(stages)} stages" if len(stages) != 1 else "1 stage", "", bar)
    number = stages.index(running) + 1
    return StageProgress(f"Stage {number} of {len(stages)}", day_of(running, pilot, today), bar)


def day_of(stage: Stage, pilot: Pilot, today: date) -> str:
    """Say which day of a stage it is: "day 23 of 56", or "day 23 of at least 14"."""
    day = stage.day_on(today)
    if day is None:
        return ""
    if day < 1:
        return "starts soon"
    planned = planned_days(stage, pilot)
    if planned is not None:
        return f"day {day} of {planned}"
    return f"day {day} of at least {stage.min_days}" if stage.min_days else f"day {day}"


def planned_days(stage: Stage, pilot: Pilot) -> int | None:
    """Return how many days a stage is planned to run; of the last stage it is to the pilot's end."""
    if stage.started_on is None:
        return None
    is_last = all(other.order <= stage.order for other in pilot.stages.all())
    end = stage.planned_end or (pilot.end if is_last else None)
    return (end - stage.started_on).days + 1 if end and end >= stage.started_on else None


def _share(stage: Stage, pilot: Pilot, today: date) -> float:
    if stage.status in OVER:
        return 1.0
    day = stage.day_on(today)
    if stage.status == Stage.Status.NOT_STARTED or day is None:
        return 0.0
    return day / (planned_days(stage, pilot) or stage.min_days or day or 1)
