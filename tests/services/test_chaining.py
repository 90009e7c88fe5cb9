"""Who is told next: written as steps, shown before it is needed."""

from __future__ import annotations

from typing import Any

import pytest

from pilots.models import Destination, EscalationPolicy, Pilot, User
from pilots.permissions import NotAllowed
from pilots.services.chaining import next_in_line, preview
from pilots.services.errors import Refused, Stale
from pilots.services.policies import save_policy
from tests.builders import NOON, a_person, a_pilot, a_running_pilot
from tests.services.stories import end_of, judge

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def pilot() -> Pilot:
    return a_pilot()


def the(name: str) -> User:
    return User.objects.get(email=f"{name}@example.org")


def step(*notify: str, minutes: int = 60, working: bool = False) -> dict[str, Any]:
    return {"notify": list(notify), "wait_minutes": minutes, "working_time": working}


def write(pilot: Pilot | None, *steps: dict[str, Any], **changes: Any) -> EscalationPolicy:
    fields: dict[str, Any] = {"by": the("owner"), "name": "usual", "is_default": True, "now": NOON}
    return save_policy(pilot_id=pilot.pk if pilot else None, steps=steps, **(fields | changes))


class TestAPolicy:
    def test_keeps_its_steps_in_order_and_every_version_of_them(self, pilot: Pilot) -> None:
        policy = write(pilot, step("pilot_owner"), step("deputy"), step("reviewer"))
        again = write(pilot, step("deputy", minutes=30), policy_id=policy.pk, name="quicker")
        assert [(s.order, s.notify, s.wait_minutes) for s in again.steps.all()] == [(1, ["deputy"], 30)]
        assert again.name == "quicker"
        assert policy.history.count() == 2

    def test_that_becomes_the_default_takes_the_place_of_the_one_before(self, pilot: Pilot) -> None:
        first = write(pilot, step("pilot_owner"))
        write(pilot, step("deputy"), name="nights")
        first.refresh_from_db()
        assert not first.is_default

    @pytest.mark.parametrize(
        ("steps", "why"),
        [
            pytest.param([], "at least one step", id="none"),
            pytest.param([step("pilot_owner"), step()], "Step 2: say who is told", id="nobody"),
            pytest.param([step("boss")], "Step 1: “boss” is neither a role", id="an unknown role"),
            pytest.param([step("to:ops-room")], "“to:ops-room” is neither", id="an unknown destination"),
            pytest.param([step("deputy", minutes=0)], "between a minute and 31 days", id="no time at all"),
        ],
    )
    def test_is_refused(self, pilot: Pilot, steps: list[dict[str, Any]], why: str) -> None:
        with pytest.raises(Refused, match=why):
            write(pilot, *steps)
        assert not EscalationPolicy.objects.exists()

    def test_may_name_addresses_and_destinations(self, pilot: Pilot) -> None:
        Destination.objects.create(name="ops-room", channel="chat", url="https://chat.example.org/hook")
        policy = write(pilot, step("oncall@example.org", "to:ops-room"))
        assert preview(policy, pilot)[0].names == ("oncall@example.org", "ops-room")

    def test_of_the_whole_product_is_for_who_runs_it(self, pilot: Pilot) -> None:
        with pytest.raises(NotAllowed, match="whoever runs this product"):
            write(None, step("pilot_owner"))
        assert write(None, step("pilot_owner"), by=a_person("root@example.org", is_staff=True)).pilot is None

    def test_of_a_pilot_is_for_its_owners(self, pilot: Pilot) -> None:
        with pytest.raises(NotAllowed):
            write(pilot, step("pilot_owner"), by=the("reviewer"))

    def test_saved_by_somebody_else_meanwhile_is_not_overwritten(self, pilot: Pilot) -> None:
        policy = write(pilot, step("pilot_owner"))
        with pytest.raises(Stale):
            write(pilot, step("deputy"), policy_id=policy.pk, seen_version=policy.version - 1)

    def test_of_a_pilot_under_way_changes_only_with_a_reason(self) -> None:
        pilot = a_running_pilot()
        with pytest.raises(Refused, match="Say why"):
            write(pilot, step("pilot_owner"))
        assert write(pilot, step("pilot_owner"), reason="Nights are covered now.").pk


class TestThePreview:
    def test_says_step_by_step_who_would_be_told_and_how_long_they_have(self, pilot: Pilot) -> None:
        policy = write(pilot, step("pilot_owner", minutes=240), step("reviewer", minutes=1440, working=True))
        assert [(s.names, s.wait) for s in preview(policy, pilot)] == [
            (("Pilot Owner",), "4 hours"),
            (("Reviewer",), ""),
        ]

    def test_says_who_cannot_be_reached_and_who_is_told_instead(self, pilot: Pilot) -> None:
        policy = write(pilot, step("pilot_owner"), step("deputy", "communicator"))
        second = preview(policy, pilot)[1]
        assert second.unreachable == ("deputy", "customer communicator")
        assert second.instead.endswith("the decision owner was told instead.")

    def test_without_a_policy_is_of_the_built_in_steps(self, pilot: Pilot) -> None:
        first, second = preview(None, pilot)
        assert (first.names, first.wait) == (("Owner", "Pilot Owner"), "4 hours")
        assert second.names == ("Owner",)


def test_next_in_line_is_who_is_told_next_and_when() -> None:
    pilot = a_running_pilot(mean=21.6)
    pilot.conditions.filter(ref="E1").update(severity="SEV1", notify=["pilot_owner"])
    judge(pilot, 28)
    found = next_in_line(pilot.alerts.get())
    assert found is not None
    at, audience = found
    assert (at - end_of(28)).total_seconds() == 30 * 60
    assert [recipient.name for recipient in audience.recipients] == ["Owner"]
