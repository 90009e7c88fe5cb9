from __future__ import annotations

from pathlib import Path

import pytest

from pilots.models import Decision, NextStep, Pilot
from tests.conftest import SHARED
from tests.management.running import run
from tests.services.test_importing_one_pagers import TEXT

pytestmark = pytest.mark.django_db

SEED = SHARED / "seeds/001_b20f76e5656da85e.txt"


@pytest.fixture
def text(tmp_path: Path) -> Path:
    file = tmp_path / "lockers.txt"
    file.write_text(TEXT)
    return file


def test_it_says_what_it_understood_assumed_and_could_not_place(text: Path) -> None:
    text.write_text("Skip to content\n" + TEXT)
    done = run("import_one_pager", text)
    assert done.code == 0
    assert "Trade-off: convenience versus security" in done.out
    assert "  - B: Pilot lockers in stages" in done.out
    assert "Source: not said" in done.out
    assert "  - line 1: Skip to content" in done.out


def test_again_it_says_that_it_is_there_already(text: Path) -> None:
    first = run("import_one_pager", text, "--json").document
    again = run("import_one_pager", text, "--json").document
    assert first["created"] == first["drafts"] == again["drafts"]
    assert again["created"] == {"decision": None, "pilot": None}
    assert "is there already" in run("import_one_pager", text).out


def test_it_takes_the_ref_it_is_given(text: Path) -> None:
    created = run("import_one_pager", text, "--ref", "lockers", "--json").document["created"]
    assert created == {"decision": "lockers", "pilot": "lockers"}


def test_a_ref_that_is_taken_is_refused(text: Path) -> None:
    run("import_one_pager", text, "--ref", "lockers")
    text.write_text(TEXT.replace("off the counters", "off the streets"))
    done = run("import_one_pager", text, "--ref", "lockers", "--json")
    assert done.code == 1
    assert "another ref" in done.document["refused"][0]["reason"]


@pytest.mark.parametrize(
    ("data", "place", "reason"),
    [
        pytest.param(b"", ":1:", "empty", id="empty"),
        pytest.param(b"Just a shopping list.\n", ":1:", "no section", id="no one-pager"),
        pytest.param(b"Context\nAll \xe9 wrong\n", ":2:", "UTF-8", id="wrong encoding"),
        pytest.param(b"Context\n\x00\x01\n", ":2:", "NUL", id="binary"),
    ],
)
def test_what_is_no_one_pager_is_refused_with_its_place(
    tmp_path: Path, data: bytes, place: str, reason: str
) -> None:
    file = tmp_path / "page.txt"
    file.write_bytes(data)
    done = run("import_one_pager", file, "--json")
    assert done.code == 2
    assert done.err.startswith(f"{file}{place}")
    assert reason in done.err
    assert done.document["problems"][0]["file"] == str(file)
    assert not Decision.objects.exists()


@pytest.mark.skipif(not SEED.exists(), reason="the reference one-pager is not here")
def test_the_reference_one_pager_is_understood_whole() -> None:
    document = run("import_one_pager", SEED, "--json").document
    assert document["framework"] == "B0174"
    assert [option["key"] for option in document["options"] if option["chosen"]] == ["B"]
    assert len(document["options"]) == 3
    assert document["metrics"] == ["resolution time", "support cost per account", "customer health score"]
    assert document["drivers"] == ["usage criticality", "contract tier", "issue severity mix"]
    assert document["trade_off"] == ["service differentiation", "fairness"]
    assert all(document["names"].values())
    assert len(document["risks"]) == 2
    asked = ["owners", "baselines", "drivers", "first_review", "escalation_triggers", "stop_conditions"]
    assert [step["readiness"] for step in document["next"]] == asked
    assert list(NextStep.objects.values_list("readiness", flat=True)) == asked
    assert dict(Pilot.objects.get().metrics.values_list("ref", "direction")) == {
        "resolution_time": "lower_is_better",
        "support_cost_per_account": "lower_is_better",
        "customer_health_score": "higher_is_better",
    }
