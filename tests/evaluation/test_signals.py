"""What of a result needs a person: where each signal stands."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pilots.evaluation.judging import memory_of
from pilots.evaluation.signals import Signal, SignalKind, Standing, is_quiet, signals_of
from pilots.evaluation.specs import ConditionSpec, DriverSpec, PilotSpec, Reading
from pilots.evaluation.vocabulary import Comparison, Direction, Severity
from tests.evaluation.builders import (
    a_metric,
    a_pilot,
    a_stop,
    a_threshold,
    a_trigger,
    at_end_of,
    day,
    days_of,
    look,
)

RAISED, HELD, EASED, OVER, WITHDRAWN = Standing
BELOW_40 = a_stop(comparison=Comparison.BELOW, limit=40.0)
ABOVE_4 = a_stop(comparison=Comparison.ABOVE, limit=4.0)
NORMAL, LONG = [20.0] * 10, [30.0] * 10


def signals(
    pilot: PilotSpec, readings: list[Reading], *, on_day: int, before: int | None = None, memory: Any = None
) -> dict[tuple[str, str], Signal]:
    result = look(pilot, readings, on_day=on_day, memory=memory)
    looked = at_end_of(before) if before else None
    found = signals_of(result, pilot, looked_before=looked)
    assert is_quiet(result) is not any(s.standing in (RAISED, EASED) for s in found)
    return {(s.kind.value, s.scope): s for s in found}


@pytest.mark.parametrize(
    ("condition", "means", "expected"),
    [
        pytest.param(a_stop(), NORMAL + LONG, RAISED, id="a stop condition past its limit"),
        pytest.param(a_stop(), NORMAL, OVER, id="a stop condition within it"),
        pytest.param(a_stop(), LONG + NORMAL, EASED, id="one that was past it is latched"),
        pytest.param(a_stop(), [20.0], HELD, id="one that can't be told yet"),
        pytest.param(a_stop(sustained_periods=30), LONG, HELD, id="one that is not past it for long enough"),
        pytest.param(a_trigger(), NORMAL + LONG, RAISED, id="a trigger past its limit"),
        pytest.param(a_trigger(), [*LONG, 20.0], RAISED, id="a trigger that recovers is not over yet"),
        pytest.param(a_trigger(), LONG + NORMAL, OVER, id="a trigger that recovered"),
        pytest.param(a_trigger(), NORMAL + LONG + [None] * 5, RAISED, id="silence ends nothing"),
    ],
)
def test_a_condition_stands(condition: ConditionSpec, means: list[float | None], expected: Standing) -> None:
    found = signals(a_pilot(condition), days_of(means), on_day=len(means))
    assert found[condition.kind.value, "overall"].standing is expected


def test_a_firing_undone_by_corrections_is_withdrawn() -> None:
    pilot = a_pilot(a_trigger())
    memory = memory_of(pilot, look(pilot, days_of(NORMAL + LONG), on_day=20))
    found = signals(pilot, days_of(NORMAL * 2), on_day=20, memory=memory)
    assert found["escalation_trigger", "overall"].standing is WITHDRAWN


@pytest.mark.parametrize(
    "condition", [a_threshold(), a_stop(observe_only=True)], ids=["threshold", "observed"]
)
def test_what_needs_nobody_has_no_signal(condition: ConditionSpec) -> None:
    found = signals(a_pilot(condition), days_of(LONG * 2), on_day=20)
    assert {kind for kind, _ in found} == {"scale_up", "no_data"}


def test_scale_up_is_raised_while_it_is_the_headline() -> None:
    quicker, pilot = [16.0] * 20, a_pilot(a_threshold())
    assert signals(pilot, days_of(quicker), on_day=20)["scale_up", "overall"].standing is RAISED
    assert signals(pilot, days_of(NORMAL * 2), on_day=20)["scale_up", "overall"].standing is OVER


@pytest.mark.parametrize(
    ("on_day", "must_watch", "expected"),
    [
        pytest.param(11, False, (OVER, Severity.SEV4), id="due today"),
        pytest.param(12, False, (OVER, Severity.SEV4), id="within its grace"),
        pytest.param(13, False, (RAISED, Severity.SEV4), id="beyond its grace"),
        pytest.param(14, False, (RAISED, Severity.SEV3), id="a second grace later"),
        pytest.param(13, True, (RAISED, Severity.SEV2), id="beyond its grace, and it must be watched"),
    ],
)
def test_readings_to_day_10_are(on_day: int, must_watch: bool, expected: tuple[Standing, Severity]) -> None:
    pilot = a_pilot(a_stop(must_watch=must_watch))
    found = signals(pilot, days_of(NORMAL), on_day=on_day)["no_data", "metric:hours"]
    assert (found.standing, found.severity) == expected


@pytest.mark.parametrize(
    ("driver", "kind", "expected"),
    [
        pytest.param({"current_value": 130.0}, "driver", RAISED, id="moved"),
        pytest.param({"current_value": 130.0, "required": False}, "driver", OVER, id="moved, not required"),
        pytest.param({"current_value": 101.0}, "driver", OVER, id="still where it was"),
        pytest.param({"current_value": None}, "driver", HELD, id="not known"),
        pytest.param({"current_value": 101.0, "update_every_days": 5}, "no_data", RAISED, id="overdue"),
    ],
)
def test_a_driver_is(driver: dict[str, Any], kind: str, expected: Standing) -> None:
    fields: dict[str, Any] = {"ref": "accounts", "name": "Accounts", "baseline_value": 100.0} | driver
    spec = DriverSpec(**fields)
    found = signals(a_pilot(a_stop(), drivers=(spec,)), days_of(NORMAL), on_day=10)
    assert found[kind, "driver:accounts"].standing is expected


@pytest.mark.parametrize(
    ("before", "late"),
    [
        pytest.param(None, False, id="the first look ever"),
        pytest.param(10, False, id="the look before had not seen that day"),
        pytest.param(11, True, id="the look before had judged that day"),
    ],
)
def test_an_episode_from_day_11_is_late_when(before: int | None, late: bool) -> None:
    found = signals(a_pilot(a_stop()), days_of(NORMAL + LONG), on_day=20, before=before)
    assert found["stop_condition", "overall"].late is late


def test_days_that_settle_late_are_not_late_for_that() -> None:
    pilot = a_pilot(a_stop(), metrics=(a_metric(maturity_days=5),))
    found = signals(pilot, days_of(NORMAL + LONG), on_day=20, before=14)
    assert found["stop_condition", "overall"].late is False


@pytest.mark.parametrize(
    ("condition", "direction", "worst"),
    [
        pytest.param(a_stop(), Direction.LOWER_IS_BETTER, 31.0, id="higher, where lower is better"),
        pytest.param(a_stop(), Direction.HIGHER_IS_BETTER, 30.0, id="lower, where higher is better"),
        pytest.param(BELOW_40, Direction.LOWER_IS_BETTER, 30.0, id="below a value"),
        pytest.param(ABOVE_4, Direction.HIGHER_IS_BETTER, 31.0, id="above a value"),
    ],
)
def test_the_worse_of_two_values_is(condition: ConditionSpec, direction: Direction, worst: float) -> None:
    pilot = a_pilot(condition, metrics=(a_metric(direction=direction),))
    signal = signals(pilot, days_of(LONG * 2), on_day=20)["stop_condition", "overall"]
    assert signal.worse(31.0) == worst
    assert signal.worse(None) == 30.0


def test_what_a_signal_carries_is_plain_json() -> None:
    driver = DriverSpec(ref="accounts", name="Accounts", baseline_value=1.0, updated_on=day(1))
    pilot = a_pilot(a_stop(counts_from=day(3)), a_trigger(), drivers=(driver,))
    for signal in signals(pilot, days_of(LONG), on_day=10).values():
        assert json.loads(json.dumps([signal.facts, signal.rule]))
        assert SignalKind(signal.kind)
