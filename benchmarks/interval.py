"""How long the interval method takes: one metric, a thousand at once, a pilot's replay, a folder of pilots.

`python benchmarks/interval.py [--pilots 1000]`. Times are of the processor, the folder's of the clock.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from pilots.evaluation.backtest import replay
from pilots.evaluation.batches import estimate_all
from pilots.evaluation.days import end_of_day
from pilots.evaluation.estimates import estimate
from pilots.evaluation.moments import Moments
from pilots.evaluation.specs import BaselineSpec, ConditionSpec, MetricSpec, PilotSpec, Reading
from pilots.evaluation.stacks import Batch, Floats, Stack
from pilots.evaluation.vocabulary import Comparison, ConditionKind, Method
from pilots.evaluation.windows import Day, Sample, Window

START = date(2026, 1, 5)
BEFORE, SINCE = 56, 90
SEGMENTS = {"high": (20, 40.0), "low": (120, 10.0), "medium": (60, 20.0)}  # cases a day and hours a case
MANY = 1_000

PILOT_FILE = """\
version: 1
pilot: {{ref: p{number}, start: 2026-01-05, end: 2026-04-04, dimensions: {{severity: [low, medium, high]}}}}
metrics: [{{ref: hours, unit: h, baseline: {{from: 2025-11-10, to: 2026-01-04}}}}]
drivers: [{{ref: mix, dimension: severity}}]
thresholds: [{{ref: T1, metric: hours, improve_by: 5 %}}]
stop_conditions: [{{ref: S1, metric: hours, worsen_by: 5 %}}]
escalation_triggers: [{{ref: E1, metric: hours, worsen_by: 3 %, severity: SEV3}}]
"""


def cases(random: np.random.Generator, number: int = 1) -> Floats:
    """Return moment × segment × day × pilot of lognormal cases."""
    n = np.stack([random.poisson(a_day, (BEFORE + SINCE, number)) for a_day, _ in SEGMENTS.values()]) + 1.0
    mean = np.array([hours for _, hours in SEGMENTS.values()])[:, None, None]
    total = n * mean * np.exp(random.normal(size=n.shape) / np.sqrt(n))
    return np.stack([n, total, total**2 / n * np.e])


def sample_of(moments: Floats) -> Sample:
    days: list[Day] = [
        {name: Moments(int(n), s, q) for name, (n, s, q) in zip(SEGMENTS, day, strict=True)}
        for day in moments.transpose(2, 1, 0).tolist()
    ]
    first = START - timedelta(days=BEFORE)
    return Sample(Window(first, tuple(days[:BEFORE])), Window(START, tuple(days[BEFORE:])))


def batch_of(moments: Floats) -> Batch:
    weekend = (np.arange(BEFORE + SINCE) % 7 >= 5)[:, None]  # the baseline starts on a Monday too
    return Batch(
        pilot=Stack(
            np.ascontiguousarray(moments[:, :, :BEFORE]), np.ascontiguousarray(moments[:, :, BEFORE:])
        ),
        before_weekend=weekend[:BEFORE],
        after_weekend=weekend[BEFORE:],
        before_days=np.array([BEFORE]),
        look_days=np.full(moments.shape[-1], SINCE),
    )


def readings_of(moments: Floats) -> list[Reading]:
    first = START - timedelta(days=BEFORE)
    return [
        Reading("hours", day, name, Moments(int(n), s, q), end_of_day(day, "UTC"))
        for number, row in enumerate(moments.transpose(2, 1, 0).tolist())
        for day in [first + timedelta(days=number)]
        for name, (n, s, q) in zip(SEGMENTS, row, strict=True)
    ]


def six_conditions() -> tuple[ConditionSpec, ...]:
    asked = [
        ("T1", ConditionKind.THRESHOLD, Comparison.IMPROVE_BY, 0.05),
        ("T2", ConditionKind.THRESHOLD, Comparison.IMPROVE_BY, 0.02),
        ("S1", ConditionKind.STOP_CONDITION, Comparison.WORSEN_BY, 0.05),
        ("S2", ConditionKind.STOP_CONDITION, Comparison.WORSEN_BY, 0.15),
        ("E1", ConditionKind.ESCALATION_TRIGGER, Comparison.WORSEN_BY, 0.03),
        ("E2", ConditionKind.ESCALATION_TRIGGER, Comparison.WORSEN_BY, 0.1),
    ]
    return tuple(ConditionSpec(*rule, metric="hours", method=Method.INTERVAL) for rule in asked)


def a_pilot() -> PilotSpec:
    last = START - timedelta(days=1)
    baseline = BaselineSpec(1, START - timedelta(days=BEFORE), last, end_of_day(last, "UTC"))
    return PilotSpec(
        ref="P-1",
        title="Support tiers",
        timezone="UTC",
        start=START,
        end=START + timedelta(days=SINCE - 1),
        metrics=(MetricSpec("hours", "Resolution time", "h", baseline=baseline),),
        conditions=six_conditions(),
        dimensions={"severity": ("low", "medium", "high")},
    )


def best_of(work: Callable[[], object], times: int) -> float:
    """Return the shortest time of the processor in milliseconds."""
    spent = []
    for _ in range(times):
        begin = process_time()
        work()
        spent.append((process_time() - begin) * 1000)
    return min(spent)


def write_folder(folder: Path, random: np.random.Generator, pilots: int) -> None:
    for number in range(pilots):
        place = folder / f"p{number:04}"
        place.mkdir()
        (place / "pilot.yaml").write_text(PILOT_FILE.format(number=number))
        rows = (
            f"{r.day},,,{r.segment},{r.metric},{r.moments.n},{r.moments.total!r},{r.moments.total_sq!r}\n"
            for r in readings_of(cases(random)[..., 0])
        )
        header = "observed_on,as_of,arm,segment,metric,n,sum,sum_sq\n"
        (place / "readings.csv").write_text(header + "".join(rows))


def time_folder(random: np.random.Generator, pilots: int) -> float:
    """Return the seconds that `backtest --folder` takes, from files to one line each."""
    manage = Path(__file__).parents[1] / "manage.py"
    with tempfile.TemporaryDirectory() as name:
        write_folder(Path(name), random, pilots)
        begin = perf_counter()
        command = [sys.executable, str(manage), "backtest", "--folder", name, "--json"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pilots", type=int, default=1_000, help="in the folder")
    pilots = parser.parse_args().pilots
    random = np.random.default_rng(20260105)
    one, many = cases(random)[..., 0], cases(random, MANY)
    sample, batch, readings = sample_of(one), batch_of(many), readings_of(one)
    days = a_pilot().start, a_pilot().end or START
    plain = best_of(lambda: estimate(sample), 20)
    at_once = best_of(lambda: estimate_all(batch), 5) / MANY
    pilot = best_of(lambda: list(replay(a_pilot(), readings, first=days[0], last=days[1])), 3)
    print(f"one metric of one pilot, 56 + 90 days, 6 cells, plainly: {plain:.2f} ms (goal 5)")
    print(f"the same with {MANY:,} at once: {at_once:.3f} ms, {plain / at_once:.0f} times as fast (goal 20)")
    print(f"a replay of 90 days with 6 conditions: {pilot / 1000:.3f} s (goal 0.2)")
    folder = time_folder(random, pilots)
    print(f"backtest --folder, {pilots:,} pilots × 90 days: {folder:.0f} s (goal 120 for 1,000)")


if __name__ == "__main__":
    main()
