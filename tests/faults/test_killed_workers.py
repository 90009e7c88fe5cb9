"""kill -9 of whatever runs, in the middle of the work: every breach is told, and next to none twice."""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress

import pytest

from tests.faults.breaches import tellings
from tests.faults.conftest import Report
from tests.faults.sites import TOLD, Site, make_breaches

pytestmark = pytest.mark.processes


@pytest.mark.parametrize(
    ("pilots", "breaches", "kills"),
    [
        pytest.param(4, 10, 3, id="40 breaches, 3 kills"),
        pytest.param(
            1000,
            10,
            200,
            id="10,000 breaches, 200 kills",
            marks=[pytest.mark.faults_long, pytest.mark.services],
        ),
    ],
)
def test_every_breach_is_told_however_often_its_workers_are_killed(
    site: Site, report: Report, pilots: int, breaches: int, kills: int
) -> None:
    make_breaches(site.product, pilots, breaches)
    expected, dice = tellings(pilots, breaches), random.Random(kills)
    with site.at_work():
        in_the_middle = 0
        for number in range(kills):
            wait_for_progress(site, len(expected) * number // (kills + 1))
            time.sleep(dice.uniform(0, 0.4))
            in_the_middle += kill_somebody(site, dice)
            site.start()
        outcome = site.drain(expected, seconds=60 + len(expected) / 10)
    report(f"{kills} × kill -9, {len(expected):,} breaches, {site.name}", outcome)
    assert in_the_middle, "at least one kill hit a process that held a claim"
    assert (outcome.lost, outcome.unexpected) == (0, 0), site.log
    assert outcome.duplicated <= max(in_the_middle, len(expected) // 1000)


def wait_for_progress(site: Site, told: int, *, seconds: float = 20.0) -> None:
    """Spread the kills over the work; one that hinders it for long is followed by the next anyway."""
    ends = time.monotonic() + seconds
    while site.number(TOLD) < told and time.monotonic() < ends:
        time.sleep(0.1)


def kill_somebody(site: Site, dice: random.Random) -> bool:
    """Kill a process of the site; every second time one that holds a claim, if any does."""
    name = dice.choice([name for name in site.commands if not name.startswith("beat")])
    holders = sorted(site.holders().intersection(site.members(name)))
    pid = dice.choice(holders if holders and dice.random() < 0.5 else site.members(name))
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return pid in holders
