from __future__ import annotations

import pytest

from pilots.models import Pilot
from tests.builders import a_running_pilot


@pytest.mark.django_db
def test_a_built_pilot_can_be_described_to_the_evaluation() -> None:
    a_running_pilot()
    spec = Pilot.objects.with_rules().get().spec
    assert [c.ref for c in spec.conditions] == ["E1", "S1", "T1"]
    assert spec.stage is not None
    assert spec.stage.is_last
