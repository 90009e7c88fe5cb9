"""A real engine while nobody answers: each step is told once, also by an engine that was killed between."""

from __future__ import annotations

import os
import signal
from functools import partial

import pytest

from tests.processes import PostOffice, Product, eventually

pytestmark = pytest.mark.processes

A_PILOT = """
    from pilots.models import EscalationPolicy, EscalationStep, Membership
    from tests.builders import a_person
    from tests.live import a_live_pilot
    pilot = a_live_pilot(mean=24.0)
    pilot.conditions.update(notify=["pilot_owner"])
    Membership.objects.create(decision=pilot.decision, user=a_person("dina@example.org"), role="deputy")
    policy = EscalationPolicy.objects.create(pilot=pilot, name="usual", is_default=True)
    for order, notify in enumerate((["pilot_owner"], ["deputy"], ["decision_owner"]), start=1):
        EscalationStep.objects.create(policy=policy, order=order, notify=notify, wait_minutes=60)
"""
# Every instant of the alert comes an hour sooner.
AN_HOUR_PASSES = """
    from datetime import timedelta
    from django.db.models import F
    from pilots.models import Alert
    hour = timedelta(hours=1)
    instants = ("opened_at", "waiting_since", "step_due_at", "repeat_at", "due_at")
    Alert.objects.update(**{name: F(name) - hour for name in instants})
"""

TWO_ROUNDS_COME = """
    import time
    from pilots.models import Pulse
    seen, ends = set(), time.monotonic() + 30
    while len(seen) < 3 and time.monotonic() < ends:
        seen.add(Pulse.objects.get(name="advance").at)
        time.sleep(0.1)
    print(len(seen))
"""


def test_nobody_answers(product: Product, post: PostOffice) -> None:
    product.environ |= {"ADVANCE_EVERY": "0.5"}
    product.tell(A_PILOT)
    with product.engine() as engine:
        eventually(partial(told, post, "pilot.owner@example.org"), why=product.log)
        product.tell(AN_HOUR_PASSES)
        eventually(partial(told, post, "dina@example.org"), why=product.log)
        os.kill(engine.pid, signal.SIGKILL)
    product.tell(AN_HOUR_PASSES)
    with product.engine():
        eventually(partial(told, post, "owner@example.org"), why=product.log)
        product.tell(AN_HOUR_PASSES)
        assert product.tell(TWO_ROUNDS_COME).strip() == "3"
    assert sorted(str(mail["To"]) for mail in post.mails) == [
        "dina@example.org",
        "owner@example.org",
        "pilot.owner@example.org",
    ]


def told(post: PostOffice, address: str) -> bool:
    return any(address in str(mail["To"]) for mail in post.mails)
