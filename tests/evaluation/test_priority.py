"""The score of an alert is the sum of parts that are shown, and never more than 100."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilots.evaluation.priority import Urgency, score_of
from pilots.evaluation.vocabulary import Severity

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
numbers = st.floats(min_value=-1e6, max_value=1e6)


def points(**urgency: object) -> list[int]:
    urgency = {"severity": Severity.SEV2} | urgency
    return [part.points for part in score_of(Urgency(**urgency)).parts]  # type: ignore[arg-type]


def words(**urgency: object) -> list[str]:
    urgency = {"severity": Severity.SEV2} | urgency
    return [part.words for part in score_of(Urgency(**urgency)).parts]  # type: ignore[arg-type]


@given(
    st.builds(
        Urgency,
        severity=st.sampled_from(Severity),
        share=st.none() | st.floats(min_value=0, max_value=1),
        found=st.none() | numbers,
        limit=st.none() | numbers,
        below=st.booleans(),
        days=st.none() | st.integers(min_value=0, max_value=4000),
        waited=st.none() | st.timedeltas(min_value=timedelta(0), max_value=400 * DAY),
    )
)
def test_a_score_lies_between_its_severity_and_100(urgency: Urgency) -> None:
    score = score_of(urgency)
    assert score.parts[0].points <= score.points <= 100
    assert all(part.points >= 0 for part in score.parts)


def test_a_graver_alert_that_just_came_stands_above_a_lesser_one_that_waited() -> None:
    fresh = score_of(Urgency(Severity.SEV1, waited=timedelta(0)))
    lesser = score_of(Urgency(Severity.SEV3, share=0.1, waited=DAY))
    assert fresh.points > lesser.points


@pytest.mark.parametrize(
    ("share", "given"),
    [
        pytest.param(None, 0, id="what nobody knows counts nothing, and says so"),
        pytest.param(0.0, 0, id="nobody"),
        pytest.param(0.01, 1, id="one in a hundred"),
        pytest.param(0.23, 9, id="a quarter"),
        pytest.param(0.44, 16, id="nearly half"),
        pytest.param(1.0, 16, id="everybody"),
    ],
)
def test_accounts_count_by_their_share(share: float | None, given: int) -> None:
    assert points(share=share)[1] == given


def test_an_unknown_share_is_called_provisional_and_none_is_called_none() -> None:
    assert "not known: provisional" in words(share=None)[1]
    assert words(share=0.0)[1] == "Accounts affected, none"


@pytest.mark.parametrize(
    ("urgency", "given"),
    [
        pytest.param({"found": 0.10, "limit": 0.20}, 0, id="not past it"),
        pytest.param({"found": 0.31, "limit": 0.20}, 7, id="half as far again"),
        pytest.param({"found": 0.90, "limit": 0.20}, 12, id="far past it"),
        pytest.param({"found": -0.31, "limit": -0.20, "below": True}, 7, id="less is worse"),
        pytest.param({"found": 5.0, "limit": 10.0, "below": True, "fractions": False}, 6, id="a value"),
        pytest.param({"found": 0.01, "limit": 0.0}, 12, id="a limit of nothing is passed at once"),
        pytest.param({"days": 4}, 4, id="a point for each day late"),
        pytest.param({"days": 40}, 12, id="but no more than there are"),
    ],
)
def test_distance_counts_by_the_size_of_the_limit(urgency: dict[str, object], given: int) -> None:
    assert points(**urgency)[2] == given


@pytest.mark.parametrize(
    ("severity", "waited", "given"),
    [
        pytest.param(Severity.SEV1, HOUR, 3, id="an hour of SEV1"),
        pytest.param(Severity.SEV2, HOUR, 1, id="an hour of SEV2"),
        pytest.param(Severity.SEV2, 3 * DAY, 12, id="past the day of SEV2"),
        pytest.param(Severity.SEV4, DAY, 2, id="a day of SEV4"),
        pytest.param(Severity.SEV1, None, 0, id="somebody has it"),
    ],
)
def test_waiting_counts_by_how_soon_an_answer_is_due(
    severity: Severity, waited: timedelta | None, given: int
) -> None:
    assert points(severity=severity, waited=waited)[3] == given


def test_every_part_is_said() -> None:
    said = words(share=0.44, found=0.09, limit=0.05, waited=3 * HOUR)
    assert said == [
        "Severity SEV2",
        "Accounts affected, 44%",
        "Distance past the limit, 9% against 5%",
        "3 hours without an answer",
    ]
