from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from benchmarks.real_log_null import account_sums, arm_of, first_calls, main, readings, tickets_of
from pilots.evaluation.moments import Moments
from pilots.evaluation.vocabulary import Arm

HEAD = "opened_at,resolved_at,hours,caller_id,priority"
ROWS = (
    "2016-05-02T08:00:00,2016-05-03T08:00:00,24,Caller 1,3 - Moderate",
    "2016-05-02T09:00:00,2016-05-02T13:00:00,4,Caller 1,3 - Moderate",
    "2016-05-02T10:00:00,,,Caller 1,3 - Moderate",
    "2016-03-02T10:00:00,2016-05-02T10:00:00,1464,Caller 1,3 - Moderate",
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "tickets.csv"
    file.write_text("\n".join((HEAD, *ROWS)) + "\n")
    return file


def test_a_day_is_learnt_again_whenever_one_of_its_tickets_is_solved(log: Path) -> None:
    found = [(r.day, r.as_of.date(), r.moments) for r in readings(tickets_of(log), 0)]
    assert found == [
        (date(2016, 5, 2), date(2016, 5, 2), Moments(1, 4, 16)),
        (date(2016, 5, 2), date(2016, 5, 3), Moments(2, 28, 592)),
    ]


def test_accounts_bring_what_the_readings_hold(log: Path) -> None:
    sums = list(account_sums(tickets_of(log), 0))
    assert [(a.account, a.n, a.total) for a in sums] == [("Caller 1", 1, 4), ("Caller 1", 1, 24)]


def test_a_salt_splits_callers_in_halves_and_keeps_each_in_one_arm() -> None:
    arms = [arm_of(f"Caller {number}", salt=3) for number in range(2000)]
    assert arms.count(Arm.PILOT) == pytest.approx(1000, abs=100)
    assert arms != [arm_of(f"Caller {number}", salt=4) for number in range(2000)]


def test_where_the_log_is_not_present_the_benchmark_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--log", str(tmp_path / "tickets.csv")]) == 0
    assert capsys.readouterr().out.startswith("Not run: the real ticket log is not")


@pytest.mark.reallog
def test_nothing_is_called_in_a_split_of_the_real_log(real_log: Path) -> None:
    assert first_calls(real_log, 0, by_account=True) == {}
