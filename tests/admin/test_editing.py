"""The admin is a door like the pages: permission, versions and reasons hold behind it too."""

from __future__ import annotations

import pytest
from django.test import Client

from pilots.models import Condition, Decision, Membership, Metric, Pilot, Role
from tests.admin.forms import mistakes, send
from tests.admin.test_site import address
from tests.builders import a_decision, a_person, a_running_pilot


@pytest.fixture
def pilot(db: None) -> Pilot:
    return a_running_pilot()


@pytest.fixture
def stop(pilot: Pilot) -> Condition:
    return pilot.conditions.get(ref="S1")


def test_a_running_pilots_rule_changes_only_with_a_reason(owning: Client, stop: Condition) -> None:
    page = address(Condition, "change", stop.pk)
    answer = send(owning, page, limit="0.2")
    assert "Say why" in mistakes(answer)
    assert 'value="0.2"' in answer.content.decode()
    stop.refresh_from_db()
    assert (stop.limit, stop.rule_version) == (0.1, 1)

    assert send(owning, page, limit="0.2", reason="Ten per cent was noise").status_code == 302
    stop.refresh_from_db()
    assert (stop.limit, stop.rule_version) == (0.2, 2)
    saved = stop.history.first()
    assert (saved.history_user.email, saved.history_change_reason) == (
        "owner@example.org",
        "Ten per cent was noise",
    )


def test_a_page_sent_back_unchanged_saves_nothing(owning: Client, stop: Condition) -> None:
    assert send(owning, address(Condition, "change", stop.pk)).status_code == 302
    assert stop.history.count() == 1


def test_nobody_saves_over_what_they_have_not_seen(owning: Client, stop: Condition) -> None:
    page = address(Condition, "change", stop.pk)
    stale = {"limit": "0.2", "reason": "Noise", "seen_version": str(stop.version - 1)}
    assert "Somebody else saved" in mistakes(send(owning, page, **stale))
    stop.refresh_from_db()
    assert stop.limit == 0.1


def test_a_reviewer_reads_the_rules_of_a_pilot_that_is_not_theirs(reviewing: Client, stop: Condition) -> None:
    page = address(Condition, "change", stop.pk)
    assert b'name="_save"' not in reviewing.get(page).content
    assert reviewing.post(page, {"limit": "0.2", "reason": "Noise"}).status_code == 403


def test_a_reviewer_who_adds_a_rule_is_told_who_may(reviewing: Client, pilot: Pilot) -> None:
    metric = pilot.metrics.get()
    new = {"pilot": pilot.pk, "kind": "stop_condition", "ref": "S2", "metric": metric.pk, "rationale": "Care"}
    rule = {"comparison": "above", "limit": "40", "method": "point", "severity": "SEV2"}
    answer = send(reviewing, address(Condition, "add"), **new, **rule)
    assert "Only the decision owner, the deputy or the pilot owner" in mistakes(answer)
    assert not pilot.conditions.filter(ref="S2").exists()


def test_a_refusal_keeps_all_that_was_saved_before_it_in_the_same_page_out(
    owning: Client, pilot: Pilot
) -> None:
    """One page, one transaction: the new title is not kept when a rule on the same page is refused."""
    answer = send(
        owning,
        address(Pilot, "change", pilot.pk),
        title="Another title",
        reason="Clearer",
        **{"conditions-2-0-scope": "each:planet"},
    )
    assert "planet" in mistakes(answer)
    pilot.refresh_from_db()
    assert pilot.title == "Tier pilot"


def test_a_pilots_page_has_a_section_for_each_kind_of_rule(owning: Client, pilot: Pilot) -> None:
    page = owning.get(address(Pilot, "change", pilot.pk))
    sections = {
        str(s.opts.verbose_name_plural): [form.instance.ref for form in s.formset.initial_forms]
        for s in page.context["inline_admin_formsets"]
        if s.opts.model is Condition
    }
    assert sections == {
        "scale-up criteria": ["T1"],
        "stop conditions": ["S1"],
        "escalation triggers": ["E1"],
    }


def test_a_rule_changed_in_its_pilots_page_is_a_new_version(
    owning: Client, pilot: Pilot, stop: Condition
) -> None:
    page = address(Pilot, "change", pilot.pk)
    assert send(owning, page, reason="Noise", **{"conditions-2-0-limit": "0.2"}).status_code == 302
    stop.refresh_from_db()
    assert (stop.limit, stop.rule_version) == (0.2, 2)
    assert stop.history.first().history_change_reason == "Noise"
    assert pilot.history.count() == 2, "the pilot itself did not change"


def test_a_rule_added_in_a_section_is_of_its_kind(owning: Client, pilot: Pilot) -> None:
    new = {
        "ref": "E2",
        "metric": pilot.metrics.get().pk,
        "comparison": "above",
        "limit": "30",
        "scope": "overall",
    }
    more = {
        "method": "point",
        "severity": "SEV3",
        "rationale": "Care",
        "notify": "pilot_owner, x@example.org",
    }
    proof = {"sustained_periods": 1, "sustained_days": 0, "recover_periods": 3, "alpha": "0.05"}
    row = {f"conditions-3-1-{name}": value for name, value in (new | more | proof).items()}
    page = address(Pilot, "change", pilot.pk)
    assert send(owning, page, reason="Care", **row, **{"conditions-3-TOTAL_FORMS": 2}).status_code == 302
    added = pilot.conditions.get(ref="E2")
    assert added.kind == "escalation_trigger"
    assert added.notify == ["pilot_owner", "x@example.org"]


def test_a_rule_taken_out_of_its_section_is_retired_and_kept(
    owning: Client, pilot: Pilot, stop: Condition
) -> None:
    page = address(Pilot, "change", pilot.pk)
    assert send(owning, page, reason="Superseded", **{"conditions-2-0-DELETE": "on"}).status_code == 302
    stop.refresh_from_db()
    assert stop.retired_at is not None


def test_an_act_on_selected_rows_says_how_each_went(owning: Client, stop: Condition) -> None:
    page = address(Condition, "changelist")
    chosen = {"action": "retire", "_selected_action": [stop.pk]}
    refused = owning.post(page, chosen, follow=True)
    assert "Say why" in refused.content.decode()
    done = owning.post(page, chosen | {"reason": "Superseded"}, follow=True)
    assert "done" in done.content.decode()
    stop.refresh_from_db()
    assert stop.retired_at is not None


def test_a_pilot_is_paused_from_the_list_with_a_reason(owning: Client, pilot: Pilot) -> None:
    chosen = {"action": "pause", "_selected_action": [pilot.pk], "reason": "Holidays"}
    owning.post(address(Pilot, "changelist"), chosen)
    pilot.refresh_from_db()
    assert pilot.status == Pilot.Status.PAUSED
    assert pilot.moves.get().reason == "Holidays"


def test_a_baseline_that_may_not_be_finalised_says_why(owning: Client, pilot: Pilot) -> None:
    draft = pilot.metrics.get().baselines.create(number=2, first_day="2020-01-01", last_day="2020-02-01")
    chosen = {"action": "finalise", "_selected_action": [draft.pk]}
    answer = owning.post("/admin/pilots/baseline/", chosen, follow=True)
    assert "Resolution time" in answer.content.decode()
    draft.refresh_from_db()
    assert not draft.is_final


def test_the_reviewer_of_a_pilot_can_not_become_its_owner(owning: Client, pilot: Pilot) -> None:
    reviewer = a_person("reviewer@example.org")
    person = {"user": reviewer.pk, "role": Role.PILOT_OWNER}
    rows = {f"memberships-2-{name}": value for name, value in person.items()}
    page = address(Pilot, "change", pilot.pk)
    answer = send(owning, page, reason="Cover", **rows, **{"memberships-TOTAL_FORMS": 3})
    assert "can't review it" in mistakes(answer)
    assert not Membership.objects.filter(user=reviewer, role=Role.PILOT_OWNER).exists()


def test_a_decision_is_written_with_its_options(owning: Client, db: None) -> None:
    options = [("A", "Keep"), ("B", "Pilot in stages"), ("C", "Redesign")]
    rows = {
        f"options-{i}-{name}": v
        for i, row in enumerate(options)
        for name, v in zip(("key", "title"), row, strict=True)
    }
    new = {"ref": "tiers", "title": "Support tiers", "quality": "draft", "reversibility": "easy"}
    answer = send(
        owning,
        address(Decision, "add"),
        **new,
        **rows,
        **{"options-TOTAL_FORMS": 3, "options-1-chosen": "on"},
    )
    assert answer.status_code == 302, mistakes(answer)
    written = Decision.objects.get(ref="tiers")
    assert written.chosen is not None
    assert written.chosen.key == "B"
    assert written.owner == a_person("owner@example.org")


def test_a_taken_decision_changes_only_with_a_reason_and_says_so(owning: Client, db: None) -> None:
    decision = a_decision(status="decided", decided_at="2026-01-01T00:00:00Z")
    page = address(Decision, "change", decision.pk)
    assert "Say why" in mistakes(send(owning, page, context="All has changed"))
    assert send(owning, page, context="All has changed", reason="New contract").status_code == 302
    decision.refresh_from_db()
    assert decision.changed_since_decided_at is not None


def test_a_metric_stays_with_its_pilot(owning: Client, pilot: Pilot) -> None:
    metric = pilot.metrics.get()
    other = a_running_pilot("other")
    page = address(Metric, "change", metric.pk)
    assert send(owning, page, pilot=other.pk, name="Time to resolve", reason="Clearer").status_code == 302
    metric.refresh_from_db()
    assert (metric.pilot, metric.name) == (pilot, "Time to resolve")
