"""A driver that moved waits for a reviewer: still valid, or decide anew."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pilots.evaluation.vocabulary import DriverState, Verdict
from pilots.models import Alert, Driver, DriverAnswer, Notification, Pilot, Role
from pilots.permissions import NotAllowed
from pilots.services.errors import Refused
from pilots.services.evaluating import evaluate_pilot
from pilots.services.reviewing import answer_driver
from tests.builders import a_driver, a_person, a_running_pilot
from tests.services.stories import day, end_of, judge

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NEXT = timedelta(hours=1)


@pytest.fixture
def pilot() -> Pilot:
    """A pilot whose plain-number driver moved by half."""
    pilot = a_running_pilot()
    number = {"dimension": "", "baseline_mix": {}, "baseline_value": 0.4, "current_value": 0.6}
    a_driver(pilot, "criticality", name="Usage criticality", updated_on=day(20), **number)
    assert judge(pilot, 28).verdict is Verdict.REVISIT
    return pilot


def answered(
    pilot: Pilot, answer: DriverAnswer, by: str = "reviewer@example.org", reason: str = "Seen."
) -> Driver:
    return answer_driver(
        driver_id=pilot.drivers.get().pk, by=a_person(by), answer=answer, reason=reason, now=end_of(28)
    )


def test_still_valid_ends_the_revisit_and_closes_its_alert(pilot: Pilot) -> None:
    driver = answered(pilot, DriverAnswer.STILL_VALID, reason="The new accounts use it the same way.")
    assert driver.answered_on == day(28)
    result = evaluate_pilot(pilot_id=pilot.pk, now=end_of(28) + NEXT)
    assert result.drivers[0].state is DriverState.HOLDS
    assert result.verdict is Verdict.ON_TRACK
    alert = Alert.objects.get(kind="driver")
    assert alert.status == Alert.Status.RESOLVED
    assert alert.events.filter(actor__email="reviewer@example.org", kind="note").count() == 1
    assert "The new accounts use it" in Driver.history.latest().history_change_reason


def test_decide_anew_leaves_the_revisit_standing_and_tells_the_decision(pilot: Pilot) -> None:
    driver = answered(pilot, DriverAnswer.RE_DECIDE, reason="Half of them are new.")
    assert (driver.answer, driver.answered_on) == (DriverAnswer.RE_DECIDE, None)
    assert evaluate_pilot(pilot_id=pilot.pk, now=end_of(28) + NEXT).verdict is Verdict.REVISIT
    change = pilot.decision.history.latest()
    assert change.history_change_reason == "Usage criticality moved; decide anew: Half of them are new."
    assert Alert.objects.get(kind="driver").status == Alert.Status.OPEN


def test_decide_anew_is_told_to_both_owners_once_with_who_says_so_and_why(pilot: Pilot) -> None:
    answered(pilot, DriverAnswer.RE_DECIDE, reason="Half of them are new.")
    answered(pilot, DriverAnswer.RE_DECIDE, reason="Half of them are new.")
    mails = Notification.objects.filter(alert=None).order_by("recipient")
    assert [mail.recipient for mail in mails] == ["owner@example.org", "pilot.owner@example.org"]
    assert mails[0].subject == "Revisit: Reviewer asks you to decide anew (tiers)"
    assert "Reason: Half of them are new." in mails[0].text
    assert "What was seen: Usage criticality is 50% higher than before" in mails[0].text
    assert "Sent to Owner as decision owner" in mails[0].text
    assert "You get one mail about this." in mails[0].text
    assert "Half of them are new." in mails[0].html


def test_another_reason_is_told_again(pilot: Pilot) -> None:
    answered(pilot, DriverAnswer.RE_DECIDE, reason="Half of them are new.")
    answered(pilot, DriverAnswer.RE_DECIDE, reason="And they pay more.")
    assert Notification.objects.filter(alert=None, recipient="owner@example.org").count() == 2


def test_one_person_who_owns_both_gets_one_mail(pilot: Pilot) -> None:
    pilot.memberships.filter(role=Role.PILOT_OWNER).update(user=a_person())
    answered(pilot, DriverAnswer.RE_DECIDE)
    assert [mail.because for mail in Notification.objects.filter(alert=None)] == ["decision owner"]


def test_still_valid_is_told_to_nobody(pilot: Pilot) -> None:
    answered(pilot, DriverAnswer.STILL_VALID)
    assert not Notification.objects.filter(alert=None).exists()


@pytest.mark.parametrize("who", ["owner@example.org", "pilot.owner@example.org", "stranger@example.org"])
def test_nobody_but_a_reviewer_who_does_not_own_it_may_answer(pilot: Pilot, who: str) -> None:
    with pytest.raises(NotAllowed, match="reviewer who does not own"):
        answered(pilot, DriverAnswer.STILL_VALID, by=who)


def test_an_answer_needs_a_reason(pilot: Pilot) -> None:
    with pytest.raises(Refused, match="Say why"):
        answered(pilot, DriverAnswer.STILL_VALID, reason=" ")


def test_what_has_not_moved_needs_no_answer(pilot: Pilot) -> None:
    pilot.drivers.update(current_value=0.4, updated_on=day(28))
    evaluate_pilot(pilot_id=pilot.pk, now=end_of(28) + NEXT)
    with pytest.raises(Refused, match="has not moved"):
        answered(pilot, DriverAnswer.STILL_VALID)
