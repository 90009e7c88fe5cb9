"""The steps of a set-up, in the order a new owner takes them, and how far each one is."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from pilots.models import Pilot
from pilots.reports.readiness import Check, readiness_of

STEPS = {
    "basics": "Basics",
    "people": "People",
    "stages": "Stages",
    "metrics": "Metrics",
    "baselines": "Baselines",
    "drivers": "Drivers",
    "limits": "Limits",
    "escalation": "Who is told next",
    "reviews": "Reviews",
    "check": "Check and start",
}
MENDED_AT = {"conditions": "limits", "pilot": "basics"}  # what a reason names → the step


@dataclass(frozen=True, slots=True)
class Mend:
    """What is missing, and the page where it is mended."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    key: str
    title: str
    icon: str
    words: str


@dataclass(frozen=True, slots=True)
class LinkedCheck:
    """A clause of the readiness list, with the link to where it is mended."""

    text: str
    missing: tuple[str, ...]
    icon: str
    css: str
    url: str


@dataclass(frozen=True, slots=True)
class SetUp:
    """Where a person is in the set-up of a pilot, and what it still needs."""

    pilot: Pilot
    here: str
    checks: tuple[Check, ...]

    @property
    def number(self) -> int:
        return list(STEPS).index(self.here) + 1

    @property
    def title(self) -> str:
        return STEPS[self.here]

    @property
    def before(self) -> str:
        return list(STEPS)[self.number - 2] if self.number > 1 else ""

    @property
    def before_title(self) -> str:
        return STEPS.get(self.before, "")

    @property
    def after(self) -> str:
        return list(STEPS)[self.number] if self.number < len(STEPS) else ""

    @property
    def after_title(self) -> str:
        return STEPS.get(self.after, "")

    @property
    def held(self) -> int:
        return sum(check.ok for check in self.checks)

    @property
    def missing(self) -> int:
        return len(self.checks) - self.held

    @property
    def linked_checks(self) -> list[LinkedCheck]:
        return [linked(check, self.pilot) for check in self.checks]

    @property
    def steps(self) -> list[Step]:
        return [self._step(key, title) for key, title in STEPS.items()]

    @property
    def first_open(self) -> str:
        """Return the first step that still needs something, or the last one."""
        still_open = [key for key in STEPS if key != "check" and self._needs(key)]
        return still_open[0] if still_open else "check"

    def _step(self, key: str, title: str) -> Step:
        needs = self._needs(key)
        if key == self.here:
            return Step(key, title, "edit", "")
        if key == "check":
            return Step(key, title, "ring" if self._waits else "track", "")
        return Step(key, title, "half" if needs else "track", f"{needs} missing" if needs else "done")

    @property
    def _waits(self) -> bool:
        return self.pilot.started_at is None and bool(self.missing)

    def _needs(self, step: str) -> int:
        if step == "basics":
            return 0 if self.pilot.start else 1
        if step == "metrics":
            return 0 if self.pilot.metrics.all() else 1
        return sum(not check.ok for check in self.checks if step_of(check.where) == step)


def set_up_of(pilot: Pilot, here: str) -> SetUp:
    stored = Pilot.objects.with_rules().get(pk=pilot.pk)
    return SetUp(pilot=stored, here=here, checks=readiness_of(stored))


def linked(check: Check, pilot: Pilot) -> LinkedCheck:
    icon, css = ("track", "ok") if check.ok else ("ring", "wait")
    return LinkedCheck(check.text, check.missing, icon, css, place_in_pilot(pilot, check.where))


def step_of(where: str) -> str:
    return MENDED_AT.get(where, where)


def place_in_pilot(pilot: Pilot, where: str) -> str:
    """Return the page that mends what a reason or a check names; empty where none does."""
    if where == "decision":
        decided = pilot.decision.decided_at is not None
        return reverse("decision-edit" if decided else "decision", args=[pilot.decision.ref])
    if step_of(where) in STEPS:
        return reverse("pilot-setup", args=[pilot.ref, step_of(where)])
    return f"{reverse('pilot', args=[pilot.ref])}#{where}" if where else ""
