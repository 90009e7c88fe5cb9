"""What people edit keeps every version of itself, with who and why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from simple_history.models import HistoricalRecords

if TYPE_CHECKING:
    from pilots.models.people import User


_written_at: ContextVar[datetime | None] = ContextVar("written_at", default=None)


@contextmanager
def written_at(instant: datetime) -> Iterator[None]:
    """Let the versions saved inside count as written then: a story told afterwards has days of its own."""
    token = _written_at.set(instant)
    try:
        yield
    finally:
        _written_at.reset(token)


class Tracked(models.Model):
    """A row that people edit. `version` counts its saves; each save is one history row."""

    version = models.PositiveIntegerField(default=0, editable=False)
    history = HistoricalRecords(inherit=True)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.version += 1
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "version"}
        if (instant := _written_at.get()) is not None:
            self._history_date = instant
        super().save(*args, **kwargs)
        # The reason belongs to one save; left on the instance it would explain the next one too.
        self._change_reason = ""
        self.__dict__.pop("_history_user", None)
        self.__dict__.pop("_history_date", None)

    def explain(self, *, by: User | None, reason: str = "") -> None:
        """Say who makes the next save, and why. None stands for the engine."""
        self._history_user = by
        self._change_reason = reason
