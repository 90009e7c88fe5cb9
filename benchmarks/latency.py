"""How long a breach takes from the reading to the mail, with a real worker, beat, Redis, PostgreSQL and SMTP.

    PYTHONPATH=. python benchmarks/latency.py [--breaches 30]

One pilot after the other gets readings past its stop limit, as a person or a machine would record them, and
the time until the mail server has taken the mail is measured. The periods are those of a new installation.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.outbox import postgres
from tests.conftest import free_port, wait_for_port
from tests.processes import CELERY, PostOffice, Product, eventually

PREPARE = """
import sys
from tests.live import a_live_pilot
for number in range({pilots}):
    a_live_pilot(f"P-{{number:03}}", mean=20.0)
"""
# A process that stays, as a web server does: what is measured is not how long Python takes to start.
RECORD = """
import sys, time
import django
django.setup()
from django.utils import timezone
from pilots.evaluation.moments import Moments
from pilots.evaluation.specs import Reading
from pilots.models import Observation, Pilot
from pilots.services.recording import record_readings
from pilots.tasks import ring_evaluation
print("ready", flush=True)
for line in sys.stdin:
    pilot = Pilot.objects.get(ref=line.strip())
    now = timezone.now()
    rows = [
        Reading(o.metric.ref, o.day, o.segment, Moments(o.n, o.n * 24.0, o.n * (24.0**2 + 16.0)), now)
        for o in Observation.objects.filter(metric__pilot=pilot).select_related("metric")
    ]
    record_readings(pilot_id=pilot.pk, rows=rows, by=None, source="benchmark", now=now)
    print(time.time(), flush=True)
    ring_evaluation()
"""


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[str]:
    port = free_port()
    program = shutil.which("redis-server") or sys.exit("redis-server is not installed.")
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            wait_for_port(port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.kill()


class Clocked(PostOffice):
    """A post office that notes when it took the first mail about each pilot."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0
        self.at: dict[str, float] = {}

    def taken(self, ref: str) -> bool:
        for mail in self.mails[self.seen :]:
            subject = str(mail["Subject"])
            self.at.setdefault(subject[subject.rfind("(") + 1 : subject.rfind(")")], time.time())
        self.seen = len(self.mails)
        return ref in self.at


def waits(product: Product, post: Clocked, breaches: int) -> list[float]:
    """Record one breach after the other; return the seconds until each was in the post."""
    environ = {**product.environ, "DJANGO_SETTINGS_MODULE": "tracker.settings"}
    found = []
    with subprocess.Popen(
        [sys.executable, "-c", RECORD], env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as recorder:
        assert recorder.stdin is not None
        assert recorder.stdout is not None
        recorder.stdout.readline()
        for number in range(breaches):
            ref = f"P-{number:03}"
            print(ref, file=recorder.stdin, flush=True)
            recorded = float(recorder.stdout.readline())
            eventually(partial(post.taken, ref), seconds=120)
            found.append(post.at[ref] - recorded)
        recorder.stdin.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--breaches", type=int, default=30)
    breaches = parser.parse_args().breaches
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        post = Clocked()
        stack.enter_context(post.open())
        as_installed = {"EVALUATE_EVERY": "60", "DELIVER_EVERY": "15"}
        servers = {
            "REDIS_URL": stack.enter_context(redis(folder)),
            "DATABASE_URL": stack.enter_context(postgres()),
        }
        product = Product(folder, post, as_installed | servers)
        product.run("migrate", "--verbosity", "0")
        product.tell(PREPARE.format(pilots=breaches + 1))
        worker = (*CELERY, "worker", "--queues", "tick,evaluate,outbox,bulk", "--concurrency", "2")
        stack.enter_context(product.process(*worker, log="worker"))
        stack.enter_context(product.process(*CELERY, "beat", log="beat"))
        # The first meets processes that are still starting.
        found = sorted(waits(product, post, breaches + 1)[1:])
    p95, median = found[max(0, round(0.95 * len(found)) - 1)], statistics.median(found)
    print(f"{len(found)} breaches: p50 {median:.1f} s, p95 {p95:.1f} s, worst {found[-1]:.1f} s")


if __name__ == "__main__":
    main()
