"""Somebody decides to go on past a stop condition: until when it stays closed, and what opens it again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilots.evaluation.backtest import replay
from pilots.evaluation.judging import Memory, memory_of
from pilots.evaluation.results import ConditionResult, PilotResult
from pilots.evaluation.signals import signals_of
from pilots.evaluation.specs import ConditionSpec, ContinuanceSpec, DriverSpec, PilotSpec, Reading
from pilots.evaluation.vocabulary import Comparison, Episode, Method, Truth, Verdict
from tests.evaluation.builders import (
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
from tests.evaluation.interval_stories import BEFORE, hours

CLEAR, PENDING, FIRING, RECOVERING = Episode


def decided(
    on: int, *, until: int | None = None, limit: float | None = None, scope: str = "overall"
) -> ContinuanceSpec:
    """A decision of the evening of a day, an hour before the look at its end."""
    last = None if until is None else day(until)
    return ContinuanceSpec(scope, day(on), at_end_of(on) - timedelta(hours=1), last, limit)


def by_points(*decisions: ContinuanceSpec, **changes: Any) -> PilotSpec:
    return a_pilot(a_threshold(), a_stop(min_days=1, min_sample=1, continuances=decisions, **changes))


def by_intervals(*decisions: ContinuanceSpec) -> PilotSpec:
    stop = a_stop(method=Method.INTERVAL, continuances=decisions)
    return a_pilot(stop, metrics=(hours(),))


def day_by_day(pilot: PilotSpec, readings: list[Reading], *, to: int) -> list[PilotResult]:
    """Look at the end of every day, each look remembering the one before."""
    results: list[PilotResult] = []
    memory: Memory = {}
    for number in range(1, to + 1):
        known = [reading for reading in readings if reading.as_of <= at_end_of(number)]
        results.append(look(pilot, known, on_day=number, memory=memory))
        memory = memory_of(pilot, results[-1])
    return results


def the_stop(result: PilotResult) -> ConditionResult:
    return condition(result, "S1")


def firing_days(results: list[PilotResult]) -> list[int]:
    episodes = [the_stop(result).episode for result in results]
    return [number for number, episode in enumerate(episodes, start=1) if episode is FIRING]


class TestUntilADay:
    """25 hours a case from the third day on, where 24 are the limit; somebody goes on from day 5 to 9."""

    READINGS = days_of([20.0, 20.0] + [25.0] * 12)

    @pytest.fixture
    def results(self) -> list[PilotResult]:
        return day_by_day(by_points(decided(5, until=9)), self.READINGS, to=14)

    def test_it_is_closed_from_the_decision_to_that_day(self, results: list[PilotResult]) -> None:
        assert firing_days(results) == [3, 4, 10, 11, 12, 13, 14]
        assert the_stop(results[9]).since == day(10)

    def test_it_is_still_true_and_says_who_it_waits_for(self, results: list[PilotResult]) -> None:
        found = the_stop(results[6])
        assert (found.truth, found.episode, found.continued_on) == (Truth.TRUE, CLEAR, day(5))
        assert found.sentence.endswith("You decided on Fri 9 Jan to go on until Tue 13 Jan.")
        assert "Not past" not in found.sentence

    def test_the_headline_is_no_stop_and_not_on_track_either(self, results: list[PilotResult]) -> None:
        assert [results[n].verdict for n in (3, 6, 9)] == [Verdict.STOP, Verdict.ESCALATE, Verdict.STOP]
        assert results[6].reason == "continued: S1"
        assert "You decided on" in results[6].sentence

    def test_what_was_known_before_the_decision_stays(self, results: list[PilotResult]) -> None:
        without = day_by_day(by_points(), self.READINGS, to=4)
        assert results[:4] == [
            replace(r, next_look_at=results[i].next_look_at) for i, r in enumerate(without)
        ]

    def test_a_look_back_at_the_afternoon_of_that_day_does_not_know_it(self) -> None:
        pilot = by_points(replace(decided(5, until=9), at=at_end_of(5) + timedelta(hours=1)))
        assert the_stop(look(pilot, self.READINGS[:5], on_day=5)).episode is FIRING

    def test_a_look_from_nothing_answers_as_the_one_that_remembers(self, results: list[PilotResult]) -> None:
        for number in (5, 6, 9, 10, 14):
            fresh = look(by_points(decided(5, until=9)), self.READINGS[:number], on_day=number)
            assert the_stop(fresh) == the_stop(results[number - 1])

    def test_a_replay_leaves_the_decision_out(self) -> None:
        pilot = by_points(decided(5, until=9))
        assert firing_days(list(replay(pilot, self.READINGS, first=day(1), last=day(8)))) == [
            3,
            4,
            5,
            6,
            7,
            8,
        ]

    def test_another_segments_decision_changes_nothing(self) -> None:
        pilot = by_points(decided(5, until=9, scope="gold"))
        assert firing_days(day_by_day(pilot, self.READINGS, to=8)) == [3, 4, 5, 6, 7, 8]

    def test_a_decision_about_an_earlier_version_of_the_rule_counts_no_more(self) -> None:
        pilot = by_points(decided(5, until=9), counts_from=day(6), version=2)
        assert firing_days(day_by_day(pilot, self.READINGS, to=8))[-2:] == [7, 8]

    def test_a_scale_up_stays_blocked_while_it_is_true(self) -> None:
        rules = by_points(decided(5, until=9)).conditions[1]
        easy = a_threshold(comparison=Comparison.ABOVE, limit=1.0, min_days=1, min_sample=1)
        result = day_by_day(a_pilot(easy, rules), self.READINGS, to=7)[-1]
        assert result.verdict is Verdict.ESCALATE
        assert "Scale up: 1 of 1 met, blocked by S1" in result.badges

    def test_the_day_it_ends_is_a_reason_to_look(self, results: list[PilotResult]) -> None:
        weekly = replace(by_points(decided(5, until=9)), cadence_days=7)
        found = look(weekly, self.READINGS[:8], on_day=8)
        assert found.next_look_at == at_end_of(9) + timedelta(microseconds=1)

    def test_it_is_asked_again_on_the_day_after_though_no_new_reading_came(self) -> None:
        results = day_by_day(by_points(decided(5, until=6)), self.READINGS[:6], to=7)
        assert firing_days(results) == [3, 4, 7]

    def test_it_stays_closed_where_the_number_recovered_meanwhile(self) -> None:
        better = days_of([20.0, 20.0, 25.0, 25.0, 25.0] + [20.0] * 9)
        results = day_by_day(by_points(decided(5, until=9)), better, to=14)
        assert firing_days(results) == [3, 4]
        assert the_stop(results[7]).continued_on is None
        assert not any(the_stop(result).withdrawn for result in results)

    def test_a_new_firing_after_it_needs_the_rules_full_run_once_it_had_been_calm(self) -> None:
        story = days_of([25.0] * 4 + [20.0] * 3 + [25.0] * 5)
        results = day_by_day(by_points(decided(4, until=6), sustained_periods=3), story, to=12)
        assert firing_days(results) == [3, 10, 11, 12]


class TestUpToALimit:
    def test_it_fires_again_when_the_number_passes_it_and_stays(self) -> None:
        story = days_of([25.0] * 5 + [27.0] * 2 + [25.0] * 3)
        results = day_by_day(by_points(decided(3, limit=0.3)), story, to=10)
        assert firing_days(results) == [1, 2, 6, 7, 8, 9, 10]
        assert the_stop(results[3]).sentence.endswith("You decided on Wed 7 Jan to go on until 30% higher.")

    def test_whichever_comes_first(self) -> None:
        story = days_of([25.0] * 12)
        results = day_by_day(by_points(decided(3, until=7, limit=0.3)), story, to=10)
        assert firing_days(results) == [1, 2, 8, 9, 10]
        assert the_stop(results[3]).sentence.endswith("go on until Sun 11 Jan or 30% higher.")

    def test_a_second_decision_follows_the_first(self) -> None:
        decisions = (decided(3, until=5), decided(7, until=9))
        results = day_by_day(by_points(*decisions), days_of([25.0] * 12), to=12)
        assert firing_days(results) == [1, 2, 6, 10, 11, 12]

    def test_of_an_absolute_rule_it_is_in_the_metrics_unit(self) -> None:
        pilot = by_points(decided(3, limit=30.0), comparison=Comparison.ABOVE, limit=24.0)
        results = day_by_day(pilot, days_of([25.0] * 5 + [31.0]), to=6)
        assert firing_days(results) == [1, 2, 6]
        assert "until more than 30 h" in the_stop(results[3]).sentence


class TestByIntervals:
    """30 hours a case from the start: proven past the limit of 20% on day 7."""

    READINGS = [*BEFORE, *days_of([30.0] * 30)]

    def test_a_decision_on_the_day_it_fired_closes_it_at_once(self) -> None:
        pilot = by_intervals(decided(10, until=20))
        before = look(by_intervals(), self.READINGS[: 28 + 10], on_day=10)
        memory = memory_of(by_intervals(), before)
        assert the_stop(before).episode is FIRING
        after = look(pilot, self.READINGS[: 28 + 10], on_day=10, memory=memory)
        assert (the_stop(after).episode, the_stop(after).truth) == (CLEAR, Truth.TRUE)
        assert not the_stop(after).withdrawn

    def test_it_fires_again_on_the_day_after_and_the_first_look_keeps_its_precision(self) -> None:
        results = day_by_day(by_intervals(decided(10, until=20)), self.READINGS, to=22)
        firing = firing_days(results)
        assert firing[-2:] == [21, 22]
        assert not set(range(10, 21)) & set(firing)
        memories = [the_stop(result).memory for result in results[8:]]
        variances = {str(memory.first_variances) for memory in memories if memory}
        assert len(variances) == 1

    @settings(max_examples=15, deadline=None)
    @given(on=st.integers(10, 14), lasts=st.integers(1, 8), maturity=st.integers(0, 3))
    def test_remembering_never_changes_the_answer(self, on: int, lasts: int, maturity: int) -> None:
        stop = a_stop(method=Method.INTERVAL, continuances=(decided(on, until=on + lasts),))
        pilot = a_pilot(stop, metrics=(hours(maturity_days=maturity),))
        results = day_by_day(pilot, self.READINGS, to=24)
        for number in (on, on + 1, on + lasts, on + lasts + 1, 24):
            fresh = look(pilot, self.READINGS[: 28 + number], on_day=number)
            kept, new = the_stop(results[number - 1]), the_stop(fresh)
            assert (kept.episode, kept.since, kept.withdrawn) == (new.episode, new.since, new.withdrawn)
        assert the_stop(results[on - 1]).episode is CLEAR
        assert the_stop(results[on + lasts]).episode is FIRING


class TestANumberThatPeopleKeep:
    def test_of_a_driver_is_held_until_the_day_or_the_limit(self) -> None:
        def pilot(seats: float, *decisions: ContinuanceSpec) -> PilotSpec:
            driver = DriverSpec("D1", "Seats", baseline_value=100.0, current_value=seats)
            stop = ConditionSpec(
                ref="S1",
                kind=a_stop().kind,
                comparison=Comparison.ABOVE,
                limit=120.0,
                driver="D1",
                continuances=decisions,
            )
            return a_pilot(stop, drivers=(driver,))

        first = look(pilot(130.0), [], on_day=1)
        memory = memory_of(pilot(130.0), first)
        decision = decided(2, until=5, limit=150.0)
        held = look(pilot(130.0, decision), [], on_day=2, memory=memory)
        past = look(pilot(160.0, decision), [], on_day=3, memory=memory_of(pilot(130.0, decision), held))
        over = look(pilot(130.0, decision), [], on_day=6, memory=memory_of(pilot(130.0, decision), held))
        assert [the_stop(r).episode for r in (first, held, past, over)] == [FIRING, CLEAR, FIRING, FIRING]


def test_decisions_are_no_part_of_the_frozen_rule() -> None:
    pilot = by_points(decided(3, until=5))
    result = look(pilot, [a_reading(1, 25.0)], on_day=1)
    assert all("continuances" not in signal.rule for signal in signals_of(result, pilot, looked_before=None))
