"""The product at work with its parts, seen from outside: its processes, its rows and its mails."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.conftest import absent
from tests.faults.accounts import Outcome, Row, Telling, outcome_of
from tests.processes import ROOT, Product, eventually

# Seconds; a story that needs minutes to heal tells nothing more.
WAITS = {"LEASE": 6, "DOUBT_WAIT": 1, "EMAIL_TIMEOUT": 2} | {
    f"{which}_{wait}": 1 for which in ("FIRST", "LONGEST") for wait in ("RETRY", "SHUT")
}
MOST_FALLEN = 60
WORKER = ("celery", "worker", "--concurrency", "2", "--loglevel", "WARNING")
BEAT = ("celery", "beat", "--pidfile=", "--loglevel", "WARNING")
SERVED = {"one": (*WORKER, "-n", "one@%h"), "two": (*WORKER, "-n", "two@%h"), "beat": BEAT, "beat-2": BEAT}
EMBEDDED = {"engine": ("manage.py", "engine")}

OUTBOX = """
    SELECT p.ref, coalesce(c.ref, ''), coalesce(e.kind, ''), n.recipient, n.state, n.message_id, n.sent_as
    FROM pilots_notification n
    LEFT JOIN pilots_alertevent e ON e.id = n.event_id LEFT JOIN pilots_alert a ON a.id = n.alert_id
    LEFT JOIN pilots_condition c ON c.id = a.condition_id LEFT JOIN pilots_pilot p ON p.id = a.pilot_id
"""
# Told of nothing new, yet stored again: verdicts beyond one a pilot, alerts beyond one a rule.
SURPLUS = """
    SELECT (SELECT count(*) FROM pilots_evaluation)
         - (SELECT count(*) FROM (SELECT DISTINCT pilot_id, digest FROM pilots_evaluation) AS e)
         + (SELECT count(*) FROM pilots_alert)
         - (SELECT count(*) FROM (SELECT DISTINCT pilot_id, kind, condition_id, scope FROM pilots_alert) AS a)
"""
UNDONE = """
    SELECT (SELECT count(*) FROM pilots_pilotstate s JOIN pilots_pilot p ON p.id = s.pilot_id
            WHERE p.status = 'running' AND s.dirty_seq > s.evaluated_seq)
         + (SELECT count(*) FROM pilots_notification WHERE state IN ('pending', 'claimed', 'in_doubt'))
"""
TOLD = "SELECT count(*) FROM pilots_notification WHERE state = 'sent'"
HOLDERS = """
    SELECT lease_owner FROM pilots_pilotstate WHERE lease_until IS NOT NULL
    UNION ALL SELECT lease_owner FROM pilots_notification WHERE state = 'claimed'
"""


@dataclass
class Site:
    """The product with a database, a post office and whatever processes it runs on."""

    name: str
    product: Product
    commands: Mapping[str, Sequence[str]]
    waits: Mapping[str, float] = field(default_factory=lambda: dict(WAITS))
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    fallen: int = 0  # how many processes ended that nobody killed

    def start(self) -> None:
        """Start what does not run, as a supervisor would."""
        for name, command in self.commands.items():
            ended = self.running[name].poll() if name in self.running else 0
            if ended is None:
                continue
            self.fallen += name in self.running and ended != -signal.SIGKILL
            assert self.fallen <= MOST_FALLEN, f"{name} ends by itself again and again. {self.log}"
            self.running[name] = self._spawn(name, command)

    def _spawn(self, name: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
        hurried = (sys.executable, "-m", "tests.faults.hurried", json.dumps(dict(self.waits)), *command)
        environ = {**self.product.environ, "PYTHONUNBUFFERED": "1"}
        with (self.product.home / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                hurried, env=environ, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )

    @contextmanager
    def at_work(self) -> Iterator[Site]:
        """Run the processes of the site; at the end nothing of them is left."""
        self.start()
        try:
            yield self
        finally:
            self.end()

    def end(self) -> None:
        for process in self.running.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGCONT)
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.running.clear()

    def members(self, name: str) -> list[int]:
        """Return the ids of a process of the site and of its children."""
        leader = self.running[name].pid
        return [
            pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if _session_of(pid) == leader
        ]

    def holders(self) -> set[int]:
        """Return the ids of the processes that hold a claim right now."""
        return {int(owner.rpartition(":")[2]) for (owner,) in self.rows(HOLDERS) if owner}

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        """Ask the site's database, past the product."""
        url = self.product.environ.get("DATABASE_URL")
        if url:
            with psycopg.connect(url, autocommit=True) as server:
                return server.execute(question).fetchall()
        file = self.product.home / "tracker.sqlite3"
        with closing(sqlite3.connect(file, timeout=20)) as database:
            return database.execute(question).fetchall()

    def number(self, question: str) -> int:
        return int(self.rows(question)[0][0])

    @property
    def log(self) -> str:
        return "\n".join(self.product.log(name)[-3000:] for name in self.commands)

    def drain(self, expected: Sequence[Telling], *, seconds: float = 60.0) -> Outcome:
        """Wait until nothing is left to do, or the time is up; return what became of it."""
        began = time.monotonic()
        with suppress(AssertionError):  # what is not told by then is counted as lost
            eventually(lambda: self._has_told(len(expected)), seconds=seconds)
        recovered = time.monotonic() - began
        time.sleep(1.5)  # a tick or two in which nothing more may come
        return self.outcome(expected, recovered)

    def _has_told(self, wanted: int) -> bool:
        # Celery's worker ends where Redis dies while it has a message in hand; its supervisor starts it anew.
        self.start()
        return self.number(TOLD) >= wanted and not self.number(UNDONE)

    def outcome(self, expected: Sequence[Telling], recovered: float) -> Outcome:
        rows = [Row(*row) for row in self.rows(OUTBOX)]
        arrived = [str(mail["Message-ID"]) for mail in self.product.post.mails]
        return outcome_of(expected, rows, arrived, surplus=self.number(SURPLUS), recovered=recovered)


def _session_of(pid: int) -> int:
    with suppress(OSError):
        return os.getsid(pid)
    return 0


def make_breaches(product: Product, pilots: int, breaches: int, *, first: int = 0) -> None:
    story = f"make_pilots({pilots}, breaches={breaches}, first={first})"
    product.tell(f"from tests.faults.breaches import make_pilots\n{story}")


def served(product: Product, postgres: str, redis: str) -> Site:
    """The product on PostgreSQL and Redis: two workers and two beats."""
    if not Path("/proc").is_dir():
        absent("procfs", "the children of a worker are found there")
    product.environ |= {"DATABASE_URL": postgres, "REDIS_URL": redis}
    return Site("PostgreSQL and Redis", product, SERVED)


def embedded(product: Product) -> Site:
    """The product as it comes: SQLite, and one engine."""
    return Site("SQLite, embedded", product, EMBEDDED)
