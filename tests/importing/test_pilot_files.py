"""A pilot file is taken as a whole, or refused with everything that is wrong with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pilots.evaluation.vocabulary import (
    Comparison,
    ConditionKind,
    DataState,
    Direction,
    Method,
    MetricKind,
    Severity,
)
from pilots.importing.errors import BadInput
from pilots.importing.pilot_files import load, parse
from pilots.importing.pilot_parts import (
    ROLES,
    SHARED_ROLES,
    ConditionPart,
    PeoplePart,
    PolicyPart,
    ReviewsPart,
    StagePart,
    StepPart,
    WindowPart,
)
from pilots.importing.pilot_specs import spec_of
from pilots.importing.pilot_writing import as_document, dump
from tests.importing.builders import FULL_PILOT, SMALLEST_PILOT, SUPPORT_PILOT, a_pilot_file, said


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
            "2026-04-04", "2026-01-05", "pilot.end", "not after the start", id="an end on the first day"
        ),
        pytest.param(
            "start: 2026-01-05", "start: 1826-01-05", "pilot.start", "1900", id="a year far from any pilot"
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
        pytest.param("exposure: 10 %", "exposure: 0 %", "pilot.stages[0].exposure", "none of the", id="0 %"),
        pytest.param("{name: gold,", "{", "pilot.stages[1].name", "is missing", id="a stage without a name"),
        pytest.param(
            "min_days: 14",
            "start: 2026-02-02, end: 2026-02-01",
            "pilot.stages[0].end",
            "before the start",
            id="a stage that ends before it starts",
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
            "improve_by: 5 %", "improve_by: -5 %", "thresholds[0].improve_by", "below zero", id="a sign"
        ),
        pytest.param(
            "improve_by: 5 %",
            "above: 30",
            "thresholds[0].above",
            "lower is better here",
            id="scale up on worse",
        ),
        pytest.param(
            "above: 40", "below: 40", "stop_conditions[1].below", "lower is better here", id="stop on better"
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


@pytest.mark.parametrize(
    ("old", "new", "field", "reason"),
    [
        pytest.param(
            "data_state: stale", "data_state: stal", ".data_state", "did you mean 'stale'", id="state"
        ),
        pytest.param(
            "data_state: stale",
            "data_state: stale, above: 3",
            "",
            "above and data_state are written",
            id="both",
        ),
        pytest.param(
            "data_state: stale",
            "data_state: stale, clear: 3",
            ".clear",
            "has no limit",
            id="clear of a state",
        ),
        pytest.param(
            "data_state: stale", "data_state: stale, method: interval", ".method", "a change", id="no change"
        ),
        pytest.param("data_state: stale", "above: 3, method: interval", ".method", "a change", id="a value"),
        pytest.param(
            "metric: wait, data_state: stale",
            "metric: errors, worsen_by: 5 %, method: interval",
            ".method",
            "no total",
            id="a total",
        ),
        pytest.param(
            "data_state: stale", "worsen_by: 10000 %", ".worsen_by", "10,000% or more", id="a limit"
        ),
        pytest.param("recover: 1", "alpha: 0.0009", ".alpha", "between 0.001 and 0.2", id="alpha too small"),
        pytest.param("recover: 1", "alpha: 0.21", ".alpha", "between 0.001 and 0.2", id="alpha too large"),
        pytest.param("recover: 1", "recover: 0", ".recover", "between 1", id="recovers at once"),
        pytest.param("recover: 1", "window_days: 0", ".window_days", "between 1", id="no window"),
        pytest.param("recover: 1", "min_days: 32768", ".min_days", "32,767", id="more days than are stored"),
    ],
)
def test_a_rule_that_could_not_be_kept_is_refused(old: str, new: str, field: str, reason: str) -> None:
    told = refused(changed(old, new, FULL_PILOT))
    line = FULL_PILOT.count("\n", 0, FULL_PILOT.index(old)) + 1
    expected = (line, f"escalation_triggers[0]{field}")
    assert [(at, name) for at, name, why in told if reason in why] == [expected], told


@pytest.mark.parametrize(
    ("old", "new", "field", "reason"),
    [
        pytest.param("kind: total", "cadence_days: 0", ".cadence_days", "between 1", id="no cadence"),
        pytest.param("kind: total", "window_days: 0", ".window_days", "between 1", id="no window"),
        pytest.param("ref: errors", "ref: errors.all", ".ref", "short name", id="a dot in a ref"),
    ],
)
def test_a_metric_that_could_not_be_kept_is_refused(old: str, new: str, field: str, reason: str) -> None:
    told = refused(changed(old, new, FULL_PILOT))
    assert [name for _, name, why in told if reason in why] == [f"metrics[1]{field}"], told


def test_a_zero_without_a_reason_says_that_none_was_given() -> None:
    text = changed(", no_entry_reason: The desk reports errors only.", "", FULL_PILOT)
    metric = load(text.encode(), file="pilot.yaml").metrics[1]
    assert metric.no_entry_is_zero
    assert "without a reason" in metric.no_entry_reason


@pytest.mark.parametrize(
    ("old", "new", "field", "reason"),
    [
        pytest.param("none: 70 %", "none: 60 %", "drivers[0].mix", "add up to 100 %", id="a mix of 90 %"),
        pytest.param("none: 70 %", "nobody: 70 %", "drivers[0].mix.nobody", "unknown key", id="a category"),
        pytest.param(
            "mix: {none", "material_change: 0 %, mix: {none", "drivers[0].material_change", "0 %", id="0"
        ),
        pytest.param(
            "{discount: [", "{a=b: [x], discount: [", "pilot.dimensions.a=b", "dimension", id="a sign"
        ),
        pytest.param(
            "{discount: [", "{overall: [x], discount: [", "pilot.dimensions.overall", "dimension", id="all"
        ),
        pytest.param("[none,", f"[{'x' * 201},", "pilot.dimensions", "200 characters", id="a long category"),
        pytest.param(
            "cadence_days: 7", "cadence_days: 0", "pilot.cadence_days", "between 1", id="never judged"
        ),
        pytest.param(
            "[rita@example.org", "[rita@example", "pilot.people.reviewer[0]", "address", id="an address"
        ),
        pytest.param("[rita@", "[omar@", "pilot.people.reviewer[1]", "listed twice", id="a reviewer twice"),
    ],
)
def test_what_the_pilot_could_not_keep_is_refused(old: str, new: str, field: str, reason: str) -> None:
    told = refused(changed(old, new, FULL_PILOT))
    assert [name for _, name, why in told if reason in why] == [field], told


@pytest.mark.parametrize(
    ("steps", "field", "reason"),
    [
        ("[{notify: boss, wait: 4 hours}]", "steps[0].notify", "unknown role 'boss'"),
        ("[{notify: 'to:ops room', wait: 4 hours}]", "steps[0].notify", "names no destination"),
        (
            "[{notify: reviewer, wait: 4}]",
            "steps[0].wait",
            "write it like 30 minutes, 4 hours or 1 working day",
        ),
        ("[{notify: reviewer, wait: 32 days}]", "steps[0].wait", "not between a minute and 31 days"),
        ("[{notify: reviewer}]", "steps[0].wait", "wait is missing"),
        ("[]", "steps", "names no step"),
    ],
)
def test_an_escalation_that_could_not_be_kept_is_refused(steps: str, field: str, reason: str) -> None:
    text = f"{FULL_PILOT}escalation:\n  - {{name: usual, steps: {steps}}}\n"
    told = refused(text)
    assert [name for _, name, why in told if reason in why] == [f"escalation[0].{field}"], told


def test_one_policy_at_most_is_the_default() -> None:
    two = [f"  - {{name: {n}, default: yes, steps: [{{notify: reviewer, wait: 1 day}}]}}\n" for n in "ab"]
    told = refused(f"{FULL_PILOT}escalation:\n{''.join(two)}")
    assert [(field, why) for _, field, why in told] == [("escalation", "more than one policy is the default")]


def test_a_driver_is_watched_as_a_whole() -> None:
    scoped = changed("driver: price, above: 15", "driver: price, above: 15, scope: gap:tier")
    assert [(field, why) for _, field, why in refused(scoped)] == [
        ("escalation_triggers[1].scope", "a driver is watched as a whole, by its value")
    ]


def test_a_gap_needs_two_categories() -> None:
    alone = changed("[gold, basic]", "[gold]", changed("each:tier", "gap:tier"))
    assert [(field, why) for _, field, why in refused(alone)] == [
        ("stop_conditions[0].scope", "a gap needs at least two categories")
    ]


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


@pytest.mark.parametrize("text", [SUPPORT_PILOT, SMALLEST_PILOT, FULL_PILOT])
def test_a_file_reads_back_as_it_was_written(text: str) -> None:
    file = a_pilot_file(text)
    assert load(dump(file), file="again.yaml") == file
    assert parse(as_document(file)) == file
    assert dump(load(dump(file), file="again.yaml")) == dump(file)


def test_what_is_as_usual_is_not_written() -> None:
    document = as_document(a_pilot_file(SMALLEST_PILOT))
    assert document["pilot"] == {"ref": "small", "title": "small", "timezone": "UTC", "start": "2026-01-05"}
    assert document["thresholds"] == [{"ref": "T1", "metric": "hours", "improve_by": "5 %"}]
    assert "min_sample" not in document["metrics"][0]


def test_a_share_and_a_category_of_that_name_are_told_apart() -> None:
    assert (a_pilot_file(FULL_PILOT).stages[0].share, a_pilot_file(FULL_PILOT).stages[0].segments) == (
        0.1,
        ("10 %",),
    )


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


words = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\r"), max_size=20)
spoken = words.map(str.strip)
named = spoken.filter(bool)
refs = st.from_regex(r"[A-Za-z0-9_-]{1,30}", fullmatch=True)
addresses = st.lists(st.sampled_from(["a@x.org", "b.c@x.org", "d+e@x.org"]), unique=True).map(tuple)
days = st.none() | st.dates(date(1900, 1, 1), date(2199, 12, 31))
some = st.none() | st.integers(0, 32_767)
data_states = st.builds(
    ConditionPart,
    kind=st.just(ConditionKind.ESCALATION_TRIGGER),
    ref=refs,
    metric=st.just("wait"),
    data_state=st.sampled_from(DataState),
    method=st.just(Method.POINT),
    name=spoken,
    sustained=st.integers(1, 32_767),
    sustained_days=st.integers(0, 32_767),
    recover=st.integers(1, 32_767),
    window_days=st.none() | st.integers(1, 32_767),
    min_sample=some,
    min_days=some,
    alpha=st.floats(0.001, 0.2),
    severity=st.sampled_from(Severity),
    must_watch=st.booleans(),
    observe_only=st.booleans(),
    notify=st.lists(st.sampled_from(ROLES), unique=True).map(tuple),
    policy=spoken,
    rationale=spoken,
)
changes = st.builds(
    ConditionPart,
    kind=st.just(ConditionKind.ESCALATION_TRIGGER),
    ref=st.just("S1"),
    metric=st.just("wait"),
    comparison=st.sampled_from([Comparison.IMPROVE_BY, Comparison.WORSEN_BY]),
    limit=st.floats(0, 99.9),
    clear=st.none() | st.floats(-99.9, 0),
    method=st.sampled_from(Method),
)
steps = st.builds(
    StepPart,
    notify=st.lists(st.sampled_from([*ROLES, "a@x.org", "to:ops-room"]), unique=True, min_size=1).map(tuple),
    wait_minutes=st.integers(1, 44_640),
    working_time=st.booleans(),
)
policies = st.lists(
    st.builds(PolicyPart, name=named, steps=st.lists(steps, min_size=1, max_size=3).map(tuple)),
    max_size=2,
    unique_by=lambda policy: policy.name,
)
stages = st.builds(
    StagePart,
    name=named,
    share=st.none() | st.floats(0, 1, exclude_min=True),
    segments=st.sampled_from([(), ("10 %",), ("none", "10 %")]),
    min_days=st.integers(0, 32_767),
    start=st.none() | st.just(date(2026, 1, 5)),
    end=st.none() | st.dates(date(2026, 1, 5), date(2199, 12, 31)),
)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_whatever_a_pilot_is_its_file_says_so(data: st.DataObject) -> None:
    """Nothing is lost: any file that can be written is read back as it was."""
    file = a_pilot_file(FULL_PILOT)
    metric = replace(file.metrics[0], name=data.draw(named), min_sample=data.draw(some))
    state = data.draw(data_states.filter(lambda part: part.ref not in ("S1", "T1")))
    shared = {role: data.draw(addresses) for role in SHARED_ROLES}
    pilot = replace(
        file.pilot,
        ref=data.draw(refs),
        title=data.draw(named),
        hypothesis=data.draw(spoken),
        cadence_days=data.draw(st.integers(1, 32_767)),
        pause_on_stop=data.draw(st.booleans()),
    )
    whole = replace(
        file,
        pilot=pilot,
        people=PeoplePart(decision_owner=data.draw(st.sampled_from(["", "o@x.org"])), **shared),
        stages=tuple(data.draw(st.lists(stages, max_size=3))),
        metrics=(metric, *file.metrics[1:]),
        conditions=(file.conditions[0], data.draw(changes), state),
        escalation=tuple(data.draw(policies)),
        reviews=ReviewsPart(first=data.draw(days), every_days=data.draw(st.none() | st.integers(1, 366))),
    )
    assert load(dump(whole), file="again.yaml") == whole
    assert parse(as_document(whole)) == whole


def test_a_backtest_sees_every_rule_of_the_file() -> None:
    spec = spec_of(a_pilot_file(FULL_PILOT))
    threshold, stop, trigger = spec.conditions
    assert (threshold.name, threshold.min_days, threshold.min_sample) == ("Shorter waits", 0, 0)
    assert (stop.sustained_days, stop.clear_limit) == (3, -0.01)
    assert (trigger.data_state, trigger.comparison, trigger.limit) == (DataState.STALE, None, None)
    assert spec.cadence_days == 7


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
