"""Watch the calendar: alerts for reviews and stages past their day, and for the risks that show.

It has rounds of its own because the calendar goes on where a pilot is paused or seldom judged.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from pilots.evaluation.days import local_day
from pilots.evaluation.signals import WATCHED, Signal, Standing
from pilots.evaluation.watching import planned_signals
from pilots.models import Alert, Pilot
from pilots.reports.watched_plans import pilots_of_interest, plan_of, with_plans
from pilots.services.alerting import Overtaken, identity_of, reconcile_alerts, unresolved_of
from pilots.services.occasions import occasion_of_pilot
from pilots.services.saving import lock_pilot
from pilots.services.telling import tell

logger = logging.getLogger(__name__)
AT_A_TIME = 100  # pilots of one call, well within a task's time; what is left comes with the next one


def watch_pilots(*, now: datetime) -> int:
    """Bring the calendar's alerts of every pilot in line; return how many turns were told.

    Where nothing has changed it costs a few queries, however many pilots there are.
    """
    return sum(_watch(pilot_id, now) for pilot_id in _differing(now)[:AT_A_TIME])


def _differing(now: datetime) -> list[int]:
    """Return the pilots whose alerts say something other than their plans."""
    pilots = list(with_plans(pilots_of_interest(now)))
    known = unresolved_of([pilot.pk for pilot in pilots], WATCHED)
    return [pilot.pk for pilot in pilots if _differs(pilot, known[pilot.pk], now)]


def _signals_of(pilot: Pilot, now: datetime) -> Sequence[Signal]:
    return planned_signals(plan_of(pilot), today=local_day(now, pilot.timezone))


def _differs(pilot: Pilot, known: Sequence[Alert], now: datetime) -> bool:
    alerts = {identity_of(alert): alert for alert in known}
    try:
        signals = _signals_of(pilot, now)
    except Exception:
        # One pilot's trouble must not keep the others unwatched.
        logger.exception("The plan of %s can't be read.", pilot.ref)
        return False
    told = [(signal, alerts.pop((signal.kind.value, "", signal.scope), None)) for signal in signals]
    return bool(alerts) or any(_is_news(signal, alert) for signal, alert in told)


def _is_news(signal: Signal, alert: Alert | None) -> bool:
    raised = signal.standing is Standing.RAISED
    if alert is None:
        return raised
    if not raised and alert.status != Alert.Status.RESOLVED:
        return True
    same = (alert.result.get("standing"), alert.sentence) == (signal.standing.value, signal.sentence)
    return not same or (raised and alert.severity != signal.severity.value)


def _watch(pilot_id: int, now: datetime) -> int:
    try:
        return watch_pilot(pilot_id=pilot_id, now=now)
    except Overtaken as reason:
        logger.info("Watched again later: %s", reason)
    except Exception:
        logger.exception("The plan of pilot %s could not be watched.", pilot_id)
    return 0


@transaction.atomic
def watch_pilot(*, pilot_id: int, now: datetime) -> int:
    """Open, refresh and close the calendar's alerts of one pilot; return how many turns were told."""
    lock_pilot(pilot_id)
    pilot = with_plans(Pilot.objects.all()).get(pk=pilot_id)
    known = unresolved_of([pilot_id], WATCHED)[pilot_id]
    turns = reconcile_alerts(
        pilot=pilot, signals=_signals_of(pilot, now), evaluation=None, now=now, known=known
    )
    if turns:
        occasion = occasion_of_pilot(pilot_id, now)
        for turn in turns:
            tell(turn, occasion)
    return len(turns)
