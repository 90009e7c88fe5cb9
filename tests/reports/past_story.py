"""A pilot with a life: set up, started, judged daily, edited, corrected, alarmed, answered and decided on."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta

import time_machine

from pilots.evaluation.moments import Moments
from pilots.evaluation.specs import Reading
from pilots.importing.pilot_files import parse
from pilots.models import Alert, Driver, DriverAnswer, Notification, Pilot, Receipt, User
from pilots.services.acknowledging import acknowledge
from pilots.services.conditioning import retire_condition, save_condition
from pilots.services.deciding import change_decision, save_risk
from pilots.services.delivering import deliver_next
from pilots.services.evaluating import evaluate_pilot
from pilots.services.importing_pilots import import_pilot
from pilots.services.measuring import (
    draft_baseline,
    finalise_baseline,
    save_metric,
    update_driver_value,
)
from pilots.services.piloting import pause_pilot, resume_pilot, set_people, stop_pilot
from pilots.services.recording import record_readings
from pilots.services.reviewing import answer_driver
from pilots.services.settling import continue_past
from pilots.services.snoozing import snooze
from pilots.services.staging import advance_stage
from pilots.services.starting import start_imported
from tests.builders import START, a_person

BASELINE_DAYS = 28
LAST_DAY = 26
OWNER, STEWARD, REVIEWER = "owner@example.org", "data@example.org", "reviewer@example.org"


def file() -> dict[str, object]:
    before = {"from": START - timedelta(days=BASELINE_DAYS), "to": START - timedelta(days=1)}
    why = {"rationale": "Agreed with support."}
    return {
        "version": 1,
        "decision": {
            "ref": "tiers-decision",
            "title": "Support tiers",
            "statement": "Try tiers in stages.",
            "options": [{"key": "A", "title": "Keep"}, {"key": "B", "title": "Stages", "chosen": True}],
        },
        "pilot": {
            "ref": "tiers",
            "title": "Tier pilot",
            "start": START,
            "end": START + timedelta(days=60),
            "people": {
                "decision_owner": OWNER,
                "pilot_owner": OWNER,
                "metric_owner": STEWARD,
                "reviewer": REVIEWER,
            },
            "dimensions": {"severity": ["low", "high"]},
            "stages": [
                {"name": "first accounts", "exposure": "10 %", "min_days": 14},
                {"name": "half", "exposure": "50 %"},
            ],
        },
        "metrics": [{"ref": "hours", "name": "Resolution time", "unit": "h", "baseline": before}],
        "drivers": [
            {"ref": "mix", "dimension": "severity", "update_every_days": 60, "update_rule": "Counted"},
            {"ref": "usage", "value": 0.4, "update_every_days": 60, "update_rule": "From the report"},
        ],
        "thresholds": [{"ref": "T1", "metric": "hours", "improve_by": "5 %", **why}],
        "stop_conditions": [{"ref": "S1", "metric": "hours", "worsen_by": "30 %", **why}],
        "escalation_triggers": [
            {
                "ref": "E1",
                "metric": "hours",
                "scope": "each:severity",
                "worsen_by": "8 %",
                "severity": "SEV2",
                "notify": ["pilot_owner"],
                **why,
            }
        ],
        "reviews": {"first": START + timedelta(days=20), "every_days": 28},
    }


def day(number: int) -> date:
    return START + timedelta(days=number - 1)


def evening(number: int) -> datetime:
    """The last instant of a day of the pilot, counted from 1: when its page is looked at."""
    return datetime.combine(day(number + 1), time.min, UTC) - timedelta(microseconds=1)


def noon(number: int) -> datetime:
    return datetime.combine(day(number), time(12), UTC)


Level = Callable[[int, str], float]


def one_tier_suffers(number: int, segment: str) -> float:
    return 1.3 if segment == "high" and 1 <= number <= 18 else 1.0


def everybody_suffers_at_first(number: int, segment: str) -> float:
    return 1.6 if 1 <= number <= 9 else 1.0


class Story:
    """One pilot, its people, and the clock everybody lives by."""

    def __init__(self, level: Level = one_tier_suffers) -> None:
        self.level = level
        self.clock = time_machine.travel(noon(0), tick=False)

    def begin(self) -> None:
        self.owner = a_person(OWNER, name="Mei Tanaka")
        self.steward = a_person(STEWARD, name="Aiko Sato")
        self.reviewer = a_person(REVIEWER, name="Helena Markovic")
        made = import_pilot(file=parse(file(), file="story"), by=self.owner, now=noon(0))
        self.pilot_id = made.pilot.pk
        self.record(range(1 - BASELINE_DAYS, 1), now=noon(0))
        self.look_at_usage(0.4, now=noon(0))

    def start(self) -> None:
        start_imported(pilot=self.pilot, by=self.owner, now=noon(1), reason="All is in place.")

    @property
    def pilot(self) -> Pilot:
        return Pilot.objects.get(pk=self.pilot_id)

    def record(self, days: range, *, now: datetime, by: User | None = None, why: str = "") -> None:
        rows = [self.reading(number, segment) for number in days for segment in ("low", "high")]
        who, source = by or self.steward, "help desk"
        record_readings(
            pilot_id=self.pilot_id, rows=rows, by=who, source=source, now=now, correction_reason=why
        )

    def reading(self, number: int, segment: str) -> Reading:
        mean = 20.0 * self.level(number, segment) + (number * 7 % 5) * 0.1
        known = datetime.combine(day(number), time(20), UTC)
        return Reading("hours", day(number), segment, Moments(40, 40 * mean, 40 * (mean**2 + 9.0)), known)

    def correct(self, number: int, *, now: datetime) -> None:
        """Put a day right that had been counted wrongly."""
        wrong = self.reading(number, "low")
        mean = wrong.moments.total / wrong.moments.n + 0.7
        right = Reading("hours", wrong.day, "low", Moments(38, 38 * mean, 38 * (mean**2 + 9.0)), wrong.as_of)
        record_readings(
            pilot_id=self.pilot_id,
            rows=[right],
            by=self.steward,
            source="help desk",
            now=now,
            correction_reason="Two cases were counted twice",
        )

    def look_at_usage(self, value: float, *, now: datetime) -> None:
        for driver in Driver.objects.filter(pilot=self.pilot_id):
            found = None if driver.dimension else value
            update_driver_value(driver_id=driver.pk, by=self.steward, value=found, now=now)

    def rule(self, ref: str) -> int:
        return self.pilot.conditions.get(ref=ref).pk

    def alert(self) -> Alert:
        return Alert.objects.unresolved().filter(pilot=self.pilot_id).earliest("pk")

    def deliver(self, now: datetime) -> None:
        while deliver_next(send=lambda _: Receipt(Notification.State.SENT), now=now):
            pass


def _edit_rule(story: Story, now: datetime) -> None:
    fields = {"limit": 0.1, "rationale": "Support leads want to hear earlier."}
    save_condition(
        pilot_id=story.pilot_id,
        by=story.owner,
        condition_id=story.rule("E1"),
        fields=fields,
        reason="They asked",
        now=now,
    )


def _change_people(story: Story, now: datetime) -> None:
    people = {"informed": ["ivo@example.org"], "escalation_contact": ["tess@example.org"]}
    set_people(pilot_id=story.pilot_id, by=story.owner, people=people, reason="Holidays", now=now)
    story.steward.name = "Aiko Mori"
    story.steward.save()


def _let_ivo_go(story: Story, now: datetime) -> None:
    set_people(pilot_id=story.pilot_id, by=story.owner, people={"informed": []}, reason="He left", now=now)


def _rename_metric(story: Story, now: datetime) -> None:
    metric = story.pilot.metrics.get()
    fields = {"name": "Time to resolution", "owner": story.owner}
    save_metric(
        pilot_id=story.pilot_id, by=story.owner, metric_id=metric.pk, fields=fields, reason="Clearer", now=now
    )


def _change_decision(story: Story, now: datetime) -> None:
    pilot = story.pilot
    change_decision(
        decision_id=pilot.decision_id,
        by=story.owner,
        fields={"rationale": "Learn in small steps."},
        reason="The board asked",
        now=now,
    )
    fields = {"text": "Late readings", "signal": "data_state", "planned_response": "Mend the feed"}
    save_risk(decision_id=pilot.decision_id, by=story.owner, fields=fields, reason="Seen twice", now=now)


def _pause_and_resume(story: Story, now: datetime) -> None:
    pause_pilot(pilot_id=story.pilot_id, by=story.owner, reason="Storm", now=now)
    resume_pilot(pilot_id=story.pilot_id, by=story.owner, reason="The storm is over", now=now)


def _answer_usage(story: Story, now: datetime) -> None:
    driver = story.pilot.drivers.get(ref="usage")
    valid = DriverAnswer.STILL_VALID
    answer_driver(driver_id=driver.pk, by=story.reviewer, answer=valid, reason="Seasonal", now=now)


def _take_alert(story: Story, now: datetime) -> None:
    acknowledge(alert_id=story.alert().pk, by=story.owner, now=now, note="On it")


def _snooze_alert(story: Story, now: datetime) -> None:
    until = now + timedelta(hours=20)
    snooze(alert_id=story.alert().pk, by=story.owner, until=until, reason="The fix ships tomorrow", now=now)


def _advance(story: Story, now: datetime) -> None:
    advance_stage(
        pilot_id=story.pilot_id,
        by=story.reviewer,
        reason="Go on",
        override="The alert is understood",
        now=now,
    )


def _retire(story: Story, now: datetime) -> None:
    retire_condition(condition_id=story.rule("T1"), by=story.owner, reason="Another goal", now=now)


Act = Callable[[Story, datetime], None]
ACTS: dict[int, tuple[Act, ...]] = {
    3: (_edit_rule,),
    6: (lambda story, now: story.correct(4, now=now),),
    8: (_change_people,),
    11: (_pause_and_resume,),
    13: (_let_ivo_go,),
    14: (_take_alert,),
    15: (_snooze_alert,),
    17: (_rename_metric,),
    19: (lambda story, now: story.look_at_usage(0.7, now=now),),
    20: (_answer_usage, _change_decision),
    22: (_advance,),
    24: (_retire, lambda story, now: story.correct(12, now=now)),
}


def _new_baseline(story: Story, now: datetime) -> None:
    metric = story.pilot.metrics.get()
    first, last = day(1 - BASELINE_DAYS), day(-7)
    draft_baseline(
        metric_id=metric.pk, by=story.owner, first_day=first, last_day=last, reason="A holiday", now=now
    )
    finalise_baseline(metric_id=metric.pk, by=story.owner, now=now)


def _go_on(story: Story, now: datetime) -> None:
    until = now.date() + timedelta(days=5)
    alert = Alert.objects.unresolved().get(pilot=story.pilot_id, kind=Alert.Kind.STOP_CONDITION)
    continue_past(alert_id=alert.pk, by=story.owner, reason="It is mended", until=until, limit=None, now=now)


def _stop(story: Story, now: datetime) -> None:
    stop_pilot(
        pilot_id=story.pilot_id, by=story.owner, reason="Enough", returned_to="One queue for all", now=now
    )


STOPPED: dict[int, tuple[Act, ...]] = {8: (_take_alert,), 13: (_new_baseline,), 15: (_go_on,), 17: (_stop,)}


def live(
    story: Story,
    look: Callable[[int], None] = lambda _: None,
    *,
    days: int = LAST_DAY,
    acts: Mapping[int, Iterable[Act]] = ACTS,
    judged_on: Container[int] = range(1, LAST_DAY + 1),
) -> None:
    """Let the days pass; each evening the pilot is judged, and somebody looks at its page."""
    with story.clock as clock:
        story.begin()
        look(0)
        clock.move_to(noon(1))
        story.start()
        for number in range(1, days + 1):
            at = noon(number) + timedelta(hours=1)
            clock.move_to(at)
            for act in acts.get(number, ()):
                act(story, at)
            clock.move_to(evening(number) - timedelta(hours=1))
            story.record(range(number, number + 1), now=evening(number) - timedelta(hours=1))
            if number in judged_on and story.pilot.status == Pilot.Status.RUNNING:
                evaluate_pilot(pilot_id=story.pilot_id, now=evening(number) - timedelta(minutes=5))
            story.deliver(evening(number) - timedelta(minutes=1))
            clock.move_to(evening(number))
            look(number)
