"""Somebody takes an alert, keeps it, writes something down, or hands it over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pilots.models import Alert, Membership, Pilot, Role, User
from pilots.permissions import NotAllowed
from pilots.services.acknowledging import acknowledge, add_note, hand_over, say_still_on_it
from pilots.services.errors import Refused
from pilots.services.turning import Overtaken
from tests.builders import a_person, a_running_pilot
from tests.services.stories import end_of, judge, told, turns

pytestmark = [pytest.mark.django_db, pytest.mark.database]

FIRED = end_of(27)  # a Saturday, 23:00
HOUR = timedelta(hours=1)


@pytest.fixture
def pilot() -> Pilot:
    pilot = a_running_pilot(mean=21.6, days=27)
    pilot.conditions.filter(ref="E1").update(severity="SEV2")
    return pilot


@pytest.fixture
def alert(pilot: Pilot) -> Alert:
    judge(pilot, 27)
    return Alert.objects.get()


def the(name: str) -> User:
    return User.objects.get(email=f"{name}@example.org")


@pytest.mark.parametrize(
    ("severity", "until"),
    [
        pytest.param("SEV1", FIRED + 4 * HOUR, id="a SEV1 for four hours"),
        pytest.param("SEV2", FIRED + 24 * HOUR, id="a SEV2 for a day"),
        pytest.param(
            "SEV3", datetime(2026, 4, 2, tzinfo=UTC), id="a SEV3 for three working days from Monday on"
        ),
        pytest.param("SEV4", datetime(2026, 4, 8, tzinfo=UTC), id="a SEV4 for seven"),
    ],
)
def test_whoever_takes_it_has_it_for_as_long_as_its_severity_says(
    pilot: Pilot, severity: str, until: datetime
) -> None:
    pilot.conditions.filter(ref="E1").update(severity=severity)
    judge(pilot, 27)
    alert = acknowledge(alert_id=Alert.objects.get().pk, by=the("owner"), now=FIRED)
    assert (alert.status, alert.owner, alert.acknowledged_at) == ("acknowledged", the("owner"), FIRED)
    assert alert.acknowledged_until == alert.due_at == until
    assert (alert.step_due_at, alert.repeat_at) == (None, None)


def test_working_days_are_those_of_the_pilots_zone(pilot: Pilot) -> None:
    pilot.conditions.filter(ref="E1").update(severity="SEV3")
    judge(pilot, 27)
    Pilot.objects.update(timezone="Asia/Tokyo")
    alert = acknowledge(alert_id=Alert.objects.get().pk, by=the("owner"), now=FIRED)
    assert alert.acknowledged_until == datetime(2026, 4, 1, 15, tzinfo=UTC)  # Thursday begins in Tokyo


class TestTakingIt:
    def test_twice_is_no_error_and_no_second_entry(self, alert: Alert) -> None:
        for later in (0, 1):
            acknowledge(alert_id=alert.pk, by=the("owner"), now=FIRED + later * HOUR, seen_token=0)
        alert.refresh_from_db()
        assert turns(alert) == ["opened", "acknowledged"]
        assert alert.acknowledged_at == FIRED

    def test_that_somebody_else_has_is_refused_with_their_name(self, alert: Alert) -> None:
        acknowledge(alert_id=alert.pk, by=the("owner"), now=FIRED)
        with pytest.raises(Refused, match="Owner has it already"):
            acknowledge(alert_id=alert.pk, by=the("pilot.owner"), now=FIRED + HOUR)

    def test_that_turned_since_the_page_was_opened_is_refused(self, pilot: Pilot, alert: Alert) -> None:
        pilot.conditions.filter(ref="E1").update(severity="SEV1")
        judge(pilot, 28)
        with pytest.raises(Overtaken, match="has changed in the meantime"):
            acknowledge(alert_id=alert.pk, by=the("owner"), now=FIRED, seen_token=alert.token)

    def test_that_is_over_is_refused(self, alert: Alert) -> None:
        Alert.objects.update(status="resolved")
        with pytest.raises(Refused, match="over already"):
            acknowledge(alert_id=alert.pk, by=the("owner"), now=FIRED)

    def test_tells_nobody(self, alert: Alert) -> None:
        before = alert.notifications.count()
        acknowledge(alert_id=alert.pk, by=the("owner"), now=FIRED, note="On it.")
        assert alert.notifications.count() == before
        assert alert.events.get(kind="acknowledged").note == "On it."


class TestWhoMay:
    def test_a_stranger_may_not(self, alert: Alert) -> None:
        with pytest.raises(NotAllowed, match="Only who runs this pilot"):
            acknowledge(alert_id=alert.pk, by=a_person("sam@example.org"), now=FIRED)

    def test_the_reviewer_may_not_unless_they_were_told(self, pilot: Pilot) -> None:
        judge(pilot, 27)
        alert = Alert.objects.get()
        with pytest.raises(NotAllowed):
            acknowledge(alert_id=alert.pk, by=the("reviewer"), now=FIRED)
        alert.notifications.update(user=the("reviewer"))
        assert acknowledge(alert_id=alert.pk, by=the("reviewer"), now=FIRED).owner == the("reviewer")

    @pytest.mark.parametrize("role", [Role.ESCALATION_CONTACT, Role.METRIC_OWNER, Role.COMMUNICATOR])
    def test_who_has_a_part_in_it_may(self, pilot: Pilot, alert: Alert, role: Role) -> None:
        person = a_person("ivo@example.org")
        Membership.objects.create(pilot=pilot, user=person, role=role)
        assert acknowledge(alert_id=alert.pk, by=person, now=FIRED).owner == person


class TestWhoeverHasIt:
    @pytest.fixture
    def taken(self, alert: Alert) -> Alert:
        return acknowledge(alert_id=alert.pk, by=the("owner"), now=FIRED)

    def test_keeps_it_as_long_again_by_saying_so(self, taken: Alert) -> None:
        alert = say_still_on_it(
            alert_id=taken.pk, by=the("owner"), now=FIRED + 20 * HOUR, note="Nearly there."
        )
        assert alert.acknowledged_until == FIRED + 44 * HOUR

    def test_only_they_can_say_so(self, taken: Alert) -> None:
        with pytest.raises(Refused, match="Owner has it: only who has it"):
            say_still_on_it(alert_id=taken.pk, by=the("pilot.owner"), now=FIRED + HOUR)

    def test_keeps_it_by_a_note_too(self, taken: Alert) -> None:
        alert = add_note(alert_id=taken.pk, by=the("owner"), note="It is the new form.", now=FIRED + 3 * HOUR)
        assert alert.acknowledged_until == FIRED + 27 * HOUR
        assert alert.acknowledged_at == FIRED

    def test_keeps_it_no_longer_by_somebody_elses_note(self, taken: Alert) -> None:
        alert = add_note(alert_id=taken.pk, by=the("pilot.owner"), note="I saw it too.", now=FIRED + 3 * HOUR)
        assert alert.acknowledged_until == FIRED + 24 * HOUR
        assert alert.events.get(kind="note").actor == the("pilot.owner")

    def test_gives_it_to_somebody_who_is_told(self, taken: Alert) -> None:
        to = the("pilot.owner")
        alert = hand_over(
            alert_id=taken.pk, by=the("owner"), to=to, note="You know the form.", now=FIRED + HOUR
        )
        assert (alert.owner, alert.acknowledged_until) == (to, FIRED + 25 * HOUR)
        assert told(alert, "acknowledged") == ["pilot.owner@example.org"]

    def test_cannot_give_it_to_a_stranger(self, taken: Alert) -> None:
        with pytest.raises(Refused, match="has no part in this pilot"):
            hand_over(
                alert_id=taken.pk, by=the("owner"), to=a_person("sam@example.org"), note="", now=FIRED + HOUR
            )


def test_a_note_without_words_is_refused(alert: Alert) -> None:
    with pytest.raises(Refused, match="Write the note"):
        add_note(alert_id=alert.pk, by=the("owner"), note="  ", now=FIRED)
