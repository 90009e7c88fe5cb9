"""A small simulation with a fixed seed: where nothing changed, looking every day calls nothing too often."""

from __future__ import annotations

from math import exp, sqrt

import numpy as np

from pilots.evaluation.estimates import Estimate
from pilots.evaluation.grids import Grid, estimate_looks, span_of
from pilots.evaluation.intervals import judge_look
from pilots.evaluation.rules import Rule, rule_of
from pilots.evaluation.sights import Glance
from pilots.evaluation.vocabulary import Arm, Truth
from tests.evaluation.builders import BEFORE, a_baseline, day
from tests.evaluation.interval_stories import hours, piloted, stop, threshold

PILOTS, LOOKS, DAYS = 100, 90, 28 + 90
MOST = 11  # of 100 at 5%: more come up in 1 of 100 simulations
SEGMENTS = {"high": 40.0, "low": 10.0}


def a_world(random: np.random.Generator, *, effect: float = 0.0) -> Grid:
    """Lay out lognormal cases of 40 a day and segment, with days that depend on each other."""
    moments = np.zeros((3, len(SEGMENTS), DAYS, 1))
    drift = 0.0
    for number in range(DAYS):
        drift = 0.6 * drift + 0.8 * random.normal() * 0.05
        change = effect if number >= 28 else 0.0
        for place, level in enumerate(SEGMENTS.values()):
            values = level * exp(drift + change) * np.exp(random.normal(size=40) - 0.5)
            moments[:, place, number, 0] = (40, values.sum(), (values**2).sum())
    return Grid(BEFORE, tuple(SEGMENTS), {Arm.PILOT: moments})


def ever_true(rule: Rule, estimates: list[Estimate]) -> bool:
    first_variances: dict[str, float] = {}
    glances = (Glance(day(number), day(number), is_reading=True) for number in range(1, LOOKS + 1))
    truths = [
        judge_look(rule, glance, [found], first_variances).truth
        for glance, found in zip(glances, estimates, strict=True)
    ]
    return Truth.TRUE in truths


def calls(effect: float, *, improve_by: float, pilots: int = PILOTS) -> tuple[int, int]:
    """Return how many pilots ever met their threshold, and how many ever stopped."""
    random, metric = np.random.default_rng(20260105), hours(baseline=a_baseline(moments={}))
    rules = (threshold(limit=improve_by), stop(limit=0.0))
    pilot, found = piloted(*rules), [0, 0]
    assert metric.baseline
    span = span_of(metric, metric.baseline, first_day=day(1))
    looks = [day(number) for number in range(1, LOOKS + 1)]
    for _ in range(pilots):
        estimates = estimate_looks(a_world(random, effect=effect), span, looks, tuple(SEGMENTS))
        for place, rule in enumerate(rules):
            found[place] += ever_true(rule_of(rule, "overall", metric, pilot), estimates)
    return found[0], found[1]


def test_where_nothing_changed_neither_side_is_called_more_often_than_it_may() -> None:
    """Any proven change would do, either way: the hardest limits there are."""
    met, stopped = calls(0.0, improve_by=0.0)
    assert met <= MOST
    assert stopped <= MOST


def test_a_true_improvement_is_found() -> None:
    met, stopped = calls(-0.3, improve_by=0.05, pilots=30)
    assert met >= 27
    assert stopped <= 3 + sqrt(30 * 0.05 * 0.95)
