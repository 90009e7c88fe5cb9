"""Look at pilots: load what is known of many with a fixed number of queries, and judge each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from pilots.evaluation.crowds import Face, foresee_crowd
from pilots.evaluation.days import local_day
from pilots.evaluation.foreseeing import Sights
from pilots.evaluation.judging import Memory, judge
from pilots.evaluation.looks import Foresight
from pilots.evaluation.results import PilotResult
from pilots.evaluation.shelves import Shelf
from pilots.evaluation.specs import PilotSpec, Reading
from pilots.models import Pilot
from pilots.services.errors import Reason, Refused
from pilots.services.gathering import accounts_known, lay_out_baselines, sheets_known
from pilots.services.remembering import Remembered, recall


@dataclass(frozen=True, slots=True)
class Look:
    """What was known of a pilot at one instant, and what follows from it."""

    pilot: Pilot
    spec: PilotSpec
    series: Shelf
    remembered: Remembered
    result: PilotResult

    @property
    def readings(self) -> list[Reading]:
        return list(self.series.readings)

    @property
    def known_digest(self) -> str:
        """Return the digest of the pilot's newest evaluation before this look."""
        evaluation = self.pilot.state.evaluation
        return evaluation.digest if evaluation else ""


@dataclass(frozen=True)
class Sight:
    """A pilot and all that is known of it at an instant; nothing is concluded yet."""

    pilot: Pilot
    now: datetime
    series: Shelf
    remembered: Remembered

    @cached_property
    def spec(self) -> PilotSpec:
        if self.pilot.start is None:
            raise Refused(
                Reason(f"{self.pilot.ref} has no start yet, so there is nothing to judge.", "basics")
            )
        return self.pilot.spec

    @cached_property
    def memory(self) -> Memory:
        judged = self.pilot.state.last_evaluated_at
        # A look into the past must not remember what came after it.
        is_past = judged is not None and self.now < judged
        return {} if is_past else self.remembered.memory

    @property
    def face(self) -> Face:
        return Face(self.spec, self.series, self.memory, local_day(self.now, self.spec.timezone))

    def take(self, foreseen: Sights | None = None) -> Look:
        """Judge the pilot, with what its look sees where that was worked out before."""
        foresight = Foresight(sights=foreseen or {})
        result = judge(self.spec, self.series, memory=self.memory, now=self.now, foresight=foresight)
        return Look(self.pilot, self.spec, self.series, self.remembered, result)


def look_at_pilot(pilot_id: int, now: datetime) -> Look:
    """Load what is known of a pilot at `now`, and judge it."""
    sights = sights_of({pilot_id: now})
    if pilot_id not in sights:
        raise Pilot.DoesNotExist(f"There is no pilot {pilot_id}.")
    return sights[pilot_id].take()


def sights_of(instants: Mapping[int, datetime]) -> dict[int, Sight]:
    """Load what is known of some pilots, of each at its instant, with a fixed number of queries."""
    pilots = Pilot.objects.filter(pk__in=instants).to_judge()
    lay_out_baselines(pilots)
    remembered, sheets, accounts = recall(instants), sheets_known(pilots, instants), accounts_known(instants)
    return {
        pk: Sight(pilot, now, Shelf(sheets[pk], accounts[pk], known_at=now), remembered[pk])
        for pilot in pilots
        for pk, now in [(pilot.pk, instants[pilot.pk])]
    }


def foresee(sights: Iterable[Sight]) -> dict[int, Sights]:
    """Work out what the looks at many pilots will see, for all of them at once."""
    faces: dict[int, Face] = {}
    for sight in sights:
        # What can't be described is told by its own look, and keeps no other from being seen.
        with suppress(Exception):
            faces[sight.pilot.pk] = sight.face
    return dict(zip(faces, foresee_crowd(list(faces.values())), strict=True))
