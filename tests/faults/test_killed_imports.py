"""kill -9 of the worker in the middle of a long file: it ends in the rows of a calm run."""

from __future__ import annotations

import os
import random
import signal
import time

import pytest

from tests.faults.sites import Site
from tests.processes import eventually

pytestmark = pytest.mark.processes

DONE = "SELECT rows_done FROM pilots_importjob WHERE name = 'killed.csv'"
ENDED = "SELECT count(*) FROM pilots_importjob WHERE state = 'done'"
# A row too much or too few on either side, whatever its number.
CURRENT = """
    SELECT p.ref, o.day, o.segment, o.arm, o.n, o.total, o.total_sq, o.as_of
    FROM pilots_observation o
    JOIN pilots_metric m ON m.id = o.metric_id JOIN pilots_pilot p ON p.id = m.pilot_id
"""
REVISIONS = CURRENT.replace("o.as_of", "o.as_of, o.kind, o.reason").replace(
    "pilots_observation", "pilots_readingrevision"
)
COUNTS = "SELECT counts FROM pilots_importjob ORDER BY name"
CALM = """
    from django.utils import timezone
    from pilots.services.carrying import carry_whole
    from tests.services.uploads import a_waiting_file
    print(carry_whole(job_id=a_waiting_file("calm", {rows}).pk, now=timezone.now()).state)
"""
WAITING = """
    from tests.services.uploads import a_waiting_file
    a_waiting_file("killed", {rows})
"""


@pytest.mark.parametrize(
    ("rows", "kills"),
    [
        pytest.param(8_000, 2, id="8,000 rows, 2 kills"),
        pytest.param(50_000, 20, id="50,000 rows, 20 kills", marks=pytest.mark.faults_long),
    ],
)
def test_a_file_whose_worker_is_killed_again_and_again_ends_in_the_rows_of_a_calm_run(
    site: Site, rows: int, kills: int
) -> None:
    site.product.environ["IMPORT_EVERY"] = "1"
    assert site.product.tell(CALM.format(rows=rows)).strip() == "done"
    site.product.tell(WAITING.format(rows=rows))
    dice = random.Random(kills)
    in_the_middle = 0
    with site.at_work():
        for number in range(kills):
            wait_for(site, rows=rows * (number + 1) // (kills + 2))
            time.sleep(dice.uniform(0, 0.2))
            in_the_middle += kill_workers(site, rows)
            site.start()
        eventually(lambda: site.number(ENDED) == 2, seconds=60 + rows / 100, why=lambda: site.log)
    assert in_the_middle, "at least one kill hit a file on its way"
    calm, killed = (
        sorted(row[1:] for row in site.rows(CURRENT) if row[0] == ref) for ref in ("calm", "killed")
    )
    assert calm == killed
    calm, killed = (
        sorted(row[1:] for row in site.rows(REVISIONS) if row[0] == ref) for ref in ("calm", "killed")
    )
    assert calm == killed
    one, other = (row[0] for row in site.rows(COUNTS))
    assert one == other


def wait_for(site: Site, *, rows: int, seconds: float = 30.0) -> None:
    """Spread the kills over the file; where a pause holds it up, the next kill comes anyway."""
    ends = time.monotonic() + seconds
    while site.number(DONE) < rows and time.monotonic() < ends:
        time.sleep(0.02)


def kill_workers(site: Site, rows: int) -> bool:
    """Kill every process that could carry the file; say whether it was on its way."""
    for name in site.commands:
        if not name.startswith("beat"):
            os.killpg(site.running[name].pid, signal.SIGKILL)
            site.running[name].wait()
    return 0 < site.number(DONE) < rows
