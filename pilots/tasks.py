"""Doorbells: a task wakes a loop over a service, for a bounded time. What is to do stands in the database."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from threading import Lock, Thread

from celery import current_app, shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from pilots import channels
from pilots.channels import heartbeat
from pilots.models import Notification
from pilots.services import inspecting, uploading, watching
from pilots.services.carrying import carry_next
from pilots.services.delivering import Round
from pilots.services.escalating import advance_next
from pilots.services.evaluating import evaluate_batch
from pilots.services.pulsing import beat

logger = logging.getLogger(__name__)
_ringing, _ringing_imports = Lock(), Lock()


@shared_task
def evaluate_due() -> None:
    """Judge every pilot that is due, then ring for the mails."""
    if _round("evaluate", lambda now: evaluate_batch(now=now) > 0, seconds=30):
        _ring(deliver_notifications.apply_async)


@shared_task
def advance_alerts() -> None:
    """Move on every alert whose next instant has come, then ring for the mails."""
    if _round("advance", lambda now: advance_next(now=now), seconds=40):
        _ring(deliver_notifications.apply_async)


@shared_task(time_limit=30, soft_time_limit=25)
def deliver_notifications() -> None:
    """Send every message that is due."""
    with channels.connected() as send, Round(send) as through:
        _round("deliver", lambda now: through.deliver_next(now=now), seconds=20)


def deliver_as_told(*, now: datetime) -> None:
    """Send what is due instant by instant, as an engine that never slept would have sent it."""
    waiting = Notification.objects.filter(state=Notification.State.PENDING, next_try_at__lte=now)
    with channels.connected() as send, Round(send) as through:
        for instant in waiting.order_by("next_try_at").values_list("next_try_at", flat=True).distinct():
            while through.deliver_next(now=instant):
                pass


@shared_task
def watch_pilots() -> None:
    """Open and close what the calendar trips, then ring for the mails."""
    if _round("watch", lambda now: watching.watch_pilots(now=now) > 0, seconds=40):
        _ring(deliver_notifications.apply_async)


@shared_task
def import_jobs() -> None:
    """Carry in the files that people sent, bit by bit, then ring for the verdicts.

    The round is short, so that an engine with one hand for everything is soon back at the rest.
    """
    uploading.forget_uploads(now=timezone.now())
    if _round("imports", lambda now: carry_next(now=now), seconds=10):
        _ring(evaluate_due.apply_async)
        _ring(import_jobs.apply_async)


@shared_task
def inspect_engine() -> None:
    """Look for what is forgotten, stuck or silent; while there is nothing, say so to the watcher outside."""
    began, now = time.monotonic(), timezone.now()
    findings = inspecting.inspect_engine(now=now, during="inspection")
    beat("inspection", now=now, took_ms=_since(began), facts=findings.facts)
    if findings.is_clear:
        heartbeat.send_heartbeat()
    else:
        logger.warning("The engine needs a look: %s", findings.facts["examples"])


def ring_evaluation() -> None:
    """Wake a worker for a change; call it on commit. It never waits for the broker.

    An embedded engine hears only its own beat, so there is nobody to ring for.
    """
    _ring_aside(evaluate_due.apply_async, _ringing)


def ring_imports() -> None:
    """Wake a worker for a file that waits; call it on commit. It never waits for the broker."""
    _ring_aside(import_jobs.apply_async, _ringing_imports)


def _ring_aside(apply_async: Callable[..., object], ringing: Lock) -> None:
    embedded = str(current_app.conf.broker_url).startswith("memory")
    # A bell that is being rung need not be rung twice.
    if not embedded and ringing.acquire(blocking=False):
        Thread(target=_ring_and_release, args=(apply_async, ringing), daemon=True).start()


def _ring_and_release(apply_async: Callable[..., object], ringing: Lock) -> None:
    try:
        _ring(apply_async)
    finally:
        ringing.release()


def _ring(apply_async: Callable[..., object]) -> None:
    """Ring a bell. One that fails to ring is no error: the next beat finds the work."""
    try:
        apply_async(expires=60, retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("The broker can't be reached; the next beat finds the work (%s).", error)


def _round(name: str, act: Callable[[datetime], bool], *, seconds: float) -> int:
    """Repeat an act and note that the round ran, also where it found nothing to do."""
    began = time.monotonic()
    done = _repeat(act, seconds=seconds)
    beat(name, now=timezone.now(), took_ms=_since(began), facts={"done": done})
    return done


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _repeat(act: Callable[[datetime], bool], *, seconds: float) -> int:
    """Repeat an act until there is nothing left to do or the time is up. Return how often it was done."""
    ends, done = time.monotonic() + seconds, 0
    while time.monotonic() < ends and act(timezone.now()):
        done += 1
    return done
