"""Die at a chosen point of a round: before one of its writes, its commits or its words to the mail server.

`python -m tests.faults.crashing` reads commands from its input, a JSON object a line, and answers each with
a line. Every command works on a copy of the database, in a child: `{"point": null}` runs a round to its end
and tells its points in order, `{"point": 7}` dies before the seventh, heals, and tells the outbox. So every
point at which anything is written is found by itself, and the product has no switch.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import smtplib
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import django

WRITE = re.compile(r'^(?:WITH .* )?(INSERT INTO|UPDATE|DELETE FROM) "?(\w+)"?.*', re.S)


class Points:
    """Counts the points of a round as they are reached, and dies before the chosen one."""

    def __init__(self, chosen: int | None) -> None:
        self.chosen = chosen
        self.reached: list[str] = []

    def reach(self, name: str) -> None:
        if len(self.reached) == self.chosen:
            os.kill(os.getpid(), signal.SIGKILL)
        self.reached.append(name)


def watch(points: Points) -> None:
    """Let every write, commit and word to the mail server of this process reach its point."""
    from django.db import connection

    def statement(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if found := WRITE.match(sql):
            points.reach(f"{found[1].split()[0].lower()} {found[2].removeprefix('pilots_')}")
        return execute(sql, params, many, context)

    commit, send = connection.commit, smtplib.SMTP.send

    def committed() -> None:
        points.reach("commit")
        commit()

    def sent(self: smtplib.SMTP, words: Any) -> None:
        points.reach(_said(words))
        send(self, words)

    connection.execute_wrappers.append(statement)
    for owner, name, act in ((connection, "commit", committed), (smtplib.SMTP, "send", sent)):
        setattr(owner, name, act)


def _said(words: str | bytes) -> str:
    if isinstance(words, bytes):
        return "smtp message"
    return f"smtp {words.split()[0].lower()}"


def a_round() -> None:
    from pilots.tasks import advance_alerts, deliver_notifications, evaluate_due

    evaluate_due()
    advance_alerts()
    deliver_notifications()


def heal() -> None:
    """Run rounds after the death; between them leases run out and doubts come due."""
    from django.utils import timezone

    from pilots.models import Notification, PilotState

    for _ in range(4):
        past = timezone.now() - timedelta(seconds=1)
        PilotState.objects.filter(lease_until__isnull=False).update(lease_until=past)
        Notification.objects.filter(state="claimed").update(lease_until=past)
        Notification.objects.filter(state="in_doubt").update(next_try_at=past)
        a_round()


def outbox() -> dict[str, object]:
    from django.db import connection

    from tests.faults.sites import OUTBOX, SURPLUS

    with connection.cursor() as cursor:
        cursor.execute(SURPLUS)
        surplus = cursor.fetchone()[0]
        cursor.execute(OUTBOX)
        return {"rows": cursor.fetchall(), "surplus": surplus}


@contextmanager
def a_copy() -> Iterator[None]:
    """Let the children of this process work on a copy of the database."""
    from django.db import connection

    original = str(connection.settings_dict["NAME"])
    copy = f"{original}_{uuid.uuid4().hex[:8]}"
    if connection.vendor == "sqlite":
        shutil.copyfile(original, copy)
    else:
        _administer(f'CREATE DATABASE "{copy}" TEMPLATE "{original}"')
    connection.settings_dict["NAME"] = copy
    try:
        yield
    finally:
        connection.settings_dict["NAME"] = original
        if connection.vendor == "postgresql":
            _administer(f'DROP DATABASE "{copy}" WITH (FORCE)')


def _administer(statement: str) -> None:
    import psycopg

    url = os.environ["DATABASE_URL"].rpartition("/")[0]
    with closing(psycopg.connect(f"{url}/postgres", autocommit=True)) as server:
        server.execute(statement)


def in_a_child(act: Callable[[], object]) -> Any:
    """Return what an act answers in a child process; None where the child died."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "w") as answer:
            json.dump(act(), answer)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return json.loads(said) if said else None


def _crashing_round(chosen: int | None) -> list[str]:
    points = Points(chosen)
    watch(points)
    a_round()
    return points.reached


def _healed() -> dict[str, object]:
    heal()
    return outbox()


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    django.setup()
    import pilots.tasks  # noqa: F401  (loaded once, before the children)

    for line in sys.stdin:
        point = json.loads(line)["point"]
        with a_copy():
            reached = in_a_child(partial(_crashing_round, point))
            answer = reached if point is None else {"died": reached is None, **in_a_child(_healed)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
