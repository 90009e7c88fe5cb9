"""The one-pager of a decision, with the live results of its pilots."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pilots.models import Decision, Framework, NextStep, Pilot, Risk, Stage, User
from pilots.services.evaluating import evaluate_pilot
from tests.builders import (
    NOON,
    a_decision,
    a_person,
    a_pilot,
    a_review,
    a_running_pilot,
    a_taken_decision,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def client(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def sheet(client: Client, ref: str = "tiers-decision") -> str:
    answer = client.get(f"/decisions/{ref}/")
    assert answer.status_code == 200
    return answer.text.split('<article class="sheet"')[1].split("</article>")[0]


def test_the_sheet_says_what_was_chosen_why_and_what_was_rejected(client: Client) -> None:
    decision = a_taken_decision(
        "tiers-decision", context="One queue for all.", trade_off_a="speed", trade_off_b="fairness"
    )
    decision.options.filter(key="A").update(rejected_because="nothing would be learnt")
    page = sheet(client)
    assert "Pilot in stages (option B)." in page
    assert "Decision, Wed 18 Feb" in page
    assert "speed against fairness" in page
    assert "Rejected: nothing would be learnt" in page
    assert "Learn first." in page


def test_a_draft_says_who_decides(client: Client) -> None:
    a_decision("tiers-decision")
    page = sheet(client)
    assert "Not decided yet." in page
    assert "Owner decides." in page or "Olive Owner decides." in page
    assert "Chosen" not in page


def test_a_prediction_stands_with_its_confidence(client: Client) -> None:
    a_taken_decision("tiers-decision", prediction="10% quicker.", confidence=70)
    assert "<strong>Confidence 70%</strong>" in sheet(client)


def test_nothing_predicted_is_said(client: Client) -> None:
    a_taken_decision("tiers-decision")
    assert "Nothing was predicted, so nothing can be scored." in sheet(client)


def test_where_it_stands_is_what_the_newest_evaluation_says(client: Client) -> None:
    pilot = a_running_pilot(mean=26.0, decision=a_taken_decision("tiers-decision"))
    evaluate_pilot(pilot_id=pilot.pk, now=NOON)
    page = sheet(client)
    assert "Stop</span>" in page
    assert pilot.evaluations.get().sentence in page
    assert "20 h" in page
    assert "26 h, +30%" in page
    assert "+10%; tell us at +5%" in page
    assert "stage 1 of 1, day 29 of 91" in page


def test_the_loudest_pilot_comes_first(client: Client) -> None:
    decision = a_taken_decision("tiers-decision")
    for ref, mean in (("calm", 20.0), ("stopping", 26.0)):
        evaluate_pilot(pilot_id=a_running_pilot(ref, mean=mean, decision=decision, title=ref).pk, now=NOON)
    page = sheet(client)
    assert page.index("stopping") < page.index("calm")


@pytest.mark.parametrize(
    ("signal", "happens", "now"),
    [
        pytest.param("data_state", "silence", "Tripped", id="missing data trips its risk"),
        pytest.param("stage_overdue", "overdue", "Tripped", id="a stage past its end trips its risk"),
        pytest.param("stage_overdue", "end", "Tripped", id="the last stage has until the pilot's own end"),
        pytest.param("review_overdue", "late review", "Tripped", id="a late review trips its risk"),
        pytest.param("data_state", "", "Quiet", id="nothing happened: quiet"),
        pytest.param("", "silence", "Not watched", id="without a sign nothing is watched"),
    ],
)
def test_a_risk_shows_whether_its_sign_has_come(client: Client, signal: str, happens: str, now: str) -> None:
    pilot = a_running_pilot(
        days=20 if happens == "silence" else 28, decision=a_taken_decision("tiers-decision")
    )
    Risk.objects.create(
        decision=pilot.decision, text="It goes wrong", signal=signal, planned_response="Mend it"
    )
    if happens == "overdue":
        Stage.objects.filter(pilot=pilot).update(planned_end=NOON.date() - timedelta(days=1))
    if happens == "end":
        Pilot.objects.update(end=NOON.date() - timedelta(days=1))
    if happens == "late review":
        a_review(pilot, due_on=NOON.date() - timedelta(days=1))
    evaluate_pilot(pilot_id=pilot.pk, now=NOON)
    risks = sheet(client).split("Risks, and the sign we watch")[1]
    assert now in risks
    assert "Mend it" in risks


def test_japanese_names_carry_their_language(client: Client) -> None:
    framework = Framework.objects.create(
        code="B0999", name_en="Tiers", name_katakana="サポート", name_kanji="支援"
    )
    a_taken_decision("tiers-decision", framework=framework, name_katakana="ティア", name_kanji="階層")
    page = sheet(client)
    assert '<span lang="ja">サポート · 支援</span>' in page
    assert '<p class="small" lang="ja">ティア · 階層</p>' in page


def test_a_change_after_the_decision_is_shown_with_its_reason(client: Client, owner: User) -> None:
    decision = a_taken_decision("tiers-decision")
    decision.changed_since_decided_at = NOON
    decision.rationale = "Learn more."
    decision.explain(by=owner, reason="The board asked for it.")
    decision.save()
    assert "Changed since decided, Mon 30 Mar: The board asked for it." in sheet(client)


def test_a_superseded_decision_says_by_which(client: Client) -> None:
    old = a_taken_decision("tiers-decision")
    a_decision("newer", title="A newer question", supersedes=old)
    assert "Superseded by" in sheet(client)


def test_next_steps_show_what_is_done(client: Client) -> None:
    decision = a_taken_decision("tiers-decision")
    NextStep.objects.create(decision=decision, text="Assign owners", done=True)
    NextStep.objects.create(decision=decision, text="Tell the leads")
    page = sheet(client)
    assert '<li class="ok">' in page.split("Assign owners")[0].rsplit("<ul", 1)[1]
    assert "Tell the leads" in page


def test_text_people_wrote_is_never_markup(client: Client) -> None:
    a_taken_decision("tiers-decision", context="<script>alert(1)</script>")
    assert "&lt;script&gt;" in sheet(client)


def test_the_list_names_each_decision_with_its_pilots(client: Client) -> None:
    pilot = a_running_pilot(mean=26.0, title="Slow tiers")
    evaluate_pilot(pilot_id=pilot.pk, now=NOON)
    a_decision("other", owner=a_person("somebody@example.org"), title="Not mine")
    page = client.get("/decisions/").text
    assert "Support tiers" in page
    assert "Slow tiers" in page
    assert "Stop" in page
    assert "Not mine" not in page


def test_a_decision_with_many_pilots_takes_as_many_queries_as_one_with_few(client: Client) -> None:
    few, many = a_taken_decision("few"), a_taken_decision("many")
    for decision, count in ((few, 1), (many, 5)):
        for i in range(count):
            pilot = a_running_pilot(f"{decision.ref}-{i}", decision=decision, days=20)
            evaluate_pilot(pilot_id=pilot.pk, now=NOON)
            Risk.objects.create(decision=decision, text=f"Risk {i}")
    a_pilot("drafted", decision=many)
    client.get("/decisions/few/")
    assert queries_for(client, "/decisions/many/") == queries_for(client, "/decisions/few/")


def queries_for(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def test_forty_decisions_take_as_many_queries_as_four(client: Client) -> None:
    for i in range(4):
        a_pilot(f"p{i}")
    few = queries_for(client, "/decisions/")
    for i in range(4, 40):
        a_pilot(f"p{i}")
    assert queries_for(client, "/decisions/") == few
    assert Decision.objects.count() == 40
