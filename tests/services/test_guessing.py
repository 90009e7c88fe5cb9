from __future__ import annotations

import pytest

from pilots.evaluation.vocabulary import Direction
from pilots.models import Risk
from pilots.services.guessing import direction_of, signal_of

LOWER, HIGHER = Direction.LOWER_IS_BETTER, Direction.HIGHER_IS_BETTER


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        ("Waiting time", LOWER),
        ("cost per parcel", LOWER),
        ("Error rate", LOWER),
        ("satisfaction of callers", HIGHER),
        ("Health score", HIGHER),
        ("tickets per week", None),
        ("cost of retention", None),
        ("sometimes", None),
    ],
)
def test_a_name_tells_the_direction_only_where_it_is_plain(name: str, direction: Direction | None) -> None:
    assert direction_of(name) is direction


@pytest.mark.parametrize(
    ("risk", "signal"),
    [
        ("Bad data may hide what happens and delay an answer.", Risk.Signal.DATA_STATE),
        ("A slow roll-out costs trust.", Risk.Signal.STAGE_OVERDUE),
        ("Nobody comes to the reviews.", Risk.Signal.REVIEW_OVERDUE),
        ("Customers may not like it.", Risk.Signal.NONE),
        ("A database vendor may raise its prices.", Risk.Signal.NONE),
    ],
)
def test_a_risk_is_watched_by_what_would_show_it(risk: str, signal: Risk.Signal) -> None:
    assert signal_of(risk) is signal
