from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pilots.evaluation.moments import Moments
from pilots.services.arrivals import Fate, Known, fate_of

MONDAY, TUESDAY = datetime(2026, 3, 2, 23, tzinfo=UTC), datetime(2026, 3, 3, 23, tzinfo=UTC)
TEN, ELEVEN = Moments(10, 200.0, 4160.0), Moments(11, 220.0, 4576.0)


@pytest.mark.parametrize(
    ("arriving", "current", "same_instant", "as_a_correction", "in_full"),
    [
        pytest.param(Known(MONDAY, TEN), None, None, Fate.NEW, Fate.NEW, id="the first value of its key"),
        pytest.param(
            Known(MONDAY, TEN), Known(MONDAY, TEN), None, Fate.SAME, Fate.SAME, id="the same said twice"
        ),
        pytest.param(
            Known(TUESDAY, ELEVEN), Known(MONDAY, TEN), None, Fate.CORRECTED, Fate.CORRECTED, id="known later"
        ),
        pytest.param(
            Known(TUESDAY, TEN), Known(MONDAY, TEN), None, Fate.CORRECTED, Fate.CORRECTED,
            id="known later with the same numbers is a newer confirmation",
        ),
        pytest.param(
            Known(MONDAY, TEN), Known(TUESDAY, ELEVEN), None, Fate.OLDER, Fate.OLDER, id="known earlier"
        ),
        pytest.param(
            Known(MONDAY, TEN), Known(TUESDAY, ELEVEN), TEN, Fate.SAME, Fate.SAME, id="older and said twice"
        ),
        pytest.param(
            Known(MONDAY, ELEVEN), Known(MONDAY, TEN), None, Fate.CORRECTED, Fate.REFUSED,
            id="other numbers for one instant need a reason",
        ),
        pytest.param(
            Known(MONDAY, ELEVEN), Known(TUESDAY, ELEVEN), TEN, Fate.CORRECTED, Fate.REFUSED,
            id="other numbers for an older instant need a reason too",
        ),
    ],
)  # fmt: skip
def test_what_becomes_of(
    arriving: Known, current: Known | None, same_instant: Moments | None, as_a_correction: Fate, in_full: Fate
) -> None:
    known = {"current": current, "same_instant": same_instant}
    assert fate_of(arriving, **known, is_correction=True) is as_a_correction  # type: ignore[arg-type]
    assert fate_of(arriving, **known, is_correction=False) is in_full  # type: ignore[arg-type]
