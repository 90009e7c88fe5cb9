"""What looks at many pilots see of their metrics, worked out for all of them at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from pilots.evaluation.baselines import is_final
from pilots.evaluation.batches import estimate_all
from pilots.evaluation.days import days_between
from pilots.evaluation.estimates import PLAIN, Scale
from pilots.evaluation.foreseeing import Sights, interval_scopes
from pilots.evaluation.grids import SCALES, estimates_of
from pilots.evaluation.judging import Memory
from pilots.evaluation.scopes import members
from pilots.evaluation.sheets import Frozen, Sheet
from pilots.evaluation.shelves import Shelf
from pilots.evaluation.specs import BaselineSpec, MetricSpec, PilotSpec
from pilots.evaluation.stacks import Batch, Flags, Floats, Ints, Stack
from pilots.evaluation.windows import SATURDAY

AT_ONCE = 64  # looks in one batch: small enough for the processor's cache
MOST_LOOKS = 7  # of one pilot; more of them are rather looked at together


@dataclass(frozen=True, slots=True)
class Face:
    """A pilot of the crowd: what is known of it, and the day it is looked at."""

    pilot: PilotSpec
    series: Shelf
    memory: Memory
    day: date


@dataclass(frozen=True, slots=True)
class Subject:
    """One scope of a metric on the days it is looked at, and its segments."""

    number: int  # of the face
    metric: MetricSpec
    scope: str
    segments: tuple[str, ...]
    frozen: Sheet
    known: Sheet
    first_before: date
    before_days: int
    first_day: date
    look: date

    @property
    def look_days(self) -> int:
        return (self.look - self.first_day).days + 1

    @property
    def kind(self) -> tuple[int, Scale, int]:
        """Return what the subjects of one batch have in common."""
        return len(self.segments), SCALES.get(self.metric.kind, PLAIN), self.metric.maturity_days


def foresee_crowd(faces: Sequence[Face]) -> list[Sights]:
    """Return, for each pilot, what its next look sees of each metric and scope judged by intervals.

    What is left out (comparison groups, mixes, baselines that aren't frozen, many looks at once) is
    seen when it is looked at.
    """
    sights: list[Sights] = [{} for _ in faces]
    kinds: defaultdict[tuple[int, Scale, int], list[Subject]] = defaultdict(list)
    for number, face in enumerate(faces):
        for subject in _subjects(number, face):
            kinds[subject.kind].append(subject)
    for subjects in kinds.values():
        subjects.sort(key=lambda subject: subject.look_days)  # windows of like lengths need little padding
        for first in range(0, len(subjects), AT_ONCE):
            _see(subjects[first : first + AT_ONCE], sights)
    return sights


def _subjects(number: int, face: Face) -> Iterator[Subject]:
    for metric in face.pilot.metrics:
        known, baseline = face.series.sheets.get(metric.ref), metric.baseline
        first_day = face.pilot.running_stage.first_day
        frozen = _frozen(baseline, known, first_day)
        if baseline is None or known is None or frozen is None or face.series.has_accounts(metric.ref):
            continue
        looks = _looks(face, metric, first_day)
        for scope in interval_scopes(face.pilot, metric) if looks else ():
            named = sorted({*known.names, *frozen.names})
            segments = tuple(sorted(members(scope, named, face.pilot.dimensions)))
            for look in looks if segments else ():
                yield Subject(
                    number=number,
                    metric=metric,
                    scope=scope,
                    segments=segments,
                    frozen=frozen,
                    known=known,
                    first_before=baseline.first_day,
                    before_days=baseline.days,
                    first_day=first_day,
                    look=look,
                )


def _frozen(baseline: BaselineSpec | None, known: Sheet | None, first_day: date) -> Sheet | None:
    """Return a baseline's sheet, if a metric's windows can be cut out of its sheets as they are."""
    if baseline is None or known is None or not isinstance(baseline.daily, Frozen):
        return None
    frozen = baseline.daily.sheet
    controlled = known.control.any() or frozen.control.any()
    is_apart = is_final(baseline) and baseline.last_day < first_day
    return frozen if len(frozen) and is_apart and not controlled else None


def _looks(face: Face, metric: MetricSpec, first_day: date) -> list[date]:
    """Return the days to look on: those after the last one judged, at least the newest."""
    judged = [
        memory.judged_to
        for condition in face.pilot.conditions
        if condition.metric == metric.ref
        for memory in [face.memory.get((condition.ref, condition.scope))]
        if memory and memory.judged_to
    ]
    settling = timedelta(days=metric.maturity_days)
    newest = max(judged, default=first_day - timedelta(days=1))
    first = max(first_day, min(newest + timedelta(days=1) + settling, face.day))
    return days_between(first, face.day) if (face.day - first).days < MOST_LOOKS else []


def _see(subjects: Sequence[Subject], sights: Sequence[Sights]) -> None:
    """Estimate subjects of one kind, and note what their looks see."""
    _, scale, maturity_days = subjects[0].kind
    befores = [s.first_before.toordinal() for s in subjects]
    firsts = [s.first_day.toordinal() for s in subjects]
    before_days, look_days = (
        np.array([getattr(s, n) for s in subjects]) for n in ("before_days", "look_days")
    )
    before, after = int(before_days.max()), int(look_days.max())
    columns = estimate_all(
        Batch(
            pilot=Stack(
                _stack([s.frozen for s in subjects], subjects, befores, before_days, before),
                _stack([s.known for s in subjects], subjects, firsts, look_days, after),
            ),
            before_weekend=_weekends(befores, before),
            after_weekend=_weekends(firsts, after),
            before_days=before_days,
            look_days=look_days,
            maturity_days=maturity_days,
            scale=scale,
        )
    )
    estimates = estimates_of(columns, [(s.first_day, s.segments) for s in subjects])
    for subject, estimate in zip(subjects, estimates, strict=True):
        sights[subject.number].setdefault((subject.metric.ref, subject.scope), {})[subject.look] = estimate


def _stack(
    sheets: Iterable[Sheet], subjects: Sequence[Subject], firsts: Sequence[int], lengths: Ints, longest: int
) -> Floats:
    """Lay sheets out as moment × segment × day × look, each from its first day on."""
    stack = np.zeros((3, len(subjects[0].segments), longest, len(subjects)))
    for look, (sheet, subject, first) in enumerate(zip(sheets, subjects, firsts, strict=True)):
        stack[..., look] = sheet.cases(subject.segments, first=first, days=longest)
    return np.multiply(stack, np.arange(longest)[:, None] < lengths)


def _weekends(firsts: Sequence[int], days: int) -> Flags:
    # Ordinal 1 is a Monday.
    numbers = np.array(firsts) + np.arange(days)[:, None]
    weekend: Flags = (numbers - 1) % 7 >= SATURDAY
    return weekend
