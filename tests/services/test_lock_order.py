"""Two people's acts that need the same rows lock them in the same order, so that neither is thrown out."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Event
from time import monotonic, sleep
from types import ModuleType
from typing import Any

import pytest
from django.db import connection, transaction

from pilots.models import Decision, EscalationPolicy, Notification, Pilot, Preference, Risk, User
from pilots.services import deciding, policies, preferring
from pilots.services.addressing import person
from pilots.services.conditioning import save_condition
from pilots.services.deciding import save_risk
from pilots.services.errors import Refused
from pilots.services.letters import Letter
from pilots.services.notifying import queue_notification
from pilots.services.piloting import mark_ready, start_pilot, stop_pilot
from pilots.services.policies import remove_policy, save_policy
from pilots.services.preferring import save_preference
from tests.builders import NOON, a_complete_pilot, a_person, a_running_pilot, an_alert

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
LONG = 20.0  # seconds
STEPS = [{"notify": ["pilot_owner"], "wait_minutes": 60, "working_time": False}]
Act = Callable[[], object]
Crossing = Callable[[ModuleType, str, Act, Act], None]


@pytest.fixture(autouse=True)
def _row_locks() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL: other databases lock no rows")


@pytest.fixture
def cross(monkeypatch: pytest.MonkeyPatch) -> Crossing:
    """Run two acts: the second begins where the first comes to a step, and goes as far as it can."""

    def crossing(where: ModuleType, step: str, act: Act, other: Act) -> None:
        reached, second = Event(), Future[object]()
        original = getattr(where, step)

        def halting(*args: Any, **kwargs: Any) -> Any:
            if not reached.is_set():
                reached.set()
                _until(lambda: second.done() or _somebody_waits())
            return original(*args, **kwargs)

        monkeypatch.setattr(where, step, halting)
        with ThreadPoolExecutor(2) as threads:
            first = threads.submit(_alone, act)
            assert reached.wait(LONG)
            threads.submit(_alone, other).add_done_callback(partial(_hand_on, second))
            first.result(LONG)
            second.result(LONG)

    return crossing


def _hand_on(to: Future[object], done: Future[object]) -> None:
    error = done.exception()
    to.set_exception(error) if error else to.set_result(None)


def _alone(act: Act) -> None:
    try:
        act()
    finally:
        connection.close()


def _until(it_is_so: Callable[[], bool]) -> None:
    ends = monotonic() + LONG
    while not it_is_so() and monotonic() < ends:
        sleep(0.01)


def _somebody_waits() -> bool:
    """Say whether anybody waits for what this connection has locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        waiting: int = cursor.fetchone()[0]
    return waiting > 0


def owner_of(pilot: Pilot) -> User:
    owner = pilot.decision.owner
    assert owner is not None
    return owner


def note_risk(pilot: Pilot) -> Risk:
    fields = {"text": "Simple cases wait.", "owner": owner_of(pilot)}
    return save_risk(decision_id=pilot.decision_id, by=owner_of(pilot), fields=fields, now=NOON)


def test_a_pilot_starts_while_a_risk_of_its_decision_is_written(cross: Crossing) -> None:
    pilot = a_complete_pilot()
    mark_ready(pilot_id=pilot.pk, by=owner_of(pilot), now=NOON)
    start = partial(start_pilot, pilot_id=pilot.pk, by=owner_of(pilot), now=NOON)
    cross(deciding, "_touch_pilots", partial(note_risk, pilot), start)
    assert Decision.objects.get().status == "piloting"
    assert Risk.objects.count() == 1


def test_a_pilot_ends_while_a_risk_of_its_decision_is_written(cross: Crossing) -> None:
    pilot = a_running_pilot()
    why = {"reason": "It takes too long.", "returned_to": "the one queue"}
    stop = partial(stop_pilot, pilot_id=pilot.pk, by=owner_of(pilot), now=NOON, **why)
    cross(deciding, "_touch_pilots", partial(note_risk, pilot), stop)
    assert Decision.objects.get().status == "stopped"
    assert Risk.objects.count() == 1


@pytest.fixture
def policy() -> EscalationPolicy:
    pilot = a_complete_pilot()
    return save_policy(
        by=owner_of(pilot), name="usual", steps=STEPS, is_default=False, now=NOON, pilot_id=pilot.pk
    )


def naming(policy: EscalationPolicy) -> Act:
    """A rule of the pilot comes to name the policy."""
    pilot = policy.pilot
    assert pilot is not None
    return partial(
        save_condition,
        pilot_id=pilot.pk,
        by=owner_of(pilot),
        condition_id=pilot.conditions.get(ref="S1").pk,
        fields={"policy": policy},
        now=NOON,
    )


def test_a_policy_is_written_while_a_rule_names_it(cross: Crossing, policy: EscalationPolicy) -> None:
    assert policy.pilot is not None
    fields: dict[str, Any] = {"name": "quicker", "steps": STEPS, "is_default": False, "policy_id": policy.pk}
    rename = partial(save_policy, by=owner_of(policy.pilot), now=NOON, **fields)
    cross(policies, "lock_pilot_to_edit", rename, naming(policy))
    policy.refresh_from_db()
    assert (policy.name, policy.conditions.count()) == ("quicker", 1)


def test_a_policy_that_a_rule_comes_to_name_stays(cross: Crossing, policy: EscalationPolicy) -> None:
    assert policy.pilot is not None
    drop = partial(remove_policy, policy_id=policy.pk, by=owner_of(policy.pilot), now=NOON)
    with pytest.raises(Refused, match="S1"):
        cross(policies, "lock_pilot_to_edit", drop, naming(policy))
    assert EscalationPolicy.objects.get().conditions.count() == 1


def test_a_person_chooses_while_a_mail_to_them_is_queued(cross: Crossing) -> None:
    reader, alert = a_person(), an_alert(a_running_pilot(), kind="escalation_trigger", severity="SEV3")

    def mail(number: int) -> Notification:
        letter = Letter(f"Number {number}", "text", "html", {})
        to = person(reader, "decision owner")
        return queue_notification(recipient=to, letter=letter, key=str(number), now=NOON, alert=alert)

    def resolve() -> None:
        with transaction.atomic():
            Notification.objects.filter(pk=waiting.pk).update(state="cancelled")
            mail(2)

    waiting = mail(1)
    choices: dict[str, Any] = {"muted": ["escalation_trigger"], "digest": [], "digest_weekday": 0}
    hours: dict[str, Any] = {"quiet_from": None, "quiet_to": None, "timezone": "UTC"}
    choose = partial(save_preference, user=reader, by=reader, now=NOON, **choices, **hours)
    cross(preferring, "_treat_waiting_anew", choose, resolve)
    assert Preference.objects.get().muted == ["escalation_trigger"]
    assert Notification.objects.count() == 2
