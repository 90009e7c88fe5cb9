from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pilots.models import Pilot
from tests.builders import START, a_condition, a_final_baseline, a_metric, a_pilot, readings
from tests.management.running import run
from tests.management.test_backtest import FIRST, HEADER, PILOT


def plans(*arguments: object) -> list[dict[str, Any]]:
    done = run("plan", *arguments, "--json")
    assert done.code == 0, done.err
    found: list[dict[str, Any]] = json.loads(done.out)["plans"]
    return found


def files(folder: Path, *, cases: int, days: int = 56) -> list[Path]:
    """A pilot file, and the readings of its baseline with days that vary a little."""
    chance, rows = Random(7), [HEADER]
    for number in range(days):
        total = cases * 20.0 * chance.uniform(0.95, 1.05)
        day = FIRST + timedelta(days=number)
        rows.append(f"{day},,,all,hours,{cases},{total},{cases * 20.0**2 * 2}")
    (folder / "pilot.yaml").write_text(PILOT.replace(", method: point", ""))
    (folder / "readings.csv").write_text("\n".join([*rows, ""]))
    return [folder / "pilot.yaml", folder / "readings.csv"]


def test_more_cases_and_more_days_prove_smaller_changes(tmp_path: Path) -> None:
    """There is no mark for the database here: a query would fail the test."""
    (tmp_path / "few").mkdir()
    (tmp_path / "many").mkdir()
    few, many = files(tmp_path / "few", cases=20), files(tmp_path / "many", cases=200)
    sizes = [plans(*source, "--by-day", day)[0]["smallest"] for source in (few, many) for day in (20, 49)]
    assert sizes[0] > sizes[1] > sizes[2] > sizes[3] > 0


def test_a_limit_is_added_to_what_chance_hides(tmp_path: Path) -> None:
    found = plans(*files(tmp_path, cases=100))
    any_change, limit = (next(p for p in found if p["ref"] == ref) for ref in (None, "T1"))
    assert limit["smallest"] == pytest.approx(1 - (1 - any_change["smallest"]) * 0.95)
    assert limit["by_day"] == 49
    assert "100 cases a day" in limit["sentence"]
    assert "Your rule asks for 5%." in limit["sentence"]


def test_a_stop_shares_its_risk_and_never_comes_before_its_limit(tmp_path: Path) -> None:
    found = {(p["ref"], p["kind"]): p for p in plans(*files(tmp_path, cases=5000))}
    assert found["S1", "stop_condition"]["smallest"] == pytest.approx(0.10)
    assert found[None, "stop_condition"]["smallest"] < 0.10


def test_without_readings_of_before_it_says_who_owes_them(tmp_path: Path) -> None:
    source = files(tmp_path, cases=100, days=0)
    source[1].write_text(f"{HEADER}\n2026-01-05,,,all,hours,10,200,5000\n")
    assert {p["smallest"] for p in plans(*source)} == {None}
    assert all("no readings from Mon 10 Nov to Sun 4 Jan yet" in p["sentence"] for p in plans(*source))


def test_before_the_first_look_nothing_is_proven(tmp_path: Path) -> None:
    [better, worse, *_] = plans(*files(tmp_path, cases=100), "--by-day", 10)
    assert better["why"] == "first_look"
    assert worse["smallest"] > 0


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        pytest.param(["--metric", "hour"], "did you mean 'hours'", id="an unknown metric"),
        pytest.param(["--by-day", "0"], "counted from 1", id="a day before the first"),
        pytest.param(["third"], "give a pilot's ref, or", id="too many files"),
    ],
)
def test_what_it_is_asked_wrongly_it_refuses(tmp_path: Path, arguments: list[str], reason: str) -> None:
    done = run("plan", *files(tmp_path, cases=10), *arguments)
    assert done.code == 2
    assert reason in done.err.lower() or reason in done.err


@pytest.fixture
def pilot(db: None) -> Pilot:
    pilot = a_pilot()
    metric = a_metric(pilot)
    a_final_baseline(metric)
    a_condition(metric, "T1", "threshold", comparison="improve_by", limit=0.05, method="interval")
    readings(metric, mean=20.0, first=START - timedelta(days=56), days=56)
    return pilot


@pytest.mark.usefixtures("pilot")
def test_a_stored_pilot_is_planned_from_the_readings_of_its_baseline() -> None:
    done = run("plan", "tiers")
    assert "T1  Resolution time: at 50 cases a day, an improvement of about" in done.out
    assert "is proven by day 91 in four of five pilots. Your rule asks for 5%." in done.out


@pytest.mark.django_db
def test_a_pilot_without_a_start_has_no_days_to_plan() -> None:
    a_pilot(start=None, end=None)
    done = run("plan", "tiers")
    assert done.code == 1
    assert "no start yet" in done.err
