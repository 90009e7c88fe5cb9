"""One pilot that can't be judged, or can't be stored: it holds up itself and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from pytest_django import Settings

from pilots.models import Pilot
from tests.faults.breaches import make_pilots, pilot_ref, tellings
from tests.faults.conftest import Report
from tests.faults.hours import PERIOD, mails_go_to, recovery, rounds
from tests.faults.parts import MoodyPostOffice

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
PILOTS, BREACHES, SPOILED = 4, 2, 1


@pytest.fixture(autouse=True)
def _mails_go_there(settings: Settings, post: MoodyPostOffice) -> None:
    mails_go_to(post, settings)


def raises_in_judging(pilot: Pilot) -> Callable[[], object]:
    """Give it a time zone that isn't there; return how it is mended."""
    Pilot.objects.filter(pk=pilot.pk).update(timezone="Nowhere/Land")
    return lambda: Pilot.objects.filter(pk=pilot.pk).update(timezone="UTC")


def raises_in_storing(pilot: Pilot) -> Callable[[], object]:
    """Let the database refuse its alerts, in the middle of the transaction; return how it is mended."""
    refuse = {
        "sqlite": [
            "CREATE TRIGGER spoil BEFORE INSERT ON pilots_alert"
            f" WHEN NEW.pilot_id = {pilot.pk} BEGIN SELECT RAISE(ABORT, 'spoiled'); END"
        ],
        "postgresql": [
            "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'spoiled'; END $$",
            "CREATE TRIGGER spoil BEFORE INSERT ON pilots_alert FOR EACH ROW"
            f" WHEN (NEW.pilot_id = {pilot.pk}) EXECUTE FUNCTION spoil()",
        ],
    }
    mend = {"sqlite": ["DROP TRIGGER spoil"], "postgresql": ["DROP FUNCTION spoil CASCADE"]}
    _tell(refuse[connection.vendor])
    return lambda: _tell(mend[connection.vendor])


def _tell(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.mark.parametrize("spoil", [raises_in_judging, raises_in_storing])
def test_the_others_are_told_at_once_and_the_spoiled_one_soon_after_it_is_mended(
    post: MoodyPostOffice, report: Report, spoil: Callable[[Pilot], Callable[[], object]]
) -> None:
    began = datetime.now(UTC)
    make_pilots(PILOTS, breaches=BREACHES)
    mend = spoil(Pilot.objects.get(ref=pilot_ref(SPOILED)))
    try:
        for _ in rounds(began, timedelta(minutes=2)):
            pass
        assert len(post.mails) == (PILOTS - 1) * BREACHES
    finally:
        mend()
    outcome = recovery(began + timedelta(minutes=2) + PERIOD, tellings(PILOTS, BREACHES), post)
    report(f"One pilot {spoil.__name__.replace('_', ' ')} for 2 min", outcome)
    assert (outcome.lost, outcome.unexpected, outcome.duplicated) == (0, 0, 0)
    assert outcome.recovered <= 5 * 60, "the second wait after failures"
