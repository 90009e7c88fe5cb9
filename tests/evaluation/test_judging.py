"""One look at a pilot as a whole: the headline it tells, and what must never change it."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilots.evaluation.documents import as_json, canonical_bytes
from pilots.evaluation.judging import evaluate, memory_of
from pilots.evaluation.moments import Moments
from pilots.evaluation.results import PilotResult
from pilots.evaluation.series import known_at
from pilots.evaluation.specs import (
    ConditionMemory,
    ConditionSpec,
    DriverSpec,
    PilotSpec,
    Reading,
    StageSpec,
)
from pilots.evaluation.vocabulary import (
    Arm,
    Comparison,
    DataState,
    Episode,
    MetricKind,
    Truth,
    Verdict,
)
from tests.evaluation.builders import (
    a_baseline,
    a_metric,
    a_pilot,
    a_reading,
    a_stop,
    a_threshold,
    a_trigger,
    at_end_of,
    cases,
    condition,
    day,
    days_of,
    look,
)

RULES = (a_threshold(), a_stop(), a_trigger())
MOVED = DriverSpec(ref="D1", name="Seats", baseline_value=100.0, current_value=120.0)


def told(
    *means: float | None, rules: tuple[ConditionSpec, ...] = RULES, on_day: int = 20, **pilot: Any
) -> PilotResult:
    """Look at a pilot with all kinds of rules after a story of daily means."""
    return look(a_pilot(*rules, **pilot), days_of(means), on_day=on_day)


CALM = [20.0] * 20


@pytest.mark.parametrize(
    ("result", "verdict", "sentence"),
    [
        pytest.param(
            told(*CALM[:19], 26.2),
            Verdict.STOP,
            "Resolution time is 31% higher than before: 26.2 h, where it was 20 h. You said stop at 20% "
            "higher. Past the limit since Sat 24 Jan, from 100 cases of Sat 24 Jan. "
            "Decide: continue, pause or stop.",
            id="stop",
        ),
        pytest.param(
            told(*CALM[:19], 22.6),
            Verdict.ESCALATE,
            "Resolution time is 13% higher than before: 22.6 h, where it was 20 h. You asked to be told at "
            "10% higher. Past the limit since Sat 24 Jan, from 100 cases of Sat 24 Jan.",
            id="escalate",
        ),
        pytest.param(
            told(*CALM[:16], rules=(a_threshold(), a_stop(must_watch=True))),
            Verdict.ESCALATE,
            "Resolution time: no readings since Tue 20 Jan. Priya Nair owes 4 days. Last known: 20 h. "
            "You said stop at 20% higher. S1 must be watched and cannot be.",
            id="escalate: a stop that must be watched is blind",
        ),
        pytest.param(
            told(*CALM, drivers=(MOVED,)),
            Verdict.REVISIT,
            "Seats is 20% higher than before: 120, where it was 100. Say whether the limits still hold.",
            id="revisit",
        ),
        pytest.param(
            told(*CALM, rules=(a_threshold(counts_from=day(21)), a_stop())),
            Verdict.REVISIT,
            "T1 was changed after the start and has no full new run of readings yet.",
            id="revisit: an edited rule",
        ),
        pytest.param(
            told(*CALM[:19], 17.2),
            Verdict.SCALE_UP,
            "Your rule T1 is met, no stop condition applies, and the stage has run 20 days. "
            "Decide on the next step.",
            id="scale up",
        ),
        pytest.param(
            told(*CALM, end=day(20)),
            Verdict.INCONCLUSIVE,
            "The planned end was Sat 24 Jan. T1 was not met. Resolution time is as it was before: 20 h. Your "
            "rule needs at least 5% lower. Not met, from 100 cases of Sat 24 Jan.",
            id="inconclusive",
        ),
        pytest.param(
            told(*CALM[:16], end=day(20)),
            Verdict.INCONCLUSIVE,
            "The planned end was Sat 24 Jan. T1 and S1 could not be told. Resolution time: no readings since "
            "Tue 20 Jan. Priya Nair owes 4 days. Last known: 20 h. Your rule needs at least 5% lower.",
            id="inconclusive: could not tell",
        ),
        pytest.param(
            told(*CALM[:16]),
            Verdict.CANNOT_TELL,
            "Resolution time: no readings since Tue 20 Jan. Priya Nair owes 4 days. Last known: 20 h. "
            "Your rule needs at least 5% lower.",
            id="cannot tell",
        ),
        pytest.param(
            told(*CALM, rules=()),
            Verdict.CANNOT_TELL,
            "No rule is enforced yet, so there is nothing to judge.",
            id="cannot tell: no rule",
        ),
        pytest.param(
            told(*CALM[:5], on_day=5),
            Verdict.EARLY,
            "Resolution time is as it was before: 20 h. Your rule needs at least 5% lower. Too early to "
            "tell: day 5 of at least 14. Nothing to do yet.",
            id="early",
        ),
        pytest.param(
            told(*CALM[:19], 17.2, stage=StageSpec(1, "first", day(1), min_days=30, min_sample=5000)),
            Verdict.EARLY,
            "Every rule is met, and the stage is at day 20 of at least 30 and 2,000 of 5,000 cases so far. "
            "Nothing to do yet.",
            id="early: the stage's own minimum",
        ),
        pytest.param(
            told(*CALM[:19], 19.4),
            Verdict.ON_TRACK,
            "Resolution time is 3% lower than before: 19.4 h, where it was 20 h. Your rule needs at least 5% "
            "lower. Not met, from 100 cases of Sat 24 Jan. No stop limit is passed.",
            id="on track",
        ),
    ],
)
def test_the_headline_and_its_sentence(result: PilotResult, verdict: Verdict, sentence: str) -> None:
    assert (result.verdict, result.sentence) == (verdict, sentence)


def test_facts_below_the_headline_stay_visible_as_badges() -> None:
    rules = (*RULES, a_threshold("T2", observe_only=True))
    result = told(*CALM[:19], 26.2, rules=rules, drivers=(MOVED,), end=day(20))
    assert result.badges == (
        "Scale up: 0 of 1 met, blocked by S1, E1",
        "The planned end has passed",
        "Seats moved",
        "No comparison group: this assumes nothing else changed",
        "Looked at often: the limits do not allow for repeated looks",
    )


def test_an_early_warning_and_missing_data_are_badges() -> None:
    costs = a_metric(ref="cost", name="Cost", baseline=None)
    result = told(26.2, 26.2, on_day=2, metrics=(a_metric(), costs))
    assert result.badges[:3] == (
        "Scale up: 0 of 1 met, waiting for S1",
        "Early warning: S1 is past its limit, on few cases so far",
        "Data: Cost: no final baseline yet. Priya Nair owes it.",
    )


def test_rules_on_plain_values_say_that_they_do_not_use_the_comparison_group() -> None:
    readings = [*days_of(CALM), *days_of([99.0] * 20, arm=Arm.CONTROL)]
    result = look(a_pilot(*RULES), readings, on_day=20)
    assert result.verdict is Verdict.ON_TRACK
    assert (
        "The comparison group is not used by these rules: this assumes nothing else changed" in result.badges
    )


@pytest.mark.parametrize(
    ("end", "stage", "over"),
    [
        pytest.param(day(20), None, True, id="without stages: the pilot's end"),
        pytest.param(day(21), None, False, id="not before it is over"),
        pytest.param(None, None, False, id="no end is never reached"),
        pytest.param(
            day(50), StageSpec(1, "a", day(1), planned_end=day(20), is_last=False), True, id="the stage's end"
        ),
        pytest.param(
            day(50), StageSpec(2, "b", day(1), planned_end=day(20)), False, id="the last stage: the pilot's"
        ),
        pytest.param(None, StageSpec(2, "b", day(1), planned_end=day(20)), True, id="or its own without one"),
    ],
)
def test_planned_end(end: Any, stage: StageSpec | None, over: bool) -> None:
    result = told(*CALM, end=end, stage=stage)
    assert (result.verdict is Verdict.INCONCLUSIVE) is over


def test_a_planned_end_is_reached_when_its_day_is_over() -> None:
    at_nine = at_end_of(19) + timedelta(hours=9)
    pilot = a_pilot(*RULES, end=day(20))
    assert evaluate(pilot, days_of(CALM[:19]), memory={}, now=at_nine).verdict is Verdict.ON_TRACK


def test_a_new_stage_starts_windows_and_streaks_anew() -> None:
    second = StageSpec(2, "second", day(15), min_days=0)
    result = told(*[17.0] * 14, *[20.0] * 6, stage=second)
    found = condition(result, "T1")
    assert (found.truth, found.why, found.sample, found.day) == (Truth.UNKNOWN, "first_look", 600, 6)


def test_what_is_known_later_does_not_count() -> None:
    tomorrow = a_reading(21, 99.0)
    assert canonical_bytes(look(a_pilot(*RULES), [*days_of(CALM), tomorrow], on_day=20)) == canonical_bytes(
        told(*CALM)
    )


def test_a_correction_withdraws_a_firing_and_the_next_look_forgets_it() -> None:
    pilot = a_pilot(*RULES)
    fired = look(pilot, days_of([*CALM[:19], 26.2]), on_day=20)
    memory = memory_of(pilot, fired)
    assert memory["S1", "overall"] == ConditionMemory(Episode.FIRING, day(20), version=1)

    corrected = look(pilot, days_of(CALM), on_day=20, memory=memory)
    assert (condition(corrected, "S1").withdrawn, condition(corrected, "S1").episode) == (True, Episode.CLEAR)
    assert corrected.verdict is Verdict.ON_TRACK
    assert "Withdrawn after a correction: S1" in corrected.badges

    after = look(pilot, days_of(CALM), on_day=20, memory=memory_of(pilot, corrected))
    assert not condition(after, "S1").withdrawn


@pytest.mark.parametrize(
    "memory",
    [
        pytest.param(ConditionMemory(Episode.FIRING, day(9), version=7), id="another version of the rule"),
        pytest.param(ConditionMemory(Episode.FIRING, day(30)), id="a later look"),
    ],
)
def test_what_is_remembered_of_something_else_counts_for_nothing(memory: ConditionMemory) -> None:
    found = condition(
        look(a_pilot(a_stop()), days_of(CALM), on_day=20, memory={("S1", "overall"): memory}), "S1"
    )
    assert (found.episode, found.withdrawn) == (Episode.CLEAR, False)


def test_each_segment_has_its_own_answer() -> None:
    pilot = a_pilot(
        a_stop(scope="each:severity"),
        metrics=(a_metric(baseline=a_baseline(moments={"low": cases(900, 10.0), "high": cases(900, 40.0)})),),
        dimensions={"severity": ("low", "high")},
    )
    readings = [*days_of([10.0] * 9, segment="low"), *days_of([50.0] * 9, segment="high")]
    result = look(pilot, readings, on_day=9)
    assert [(c.scope, c.truth) for c in result.conditions] == [("low", Truth.FALSE), ("high", Truth.TRUE)]
    assert result.reason == "firing: S1 high"


@pytest.mark.parametrize(
    ("state", "on_day", "episode"),
    [
        pytest.param(DataState.STALE, 9, Episode.FIRING, id="the metric is in the state"),
        pytest.param(DataState.STALE, 1, Episode.CLEAR, id="it is not"),
        pytest.param(DataState.NO_BASELINE, 1, Episode.FIRING, id="any metric will do"),
    ],
)
def test_a_trigger_on_the_state_of_the_data(state: DataState, on_day: int, episode: Episode) -> None:
    trigger = a_trigger(metric="", comparison=None, limit=None, data_state=state)
    metrics = (a_metric(), a_metric(ref="cost", baseline=None, no_entry_is_zero=True))
    result = look(a_pilot(trigger, metrics=metrics), days_of([20.0]), on_day=on_day)
    assert condition(result, "E1").episode is episode


@pytest.mark.parametrize(
    ("driver", "rule", "truth", "why"),
    [
        pytest.param(MOVED, {"limit": 0.2}, Truth.TRUE, None, id="moved by its limit"),
        pytest.param(MOVED, {"limit": 0.21}, Truth.FALSE, None, id="short of it"),
        pytest.param(MOVED, {"limit": None}, Truth.TRUE, None, id="the usual 10% without a limit"),
        pytest.param(
            MOVED, {"limit": 130.0, "comparison": Comparison.ABOVE}, Truth.FALSE, None, id="a value"
        ),
        pytest.param(DriverSpec("D1", "Seats"), {"limit": 0.1}, Truth.UNKNOWN, "no_data", id="no value yet"),
        pytest.param(
            DriverSpec("D1", "Seats", current_value=1.0),
            {"limit": 0.1},
            Truth.UNKNOWN,
            "no_baseline",
            id="nothing before",
        ),
        pytest.param(
            DriverSpec("D1", "Mix", dimension="tier"),
            {"limit": 0.1},
            Truth.UNKNOWN,
            "mix_not_judged",
            id="a mix",
        ),
        pytest.param(
            DriverSpec("D9", "Seats"), {"limit": 0.1}, Truth.UNKNOWN, "unknown_driver", id="no such driver"
        ),
    ],
)
def test_a_trigger_on_a_driver(
    driver: DriverSpec, rule: dict[str, Any], truth: Truth, why: str | None
) -> None:
    trigger = a_trigger(**{"metric": "", "driver": "D1", **rule})
    found = condition(look(a_pilot(trigger, drivers=(driver,)), [], on_day=1), "E1")
    assert (found.truth, found.why) == (truth, why)


TIERS = {"tier": ("gold", "basic"), "severity": ("low", "high")}
SEGMENTS = [f"tier={tier}|severity={severity}" for tier in TIERS["tier"] for severity in TIERS["severity"]]
SCOPES = ("overall", SEGMENTS[0], "tier=gold", "each:severity", "gap:tier", "nowhere")
odd_moments = st.builds(
    Moments,
    st.integers(0, 10**9),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(0, 1e300, allow_nan=False),
)
tame_moments = st.builds(cases, st.integers(1, 300), st.floats(0.5, 60))
revisions = st.lists(
    st.builds(
        lambda number, segment, moments, late, metric, arm: Reading(
            metric, day(number), segment, moments, at_end_of(number + late), arm
        ),
        st.integers(-10, 25),
        st.sampled_from([*SEGMENTS, "elsewhere"]),
        tame_moments | odd_moments,
        st.integers(0, 9),
        st.sampled_from(["hours", "total"]),
        st.sampled_from([Arm.PILOT, Arm.PILOT, Arm.CONTROL]),
    ),
    max_size=40,
)
rules = st.builds(
    lambda build, comparison, limit, scope, metric, window, clear: build(
        comparison=comparison, limit=limit, scope=scope, metric=metric, window_days=window, clear_limit=clear
    ),
    st.sampled_from([a_threshold, a_stop, a_trigger]),
    st.sampled_from(Comparison),
    st.sampled_from([0.0, 0.05, 30.0]),
    st.sampled_from(SCOPES),
    st.sampled_from(["hours", "total", "gone"]),
    st.sampled_from([None, 1, 7]),
    st.sampled_from([None, 0.01]),
)
baselines = st.sampled_from(
    [
        None,
        a_baseline(moments={}),
        a_baseline(moments={}, finalised_at=None),
        a_baseline(moments={}, first_day=day(0), last_day=day(0)),
        a_baseline(moments={SEGMENTS[0]: cases(10, 0.0)}),
        a_baseline(moments={segment: cases(500, 20.0) for segment in SEGMENTS}),
    ]
)
pilots = st.builds(
    lambda conditions, baseline, kind, maturity, zero, cadence: a_pilot(
        *[ConditionSpec(**{**_fields(c), "ref": f"C{i}"}) for i, c in enumerate(conditions)],
        metrics=(
            a_metric(baseline=baseline, kind=kind, maturity_days=maturity, cadence_days=cadence),
            a_metric(ref="total", kind=MetricKind.TOTAL, baseline=baseline, no_entry_is_zero=zero),
        ),
        drivers=(DriverSpec("D1", "Mix", dimension="tier"),),
        dimensions=TIERS,
    ),
    st.lists(rules, max_size=4),
    baselines,
    st.sampled_from(MetricKind),
    st.sampled_from([0, 5, 40]),
    st.booleans(),
    st.sampled_from([1, 7]),
)


def _fields(spec: ConditionSpec) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in spec.__dataclass_fields__}


def known(pilot: PilotSpec, revisions: list[Reading], *, on_day: int = 25) -> PilotResult:
    return look(pilot, known_at(revisions, at_end_of(on_day)), on_day=on_day)


@settings(deadline=None)
@given(pilots, revisions, st.randoms(use_true_random=False))
def test_same_inputs_same_bytes_in_any_order_and_however_often(
    pilot: PilotSpec, revisions: list[Reading], random: Random
) -> None:
    shuffled = [*revisions, *revisions]
    random.shuffle(shuffled)
    assert canonical_bytes(known(pilot, shuffled)) == canonical_bytes(known(pilot, revisions))


@settings(deadline=None)
@given(pilots, revisions)
def test_an_older_revision_changes_nothing(pilot: PilotSpec, revisions: list[Reading]) -> None:
    older = [
        Reading(r.metric, r.day, r.segment, cases(7, 77.0), r.as_of - timedelta(days=1), r.arm)
        for r in known_at(revisions, at_end_of(25))
    ]
    assert canonical_bytes(known(pilot, [*revisions, *older])) == canonical_bytes(known(pilot, revisions))


@settings(deadline=None)
@given(pilots, revisions, st.integers(-3, 70))
def test_whatever_comes_is_answered_with_a_reason(
    pilot: PilotSpec, revisions: list[Reading], on_day: int
) -> None:
    result = known(pilot, revisions, on_day=on_day)
    assert result.sentence
    assert as_json(result)
    for found in result.conditions:
        assert found.sentence
        assert (found.why is None) is (found.truth is not Truth.UNKNOWN)
        assert found.data_state is not DataState.TOO_SMALL or found.truth is Truth.UNKNOWN


@settings(deadline=None)
@given(pilots, revisions)
def test_only_what_is_met_on_usable_data_scales_up(pilot: PilotSpec, revisions: list[Reading]) -> None:
    result = known(pilot, revisions)
    if result.verdict is Verdict.SCALE_UP:
        assert all(c.truth is not Truth.UNKNOWN for c in result.conditions if c.kind != "escalation_trigger")
        assert not [
            c for c in result.conditions if c.episode is Episode.FIRING and c.kind == "stop_condition"
        ]
