from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from pilots.importing.one_pagers import read_one_pager
from pilots.models import Decision, Framework, Pilot, User
from pilots.services.errors import Refused
from pilots.services.importing_one_pagers import ImportedOnePager, import_one_pager
from pilots.services.operating import operator

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 30, 12, tzinfo=UTC)
TEXT = """
X0311: Parcel Lockers at Stations

Name variants
English: X0311: Parcel Lockers at Stations
Katakana: ロッカー

Quality: Draft
Updated: 2026-02-03
COI: none

Context
Lockers could take parcels off the counters; nobody agrees on pick-up delay, cost per parcel or guest moods.

Options
- Option A: Keep the counters.
- Option B: Pilot lockers in stages, validate against metrics, scale only after thresholds are met.

Decision
Select Option B. Validate pick-up delay, cost per parcel, guest moods early, revisit if parcel size,
station size change materially, and document stop conditions.

Rationale
Option B balances convenience versus security.

Risks
- Poor data from old stations can hide a change.
- Vandals may like the lockers.

Next
Assign owners, finalize baselines for pick-up delay, cost per parcel, guest moods. Schedule the first review.

Ask Anna about the weather.
"""


def put(text: str = TEXT, **fields: str) -> ImportedOnePager:
    page = read_one_pager(text.encode(), file="lockers.txt")
    return import_one_pager(page=page, by=operator(), now=NOW, **fields)


def test_a_one_pager_becomes_a_draft_decision_with_what_it_says() -> None:
    decision = put(owner="anna@example.org").decision
    assert (decision.ref, decision.status, decision.title) == (
        "parcel-lockers-at-stations",
        "draft",
        "Parcel Lockers at Stations",
    )
    assert decision.statement.startswith("Select Option B.")
    assert (decision.trade_off_a, decision.trade_off_b) == ("convenience", "security")
    assert (decision.coi, decision.source, decision.name_katakana) == ("none", "", "ロッカー")
    assert [(option.key, option.chosen) for option in decision.options.all()] == [("A", False), ("B", True)]
    assert decision.owner == User.objects.get(email="anna@example.org")


def test_the_framework_is_made_from_the_text_and_left_alone_afterwards() -> None:
    Framework.objects.create(code="X0311", name_en="X0311")
    assert put().decision.framework == Framework.objects.get(code="X0311")
    framework = Framework.objects.get(code="X0311")
    assert framework.name_en == "Parcel Lockers at Stations"
    assert framework.updated == date(2026, 2, 3)
    assert framework.drivers == ["parcel size", "station size"]
    framework.name_en = "Lockers"
    framework.save()
    put(ref="again")
    assert Framework.objects.get(code="X0311").name_en == "Lockers"


def test_the_draft_pilot_measures_what_the_text_names_and_no_more() -> None:
    pilot = put().pilot
    assert pilot is not None
    assert set(pilot.metrics.values_list("ref", "name", "direction", "kind")) == {
        ("pick_up_delay", "Pick-up delay", "lower_is_better", "mean"),
        ("cost_per_parcel", "Cost per parcel", "lower_is_better", "mean"),
        ("guest_moods", "Guest moods", "lower_is_better", "mean"),
    }
    assert set(pilot.drivers.values_list("ref", flat=True)) == {"parcel_size", "station_size"}
    assert not pilot.stages.exists()
    assert not pilot.conditions.exists()


def test_what_was_assumed_is_said() -> None:
    assumed = put().assumed
    assert (
        "Metric “guest moods”: a mean, lower is better, which its name does not say: please check." in assumed
    )
    assert "Risk “Vandals may like the lockers.” is not watched yet." in assumed


def test_risks_and_steps_become_rows_with_what_watches_and_answers_them() -> None:
    decision = put().decision
    assert [risk.signal for risk in decision.risks.all()] == ["data_state", ""]
    steps = [(step.readiness, step.done) for step in decision.next_steps.all()]
    assert steps[:3] == [("owners", False), ("baselines", False), ("first_review", False)]
    assert ("stop_conditions", False) in steps


def test_what_was_not_understood_stays_with_the_decision() -> None:
    decision = put(TEXT.replace("X0311: Parcel", "Skip to content\nX0311: Parcel", 1)).decision
    assert {"line": 2, "text": "Skip to content"} in decision.unplaced


def test_the_same_text_again_changes_nothing_even_after_edits() -> None:
    decision = put().decision
    decision.rationale = "Better said."
    decision.save()
    before = Decision.history.count()
    again = put()
    assert (again.is_new, again.decision) == (False, decision)
    assert Decision.history.count() == before
    assert Pilot.objects.count() == 1


def test_another_text_does_not_take_a_ref_that_is_taken() -> None:
    put()
    with pytest.raises(Refused, match="another ref"):
        put(TEXT.replace("off the counters", "off the streets"))
    assert put(TEXT.replace("off the counters", "off the streets"), ref="streets").is_new


def test_a_name_that_latin_letters_cannot_write_gives_way_to_the_code() -> None:
    text = TEXT.replace("X0311: Parcel Lockers at Stations", "X0311: 駅のロッカー")
    assert put(text).decision.ref == "x0311"


def test_a_very_long_option_is_kept_whole() -> None:
    long = "Keep the counters and " + "more " * 120 + "counters."
    option = put(TEXT.replace("Keep the counters.", long)).decision.options.get(key="A")
    assert (len(option.title), option.summary) == (400, long)
