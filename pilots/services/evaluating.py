"""Judge pilots: claim them, load what is known, judge, then store everything in one short transaction."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction

from pilots.evaluation.results import PilotResult
from pilots.evaluation.signals import Signal, SignalKind, Standing, is_quiet
from pilots.evaluation.specs import PilotSpec
from pilots.evaluation.vocabulary import Severity
from pilots.models import Alert, Pilot, PilotState
from pilots.services.alerting import Overtaken, raise_alert
from pilots.services.concluding import conclude, conclude_all
from pilots.services.errors import Reason, Refused
from pilots.services.leasing import Claim, ClaimLost, claim_due, claim_pilot, release
from pilots.services.letters import Occasion
from pilots.services.looking import Look, foresee, look_at_pilot, sights_of
from pilots.services.saving import lock_pilot
from pilots.services.telling import tell

logger = logging.getLogger(__name__)
RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
FAILURES_TO_TELL = 3
AT_ONCE = 100  # pilots looked at together
STORED_AT_ONCE = 25  # of these in one transaction: it is to be over in some fifty milliseconds
TELLING_IN_A_BATCH = 20  # their mails take longest: a batch is to end well before its task's time is up

Judged = tuple[Claim, Look, datetime]


class NotRunning(Refused):
    """Raised for a pilot that isn't running: it may have been moved since it was claimed."""


def evaluate_pilot(*, pilot_id: int, now: datetime, dry_run: bool = False) -> PilotResult:
    """Judge one pilot at `now` and store what changed, or with `dry_run` only answer.

    Raises Refused where the pilot isn't running, was judged later than `now` or is being judged.
    """
    if dry_run:
        return look_at_pilot(pilot_id, now).result
    claim = claim_pilot(pilot_id)
    if claim is None:
        raise Refused(Reason("This pilot is being judged right now. Try again in a minute."))
    try:
        return _evaluate(claim, now)
    finally:
        release(claim)


def _evaluate(claim: Claim, now: datetime) -> PilotResult:
    if claim.last_evaluated_at and now < claim.last_evaluated_at:
        judged = f"{claim.last_evaluated_at:%Y-%m-%d %H:%M} UTC"
        raise Refused(
            Reason(f"This pilot was judged for {judged} already; a past verdict is never rewritten.")
        )
    look = _of_running(look_at_pilot(claim.pilot_id, now))
    conclude(claim, look, now)
    return look.result


def _of_running(look: Look) -> Look:
    if look.pilot.status != Pilot.Status.RUNNING:
        status = look.pilot.get_status_display().lower()
        raise NotRunning(Reason(f"{look.pilot.ref} is {status}; only running pilots are judged."))
    return look


def evaluate_next(*, now: datetime) -> bool:
    """Judge the pilot that has been due longest. Return False when none is due."""
    return bool(evaluate_batch(now=now, size=1))


def evaluate_batch(*, now: datetime, size: int = AT_ONCE) -> int:
    """Judge up to `size` due pilots at once. Return how many there were.

    A pilot that can't be judged marks only itself and waits; it never stops the others.
    """
    claims = claim_due(now, size=size)
    # Clocks of two workers differ a little; time never runs backwards for a pilot.
    instants = {claim.pilot_id: max(now, claim.last_evaluated_at or now) for claim in claims}
    for claim in _evaluate_together(claims, instants) if claims else ():
        with _marking_only(claim, now):
            _evaluate(claim, instants[claim.pilot_id])
    return len(claims)


def _evaluate_together(claims: Sequence[Claim], instants: dict[int, datetime]) -> Sequence[Claim]:
    """Judge some pilots in one go; return those that have to be judged alone."""
    judged: list[Judged] = []
    try:
        sights = sights_of(instants)
        foreseen = foresee(sights.values())
        for claim in claims:
            with _marking_only(claim, instants[claim.pilot_id]):
                look = sights[claim.pilot_id].take(foreseen.get(claim.pilot_id))
                judged.append((claim, _of_running(look), instants[claim.pilot_id]))
    except Exception:
        logger.warning("%d pilots are looked at one by one.", len(claims), exc_info=True)
        return claims
    return [claim for handful in _handfuls(judged) for claim in _conclude_together(handful)]


def _handfuls(judged: Sequence[Judged]) -> Iterator[Sequence[Judged]]:
    """Share verdicts out to transactions; a pilot that tells people has one of its own, with its mails.

    Where more of them tell than fit a batch, the others are given back: they are due as before.
    """
    telling = _about_to_tell(judged)
    claims = {claim for claim, _, _ in telling}
    quiet = [one for one in judged if one[0] not in claims]
    yield from (quiet[first : first + STORED_AT_ONCE] for first in range(0, len(quiet), STORED_AT_ONCE))
    yield from ([one] for one in telling[:TELLING_IN_A_BATCH])
    for claim, _, _ in telling[TELLING_IN_A_BATCH:]:
        release(claim)


def _about_to_tell(judged: Sequence[Judged]) -> list[Judged]:
    """Return the pilots whose first alerts are about to open; of open ones people know already."""
    opening = [one for one in judged if not is_quiet(one[1].result)]
    ids = [claim.pilot_id for claim, _, _ in opening]
    known = set(Alert.objects.unresolved().filter(pilot__in=ids).values_list("pilot", flat=True))
    return [one for one in opening if one[0].pilot_id not in known]


def _conclude_together(judged: Sequence[Judged]) -> Sequence[Claim]:
    """Store some verdicts in one transaction; return the claims of those that have to be judged alone."""
    try:
        for lost in conclude_all(judged):
            logger.info("Judged again later: %s", lost)
            release(lost.claim)
    except Exception:
        # One of them spoils it for all: alone each is stored, or marked.
        logger.warning("%d pilots are judged one by one.", len(judged), exc_info=True)
        return [claim for claim, _, _ in judged]
    return ()


@contextmanager
def _marking_only(claim: Claim, now: datetime) -> Iterator[None]:
    """Let what goes wrong with one pilot mark this pilot and nothing else."""
    try:
        yield
    except (ClaimLost, Overtaken, NotRunning) as reason:
        logger.info("Judged again later: %s", reason)
        release(claim)
    except Exception as error:
        logger.exception("Pilot %s could not be judged.", claim.pilot_id)
        _record_failure(claim, error, now)


def _record_failure(claim: Claim, error: Exception, now: datetime) -> None:
    """Mark a pilot that can't be judged, let it wait, and tell its owners from the third time on."""
    failures = claim.failures + 1
    kept = PilotState.objects.filter(pilot_id=claim.pilot_id, fence=claim.fence).update(
        failures=failures,
        retry_at=now + RETRIES[min(failures, len(RETRIES)) - 1],
        last_error=f"{type(error).__name__}: {error}",
        lease_until=None,
    )
    if not kept or failures < FAILURES_TO_TELL:
        return
    try:
        _tell_failure(claim.pilot_id, now)
    except Exception:
        # What can't be told now is told at the next failure; the other pilots must not wait for it.
        logger.exception("The owners of pilot %s could not be told.", claim.pilot_id)


@transaction.atomic
def _tell_failure(pilot_id: int, now: datetime) -> None:
    if lock_pilot(pilot_id).status != Pilot.Status.RUNNING:
        return  # a person has moved it since; nobody could close an alert on a pilot that has ended
    pilot = Pilot.objects.select_related("decision", "state__evaluation").get(pk=pilot_id)
    since = pilot.state.last_evaluated_at
    known = f"Not judged since {since:%Y-%m-%d %H:%M} UTC." if since else "It was never judged."
    sentence = f"{pilot.title} could not be judged {pilot.state.failures} times in a row. {known}"
    signal = Signal(SignalKind.TECHNICAL, Standing.RAISED, Severity.SEV3, sentence)
    turn = raise_alert(pilot=pilot, signal=signal, now=now)
    if turn is not None:
        # Described without its rules, its dates or its zone: one of them may be what is broken.
        bare = PilotSpec(pilot.ref, pilot.title, "UTC", now.date(), None, metrics=(), conditions=())
        tell(turn, Occasion(bare, None, now))
