"""A pilot replayed day by day with what was known each day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from pilots.evaluation.days import days_between, end_of_day, local_day, start_of_day
from pilots.evaluation.documents import Document, condition_json
from pilots.evaluation.foreseeing import arrivals_by_day, foresee
from pilots.evaluation.judging import judge, memory_of
from pilots.evaluation.looks import Foresight
from pilots.evaluation.results import PilotResult
from pilots.evaluation.series import Series
from pilots.evaluation.specs import AccountSum, ConditionMemory, MetricSpec, PilotSpec, Reading
from pilots.evaluation.vocabulary import Verdict


def replay(
    pilot: PilotSpec,
    revisions: Iterable[Reading],
    *,
    first: date,
    last: date,
    accounts: Iterable[AccountSum] = (),
) -> Iterator[PilotResult]:
    """Yield the look at the end of each day from `first` to `last`, both included.

    The memory starts empty and is carried on; a look sees only revisions with an `as_of` up to
    the end of its day. A baseline that was declared and not frozen counts as final on the start day.
    What people answered is not replayed: a driver that moved stays moved, and
    nobody goes on past a stop condition.
    """
    pilot = _unanswered(_with_final_baselines(pilot))
    days = days_between(first, last)
    arrivals = arrivals_by_day(pilot, revisions, accounts, days)
    foreseen, foresight, series = foresee(pilot, arrivals, days), Foresight(), Series()
    memory: dict[tuple[str, str], ConditionMemory] = {}
    for day, arrived, foresight.sights in zip(days, arrivals, foreseen, strict=True):
        arrived.teach(series)
        now = end_of_day(day, pilot.timezone)
        result = judge(pilot, series, memory=memory, now=now, foresight=foresight)
        memory = memory_of(pilot, result)
        yield result


def replayed_days(pilot: PilotSpec, revisions: Iterable[Reading]) -> tuple[date, date]:
    """Return the first and last day of a replay: to the planned end, or without one to the last `as_of`."""
    if pilot.end is not None:
        return pilot.start, pilot.end
    known = max((revision.as_of for revision in revisions), default=None)
    return pilot.start, local_day(known, pilot.timezone) if known else pilot.start


def backtest_json(
    pilot: PilotSpec,
    results: Iterable[PilotResult],
    *,
    first_only: bool = False,
    since: date | None = None,
    until: date | None = None,
) -> Document:
    """Return one pilot's line of `backtest --json`; `since` and `until` only cut the days it prints."""
    looks = [(local_day(result.as_of, pilot.timezone), result) for result in results]
    document: Document = {
        "pilot": pilot.ref,
        "first": {
            "scale_up": _first_day(looks, Verdict.SCALE_UP),
            "stop": _first_day(looks, Verdict.STOP),
        },
    }
    if not first_only:
        shown = ((d, r) for d, r in looks if (since or d) <= d <= (until or d))
        document["days"] = [_day_json(day, result) for day, result in shown]
    return document


def _day_json(day: date, result: PilotResult) -> Document:
    return {
        "as_of": day.isoformat(),
        "verdict": result.verdict.value,
        "reason": result.reason,
        "conditions": [condition_json(condition) for condition in result.conditions],
    }


def _first_day(looks: Sequence[tuple[date, PilotResult]], verdict: Verdict) -> str | None:
    return next((day.isoformat() for day, result in looks if result.verdict is verdict), None)


def _unanswered(pilot: PilotSpec) -> PilotSpec:
    return replace(
        pilot,
        drivers=tuple(replace(driver, answered_on=None) for driver in pilot.drivers),
        conditions=tuple(replace(condition, continuances=()) for condition in pilot.conditions),
    )


def _with_final_baselines(pilot: PilotSpec) -> PilotSpec:
    return replace(pilot, metrics=tuple(_with_final_baseline(pilot, metric) for metric in pilot.metrics))


def _with_final_baseline(pilot: PilotSpec, metric: MetricSpec) -> MetricSpec:
    if metric.baseline is None or metric.baseline.finalised_at is not None:
        return metric
    final = replace(metric.baseline, finalised_at=start_of_day(pilot.start, pilot.timezone))
    return replace(metric, baseline=final)
