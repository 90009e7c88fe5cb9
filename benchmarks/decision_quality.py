"""How often the interval method decides wrongly, and how soon rightly, where the truth is known.

`python -m benchmarks.decision_quality [--quick] [--only NAME] [--trials N]`: pilots of 90 daily looks in
worlds of known truth, judged by the product's own code and, beside it, by a plain threshold on the
mean of the last 7 days and of the pilot so far. Exits with 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from multiprocessing import get_context
from time import perf_counter

from benchmarks.simulation.outcomes import (
    IMPROVE_BY,
    WORSEN_BY,
    FirstDays,
    Outcome,
    Share,
    missed_goals,
    play,
    summarised,
)
from benchmarks.simulation.scenarios import SCENARIOS, Scenario
from benchmarks.simulation.worlds import BASELINE_DAYS, DAY_SPREAD, PILOT_DAYS, SEGMENTS

TRIALS, QUICK_TRIALS, PART = 400, 20, 20
HEAD = (
    f"{'':38}{'interval method, share of pilots (± error), median day':^66}"
    f"{'mean of 7 days':^15}{'mean so far':^15}\n"
    f"{'scenario':38}{'scale up':^22}{'stop':^22}{'mix driver':^22}{'up':>7}{'stop':>8}{'up':>7}{'stop':>8}"
)


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    scenarios = [s for s in SCENARIOS if options.only.lower() in s.name.lower()]
    trials = QUICK_TRIALS if options.quick else options.trials
    print(
        f"{trials} pilots a scenario, {BASELINE_DAYS} days before, {PILOT_DAYS} daily looks; "
        f"improve by {IMPROVE_BY:.0%}, stop at {WORSEN_BY:.0%} worse; where no other is named, 200 lognormal "
        f"cases a weekday in {len(SEGMENTS)} segments, days vary by {DAY_SPREAD:.0%} (AR .6); "
        f"seed {options.seed}\n{HEAD}"
    )
    began, missed = perf_counter(), 0
    for scenario, outcome in _outcomes(scenarios, trials=trials, seed=options.seed, workers=options.workers):
        print(_row(scenario, outcome), flush=True)
        missed += bool(missed_goals(scenario, outcome))
    print(f"{missed} of {len(scenarios)} scenarios miss a goal; {perf_counter() - began:.0f} s")
    return 1 if missed or not scenarios else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decision_quality")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_TRIALS} pilots a scenario")
    parser.add_argument("--only", default="", metavar="NAME", help="scenarios with this in their name")
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1))
    return parser.parse_args(arguments)


def _outcomes(
    scenarios: Sequence[Scenario], *, trials: int, seed: int, workers: int
) -> Iterator[tuple[Scenario, Outcome]]:
    """Yield each scenario's outcome in order; parts of all of them share the workers."""
    sizes = [min(PART, trials - start) for start in range(0, trials, PART)]
    jobs = [(scenario.name, part, size) for scenario in scenarios for part, size in enumerate(sizes)]
    with get_context("spawn").Pool(workers) as pool:
        played = pool.imap(partial(_played, seed=seed), jobs)
        for scenario in scenarios:
            yield scenario, summarised(next(played) for _ in sizes)


def _played(job: tuple[str, int, int], *, seed: int) -> FirstDays:
    name, part, size = job
    scenario = next(s for s in SCENARIOS if s.name == name)
    return play(scenario, trials=size, seed=seed, part=part)


def _row(scenario: Scenario, outcome: Outcome) -> str:
    calls = "".join(_cell(outcome[call]) for call in ("scale_up", "stop", "driver"))
    plain = "".join(
        f"{outcome[f'{mean}_scale_up'].share:>7.0%}{outcome[f'{mean}_stop'].share:>8.0%}"
        for mean in ("week", "so_far")
    )
    missed = missed_goals(scenario, outcome)
    note = f"MISSED: {'; '.join(missed)}" if missed else scenario.note
    return f"{scenario.name:38}{calls}{plain}  {note}".rstrip()


def _cell(share: Share) -> str:
    day = "" if share.median_day is None else f" day {share.median_day:.0f}"
    return f" {share.share:>6.1%} ±{share.error:.1%}{day:<8}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
