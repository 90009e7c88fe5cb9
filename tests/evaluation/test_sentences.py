"""What a person reads about a condition: numbers, limit, day, amount, and who owes what."""

from __future__ import annotations

from typing import Any

import pytest

from pilots.evaluation.results import ConditionResult
from pilots.evaluation.specs import ConditionMemory, ConditionSpec, DriverSpec
from pilots.evaluation.vocabulary import Comparison, DataState, Episode, MetricKind
from tests.evaluation.builders import (
    a_baseline,
    a_metric,
    a_pilot,
    a_reading,
    a_stop,
    a_threshold,
    a_trigger,
    cases,
    condition,
    day,
    days_of,
    look,
)

FORBIDDEN = ("p-value", "significant", "alpha", "breach", "SLA", "healthy", "failed", "oops", "None", "-")


def told(
    spec: ConditionSpec, *means: float | None, on_day: int | None = None, **changes: Any
) -> ConditionResult:
    """Look at one condition after a story of daily means."""
    memory = changes.pop("memory", None)
    pilot = a_pilot(
        spec,
        metrics=(a_metric(**changes),),
        drivers=(DriverSpec(ref="D1", name="Seats", baseline_value=100.0, current_value=120.0),),
    )
    remembered = {(spec.ref, spec.scope): memory} if memory else {}
    result = look(pilot, days_of(means), on_day=on_day or max(1, len(means)), memory=remembered)
    return condition(result, spec.ref, spec.scope)


DAYS = [20.0] * 13
STORIES = [
    pytest.param(
        told(a_threshold(), *DAYS, 17.2),
        "Resolution time is 14% lower than before: 17.2 h, where it was 20 h. Your rule needs at least 5% "
        "lower. Met since Sun 18 Jan, from 100 cases of Sun 18 Jan.",
        id="a threshold that is met",
    ),
    pytest.param(
        told(a_threshold(), *DAYS, 19.008),
        "Resolution time is 4.96% lower than before: 19.0 h, where it was 20 h. Your rule needs at least 5% "
        "lower. Not met, from 100 cases of Sun 18 Jan.",
        id="digits enough to tell a value from its limit",
    ),
    pytest.param(
        told(a_threshold(sustained_periods=3), *DAYS, 17.2, 17.2),
        "Resolution time is 14% lower than before: 17.2 h, where it was 20 h. Your rule needs at least 5% "
        "lower. Beyond the limit since Sun 18 Jan, for 2 readings of 3 readings needed: not met yet, "
        "from 100 cases of Mon 19 Jan.",
        id="a threshold on its way",
    ),
    pytest.param(
        told(a_threshold(), *DAYS, 17.2, 20.0),
        "Resolution time is as it was before: 20 h. Your rule needs at least 5% lower. No longer met, "
        "from 100 cases of Mon 19 Jan.",
        id="a threshold no longer met",
    ),
    pytest.param(
        told(a_threshold(limit=0.0), *DAYS, 20.0),
        "Resolution time is as it was before: 20 h. Your rule needs any improvement. Not met, "
        "from 100 cases of Sun 18 Jan.",
        id="any improvement",
    ),
    pytest.param(
        told(a_stop(), *DAYS[:7], 26.2, window_days=3),
        "Resolution time is 10% higher than before: 22.1 h, where it was 20 h. You said stop at 20% higher. "
        "Not past the limit, from 300 cases in the 3 days to Mon 12 Jan.",
        id="a stop short of its limit, over a window",
    ),
    pytest.param(
        told(a_stop(), *DAYS[:7], 26.2),
        "Resolution time is 31% higher than before: 26.2 h, where it was 20 h. You said stop at 20% higher. "
        "Past the limit since Mon 12 Jan, from 100 cases of Mon 12 Jan.",
        id="a stop past its limit",
    ),
    pytest.param(
        told(a_stop(), *DAYS[:7], 26.2, 20.0),
        "Resolution time is as it was before: 20 h. You said stop at 20% higher. Past the limit since "
        "Mon 12 Jan, now back within it; this stays until you decide, from 100 cases of Tue 13 Jan.",
        id="a stop that is latched",
    ),
    pytest.param(
        told(a_stop(), *DAYS[:7], 26.2, on_day=12),
        "Resolution time: no readings since Mon 12 Jan. Priya Nair owes 4 days. Last known: 26.2 h. "
        "You said stop at 20% higher. Past the limit since Mon 12 Jan, until you decide.",
        id="a stop that is latched and blind",
    ),
    pytest.param(
        told(a_trigger(), *DAYS[:7], 26.2, on_day=12),
        "Resolution time: no readings since Mon 12 Jan. Priya Nair owes 4 days. Last known: 26.2 h. "
        "You asked to be told at 10% higher. Past the limit since Mon 12 Jan.",
        id="a trigger that is blind",
    ),
    pytest.param(
        told(a_stop(), 26.2, 26.2),
        "Resolution time is 31% higher than before: 26.2 h, where it was 20 h. You said stop at 20% higher. "
        "Past the limit, but too early to rely on: day 2 of at least 7.",
        id="an early warning",
    ),
    pytest.param(
        told(a_trigger(), *DAYS[:7], 26.2, 20.0),
        "Resolution time is as it was before: 20 h. You asked to be told at 10% higher. Past the limit since "
        "Mon 12 Jan, now back within it (1 of 3 readings), from 100 cases of Tue 13 Jan.",
        id="a trigger that recovers",
    ),
    pytest.param(
        told(a_stop(comparison=Comparison.ABOVE, limit=30.0), 31.2),
        "Resolution time is 31.2 h. You said stop at more than 30 h. Past the limit since Mon 5 Jan, "
        "from 100 cases of Mon 5 Jan.",
        id="an absolute limit",
    ),
    pytest.param(
        told(
            a_stop(comparison=Comparison.BELOW, limit=30.0), 31.0, None, 20.0, kind=MetricKind.TOTAL, unit=""
        ),
        "Resolution time is 2,000 in 1 day. You said stop at less than 30 in 1 day. Not past the limit, "
        "from 100 cases of Wed 7 Jan.",
        id="a total names its days",
    ),
    pytest.param(
        told(a_threshold(), *DAYS[:5]),
        "Resolution time is as it was before: 20 h. Your rule needs at least 5% lower. Too early to tell: "
        "day 5 of at least 14.",
        id="too early",
    ),
    pytest.param(
        told(a_threshold(min_sample=900), *DAYS[:5]),
        "Resolution time is as it was before: 20 h. Your rule needs at least 5% lower. Too early to tell: "
        "day 5 of at least 14 and 500 of 900 cases so far.",
        id="too few and too early",
    ),
    pytest.param(
        told(a_threshold(), *DAYS[:5], on_day=9),
        "Resolution time: no readings since Fri 9 Jan. Priya Nair owes 4 days. Last known: 20 h. "
        "Your rule needs at least 5% lower.",
        id="stale",
    ),
    pytest.param(
        told(a_threshold(), *DAYS[:5], baseline=None),
        "Resolution time is 20 h. Your rule needs at least 5% lower. Resolution time: no final baseline yet. "
        "Priya Nair owes it.",
        id="no baseline",
    ),
    pytest.param(
        told(a_threshold(), *DAYS[:5], baseline=a_baseline(moments={"all": cases(9, 0.0)})),
        "Resolution time is 20 h. Your rule needs at least 5% lower. Resolution time: it was not above "
        "zero before, so a change in per cent says nothing. Set a value instead.",
        id="a baseline of zero",
    ),
    pytest.param(
        told(a_threshold(), *DAYS, maturity_days=30),
        "Your rule needs at least 5% lower. Resolution time: no readings count yet; the newest days are "
        "still settling.",
        id="nothing settled yet",
    ),
    pytest.param(
        told(a_threshold(scope="urgent"), 20.0),
        "T1: its segment is not part of this pilot.",
        id="a segment that does not exist",
    ),
    pytest.param(
        told(a_trigger(metric="", comparison=None, limit=None, data_state=DataState.STALE), 20.0, on_day=9),
        "Resolution time: no readings since Mon 5 Jan. Priya Nair owes 8 days. You asked to be told when the "
        "data is “stale”.",
        id="a data state",
    ),
    pytest.param(
        told(a_trigger(driver="D1", metric="", limit=0.15)),
        "Seats is 20% higher than before: 120, where it was 100. You asked to be told at a change of 15%. "
        "Past the limit since Mon 5 Jan.",
        id="a driver",
    ),
    pytest.param(
        told(a_stop(), *DAYS, memory=ConditionMemory(Episode.FIRING, day(8))),
        "Resolution time is as it was before: 20 h. You said stop at 20% higher. Not past the limit, "
        "from 100 cases of Sat 17 Jan. Corrected readings took the earlier answer back.",
        id="withdrawn",
    ),
]


@pytest.mark.parametrize(("found", "sentence"), STORIES)
def test_sentence(found: ConditionResult, sentence: str) -> None:
    assert found.sentence == sentence


@pytest.mark.parametrize(("found", "sentence"), STORIES)
def test_no_sentence_uses_a_word_of_the_trade(found: ConditionResult, sentence: str) -> None:
    assert not [word for word in FORBIDDEN if word in found.sentence]


def test_a_gap_and_its_segments() -> None:
    metric = a_metric(baseline=a_baseline(moments={"low": cases(900, 10.0), "high": cases(900, 40.0)}))
    pilot = a_pilot(
        a_stop(scope="gap:severity"),
        a_stop("S2", scope="each:severity"),
        metrics=(metric,),
        dimensions={"severity": ("low", "high")},
    )
    readings = [
        a_reading(number, mean, segment=segment)
        for number in range(1, 8)
        for segment, mean in (("low", 9.0), ("high", 48.0))
    ]
    result = look(pilot, readings, on_day=7)
    assert condition(result, "S1", "gap:severity").sentence == (
        "Resolution time: the best and the worst severity changed 30% apart. "
        "You said stop at a difference of 20%. Past the limit since Sun 11 Jan, from 200 cases of Sun 11 Jan."
    )
    assert condition(result, "S2", "high").sentence == (
        "Resolution time for high is 20% higher than before: 48 h, where it was 40 h. "
        "You said stop at 20% higher. Past the limit since Sun 11 Jan, from 100 cases of Sun 11 Jan."
    )
