"""kill -9 in the middle of ticks: after the restart the same rows and mails as if nothing had happened."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import time
from functools import partial
from pathlib import Path

import pytest

from tests.processes import PostOffice, Product, eventually

pytestmark = [pytest.mark.processes, pytest.mark.faults_long]

PILOTS = 12
KILLS = 6
SOME_PILOTS = f"""
    from tests.live import a_live_pilot
    for number in range({PILOTS}):
        a_live_pilot(f"tiers-{{number}}", mean=24.0 + number / 10)
"""
# What the engine wrote, without the instants at which it did.
ROWS = """
    import json
    from pilots.models import Alert, AlertEvent, ConditionState, Evaluation, Notification, PilotState
    rows = {
        "evaluations": Evaluation.objects.values_list("pilot__ref", "verdict", "digest"),
        "states": ConditionState.objects.values_list("condition__pilot__ref", "scope", "episode", "result"),
        "alerts": Alert.objects.values_list("pilot__ref", "kind", "scope", "status", "count", "sentence"),
        "events": AlertEvent.objects.values_list("alert__pilot__ref", "kind", "note"),
        "mails": Notification.objects.values_list("recipient", "subject", "state"),
        "work": PilotState.objects.values_list("pilot__ref", "verdict", "failures", "evaluated_seq"),
    }
    print(json.dumps({name: sorted(map(list, r), key=str) for name, r in rows.items()}))
"""
# A minute passes after a kill: leases run out.
LEASES_RUN_OUT = """
    from datetime import timedelta
    from django.utils import timezone
    from pilots.models import Notification, PilotState
    past = timezone.now() - timedelta(seconds=1)
    PilotState.objects.filter(lease_until__isnull=False).update(lease_until=past)
    Notification.objects.filter(state="claimed").update(lease_until=past)
"""
# Two more minutes pass: what is in doubt may be sent again.
DOUBTS_ARE_DUE = """
    from django.utils import timezone
    from pilots.models import Notification
    Notification.objects.filter(state="in_doubt").update(next_try_at=timezone.now())
"""


def test_an_engine_that_is_killed_again_and_again_ends_in_the_same_rows_and_mails(
    product: Product, post: PostOffice, tmp_path: Path
) -> None:
    product.tell(SOME_PILOTS)
    product.environ |= {"EVALUATE_EVERY": "0.3", "DELIVER_EVERY": "0.3"}
    shutil.copytree(product.home, tmp_path / "calm")
    with PostOffice().open() as calm_post:
        calm = Product(tmp_path / "calm", calm_post, dict(product.environ))
        calm.environ |= {"TRACKER_HOME": str(calm.home), "EMAIL_URL": calm_post.url}
        expected = until_all_is_told(calm)

    cut_short = 0
    for seed in range(KILLS):
        with product.engine() as engine:
            eventually(partial(has_started, product, seed + 1), why=product.log)
            time.sleep(random.Random(seed).uniform(0.2, 2.5))
            os.kill(engine.pid, signal.SIGKILL)
        cut_short += len(post.mails) < 2 * PILOTS
        product.tell(LEASES_RUN_OUT)
    assert cut_short, "at least one kill hit the middle of the work"

    assert until_all_is_told(product) == expected
    ours = {str(mail["Message-ID"]) for mail in post.mails}
    lost = set(calm_post.counted()) - set(post.counted())
    unexpected = set(post.counted()) - set(calm_post.counted())
    assert (lost, unexpected) == (set(), set())
    assert len(ours) == len(calm_post.mails)
    assert len(post.mails) - len(ours) <= KILLS, "at most one mail twice for each kill"


def has_started(product: Product, times: int) -> bool:
    return product.log().count("The engine runs") >= times


def until_all_is_told(product: Product) -> object:
    """Let the engine run until every pilot's mails are sent, and a few ticks more; return its rows."""
    with product.engine():
        for _ in range(20):
            time.sleep(2)
            product.tell(DOUBTS_ARE_DUE)
            rows = json.loads(product.tell(ROWS))
            sent = [mail for mail in rows["mails"] if mail[2] == "sent"]
            if len(sent) == 2 * PILOTS:
                break
        time.sleep(2)
        return json.loads(product.tell(ROWS))
