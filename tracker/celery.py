"""The Celery app and its static beat schedule. The database row is the record; messages are wake-up hints."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from kombu import Queue

from tracker import env

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")

REDIS_URL = env.text("REDIS_URL")
VISIBILITY_TIMEOUT = 300
QUEUES = ("tick", "evaluate", "outbox", "bulk")
PERIODS = env.periods()

app = Celery("tracker")
app.conf.update(
    broker_url=REDIS_URL or "memory://localhost/",
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "visibility_timeout": VISIBILITY_TIMEOUT,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "socket_keepalive": True,
        "health_check_interval": 25,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
    }
    if REDIS_URL
    else {},
    result_backend_transport_options={"visibility_timeout": VISIBILITY_TIMEOUT},
    visibility_timeout=VISIBILITY_TIMEOUT,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_soft_shutdown_timeout=20,
    worker_redirect_stdouts=False,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_time_limit=60,
    task_soft_time_limit=45,
    # Named here, so that a plain worker listens to all of them.
    task_queues=[Queue(name) for name in QUEUES],
    task_default_queue="tick",
    task_routes={
        "pilots.tasks.deliver_notifications": {"queue": "outbox"},
        "pilots.tasks.import_jobs": {"queue": "bulk"},
    },
    task_create_missing_queues=False,
    # The schedule is static: nothing of it is kept on disk.
    beat_scheduler="celery.beat:Scheduler",
    enable_utc=True,
    timezone="UTC",
    beat_schedule={
        # A tick carries nothing and expires with its period: the query behind it finds the work.
        "evaluate-due": {
            "task": "pilots.tasks.evaluate_due",
            "schedule": PERIODS["evaluate"],
            "options": {"expires": PERIODS["evaluate"]},
        },
        "advance-alerts": {
            "task": "pilots.tasks.advance_alerts",
            "schedule": PERIODS["advance"],
            "options": {"expires": PERIODS["advance"]},
        },
        "deliver-notifications": {
            "task": "pilots.tasks.deliver_notifications",
            "schedule": PERIODS["deliver"],
            "options": {"expires": PERIODS["deliver"]},
        },
        "watch-pilots": {
            "task": "pilots.tasks.watch_pilots",
            "schedule": PERIODS["watch"],
            "options": {"expires": PERIODS["watch"]},
        },
        "import-jobs": {
            "task": "pilots.tasks.import_jobs",
            "schedule": PERIODS["imports"],
            "options": {"expires": PERIODS["imports"]},
        },
        "inspect-engine": {
            "task": "pilots.tasks.inspect_engine",
            "schedule": PERIODS["inspection"],
            "options": {"expires": PERIODS["inspection"]},
        },
    },
)
app.autodiscover_tasks()


@setup_logging.connect
def log_as_settings_say(**_: Any) -> None:
    """Leave logging to Django's settings; a receiver of this signal keeps Celery from setting up its own."""
