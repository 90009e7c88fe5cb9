from __future__ import annotations

import json
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from pilots.evaluation.memories import memory_json, memory_of_json
from pilots.evaluation.specs import ConditionMemory
from pilots.evaluation.vocabulary import Episode

days = st.none() | st.dates(min_value=date(2020, 1, 1))
counts = st.integers(min_value=0, max_value=400)
memories = st.builds(
    ConditionMemory,
    episode=st.sampled_from(Episode),
    since=days,
    version=counts,
    run=counts,
    calm=counts,
    last_active=days,
    last_reading=days,
    judged_to=days,
    origin=st.text(max_size=30),
    seen=st.text(max_size=16),
    first_variances=st.dictionaries(st.text(max_size=9), st.floats(min_value=0, allow_infinity=False)),
)


@given(memories)
def test_a_memory_comes_back_from_its_document_as_it_was(memory: ConditionMemory) -> None:
    assert memory_of_json(json.loads(json.dumps(memory_json(memory)))) == memory
