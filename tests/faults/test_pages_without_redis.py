"""People go on recording while Redis is away: no page fails or waits, and nothing they said is lost."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import free_port, wait_for_port
from tests.faults.breaches import pilot_ref, tellings
from tests.faults.conftest import Report
from tests.faults.parts import Redis
from tests.faults.sites import Site
from tests.faults.test_lost_servers import FAULTS, RECOVERY
from tests.faults.visitor import Answer, Visitor

pytestmark = [pytest.mark.processes, pytest.mark.services]
PILOTS = 3
GIVES_UP_AFTER = 1.0  # seconds that a page may wait for a bell
WITHIN = "from tests.faults.breaches import make_pilots, WITHIN\nmake_pilots({}, breaches=2, mean=WITHIN)"
BY_HAND = "SELECT count(*) FROM pilots_readingrevision WHERE source = 'entered by hand'"


@pytest.mark.parametrize("fault", ["killed", pytest.param("frozen", marks=pytest.mark.faults_long)])
def test_a_page_answers_at_once_while_redis_is_away_and_what_was_recorded_is_told(
    served_site: Site, redis_part: Redis, report: Report, fault: str
) -> None:
    site, port = served_site, free_port()
    site.product.tell(WITHIN.format(2 * PILOTS))
    web = (sys.executable, "-m", "gunicorn", "tracker.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4")
    with site.at_work(), site.product.process(*web, log="web"):
        wait_for_port(port)
        visitor = Visitor.signed_in(site.product, port, email="pilot.owner@example.org")
        calm = [correct_yesterday(visitor, number) for number in range(PILOTS)]
        with FAULTS[fault](redis_part):
            answers = [correct_yesterday(visitor, number) for number in range(PILOTS, 2 * PILOTS)]
        outcome = site.drain(tellings(2 * PILOTS, 2))
    report(f"Readings sent while Redis was {fault}", outcome)
    assert {answer.status for answer in answers} == {302}, site.product.log("web")
    assert slowest(answers) <= slowest(calm) + GIVES_UP_AFTER
    assert site.number(BY_HAND) == 2 * PILOTS
    assert (outcome.lost, outcome.unexpected, outcome.duplicated) == (0, 0, 0), site.log
    assert outcome.recovered <= RECOVERY


def correct_yesterday(visitor: Visitor, number: int) -> Answer:
    """Correct a pilot's reading of yesterday, so that it is past its limits from now on."""
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    return visitor.send(
        f"/pilots/{pilot_ref(number)}/readings/one/",
        metric="resolution_hours",
        day=yesterday,
        arm="pilot",
        n=100_000,
        total=100_000 * 26.0,
        spread=4,
        correction_reason="The rest of the cases came in.",
    )


def slowest(answers: list[Answer]) -> float:
    return max(answer.seconds for answer in answers)
