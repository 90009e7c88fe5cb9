"""A person sends a file of readings in a real browser, with script and without."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from pilots.models import Observation
from pilots.tasks import import_jobs
from tests.browser import scenes
from tests.browser.conftest import PICTURES, Visits, sign_in
from tests.browser.test_screenshots import pictures
from tests.services.uploads import a_file

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PILOT = "/pilots/health-warning/"
YESTERDAY = timezone.localdate() - timedelta(days=1)
HEADER = "Day\tCases\tSum\tSquares\tSeverity\n"
PASTED = f"{HEADER}{YESTERDAY}\t40\t480\t6200\tlow\n{YESTERDAY}\t40\t480\t6200\tpurple\n"


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_rows_are_pasted_looked_at_and_stored(visits: Visits, script: bool) -> None:
    scenes.blind()
    seen = sign_in(visits(script=script))
    page = seen.goto(PILOT)
    page.get_by_role("link", name="Record readings").first.click()
    page.fill("#id_rows", PASTED)
    page.get_by_role("button", name="Read it").click()
    assert page.get_by_role("heading", name="1 row can be stored, 1 is refused.").is_visible()
    assert "purple" in page.get_by_role("table", name="What to mend").inner_text()
    page.get_by_role("button", name="Store the 1 good row").click()
    assert page.get_by_role("heading", name="1 new, 1 refused.").is_visible()
    assert Observation.objects.filter(day=YESTERDAY, source="pasted rows").count() == 1
    assert seen.watch.complaints == []


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_long_file_is_watched_and_left_and_found_again(
    visits: Visits, tmp_path: Path, script: bool
) -> None:
    scenes.blind()
    file = tmp_path / "two-years.csv"
    file.write_text(a_file(3000, first=YESTERDAY.replace(year=YESTERDAY.year - 9, day=1)))
    page = sign_in(visits(script=script)).goto(f"{PILOT}readings/import/")
    page.set_input_files("#id_file", file)
    page.get_by_role("button", name="Read it").click()
    page.get_by_role("button", name="Store 3,000 rows").click()
    assert page.get_by_role("progressbar").is_visible()
    page.goto(page.url.partition("/pilots")[0] + PILOT)
    assert "being stored, 0 of 3,000 rows are in." in page.locator("main").inner_text()
    page.get_by_role("link", name="two-years.csv").click()
    import_jobs()
    page.get_by_role("heading", name="3,000 new.").wait_for(timeout=10_000)  # it looks again by itself


def test_a_number_is_typed_corrected_and_traced_by_keyboard(visits: Visits) -> None:
    scenes.blind()
    seen = sign_in(visits(width=390))
    page = seen.goto(f"{PILOT}readings/one/")
    for field, text in (("n", "40"), ("total", "480"), ("spread", "3")):
        page.fill(f"#id_{field}", text)
    page.fill("#id_day", YESTERDAY.isoformat())
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "First value" in page.locator("main").inner_text()
    page.get_by_role("link", name="Correct it").click()
    page.fill("#id_total", "500")
    page.fill("#id_correction_reason", "Two cases were forgotten")
    page.get_by_role("button", name="Store it").click()
    told = page.locator("main").inner_text()
    assert "Corrected from 12" in told
    assert "Two cases were forgotten" in told
    assert seen.watch.complaints == []


def test_the_pages_of_readings_fit_their_windows(visits: Visits) -> None:
    pilot = scenes.blind()
    metric = pilot.metrics.get().ref
    last = timezone.localdate() - timedelta(days=6)
    PICTURES.mkdir(parents=True, exist_ok=True)
    page = sign_in(visits()).goto(f"{PILOT}readings/import/")
    page.fill("#id_rows", PASTED + f"{last}\t41\t480\t6200\tlow\n")
    page.get_by_role("button", name="Read it").click()
    looked = page.url.partition("/pilots/")[2]
    page.goto(page.url.partition("/pilots")[0] + f"{PILOT}readings/import/")
    page.fill("#id_rows", "when,howmany\n2026-01-01,3\n")
    page.get_by_role("button", name="Read it").click()
    pages = {
        "readings": f"{PILOT}readings/",
        "readings-day": f"{PILOT}readings/{metric}/{last}/",
        "readings-empty-day": f"{PILOT}readings/{metric}/{YESTERDAY}/",
        "readings-send": f"{PILOT}readings/import/",
        "readings-looked-at": f"/pilots/{looked}",
        "readings-columns": "/pilots/" + page.url.partition("/pilots/")[2],
        "reading-one": f"{PILOT}readings/one/",
    }
    assert pictures(visits, pages) == []
