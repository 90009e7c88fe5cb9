"""An alert is found, read and answered on its pages; a refusal is a sentence beside what was typed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pilots.evaluation.wording import on
from pilots.models import Alert, AlertEvent, Continuance, Notification, Pilot, Role, User
from pilots.permissions import can_acknowledge, can_answer_alert, pilots_answered_by
from pilots.reports.alert_holds import answerable
from pilots.reports.alert_rows import alert_rows
from tests.builders import a_decision, a_person, a_running_pilot, an_alert, an_evaluation

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Status = Alert.Status


@pytest.fixture
def pilot(owner: User) -> Pilot:
    return a_running_pilot(decision=a_decision(owner=owner), days=1)


@pytest.fixture
def stop(pilot: Pilot) -> Alert:
    said = "Replies are 32% slower than before: 10.6 h, where it was 8.00 h. You said stop at 10% slower."
    rule = {"ref": "S1", "version": 1, "comparison": "worsen_by", "limit": 0.1}
    found = {"standing": "raised", "value": 10.6, "baseline": 8.0, "change": 0.32, "limit": 0.1, "n": 338}
    now = timezone.now()
    return an_alert(pilot, sentence=said, rule_snapshot=rule, result=found, opened_at=now, last_seen_at=now)


@pytest.fixture
def by_hand(pilot: Pilot) -> Alert:
    return an_alert(pilot, "manual", severity="SEV3", condition=None, sentence="Three customers wrote.")


@pytest.fixture
def page(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def in_form(moment: object) -> str:
    return f"{moment:%Y-%m-%dT%H:%M}"


def test_an_alert_is_read_whole(page: Client, stop: Alert) -> None:
    said = page.get(f"/alerts/{stop.pk}/").text
    for text in (
        "Replies are 32% slower than before; you said stop at 10% slower",
        "Resolution time is 10% higher than before.",
        "S1, version 1",
        "10.6 h",
        "338 cases",
        "Decide: continue, pause or stop",
    ):
        assert text in said


def test_the_queue_acknowledges_and_comes_back_to_where_it_was(page: Client, stop: Alert) -> None:
    queue = page.get("/alerts/?view=unanswered")
    assert queue.text.count("btn main") == 1
    answer = page.post(f"/alerts/{stop.pk}/acknowledge/", {"next": "/alerts/?view=unanswered"}, follow=True)
    assert answer.redirect_chain == [("/alerts/?view=unanswered", 302)]
    assert "You have it now." in answer.text
    stop.refresh_from_db()
    assert (stop.status, str(stop.owner)) == (Status.ACKNOWLEDGED, "Olive Owner")
    mine = page.get("/alerts/?view=mine").text
    assert "Still on it" in mine
    assert "then asked again" in mine


def test_a_snooze_past_its_cap_is_refused_with_the_cap_and_what_was_typed(page: Client, stop: Alert) -> None:
    late = in_form(timezone.now() + 4 * DAY)
    answer = page.post(f"/alerts/{stop.pk}/snooze/", {"until": late, "reason": "Lars is away"})
    assert answer.status_code == 200
    assert "SEV2 can wait 3 days at most." in answer.text
    assert 'value="Lars is away"' in answer.text
    stop.refresh_from_db()
    assert stop.status == Status.OPEN


def test_a_snooze_shows_who_put_it_off_and_why_and_can_be_woken(page: Client, stop: Alert) -> None:
    until = in_form(timezone.now() + DAY)
    page.post(f"/alerts/{stop.pk}/snooze/", {"until": until, "reason": "Lars is away"})
    shown = page.get("/alerts/?view=snoozed").text
    assert "Snoozed by Olive Owner" in shown
    assert "“Lars is away”" in shown
    page.post(f"/alerts/{stop.pk}/wake/")
    stop.refresh_from_db()
    assert stop.status == Status.OPEN


def test_a_stop_is_continued_past_with_a_reason_and_an_end(page: Client, stop: Alert) -> None:
    address = f"/alerts/{stop.pk}/continue/"
    assert "Say until which day, or up to which limit" in page.post(address, {"reason": "One bad week"}).text
    assert "Write a percentage" in page.post(address, {"reason": "One bad week", "limit": "much"}).text
    until = timezone.localdate() + 14 * DAY
    done = page.post(address, {"reason": "One bad week", "until": until.isoformat()}, follow=True)
    assert "Decided: the pilot goes on." in done.text
    assert Continuance.objects.get().until == until
    stop.refresh_from_db()
    assert stop.status == Status.RESOLVED
    assert "Olive Owner decided to go on" in done.text
    assert "One bad week" in done.text
    assert f"Until {on(until)}" in done.text
    assert f"by Olive Owner, until {on(until)}" in page.get("/alerts/?view=closed").text


def test_a_stop_offers_pause_and_stop_where_they_are_asked(page: Client, stop: Alert) -> None:
    shown = page.get(f"/alerts/{stop.pk}/").text
    for move in ("pause", "stop"):
        assert f"/pilots/{stop.pilot.ref}/move/{move}/" in shown
    assert f"/alerts/{stop.pk}/close/" not in shown


def test_a_pilot_that_the_engine_paused_resumes_only_after_a_decision(page: Client, stop: Alert) -> None:
    keep = f"/alerts/{stop.pk}/keep-paused/"
    assert keep not in page.get(f"/alerts/{stop.pk}/").text
    Pilot.objects.update(status="paused")
    assert keep in page.get(f"/alerts/{stop.pk}/").text
    assert "Decide: go on, keep it paused, or stop." in page.get(f"/pilots/{stop.pilot.ref}/").text
    resume = f"/pilots/{stop.pilot.ref}/move/resume/"
    assert f"Decide on {stop.ref} first" in page.post(resume, {"reason": "Looked"}).text
    assert "Say why it stays paused." in page.post(keep, {"reason": ""}).text
    done = page.post(keep, {"reason": "We look into it"}, follow=True)
    assert "Decided: the pilot stays paused." in done.text
    page.post(resume, {"reason": "Looked"})
    assert Pilot.objects.get().status == "running"


def test_an_alert_raised_by_hand_climbs_and_is_closed_by_hand(page: Client, pilot: Pilot) -> None:
    asked = page.get(f"/alerts/raise/?pilot={pilot.ref}")
    assert f'<option value="{pilot.ref}" selected>' in asked.text
    given = {"pilot": pilot.ref, "severity": "SEV2", "sentence": "Three customers wrote about billing."}
    raised = page.post("/alerts/raise/", given, follow=True)
    assert "Three customers wrote about billing" in raised.text
    alert = Alert.objects.get(kind="manual")
    assert alert.chain
    closed = page.post(f"/alerts/{alert.pk}/close/", {"reason": "They were called"}, follow=True)
    assert "Olive Owner closed it" in closed.text
    alert.refresh_from_db()
    assert alert.status == Status.RESOLVED


def test_raising_one_says_what_is_missing(page: Client, pilot: Pilot) -> None:
    answer = page.post("/alerts/raise/", {"pilot": "somebody-elses", "severity": "SEV2"})
    assert "Choose one of your pilots." in answer.text
    assert "Say what is wrong." in answer.text


def test_who_answers_for_no_pilot_is_not_offered_to_raise_one(client: Client, stop: Alert) -> None:
    client.force_login(a_person("reviewer@example.org"))
    assert "Raise an alert" not in client.get("/alerts/").text
    assert "You have no part in a pilot" in client.get("/alerts/raise/").text
    given = {"pilot": stop.pilot.ref, "severity": "SEV2", "sentence": "Let me."}
    assert client.post("/alerts/raise/", given).status_code == 200
    assert not Alert.objects.filter(kind="manual").exists()


def test_it_is_handed_over_to_somebody_who_answers_for_the_pilot(page: Client, by_hand: Alert) -> None:
    to = a_person("pilot.owner@example.org")
    outside = a_person("reviewer@example.org")
    address = f"/alerts/{by_hand.pk}/hand-over/"
    assert page.post(address, {"to": outside.pk, "note": "Yours"}).status_code == 200
    page.post(address, {"to": to.pk, "note": "You know them"})
    by_hand.refresh_from_db()
    assert by_hand.owner == to
    said = page.get(f"/alerts/{by_hand.pk}/").text
    assert "Olive Owner handed it to Pilot Owner" in said
    assert "You know them" in said


def test_somebody_else_puts_up_with_it(client: Client, page: Client, by_hand: Alert, reviewer: User) -> None:
    page.post(f"/alerts/{by_hand.pk}/acknowledge/")
    until = (timezone.localdate() + 7 * DAY).isoformat()
    assert f"/alerts/{by_hand.pk}/accept/" not in page.get(f"/alerts/{by_hand.pk}/").text
    client.force_login(reviewer)
    client.post(f"/alerts/{by_hand.pk}/accept/", {"reason": "Known and small", "until": until})
    by_hand.refresh_from_db()
    assert (by_hand.status, by_hand.accepted_by) == (Status.RESOLVED, reviewer)
    assert f"by {reviewer}, until" in client.get("/alerts/?view=closed").text


def test_a_note_is_kept_with_its_writer(page: Client, by_hand: Alert) -> None:
    assert "Write the note." in page.post(f"/alerts/{by_hand.pk}/note/", {"note": ""}).text
    noted = page.post(f"/alerts/{by_hand.pk}/note/", {"note": "Called two of them"}, follow=True).text
    assert "Olive Owner noted" in noted
    assert "Called two of them" in noted


def test_looking_at_an_answer_gives_none(page: Client, stop: Alert) -> None:
    assert page.get(f"/alerts/{stop.pk}/acknowledge/")["Location"] == f"/alerts/{stop.pk}/"
    assert page.get(f"/alerts/{stop.pk}/fly/").status_code == 404
    stop.refresh_from_db()
    assert stop.status == Status.OPEN


def test_a_reviewer_reads_who_may_answer(client: Client, stop: Alert, reviewer: User) -> None:
    client.force_login(reviewer)
    assert "can answer it." in client.get(f"/alerts/{stop.pk}/").text
    refused = client.post(f"/alerts/{stop.pk}/acknowledge/")
    assert refused.status_code == 403
    assert "Acknowledge" not in client.get("/alerts/").text


def test_two_who_take_it_at_once_read_who_has_it(client: Client, page: Client, stop: Alert) -> None:
    page.post(f"/alerts/{stop.pk}/acknowledge/")
    client.force_login(a_person("pilot.owner@example.org"))
    answer = client.post(f"/alerts/{stop.pk}/acknowledge/", follow=True)
    assert "Olive Owner has it already." in answer.text


def test_what_nobody_answered_for_can_be_taken_over(client: Client, page: Client, stop: Alert) -> None:
    page.post(f"/alerts/{stop.pk}/acknowledge/")
    other = a_person("pilot.owner@example.org")
    client.force_login(other)
    assert f"/alerts/{stop.pk}/acknowledge/" not in client.get(f"/alerts/{stop.pk}/").text
    Alert.objects.update(reminded_at=timezone.now())
    assert f"/alerts/{stop.pk}/acknowledge/" in client.get(f"/alerts/{stop.pk}/").text
    client.post(f"/alerts/{stop.pk}/acknowledge/")
    stop.refresh_from_db()
    assert stop.owner == other


def test_who_may_answer_but_not_decide_reads_who_does(client: Client, stop: Alert) -> None:
    contact = a_person("contact@example.org")
    stop.pilot.memberships.create(user=contact, role=Role.ESCALATION_CONTACT)
    client.force_login(contact)
    said = client.get(f"/alerts/{stop.pk}/").text
    assert "Olive Owner and Pilot Owner can decide whether the pilot goes on." in said
    assert f"/alerts/{stop.pk}/continue/" not in said
    assert f"/alerts/{stop.pk}/acknowledge/" in said


def test_a_stop_that_recovered_says_that_it_waits_for_a_decision(page: Client, stop: Alert) -> None:
    Alert.objects.update(result={**stop.result, "standing": "eased"})
    assert "back inside the limit. A stop does not close itself: decide." in page.get("/alerts/").text


def test_an_answer_to_what_is_over_keeps_what_was_typed(page: Client, by_hand: Alert) -> None:
    Alert.objects.update(status=Status.RESOLVED, resolved_at=timezone.now())
    answer = page.post(f"/alerts/{by_hand.pk}/note/", {"note": "Called two of them"})
    assert f"{by_hand.ref} is over already." in answer.text
    assert "Called two of them" in answer.text


def test_the_queue_offers_answers_to_whom_the_services_let_answer(pilot: Pilot, stop: Alert) -> None:
    people = {"stranger": a_person("stranger@example.org"), "root": a_person("root@example.org")}
    people["root"].is_superuser = True
    people["root"].save()
    for role in Role:
        person = people[role] = a_person(f"the.{role}@example.org")
        pilot.memberships.create(user=person, role=role)
    told = people["told"] = a_person("told@example.org")
    now = timezone.now()
    Notification.objects.create(
        alert=stop, user=told, recipient=told.email, message_id="<t@x>", created_at=now, next_try_at=now
    )
    [row] = alert_rows([stop.pk], now=now)
    offered = {name: stop.pk in answerable(person, [row.alert]) for name, person in people.items()}
    allowed = {name: can_answer_alert(person, stop) for name, person in people.items()}
    assert offered == allowed
    may_raise = {name: pilot in pilots_answered_by(person) for name, person in people.items()}
    assert may_raise == {name: can_acknowledge(person, pilot) for name, person in people.items()}
    assert allowed["told"]
    assert not allowed["stranger"]


def test_what_happened_is_told_newest_first_with_who_was_told(page: Client, stop: Alert) -> None:
    now = timezone.now()
    opened = AlertEvent.objects.create(alert=stop, at=now, kind="opened", to_status="open")
    Notification.objects.create(
        alert=stop,
        event=opened,
        recipient="lars@example.org",
        subject="Stop",
        message_id="<1@x>",
        state="sent",
        created_at=now,
        next_try_at=now,
        sent_at=now,
    )
    AlertEvent.objects.create(alert=stop, at=now + HOUR, kind="escalated")
    said = page.get(f"/alerts/{stop.pk}/").text
    assert said.index("The next were told") < said.index("It opened")
    assert "Told: lars@example.org." in said


def test_the_pilot_s_page_leads_to_its_alerts_and_to_raising_one(page: Client, stop: Alert) -> None:
    AlertEvent.objects.create(alert=stop, at=timezone.now(), kind="opened", to_status="open")
    said = page.get(f"/pilots/{stop.pilot.ref}/").text
    rail, timeline = said.split('id="alerts-h"')[1], said.split('id="time-h"')[1]
    for part in (rail, timeline):
        assert f'href="/alerts/{stop.pk}/"' in part
    assert "nobody has it yet" in rail
    assert f'href="/alerts/raise/?pilot={stop.pilot.ref}"' in rail


def test_what_to_do_next_leads_to_where_a_stop_is_decided(page: Client, stop: Alert) -> None:
    an_evaluation(stop.pilot, verdict="stop")
    said = page.get(f"/pilots/{stop.pilot.ref}/").text
    assert f'<a class="btn main" href="/alerts/{stop.pk}/">Decide</a>' in said
    assert f"Look at {stop.ref}" not in said
