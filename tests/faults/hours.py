"""Hours of the engine in an instant: its rounds at given instants, within the test's own process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import time_machine
from django.db import connection
from pytest_django import Settings

from pilots.tasks import advance_alerts, deliver_notifications, evaluate_due
from tests.faults.accounts import Outcome, Row, Telling, outcome_of
from tests.faults.sites import OUTBOX, SURPLUS, UNDONE
from tests.processes import PostOffice

PERIOD = timedelta(seconds=15)


def mails_go_to(post: PostOffice, settings: Settings) -> None:
    """Let this process send its mails to a real server."""
    settings.EMAIL_BACKEND = "pilots.channels.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", post.port
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "pilots", "secret"
    settings.EMAIL_TIMEOUT = 0.3


def a_round(at: datetime) -> None:
    """Judge, move on and send what is due, as the ticks at that instant do."""
    with time_machine.travel(at, tick=False):
        evaluate_due()
        advance_alerts()
        deliver_notifications()


def rounds(begin: datetime, lasting: timedelta, *, every: timedelta = PERIOD) -> Iterable[datetime]:
    """Run rounds for a while, and yield the instant of each after it ran."""
    for number in range(lasting // every + 1):
        at = begin + number * every
        a_round(at)
        yield at


def recovery(
    healed: datetime,
    expected: Sequence[Telling],
    post: PostOffice,
    *,
    within: timedelta = timedelta(hours=1),
    every: timedelta = PERIOD,
) -> Outcome:
    """Run rounds from the heal until nothing is left to do; return what is left then."""
    done = next((at for at in rounds(healed, within, every=every) if not number_of(UNDONE)), healed + within)
    for _ in rounds(done + PERIOD, 4 * PERIOD):
        pass  # a few more, in which nothing more may come
    return outcome_of(
        expected,
        [Row(*row) for row in _rows(OUTBOX)],
        [str(mail["Message-ID"]) for mail in post.mails],
        surplus=number_of(SURPLUS),
        recovered=(done - healed).total_seconds(),
    )


def _rows(question: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return list(cursor.fetchall())


def number_of(question: str) -> int:
    return int(_rows(question)[0][0])
