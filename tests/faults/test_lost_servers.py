"""Redis and PostgreSQL go away while people's data comes in: when they are back, everything is told."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.faults.accounts import Outcome
from tests.faults.breaches import tellings
from tests.faults.conftest import Report
from tests.faults.parts import Cluster, Redis
from tests.faults.sites import TOLD, Site, make_breaches, served
from tests.processes import PostOffice, Product, eventually

pytestmark = [pytest.mark.processes, pytest.mark.services]
BREACHES = 3  # of one pilot
PERIOD = 1.0  # seconds between two ticks of a site
RECOVERY = PERIOD + 10


@contextmanager
def killed(redis: Redis) -> Iterator[None]:
    """Redis dies, and with it every message; it is started again, empty."""
    redis.kill()
    yield
    redis.start()


@contextmanager
def frozen(redis: Redis) -> Iterator[None]:
    """Redis takes connections and answers nothing, for longer than its clients' patience of 5 s."""
    redis.signal(signal.SIGSTOP)
    yield
    time.sleep(6)
    redis.signal(signal.SIGCONT)


@contextmanager
def flushed(redis: Redis) -> Iterator[None]:
    """Redis goes on without any of its messages."""
    yield
    redis.flush()


FAULTS: dict[str, Callable[[Redis], AbstractContextManager[None]]] = {
    "killed": killed,
    "frozen": frozen,
    "flushed": flushed,
}


@pytest.mark.parametrize(
    ("fault", "times"),
    [("killed", 1), *(pytest.param(fault, 20, marks=pytest.mark.faults_long) for fault in FAULTS)],
)
def test_a_breach_that_came_while_redis_was_away_is_told_soon_after_it_is_back(
    served_site: Site, redis_part: Redis, report: Report, fault: str, times: int
) -> None:
    with served_site.at_work():
        outcome = after_each(served_site, partial(FAULTS[fault], redis_part), times)
    report(f"Redis {fault} {times} ×", outcome)
    assert (outcome.lost, outcome.unexpected, outcome.duplicated) == (0, 0, 0), served_site.log
    assert outcome.recovered <= RECOVERY


@pytest.mark.parametrize("times", [1, pytest.param(20, marks=pytest.mark.faults_long)])
def test_a_breach_is_told_however_often_postgresql_is_cut_off(
    tmp_path: Path, post: PostOffice, cluster: Cluster, redis_part: Redis, report: Report, times: int
) -> None:
    site = served(Product(tmp_path, post), cluster.url, redis_part.url)
    site.product.run("migrate", "--verbosity", "0")

    @contextmanager
    def cut_off() -> Iterator[None]:
        yield  # the breach comes just before the power fails
        cluster.stop()
        cluster.start()

    with site.at_work():
        outcome = after_each(site, cut_off, times)
    report(f"PostgreSQL cut off {times} ×", outcome)
    assert (outcome.lost, outcome.unexpected) == (0, 0), site.log
    assert outcome.duplicated <= times * BREACHES


def after_each(site: Site, fault: Callable[[], AbstractContextManager[None]], times: int) -> Outcome:
    """Let a pilot past its limits come during each fault; return what became of all, and the slowest heal."""
    make_breaches(site.product, 1, BREACHES)
    eventually(lambda: site.number(TOLD) == BREACHES, why=lambda: site.log)
    slowest = 0.0
    for number in range(1, times + 1):
        with fault():
            make_breaches(site.product, 1, BREACHES, first=number)
        outcome = site.drain(tellings(number + 1, BREACHES))
        slowest = max(slowest, outcome.recovered)
    return Outcome(outcome.lost, outcome.unexpected, outcome.duplicated, slowest)
