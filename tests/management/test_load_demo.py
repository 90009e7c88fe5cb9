"""The demo: one decision and three pilots that go three ways, loaded as people and the engine would act."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from pilots.management.demo_loading import load
from pilots.management.demo_numbers import readings_of
from pilots.management.demo_story import COURSES, DECISION, OPTIONS, PASSWORD, PEOPLE, RISKS, Course
from pilots.models import Alert, Decision, Notification, Observation, Pilot, Review, User
from pilots.reports.as_of import NotThen, decision_page_on, pilot_page_on
from pilots.reports.pilot_pages import Asked
from pilots.tasks import deliver_as_told

SUNDAY = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
A_DAY = timedelta(days=1)


def headlines() -> dict[str, str]:
    return dict(Pilot.objects.values_list("ref", "state__verdict"))


@pytest.mark.django_db
def test_three_pilots_go_three_ways() -> None:
    load(now=SUNDAY)
    assert headlines() == {
        "enterprise-desk": "scale_up",
        "business-queue": "on_track",
        "basic-self-help": "stop",
    }
    fired = Alert.objects.get(kind=Alert.Kind.STOP_CONDITION)
    assert fired.pilot.ref == "basic-self-help"
    assert SUNDAY - fired.opened_at < timedelta(days=7)
    assert set(fired.notifications.values_list("because", flat=True))
    assert Observation.objects.order_by("-day")[0].day == SUNDAY.date() - A_DAY
    assert all(pilot.simulated for pilot in Pilot.objects.all())
    assert Decision.objects.get().status == Decision.Status.PILOTING
    assert Review.objects.count() == len(COURSES)

    before = (headlines(), Alert.objects.count(), Notification.objects.count(), Observation.objects.count())
    assert load(now=SUNDAY) is False
    after = (headlines(), Alert.objects.count(), Notification.objects.count(), Observation.objects.count())
    assert after == before

    load(now=SUNDAY + 2 * A_DAY)
    assert Observation.objects.order_by("-day")[0].day == SUNDAY.date() + A_DAY
    assert headlines()["basic-self-help"] == "stop"


@pytest.mark.django_db
def test_the_demo_can_be_looked_back_on_day_by_day() -> None:
    load(now=SUNDAY)
    pilot = Pilot.objects.get(ref="basic-self-help")
    days = [SUNDAY.date() - back * A_DAY for back in (30, 26, 9, 1)]
    then = [decision_page_on(pilot.decision, day, timezone="UTC") for day in days]
    assert [line.pilot.ref for line in then[0].lines] == ["enterprise-desk"]
    page = pilot_page_on(pilot, Asked(), days[2])
    assert page.answer is not None
    assert page.answer.as_of.date() <= days[2]
    assert [pilot_page_on(pilot, Asked(), day).verdict for day in days[1:]][-1] == "stop"
    with pytest.raises(NotThen):
        pilot_page_on(pilot, Asked(), days[0])


@pytest.mark.django_db
def test_nobody_answers_the_stop_so_the_next_two_are_told_each_at_its_hour() -> None:
    load(now=SUNDAY)
    deliver_as_told(now=SUNDAY)
    fired = Alert.objects.get(kind=Alert.Kind.STOP_CONDITION)
    turns = {event.pk: event for event in fired.events.filter(kind__in=("opened", "escalated"))}
    told = [
        (note.sent_at - fired.opened_at, note.recipient.split("@")[0])
        for note in fired.notifications.filter(event__in=turns, state="sent").order_by("sent_at", "recipient")
        if note.sent_at
    ]
    first, second, third = timedelta(), timedelta(hours=2), timedelta(hours=6)
    assert told == [(first, "ivo.sand"), (first, "jonas.adeyemi"), (second, "mara.lind"), (third, "tess.ong")]


@pytest.mark.django_db
def test_the_command_prints_whom_to_sign_in_as(client: Client, mailoutbox: list[EmailMessage]) -> None:
    said = StringIO()
    call_command("load_demo", as_json=True, stdout=said)
    answer = json.loads(said.getvalue())
    assert answer["mails"] == len(mailoutbox) > 0
    for person in answer["people"]:
        form = {"username": person["email"], "password": answer["password"]}
        assert client.post(reverse("sign-in"), form).status_code == 302
        client.logout()
    reviewer = User.objects.get(email=next(p.email for p in PEOPLE if p.reviews))
    assert reviewer.is_staff
    assert not reviewer.is_superuser
    assert PASSWORD in answer["password"]


@pytest.mark.parametrize("course", COURSES, ids=lambda course: course.ref)
def test_a_day_is_the_same_whenever_it_is_simulated(course: Course) -> None:
    start = date(2026, 11, 2)
    day = start + 3 * A_DAY
    assert list(readings_of(course, day=day, start=start)) == list(readings_of(course, day=day, start=start))


def test_weekends_are_quieter_and_scores_come_once_a_week() -> None:
    monday = date(2026, 11, 2)
    week = {
        day: list(readings_of(COURSES[1], day=day, start=monday))
        for day in (monday + n * A_DAY for n in range(7))
    }
    cases = {
        day: sum(r.moments.n for r in rows if r.metric == "resolution_hours") for day, rows in week.items()
    }
    assert max(cases[monday + 5 * A_DAY], cases[monday + 6 * A_DAY]) < 0.7 * cases[monday]
    asked = [day for day, rows in week.items() if any(r.metric == "health_score" for r in rows)]
    assert asked == [monday + 6 * A_DAY]


def test_the_story_is_told_in_our_own_words(seeds: Path) -> None:
    """No run of eight words of the reference documents stands in the demo."""
    documents = seeds.glob("*.txt")
    theirs = {run for document in documents for run in runs(document.read_text(encoding="utf-8"))}
    ours = [str(value) for part in (DECISION, *OPTIONS, *RISKS) for value in part.values()]
    assert not theirs.intersection(run for text in ours for run in runs(text))


def runs(text: str) -> set[tuple[str, ...]]:
    words = text.lower().split()
    return {tuple(words[i : i + 8]) for i in range(len(words) - 7)}
