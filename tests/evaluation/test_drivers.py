"""Drivers: whether what the numbers rest on still holds."""

from __future__ import annotations

from typing import Any

import pytest

from pilots.evaluation.drivers import Drift, Impact, assess_driver, update_due_on
from pilots.evaluation.owing import driver_words
from pilots.evaluation.series import Series
from pilots.evaluation.specs import DriverSpec
from pilots.evaluation.vocabulary import DriverState
from tests.evaluation.builders import START, a_baseline, a_metric, a_pilot, a_reading, cases, day

HOLDS, MOVED, DUE, UNKNOWN = DriverState
WITH_MIX = a_pilot(
    metrics=(a_metric(baseline=a_baseline(moments={"low": cases(92, 1.0), "high": cases(8, 1.0)})),),
    dimensions={"severity": ("low", "high")},
)


def a_number(now: float | None = 100.0, before: float | None = 100.0, **changes: Any) -> DriverSpec:
    """Seats per account, updated on day 5."""
    defaults = {"ref": "D1", "name": "Seats per account", "updated_on": day(5), "owner": "Ana Duarte"}
    return DriverSpec(**{**defaults, "baseline_value": before, "current_value": now, **changes})


def drift(driver: DriverSpec, *, on_day: int = 9) -> Drift:
    return assess_driver(driver, a_pilot(), Series(), day=day(on_day))


@pytest.mark.parametrize(
    ("driver", "state"),
    [
        pytest.param(a_number(109.0), HOLDS, id="9% is short of the usual 10%"),
        pytest.param(a_number(110.0), MOVED, id="10% is material"),
        pytest.param(a_number(90.0), MOVED, id="either way"),
        pytest.param(a_number(109.0, material_change=0.05), MOVED, id="the driver's own limit rules"),
        pytest.param(a_number(100.0, material_change=0.0), HOLDS, id="no change is never a move"),
        pytest.param(a_number(None), UNKNOWN, id="no value"),
        pytest.param(a_number(before=None), UNKNOWN, id="nothing to compare with"),
        pytest.param(a_number(before=0.0), UNKNOWN, id="nothing to divide by"),
        pytest.param(a_number(130.0, answered_on=day(5)), HOLDS, id="answered on the day of the value"),
        pytest.param(a_number(130.0, answered_on=day(4)), MOVED, id="an answer from before is none"),
        pytest.param(a_number(update_every_days=4), HOLDS, id="due today is not overdue"),
        pytest.param(a_number(update_every_days=3), DUE, id="due yesterday is"),
        pytest.param(a_number(130.0, update_every_days=3), MOVED, id="moved is louder than overdue"),
        pytest.param(a_number(None, update_every_days=3), DUE, id="an unknown value that is overdue"),
        pytest.param(
            a_number(update_every_days=3, answered_on=day(7)), HOLDS, id="a review counts as update"
        ),
        pytest.param(
            a_number(update_every_days=9, updated_on=None), HOLDS, id="never updated: counted from the start"
        ),
        pytest.param(a_number(update_every_days=7, updated_on=None), DUE, id="and overdue then"),
    ],
)
def test_state_of_a_plain_number(driver: DriverSpec, state: DriverState) -> None:
    assert drift(driver).state is state


def test_a_mix_shows_its_shares_then_and_now() -> None:
    series = Series([a_reading(1, segment="low", n=86), a_reading(1, segment="high", n=14)])
    mix = DriverSpec(ref="D2", name="Issue severity", dimension="severity")
    found = assess_driver(mix, WITH_MIX, series, day=day(1))
    assert (found.state, found.then, found.now) == (
        HOLDS,
        {"low": 0.92, "high": 0.08},
        {"low": 0.86, "high": 0.14},
    )
    assert found.psi == pytest.approx(0.0376, abs=1e-4)
    assert driver_words(mix, found, due=None) == (
        "Issue severity: high 14% of all, was 8%; low 86% of all, was 92%."
    )


def test_shares_that_read_the_same_are_not_named_and_a_mix_that_does_nothing_says_so() -> None:
    mix = DriverSpec(ref="D2", name="Issue severity", dimension="severity")
    same = Drift(
        HOLDS,
        then={"low": 0.92, "high": 0.08},
        now={"low": 0.9201, "high": 0.0799},
        impact=Impact("hours", "Resolution time", 0.0003, -0.001, 0.002, 0.025),
    )
    assert driver_words(mix, same, due=None) == (
        "Issue severity: the shares are the same. The mix alone leaves Resolution time as it was; "
        "a change matters from 2.5%."
    )


def test_a_category_that_vanished_has_a_finite_psi() -> None:
    mix = DriverSpec(ref="D2", name="Issue severity", dimension="severity")
    found = assess_driver(mix, WITH_MIX, Series([a_reading(1, segment="low")]), day=day(1))
    assert found.now == {"low": 1.0, "high": 0.0}
    assert found.psi is not None
    assert found.psi > 0.2


@pytest.mark.parametrize("dimension", ["severity", "region"], ids=["no cases yet", "no such dimension"])
def test_a_mix_without_cases_is_unknown(dimension: str) -> None:
    mix = DriverSpec(ref="D2", name="Mix", dimension=dimension)
    assert assess_driver(mix, WITH_MIX, Series(), day=day(1)).state is UNKNOWN


def test_the_due_day_counts_from_the_newest_of_update_and_answer() -> None:
    assert update_due_on(a_number(), a_pilot()) is None
    assert update_due_on(a_number(update_every_days=7), a_pilot()) == day(12)
    assert update_due_on(a_number(update_every_days=7, answered_on=day(8)), a_pilot()) == day(15)
    assert update_due_on(a_number(update_every_days=7, updated_on=None), a_pilot()) == day(8)
    assert a_pilot().start == START


@pytest.mark.parametrize(
    ("driver", "sentence"),
    [
        pytest.param(
            a_number(112.0),
            "Seats per account is 12% higher than before: 112, where it was 100. "
            "Say whether the limits still hold.",
            id="moved",
        ),
        pytest.param(
            a_number(update_every_days=3),
            "Seats per account is as it was before: 100. Its update was due Mon 12 Jan. Ana Duarte owes it.",
            id="overdue",
        ),
        pytest.param(a_number(None), "Seats per account: not known yet.", id="unknown"),
    ],
)
def test_sentence(driver: DriverSpec, sentence: str) -> None:
    found = drift(driver)
    assert driver_words(driver, found, due=update_due_on(driver, a_pilot())) == sentence
