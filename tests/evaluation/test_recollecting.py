"""What was stored of a look is read back as it was."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pilots.evaluation.documents import as_json
from pilots.evaluation.recollecting import result_of_json
from pilots.evaluation.results import PilotResult
from pilots.evaluation.specs import DriverSpec
from tests.evaluation.builders import a_pilot, a_stop, a_threshold, days_of, look
from tests.evaluation.interval_stories import seen, stop
from tests.evaluation.test_continuances import by_points, decided

DRIVERS = (DriverSpec("D1", "Seats", baseline_value=100.0, current_value=130.0),)


@pytest.mark.parametrize(
    "result",
    [
        pytest.param(
            look(a_pilot(a_threshold(), a_stop(), drivers=DRIVERS), days_of([25.0] * 20), on_day=20),
            id="points",
        ),
        pytest.param(seen(stop(), days=days_of([25.0] * 20), on_day=20), id="intervals"),
        pytest.param(look(by_points(decided(3, until=9)), days_of([25.0] * 5), on_day=5), id="going on"),
        pytest.param(look(a_pilot(a_stop()), [], on_day=40), id="nothing known"),
    ],
)
def test_a_stored_result_is_read_back(result: PilotResult) -> None:
    stored = json.loads(json.dumps(as_json(result)))
    assert result_of_json(result.pilot, stored, as_of=result.as_of) == as_stored(result)


def as_stored(result: PilotResult) -> PilotResult:
    """Leave out what is not read back: memories, and what the interval method adds."""
    conditions = tuple(replace(one, memory=None, interval=None) for one in result.conditions)
    drivers = tuple(replace(one, memory=None) for one in result.drivers)
    return replace(result, conditions=conditions, drivers=drivers)
