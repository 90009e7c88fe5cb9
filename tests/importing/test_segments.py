"""Every segment has one name, however it is written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilots.importing.segments import Dimensions, canonical_scope, canonical_segment, segments_of

SEVERITY: Dimensions = {"severity": ("low", "high")}
TWO: Dimensions = {"tier": ("gold", "basic"), "severity": ("low", "high")}


@pytest.mark.parametrize(
    ("dimensions", "names"),
    [
        pytest.param({}, ("all",), id="without dimensions there is one"),
        pytest.param(SEVERITY, ("low", "high"), id="one dimension: the bare category"),
        pytest.param({"only": ("x",)}, ("x",), id="a dimension may have one category"),
        pytest.param(
            TWO,
            (
                "tier=gold|severity=low",
                "tier=gold|severity=high",
                "tier=basic|severity=low",
                "tier=basic|severity=high",
            ),
            id="several: the cross product in declared order",
        ),
    ],
)
def test_segments(dimensions: Dimensions, names: tuple[str, ...]) -> None:
    assert segments_of(dimensions) == names


@pytest.mark.parametrize(
    ("text", "dimensions", "name"),
    [
        ("severity=high|tier=gold", TWO, "tier=gold|severity=high"),
        (" severity = high | tier = gold ", TWO, "tier=gold|severity=high"),
        ("severity=high", SEVERITY, "high"),
        ("", {}, "all"),
        ("tier=gold", TWO, None),
        ("tier=gold|tier=basic", TWO, None),
        ("tier=gold|severity=odd", TWO, None),
        ("gold", TWO, None),
        ("all", SEVERITY, None),
        ("", SEVERITY, None),
    ],
)
def test_a_segment_is_read_in_any_order_or_not_at_all(
    text: str, dimensions: Dimensions, name: str | None
) -> None:
    assert canonical_segment(text, dimensions) == name


@settings(deadline=None)
@given(st.data())
def test_every_segment_reads_back_in_every_order(data: st.DataObject) -> None:
    word = st.text("abcxyz", min_size=1, max_size=3)
    categories = st.lists(word, min_size=1, max_size=3, unique=True).map(tuple)
    dimensions = data.draw(st.dictionaries(word, categories, min_size=1, max_size=3))
    for name in segments_of(dimensions):
        shuffled = data.draw(st.permutations(name.split("|")))
        assert canonical_segment("|".join(shuffled), dimensions) == name


@pytest.mark.parametrize(
    ("text", "dimensions", "scope"),
    [
        ("overall", TWO, "overall"),
        ("all", {}, "overall"),
        ("each:tier", TWO, "each:tier"),
        ("gap: severity", TWO, "gap:severity"),
        ("tier=gold", TWO, "tier=gold"),
        ("severity=low|tier=gold", TWO, "tier=gold|severity=low"),
        ("high", SEVERITY, "high"),
    ],
)
def test_a_scope_has_one_spelling(text: str, dimensions: Dimensions, scope: str) -> None:
    assert canonical_scope(text, dimensions) == scope


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("each:teir", "unknown dimension 'teir'; did you mean 'tier'?"),
        ("tier=golden", "did you mean"),
        ("everything", "unknown segment 'everything'"),
    ],
)
def test_an_unknown_scope_is_refused_with_what_exists(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason.replace("?", r"\?")):
        canonical_scope(text, TWO)
