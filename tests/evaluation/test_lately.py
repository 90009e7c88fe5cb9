"""The last four weeks alone: harm that began late shows there while the whole still looks well."""

from __future__ import annotations

import pytest

from pilots.evaluation.lately import Lately, changes_lately, lately_words
from pilots.evaluation.series import Series
from pilots.evaluation.specs import MetricSpec, Reading
from tests.evaluation.builders import START, a_baseline, condition, day, days_of
from tests.evaluation.interval_stories import TIERS, hours, piloted, seen, stop

BEFORE = days_of([19.8, 20.0, 20.2, 20.0] * 7, first=-27)


def lately(
    days: list[Reading], *, on_day: int, metric: MetricSpec | None = None, scope: str = "overall"
) -> Lately | None:
    asked = metric or hours()
    pilot = piloted(metrics=(asked,), dimensions=TIERS)
    found = changes_lately(pilot, asked, Series([*BEFORE, *days]), [scope], day=day(on_day))
    return found.get(scope)


def wobbling(level: float, count: int, *, first: int = 1) -> list[Reading]:
    return days_of([level + (number % 3 - 1) * 0.2 for number in range(count)], first=first)


def test_harm_that_began_after_two_months_is_seen_at_its_size_there() -> None:
    days = [*wobbling(20.0, 60), *wobbling(22.0, 30, first=61)]
    whole = condition(seen(stop(), days=days, on_day=90, before=BEFORE), "S1").change
    found = lately(days, on_day=90)
    assert whole == pytest.approx(0.033, abs=0.005)
    assert found is not None
    assert found.change == pytest.approx(0.1, abs=0.005)
    assert 0 < found.low < found.change < found.high
    assert found.until == day(90)


def test_it_is_estimated_as_a_pilot_of_these_days_alone_would_be() -> None:
    days = [*wobbling(20.0, 62), *wobbling(18.0, 28, first=63)]
    alone = piloted(stop(), start=day(63))
    found = lately(days, on_day=90)
    assert found is not None
    assert found.change == pytest.approx(
        condition(seen(stop(), days=days, on_day=90, before=BEFORE, start=alone.start), "S1").change
    )


@pytest.mark.parametrize(
    ("on_day", "count", "metric", "known"),
    [
        pytest.param(28, 28, hours(), True, id="28 days are enough"),
        pytest.param(27, 27, hours(), False, id="27 are not"),
        pytest.param(30, 30, hours(maturity_days=2), True, id="days that still settle are not among them"),
        pytest.param(29, 29, hours(maturity_days=2), False, id="nor do they count"),
        pytest.param(50, 35, hours(), False, id="half of the days without readings"),
        pytest.param(
            40, 40, hours(baseline=a_baseline(finalised_at=None)), False, id="a baseline that is not final"
        ),
        pytest.param(40, 40, hours(baseline=None), False, id="no baseline"),
    ],
)
def test_from_when_it_is_known(on_day: int, count: int, metric: MetricSpec, known: bool) -> None:
    assert (lately(wobbling(20.0, count), on_day=on_day, metric=metric) is not None) is known


def test_days_of_an_earlier_stage_are_none_of_this_one() -> None:
    stage = piloted().running_stage
    assert stage.first_day == START
    metric = hours()
    later = piloted(metrics=(metric,), start=day(20))
    series = Series([*BEFORE, *wobbling(20.0, 46)])
    assert not changes_lately(later, metric, series, ["overall"], day=day(46))
    assert changes_lately(later, metric, series, ["overall"], day=day(47)) != {}


def test_a_scope_without_cases_before_says_nothing() -> None:
    assert lately(wobbling(20.0, 40), on_day=40, scope="premium") is None


@pytest.mark.parametrize(
    ("change", "low", "high", "says"),
    [
        pytest.param(-0.06, -0.09, -0.03, "6% lower (between 3% and 9% lower)", id="a change"),
        pytest.param(0.01, -0.02, 0.04, "1% higher (between 2% lower and 4% higher)", id="either way"),
        pytest.param(0.0, -0.02, 0.02, "no change (between 2% lower and 2% higher)", id="no change"),
    ],
)
def test_words(change: float, low: float, high: float, says: str) -> None:
    words = lately_words(Lately(change, low, high, day(90)))
    assert words == (
        f"Over the last 28 days, to Sat 4 Apr: {says}. This is information; no verdict follows from it."
    )
