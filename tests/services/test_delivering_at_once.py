"""A slow worker and one that takes over its claims, at the same moment: one of them sends."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import timedelta

import pytest
from django.db import OperationalError, connection

from pilots.models import Notification
from pilots.services import claiming, delivering
from pilots.services.delivering import Round
from pilots.services.rechecking import unwanted
from tests.builders import NOON
from tests.services.test_delivering import Post, a_message, run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
State = Notification.State


@pytest.fixture(autouse=True)
def _row_locks() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL: SQLite lets one writer work at a time")


def elsewhere(act: Callable[[], object]) -> None:
    """Act over a connection of its own, which waits for a row for no longer than a moment."""

    def run_there() -> None:
        with closing(connection), suppress(OperationalError):  # the row is in the hands of the other
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '300ms'")
            act()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(run_there).result()


def test_what_is_taken_over_while_it_is_looked_at_again_is_sent_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "LEASE", timedelta(seconds=-1))  # run out as soon as it begins
    a_message("a", to="a@example.org")
    slow, fast = Post(), Post()
    look = unwanted

    def look_long(row: Notification) -> str:
        monkeypatch.setattr(delivering, "unwanted", look)
        elsewhere(lambda: run(fast))
        return look(row)

    monkeypatch.setattr(delivering, "unwanted", look_long)
    with Round(slow) as through:
        through.deliver_next(now=NOON)
    assert len(slow.handed) + len(fast.handed) == 1
    assert Notification.objects.get().state == State.SENT
