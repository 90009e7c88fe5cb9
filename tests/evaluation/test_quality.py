"""The data state of a metric, first match, and who owes what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pilots.evaluation.owing import metric_words
from pilots.evaluation.quality import Quality, assess_quality, grace_of
from pilots.evaluation.vocabulary import DataState
from tests.evaluation.builders import START, a_baseline, a_metric, at_end_of, day

MICROSECOND = timedelta(microseconds=1)


def quality(*read: int, on_day: int, late: timedelta = timedelta(), **metric: Any) -> Quality:
    """Assess a metric that has readings of some days, at the end of a day."""
    days = [day(number) for number in read]
    now = at_end_of(on_day) + late
    return assess_quality(a_metric(**metric), days, start=START, timezone="UTC", now=now)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(
            quality(1, on_day=1, baseline=None), DataState.NO_BASELINE, id="no baseline comes first"
        ),
        pytest.param(
            quality(1, on_day=9, baseline=a_baseline(finalised_at=None)),
            DataState.NO_BASELINE,
            id="a baseline that is not final is none, even when the data is stale too",
        ),
        pytest.param(quality(on_day=1), DataState.AWAITING_FIRST, id="silent before the first is due"),
        pytest.param(quality(on_day=2), DataState.AWAITING_FIRST, id="and for the grace after"),
        pytest.param(quality(on_day=2, late=MICROSECOND), DataState.NO_DATA, id="then there is no data"),
        pytest.param(quality(5, on_day=5), DataState.USABLE, id="usable on the day of the reading"),
        pytest.param(quality(5, on_day=7), DataState.USABLE, id="usable until cadence and grace are over"),
        pytest.param(quality(5, on_day=7, late=MICROSECOND), DataState.STALE, id="stale an instant later"),
        pytest.param(
            quality(7, on_day=15, late=timedelta(hours=18), cadence_days=7),
            DataState.USABLE,
            id="a weekly metric has a quarter of a week of grace",
        ),
        pytest.param(
            quality(7, on_day=15, late=timedelta(hours=18, seconds=1), cadence_days=7),
            DataState.STALE,
            id="and not a second more",
        ),
        pytest.param(quality(5, on_day=9, grace_days=3), DataState.USABLE, id="grace can be set"),
        pytest.param(
            quality(5, on_day=6, late=MICROSECOND, grace_days=0), DataState.STALE, id="grace can be none"
        ),
        pytest.param(
            quality(on_day=30, no_entry_is_zero=True), DataState.USABLE, id="no entry can mean zero"
        ),
    ],
)
def test_data_state(found: Quality, expected: DataState) -> None:
    assert found.state is expected


@pytest.mark.parametrize(
    ("cadence", "hours"), [(1, 24), (4, 24), (7, 42), (28, 168)], ids=lambda number: f"{number}"
)
def test_grace_is_a_quarter_of_the_cadence_and_at_least_a_day(cadence: int, hours: int) -> None:
    assert grace_of(a_metric(cadence_days=cadence)) == timedelta(hours=hours)


def test_grace_ends_at_the_same_hour_when_the_clocks_change() -> None:
    friday = day(82)  # 27 March 2026; on the 29th the clocks go forward
    found = assess_quality(a_metric(), [friday], start=START, timezone="Europe/Amsterdam", now=at_end_of(82))
    assert found.overdue_after == at_end_of(84, "Europe/Amsterdam")


@pytest.mark.parametrize(
    ("found", "owner", "sentence"),
    [
        pytest.param(
            quality(5, on_day=9),
            "Priya Nair",
            "Resolution time: no readings since Fri 9 Jan. Priya Nair owes 4 days.",
            id="stale names the last day and counts what is owed",
        ),
        pytest.param(
            quality(on_day=4),
            "",
            "Resolution time: no readings yet. Nobody is named who owes 4 days.",
            id="a missing owner is said too",
        ),
        pytest.param(
            quality(on_day=1),
            "Priya Nair",
            "Resolution time: the first readings are due Mon 5 Jan.",
            id="waiting is said without blame",
        ),
        pytest.param(
            quality(on_day=1, baseline=None),
            "Priya Nair",
            "Resolution time: no final baseline yet. Priya Nair owes it.",
            id="a baseline is owed",
        ),
        pytest.param(
            quality(5, on_day=5), "Priya Nair", "Resolution time: readings to Fri 9 Jan.", id="usable"
        ),
    ],
)
def test_the_sentence_names_who_owes_what(found: Quality, owner: str, sentence: str) -> None:
    assert metric_words(a_metric(owner=owner), found, timezone="UTC") == sentence
