"""kill -9 before every single write, commit and word to the mail server of a round, one after the other."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

import pytest

from tests.faults.accounts import Outcome, Row, Telling, outcome_of
from tests.faults.breaches import tellings
from tests.faults.conftest import Report
from tests.faults.sites import Site, make_breaches
from tests.processes import ROOT, Product

pytestmark = pytest.mark.processes
BREACHES = 2
# What a round is known to do; a point that nobody knew of is tried as well.
KNOWN = {"update pilotstate", "insert evaluation", "insert alert", "insert alertevent", "insert notification"}
KNOWN |= {"update notification", "commit", "smtp mail", "smtp data", "smtp message"}


class Crasher:
    """The process that dies on demand, and what lay in the post office after each death."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.before = [str(mail["Message-ID"]) for mail in product.post.mails]
        log = (product.home / "crashing.log").open("ab")
        self.process = subprocess.Popen(
            (sys.executable, "-m", "tests.faults.crashing"),
            env=product.environ,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        log.close()

    def points(self) -> list[str]:
        points: list[str] = self._ask(None)
        return points

    def die_before(self, point: int, expected: Sequence[Telling]) -> Outcome:
        """Die, heal, and return what became of it."""
        began = time.monotonic()
        answer = self._ask(point)
        assert answer["died"], f"point {point} was not reached"
        arrived = self.before + [str(mail["Message-ID"]) for mail in self.product.post.mails]
        rows = [Row(*row) for row in answer["rows"]]
        recovered = time.monotonic() - began
        return outcome_of(expected, rows, arrived, surplus=answer["surplus"], recovered=recovered)

    def _ask(self, point: int | None) -> Any:
        self.product.post.mails.clear()
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"point": point}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, self.product.log("crashing")
        return json.loads(line)

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


# The points are the same on both; the other database has its turn at full length.
SERVED_LONG = pytest.param("served", marks=[pytest.mark.services, pytest.mark.faults_long])
EMBEDDED_FIRST = pytest.mark.parametrize("site", ["embedded", SERVED_LONG], indirect=True)
# Everybody was told, nobody answered, and the time of the next step has come.
NOBODY_ANSWERED = """
    from datetime import timedelta
    from django.utils import timezone
    from pilots.models import Alert
    from tests.faults.crashing import a_round
    a_round()
    past = timezone.now() - timedelta(seconds=1)
    Alert.objects.update(step_due_at=past, due_at=past)
"""


@EMBEDDED_FIRST
def test_a_round_that_dies_at_any_point_is_made_up_for(site: Site, report: Report) -> None:
    make_breaches(site.product, 1, BREACHES)
    points, outcomes = dying_everywhere(site, tellings(1, BREACHES))
    assert set(points) >= KNOWN
    report(f"kill -9 at {len(outcomes)} points of a round, {site.name}", together(outcomes))


@EMBEDDED_FIRST
def test_a_step_of_the_chain_that_dies_at_any_point_is_taken_once(site: Site, report: Report) -> None:
    make_breaches(site.product, 1, BREACHES)
    site.product.tell(NOBODY_ANSWERED)
    firsts = tellings(1, BREACHES)
    told_next = [first._replace(turn="escalated", recipient="owner@example.org") for first in firsts]
    _, outcomes = dying_everywhere(site, firsts + told_next)
    report(f"kill -9 at {len(outcomes)} points of an escalation, {site.name}", together(outcomes))


def dying_everywhere(site: Site, expected: Sequence[Telling]) -> tuple[list[str], list[Outcome]]:
    """Return the points of a round and what became of dying at each; no loss may be among it."""
    crasher = Crasher(site.product)
    try:
        points = crasher.points()
        outcomes = {n: crasher.die_before(n, expected) for n in worth_trying(points)}
    finally:
        crasher.end()
    wrong = [f"{n} {points[n]}: {o}" for n, o in outcomes.items() if o.lost or o.unexpected]
    assert not wrong
    twice = [points[n - 1] for n, outcome in outcomes.items() if outcome.duplicated]
    assert all(outcome.duplicated <= 1 for outcome in outcomes.values())
    assert set(twice) <= {"smtp message", "smtp rset", "smtp quit", "commit", "update notification"}
    return points, list(outcomes.values())


def worth_trying(points: Sequence[str]) -> list[int]:
    """Return the points that follow one another in a way not met before."""
    pairs = [tuple(points[max(0, n - 1) : n + 1]) for n in range(len(points))]
    return [n for n, pair in enumerate(pairs) if pair not in pairs[:n]]


def together(outcomes: Sequence[Outcome]) -> Outcome:
    """Sum up what was lost or doubled, with the slowest heal."""
    return Outcome(
        sum(o.lost for o in outcomes),
        sum(o.unexpected for o in outcomes),
        sum(o.duplicated for o in outcomes),
        max(o.recovered for o in outcomes),
    )
