"""How the engine does, in one sentence for those who look after it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from pilots.models import Pulse
from pilots.reports.engine_checks import silent_before
from pilots.reports.words import instant_words, numbered


def engine_words(*, now: datetime) -> str:
    """Say what the last inspection found. Costs one query."""
    pulse = Pulse.objects.filter(name="inspection").first()
    if pulse is None:
        return "The engine has not been inspected yet."
    at = instant_words(timezone.localtime(pulse.at), now=timezone.localtime(now))
    if pulse.at < silent_before(settings.PERIODS["inspection"], now):
        return f"The engine has not been inspected since {at}."
    wrong = sum(pulse.facts["counts"].values())
    if not wrong:
        return f"The engine does its work (looked {at})."
    things = numbered(wrong, "thing is", "things are")
    return f"The engine needs a look: {things} stuck or late (looked {at})."
