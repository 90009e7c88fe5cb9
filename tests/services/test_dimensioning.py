from __future__ import annotations

from typing import Any

import pytest

from pilots.models import User
from pilots.services.dimensioning import mistakes_in
from pilots.services.errors import Refused
from pilots.services.piloting import change_pilot
from tests.builders import NOON, a_condition, a_driver, a_metric, a_pilot, readings


@pytest.mark.parametrize(
    ("dimensions", "says"),
    [
        pytest.param({"severity": ["low", "high"]}, "", id="a dimension with its categories"),
        pytest.param({}, "", id="no dimension"),
        pytest.param({"tier": ["gold"]}, "", id="a dimension may have one category"),
        pytest.param(["severity"], "with its categories", id="only a name"),
        pytest.param({"tier": []}, "“tier” has no categories", id="no category"),
        pytest.param({"tier": ["gold", "gold"]}, "twice", id="a category twice"),
        pytest.param({"tier": ["a|b"]}, "“a|b” can't be a name", id="what segments are written with"),
        pytest.param({"tier": ["overall"]}, "“overall” can't be a name", id="what scopes are written with"),
        pytest.param({" ": ["gold"]}, "can't be a name", id="an empty name"),
        pytest.param({"tier": [1]}, "“1” can't be a name", id="a number"),
    ],
)
def test_what_dimensions_may_be(dimensions: Any, says: str) -> None:
    mistakes = " ".join(mistakes_in(dimensions))
    assert says in mistakes
    assert bool(mistakes) is bool(says)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("dimensions", "allowed"),
    [
        pytest.param({"severity": ["low", "high", "urgent"]}, True, id="another category"),
        pytest.param({"severity": ["high", "low"]}, True, id="another order"),
        pytest.param({"severity": ["low"]}, False, id="one category less"),
        pytest.param({"tier": ["low", "high"]}, False, id="another name"),
        pytest.param({"severity": ["low", "high"], "tier": ["gold"]}, False, id="another dimension"),
    ],
)
def test_once_readings_exist_no_segment_is_lost(
    owner: User, dimensions: dict[str, list[str]], allowed: bool
) -> None:
    pilot = a_pilot()
    readings(a_metric(pilot), mean=20, days=1)

    def change() -> None:
        change_pilot(pilot_id=pilot.pk, by=owner, fields={"dimensions": dimensions}, now=NOON)

    if allowed:
        change()
        return
    with pytest.raises(Refused, match="only new ones can be added"):
        change()


@pytest.mark.django_db
def test_what_speaks_of_a_category_is_changed_before_it_is_dropped(owner: User) -> None:
    pilot = a_pilot()
    a_driver(pilot)
    a_condition(a_metric(pilot), scope="each:severity")
    stage = pilot.stages.get()
    stage.exposure_segments = ["high"]
    stage.save()
    with pytest.raises(Refused) as refused:
        change_pilot(pilot_id=pilot.pk, by=owner, fields={"dimensions": {"tier": ["gold"]}}, now=NOON)
    assert [reason.text for reason in refused.value.reasons] == [
        "“Issue severity mix” follows the mix of “severity”; change it first.",
        "S1 speaks of “each:severity”; change it first.",
        "Stage “first accounts” exposes “high”; change it first.",
    ]
