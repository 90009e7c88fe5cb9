"""`engine`: worker and beat in one process, without Redis."""

from __future__ import annotations

import logging
import warnings
from typing import Any

from celery.beat import EmbeddedService
from celery.exceptions import SecurityWarning
from django.core.management.base import BaseCommand, CommandError

from tracker.celery import REDIS_URL, app

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Judge pilots and send mails on schedule, in one process. Ctrl-C ends it."

    def handle(self, *args: Any, **options: Any) -> None:
        if REDIS_URL:
            raise CommandError(
                "REDIS_URL is set: run `celery -A tracker worker` and `celery -A tracker beat` instead."
            )
        # As root Celery warns of pickled messages; here only JSON is read.
        warnings.filterwarnings("ignore", category=SecurityWarning)
        worker = app.Worker(
            pool="solo", without_gossip=True, without_mingle=True, without_heartbeat=True, quiet=True
        )
        beat: Any = EmbeddedService(app, thread=True, scheduler_cls=app.conf.beat_scheduler)
        logger.info("The engine runs. Ctrl-C ends it.")
        beat.start()
        try:
            worker.start()
        finally:
            beat.stop()
