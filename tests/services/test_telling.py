"""Who is told that missing data has grown worse: whoever has not really been told before."""

from __future__ import annotations

from typing import Any

import pytest

from pilots.models import Alert, Notification, Pilot
from tests.builders import a_running_pilot
from tests.services.stories import judge, told

pytestmark = [pytest.mark.django_db, pytest.mark.database]

OWES, NEXT = "data@example.org", "pilot.owner@example.org"


@pytest.fixture
def pilot() -> Pilot:
    """The data owner is told on the third day without readings, the first step on the next."""
    pilot = a_running_pilot()
    pilot.conditions.update(observe_only=True)
    judge(pilot, 31)
    assert told(missing(), "opened") == [OWES]
    return pilot


@pytest.mark.parametrize(
    "never_read",
    [
        pytest.param({"state": "suppressed"}, id="not wanted"),
        pytest.param({"state": "dead"}, id="could not be sent"),
        pytest.param({"state": "cancelled"}, id="cancelled"),
        pytest.param({"digest": True}, id="still waits for a summary"),
    ],
)
def test_it_tells_who_was_never_told_of_it(pilot: Pilot, never_read: dict[str, Any]) -> None:
    the_next_was_queued(**never_read)
    judge(pilot, 32)
    assert told(missing(), "worsened") == [NEXT]


def test_it_tells_all_of_them_again_where_nobody_else_is_left(pilot: Pilot) -> None:
    the_next_was_queued(state="sent", digest=True)
    judge(pilot, 32)
    assert told(missing(), "worsened") == [OWES, NEXT]


def missing() -> Alert:
    return Alert.objects.get(kind="no_data")


def the_next_was_queued(**fields: Any) -> None:
    row = Notification.objects.get(alert=missing())
    row.pk, row._state.adding = None, True
    for name, value in {"recipient": NEXT, "event": None, "message_id": "<next>", **fields}.items():
        setattr(row, name, value)
    row.save()
