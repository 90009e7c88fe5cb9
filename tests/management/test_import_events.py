from __future__ import annotations

import csv
import time
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from django.db.models import Sum

from pilots.models import AccountShare, Observation, Pilot, ReadingRevision
from tests.builders import a_metric, a_pilot
from tests.conftest import SHARED
from tests.management.running import Run, run

pytestmark = [pytest.mark.django_db, pytest.mark.database]

MAP = """
case: number
opened: opened
dimensions:
  severity: {column: urgency, rename: {1: high, 2: low}}
metrics:
  resolution_hours: {hours_between: [opened, closed], known: closed}
"""
LOG = """number,opened,closed,urgency
C1,2026-03-02T08:00:00,2026-03-02T12:00:00,1
C2,2026-03-02T09:00:00,2026-03-04T09:00:00,1
C3,2026-03-02T10:00:00,,2
C4,2026-03-03T08:00:00,2026-03-03T10:00:00,2
"""


@pytest.fixture
def pilot(db: None) -> Pilot:
    pilot = a_pilot()
    a_metric(pilot)
    return pilot


def importing(folder: Path, log: str = LOG, *options: str, event_map: str = MAP) -> Run:
    (folder / "map.yaml").write_text(event_map)
    (folder / "log.csv").write_text(log)
    return run(
        "import_events", folder / "log.csv", "--pilot", "tiers", "--map", folder / "map.yaml", *options
    )


@pytest.mark.usefixtures("pilot")
def test_cases_become_the_readings_of_their_opening_day(tmp_path: Path) -> None:
    done = importing(tmp_path)
    assert done.code == 0
    assert "4 rows read, 3 cases counted, 1 not finished" in done.out
    columns = ("day", "segment", "n", "total")
    assert list(Observation.objects.order_by("day").values_list(*columns)) == [
        (date(2026, 3, 2), "high", 2, 52.0),
        (date(2026, 3, 3), "low", 1, 2.0),
    ]


@pytest.mark.usefixtures("pilot")
def test_a_past_look_finds_what_was_known_then(tmp_path: Path) -> None:
    importing(tmp_path)
    chain = ReadingRevision.objects.filter(day=date(2026, 3, 2)).order_by("as_of")
    assert [(r.as_of.date().day, r.n, r.total, r.kind) for r in chain] == [
        (2, 1, 4.0, "new"),
        (4, 2, 52.0, "corrected"),
    ]


@pytest.mark.usefixtures("pilot")
def test_the_same_log_again_is_the_same_and_a_longer_one_goes_on(tmp_path: Path) -> None:
    importing(tmp_path)
    assert importing(tmp_path, LOG, "--json").document["readings"]["same"] == 3
    longer = LOG.replace("10:00:00,,2", "10:00:00,2026-03-05T10:00:00,2")
    readings = importing(tmp_path, longer, "--json").document["readings"]
    assert (readings["new"], readings["same"]) == (1, 3)


@pytest.mark.usefixtures("pilot")
@pytest.mark.parametrize(
    ("log", "event_map", "place", "reason"),
    [
        pytest.param(LOG + "C5,yesterday,,1\n", MAP, "log.csv:6: opened:", "", id="not a time"),
        pytest.param(LOG + "C5,2026-03-03T08:00:00,,7\n", MAP, "log.csv:6: urgency:", "7", id="no category"),
        pytest.param(
            LOG.replace("urgency", "colour"), MAP, "log.csv:1: urgency:", "unknown column", id="column"
        ),
        pytest.param(
            LOG,
            MAP.replace("resolution_hours", "resolution_hour"),
            "map.yaml:7:",
            "did you mean",
            id="metric",
        ),
        pytest.param(
            LOG, MAP.replace("opened: opened", "openend: opened"), "map.yaml:3:", "did you mean", id="key"
        ),
        pytest.param(LOG, MAP + "  - x", "map.yaml:", "YAML", id="not YAML"),
        pytest.param("", MAP, "log.csv:1:", "empty", id="empty log"),
    ],
)
def test_a_bad_log_or_map_is_refused_with_its_place(
    tmp_path: Path, log: str, event_map: str, place: str, reason: str
) -> None:
    done = importing(tmp_path, log, "--json", event_map=event_map)
    assert done.code == 2
    told = next(line for line in done.err.splitlines() if line.startswith(f"{tmp_path}/{place}"))
    assert reason in told
    assert done.document["problems"]
    assert not Observation.objects.exists()


@pytest.mark.usefixtures("pilot")
def test_with_partial_the_good_cases_are_stored(tmp_path: Path) -> None:
    done = importing(tmp_path, LOG + "C5,yesterday,,1\n", "--partial", "--json")
    assert (done.code, done.document["refused"], Observation.objects.count()) == (0, 1, 2)


TICKETS = SHARED / "data/uci-incidents/tickets.csv"
PRIORITIES = {"1 - Critical": "critical", "2 - High": "high", "3 - Moderate": "moderate", "4 - Low": "low"}
TICKET_MAP = f"""
case: number
opened: opened_at
dimensions:
  priority: {{column: priority, rename: {{{", ".join(f"{k}: {v}" for k, v in PRIORITIES.items())}}}}}
metrics:
  resolution_hours: {{hours_between: [opened_at, resolved_at], known: resolved_at}}
"""


@pytest.mark.reallog
@pytest.mark.skipif(not TICKETS.exists(), reason="the real ticket log is not here")
def test_the_real_log_adds_up_to_its_own_sums_by_priority(tmp_path: Path) -> None:
    a_metric(a_pilot(dimensions={"priority": list(PRIORITIES.values())}))
    (tmp_path / "map.yaml").write_text(TICKET_MAP)
    began = time.monotonic()
    done = run("import_events", TICKETS, "--pilot", "tiers", "--map", tmp_path / "map.yaml", "--json")
    took = time.monotonic() - began
    assert done.code == 0, done.err
    assert [done.document[k] for k in ("read", "counted", "unfinished", "refused")] == [
        24_918,
        23_362,
        1_556,
        0,
    ]
    cases, hours = logs_own_sums()
    in_database = Observation.objects.values_list("segment").annotate(n=Sum("n"), total=Sum("total"))
    stored = {segment: (n, total) for segment, n, total in in_database}
    assert {segment: n for segment, (n, _) in stored.items()} == cases
    assert {segment: total for segment, (_, total) in stored.items()} == pytest.approx(hours, rel=1e-4)
    assert took < 20


def logs_own_sums() -> tuple[dict[str, int], dict[str, float]]:
    """Count the resolved tickets and add up their hours, as the log itself gives them."""
    cases: Counter[str] = Counter()
    hours: dict[str, float] = {}
    with TICKETS.open(encoding="utf-8", newline="") as log:
        for ticket in csv.DictReader(log):
            if ticket["resolved_at"]:
                priority = PRIORITIES[ticket["priority"]]
                cases[priority] += 1
                hours[priority] = hours.get(priority, 0.0) + float(ticket["hours"])
    return dict(cases), hours


ACCOUNTS = """number,opened,closed,urgency,customer
C1,2026-03-02T08:00:00,2026-03-02T12:00:00,1,Acme
C2,2026-03-02T09:00:00,2026-03-04T09:00:00,1,Acme
C3,2026-03-02T10:00:00,2026-03-02T12:00:00,1,Blue
"""


@pytest.mark.usefixtures("pilot")
def test_what_each_account_brought_is_kept_once_however_often_the_log_comes(tmp_path: Path) -> None:
    for _ in range(2):
        assert importing(tmp_path, ACCOUNTS, event_map=f"account: customer\n{MAP}").code == 0
    sums = AccountShare.objects.order_by("as_of", "total").values_list("as_of__day", "n", "total")
    assert list(sums) == [(2, 1, 2.0), (2, 1, 4.0), (4, 1, 48.0)]
    assert AccountShare.objects.values("account").distinct().count() == 2
    assert not AccountShare.objects.filter(account__icontains="acme").exists()


@pytest.mark.usefixtures("pilot")
def test_a_log_without_accounts_keeps_none(tmp_path: Path) -> None:
    importing(tmp_path)
    assert not AccountShare.objects.exists()
