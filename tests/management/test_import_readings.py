from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from pilots.models import AccountShare, Metric, Observation, Pilot, ReadingRevision
from tests.builders import a_metric, a_pilot
from tests.management.running import Run, run

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HEADER = "observed_on,as_of,arm,segment,metric,n,sum,sum_sq"
GOOD = "2026-03-02,,,low,resolution_hours,10,200,4160"


@pytest.fixture
def pilot(db: None) -> Pilot:
    pilot = a_pilot()
    a_metric(pilot)
    return pilot


def importing(folder: Path, data: str | bytes, *options: str, name: str = "day.csv") -> Run:
    file = folder / name
    file.write_bytes(data if isinstance(data, bytes) else data.encode())
    return run("import_readings", file, "--pilot", "tiers", *options)


def csv(*rows: str) -> str:
    return "\n".join((HEADER, *rows, ""))


@pytest.mark.usefixtures("pilot")
def test_a_file_of_readings_is_stored_and_counted(tmp_path: Path) -> None:
    text = csv(GOOD, "2026-03-02,2026-03-05,,low,resolution_hours,11,220,4576")
    done = importing(tmp_path, text, "--json")
    assert done.code == 0
    assert done.document == {"new": 1, "same": 0, "corrected": 1, "older": 0, "refused": 0, "problems": []}
    assert Observation.objects.get().n == 11
    assert importing(tmp_path, text).out.strip() == "0 new, 2 the same, 0 corrected, 0 older, 0 refused."


@pytest.mark.usefixtures("pilot")
def test_ndjson_says_the_same_as_csv(tmp_path: Path) -> None:
    row = {"observed_on": "2026-03-02", "segment": "low", "metric": "resolution_hours", "n": 10, "sum": 200}
    lines = json.dumps(row | {"sum_sq": 4160}) + "\n"
    assert importing(tmp_path, lines, name="day.ndjson").code == 0
    assert importing(tmp_path, csv(GOOD), "--json").document["same"] == 1


@pytest.mark.usefixtures("pilot")
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\xef\xbb\xbf" + csv(GOOD).encode(), id="a byte order mark"),
        pytest.param(csv(GOOD).replace("\n", "\r\n").encode(), id="Windows line ends"),
        pytest.param(csv(GOOD.replace("low", '"low"')).encode(), id="quoted fields"),
    ],
)
def test_what_spreadsheets_write_is_read(tmp_path: Path, data: bytes) -> None:
    assert importing(tmp_path, data).code == 0
    assert Observation.objects.get().total == 200


def row(**changed: str) -> str:
    fields = dict(zip(HEADER.split(","), GOOD.split(","), strict=True)) | changed
    return ",".join(fields.values())


BAD: list[Any] = [
    pytest.param(csv(GOOD, row(segment="middling")), 3, "segment", "unknown segment", id="segment"),
    pytest.param(csv(GOOD, row(metric="resolution")), 3, "metric", "unknown metric", id="metric"),
    pytest.param(csv(GOOD, row(arm="treated")), 3, "arm", "unknown arm", id="arm"),
    pytest.param(csv(GOOD, row(observed_on="2199-01-01")), 3, "observed_on", "future", id="future day"),
    pytest.param(csv(GOOD, row(as_of="2026-03-01")), 3, "as_of", "before", id="known before it happened"),
    pytest.param(csv(GOOD, row(sum="NaN")), 3, "sum", "not a number", id="not a number"),
    pytest.param(csv(GOOD, row(sum_sq="Infinity")), 3, "sum_sq", "not a number", id="infinite"),
    pytest.param(csv(GOOD, row(n="0")), 3, "n", "between", id="no cases"),
    pytest.param(csv(GOOD, row(n="2.5")), 3, "n", "whole", id="half a case"),
    pytest.param(csv(GOOD, row(sum_sq="3000")), 3, "sum_sq", "", id="squares too small"),
    pytest.param(csv(GOOD, row(sum="190")), 3, "", "contradicts line 2", id="contradiction"),
    pytest.param(csv(GOOD, GOOD + ",7"), 3, "", "9 fields", id="a field too many"),
    pytest.param(csv('2026-03-02,,,"lo\nw",resolution_hours,10,200,4160', row(n="0")), 4, "n", "between",
                 id="after a quoted line break the lines keep their numbers"),
    pytest.param(f"{HEADER},colour\n{GOOD},red\n", 1, "colour", "unknown column", id="unknown column"),
    pytest.param(HEADER.replace(",sum_sq", "") + "\n", 1, "sum_sq", "missing", id="missing column"),
    pytest.param(csv(GOOD).encode() + b"2026-03-03,,,l\xf6w,resolution_hours,1,1,1\n", 3, "", "UTF-8",
                 id="wrong encoding"),
    pytest.param("", 1, "", "", id="empty file"),
    pytest.param('{"observed_on": "2026-03-02"\n', 1, "", "JSON", id="broken JSON"),
]  # fmt: skip


@pytest.mark.usefixtures("pilot")
@pytest.mark.parametrize(("data", "line", "field", "reason"), BAD)
def test_bad_input_is_refused_with_its_place_and_stores_nothing(
    tmp_path: Path, data: str | bytes, line: int, field: str, reason: str
) -> None:
    done = importing(tmp_path, data, "--json")
    assert done.code == 2
    place = f"{tmp_path / 'day.csv'}:{line}:"
    told = next(text for text in done.err.splitlines() if text.startswith(place))
    assert reason in told
    problem = next(p for p in done.document["problems"] if p["line"] == line and reason in p["reason"])
    assert (problem["file"], problem["field"]) == (str(tmp_path / "day.csv"), field)
    assert not Observation.objects.exists()
    assert not ReadingRevision.objects.exists()


@pytest.mark.usefixtures("pilot")
def test_with_partial_the_good_rows_stay_and_the_others_are_listed(tmp_path: Path) -> None:
    done = importing(tmp_path, csv(GOOD, row(n="0")), "--partial")
    assert done.code == 0
    assert done.out.strip() == "1 new, 0 the same, 0 corrected, 0 older, 1 refused."
    assert f"{tmp_path / 'day.csv'}:3: n: " in done.err
    assert Observation.objects.count() == 1


@pytest.mark.usefixtures("pilot")
def test_numbers_known_already_are_replaced_only_with_a_reason(tmp_path: Path) -> None:
    importing(tmp_path, csv(GOOD))
    changed = csv(row(sum="190"))
    assert importing(tmp_path, changed).code == 2
    assert importing(tmp_path, changed, "--correct").code == 2
    done = importing(tmp_path, changed, "--correct", "--reason", "Counted twice", "--json")
    assert done.document["corrected"] == 1
    newest = ReadingRevision.objects.order_by("pk").last()
    assert newest is not None
    assert (newest.reason, str(newest.by)) == ("Counted twice", "Command line")


def test_an_unknown_pilot_is_named_with_the_nearest(pilot: Pilot, tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_text(csv(GOOD))
    done = run("import_readings", tmp_path / "day.csv", "--pilot", "tier")
    assert (done.code, done.err.strip()) == (2, "pilot: unknown pilot 'tier'; did you mean 'tiers'?")


@pytest.mark.usefixtures("pilot")
def test_a_file_that_is_not_there_is_said_so() -> None:
    done = run("import_readings", "nowhere.csv", "--pilot", "tiers", "--json")
    assert done.code == 2
    assert "nowhere.csv: cannot be read" in done.err
    assert done.document["problems"][0]["file"] == "nowhere.csv"


@pytest.mark.usefixtures("pilot")
def test_a_dash_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    class Piped:
        buffer = io.BytesIO(csv(GOOD).encode())

    monkeypatch.setattr("sys.stdin", Piped)
    assert run("import_readings", "-", "--pilot", "tiers", "--json").document["new"] == 1


def test_single_cases_are_added_up(pilot: Pilot, tmp_path: Path) -> None:
    header = "observed_on,as_of,arm,segment,metric,value,account"
    rows = [f"2026-03-02,,,low,resolution_hours,{hours},a{hours}" for hours in (1, 2, 3)]
    assert importing(tmp_path, "\n".join((header, *rows, ""))).code == 0
    stored = Observation.objects.get(metric=Metric.objects.get())
    assert (stored.n, stored.total, stored.total_sq) == (3, 6, 14)


@pytest.mark.usefixtures("pilot")
def test_single_cases_with_an_account_are_kept_by_account_too(tmp_path: Path) -> None:
    header = "observed_on,as_of,arm,segment,metric,value,account"
    values = (("10", "Acme"), ("30", "Acme"), ("20", "Blue"))
    rows = [f"2026-03-02,,,low,resolution_hours,{value},{account}" for value, account in values]
    assert importing(tmp_path, "\n".join((header, *rows, ""))).code == 0
    assert sorted(AccountShare.objects.values_list("n", "total")) == [(1, 20.0), (2, 40.0)]
