"""Drivers by what their mix does to a metric."""

from __future__ import annotations

from datetime import date

import pytest

from pilots.evaluation.backtest import replay
from pilots.evaluation.judging import Memory, memory_of
from pilots.evaluation.results import PilotResult
from pilots.evaluation.specs import DriverSpec, Reading
from pilots.evaluation.vocabulary import DriverState, Verdict
from tests.evaluation.builders import a_reading, day, look
from tests.evaluation.interval_stories import TIERS, piloted, stop, threshold


def mixed(share: float, *, first: int = 1, count: int = 20, wobble: int = 4) -> list[Reading]:
    """Days of basic cases at 10 hours and premium ones at 40; the share differs a little from day to day."""
    return [
        a_reading(number, hours, segment=tier, n=n)
        for number in range(first, first + count)
        for premium in [round(200 * share) + (number % 3 - 1) * wobble]
        for tier, hours, n in (("basic", 10.0, 200 - premium), ("premium", 40.0, premium))
    ]


BEFORE = mixed(0.3, first=-27, count=28)
DRIVER = DriverSpec("D1", "Contract tier", dimension="tier")


def told(
    days: list[Reading], *, on_day: int, memory: Memory | None = None, driver: DriverSpec = DRIVER
) -> PilotResult:
    pilot = piloted(threshold(), stop(), drivers=(driver,), dimensions=TIERS)
    return look(pilot, [*BEFORE, *days], on_day=on_day, memory=memory)


def test_a_mix_that_makes_the_number_better_by_itself_has_moved() -> None:
    result = told(mixed(0.15), on_day=8)
    driver = result.drivers[0]
    assert (result.verdict, driver.state, driver.impact_on) == (Verdict.REVISIT, DriverState.MOVED, "hours")
    assert driver.change == pytest.approx(14.5 / 19 - 1, abs=0.01)
    assert driver.limit == 0.025  # half of the 5% that the rule asks for
    assert "The mix alone makes Resolution time 23% lower (proven); it matters from 2.5%." in driver.sentence
    assert driver.sentence.endswith("Say whether the limits still hold.")


@pytest.mark.parametrize(
    ("share", "on_day", "driver", "state"),
    [
        pytest.param(0.3, 20, DRIVER, DriverState.HOLDS, id="the same mix"),
        pytest.param(0.15, 6, DRIVER, DriverState.HOLDS, id="not before day 7"),
        pytest.param(0.295, 20, DRIVER, DriverState.HOLDS, id="a proven move too small to matter"),
        pytest.param(
            0.15,
            20,
            DriverSpec("D1", "Tier", dimension="tier", material_change=0.3),
            DriverState.HOLDS,
            id="its own limit rules",
        ),
    ],
)
def test_state(share: float, on_day: int, driver: DriverSpec, state: DriverState) -> None:
    assert told(mixed(share), on_day=on_day, driver=driver).drivers[0].state is state


def test_shares_and_their_distance_are_shown_as_numbers() -> None:
    driver = told(mixed(0.15, count=18), on_day=18).drivers[0]
    assert driver.then == pytest.approx({"basic": 0.7, "premium": 0.3}, abs=0.005)
    assert driver.now == pytest.approx({"basic": 0.85, "premium": 0.15}, abs=0.005)
    assert driver.psi == pytest.approx(0.133, abs=0.01)
    assert driver.divergence == pytest.approx(0.024, abs=0.003)


def test_a_move_stays_until_a_review_answers_it() -> None:
    away = told(mixed(0.15), on_day=8)
    pilot = piloted(threshold(), stop(), drivers=(DRIVER,), dimensions=TIERS)
    back = [*mixed(0.15, count=8), *mixed(0.45, first=9, count=12)]
    later = told(back, on_day=17, memory=memory_of(pilot, away))
    assert later.drivers[0].since == day(7)
    assert later.drivers[0].state is DriverState.MOVED


def answered(on: date) -> DriverSpec:
    return DriverSpec("D1", "Contract tier", dimension="tier", answered_on=on)


def test_still_valid_makes_the_mix_of_the_answer_the_new_anchor() -> None:
    days = [*mixed(0.15, count=30), *mixed(0.15, first=31, count=20)]
    assert told(days, on_day=45, driver=answered(day(30))).drivers[0].state is DriverState.HOLDS
    moved = [*mixed(0.15, count=30), *mixed(0.3, first=31, count=20)]
    assert told(moved, on_day=45, driver=answered(day(30))).drivers[0].state is DriverState.MOVED


def test_after_an_answer_the_shares_of_then_are_those_it_found_valid() -> None:
    days = [*mixed(0.15, count=30), *mixed(0.2, first=31, count=20)]
    driver = told(days, on_day=45, driver=answered(day(30))).drivers[0]
    assert driver.valid_on == day(30)
    assert driver.then == pytest.approx({"basic": 0.85, "premium": 0.15}, abs=0.005)
    assert driver.now == pytest.approx({"basic": 0.8, "premium": 0.2}, abs=0.005)
    assert driver.sentence.startswith(
        "Contract tier, against the four weeks to Tue 3 Feb: premium 20% of all"
    )


def test_on_the_day_of_the_answer_there_is_nothing_yet_to_compare() -> None:
    driver = told(mixed(0.15, count=30), on_day=30, driver=answered(day(30))).drivers[0]
    assert (driver.state, driver.now, driver.psi) == (DriverState.HOLDS, None, None)
    assert driver.sentence == "Contract tier: found still valid on Tue 3 Feb, and no cases since."


def test_a_look_from_before_the_answer_compares_with_the_baseline() -> None:
    driver = told(mixed(0.15), on_day=6, driver=answered(day(30))).drivers[0]
    assert driver.valid_on is None
    assert driver.then == pytest.approx({"basic": 0.7, "premium": 0.3}, abs=0.005)


def test_a_replay_knows_no_answers_so_that_a_revisit_stays() -> None:
    pilot = piloted(threshold(), stop(), drivers=(answered(day(12)),), dimensions=TIERS)
    looks = list(replay(pilot, [*BEFORE, *mixed(0.15)], first=day(1), last=day(20)))
    assert [looks[number - 1].drivers[0].state for number in (6, 8, 20)] == [
        DriverState.HOLDS,
        DriverState.MOVED,
        DriverState.MOVED,
    ]


def test_a_shift_inside_the_pilot_is_seen_within_days() -> None:
    """Its own days then depend on each other; the baseline's do not."""
    memory: Memory = {}
    pilot = piloted(threshold(), stop(), drivers=(DRIVER,), dimensions=TIERS)
    days = [*mixed(0.3, count=30), *mixed(0.1, first=31, count=20)]
    seen = None
    for number in range(1, 45):
        result = told(days, on_day=number, memory=memory)
        memory = memory_of(pilot, result)
        if result.drivers[0].state is DriverState.MOVED:
            seen = number
            break
    assert seen is not None
    assert 31 <= seen <= 40


@pytest.mark.parametrize(
    ("to", "state"),
    [
        pytest.param(20, DriverState.HOLDS, id="a mix is as fresh as its readings"),
        pytest.param(12, DriverState.UPDATE_DUE, id="and no fresher"),
    ],
)
def test_a_mix_is_updated_by_its_readings(to: int, state: DriverState) -> None:
    weekly = DriverSpec("D1", "Contract tier", dimension="tier", update_every_days=7)
    assert told(mixed(0.3, count=to), on_day=20, driver=weekly).drivers[0].state is state
