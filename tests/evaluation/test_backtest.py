"""A pilot replayed day by day with what was known each day."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from pilots.evaluation.backtest import backtest_json, replay, replayed_days
from pilots.evaluation.documents import canonical_bytes
from pilots.evaluation.judging import Memory, memory_of
from pilots.evaluation.results import PilotResult
from pilots.evaluation.series import known_at
from pilots.evaluation.specs import PilotSpec, Reading
from pilots.evaluation.vocabulary import DataState, Episode, Verdict
from tests.evaluation.builders import (
    a_baseline,
    a_metric,
    a_pilot,
    a_reading,
    a_stop,
    a_threshold,
    at_end_of,
    condition,
    day,
    days_of,
    look,
)

BEFORE = days_of([20.0] * 28, first=-27)
FROM_FILES = (a_metric(baseline=a_baseline(moments={}, finalised_at=None)),)


def replayed(pilot: PilotSpec, revisions: list[Reading], *, days: int = 30) -> list[PilotResult]:
    return list(replay(pilot, revisions, first=day(1), last=day(days)))


def test_the_first_scale_up_is_the_first_day_of_that_headline() -> None:
    pilot = a_pilot(a_threshold(), a_stop(), metrics=FROM_FILES)
    results = replayed(pilot, BEFORE + days_of([18.0] * 30))
    document = backtest_json(pilot, results)
    assert document["pilot"] == "P-1"
    assert document["first"] == {"scale_up": "2026-01-18", "stop": None}
    assert [entry["verdict"] for entry in document["days"]] == ["early"] * 13 + ["scale_up"] * 17


def test_a_stop_stays_for_ever_since_nobody_decides_in_a_replay() -> None:
    pilot = a_pilot(a_threshold(), a_stop(), metrics=FROM_FILES)
    results = replayed(pilot, BEFORE + days_of([20.0] * 9 + [26.0] + [18.0] * 20))
    assert backtest_json(pilot, results)["first"] == {"scale_up": None, "stop": "2026-01-14"}
    assert {result.verdict for result in results[9:]} == {Verdict.STOP}


def test_a_look_sees_only_what_was_known_that_day() -> None:
    pilot = a_pilot(a_stop(), metrics=FROM_FILES)
    correction = a_reading(8, 26.0, as_of=at_end_of(12))
    results = replayed(pilot, [correction, *BEFORE, *days_of([20.0] * 20)], days=20)
    assert [result.verdict for result in results[6:12]] == [Verdict.ON_TRACK] * 5 + [Verdict.STOP]
    assert condition(results[11], "S1").since == day(8)


def test_a_correction_withdraws_what_an_earlier_day_said() -> None:
    pilot = a_pilot(a_stop(), metrics=FROM_FILES)
    wrong = days_of([20.0] * 9 + [26.0] + [20.0] * 5)
    results = replayed(pilot, [*BEFORE, *wrong, a_reading(10, 20.0, as_of=at_end_of(12))], days=15)
    told = [(condition(result, "S1").episode, condition(result, "S1").withdrawn) for result in results[8:13]]
    assert told == [
        (Episode.CLEAR, False),
        (Episode.FIRING, False),
        (Episode.FIRING, False),
        (Episode.CLEAR, True),
        (Episode.CLEAR, False),
    ]
    assert results[10].verdict is Verdict.STOP


def test_a_declared_baseline_counts_as_final_and_none_stays_none() -> None:
    revisions = BEFORE + days_of([20.0])
    without = a_pilot(a_stop(), metrics=(a_metric(baseline=None),))
    assert condition(replayed(without, revisions, days=1)[0], "S1").data_state is DataState.NO_BASELINE
    declared = a_pilot(a_stop(), metrics=FROM_FILES)
    assert condition(replayed(declared, revisions, days=1)[0], "S1").baseline == 20.0


def test_a_replay_runs_to_the_planned_end_or_to_the_last_that_was_known() -> None:
    revisions = days_of([20.0] * 3)
    assert replayed_days(a_pilot(end=day(9)), revisions) == (day(1), day(9))
    assert replayed_days(a_pilot(end=None), revisions) == (day(1), day(3))
    assert replayed_days(a_pilot(end=None), []) == (day(1), day(1))


def test_printing_can_be_cut_without_changing_what_came_first() -> None:
    pilot = a_pilot(a_threshold(), metrics=FROM_FILES)
    results = replayed(pilot, BEFORE + days_of([18.0] * 30))
    cut = backtest_json(pilot, results, since=day(20), until=day(21))
    assert [entry["as_of"] for entry in cut["days"]] == ["2026-01-24", "2026-01-25"]
    assert cut["first"] == backtest_json(pilot, results)["first"]
    assert "days" not in backtest_json(pilot, results, first_only=True)


revisions = st.lists(
    st.builds(
        lambda number, mean, late: a_reading(number, mean, as_of=at_end_of(number + late)),
        st.integers(-5, 20),
        st.sampled_from([15.0, 20.0, 26.0]),
        st.integers(0, 6),
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=30)
@given(revisions, st.randoms(use_true_random=False))
def test_a_replay_says_what_a_look_on_each_day_would_have_said(
    revisions: list[Reading], random: Random
) -> None:
    pilot = a_pilot(a_threshold(sustained_periods=2), a_stop(), metrics=(a_metric(),))
    shuffled = list(revisions)
    random.shuffle(shuffled)
    memory: Memory = {}
    for number, result in enumerate(replayed(pilot, shuffled, days=20), 1):
        alone = look(pilot, known_at(revisions, at_end_of(number)), on_day=number, memory=memory)
        assert canonical_bytes(result) == canonical_bytes(alone)
        memory = memory_of(pilot, alone)
