"""A worker that is stopped in the middle, and goes on when another has taken its work: it changes nothing."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.faults.breaches import tellings
from tests.faults.conftest import Report
from tests.faults.sites import WAITS, Site, make_breaches

pytestmark = [pytest.mark.processes, pytest.mark.services]
PILOTS, BREACHES = 4, 10


@pytest.mark.parametrize("times", [1, pytest.param(20, marks=pytest.mark.faults_long)])
def test_a_worker_that_sleeps_through_its_lease_is_overtaken_and_changes_nothing(
    served_site: Site, report: Report, times: int
) -> None:
    slowest = 0.0
    with served_site.at_work():
        for number in range(times):
            make_breaches(served_site.product, PILOTS, BREACHES, first=number * PILOTS)
            sleeper = stop_a_holder(served_site)
            outcome = served_site.drain(tellings((number + 1) * PILOTS, BREACHES))
            slowest = max(slowest, outcome.recovered)
            os.kill(sleeper, signal.SIGCONT)
        time.sleep(3)
        outcome = served_site.outcome(tellings(times * PILOTS, BREACHES), slowest)
    report(f"SIGSTOP past the lease, then SIGCONT, {times} ×", outcome)
    assert (outcome.lost, outcome.unexpected) == (0, 0), served_site.log
    assert outcome.duplicated <= times, "at most the one mail it had in its hands"
    assert slowest <= WAITS["LEASE"] + 20


def stop_a_holder(site: Site, *, seconds: float = 60.0) -> int:
    """Stop a process that holds a claim, and hold it still; return its id."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        for pid in site.holders():
            os.kill(pid, signal.SIGSTOP)
            if pid in site.holders():
                return pid
            os.kill(pid, signal.SIGCONT)
    raise AssertionError(f"nobody held a claim in {seconds:g} s. {site.log}")
