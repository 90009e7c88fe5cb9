"""The project. Importing it makes the Celery app the default one, so that tasks bind to it."""

from tracker.celery import app as celery_app

__all__ = ["celery_app"]
