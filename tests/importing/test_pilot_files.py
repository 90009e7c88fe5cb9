"""A pilot file is taken as a whole, or refused with everything that is wrong with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pilots.evaluation.vocabulary import Comparison, ConditionKind, Direction, Method, MetricKind, Severity
from pilots.importing.errors import BadInput
from pilots.importing.pilot_files import load, parse
from pilots.importing.pilot_parts import WindowPart
from pilots.importing.pilot_specs import spec_of
from pilots.importing.pilot_writing import as_document, dump
from tests.importing.builders import SMALLEST_PILOT, SUPPORT_PILOT, a_pilot_file, said


def refused(text: str) -> list[tuple[int | None, str, str]]:
    with pytest.raises(BadInput) as refusal:
        load(text, file="pilot.yaml")
    return list(said(refusal.value))


def changed(old: str, new: str, text: str = SUPPORT_PILOT) -> str:
    assert old in text
    return text.replace(old, new, 1)


class TestTheSmallestFile:
    file = a_pilot_file(SMALLEST_PILOT)

    def test_needs_nothing_else(self) -> None:
        assert (self.file.pilot.title, self.file.pilot.timezone, self.file.pilot.end) == (
            "small",
            "UTC",
            None,
        )
        assert self.file.decision is None
        assert self.file.stages == ()

    def test_fills_in_the_metric(self) -> None:
        (metric,) = self.file.metrics
        assert metric.name == "Hours"
        assert (metric.direction, metric.kind) == (Direction.LOWER_IS_BETTER, MetricKind.MEAN)
        assert (metric.cadence_days, metric.maturity_days, metric.window_days) == (1, 0, 7)
        assert metric.baseline == WindowPart(first_day=date(2025, 12, 1), last_day=date(2026, 1, 4))

    def test_fills_in_the_condition(self) -> None:
        (condition,) = self.file.conditions
        assert (condition.comparison, condition.limit) == (Comparison.IMPROVE_BY, 0.05)
        assert (condition.scope, condition.sustained, condition.recover) == ("overall", 1, 3)
        assert (condition.alpha, condition.severity) == (0.05, Severity.SEV4)


def test_limits_are_judged_and_ranked_by_what_they_are() -> None:
    conditions = {condition.ref: condition for condition in a_pilot_file().conditions}
    assert [(ref, each.method, each.severity) for ref, each in conditions.items()] == [
        ("T1", Method.INTERVAL, Severity.SEV4),
        ("S1", Method.INTERVAL, Severity.SEV2),
        ("S2", Method.POINT, Severity.SEV2),
        ("S3", Method.POINT, Severity.SEV2),  # a total
        ("E1", Method.POINT, Severity.SEV1),
        ("E2", Method.POINT, Severity.SEV3),
    ]
    assert (conditions["S1"].limit, conditions["S1"].clear) == (0.025, 0.01)
    assert conditions["E1"].notify == ("reviewer", "ops@example.org")


def test_a_stage_exposes_a_share_and_named_segments() -> None:
    first, gold = a_pilot_file().stages
    assert (first.share, first.segments, first.min_days, first.min_sample) == (0.1, (), 14, 200)
    assert (gold.share, gold.segments) == (0.25, ("tier=gold|severity=high",))


@pytest.mark.parametrize(
    ("old", "new", "field", "reason"),
    [
        pytest.param("version: 1", "version: 2", "version", "unknown version '2'", id="another version"),
        pytest.param("  start:", "  strat:", "pilot.strat", "did you mean 'start'?", id="a misspelt key"),
        pytest.param("Europe/Paris", "Europe/Pari", "pilot.timezone", "unknown time zone", id="a zone"),
        pytest.param(
            "start: 2026-01-05",
            "start: 2026-02-30",
            "pilot.start",
            "not a day of the calendar",
            id="a day that does not exist",
        ),
        pytest.param(
            "2026-04-04", "2025-04-04", "pilot.end", "before the start", id="an end before the start"
        ),
        pytest.param(
            "mei@example.org", "mei", "pilot.people.decision_owner", "email address", id="an address"
        ),
        pytest.param(
            "    decision_owner",
            "    owner",
            "pilot.people.owner",
            "did you mean 'pilot_owner'?",
            id="a role",
        ),
        pytest.param(
            "[low, high]",
            "[low, low]",
            "pilot.dimensions.severity[1]",
            "listed twice",
            id="a category twice",
        ),
        pytest.param(
            "exposure: 10 %", "exposure: 110 %", "pilot.stages[0].exposure", "more than all", id="110 %"
        ),
        pytest.param(
            "exposure: 10 %", "exposure: 10", "pilot.stages[0].exposure", "unknown segment '10'", id="10"
        ),
        pytest.param(
            "name: gold", "name: first accounts", "pilot.stages[1].name", "used twice", id="a stage twice"
        ),
        pytest.param("kind: rate", "kind: ratio", "metrics[1].kind", "did you mean 'rate'?", id="a kind"),
        pytest.param("ref: tickets", "ref: hours", "metrics[2].ref", "first on line 25", id="a metric twice"),
        pytest.param(
            "to: 2026-01-04", "to: 2026-01-05", "metrics[0].baseline.to", "before the pilot", id="overlap"
        ),
        pytest.param(
            "to: 2026-01-04", "to: 2025-01-04", "metrics[0].baseline.to", "first day", id="to before from"
        ),
        pytest.param(
            "dimension: severity",
            "dimension: size",
            "drivers[0].dimension",
            "known: tier, severity",
            id="dim",
        ),
        pytest.param(
            "chosen: true", "chosen: perhaps", "decision.options[1].chosen", "neither true", id="a flag"
        ),
        pytest.param("key: B", "key: A", "decision.options[1].key", "used twice", id="an option twice"),
        pytest.param(
            "improve_by: 5 %", "improve_by: 5", "thresholds[0].improve_by", "like 5 %", id="a bare number"
        ),
        pytest.param(
            "above: 40", "above: 40 %", "stop_conditions[1].above", "not a number", id="% of nothing"
        ),
        pytest.param(
            "above: 40", "above: .nan", "stop_conditions[1].above", "not a number", id="not a number"
        ),
        pytest.param(
            "above: 40", "above: 40, below: 3", "stop_conditions[1]", "exactly one of", id="two limits"
        ),
        pytest.param("above: 40, ", "", "stop_conditions[1]", "none is written", id="no limit"),
        pytest.param(
            "clear: 1 %", "clear: 3 %", "stop_conditions[0].clear", "beyond the limit", id="clear beyond"
        ),
        pytest.param(
            "scope: tier=gold",
            "scope: tier=god",
            "stop_conditions[1].scope",
            "unknown segment",
            id="scope",
        ),
        pytest.param("ref: S2", "ref: T1", "stop_conditions[1].ref", "used twice", id="one ref in two lists"),
        pytest.param(
            "metric: tickets", "metric: ticket", "stop_conditions[2].metric", "'tickets'", id="a metric"
        ),
        pytest.param("metric: tickets, ", "", "stop_conditions[2]", "one metric or one driver", id="nothing"),
        pytest.param(
            "sustained: 2",
            "sustained: 0",
            "escalation_triggers[0].sustained",
            "between 1",
            id="zero periods",
        ),
        pytest.param(
            "severity: SEV1",
            "severity: SEV9",
            "escalation_triggers[0].severity",
            "unknown severity",
            id="sev",
        ),
        pytest.param(
            "[reviewer,", "[boss,", "escalation_triggers[0].notify[0]", "unknown role 'boss'", id="notify"
        ),
        pytest.param(
            "above: 15", "improve_by: 15 %", "escalation_triggers[1].improve_by", "no better", id="driver"
        ),
        pytest.param(
            "every_days: 28",
            "every_days: often",
            "reviews.every_days",
            "whole number",
            id="not a number of days",
        ),
        pytest.param(
            "drivers:\n", "drivers: none\nx:\n", "drivers", "expected a list", id="a word for a list"
        ),
    ],
)
def test_one_mistake_is_told_with_its_place(old: str, new: str, field: str, reason: str) -> None:
    text = changed(old, new)
    line = text.count("\n", 0, SUPPORT_PILOT.index(old)) + 1
    told = refused(text)
    assert [(at, name) for at, name, why in told if reason in why] == [(line, field)], told


def test_several_mistakes_are_told_at_once_in_file_order() -> None:
    text = changed("improve_by: 5 %", "improve_by: 5", changed("kind: rate", "kind: ratio"))
    assert [field for _, field, _ in refused(text)] == ["metrics[1].kind", "thresholds[0].improve_by"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "the file is empty", id="empty"),
        pytest.param("a: [1", "not readable as YAML", id="torn"),
        pytest.param("- 1", "expected keys with values", id="a list"),
        pytest.param("version: 1\nversion: 1", "written twice; first on line 1", id="a key twice"),
        pytest.param(
            "version: !!python/object/apply:os.getcwd []", "tags are not read", id="a tag that runs code"
        ),
        pytest.param("a: &x [1]\nb: [*x, *x]", "anchors and aliases", id="aliases that multiply"),
        pytest.param("[" * 5000, "nested too deeply", id="bottomless nesting"),
        pytest.param("a: " + "x" * 1_000_001, "longer than", id="endless"),
        pytest.param("a: \x07", "a character that YAML forbids", id="a bell"),
        pytest.param("version: 1\npilot: {ref: a, start: 2026-01-01}", "metrics is missing", id="no metrics"),
        pytest.param(
            changed("{from: 2025-12-01, to: 2026-01-04}", "", SMALLEST_PILOT),
            "needs a baseline",
            id="no baseline",
        ),
        pytest.param(SMALLEST_PILOT.split("thresholds")[0], "a pilot needs a condition", id="no condition"),
    ],
)
def test_what_is_no_pilot_file_is_refused(text: str, reason: str) -> None:
    assert any(reason in why for _, _, why in refused(text))


def test_another_encoding_is_refused_with_its_byte() -> None:
    with pytest.raises(BadInput, match=r"pilot.yaml:2: not UTF-8: byte 6 of the line is 0xE9"):
        load(b"version: 1\ntitle\xe9: x", file="pilot.yaml")


@pytest.mark.parametrize("text", [SUPPORT_PILOT, SMALLEST_PILOT])
def test_a_file_reads_back_as_it_was_written(text: str) -> None:
    file = a_pilot_file(text)
    assert load(dump(file), file="again.yaml") == file
    assert parse(as_document(file)) == file
    assert dump(load(dump(file), file="again.yaml")) == dump(file)


def test_json_is_the_same_document() -> None:
    assert parse(yaml.safe_load(SUPPORT_PILOT)) == a_pilot_file()
    with pytest.raises(BadInput) as refusal:
        parse({"version": 1, "pilot": {"ref": "x", "start": True}, "metrics": [None]})
    assert [(line, field) for line, field, _ in said(refusal.value)] == [
        (None, "pilot.start"),
        (None, "metrics[0].ref"),
        (None, "metrics"),
        (None, ""),
    ]


title = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=30).map(str.strip)


@settings(deadline=None)
@given(title=title, limit=st.floats(min_value=0, max_value=5), value=st.floats(-1e9, 1e9))
def test_any_words_and_limits_survive_the_round_trip(title: str, limit: float, value: float) -> None:
    file = a_pilot_file()
    relative, *others, absolute = (replace(c, rationale=title) for c in file.conditions)
    conditions = (replace(relative, limit=limit), *others, replace(absolute, limit=value))
    file = replace(file, pilot=replace(file.pilot, title=title or "untitled"), conditions=conditions)
    assert load(dump(file), file="again.yaml") == file


def test_a_file_describes_its_pilot_for_a_backtest() -> None:
    spec = spec_of(a_pilot_file())
    assert (spec.ref, spec.start, spec.end) == ("faster-help-1", date(2026, 1, 5), date(2026, 4, 4))
    hours = spec.metrics[0]
    assert hours.owner == "tomas@example.org"
    assert hours.baseline is not None
    assert hours.baseline.finalised_at == datetime(2026, 1, 4, 23, tzinfo=UTC)  # midnight in Paris
    assert spec.metrics[1].baseline is None
    assert spec.stage is not None
    assert (spec.stage.name, spec.stage.first_day, spec.stage.planned_end) == (
        "first accounts",
        spec.start,
        spec.end,
    )
    kinds = [condition.kind for condition in spec.conditions]
    assert kinds.count(ConditionKind.STOP_CONDITION) == 3


def test_without_stages_the_whole_pilot_is_one() -> None:
    assert spec_of(a_pilot_file(SMALLEST_PILOT)).stage is None
