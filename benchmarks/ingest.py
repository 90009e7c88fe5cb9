"""Time and memory of `import_readings` on a generated file, through the real command in its own process.

    python benchmarks/ingest.py [--megabytes 20]

Prints rows per second and the process's peak memory; DATABASE_URL chooses the database (default: SQLite in a
temporary folder). The row of an empty file is what starting the command costs.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PILOT = """version: 1
pilot: {ref: ingest, title: Ingest, start: 2020-03-01, end: 2029-01-01, dimensions: {team: [%s]}}
metrics: [%s]
stop_conditions: [{ref: S1, metric: m0, worsen_by: 5 %%}]
"""
METRIC = "{ref: m%d, name: Metric %d, baseline: {from: 2020-01-01, to: 2020-02-28}}"
TEAMS, METRICS = 40, 10


def write_pilot(path: Path) -> None:
    teams = ", ".join(f"team{number}" for number in range(TEAMS))
    path.write_text(PILOT % (teams, ", ".join(METRIC % (number, number) for number in range(METRICS))))


def write_readings(path: Path, size: int) -> int:
    """Write days of readings until the file has `size` bytes; return the number of rows."""
    rows, day = 0, date(2020, 1, 1)
    with path.open("w") as file:
        file.write("observed_on,as_of,arm,segment,metric,n,sum,sum_sq\n")
        while file.tell() < size:
            for team in range(TEAMS):
                for metric in range(METRICS):
                    n = 20 + (rows * 7) % 30
                    file.write(f"{day},,pilot,team{team},m{metric},{n},{n * 19.5:.2f},{n * 400.25 + n:.2f}\n")
                    rows += 1
            day += timedelta(days=1)
    return rows


def run(environ: dict[str, str], *words: str) -> float:
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *words], env=environ, check=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=20)
    size = int(parser.parse_args().megabytes * 1_000_000)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        environ = {**os.environ, "TRACKER_HOME": str(home / "home")}
        write_pilot(home / "pilot.yaml")
        rows = write_readings(home / "readings.csv", size)
        write_readings(home / "empty.csv", 0)
        run(environ, "migrate", "--verbosity", "0")
        run(environ, "import_pilot", str(home / "pilot.yaml"))
        idle = run(environ, "import_readings", str(home / "empty.csv"), "--pilot", "ingest")
        first = run(environ, "import_readings", str(home / "readings.csv"), "--pilot", "ingest")
        again = run(environ, "import_readings", str(home / "readings.csv"), "--pilot", "ingest")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"{rows:,} rows, {size / 1e6:.0f} MB; an almost empty file takes {idle:.1f} s")
        print(f"all new   {first:7.1f} s  {rows / first:10,.0f} rows/s")
        print(f"all same  {again:7.1f} s  {rows / again:10,.0f} rows/s")
        print(f"peak memory of any of these processes {peak:.0f} MB")


if __name__ == "__main__":
    main()
