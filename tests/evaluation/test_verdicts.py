"""One headline by precedence: a row for each line of the table, and for each line of small print."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from pilots.evaluation.results import ConditionResult, DriverResult
from pilots.evaluation.verdicts import (
    Facts,
    Headline,
    Standing,
    decide_headline,
    enforced,
    scale_up_badge,
)
from pilots.evaluation.vocabulary import (
    ConditionKind,
    DataState,
    DriverState,
    Episode,
    Severity,
    Truth,
    Verdict,
)

CLEAR, PENDING, FIRING, RECOVERING = Episode
TRUE, FALSE, UNKNOWN = Truth
DAY_20 = Standing(day=20, sample=2000)


def a_result(kind: ConditionKind, ref: str, **changes: Any) -> ConditionResult:
    """A condition that is known to be false, unless changed."""
    result = ConditionResult(
        ref=ref,
        name="",
        kind=kind,
        scope="overall",
        metric="hours",
        data_state=DataState.USABLE,
        truth=FALSE,
        episode=CLEAR,
        value=20.0,
        baseline=20.0,
        change=0.0,
        low=None,
        high=None,
        limit=0.05,
        n=100,
        since=None,
        why=None,
        sentence=f"{ref} is told.",
        severity=Severity.SEV3,
    )
    return replace(result, **changes)


def threshold(ref: str = "T1", **changes: Any) -> ConditionResult:
    return a_result(ConditionKind.THRESHOLD, ref, **changes)


def stop(ref: str = "S1", **changes: Any) -> ConditionResult:
    return a_result(ConditionKind.STOP_CONDITION, ref, **changes)


def trigger(ref: str = "E1", **changes: Any) -> ConditionResult:
    return a_result(ConditionKind.ESCALATION_TRIGGER, ref, **changes)


def a_driver(state: DriverState, **changes: Any) -> DriverResult:
    return replace(DriverResult("D1", "Mix", state, "The mix is told.", required=True), **changes)


MET = {"truth": TRUE, "episode": FIRING}
STALE = {"truth": UNKNOWN, "data_state": DataState.STALE, "why": "stale"}
SMALL = {"truth": UNKNOWN, "data_state": DataState.TOO_SMALL, "why": "too_small"}
WAITING = {"truth": UNKNOWN, "data_state": DataState.AWAITING_FIRST, "why": "awaiting_first"}
NO_BASELINE = {"truth": UNKNOWN, "data_state": DataState.NO_BASELINE, "why": "no_baseline"}
MISSING = {"truth": UNKNOWN, "why": "missing_period"}


def headline(*found: ConditionResult | DriverResult, standing: Standing = DAY_20) -> Headline:
    conditions = [c for c in found if isinstance(c, ConditionResult)]
    drivers = [d for d in found if isinstance(d, DriverResult)]
    return decide_headline(enforced(conditions, drivers, standing))


@pytest.mark.parametrize(
    ("decided", "verdict", "reason"),
    [
        # 1 stop
        pytest.param(headline(stop(**MET)), "stop", "firing: S1", id="a stop condition fires"),
        pytest.param(
            headline(stop(episode=FIRING)), "stop", "firing: S1", id="it is back within its limit: latched"
        ),
        pytest.param(
            headline(stop(episode=FIRING, **STALE)), "stop", "firing: S1", id="its data is stale: latched"
        ),
        pytest.param(
            headline(stop(scope="high", **MET)), "stop", "firing: S1 high", id="the reason names the segment"
        ),
        pytest.param(
            headline(threshold(), stop(observe_only=True, **MET)),
            "on_track",
            "no_limit_passed",
            id="a stop that is only observed never reaches the headline",
        ),
        # 2 escalate
        pytest.param(headline(trigger(**MET)), "escalate", "firing: E1", id="a trigger fires"),
        pytest.param(
            headline(trigger(episode=RECOVERING)), "escalate", "firing: E1", id="until it has recovered"
        ),
        pytest.param(
            headline(threshold(), trigger(episode=PENDING, truth=TRUE)),
            "on_track",
            "no_limit_passed",
            id="a pending trigger is not one yet",
        ),
        pytest.param(
            headline(stop(must_watch=True, **STALE)),
            "escalate",
            "cannot_watch: S1",
            id="a stop that must be watched is blind",
        ),
        pytest.param(
            headline(stop(must_watch=True, **WAITING)),
            "early",
            "awaiting_first: S1",
            id="before the grace is over it only waits",
        ),
        pytest.param(headline(stop(**STALE)), "cannot_tell", "stale: S1", id="other stops may be blind"),
        pytest.param(
            headline(threshold(), trigger(observe_only=True, **MET)),
            "on_track",
            "no_limit_passed",
            id="an observed trigger is quiet",
        ),
        # 3 revisit
        pytest.param(
            headline(threshold(), a_driver(DriverState.MOVED)), "revisit", "driver_moved: D1", id="moved"
        ),
        pytest.param(
            headline(threshold(), a_driver(DriverState.UPDATE_DUE)),
            "revisit",
            "driver_update_due: D1",
            id="an update is overdue",
        ),
        pytest.param(
            headline(threshold(), a_driver(DriverState.MOVED, required=False)),
            "on_track",
            "no_limit_passed",
            id="a driver that is not required is a badge",
        ),
        pytest.param(
            headline(threshold(unsettled=True, **MET)), "revisit", "rule_edited: T1", id="an edited rule"
        ),
        pytest.param(
            headline(threshold(), stop(unsettled=True, observe_only=True)),
            "on_track",
            "no_limit_passed",
            id="an edited rule that is only observed",
        ),
        # 4 scale up
        pytest.param(headline(threshold(**MET), stop()), "scale_up", "all_met: T1", id="all is met"),
        pytest.param(
            headline(threshold(**MET), threshold("T2")), "on_track", "no_limit_passed", id="one is not"
        ),
        pytest.param(
            headline(threshold(**MET), threshold("T2", observe_only=True)),
            "scale_up",
            "all_met: T1",
            id="one that is only observed is not required",
        ),
        pytest.param(
            headline(threshold(**MET), stop(**SMALL)),
            "early",
            "too_small: S1",
            id="a stop that is unknown is not enough",
        ),
        pytest.param(
            headline(threshold(**MET), stop(**STALE)), "cannot_tell", "stale: S1", id="nor one that is stale"
        ),
        pytest.param(
            headline(threshold(**MET), stop(data_state=DataState.AWAITING_FIRST)),
            "on_track",
            "no_limit_passed",
            id="nor one that is false before there is data",
        ),
        pytest.param(
            headline(threshold(**MET), stop(truth=TRUE, episode=PENDING)),
            "on_track",
            "no_limit_passed",
            id="nor one that is past its limit and pending",
        ),
        pytest.param(
            headline(threshold(truth=TRUE, episode=PENDING), stop()),
            "on_track",
            "no_limit_passed",
            id="a pending threshold is not met",
        ),
        pytest.param(
            headline(threshold(episode=RECOVERING), stop()),
            "on_track",
            "no_limit_passed",
            id="one that is no longer met is not met",
        ),
        pytest.param(headline(stop()), "on_track", "no_limit_passed", id="no threshold is never scale-up"),
        pytest.param(
            headline(threshold(**MET), standing=Standing(day=9, sample=999, min_days=10)),
            "early",
            "stage_gates",
            id="the stage's days are a gate",
        ),
        pytest.param(
            headline(threshold(**MET), standing=Standing(day=9, sample=99, min_sample=100)),
            "early",
            "stage_gates",
            id="its sample too",
        ),
        pytest.param(
            headline(threshold(**MET), standing=Standing(10, 100, min_days=10, min_sample=100)),
            "scale_up",
            "all_met: T1",
            id="both reached",
        ),
        # 5 inconclusive
        pytest.param(
            headline(threshold(), stop(), standing=Standing(56, 900, is_over=True)),
            "inconclusive",
            "not_met: T1",
            id="the planned end, not met",
        ),
        pytest.param(
            headline(threshold(**STALE), stop(), standing=Standing(56, 900, is_over=True)),
            "inconclusive",
            "could_not_tell: T1",
            id="the planned end, could not tell",
        ),
        pytest.param(
            headline(threshold(**MET), stop(), standing=Standing(56, 900, is_over=True)),
            "scale_up",
            "all_met: T1",
            id="the planned end does not undo a scale-up",
        ),
        # 6 cannot tell
        pytest.param(headline(threshold(**STALE)), "cannot_tell", "stale: T1", id="stale"),
        pytest.param(headline(threshold(**NO_BASELINE)), "cannot_tell", "no_baseline: T1", id="no baseline"),
        pytest.param(
            headline(threshold(), stop(**MISSING)),
            "cannot_tell",
            "missing_period: S1",
            id="a missing reading",
        ),
        pytest.param(
            headline(threshold(**SMALL), stop(**STALE)),
            "cannot_tell",
            "stale: S1",
            id="what somebody owes is louder than patience",
        ),
        pytest.param(headline(), "cannot_tell", "no_conditions", id="no rule at all"),
        pytest.param(
            headline(threshold(observe_only=True, **MET)), "cannot_tell", "no_conditions", id="none enforced"
        ),
        # 7 early
        pytest.param(headline(threshold(**SMALL)), "early", "too_small: T1", id="too few cases"),
        pytest.param(headline(threshold(**WAITING)), "early", "awaiting_first: T1", id="no reading yet"),
        # 8 on track
        pytest.param(headline(threshold(), stop(), trigger()), "on_track", "no_limit_passed", id="otherwise"),
    ],
)
def test_headline(decided: Headline, verdict: str, reason: str) -> None:
    assert (decided.verdict.value, decided.reason) == (verdict, reason)


LOUDEST_FIRST = (
    stop(**MET),
    trigger(**MET),
    a_driver(DriverState.MOVED),
)


@pytest.mark.parametrize(
    ("louder", "quieter"), list(pairwise(LOUDEST_FIRST)), ids=["stop, escalate", "escalate, revisit"]
)
def test_the_louder_fact_is_the_headline(
    louder: ConditionResult | DriverResult, quieter: ConditionResult | DriverResult
) -> None:
    both = headline(threshold(**MET), louder, quieter)
    assert both == headline(louder)
    assert both != headline(quieter)


def test_verdicts_stand_in_order_of_precedence() -> None:
    over = Standing(56, 900, is_over=True)
    decided = [
        headline(*LOUDEST_FIRST, standing=over),
        headline(*LOUDEST_FIRST[1:], standing=over),
        headline(threshold(**MET), *LOUDEST_FIRST[2:], standing=over),
        headline(threshold(**MET), standing=over),
        headline(threshold(**STALE), standing=over),
        headline(threshold(**STALE), threshold("T2", **SMALL)),
        headline(threshold("T2", **SMALL), threshold()),
        headline(threshold()),
    ]
    assert [found.verdict for found in decided] == list(Verdict)


def facts(*conditions: ConditionResult) -> Facts:
    return enforced(conditions, (), DAY_20)


@pytest.mark.parametrize(
    ("found", "badge"),
    [
        pytest.param(facts(stop()), None, id="without thresholds nothing is said"),
        pytest.param(
            facts(threshold(**MET), threshold("T2", **MET), threshold("T3"), stop(**MET)),
            "Scale up: 2 of 3 met, blocked by S1",
            id="blocked by what fires",
        ),
        pytest.param(
            facts(threshold(**MET), stop(**SMALL), trigger(**MET)),
            "Scale up: 1 of 1 met, blocked by E1, waiting for S1",
            id="waiting for what is unknown",
        ),
        pytest.param(
            facts(threshold(scope="low", **MET), threshold(scope="high")),
            "Scale up: 0 of 1 met",
            id="a rule is met when it is met in each of its segments",
        ),
    ],
)
def test_scale_up_badge(found: Facts, badge: str | None) -> None:
    assert scale_up_badge(found) == badge
