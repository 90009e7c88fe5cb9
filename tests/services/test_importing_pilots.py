from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
import yaml
from django.db.models import CharField, Model

from pilots.importing.errors import BadInput
from pilots.importing.pilot_files import PilotFile, load, parse
from pilots.importing.pilot_writing import dump
from pilots.models import (
    Baseline,
    Condition,
    Decision,
    Driver,
    EscalationPolicy,
    Framework,
    Membership,
    Metric,
    Observation,
    Option,
    Pilot,
    Stage,
    User,
)
from pilots.services.conditioning import save_condition
from pilots.services.errors import Refused
from pilots.services.exporting_pilots import file_of
from pilots.services.importing_pilots import Imported, import_pilot
from pilots.services.measuring import save_driver, save_metric
from pilots.services.operating import operator
from pilots.services.piloting import change_pilot, set_people
from pilots.services.staging import save_stage
from pilots.services.starting import start_imported
from tests.builders import readings

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 30, 12, tzinfo=UTC)
FILE = """
version: 1
decision:
  ref: returns-desk
  title: Returns desk by phone or chat
  framework: X0042
  statement: Try chat first with a few shops.
  options:
    - {key: A, title: Keep the phone desk}
    - {key: B, title: Chat first in stages, chosen: true}
pilot:
  ref: chat-first
  title: Chat first
  timezone: Europe/Paris
  start: 2026-03-02
  end: 2026-05-31
  people:
    decision_owner: dora@example.org
    pilot_owner: pete@example.org
    metric_owner: mia@example.org
    reviewer: rita@example.org
    informed: [ines@example.org, ivan@example.org]
  dimensions: {severity: [low, high]}
  stages:
    - {name: three shops, exposure: 10 %, min_days: 14, min_sample: 200}
    - {name: all shops, exposure: [50 %, high]}
metrics:
  - {ref: handling_hours, name: Handling time, unit: h, baseline: {from: 2026-01-05, to: 2026-03-01}}
  - {ref: solved, name: Solved at once, direction: higher_is_better, kind: rate, owner: sol@example.org,
     maturity_days: 2, baseline: {from: 2026-01-05, to: 2026-02-22}}
drivers:
  - {ref: severity_mix, dimension: severity, update_every_days: 7, update_rule: Counted weekly by Mia}
thresholds:
  - {ref: T1, metric: handling_hours, improve_by: 5 %, rationale: Worth the training.}
stop_conditions:
  - {ref: S1, metric: handling_hours, worsen_by: 7.5 %, scope: "each:severity", rationale: Customers notice.}
  - {ref: S2, metric: solved, below: 0.6, clear: 0.65, must_watch: true, rationale: The promise we made.}
escalation_triggers:
  - {ref: E1, metric: handling_hours, worsen_by: 3 %, notify: [decision_owner, desk@example.org],
     rationale: Early.}
reviews: {first: 2026-04-01, every_days: 28}
"""


def a_file(text: str = FILE, **changed: Any) -> PilotFile:
    """The file above with some of its top-level parts replaced; None takes a part out."""
    document = yaml.safe_load(text) | changed
    return load(
        yaml.safe_dump({key: part for key, part in document.items() if part is not None}), file="f.yaml"
    )


def put(file: PilotFile) -> Imported:
    return import_pilot(file=file, by=operator(), now=NOW)


def rows_of_history() -> int:
    kept = (Pilot, Decision, Condition, Baseline, Membership)
    return sum(model.history.count() for model in kept)


def test_a_file_becomes_a_draft_with_everything_it_says() -> None:
    pilot = put(a_file()).pilot
    assert (pilot.ref, pilot.status, pilot.timezone, pilot.start) == (
        "chat-first", "draft", "Europe/Paris", date(2026, 3, 2),
    )  # fmt: skip
    assert pilot.decision.owner == User.objects.get(email="dora@example.org")
    assert pilot.decision.chosen is not None
    assert pilot.decision.chosen.key == "B"
    assert list(pilot.stages.values_list("name", "exposure_share", "exposure_segments")) == [
        ("three shops", 0.1, []),
        ("all shops", 0.5, ["high"]),
    ]
    assert set(pilot.conditions.values_list("ref", "kind", "limit", "severity")) == {
        ("T1", "threshold", 0.05, "SEV4"),
        ("S1", "stop_condition", 0.075, "SEV2"),
        ("S2", "stop_condition", 0.6, "SEV2"),
        ("E1", "escalation_trigger", 0.03, "SEV3"),
    }
    assert not pilot.metrics.get(ref="solved").baselines.get().is_final


def test_people_unknown_by_address_are_there_without_a_password() -> None:
    put(a_file())
    pete = User.objects.get(email="pete@example.org")
    assert not pete.has_usable_password()
    assert pete.memberships.get().role == "pilot_owner"


def test_importing_again_changes_nothing_and_writes_no_history() -> None:
    put(a_file())
    before = rows_of_history()
    assert put(a_file()).changes == ()
    assert rows_of_history() == before


def test_what_was_imported_is_exported_as_the_same_file() -> None:
    file = a_file()
    exported = file_of(put(file).pilot)
    assert exported == file
    assert load(dump(exported), file="again.yaml") == file
    assert put(exported).changes == ()


def add_everything(pilot: Pilot) -> None:
    """What people add by the pages, one act each."""
    act: dict[str, Any] = {"pilot_id": pilot.pk, "by": operator(), "now": NOW}
    metric, driver = pilot.metrics.get(ref="handling_hours"), pilot.drivers.get()
    change_pilot(
        fields={"hypothesis": "Chat is quicker.\r\nAnd kinder.", "cadence_days": 7, "pause_on_stop": True},
        **act,
    )
    set_people(
        people={
            "reviewer": ["rita@example.org", "omar@example.org"],
            "communicator": ["kim@example.org"],
            "decision_maker": ["dora@example.org"],
        },
        **act,
    )
    planned = {"planned_start": date(2026, 3, 2), "planned_end": date(2026, 4, 5)}
    save_stage(stage_id=pilot.stages.get(order=1).pk, fields=planned, **act)
    zero = {"min_sample": 50, "no_entry_is_zero": True, "no_entry_reason": "Quiet days are quiet."}
    save_metric(metric_id=metric.pk, fields=zero, **act)
    save_driver(driver_id=driver.pk, fields={"baseline_mix": {"low": 1 / 3, "high": 2 / 3}}, **act)
    silence = {"ref": "S3", "kind": "stop_condition", "metric": metric, "data_state": "stale"}
    save_condition(fields=silence | {"name": "The feed is silent", "rationale": "We would be blind."}, **act)
    finer = {"name": "Quicker", "sustained_days": 14, "min_days": 28, "min_sample": 0, "clear_limit": -0.01}
    save_condition(condition_id=pilot.conditions.get(ref="T1").pk, fields=finer, **act)


ESCALATION = [
    {
        "name": "usual",
        "default": True,
        "steps": [
            {"notify": "pilot_owner", "wait": "4 hours"},
            {"notify": ["decision_owner", "desk@example.org"], "wait": "1 working day"},
        ],
    },
    {"name": "at once", "steps": [{"notify": "reviewer", "wait": "30 minutes"}]},
]


def with_policy(name: str, **changed: Any) -> PilotFile:
    trigger = yaml.safe_load(FILE)["escalation_triggers"][0] | {"policy": name}
    return a_file(escalation_triggers=[trigger], **changed)


def test_a_file_says_who_is_told_next_and_which_rule_has_steps_of_its_own() -> None:
    file = with_policy("at once", escalation=ESCALATION)
    pilot = put(file).pilot
    usual, _ = pilot.escalation_policies.order_by("pk")
    assert usual.is_default
    assert list(usual.steps.values_list("notify", "wait_minutes", "working_time")) == [
        (["pilot_owner"], 240, False),
        (["decision_owner", "desk@example.org"], 1440, True),
    ]
    assert str(pilot.conditions.get(ref="E1").policy) == "at once"
    assert file_of(pilot) == file == load(dump(file), file="again.yaml")
    assert put(file).changes == ()


def test_a_file_without_a_word_of_escalation_leaves_it_as_it_is() -> None:
    put(with_policy("at once", escalation=ESCALATION))
    assert put(a_file()).changes == ()


def test_a_policy_that_the_list_leaves_out_goes_unless_a_rule_names_it() -> None:
    put(with_policy("usual", escalation=ESCALATION))
    assert put(a_file(escalation=ESCALATION[:1])).changes == ("escalation at once: removed",)
    with pytest.raises(Refused, match="E1 still name “usual”"):
        put(a_file(escalation=ESCALATION[1:]))


def test_a_rule_may_name_a_policy_of_the_product_but_none_that_nobody_wrote() -> None:
    with pytest.raises(Refused, match="Nobody has written the escalation policy “nights”"):
        put(with_policy("nights"))
    EscalationPolicy.objects.create(name="nights")
    assert str(put(with_policy("nights")).pilot.conditions.get(ref="E1").policy) == "nights"


def test_a_file_loses_nothing_of_what_people_added() -> None:
    pilot = put(a_file()).pilot
    add_everything(pilot)
    text = dump(file_of(Pilot.objects.get()))
    assert put(load(text, file="again.yaml")).changes == ()

    elsewhere = load(text.replace("chat-first", "elsewhere").replace("returns-desk", "other"), file="e.yaml")
    assert file_of(put(elsewhere).pilot) == elsewhere
    twin = Pilot.objects.get(ref="elsewhere")
    assert (twin.hypothesis, twin.cadence_days, twin.pause_on_stop) == (
        "Chat is quicker.\r\nAnd kinder.", 7, True,
    )  # fmt: skip
    assert set(twin.memberships.filter(role="reviewer").values_list("user__email", flat=True)) == {
        "rita@example.org",
        "omar@example.org",
    }
    silence = twin.conditions.get(ref="S3")
    assert (silence.data_state, silence.comparison, silence.limit) == ("stale", "", None)
    assert twin.drivers.get().baseline_mix == {"low": 1 / 3, "high": 2 / 3}
    assert twin.metrics.get(ref="handling_hours").no_entry_reason == "Quiet days are quiet."


def test_a_file_that_is_silent_keeps_the_hypothesis_and_the_mix() -> None:
    pilot = put(a_file()).pilot
    add_everything(pilot)
    put(a_file())
    pilot.refresh_from_db()
    assert pilot.hypothesis == "Chat is quicker.\r\nAnd kinder."
    assert pilot.drivers.get().baseline_mix == {"low": 1 / 3, "high": 2 / 3}


def test_a_role_that_the_file_names_goes_to_exactly_these_people() -> None:
    pilot = put(a_file()).pilot
    add_everything(pilot)
    assert "people: changed" in put(a_file()).changes
    assert [m.user.email for m in pilot.memberships.filter(role="reviewer")] == ["rita@example.org"]
    assert pilot.memberships.filter(role="communicator").exists()  # the file does not speak of it


LENGTHS = (
    ("pilot.ref", Pilot, "ref"),
    ("pilot.title", Pilot, "title"),
    ("pilot.stages[0].name", Stage, "name"),
    ("decision.ref", Decision, "ref"),
    ("decision.title", Decision, "title"),
    ("decision.framework", Framework, "code"),
    ("decision.options[0].key", Option, "key"),
    ("decision.options[0].title", Option, "title"),
    ("metrics[0].name", Metric, "name"),
    ("metrics[0].unit", Metric, "unit"),
    ("metrics[0].no_entry_reason", Metric, "no_entry_reason"),
    ("drivers[0].ref", Driver, "ref"),
    ("drivers[0].name", Driver, "name"),
    ("drivers[0].update_rule", Driver, "update_rule"),
    ("thresholds[0].ref", Condition, "ref"),
    ("thresholds[0].name", Condition, "name"),
)


def with_text(path: str, text: str) -> dict[str, Any]:
    """The document of the file above with another text at one place, such as `metrics[0].name`."""
    document: dict[str, Any] = yaml.safe_load(FILE)
    *way, last = re.findall(r"\w+", path)
    place: Any = document
    for step in way:
        place = place[int(step) if step.isdigit() else step]
    place[last] = text
    return document


@pytest.mark.parametrize(("path", "model", "column"), LENGTHS, ids=[path for path, *_ in LENGTHS])
def test_a_text_as_long_as_its_column_is_kept_and_one_longer_is_refused_by_its_field(
    path: str, model: type[Model], column: str
) -> None:
    field = model._meta.get_field(column)
    assert isinstance(field, CharField)
    longest = field.max_length or 0
    assert put(parse(with_text(path, "x" * longest))).pilot.pk
    with pytest.raises(BadInput) as refusal:
        parse(with_text(path, "x" * (longest + 1)))
    assert [problem.field for problem in refusal.value.problems] == [path]


def test_the_least_a_file_may_say_is_enough() -> None:
    least = a_file(
        decision=None, drivers=None, thresholds=None, stop_conditions=None, reviews=None,
        pilot={"ref": "small", "start": date(2026, 3, 2)},
        metrics=[{"ref": "cost", "baseline": {"from": date(2026, 1, 1), "to": date(2026, 2, 28)}}],
        escalation_triggers=[{"ref": "E1", "metric": "cost", "above": 12}],
    )  # fmt: skip
    pilot = put(least).pilot
    assert pilot.decision.ref == "small"
    assert file_of(pilot) == least


def test_a_changed_limit_is_a_new_version_of_the_rule_with_its_reason() -> None:
    put(a_file())
    text = FILE.replace("improve_by: 5 %", "improve_by: 6 %")
    assert put(a_file(text)).changes == ("rule T1: changed",)
    rule = Condition.objects.get(ref="T1")
    assert (rule.rule_version, rule.limit) == (2, 0.06)
    newest = rule.history.first()
    assert (newest.history_user, newest.history_change_reason) == (operator(), "Pilot file")


def test_a_rule_that_the_file_leaves_out_is_retired_and_kept() -> None:
    put(a_file())
    document = yaml.safe_load(FILE)
    document["stop_conditions"].pop()
    assert put(a_file(yaml.safe_dump(document))).changes == ("rule S2: retired",)
    assert Condition.objects.get(ref="S2").retired_at == NOW


def test_a_file_that_contradicts_the_law_changes_nothing_at_all() -> None:
    pilot = put(a_file()).pilot
    readings(pilot.metrics.get(ref="handling_hours"), mean=20.0, first=date(2026, 1, 5), days=3)
    document = yaml.safe_load(FILE)
    document["pilot"]["title"] = "Another title"
    document["metrics"].pop(0)
    for kind in ("thresholds", "stop_conditions", "escalation_triggers"):
        document[kind] = [c for c in document[kind] if c["metric"] == "solved"]
    with pytest.raises(Refused, match="readings"):
        put(a_file(yaml.safe_dump({key: part for key, part in document.items() if part})))
    assert Pilot.objects.get().title == "Chat first"
    assert Observation.objects.count() == 6


def test_start_names_everything_that_is_missing() -> None:
    pilot = put(a_file(reviews=None, drivers=None)).pilot
    with pytest.raises(Refused) as refused:
        start_imported(pilot=pilot, by=operator(), now=NOW)
    said = " ".join(reason.text for reason in refused.value.reasons)
    assert "Handling time has no readings" in said
    assert "first review is not scheduled" in said
    assert Pilot.objects.get().status == "draft"


def with_readings(pilot: Pilot) -> Pilot:
    for metric in pilot.metrics.all():
        readings(metric, mean=0.8, first=date(2026, 1, 5), days=56)
    return pilot


def test_start_finalises_the_baselines_and_starts_on_the_day_the_file_names() -> None:
    pilot = with_readings(put(a_file()).pilot)
    start_imported(pilot=pilot, by=operator(), now=NOW)
    pilot.refresh_from_db()
    assert (pilot.status, pilot.started_at) == ("running", NOW)
    assert pilot.running_stage is not None
    assert pilot.running_stage.started_on == date(2026, 3, 2)
    assert all(baseline.is_final for baseline in Baseline.objects.all())
    assert Decision.objects.get().status == "piloting"


def test_a_running_pilot_takes_its_file_again_without_a_change() -> None:
    pilot = with_readings(put(a_file()).pilot)
    start_imported(pilot=pilot, by=operator(), now=NOW)
    assert put(a_file()).changes == ()
    assert start_imported(pilot=Pilot.objects.get(), by=operator(), now=NOW).status == "running"
    assert file_of(Pilot.objects.get()) == a_file()


def test_another_window_for_a_final_baseline_is_another_number() -> None:
    pilot = with_readings(put(a_file()).pilot)
    start_imported(pilot=pilot, by=operator(), now=NOW)
    text = FILE.replace(
        "baseline: {from: 2026-01-05, to: 2026-03-01}", "baseline: {from: 2026-01-12, to: 2026-03-01}"
    )
    assert put(a_file(text)).changes == ("baseline 2 of handling_hours: added",)
    first, second = Baseline.objects.filter(metric__ref="handling_hours").order_by("number")
    assert (first.is_final, first.first_day) == (True, date(2026, 1, 5))
    assert (second.is_final, second.reason) == (False, "Pilot file")
    assert put(a_file(text)).changes == ()


def test_a_pilot_cannot_move_to_another_decision() -> None:
    put(a_file())
    with pytest.raises(Refused, match="belongs to the decision returns-desk"):
        put(a_file(decision={"ref": "elsewhere"}))


def test_stages_are_told_apart_by_their_place() -> None:
    pilot = put(a_file()).pilot
    document = yaml.safe_load(FILE)
    document["pilot"]["stages"] = [
        {"name": "four shops", "exposure": "10 %", "min_days": 14, "min_sample": 200}
    ]
    assert put(a_file(yaml.safe_dump(document))).changes == (
        "stage four shops: changed",
        "stage all shops: removed",
    )
    assert list(pilot.stages.values_list("name", flat=True)) == ["four shops"]
