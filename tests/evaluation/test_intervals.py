"""The interval method at a look: what is proven, what is not, and what keeps it from being told."""

from __future__ import annotations

from math import log
from typing import Any

import pytest

from pilots.evaluation.moments import Moments
from pilots.evaluation.specs import ConditionSpec, DriverSpec, Reading
from pilots.evaluation.vocabulary import Arm, DataState, Direction, Episode, MetricKind, Truth, Verdict
from tests.evaluation.builders import a_baseline, a_reading, a_threshold, condition, day, days_of
from tests.evaluation.interval_stories import hours, judged, seen, stop, threshold, trigger


@pytest.mark.parametrize(
    ("rule", "mean", "on_day", "truth"),
    [
        pytest.param(threshold(), 18.0, 14, Truth.TRUE, id="10% better is proven beyond 5%"),
        pytest.param(threshold(), 18.0, 13, Truth.UNKNOWN, id="not before day 14"),
        pytest.param(threshold(), 18.9, 14, Truth.FALSE, id="5.5% better is not proven beyond 5%"),
        pytest.param(threshold(), 19.2, 55, Truth.FALSE, id="4% better is not 5%"),
        pytest.param(threshold(limit=0.0), 19.2, 20, Truth.TRUE, id="any proven change is enough for 0%"),
        pytest.param(threshold(limit=0.0), 20.0, 55, Truth.FALSE, id="no change is none"),
        pytest.param(stop(), 25.0, 7, Truth.TRUE, id="25% worse is past 20% on day 7"),
        pytest.param(stop(), 25.0, 6, Truth.UNKNOWN, id="not before day 7"),
        pytest.param(stop(), 24.0, 7, Truth.TRUE, id="worse is proven and the estimate lies on the limit"),
        pytest.param(stop(), 23.9, 55, Truth.FALSE, id="worse is proven, but the limit is not reached"),
        pytest.param(stop(limit=0.01), 20.3, 7, Truth.FALSE, id="past the limit, but not proven worse"),
        pytest.param(stop(limit=0.0), 20.0, 55, Truth.FALSE, id="no change is no harm"),
        pytest.param(trigger(), 22.5, 7, Truth.TRUE, id="a trigger uses the rule of a stop"),
    ],
)
def test_truth(rule: ConditionSpec, mean: float, on_day: int, truth: Truth) -> None:
    assert judged(rule, days=days_of([mean] * 55), on_day=on_day).truth is truth


@pytest.mark.parametrize(
    ("mean", "better"),
    [pytest.param(22.2, True, id="higher"), pytest.param(18.0, False, id="lower")],
)
def test_higher_can_be_better(mean: float, better: bool) -> None:
    metrics = (hours(direction=Direction.HIGHER_IS_BETTER),)
    rules = (threshold(), stop(limit=0.05))
    result = seen(*rules, days=days_of([mean] * 14), on_day=14, metrics=metrics)
    truths = [condition(result, ref).truth is Truth.TRUE for ref in ("T1", "S1")]
    assert truths == [better, not better]


def test_numbers_are_fractions_with_the_sign_of_the_data() -> None:
    found = judged(threshold(), days=days_of([18.0] * 14), on_day=14)
    assert found.change == pytest.approx(-0.1)
    assert (found.value, found.baseline, found.n) == pytest.approx((18.0, 20.0, 1400))
    assert found.low is not None
    assert found.high is not None
    assert found.low < -0.1 < found.high < -0.05
    assert log(1 + found.high) - log(0.9) == pytest.approx(log(0.9) - log(1 + found.low))


def mixed(share: float, factor: float = 1.0, *, count: int, first: int = 1) -> list[Reading]:
    """Days of basic cases at 10 hours and premium ones at 40, of which a share is premium."""
    return [
        a_reading(number, hours, segment=tier, n=n)
        for number in range(first, first + count)
        for tier, hours, n in (
            ("basic", 10.0 * factor, round(100 * (1 - share))),
            ("premium", 40.0 * factor, round(100 * share)),
        )
    ]


TIERS = {"tier": ("basic", "premium")}
HALF = mixed(0.5, count=28, first=-27)


def test_easier_cases_alone_never_scale_up_and_the_split_says_so() -> None:
    found = judged(threshold(), days=mixed(0.25, count=20), before=HALF, on_day=20, dimensions=TIERS)
    assert found.truth is Truth.FALSE
    assert found.change == pytest.approx(0.0, abs=1e-9)
    assert found.interval is not None
    assert found.interval.raw == pytest.approx(-0.3)
    assert found.interval.mix == pytest.approx(-0.3)
    assert found.split == "Raw change −30% = −30% easier cases, 0% the same cases."


def test_harm_hidden_by_easier_cases_stops_and_the_raw_number_misleads() -> None:
    result = seen(stop(), days=mixed(0.25, 1.25, count=20), before=HALF, on_day=20, dimensions=TIERS)
    assert result.verdict is Verdict.STOP
    assert "The raw number misleads: S1" in result.badges
    assert condition(result, "S1").split == "Raw change −12% = −30% easier cases, +25% the same cases."


def rates(rate: float, *, first: int = 1, count: int = 14) -> list[Reading]:
    moments = Moments(200, 200 * rate, 200 * rate)
    return [a_reading(number, moments=moments) for number in range(first, first + count)]


USUAL = days_of([18.0] * 20)
FEW = days_of([18.0] * 20, n=9)
STALE_READING = days_of([18.0] * 16)


@pytest.mark.parametrize(
    ("story", "why", "state"),
    [
        pytest.param({"on_day": 13}, "first_look", DataState.TOO_SMALL, id="too early"),
        pytest.param({"days": FEW, "on_day": 20}, "too_small", DataState.TOO_SMALL, id="180 of 200 cases"),
        pytest.param(
            {"days": [r for r in USUAL if r.day.weekday() < 5] + [a_reading(6, 18.0, n=9)]},
            "thin_cell",
            DataState.TOO_SMALL,
            id="nine cases at weekends",
        ),
        pytest.param(
            {"days": days_of([18.0 if n % 3 != 1 else None for n in range(1, 21)])},
            "missing_days",
            DataState.USABLE,
            id="a third of the days is missing",
        ),
        pytest.param(
            {"days": [*USUAL, *days_of([18.0] * 20, segment="new", n=6)]},
            "new_segment",
            DataState.USABLE,
            id="6% of the cases are of a new kind",
        ),
        pytest.param(
            {"drivers": (DriverSpec("D1", "Seats", baseline_value=100.0, current_value=120.0),)},
            "driver_moved",
            DataState.USABLE,
            id="a number moved that cannot be taken out",
        ),
        pytest.param(
            {"metrics": (hours(baseline=a_baseline(moments={}, first_day=day(-26))),)},
            "short_baseline",
            DataState.NO_BASELINE,
            id="27 days before",
        ),
        pytest.param(
            {"metrics": (hours(baseline=a_baseline(moments={}, finalised_at=None)),)},
            "no_baseline",
            DataState.NO_BASELINE,
            id="a baseline that is not final",
        ),
        pytest.param({"before": []}, "no_baseline", DataState.NO_BASELINE, id="no readings before"),
        pytest.param({"days": STALE_READING, "on_day": 20}, "stale", DataState.STALE, id="old readings"),
        pytest.param(
            {"days": [*USUAL, *days_of([18.0] * 20, arm=Arm.CONTROL)]},
            "no_control_baseline",
            DataState.NO_BASELINE,
            id="a comparison group without a baseline",
        ),
        pytest.param(
            {
                "metrics": (hours(kind=MetricKind.RATE),),
                "before": rates(0.5, first=-27, count=28),
                "days": rates(0.0, count=20),
            },
            "zero_level",
            DataState.USABLE,
            id="a rate of zero",
        ),
        pytest.param(
            {
                "metrics": (hours(kind=MetricKind.RATE),),
                "before": rates(0.0, first=-27, count=28),
                "days": rates(0.5, count=20),
            },
            "zero_baseline",
            DataState.NO_BASELINE,
            id="a rate of zero before",
        ),
        pytest.param(
            {"before": days_of([0.0] * 28, first=-27), "days": days_of([0.0] * 20)},
            "zero_baseline",
            DataState.NO_BASELINE,
            id="nothing but zeros",
        ),
        pytest.param(
            {"before": days_of([-3.0] * 28, first=-27), "days": days_of([-3.0] * 20)},
            "zero_baseline",
            DataState.NO_BASELINE,
            id="values below zero",
        ),
        pytest.param(
            {
                "metrics": (hours(kind=MetricKind.RATE),),
                "before": rates(1.0, first=-27, count=28),
                "days": rates(1.0, count=20),
            },
            "zero_variance",
            DataState.USABLE,
            id="a rate without any spread",
        ),
        pytest.param(
            {
                "metrics": (hours(kind=MetricKind.RATE),),
                "before": rates(0.5, first=-27, count=28),
                "days": rates(-0.5, count=20),
            },
            "negative_values",
            DataState.USABLE,
            id="a rate below zero",
        ),
    ],
)
def test_unknown_has_a_named_reason_and_a_sentence(story: dict[str, Any], why: str, state: DataState) -> None:
    found = judged(threshold(), **{"days": USUAL, "on_day": 20, **story})
    assert (found.truth, found.why, found.data_state) == (Truth.UNKNOWN, why, state)
    assert (found.low, found.high) == (None, None)
    assert found.sentence.endswith(".")
    assert found.value is None or found.value != 0 or why == "zero_level"


def test_more_than_forty_kinds_of_cases_are_refused_by_name() -> None:
    names = tuple(f"s{number:02}" for number in range(41))
    before = [a_reading(n, 20.0, segment=s, n=20) for n in range(-27, 1) for s in names]
    days = [a_reading(n, 20.0, segment=s, n=20) for n in range(1, 15) for s in names]
    found = judged(threshold(), before=before, days=days, on_day=14, dimensions={"kind": names})
    assert found.why == "too_many_cells"
    assert "more than 40 kinds of cases" in found.sentence


def test_weekends_that_are_merged_to_stay_below_forty_kinds_are_said() -> None:
    names = tuple(f"s{number:02}" for number in range(25))
    before = [a_reading(n, 20.0, segment=s, n=20) for n in range(-27, 1) for s in names]
    days = [a_reading(n, 20.0, segment=s, n=20) for n in range(1, 15) for s in names]
    found = judged(threshold(), before=before, days=days, on_day=14, dimensions={"kind": names})
    assert found.why is None
    assert "Weekends are compared together with weekdays" in found.sentence


def test_a_total_or_a_plain_value_is_not_judged_by_its_interval() -> None:
    found = judged(threshold(), days=USUAL, on_day=20, metrics=(hours(kind=MetricKind.TOTAL),))
    assert found.why == "not_by_interval"
    assert found.sentence == (
        "T1: only a change against the baseline, and no total, is judged by its interval."
    )


def test_what_is_proven_worse_short_of_the_limit_escalates() -> None:
    result = seen(threshold(), stop(), days=days_of([22.0] * 20), on_day=20)
    assert (result.verdict, result.reason) == (Verdict.ESCALATE, "harm_proven: S1")
    assert "Worse is proven, short of your stop limit, day 20, from 2,000 cases." in result.sentence


def test_a_stop_is_latched_and_names_its_day() -> None:
    result = seen(stop(), days=days_of([25.0] * 8 + [15.0] * 20), on_day=28)
    assert result.verdict is Verdict.STOP
    assert condition(result, "S1").since == day(7)


def with_a_wrong_day(number: int) -> list[Reading]:
    means: list[float | None] = [18.0] * 20
    means[number - 1] = 18.0 * 60
    return days_of(means)


def test_an_implausible_day_holds_a_scale_up_back_and_is_named() -> None:
    result = seen(threshold(), days=with_a_wrong_day(15), on_day=20)
    assert (result.verdict, result.reason) == (Verdict.CANNOT_TELL, "held_back: T1")
    found = condition(result)
    assert found.truth is Truth.TRUE
    assert found.change == pytest.approx(-0.1)
    assert "Left out, for it cannot be right: Mon 19 Jan (all). Priya Nair owes a check." in found.sentence
    assert "Held back while Mon 19 Jan (all) is among the last seven days." in found.sentence


def test_after_seven_days_it_holds_nothing_back() -> None:
    assert seen(threshold(), days=with_a_wrong_day(13), on_day=20).verdict is Verdict.SCALE_UP


def test_at_the_planned_end_a_held_scale_up_could_not_be_told() -> None:
    result = seen(threshold(), days=with_a_wrong_day(15), on_day=20, end=day(20))
    assert (result.verdict, result.reason) == (Verdict.INCONCLUSIVE, "could_not_tell: T1")


def test_a_stop_is_not_held_back() -> None:
    means: list[float | None] = [*[25.0] * 9, 25.0 * 60]
    assert seen(stop(), days=days_of(means), on_day=10).verdict is Verdict.STOP


def test_an_immature_implausible_day_holds_back_too() -> None:
    result = seen(threshold(), days=with_a_wrong_day(20), on_day=20, metrics=(hours(maturity_days=3),))
    assert result.reason == "held_back: T1"


def test_a_comparison_group_is_taken_off() -> None:
    """Both fell by a tenth: something else changed, and the pilot did nothing."""
    control = days_of([30.0] * 28, first=-27, arm=Arm.CONTROL)
    control += days_of([27.0] * 20, arm=Arm.CONTROL)
    result = seen(threshold(), days=[*USUAL, *control], on_day=20)
    found = condition(result)
    assert found.truth is Truth.FALSE
    assert found.change == pytest.approx(0.0, abs=1e-9)
    assert "less what the comparison group did" in found.sentence
    assert not [badge for badge in result.badges if "comparison group" in badge.lower()]


def test_looking_every_day_is_said_to_be_safe_only_where_it_is() -> None:
    safe = "Looking every day is safe: the limits allow for it"
    unsafe = "Looked at often: the limits do not allow for repeated looks"
    assert safe in seen(threshold(), days=USUAL, on_day=20).badges
    assert unsafe in seen(threshold(), a_threshold("T2"), days=USUAL, on_day=20).badges


@pytest.mark.parametrize(
    ("rule", "means", "sentence"),
    [
        pytest.param(
            threshold(),
            [18.0] * 14,
            "Resolution time is 10% lower than the baseline on the same mix of cases "
            "(likely between 6.3% and 14% lower): 18 h, where it was 20 h. "
            "Your rule needs at least 5% lower. Proven: met, day 14, from 1,400 cases.",
            id="met",
        ),
        pytest.param(
            threshold(),
            [18.6] * 14,
            "Resolution time is 7% lower than the baseline on the same mix of cases "
            "(likely between 3.1% and 11% lower): 18.6 h, where it was 20 h. "
            "Your rule needs at least 5% lower. Not proven either way, day 14, from 1,400 cases; "
            "at this size of change more cases alone will not tell.",
            id="not proven",
        ),
        pytest.param(
            threshold(),
            [20.0] * 40,
            "Resolution time is as it was before on the same mix of cases "
            "(likely between 2.9% lower and 3% higher): 20 h. Your rule needs at least 5% lower. "
            "Proven: not met, day 40, from 4,000 cases.",
            id="proven not met",
        ),
        pytest.param(
            stop(),
            [25.0] * 7,
            "Resolution time is 25% higher than the baseline on the same mix of cases "
            "(likely between 18% and 32% higher): 25 h, where it was 20 h. You said stop at 20% higher. "
            "Proven: past this limit since Sun 11 Jan, day 7, from 700 cases.",
            id="stop",
        ),
        pytest.param(
            stop(),
            [20.2] * 7,
            "Resolution time is 1% higher than the baseline on the same mix of cases "
            "(likely between 4.5% lower and 6.8% higher): 20.2 h, where it was 20 h. "
            "You said stop at 20% higher. No harm is proven, day 7, from 700 cases.",
            id="no harm",
        ),
    ],
)
def test_sentence(rule: ConditionSpec, means: list[float | None], sentence: str) -> None:
    assert judged(rule, days=days_of(means), on_day=len(means)).sentence == sentence


def test_an_open_question_says_when_to_expect_an_answer() -> None:
    found = judged(threshold(), days=days_of([18.3] * 14), on_day=14)
    assert found.interval is not None
    assert found.interval.known_by is not None
    assert found.interval.known_by > 14
    expected = f"at this volume expect to know by about day {found.interval.known_by}."
    assert found.sentence.endswith(expected)
    later = judged(threshold(), days=days_of([18.3] * 55), on_day=min(55, found.interval.known_by))
    assert later.truth is Truth.TRUE


def test_an_early_warning_needs_proof_too() -> None:
    loud = judged(stop(), days=days_of([30.0] * 3), on_day=3)
    quiet = judged(stop(limit=0.01), days=days_of([20.3] * 3), on_day=3)
    assert (loud.early_warning, quiet.early_warning) == (True, False)


def test_a_trigger_recovers_when_its_harm_is_no_longer_proven() -> None:
    days = days_of([22.5] * 7 + [18.0] * 12)
    episodes = [judged(trigger(), days=days, on_day=number).episode for number in (7, 8, 19)]
    assert episodes[0] is Episode.FIRING
    assert episodes[-1] is Episode.CLEAR


def test_a_geometric_mean_changes_by_its_own_fraction() -> None:
    """Half of the logarithms lie .5 above the level and half below; the pilot's are 10% lower."""
    before, after = (Moments(100, 100 * level, 100 * (level**2 + 0.25)) for level in (log(21), log(21 * 0.9)))
    metrics = (hours(kind=MetricKind.GEOMETRIC_MEAN),)
    found = judged(
        threshold(),
        metrics=metrics,
        before=[a_reading(number, moments=before) for number in range(-27, 1)],
        days=[a_reading(number, moments=after) for number in range(1, 21)],
        on_day=20,
    )
    assert found.change == pytest.approx(-0.1)
    assert (found.value, found.baseline) == pytest.approx((17.9, 20.0))


@pytest.mark.parametrize(
    ("days", "why", "words"),
    [
        pytest.param((7, 14), None, "", id="the third is due today"),
        pytest.param((7,), "missing_days", "1 of 2 readings is missing", id="the second is missing"),
    ],
)
def test_a_weekly_metric_lacks_readings_and_not_days(
    days: tuple[int, ...], why: str | None, words: str
) -> None:
    before = [a_reading(number, 20.0, n=700) for number in (-21, -14, -7, 0)]
    weekly = (hours(cadence_days=7, grace_days=14),)
    readings = [a_reading(number, 18.0, n=700) for number in days]
    found = judged(threshold(), metrics=weekly, before=before, days=readings, on_day=21)
    assert found.why == why
    assert words in found.sentence
