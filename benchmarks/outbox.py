"""How fast the outbox goes out: real rows through the real round into an SMTP server in a process of its own.

    python benchmarks/outbox.py [--mails 2000]

Prints mails per second, and the sender's own time per mail, on SQLite in a temporary folder and, where
TEST_POSTGRES_URL (or the default of the tests) answers, on PostgreSQL. Every recipient is another one, so
that nothing is merged.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parents[1]
POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgres://tracker:tracker@127.0.0.1:5432")
SERVER = """
import asyncio, sys
from aiosmtpd.controller import UnthreadedController
class Taken:
    async def handle_DATA(self, server, session, envelope):
        return "250 OK"
loop = asyncio.new_event_loop()
controller = UnthreadedController(Taken(), hostname="127.0.0.1", port=0, loop=loop)
controller.begin()
print(controller.server.sockets[0].getsockname()[1], flush=True)
loop.run_forever()
"""
DRAIN = """
import json, sys, time
import django
django.setup()
from django.utils import timezone
from pilots import channels
from pilots.models import Notification
from pilots.services.delivering import Round
from tests.builders import a_running_pilot
from tests.services.stories import judge

judge(a_running_pilot(mean=21.6), 28)
first = Notification.objects.get()
Notification.objects.all().delete()
def copy(number):
    row = Notification.objects.model(**{f.attname: getattr(first, f.attname) for f in first._meta.fields})
    row.pk, row.user, row.event = None, None, None
    row.recipient, row.message_id = f"reader{number}@example.org", f"<{number}@example.org>"
    return row
for number in range(int(sys.argv[1])):
    copy(number).save(force_insert=True)
began, cpu = time.perf_counter(), time.process_time()
with channels.connected() as send, Round(send) as through:
    while through.deliver_next(now=timezone.now()):
        pass
took, cpu = time.perf_counter() - began, time.process_time() - cpu
states = list(Notification.objects.values_list("state", flat=True))
sent = states.count("sent")
print(json.dumps({"took": took, "cpu": cpu, "sent": sent, "others": len(states) - sent}))
"""


@contextmanager
def smtp_server() -> Iterator[str]:
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield f"smtp://127.0.0.1:{server.stdout.readline().strip()}"
        finally:
            server.kill()


@contextmanager
def postgres() -> Iterator[str]:
    name = f"outbox_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"{POSTGRES}/postgres", autocommit=True, connect_timeout=3) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield f"{POSTGRES}/{name}"
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def drain(environ: dict[str, str], mails: int) -> dict[str, float]:
    settings = {"DJANGO_SETTINGS_MODULE": "tracker.settings", "SECRET_KEY": "for-a-benchmark-only"}
    environ = {**os.environ, **settings, "PYTHONPATH": str(ROOT), **environ}
    migrate = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"]
    subprocess.run(migrate, env=environ, check=True)
    words = [sys.executable, "-c", DRAIN, str(mails)]
    done = subprocess.run(words, env=environ, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def report(name: str, found: dict[str, float]) -> None:
    speed = found["sent"] / found["took"]
    own = 1000 * found["cpu"] / found["sent"]
    print(f"{name:<12}{found['sent']:>6} sent in {found['took']:6.1f} s  {speed:6.0f} mails/s", end="")
    print(f"  {own:5.1f} ms of the sender's own time each", end="")
    print(f"   {found['others']} not sent" if found["others"] else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=2000)
    mails = parser.parse_args().mails
    with smtp_server() as url, tempfile.TemporaryDirectory() as home:
        environ = {"TRACKER_HOME": home, "EMAIL_URL": url, "DATABASE_URL": "", "REDIS_URL": ""}
        report("SQLite", drain(environ, mails))
        try:
            with postgres() as database:
                report("PostgreSQL", drain(environ | {"DATABASE_URL": database}, mails))
        except psycopg.OperationalError as error:
            print(f"PostgreSQL  not measured: {str(error).strip().splitlines()[0]}")


if __name__ == "__main__":
    main()
