"""Readings of many pilots in columns: of each what its sources knew at its instant, frozen days read once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pilots.evaluation.sheets import Sheet
from pilots.models import Baseline, Observation, Pilot
from pilots.services.gathering import lay_out_baselines, sheets_known
from tests.builders import NOON, START, a_final_baseline, a_metric, a_pilot, a_running_pilot
from tests.services.stories import end_of, record

pytestmark = [pytest.mark.django_db, pytest.mark.database]
REF = "resolution_hours"


def known(pilot: Pilot, sheet: Sheet) -> dict[tuple[str, str], float]:
    """Each day's and segment's mean."""
    readings = sheet.readings(REF, as_of=NOON)
    return {(str(r.day), r.segment): r.moments.total / r.moments.n for r in readings}


def test_each_pilot_of_a_batch_is_seen_as_it_was_known_at_its_own_instant() -> None:
    early, late = a_running_pilot("early", days=20), a_running_pilot("late", days=20)
    for pilot in (early, late):
        record(pilot.metrics.get(), mean=60.0, days=(20, 20), known=25)
    pilots = list(Pilot.objects.with_rules())
    sheets = sheets_known(pilots, {early.pk: end_of(21), late.pk: end_of(26)})
    corrected = (str(START + timedelta(days=19)), "low")
    assert known(early, sheets[early.pk][REF])[corrected] == 20.0
    assert known(late, sheets[late.pk][REF])[corrected] == 60.0


def test_the_columns_hold_every_reading_of_both_arms_exactly() -> None:
    pilot = a_running_pilot()
    Observation.objects.filter(day=START, segment="low").update(total=0.1 + 0.2, arm="control", n=2**40)
    [sheet] = sheets_known([pilot], {pilot.pk: NOON})[pilot.pk].values()
    rows = Observation.objects.values_list("day", "segment", "arm", "n", "total", "total_sq")
    found = [
        (r.day, r.segment, r.arm.value, r.moments.n, r.moments.total, r.moments.total_sq)
        for r in sheet.readings(REF, as_of=NOON)
    ]
    assert sorted(found) == sorted(rows)


def test_a_pilot_without_readings_has_no_sheets() -> None:
    pilot = a_running_pilot(days=0)
    assert sheets_known([pilot], {pilot.pk: NOON}) == {pilot.pk: {}}


def frozen(mean: float) -> list[list[object]]:
    return [[str(START - timedelta(days=1)), "low", "pilot", 10, 10 * mean, 10 * mean**2, NOON.isoformat()]]


def laid_out(pilot: Pilot) -> Baseline:
    [found] = Pilot.objects.filter(pk=pilot.pk).to_judge()
    lay_out_baselines([found])
    baseline = found.metrics.all()[0].baseline
    assert baseline is not None
    return baseline


def test_what_is_frozen_is_read_once_and_another_version_anew() -> None:
    pilot = a_pilot()
    metric = a_metric(pilot)
    a_final_baseline(metric, daily=frozen(31.0))
    with CaptureQueriesContext(connection) as asked:
        assert laid_out(pilot).sheet.total.tolist() == [310.0]
    assert any('"daily",' in query["sql"] for query in asked.captured_queries)
    with CaptureQueriesContext(connection) as asked:
        laid_out(pilot)
    assert not any('"daily",' in query["sql"] for query in asked.captured_queries)
    a_final_baseline(metric, number=2, daily=frozen(44.0), reason="A holiday week.")
    assert laid_out(pilot).sheet.total.tolist() == [440.0]
