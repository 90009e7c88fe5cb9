"""What reviewers conclude: whether a driver that moved still lets the numbers mean what they did."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from pilots.evaluation.days import local_day
from pilots.evaluation.owing import ASKS
from pilots.evaluation.vocabulary import DriverState
from pilots.models import Alert, AlertEvent, Driver, DriverAnswer, Pilot, PilotState, User
from pilots.permissions import can_answer_driver, require
from pilots.services.addressing import owners_of
from pilots.services.errors import Reason, Refused
from pilots.services.letters import Occasion, decide_anew_letter
from pilots.services.notifying import queue_notification
from pilots.services.saving import lock, lock_pilot, need_reason, refuse_ended, save
from pilots.services.touching import touch

OPEN = (DriverState.MOVED, DriverState.UPDATE_DUE)


@transaction.atomic
def answer_driver(*, driver_id: int, by: User, answer: DriverAnswer, reason: str, now: datetime) -> Driver:
    """Answer a driver that moved.

    "Still valid" makes today's mix the one to compare with from now on, and ends the `revisit` at the
    next look. "Decide anew" leaves it standing until the limits or the pilot change: its owners get one
    mail, and its decision's history, the alert and the pilot's page say who asked for it and why.
    """
    pilot = lock_pilot(Driver.objects.values_list("pilot_id", flat=True).get(pk=driver_id))
    require(can_answer_driver, by, pilot)
    refuse_ended(pilot)
    driver = lock(Driver.objects.all(), driver_id)
    need_reason(reason, "drivers", because="an answer is read again a year from now")
    found = _found(driver)
    if found.get("state") not in OPEN:
        raise Refused(Reason(f"{driver} has not moved since it was last answered.", "drivers"))
    driver.answer, driver.answered_by = answer, by
    if answer == DriverAnswer.STILL_VALID:
        driver.answered_on = local_day(now, pilot.timezone)
        driver.baseline_mix = (found.get("now") if driver.dimension else None) or driver.baseline_mix
    else:
        _ask_to_decide_anew(pilot, driver, found, by=by, reason=reason, now=now)
    save(driver, by=by, reason=f"{DriverAnswer(answer).label}: {reason}")
    _note(driver, f"{by}: {DriverAnswer(answer).label.lower()}. {reason}", by=by, now=now)
    touch(pilot.pk)
    return driver


def _found(driver: Driver) -> dict[str, object]:
    """Return what the newest evaluation says of a driver."""
    state = PilotState.objects.select_related("evaluation").get(pilot=driver.pilot_id)
    drivers = state.evaluation.result.get("drivers", ()) if state.evaluation else ()
    return next((found for found in drivers if found["ref"] == driver.ref), {})


def _ask_to_decide_anew(
    pilot: Pilot, driver: Driver, found: dict[str, object], *, by: User, reason: str, now: datetime
) -> None:
    # The decision's status says what its pilots do, and this one still runs: only its history changes.
    save(pilot.decision, by=by, reason=f"{driver} moved; decide anew: {reason}")
    fact = str(found.get("sentence", "")).removesuffix(ASKS).rstrip()
    key = f"decide anew {driver.pk} {found.get('since') or driver.updated_on} {by.pk} {reason}"
    occasion = Occasion(pilot.spec, None, now)
    for recipient in owners_of(pilot):
        letter = decide_anew_letter(driver, by, reason, recipient, occasion, found=fact)
        queue_notification(recipient=recipient, letter=letter, key=key, now=now)


def _note(driver: Driver, note: str, *, by: User, now: datetime) -> None:
    scope = f"driver:{driver.ref}"
    open_alerts = Alert.objects.unresolved().filter(
        pilot=driver.pilot_id, kind=Alert.Kind.DRIVER, scope=scope
    )
    for alert in open_alerts:
        AlertEvent.objects.create(alert=alert, at=now, kind=AlertEvent.Kind.NOTE, actor=by, note=note)
