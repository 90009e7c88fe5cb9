"""From truths to an episode: what a run of reading periods, missing days and corrections does to it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilots.evaluation.conditions import Judged, Measure
from pilots.evaluation.specs import ConditionMemory, ConditionSpec
from pilots.evaluation.streaks import Streak, fold, is_unsettled, remembered_episode, settled
from pilots.evaluation.vocabulary import Episode, Truth
from tests.evaluation.builders import START, a_stop, a_threshold, a_trigger, day

CLEAR, PENDING, FIRING, RECOVERING = Episode
NOTHING = Measure(None, None, None, 0, 0)
TRUTHS = {
    "T": (Truth.TRUE, False),
    "f": (Truth.FALSE, True),
    "b": (Truth.FALSE, False),  # between the limit and the clear limit
    "?": (Truth.UNKNOWN, False),
}


def periods(story: str, *, first: int = 1, every: int = 1) -> list[Judged]:
    """Read a story day by day: T true, f false, b between the limits, ? unknown, . no reading."""
    numbered = ((first + index * every, letter) for index, letter in enumerate(story))
    return [Judged(day(n), NOTHING, *TRUTHS[letter]) for n, letter in numbered if letter != "."]


def after(story: str, spec: ConditionSpec, *, every: int = 1) -> Streak:
    return fold(periods(story, every=every), spec, cadence_days=every)


def sustained(build: Any, count: int, **changes: Any) -> ConditionSpec:
    spec: ConditionSpec = build(sustained_periods=count, **changes)
    return spec


@pytest.mark.parametrize(
    ("story", "spec", "episode", "since"),
    [
        pytest.param("ff", a_stop(), CLEAR, None, id="false is clear"),
        pytest.param("fT", a_stop(), FIRING, 2, id="one true period fires by default"),
        pytest.param("fTT", sustained(a_stop, 3), PENDING, 2, id="two of three are pending"),
        pytest.param("fTTT", sustained(a_stop, 3), FIRING, 4, id="three of three fire"),
        pytest.param("TTfT", sustained(a_stop, 3), PENDING, 4, id="a false period starts over"),
        pytest.param("TTbT", sustained(a_stop, 3), PENDING, 4, id="so does one short of the limit"),
        pytest.param("TT.T", sustained(a_stop, 3), FIRING, 4, id="a missing period: a stop waits"),
        pytest.param("TT?T", sustained(a_stop, 3), FIRING, 4, id="an unknown period: a stop waits"),
        pytest.param("TT.T", sustained(a_trigger, 3), FIRING, 4, id="a trigger waits too"),
        pytest.param("TT.T", sustained(a_threshold, 3), PENDING, 4, id="a scale-up starts over"),
        pytest.param("TT?T", sustained(a_threshold, 3), PENDING, 4, id="after an unknown too"),
        pytest.param("TTT.T", sustained(a_threshold, 3), PENDING, 5, id="also once it was met"),
        pytest.param("TTT?", sustained(a_threshold, 3), CLEAR, None, id="what is met expires when unknown"),
        pytest.param("TTT?", sustained(a_stop, 3), FIRING, 3, id="a firing stop does not"),
        pytest.param("T" + "f" * 30, a_stop(), FIRING, 1, id="a stop never clears by itself"),
        pytest.param("Tf", a_trigger(), RECOVERING, 1, id="a trigger recovers"),
        pytest.param("Tff", a_trigger(), RECOVERING, 1, id="for three periods"),
        pytest.param("Tfff", a_trigger(), CLEAR, None, id="then it is clear"),
        pytest.param("Tff?", a_trigger(), RECOVERING, 1, id="unknown does not advance recovery"),
        pytest.param("Tff??????", a_trigger(), RECOVERING, 1, id="however long it lasts"),
        pytest.param("Tff?f", a_trigger(), CLEAR, None, id="nor set it back"),
        pytest.param("TfT", a_trigger(), FIRING, 1, id="true while recovering: the same firing goes on"),
        pytest.param("TfTff", a_trigger(), RECOVERING, 1, id="and recovery starts over"),
        pytest.param(
            "Tb", a_trigger(), FIRING, 1, id="short of the limit, but not of the clear limit: firing"
        ),
        pytest.param("Tffb", a_trigger(), FIRING, 1, id="back over the clear limit ends recovery"),
        pytest.param("Tf", a_trigger(recover_periods=1), CLEAR, None, id="recovery can be at once"),
        pytest.param("TTT", a_trigger(sustained_days=3), FIRING, 3, id="three days sustained"),
        pytest.param("TT", a_trigger(sustained_days=3), PENDING, 1, id="two days are not three"),
        pytest.param("T.T", a_trigger(sustained_days=3), FIRING, 3, id="days count from the first true one"),
        pytest.param("", a_threshold(), CLEAR, None, id="no period at all is clear"),
    ],
)
def test_episode(story: str, spec: ConditionSpec, episode: Episode, since: int | None) -> None:
    streak = after(story, spec)
    assert (streak.episode, streak.since) == (episode, since and day(since))


def test_periods_are_readings_not_days() -> None:
    weekly = after("TTT", sustained(a_threshold, 3), every=7)
    assert (weekly.episode, weekly.since) == (FIRING, day(15))
    gone = after("TT.T", sustained(a_threshold, 3), every=7)
    assert (gone.episode, gone.run) == (PENDING, 1)


def test_a_weekly_reading_a_day_late_is_not_a_missing_one() -> None:
    late = [Judged(day(number), NOTHING, Truth.TRUE) for number in (7, 15, 21)]
    assert fold(late, sustained(a_threshold, 3), cadence_days=7).episode is FIRING


stories = st.text("Tfb?.", max_size=40)


@given(stories)
def test_a_stop_fires_at_its_first_full_streak_and_never_stops_firing(story: str) -> None:
    spec = sustained(a_stop, 2)
    fired = [after(story[:length], spec).episode is FIRING for length in range(len(story) + 1)]
    assert fired == sorted(fired)


@given(stories, st.sampled_from([a_stop(), a_trigger(), a_threshold(), sustained(a_trigger, 3)]))
def test_silence_never_fires_and_never_advances_recovery(story: str, spec: ConditionSpec) -> None:
    before, silent = after(story, spec), after(story + "??", spec)
    assert silent.calm <= before.calm
    assert silent.episode in (before.episode, CLEAR)
    if spec.kind is not a_threshold().kind:
        assert silent.episode is before.episode


def remembered(episode: Episode, since: int) -> ConditionMemory:
    return ConditionMemory(episode=episode, since=day(since))


@pytest.mark.parametrize(
    ("story", "spec", "memory", "episode", "withdrawn"),
    [
        pytest.param("fff", a_stop(), remembered(FIRING, 2), CLEAR, True, id="corrected away: withdrawn"),
        pytest.param("fff", a_trigger(), remembered(RECOVERING, 2), CLEAR, True, id="a recovering one too"),
        pytest.param("ffT", a_stop(), remembered(FIRING, 2), FIRING, False, id="fires later now: it stays"),
        pytest.param("Tff", a_stop(), remembered(FIRING, 2), FIRING, False, id="fires earlier now"),
        pytest.param(
            "Tffff", a_trigger(), remembered(FIRING, 1), CLEAR, False, id="recovered, not withdrawn"
        ),
        pytest.param("fff", a_stop(), remembered(PENDING, 2), CLEAR, False, id="pending was nothing yet"),
        pytest.param("fff", a_stop(), None, CLEAR, False, id="nothing is remembered"),
        pytest.param("f??", a_stop(), remembered(FIRING, 2), FIRING, False, id="silence takes nothing back"),
        pytest.param("f?f", a_stop(), remembered(FIRING, 2), CLEAR, True, id="a later answer does"),
    ],
)
def test_a_firing_undone_by_corrections(
    story: str, spec: ConditionSpec, memory: ConditionMemory | None, episode: Episode, withdrawn: bool
) -> None:
    streak, undone = settled(after(story, spec), memory, periods(story), counts_from=START)
    assert (streak.episode, undone) == (episode, withdrawn)


def test_a_firing_from_before_the_rule_counts_was_ended_by_a_person() -> None:
    streak, undone = settled(Streak(), remembered(FIRING, 2), periods("f", first=5), counts_from=day(5))
    assert (streak.episode, undone) == (CLEAR, False)


@pytest.mark.parametrize(
    ("story", "changes", "unsettled"),
    [
        pytest.param("", {"counts_from": day(9)}, True, id="edited, no reading since"),
        pytest.param("f", {"counts_from": day(9)}, False, id="one reading is a full streak by default"),
        pytest.param("ff", {"counts_from": day(9), "sustained_periods": 3}, True, id="two of three"),
        pytest.param("fff", {"counts_from": day(9), "sustained_periods": 3}, False, id="three of three"),
        pytest.param("ff", {"counts_from": day(9), "sustained_days": 3}, True, id="two of three days"),
        pytest.param("", {"counts_from": START}, False, id="in force since the start"),
        pytest.param("", {}, False, id="never edited"),
    ],
)
def test_an_edited_rule_needs_a_full_new_streak(story: str, changes: dict[str, Any], unsettled: bool) -> None:
    found = is_unsettled([p.day for p in periods(story, first=9)], a_threshold(**changes), first_day=START)
    assert found is unsettled


@pytest.mark.parametrize(
    ("truth", "spec", "memory", "episode", "since"),
    [
        pytest.param(Truth.TRUE, a_trigger(), None, FIRING, 9, id="true fires"),
        pytest.param(Truth.TRUE, a_trigger(), remembered(FIRING, 4), FIRING, 4, id="and goes on firing"),
        pytest.param(Truth.FALSE, a_trigger(), remembered(FIRING, 4), CLEAR, None, id="false clears"),
        pytest.param(Truth.FALSE, a_stop(), remembered(FIRING, 4), FIRING, 4, id="a stop stays"),
        pytest.param(Truth.UNKNOWN, a_trigger(), remembered(FIRING, 4), FIRING, 4, id="so does unknown"),
        pytest.param(Truth.UNKNOWN, a_trigger(), None, CLEAR, None, id="unknown fires nothing"),
        pytest.param(Truth.TRUE, a_trigger(sustained_days=3), None, PENDING, 9, id="the first of three days"),
        pytest.param(
            Truth.TRUE, a_trigger(sustained_days=3), remembered(PENDING, 7), FIRING, 9, id="the third"
        ),
        pytest.param(Truth.TRUE, sustained(a_trigger, 2), remembered(PENDING, 8), FIRING, 9, id="2 periods"),
    ],
)
def test_what_has_no_readings_of_its_own_is_remembered(
    truth: Truth, spec: ConditionSpec, memory: ConditionMemory | None, episode: Episode, since: int | None
) -> None:
    streak = remembered_episode(memory, spec, truth, day=day(9), cadence_days=1)
    assert (streak.episode, streak.since) == (episode, since and day(since))
