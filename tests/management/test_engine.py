"""The engine as a real process, with a real SMTP server at the other end."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.processes import CELERY, PostOffice, Product, eventually

pytestmark = pytest.mark.processes

A_LIVE_PILOT = "from tests.live import a_live_pilot\na_live_pilot()"
ROWS = """
    from pilots.models import Alert, Evaluation, Notification
    sent = Notification.objects.filter(state="sent")
    print(Evaluation.objects.count(), Alert.objects.count(), sent.count())
"""
SUBJECT = "Stop: Resolution time is 20% higher than before (tiers)"
ONE_MAIL_EACH = {("owner@example.org", SUBJECT): 1, ("pilot.owner@example.org", SUBJECT): 1}


def test_a_pilot_past_its_limit_gives_one_alert_and_one_mail_each_however_long_the_engine_ticks(
    product: Product, post: PostOffice
) -> None:
    product.tell(A_LIVE_PILOT)
    with product.engine() as engine:
        eventually(lambda: len(post.mails) >= 2, why=product.log)
        time.sleep(4)
        assert post.counted() == ONE_MAIL_EACH
        assert product.tell(ROWS).split() == ["1", "1", "2"]
        started = time.monotonic()
        os.kill(engine.pid, signal.SIGTERM)
        assert engine.wait(20) == 0
        assert time.monotonic() - started < 10
    assert "Traceback" not in product.log()


def test_the_engine_goes_on_ticking_after_a_tick_that_failed(product: Product, post: PostOffice) -> None:
    """It starts before its database has any table; the first ticks fail."""
    (product.home / "tracker.sqlite3").unlink()
    with product.engine():
        eventually(lambda: product.log().count("no such table") > 4, why=product.log)
        product.run("migrate", "--verbosity", "0")
        product.tell(A_LIVE_PILOT)
        eventually(lambda: post.counted() == ONE_MAIL_EACH, why=product.log)


def test_ctrl_c_ends_the_engine_promptly(product: Product) -> None:
    with product.engine() as engine:
        eventually(lambda: "The engine runs" in product.log(), why=product.log)
        time.sleep(2)
        os.kill(engine.pid, signal.SIGINT)
        assert engine.wait(10) == 0


def test_with_redis_the_engine_says_in_one_sentence_what_to_run_instead(product: Product) -> None:
    product.environ["REDIS_URL"] = "redis://127.0.0.1:1/0"
    with product.engine() as engine:
        assert engine.wait(30) == 1
    assert product.log().strip() == (
        "CommandError: REDIS_URL is set: run `celery -A tracker worker` and `celery -A tracker beat` instead."
    )


@pytest.mark.services
def test_workers_and_two_beats_on_postgresql_and_redis_end_in_the_same_rows_and_mails(
    product: Product, post: PostOffice, postgres: str, redis_server: str
) -> None:
    product.environ |= {"DATABASE_URL": postgres, "REDIS_URL": redis_server}
    product.run("migrate", "--verbosity", "0")
    product.tell(A_LIVE_PILOT)
    worker = (*CELERY, "worker", "--concurrency", "2")
    beat = (*CELERY, "beat", "--pidfile=")
    with (
        product.process(*worker, "-n", "one@%h", log="worker"),
        product.process(*worker, "-n", "two@%h", log="worker"),
        product.process(*beat, log="beat"),
        product.process(*beat, log="beat"),
    ):
        eventually(lambda: len(post.mails) >= 2, why=lambda: product.log("worker"))
        time.sleep(5)
        assert post.counted() == ONE_MAIL_EACH
        assert product.tell(ROWS).split() == ["1", "1", "2"]
    assert "Traceback" not in product.log("worker")
