from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pilots.models import Baseline, Membership, Pilot, Role
from tests.builders import a_person, a_pilot, readings
from tests.management.running import Run, run
from tests.services.test_importing_pilots import FILE

pytestmark = pytest.mark.django_db


def importing(folder: Path, text: str | bytes = FILE, *options: str) -> Run:
    file = folder / "pilot.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return run("import_pilot", file, *options)


def test_a_file_is_imported_and_said_in_words(tmp_path: Path) -> None:
    done = importing(tmp_path)
    assert done.code == 0
    assert "rule S2: added" in done.out
    assert done.out.endswith("chat-first is draft.\n")


def test_again_it_says_no_change_and_answers_the_same(tmp_path: Path) -> None:
    first = importing(tmp_path, FILE, "--json").document
    again = importing(tmp_path, FILE, "--json").document
    assert again == first | {"changes": []}
    assert importing(tmp_path).out.splitlines()[0] == "no change"


def test_what_is_exported_can_be_imported(tmp_path: Path) -> None:
    importing(tmp_path)
    exported = run("export_pilot", "chat-first")
    assert (exported.code, exported.err) == (0, "")
    assert importing(tmp_path, exported.out, "--json").document["changes"] == []


def test_what_people_add_on_the_pages_is_exported_too(tmp_path: Path) -> None:
    importing(tmp_path)
    pilot = Pilot.objects.get()
    Membership.objects.create(pilot=pilot, user=a_person("second@example.org"), role=Role.REVIEWER)
    pilot.hypothesis = "Chat solves it sooner."
    pilot.save()
    exported = run("export_pilot", "chat-first")
    assert exported.err == ""
    assert "hypothesis: Chat solves it sooner." in exported.out
    assert importing(tmp_path, exported.out, "--json").document["changes"] == []


def test_a_draft_that_is_not_complete_is_exported_with_what_it_lacks() -> None:
    pilot = a_pilot()
    exported = run("export_pilot", pilot.ref)
    assert exported.code == 0
    assert "metrics is missing" in exported.err


def test_start_starts_once_everything_is_there(tmp_path: Path) -> None:
    importing(tmp_path)
    for metric in Pilot.objects.get().metrics.all():
        readings(metric, mean=0.8, first=date(2026, 1, 5), days=56)
    done = importing(tmp_path, FILE, "--start", "--json")
    assert done.code == 0, done.err
    assert (done.document["status"], done.document["start"]) == ("running", "2026-03-02")
    assert importing(tmp_path, FILE, "--start", "--json").document == done.document


def test_start_is_refused_with_what_is_missing_and_where(tmp_path: Path) -> None:
    done = importing(tmp_path, FILE, "--start", "--json")
    assert done.code == 1
    assert {"baselines"} <= {reason["where"] for reason in done.document["refused"]}
    assert "Handling time has no readings" in done.err
    assert Pilot.objects.get().status == "draft"


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        pytest.param(FILE.replace("thresholds:", "treshholds:"), "33: treshholds:", "did you mean", id="key"),
        pytest.param(FILE.replace("improve_by: 5 %", "improve_by: 5"), ":", "percentage", id="bare number"),
        pytest.param(
            FILE.replace("metric: solved", "metric: solve"), ":", "did you mean 'solved'", id="metric"
        ),
        pytest.param(FILE.replace("2026-05-31", "2026-02-30"), "16: pilot.end:", "day", id="no such day"),
        pytest.param(FILE.replace("ref: T1", f"ref: {'T' * 31}"), "34: thresholds[0].ref:", "30", id="ref"),
        pytest.param(
            FILE.replace("mia@example.org", "mia@desk"),
            "20: pilot.people.metric_owner:",
            "email address",
            id="address",
        ),
        pytest.param(
            FILE.replace("below: 0.6", "below: 0.6, alpha: 0.3"),
            "37: stop_conditions[1].alpha:",
            "0.001",
            id="alpha",
        ),
        pytest.param("a: [1", "1:", "YAML", id="not YAML"),
        pytest.param(b"version: 1\ntitle: \xff\n", "2:", "UTF-8", id="wrong encoding"),
        pytest.param("", "1:", "empty", id="empty"),
    ],
)
def test_a_bad_file_is_refused_with_its_place_and_changes_nothing(
    tmp_path: Path, text: str | bytes, place: str, reason: str
) -> None:
    done = importing(tmp_path, text, "--json")
    assert done.code == 2
    told = [line for line in done.err.splitlines() if f"pilot.yaml:{place.rstrip(':')}" in line]
    assert any(reason in line for line in told), done.err
    assert done.document["problems"][0]["line"]
    assert not Pilot.objects.exists()


def test_a_baseline_is_finalised_by_a_person(tmp_path: Path) -> None:
    importing(tmp_path)
    metric = Pilot.objects.get().metrics.get(ref="handling_hours")
    readings(metric, mean=20.0, first=date(2026, 1, 5), days=56)
    done = run("finalise_baseline", "chat-first", "--metric", "handling_hours", "--by", "mia@example.org")
    assert done.code == 0, done.err
    assert done.out.startswith("handling_hours: 20 h over 2,800 cases from 2026-01-05 to 2026-03-01; final")
    final = Baseline.objects.get(metric=metric)
    assert str(final.finalised_by) == "mia@example.org"


@pytest.mark.parametrize(
    ("options", "code", "reason"),
    [
        (["--by", "mia@example.org"], 1, "has no readings"),
        (["--by", "ines@example.org"], 1, "Only the owners"),
        (["--by", "nobody@example.org"], 2, "nobody here has the address"),
        (["--by", "mia@example.org", "--metric", "handling"], 2, "unknown metric"),
    ],
)
def test_what_cannot_be_finalised_says_why(
    tmp_path: Path, options: list[str], code: int, reason: str
) -> None:
    importing(tmp_path)
    done = run("finalise_baseline", "chat-first", *options)
    assert (done.code, reason in done.err) == (code, True), done.err
    assert not Baseline.objects.filter(finalised_at__isnull=False).exists()
