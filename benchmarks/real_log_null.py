"""How often something is found in a real ticket log where nothing was piloted.

`python -m benchmarks.real_log_null [--log tickets.csv] [--salts N]`: a salted hash of the caller
makes one half the pilot and the other its control; baseline 4 April to 1 May 2016, pilot 2 to 29
May, limits 10 % either way. Each salt is replayed day by day with the tickets solved by then, once
knowing which account each ticket came from, and once not. Exits with 1 where accounts known more
than 5 of 100 are called.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, partial
from hashlib import sha256
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

from pilots.evaluation.backtest import replay
from pilots.evaluation.days import end_of_day
from pilots.evaluation.moments import Moments
from pilots.evaluation.specs import (
    AccountSum,
    BaselineSpec,
    ConditionSpec,
    MetricSpec,
    PilotSpec,
    Reading,
)
from pilots.evaluation.vocabulary import Arm, Comparison, ConditionKind, Method, Verdict

LOG = Path(__file__).resolve().parents[2] / "shared/data/uci-incidents/tickets.csv"
BEFORE, LAST_BEFORE = date(2016, 4, 4), date(2016, 5, 1)
START, END = date(2016, 5, 2), date(2016, 5, 29)
LIMIT = 0.10
MOST_CALLED = 0.05
PRIORITIES = ("1 - Critical", "2 - High", "3 - Moderate", "4 - Low")
CALLS = (Verdict.SCALE_UP, Verdict.STOP)


@dataclass(frozen=True, slots=True)
class Ticket:
    opened: date
    solved: date
    hours: float
    caller: str
    priority: str


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    if not options.log.exists():
        print(f"Not run: the real ticket log is not at {options.log.name}; give it with --log.")
        return 0
    called = {by_account: _called(options, by_account=by_account) for by_account in (True, False)}
    return 1 if called[True] > MOST_CALLED * options.salts else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.real_log_null")
    parser.add_argument("--log", type=Path, default=LOG)
    parser.add_argument("--salts", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    return parser.parse_args(arguments)


def _called(options: argparse.Namespace, *, by_account: bool) -> int:
    """Print and return in how many splits somebody was told to scale up or to stop."""
    began = perf_counter()
    with get_context("spawn").Pool(options.workers) as pool:
        play = partial(first_calls, options.log, by_account=by_account)
        calls = pool.map(play, range(options.salts), chunksize=1)
    counts = Counter(verdict for found in calls for verdict in found)
    called = sum(bool(found) for found in calls)
    print(
        f"accounts {'known' if by_account else 'not known'}: {called} of {options.salts} called "
        f"({counts[Verdict.SCALE_UP]} scale up, {counts[Verdict.STOP]} stop); {perf_counter() - began:.0f} s"
    )
    return called


def first_calls(log: Path, salt: int, *, by_account: bool) -> dict[Verdict, date]:
    """Replay one split of the callers and return the first day of each call."""
    tickets = tickets_of(log)
    accounts = list(account_sums(tickets, salt)) if by_account else []
    looks = replay(PILOT, readings(tickets, salt), accounts=accounts, first=START, last=END)
    first: dict[Verdict, date] = {}
    for result in looks:
        if result.verdict in CALLS:
            first.setdefault(result.verdict, result.as_of.date())
    return first


@cache
def tickets_of(log: Path) -> tuple[Ticket, ...]:
    """Read the tickets of both windows that were ever solved, in the order in which they were."""
    with log.open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["resolved_at"]]
    tickets = (
        Ticket(_day(r["opened_at"]), _day(r["resolved_at"]), float(r["hours"]), r["caller_id"], r["priority"])
        for r in rows
    )
    return tuple(sorted((t for t in tickets if BEFORE <= t.opened <= END), key=lambda t: t.solved))


def _day(text: str) -> date:
    return datetime.fromisoformat(text).date()


def arm_of(caller: str, salt: int) -> Arm:
    return Arm.PILOT if sha256(f"{salt}:{caller}".encode()).digest()[0] % 2 else Arm.CONTROL


def readings(tickets: Sequence[Ticket], salt: int) -> Iterator[Reading]:
    """Yield what is known of each day, priority and arm whenever a ticket was solved."""
    held: defaultdict[tuple[date, str, Arm], Moments] = defaultdict(Moments)
    for solved, group in groupby(tickets, key=lambda t: t.solved):
        changed = set()
        for t in group:
            key = (t.opened, t.priority, arm_of(t.caller, salt))
            held[key] += Moments(1, t.hours, t.hours**2)
            changed.add(key)
        for opened, priority, arm in sorted(changed):
            moments = held[opened, priority, arm]
            yield Reading("hours", opened, priority, moments, end_of_day(solved, "UTC"), arm)


def account_sums(tickets: Sequence[Ticket], salt: int) -> Iterator[AccountSum]:
    for t in tickets:
        arm = arm_of(t.caller, salt)
        known = end_of_day(t.solved, "UTC")
        yield AccountSum("hours", t.opened, t.priority, arm, t.caller, known, 1, t.hours)


def _rule(ref: str, kind: ConditionKind, comparison: Comparison) -> ConditionSpec:
    return ConditionSpec(
        ref=ref, kind=kind, comparison=comparison, limit=LIMIT, metric="hours", method=Method.INTERVAL
    )


PILOT = PilotSpec(
    ref="null",
    title="Nothing was piloted",
    timezone="UTC",
    start=START,
    end=END,
    metrics=(
        MetricSpec(
            ref="hours",
            name="Resolution time",
            unit="h",
            baseline=BaselineSpec(1, BEFORE, LAST_BEFORE, datetime(2016, 5, 2, tzinfo=UTC)),
        ),
    ),
    conditions=(
        _rule("T1", ConditionKind.THRESHOLD, Comparison.IMPROVE_BY),
        _rule("S1", ConditionKind.STOP_CONDITION, Comparison.WORSEN_BY),
    ),
    dimensions={"priority": PRIORITIES},
)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
