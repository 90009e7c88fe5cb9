from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pilots.models import Alert, Evaluation
from tests.builders import START, a_running_pilot
from tests.management.running import Run, run
from tests.services.stories import record

PILOT = """
version: 1
pilot: {ref: tiers, title: Tiers, start: 2026-01-05, end: 2026-02-22}
metrics:
  - {ref: hours, name: Resolution time, unit: h, direction: lower_is_better, kind: mean,
     baseline: {from: 2025-11-10, to: 2026-01-04}}
thresholds: [{ref: T1, metric: hours, improve_by: 5 %, method: point}]
stop_conditions: [{ref: S1, metric: hours, worsen_by: 10 %, method: point}]
"""
HEADER = "observed_on,as_of,arm,segment,metric,n,sum,sum_sq"
FIRST = date(2025, 11, 10)


def a_folder(folder: Path, *, turns: date, to: float = 24.0, pilot: str = PILOT) -> Path:
    """A pilot of 20 hours a case that changes on a day."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pilot.yaml").write_text(pilot)
    days = [FIRST + timedelta(days=n) for n in range((date(2026, 2, 22) - FIRST).days + 1)]
    rows = [f"{d},,,all,hours,40,{40 * (to if d >= turns else 20.0)},40000" for d in days]
    (folder / "readings.csv").write_text("\n".join([HEADER, *rows, ""]))
    return folder


def lines(done: Run) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.out.splitlines()]


def test_files_are_replayed_day_by_day_without_a_database(tmp_path: Path) -> None:
    """There is no mark for the database here: a query would fail the test."""
    folder = a_folder(tmp_path / "a", turns=date(2026, 1, 26))
    done = run("backtest", folder / "pilot.yaml", folder / "readings.csv", "--json")
    [document] = lines(done)
    assert done.code == 0
    assert document["pilot"] == "tiers"
    assert document["first"] == {"scale_up": None, "stop": "2026-01-29"}
    days = document["days"]
    assert (days[0]["as_of"], days[-1]["as_of"], len(days)) == ("2026-01-05", "2026-02-22", 49)
    assert days[-1]["verdict"] == "stop"


def test_the_first_scale_up_is_the_first_day_of_that_headline(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "a", turns=date(2026, 1, 5), to=17.0)
    [document] = lines(
        run("backtest", folder / "pilot.yaml", folder / "readings.csv", "--json", "--first-only")
    )
    assert document == {"pilot": "tiers", "first": {"scale_up": "2026-01-18", "stop": None}}


def test_from_and_to_only_cut_what_is_printed(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "a", turns=date(2026, 1, 26))
    cut = ("--from", "2026-02-01", "--to", "2026-02-03")
    [document] = lines(run("backtest", folder / "pilot.yaml", folder / "readings.csv", "--json", *cut))
    assert [day["as_of"] for day in document["days"]] == ["2026-02-01", "2026-02-02", "2026-02-03"]
    assert document["first"]["stop"] == "2026-01-29"


def test_a_folder_prints_a_line_for_each_pilot_and_goes_on_after_a_bad_one(tmp_path: Path) -> None:
    a_folder(tmp_path / "a", turns=date(2026, 1, 26))
    bad = a_folder(tmp_path / "b", turns=date(2026, 1, 26))
    rows = (bad / "readings.csv").read_text().replace("2025-11-12,,,all", "2025-11-12,,,none")
    (bad / "readings.csv").write_text(rows)
    a_folder(tmp_path / "c", turns=date(2026, 2, 2), pilot=PILOT.replace("ref: tiers", "ref: third"))
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "pilot.yaml").write_text(PILOT)
    done = run("backtest", "--folder", tmp_path, "--json", "--first-only")
    first, second, third, fourth = lines(done)
    assert done.code == 2
    assert (first["pilot"], third["pilot"]) == ("tiers", "third")
    assert second["pilot"] == "b"
    assert second["error"]["file"].endswith("b/readings.csv")
    assert (second["error"]["line"], second["error"]["field"]) == (4, "segment")
    assert fourth["error"]["reason"].startswith("cannot be read")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param((), "give a pilot's ref", id="nothing to replay"),
        pytest.param(("a", "b", "c"), "give a pilot's ref", id="too much"),
        pytest.param(("--folder", "/nowhere"), "no */pilot.yaml", id="an empty folder"),
        pytest.param(("a", "--from", "yesterday"), "from: ", id="no date"),
    ],
)
def test_a_mistaken_call_is_answered_in_one_sentence(words: tuple[str, ...], said: str) -> None:
    done = run("backtest", *words)
    assert done.code == 2
    assert said in done.err


@pytest.mark.django_db
@pytest.mark.database
def test_a_pilot_in_the_database_is_replayed_with_what_was_known_each_day() -> None:
    pilot = a_running_pilot(days=20)
    record(pilot.metrics.get(), mean=30.0, days=(10, 20), known=25)
    [document] = lines(run("backtest", "tiers", "--json"))
    assert document["first"]["stop"] == (START + timedelta(days=24)).isoformat()
    assert not Evaluation.objects.exists()
    assert not Alert.objects.exists()


@pytest.mark.django_db
@pytest.mark.database
def test_in_words_it_says_each_day_and_the_first_of_each_verdict() -> None:
    a_running_pilot(mean=24.0)
    said = run("backtest", "tiers").out
    assert "2026-03-08  stop          firing: S1" in said
    assert said.strip().endswith("tiers: first scale up never, first stop 2026-03-08.")
