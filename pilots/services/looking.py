"""Look at pilots: load what is known of many with a fixed number of queries, and judge each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pilots.evaluation.judging import evaluate
from pilots.evaluation.results import PilotResult
from pilots.evaluation.specs import AccountSum, PilotSpec, Reading
from pilots.models import AccountShare, Observation, Pilot
from pilots.services.errors import Reason, Refused
from pilots.services.remembering import Remembered, recall


@dataclass(frozen=True, slots=True)
class Look:
    """What was known of a pilot at one instant, and what follows from it."""

    pilot: Pilot
    spec: PilotSpec
    readings: list[Reading]
    remembered: Remembered
    result: PilotResult

    @property
    def known_digest(self) -> str:
        """Return the digest of the pilot's newest evaluation before this look."""
        evaluation = self.pilot.state.evaluation
        return evaluation.digest if evaluation else ""


@dataclass(frozen=True, slots=True)
class Sight:
    """A look that has not been taken yet: everything that is known, and nothing concluded."""

    pilot: Pilot
    now: datetime
    remembered: Remembered
    readings: list[Reading]
    accounts: list[AccountSum]

    def take(self) -> Look:
        """Judge the pilot."""
        pilot = self.pilot
        if pilot.start is None:
            raise Refused(Reason(f"{pilot.ref} has no start yet, so there is nothing to judge.", "basics"))
        judged = pilot.state.last_evaluated_at
        # A look into the past must not remember what came after it.
        is_past = judged is not None and self.now < judged
        memory = {} if is_past else self.remembered.memory
        spec = pilot.spec
        result = evaluate(spec, self.readings, memory=memory, now=self.now, accounts=self.accounts)
        return Look(pilot, spec, self.readings, self.remembered, result)


def look_at_pilot(pilot_id: int, now: datetime) -> Look:
    """Load what is known of a pilot at `now`, and judge it."""
    return sights_of({pilot_id: now})[pilot_id].take()


def sights_of(instants: Mapping[int, datetime]) -> dict[int, Sight]:
    """Load what is known of some pilots, of each at its instant."""
    pilots = list(Pilot.objects.with_rules().with_state().filter(pk__in=instants))
    remembered = recall(instants)
    return {
        pilot.pk: Sight(
            pilot,
            now := instants[pilot.pk],
            remembered[pilot.pk],
            Observation.objects.readings_known(pilot.pk, now),
            AccountShare.objects.sums_known(pilot.pk, now),
        )
        for pilot in pilots
    }
