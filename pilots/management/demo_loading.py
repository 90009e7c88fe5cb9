"""Load the demo by the acts people and the engine would do, each on its day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max

from pilots.evaluation.days import end_of_day, last_ended_day, start_of_day
from pilots.importing.pilot_files import parse
from pilots.management.demo_files import BASELINE_DAYS, pilot_file
from pilots.management.demo_numbers import readings_of
from pilots.management.demo_story import (
    COURSES,
    DECISION,
    ESCALATION,
    OPTIONS,
    OWNER,
    PASSWORD,
    PEOPLE,
    PILOT_OWNER,
    RISKS,
    STEWARD,
    Course,
)
from pilots.models import (
    Decision,
    EscalationPolicy,
    EscalationStep,
    NextStep,
    Observation,
    Pilot,
    User,
    written_at,
)
from pilots.services.deciding import create_decision, decide, propose_decision, save_risk
from pilots.services.escalating import advance_next
from pilots.services.evaluating import evaluate_pilot
from pilots.services.importing_pilots import import_pilot
from pilots.services.measuring import update_driver_value
from pilots.services.piloting import change_pilot
from pilots.services.recording import record_readings
from pilots.services.saving import save
from pilots.services.shipping import B0174, ensure_frameworks, ensure_groups
from pilots.services.staging import advance_stage
from pilots.services.starting import start_imported

ONE_DAY = timedelta(days=1)
TIME_TO_PREPARE = timedelta(weeks=2)
JUDGED_DAILY = timedelta(weeks=2)
READINESS = ("owners", "baselines", "drivers", "first_review", "escalation_triggers")


@transaction.atomic
def load(*, now: datetime) -> bool:
    """Load the demo, or bring the one that is there up to today. Return whether it is new.

    All or nothing: a load that is broken off leaves no half demo behind.
    """
    ensure_people()
    is_new = not Decision.objects.filter(ref=DECISION["ref"]).exists()
    if is_new:
        with written_at(day_of_decision(now)):
            write_decision(now=now)
        for course in COURSES:
            with written_at(morning_of(course.start(today_of(now)))):
                set_up(course, now=now)
    for course in COURSES:
        catch_up(course, now=now)
    return is_new


def ensure_people() -> None:
    reviewers = ensure_groups()
    for person in PEOPLE:
        if User.objects.filter(email=person.email).exists():
            continue
        user = User.objects.create_user(person.email, PASSWORD, name=person.name, is_staff=person.reviews)
        if person.reviews:
            user.groups.add(reviewers)


def the(email: str) -> User:
    return User.objects.get(email=email)


def day_of_decision(now: datetime) -> datetime:
    first_start = min(course.start(today_of(now)) for course in COURSES)
    return start_of_day(first_start, "UTC") - TIME_TO_PREPARE


def morning_of(day: date) -> datetime:
    return start_of_day(day, "UTC") + timedelta(hours=9)


def write_decision(*, now: datetime) -> None:
    owner, framework = the(OWNER.email), ensure_frameworks()
    decided = day_of_decision(now)
    fields = {**DECISION, "framework": framework, "owner": owner}
    decision = create_decision(by=owner, fields=fields, options=OPTIONS, now=decided)
    for risk in RISKS:
        save_risk(decision_id=decision.pk, by=owner, fields=risk | {"owner": owner}, now=decided)
    for order, (text, readiness) in enumerate(zip(B0174["next_checklist"], READINESS, strict=True)):
        step = NextStep(decision=decision, order=order, text=text, readiness=readiness, done=True)
        save(step, by=owner)
    propose_decision(decision_id=decision.pk, by=owner, now=decided)
    decide(decision_id=decision.pk, by=owner, reason="Learn before everybody is affected.", now=decided)


def today_of(now: datetime) -> date:
    return last_ended_day(now, "UTC") + ONE_DAY


def set_up(course: Course, *, now: datetime) -> None:
    """Make one pilot ready and start it on its day, with the readings of the weeks before."""
    owner, first_day = the(OWNER.email), course.start(today_of(now))
    morning = morning_of(first_day)
    file = parse(pilot_file(course, today=today_of(now)), file=course.ref)
    pilot = import_pilot(file=file, by=owner, now=morning, reason="Set up for the demo").pilot
    mark_as_simulated(pilot, by=owner)
    write_escalation(pilot, by=owner)
    change_pilot(
        pilot_id=pilot.pk, by=owner, fields={"hypothesis": course.hypothesis}, reason="", now=morning
    )
    days = (first_day - ONE_DAY * before for before in range(BASELINE_DAYS, 0, -1))
    record(course, pilot, days, now=morning)
    update_drivers(pilot, now=morning)
    start_imported(pilot=pilot, by=owner, now=morning, reason="Everything is in place.")


def mark_as_simulated(pilot: Pilot, *, by: User) -> None:
    pilot.simulated = True
    save(pilot, by=by, reason="Its data is simulated")


def write_escalation(pilot: Pilot, *, by: User) -> None:
    policy = EscalationPolicy(pilot=pilot, name="Within the day", is_default=True)
    save(policy, by=by)
    for order, (notify, minutes) in enumerate(ESCALATION, start=1):
        step = EscalationStep(policy=policy, order=order, notify=list(notify), wait_minutes=minutes)
        save(step, by=by)


def catch_up(course: Course, *, now: datetime) -> None:
    """Bring in each day that has ended since the last reading, and judge as the engine would have."""
    pilot = Pilot.objects.get(ref=course.ref)
    newest = Observation.objects.filter(metric__pilot=pilot).aggregate(day=Max("day"))["day"]
    day = newest + ONE_DAY
    while day < today_of(now):
        evening = end_of_day(day, "UTC")
        with written_at(morning_of(day)):
            act_on_day(course, pilot, day)
        wait_until(evening, pilot)
        record(course, pilot, [day], now=evening)
        if today_of(now) - day <= JUDGED_DAILY or advances_on(course, pilot, day + ONE_DAY):
            judge(pilot, now=evening)
        day += ONE_DAY
    wait_until(now, pilot)
    judge(pilot, now=now)
    wait_until(now, pilot)


def wait_until(instant: datetime, pilot: Pilot) -> None:
    """Let the time pass in which nobody answers an alert: each of its turns at its own instant."""
    due = pilot.alerts.due(instant).values_list("due_at", flat=True)
    while (turn := due.first()) is not None:
        advance_next(now=turn)


def advances_on(course: Course, pilot: Pilot, day: date) -> bool:
    return (day - pilot_start(pilot)).days == course.advance_on_day


def act_on_day(course: Course, pilot: Pilot, day: date) -> None:
    """Let people do what is due on a day of the pilot."""
    number, morning = (day - pilot_start(pilot)).days, morning_of(day)
    if number and number % 28 == 0:
        update_drivers(pilot, now=morning)
    if advances_on(course, pilot, day):
        reason = "All criteria are met and nothing speaks against more accounts."
        advance_stage(pilot_id=pilot.pk, by=the(PILOT_OWNER.email), reason=reason, now=morning)


def judge(pilot: Pilot, *, now: datetime) -> None:
    """Judge the pilot at `now`, unless people have ended it or the engine has looked later already."""
    pilot = Pilot.objects.select_related("state").get(pk=pilot.pk)
    seen = pilot.state.last_evaluated_at
    if pilot.status == Pilot.Status.RUNNING and (seen is None or seen < now):
        evaluate_pilot(pilot_id=pilot.pk, now=now)


def record(course: Course, pilot: Pilot, days: Iterable[date], *, now: datetime) -> None:
    first_day = pilot_start(pilot)
    rows = [row for day in days for row in readings_of(course, day=day, start=first_day)]
    record_readings(pilot_id=pilot.pk, rows=rows, by=the(STEWARD.email), source="Simulated data", now=now)


def update_drivers(pilot: Pilot, *, now: datetime) -> None:
    for driver in pilot.drivers.all():
        value = None if driver.dimension else driver.baseline_value
        update_driver_value(driver_id=driver.pk, by=the(STEWARD.email), value=value, now=now)


def pilot_start(pilot: Pilot) -> date:
    if pilot.start is None:
        raise ValueError(f"{pilot.ref} has lost its start.")
    return pilot.start
