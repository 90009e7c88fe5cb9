"""A pilot file into the database: what it says is made so, through the same services people use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from pilots.importing.pilot_files import PilotFile
from pilots.importing.pilot_parts import SHARED_ROLES, ConditionPart, DecisionPart, DriverPart, MetricPart
from pilots.models import Decision, Framework, Metric, Pilot, Tracked, User
from pilots.services.assigning import person
from pilots.services.conditioning import retire_condition, save_condition
from pilots.services.deciding import change_decision, create_decision
from pilots.services.errors import Reason, Refused
from pilots.services.filing import condition_fields, driver_fields, metric_fields, stage_fields
from pilots.services.measuring import (
    draft_baseline,
    remove_driver,
    remove_metric,
    save_driver,
    save_metric,
)
from pilots.services.piloting import (
    change_pilot,
    create_pilot,
    schedule_first_review,
    set_people,
)
from pilots.services.policy_files import drop_unfiled_policies, save_filed_policies
from pilots.services.saving import save
from pilots.services.staging import remove_stage, save_stage


@dataclass(frozen=True, slots=True)
class Imported:
    """The pilot as it stands now, and what the file changed, in words; nothing where all was so already."""

    pilot: Pilot
    changes: tuple[str, ...]


@transaction.atomic
def import_pilot(*, file: PilotFile, by: User, now: datetime, reason: str = "Pilot file") -> Imported:
    """Make the database say what the file says. Readings are never touched.

    Lists in the file are complete: what they leave out is removed, a rule is retired. What the file
    is silent about (people, stages, drivers, escalation, reviews, the hypothesis) stays as it is.
    """
    act = _Act(file, by, now, reason)
    act.save_decision()
    act.save_pilot()
    act.drop_what_is_left_out()
    act.save_people()
    act.save_stages()
    for metric in file.metrics:
        act.save_metric(metric)
    for driver in file.drivers:
        act.save_driver(driver)
    act.save_policies()
    for condition in file.conditions:
        act.save_condition(condition)
    act.drop_policies_left_out()
    return Imported(Pilot.objects.get(pk=act.pilot.pk), tuple(act.changes))


@dataclass
class _Act:
    """One import under way."""

    file: PilotFile
    by: User
    now: datetime
    reason: str
    changes: list[str] = field(default_factory=list)
    pilot: Pilot = field(init=False)
    decision: Decision = field(init=False)

    @property
    def who_and_why(self) -> dict[str, Any]:
        return {"by": self.by, "now": self.now, "reason": self.reason}

    def note(self, what: str, known: Tracked | None, row: Tracked) -> None:
        if known is None:
            self.changes.append(f"{what}: added")
        elif row.version != known.version:
            self.changes.append(f"{what}: changed")

    def save_decision(self) -> None:
        present = Pilot.objects.filter(ref=self.file.pilot.ref).select_related("decision").first()
        part = self.file.decision
        ref = part.ref if part else present.decision.ref if present else self.file.pilot.ref
        if present and present.decision.ref != ref:
            raise Refused(
                Reason(f"The pilot belongs to the decision {present.decision.ref}, not {ref}.", "decision")
            )
        known = Decision.objects.filter(ref=ref).first()
        fields = self._decision_fields(part or DecisionPart(ref=ref))
        options = [{"key": o.key, "title": o.title, "chosen": o.chosen} for o in part.options] if part else []
        if known:
            self.decision = change_decision(
                decision_id=known.pk, fields=fields, options=options or None, **self.who_and_why
            )
        else:
            fields = {"title": self.file.pilot.title, "owner": None} | fields
            self.decision = create_decision(
                by=self.by, fields={"ref": ref} | fields, options=options, now=self.now
            )
        self.note(f"decision {ref}", known, self.decision)

    def _decision_fields(self, part: DecisionPart) -> dict[str, Any]:
        """Return what the file says of the decision; it need not say anything."""
        owner = self.file.people.decision_owner
        said = {
            "title": part.title,
            "statement": part.statement,
            "framework": self._framework(part.framework) if part.framework else None,
            "owner": person(owner) if owner else None,
        }
        return {name: value for name, value in said.items() if value}

    def _framework(self, code: str) -> Framework:
        known = Framework.objects.filter(code=code).first()
        framework = known or Framework(code=code, name_en=code)
        if known is None:
            save(framework, by=self.by, reason=self.reason)
        return framework

    def save_pilot(self) -> None:
        part = self.file.pilot
        fields = {
            "ref": part.ref,
            "title": part.title,
            "timezone": part.timezone,
            "start": part.start,
            "end": part.end,
            "cadence_days": part.cadence_days,
            "pause_on_stop": part.pause_on_stop,
            "dimensions": {name: list(categories) for name, categories in self.file.dimensions.items()},
        }
        if part.hypothesis:
            fields["hypothesis"] = part.hypothesis
        known = Pilot.objects.filter(ref=part.ref).first()
        if known:
            self.pilot = change_pilot(pilot_id=known.pk, fields=fields, **self.who_and_why)
        else:
            self.pilot = create_pilot(decision_id=self.decision.pk, by=self.by, fields=fields, now=self.now)
        self.note(f"pilot {part.ref}", known, self.pilot)

    def drop_what_is_left_out(self) -> None:
        for condition in _left_out(self.pilot.conditions.in_force(), self.file.conditions):
            retire_condition(condition_id=condition.pk, **self.who_and_why)
            self.changes.append(f"rule {condition.ref}: retired")
        for metric in _left_out(self.pilot.metrics.all(), self.file.metrics):
            remove_metric(metric_id=metric.pk, **self.who_and_why)
            self.changes.append(f"metric {metric.ref}: removed")
        for driver in _left_out(self.pilot.drivers.all(), self.file.drivers) if self.file.drivers else ():
            remove_driver(driver_id=driver.pk, **self.who_and_why)
            self.changes.append(f"driver {driver.ref}: removed")

    def save_people(self) -> None:
        """Give each role that the file speaks of to exactly those it names."""
        before = _roles(self.pilot)
        named = {role: getattr(self.file.people, role) for role in SHARED_ROLES}
        people = {role: emails for role, emails in named.items() if emails}
        set_people(pilot_id=self.pilot.pk, people=people, **self.who_and_why)
        if before != _roles(self.pilot):
            self.changes.append("people: changed")
        self._save_reviews()

    def _save_reviews(self) -> None:
        reviews = self.file.reviews
        if reviews.first or reviews.every_days:
            planned = schedule_first_review(
                pilot_id=self.pilot.pk, on=reviews.first, every_days=reviews.every_days, **self.who_and_why
            )
            self.note("reviews", Pilot(version=self.pilot.version), planned)

    def save_stages(self) -> None:
        """Match stages by their place: the name of one under way may change, its record may not."""
        known = list(self.pilot.stages.order_by("order"))
        for place, part in enumerate(self.file.stages):
            stage = known[place] if place < len(known) else None
            fields = stage_fields(part)
            if stage is None or _differs(stage, fields):
                stage_id = stage.pk if stage else None
                save_stage(pilot_id=self.pilot.pk, stage_id=stage_id, fields=fields, **self.who_and_why)
                self.changes.append(f"stage {part.name}: {'changed' if stage else 'added'}")
        for stage in known[len(self.file.stages) :] if self.file.stages else ():
            remove_stage(pilot_id=self.pilot.pk, stage_id=stage.pk, **self.who_and_why)
            self.changes.append(f"stage {stage}: removed")

    def save_metric(self, part: MetricPart) -> None:
        known = self.pilot.metrics.filter(ref=part.ref).first()
        metric = save_metric(
            pilot_id=self.pilot.pk,
            metric_id=known.pk if known else None,
            fields=metric_fields(part),
            **self.who_and_why,
        )
        self.note(f"metric {part.ref}", known, metric)
        self._save_baseline(part, metric)

    def _save_baseline(self, part: MetricPart, metric: Metric) -> None:
        newest = metric.baselines.order_by("-number").first()
        window = part.baseline
        if window is None or (
            newest and (newest.first_day, newest.last_day) == (window.first_day, window.last_day)
        ):
            return
        draft = draft_baseline(
            metric_id=metric.pk, first_day=window.first_day, last_day=window.last_day, **self.who_and_why
        )
        self.changes.append(
            f"baseline {draft.number} of {part.ref}: {'changed' if newest == draft else 'added'}"
        )

    def save_driver(self, part: DriverPart) -> None:
        known = self.pilot.drivers.filter(ref=part.ref).first()
        driver = save_driver(
            pilot_id=self.pilot.pk,
            driver_id=known.pk if known else None,
            fields=driver_fields(part),
            **self.who_and_why,
        )
        self.note(f"driver {part.ref}", known, driver)

    def save_policies(self) -> None:
        parts = self.file.escalation
        self.changes += save_filed_policies(self.pilot, parts, who_and_why=self.who_and_why)

    def drop_policies_left_out(self) -> None:
        parts = self.file.escalation
        self.changes += drop_unfiled_policies(self.pilot, parts, who_and_why=self.who_and_why)

    def save_condition(self, part: ConditionPart) -> None:
        known = self.pilot.conditions.filter(ref=part.ref).first()
        if known and known.retired_at:
            raise Refused(Reason(f"{part.ref} was retired; another rule needs another ref.", "conditions"))
        condition = save_condition(
            pilot_id=self.pilot.pk,
            condition_id=known.pk if known else None,
            fields=condition_fields(part, self.pilot),
            **self.who_and_why,
        )
        self.note(f"rule {part.ref}", known, condition)


def _left_out(rows: Iterable[Any], parts: Iterable[MetricPart | DriverPart | ConditionPart]) -> list[Any]:
    named = {part.ref for part in parts}
    return [row for row in rows if row.ref not in named]


def _roles(pilot: Pilot) -> set[tuple[str, str]]:
    return set(pilot.memberships.values_list("role", "user__email"))


def _differs(row: Tracked, fields: Mapping[str, Any]) -> bool:
    return any(getattr(row, name) != value for name, value in fields.items())
