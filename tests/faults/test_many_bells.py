"""Five beats at once, and every message three times: the same rows and mails as by one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.faults.breaches import tellings
from tests.faults.conftest import Report
from tests.faults.sites import BEAT, SERVED, Site, make_breaches

pytestmark = [pytest.mark.processes, pytest.mark.services]
PILOTS, BREACHES = 3, 5
RING_THRICE = """
    from pilots.tasks import deliver_notifications, evaluate_due
    for _ in range(10):
        for bell in (evaluate_due, deliver_notifications) * 3:
            bell.apply_async(expires=60)
"""


def test_five_beats_and_triple_messages_end_in_the_rows_and_mails_of_one(
    served_site: Site, report: Report
) -> None:
    beats: dict[str, Sequence[str]] = {f"beat-{number}": BEAT for number in range(2, 6)}
    site = replace(served_site, commands={**SERVED, **beats})
    make_breaches(site.product, PILOTS, BREACHES)
    site.product.tell(RING_THRICE)
    with site.at_work():
        outcome = site.drain(tellings(PILOTS, BREACHES))
        time.sleep(3)
        outcome = site.outcome(tellings(PILOTS, BREACHES), outcome.recovered)
    report("Five beats, triple messages", outcome)
    assert (outcome.lost, outcome.unexpected, outcome.duplicated) == (0, 0, 0), site.log
