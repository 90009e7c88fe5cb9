"""Simulated support data: heavy tails, quiet weekends, no two days alike. A day is always the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from math import exp, log1p, sqrt
from random import Random

from pilots.evaluation.days import end_of_day
from pilots.evaluation.moments import Moments
from pilots.evaluation.specs import Reading
from pilots.management.demo_files import DIMENSIONS, METRICS
from pilots.management.demo_story import Course

TIER_SHARE = {"enterprise": 0.22, "business": 0.36, "basic": 0.42}
SEVERITY_SHARE = {"low": 0.40, "medium": 0.42, "high": 0.18}
TYPICAL_HOURS = {"low": 21.0, "medium": 15.0, "high": 8.0}
TIER_PACE = {"enterprise": 0.75, "business": 1.0, "basic": 1.2}
COST = {"enterprise": 58.0, "business": 41.0, "basic": 27.0}
SCORE = {"enterprise": 74.0, "business": 69.0, "basic": 64.0}
CASES_A_DAY, ANSWERS_A_WEEK = 260.0, 400.0
WEEKEND_VOLUME, WEEKEND_PACE = 0.5, 1.05
HOURS_SIGMA, COST_SHAPE, SCORE_SIGMA = 0.7, 4.0, 11.0
DAY_SIGMA = {"resolution_hours": 0.02, "cost_per_account": 0.015, "health_score": 0.004}
SEED = 14
SURVEY_DAY = 6  # Sunday
SATURDAY = 5


def readings_of(course: Course, *, day: date, start: date) -> Iterator[Reading]:
    """Yield what was measured on one day, all metrics and segments, as known at the day's end (UTC)."""
    number = (day - start).days
    for metric in (m["ref"] for m in METRICS):
        if metric == "health_score" and day.weekday() != SURVEY_DAY:
            continue
        luck = Random(f"{SEED} {course.ref} {metric} {number}")  # noqa: S311  (simulated numbers)
        move = effect(course, metric, number) * exp(luck.gauss(0, DAY_SIGMA[metric]))
        for tier in DIMENSIONS["tier"]:
            for severity in DIMENSIONS["severity"]:
                moments = measured(metric, tier, severity, day=day, move=move, luck=luck)
                if moments.n:
                    segment = f"tier={tier}|severity={severity}"
                    yield Reading(metric, day, segment, moments, end_of_day(day, "UTC"))


def effect(course: Course, metric: str, number: int) -> float:
    if number < 0:
        return 1.0
    turned = course.turn is not None and number >= course.turn
    return (course.after_turn or {} if turned else course.effects).get(metric, 1.0)


def measured(metric: str, tier: str, severity: str, *, day: date, move: float, luck: Random) -> Moments:
    share = TIER_SHARE[tier] * SEVERITY_SHARE[severity]
    weekend = day.weekday() >= SATURDAY
    volume = ANSWERS_A_WEEK if metric == "health_score" else CASES_A_DAY * (WEEKEND_VOLUME if weekend else 1)
    n = max(0, round(luck.gauss(volume * share, sqrt(volume * share))))
    match metric:
        case "resolution_hours":
            pace = TYPICAL_HOURS[severity] * TIER_PACE[tier] * (WEEKEND_PACE if weekend else 1)
            return summed([log1p(pace * move * luck.lognormvariate(0, HOURS_SIGMA)) for _ in range(n)])
        case "cost_per_account":
            cost = COST[tier] * move
            return summed([luck.gammavariate(COST_SHAPE, cost / COST_SHAPE) for _ in range(n)])
        case _:
            scores = (luck.gauss(SCORE[tier] * move, SCORE_SIGMA) for _ in range(n))
            return summed([min(100.0, max(0.0, score)) for score in scores])


def summed(values: list[float]) -> Moments:
    rounded = [round(value, 4) for value in values]
    return Moments(len(rounded), round(sum(rounded), 4), round(sum(v * v for v in rounded), 6))
