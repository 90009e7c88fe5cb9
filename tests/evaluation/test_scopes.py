"""Which segments a condition looks at."""

from __future__ import annotations

import pytest

from pilots.evaluation.scopes import Dimensions, categories, expand_scopes, is_known, members
from tests.evaluation.builders import a_stop

ONE: Dimensions = {"severity": ("low", "high")}
TWO: Dimensions = {"tier": ("gold", "basic"), "severity": ("low", "high")}
SEGMENTS = ("tier=gold|severity=low", "tier=gold|severity=high", "tier=basic|severity=low")


@pytest.mark.parametrize(
    ("scope", "dimensions", "expected"),
    [
        pytest.param("overall", ONE, ("overall",), id="overall is one"),
        pytest.param("high", ONE, ("high",), id="a segment is itself"),
        pytest.param("each:severity", ONE, ("low", "high"), id="each of one dimension: bare categories"),
        pytest.param("each:tier", TWO, ("tier=gold", "tier=basic"), id="each of several: marginal"),
        pytest.param("gap:tier", TWO, ("gap:tier",), id="a gap is one answer"),
        pytest.param("each:region", TWO, ("each:region",), id="an unknown dimension is kept to be answered"),
        pytest.param("each:tier", {}, ("each:tier",), id="without dimensions too"),
    ],
)
def test_a_condition_is_judged_in(scope: str, dimensions: Dimensions, expected: tuple[str, ...]) -> None:
    assert expand_scopes(a_stop(scope=scope), dimensions) == expected


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        pytest.param("overall", SEGMENTS, id="overall holds every segment"),
        pytest.param("tier=gold", SEGMENTS[:2], id="a margin holds its segments"),
        pytest.param("tier=gold|severity=high", SEGMENTS[1:2], id="a segment holds itself"),
        pytest.param("severity=high|tier=gold", SEGMENTS[1:2], id="the order of parts means nothing"),
        pytest.param("tier=silver", (), id="an unknown category holds nothing"),
    ],
)
def test_members_of_a_scope(scope: str, expected: tuple[str, ...]) -> None:
    assert members(scope, SEGMENTS, TWO) == frozenset(expected)


def test_a_bare_category_and_its_full_name_are_the_same() -> None:
    assert members("severity=high", ("high", "low"), ONE) == {"high"}
    assert categories("severity", ONE) == ("low", "high")


@pytest.mark.parametrize(
    ("scope", "dimensions", "known"),
    [
        pytest.param("overall", {}, True, id="overall always"),
        pytest.param("all", {}, True, id="the one segment without dimensions"),
        pytest.param("high", {}, False, id="no segment without dimensions"),
        pytest.param("high", ONE, True, id="a bare category"),
        pytest.param("urgent", ONE, False, id="a category that is not there"),
        pytest.param("tier=gold", TWO, True, id="a margin"),
        pytest.param("gold", TWO, False, id="a bare category of several dimensions"),
        pytest.param("gap:tier", TWO, True, id="a gap"),
        pytest.param("gap:region", TWO, False, id="a gap of no dimension"),
        pytest.param("each:region", TWO, False, id="each of no dimension"),
    ],
)
def test_whether_a_scope_exists(scope: str, dimensions: Dimensions, known: bool) -> None:
    assert is_known(scope, dimensions) is known
