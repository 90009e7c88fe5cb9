from __future__ import annotations

import pytest

from pilots.models import Alert, Evaluation, Notification
from tests.builders import a_pilot, a_running_pilot
from tests.management.running import run
from tests.services.stories import end_of, judge, record

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_a_day_means_its_end_and_the_answer_is_one_document() -> None:
    a_running_pilot(mean=24.0)
    done = run("evaluate", "tiers", "--as-of", "2026-03-29", "--json")
    assert done.code == 0
    assert done.document["as_of"] == "2026-03-29T23:59:59.999999Z"
    [pilot] = done.document["pilots"]
    assert (pilot["pilot"], pilot["verdict"]) == ("tiers", "stop")
    assert pilot["next_look_at"] == "2026-03-30T00:00:00Z"
    [stop] = [c for c in pilot["conditions"] if c["ref"] == "S1"]
    assert stop["kind"] == "stop_condition"
    assert (stop["value"], stop["baseline"], stop["limit"], stop["n"]) == (24.0, 20.0, 0.1, 350)
    assert (stop["truth"], stop["episode"], stop["since"]) == ("true", "firing", "2026-03-08")


def test_an_instant_is_taken_as_it_is_and_a_day_ends_in_the_pilots_own_zone() -> None:
    a_running_pilot(timezone="Asia/Tokyo")
    asked = run("evaluate", "tiers", "--as-of", "2026-03-29T10:00:00+02:00", "--dry-run", "--json")
    assert asked.document["as_of"] == "2026-03-29T08:00:00Z"
    asked = run("evaluate", "tiers", "--as-of", "2026-03-29", "--dry-run", "--json")
    assert asked.document["as_of"] == "2026-03-29T14:59:59.999999Z"


def test_it_is_a_full_tick_that_stores_opens_alerts_and_queues_mails() -> None:
    a_running_pilot(mean=24.0)
    for _ in range(2):
        assert run("evaluate", "--as-of", "2026-03-29").code == 0
    assert Evaluation.objects.count() == 1
    assert Alert.objects.filter(kind="stop_condition").count() == 1
    assert Notification.objects.filter(alert__kind="stop_condition").count() == 2


def test_a_dry_run_stores_nothing() -> None:
    a_running_pilot(mean=24.0)
    done = run("evaluate", "tiers", "--as-of", "2026-03-29", "--dry-run")
    assert done.out.startswith("tiers: Stop. Resolution time is 20% higher than before")
    assert not Evaluation.objects.exists()
    assert not Notification.objects.exists()


def test_before_the_newest_evaluation_it_is_refused_unless_dry() -> None:
    pilot = a_running_pilot(days=20)
    record(pilot.metrics.get(), mean=24.0, days=(21, 28))
    judge(pilot, 28)
    early = end_of(14).isoformat()
    refused = run("evaluate", "tiers", "--as-of", early)
    assert refused.code == 1
    assert "a past verdict is never rewritten" in refused.err
    assert run("evaluate", "tiers", "--as-of", early, "--dry-run").code == 0


def test_every_running_pilot_is_judged_though_one_of_them_is_refused() -> None:
    ahead, behind = a_running_pilot("ahead"), a_running_pilot("behind")
    judge(ahead, 28)
    done = run("evaluate", "--as-of", "2026-03-20", "--json")
    assert done.code == 1
    assert [pilot["pilot"] for pilot in done.document["pilots"]] == ["behind"]
    assert done.err.startswith("ahead: ")
    assert Evaluation.objects.filter(pilot=behind).exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param(("tires",), 2, "tiers", id="a ref nobody has: the nearest is named"),
        pytest.param(("tiers", "--as-of", "soon"), 2, "as-of", id="no date"),
        pytest.param(("tiers", "--as-of", "2026-02-30"), 2, "calendar", id="a day that does not exist"),
        pytest.param(("tiers", "--as-of", "2999-01-01"), 1, "future", id="a day to come"),
        pytest.param(("draft",), 1, "draft", id="a pilot that does not run"),
    ],
)
def test_what_can_not_be_judged_is_said(words: tuple[str, ...], code: int, said: str) -> None:
    a_running_pilot()
    a_pilot("draft")
    done = run("evaluate", *words)
    assert done.code == code
    assert said in done.err


def test_without_a_running_pilot_it_says_so() -> None:
    assert run("evaluate").out.strip() == "No pilot is running."
