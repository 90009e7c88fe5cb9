"""How long the engine's tick takes: all pilots with a new day, one in a hundred, and nothing new.

    python -m benchmarks.tick [--pilots 1000] [--method interval|point] [--database URL] [--rounds 3]

Makes its own pilots (three metrics in five segments, four weeks of daily readings, seven rules each) in
a database of its own: SQLite in a temporary folder, or one beside the PostgreSQL database of the URL,
dropped afterwards. Prints medians of the clock, the processor's time beside them, and ratios to what the
same database does with one hand-written statement of plain thresholds and with a query for each metric.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING

import django
import numpy as np
from psycopg import connect, sql

if TYPE_CHECKING:
    from datetime import datetime

NAME = "tracker_tick"
# Measured on two cores with Debian's package: all rules vectorised, 1,000 and 10,000 pilots.
PROMETHEUS_TO_STATEMENT = {1_000: 1_132 / 155, 10_000: 12_166 / 1_857}
NAIVE_PILOTS = 200  # asked metric by metric; more of them take just as long each


@dataclass(frozen=True, slots=True)
class Time:
    """Seconds: of the clock, of this process."""

    wall: float
    cpu: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pilots", type=int, default=1_000)
    parser.add_argument("--method", choices=("interval", "point"), default="interval")
    parser.add_argument("--database", default="", help="a PostgreSQL URL; empty: SQLite")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with a_database(options.database):
        measure(options.pilots, options.method, options.rounds)


@contextmanager
def a_database(url: str) -> Iterator[None]:
    """Set the product up on a database of its own."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "tracker.settings", "LOG_LEVEL": "WARNING"}
    os.environ |= {"SECRET_KEY": "only-for-benchmarks-" + "0" * 40, "DATABASE_URL": ""}
    with tempfile.TemporaryDirectory() as home:
        os.environ["TRACKER_HOME"] = home
        if not url:
            _migrate()
            yield
            return
        with connect(url, autocommit=True) as server:
            name = sql.Identifier(NAME)
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            server.execute(sql.SQL("CREATE DATABASE {}").format(name))
            os.environ["DATABASE_URL"] = f"{url.rpartition('/')[0]}/{NAME}"
            try:
                _migrate()
                yield
            finally:
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _migrate() -> None:
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def measure(pilots: int, method: str, rounds: int) -> None:
    from django.db import connection

    from benchmarks.ticking import world
    from benchmarks.ticking.rivals import ask_metric_by_metric, ask_one_statement

    random = np.random.default_rng(20260302)
    world.build(pilots, method=method, random=random)
    first = timed(lambda: tick(world.end_of(world.SINCE - 1)))
    analyse(connection.vendor)
    full, some, none = [], [], []
    for day in range(world.SINCE, world.SINCE + rounds):
        world.add_day(day, random=random)
        full.append(timed(partial(tick, world.end_of(day))))
        world.touch_some(every=100)
        some.append(timed(partial(tick, world.end_of(day))))
        none.append(timed(partial(tick, world.end_of(day))))
    today, asked = world.end_of(world.SINCE + rounds - 1).date(), min(pilots, NAIVE_PILOTS)
    statement = [timed(lambda: ask_one_statement(today)) for _ in range(rounds)]
    naive = timed(lambda: ask_metric_by_metric(today, asked))
    world.expect_all_judged(pilots)
    show(f"{connection.vendor}, {pilots:,} pilots, method {method}", pilots, full, some, none)
    show_rivals(pilots, full, statement, naive.wall * pilots / asked, first)


def tick(now: datetime) -> int:
    """Judge all that is due."""
    from pilots.services.evaluating import evaluate_batch

    judged = 0
    while done := evaluate_batch(now=now):
        judged += done
    return judged


def timed(act: Callable[[], object]) -> Time:
    wall, cpu = perf_counter(), process_time()
    act()
    return Time(perf_counter() - wall, process_time() - cpu)


def analyse(vendor: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if vendor == "postgresql" else "ANALYZE")


def show(title: str, pilots: int, full: list[Time], some: list[Time], none: list[Time]) -> None:
    print(f"{title}; medians of {len(full)}")
    rows = (("full tick", full), ("1 % dirty", some), ("nothing new", none))
    whole = median(time.wall for time in full)
    for name, times in rows:
        wall, cpu = median(time.wall for time in times), median(time.cpu for time in times)
        share = "" if times is full else f", 1/{whole / wall:.0f} of a full tick"
        print(f"  {name:22} {wall * 1000:10,.1f} ms, {cpu * 1000:10,.1f} ms of the processor{share}")
    print(f"  a pilot {whole / pilots * 1000:.2f} ms")


def show_rivals(pilots: int, full: list[Time], statement: list[Time], naive: float, first: Time) -> None:
    whole, plain = median(time.wall for time in full), median(time.wall for time in statement)
    ratio = PROMETHEUS_TO_STATEMENT[10_000 if pilots > 3_000 else 1_000]
    print(f"  first look, all days of all pilots: {first.wall:,.1f} s")
    print(f"  one statement, plain thresholds: {plain * 1000:,.1f} ms; the tick takes {whole / plain:.1f} ×")
    print(f"  a query for each metric: {naive * 1000:,.0f} ms; the tick is {naive / whole:.1f} × as fast")
    print("  Prometheus is not run here. Measured elsewhere, its best form of plain thresholds took 1,132 ms")
    print(f"  for 1,000 pilots and 12,166 ms for 10,000: {ratio:.1f} × one statement over 28 days there.")


if __name__ == "__main__":
    main()
