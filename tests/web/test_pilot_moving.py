"""A move is made with a reason, and a refusal says what is missing and where it is mended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from pilots.models import Pilot, Role, Stage, User
from pilots.web.pilot_moving import MOVES
from tests.builders import (
    START,
    a_condition,
    a_decision,
    a_final_baseline,
    a_metric,
    a_pilot,
    a_running_pilot,
)

pytestmark = pytest.mark.django_db
Status = Pilot.Status


@pytest.fixture
def page(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def running(owner: User) -> Pilot:
    return a_running_pilot(decision=a_decision(owner=owner))


def to(pilot: Pilot, move: str) -> str:
    return reverse("pilot-move", args=[pilot.ref, move])


def status_of(pilot: Pilot) -> str:
    return Pilot.objects.get(pk=pilot.pk).status


def a_complete_draft(owner: User) -> Pilot:
    pilot = a_pilot(decision=a_decision(owner=owner), first_review_on=START + timedelta(days=28))
    metric = a_metric(pilot)
    a_final_baseline(metric)
    a_condition(metric, "T1", "threshold", comparison="improve_by", limit=0.05)
    a_condition(metric, "S1")
    a_condition(metric, "E1", "escalation_trigger", limit=0.05, notify=["pilot_owner"])
    return pilot


@pytest.mark.parametrize("move", MOVES)
def test_every_move_is_a_page_that_changes_nothing_by_being_looked_at(
    page: Client, running: Pilot, move: str
) -> None:
    assert page.get(to(running, move)).status_code == 200
    assert status_of(running) == Status.RUNNING


def test_what_is_missing_is_listed_with_where_it_is_mended(page: Client, owner: User) -> None:
    pilot = a_pilot(decision=a_decision(owner=owner))
    for answer in (page.get(to(pilot, "ready")), page.post(to(pilot, "ready"))):
        shown = answer.content.decode()
        for text, step in (
            ("There is no metric yet.", "baselines"),
            ("There is no stop condition.", "limits"),
            ("The first review is not scheduled.", "reviews"),
        ):
            assert text in shown
            assert reverse("pilot-setup", args=[pilot.ref, step]) in shown
    assert status_of(pilot) == Status.DRAFT


def test_nothing_that_is_sure_to_be_refused_is_offered(page: Client, owner: User) -> None:
    pilot = a_pilot(decision=a_decision(owner=owner))
    assert 'class="btn main"' not in page.get(to(pilot, "ready")).content.decode()
    assert 'class="btn main"' not in page.get(to(pilot, "pause")).content.decode()


def test_a_complete_draft_becomes_ready_and_goes_back(page: Client, owner: User) -> None:
    pilot = a_complete_draft(owner)
    page.post(to(pilot, "ready"))
    assert status_of(pilot) == Status.READY
    page.post(to(pilot, "draft"))
    assert status_of(pilot) == Status.DRAFT


def test_a_pilot_does_not_start_before_its_decision_is_taken(page: Client, owner: User) -> None:
    pilot = a_complete_draft(owner)
    page.post(to(pilot, "ready"))
    shown = page.post(to(pilot, "start")).content.decode()
    assert "decision has not been taken yet" in shown
    assert reverse("decision", args=[pilot.decision.ref]) in shown


def test_pause_and_resume_keep_their_reasons(page: Client, running: Pilot) -> None:
    assert page.post(to(running, "pause"), {"reason": ""}).status_code == 200
    assert status_of(running) == Status.RUNNING
    page.post(to(running, "pause"), {"reason": "The feed is down"})
    assert status_of(running) == Status.PAUSED
    page.post(to(running, "resume"), {"reason": "The feed is back"})
    assert status_of(running) == Status.RUNNING
    assert [m.reason for m in running.moves.all()] == ["The feed is down", "The feed is back"]


def test_a_stop_says_what_customers_go_back_to(page: Client, running: Pilot) -> None:
    answer = page.post(to(running, "stop"), {"reason": "Too slow for basic"})
    assert "Say what customers were returned to" in answer.content.decode()
    assert answer.context["form"]["reason"].value() == "Too slow for basic"
    page.post(to(running, "stop"), {"reason": "Too slow for basic", "returned_to": "One queue"})
    running.refresh_from_db()
    assert (running.status, running.returned_to) == (Status.STOPPED, "One queue")


@pytest.mark.parametrize("move", ["inconclusive", "invalid"])
def test_a_pilot_may_end_without_an_answer(page: Client, running: Pilot, move: str) -> None:
    page.post(to(running, move), {"reason": "The season is over"})
    assert status_of(running) == move


@pytest.mark.parametrize("move", ["advance", "scale"])
def test_an_owner_is_told_what_stands_against_it_and_who_may_set_it_aside(
    page: Client, running: Pilot, move: str
) -> None:
    shown = page.get(to(running, move)).content.decode()
    assert "The pilot has not been checked yet." in shown
    assert "A reviewer may set this aside with a written reason: Reviewer" in shown
    answer = page.post(to(running, move), {"reason": "Now", "override": "Because I say so"})
    assert answer.status_code == 200
    assert status_of(running) == Status.RUNNING


def test_a_reviewer_sets_it_aside_for_ever_visible(client: Client, running: Pilot) -> None:
    Stage.objects.create(pilot=running, order=2, name="half")
    client.force_login(running.memberships.get(role=Role.REVIEWER).user)
    answer = client.post(to(running, "advance"), {"reason": "The gap is known", "override": ""})
    assert "may be set aside" in answer.content.decode()
    reasons = {"reason": "The gap is known", "override": "The feed was down, I counted by hand"}
    assert client.post(to(running, "advance"), reasons).status_code == 302
    assert running.stages.get(order=2).status == Stage.Status.RUNNING
    set_aside = [item["because"] for move in running.moves.all() for item in move.overridden]
    assert set(set_aside) == {"The feed was down, I counted by hand"}


def test_a_stage_is_held_and_a_later_one_skipped(page: Client, running: Pilot) -> None:
    later = Stage.objects.create(pilot=running, order=2, name="half")
    page.post(to(running, "hold"), {"reason": "The board meets on Monday"})
    page.post(to(running, "skip"), {"reason": "Too few accounts", "stage_id": str(later.pk)})
    assert [s.status for s in running.stages.order_by("order")] == ["awaiting_decision", "skipped"]


def test_there_may_be_no_stage_to_skip(page: Client, running: Pilot) -> None:
    assert "there is none to skip" in page.get(to(running, "skip")).content.decode()


def test_who_may_look_but_not_move_is_told_who_may(client: Client, running: Pilot) -> None:
    client.force_login(running.memberships.get(role=Role.REVIEWER).user)
    answer = client.post(to(running, "pause"), {"reason": "Let me"})
    assert answer.status_code == 403
    assert "Only the decision owner, the deputy or the pilot owner may move" in answer.content.decode()
    assert "Ask Olive Owner or Pilot Owner." in answer.content.decode()
    assert status_of(running) == Status.RUNNING


def test_a_stranger_learns_nothing(client: Client, stranger: User, running: Pilot) -> None:
    client.force_login(stranger)
    assert client.get(to(running, "stop")).status_code == 404
    assert client.post(to(running, "stop"), {"reason": "x", "returned_to": "y"}).status_code == 404


def test_a_move_that_does_not_exist_is_not_found(page: Client, running: Pilot) -> None:
    assert page.get(to(running, "fly")).status_code == 404


def test_a_form_of_another_site_is_refused(owner: User, running: Pilot) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(owner)
    assert careful.post(to(running, "pause"), {"reason": "Forged"}).status_code == 403
    assert status_of(running) == Status.RUNNING
