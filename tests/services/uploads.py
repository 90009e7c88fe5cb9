"""Files of readings for stories: one metric, two kinds of case."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from pilots.models import ImportJob, Pilot, User
from pilots.services.uploading import open_upload, start_upload
from tests.builders import NOON, START, a_decision, a_metric, a_person, a_pilot

HEADER = "observed_on,as_of,arm,segment,metric,n,sum,sum_sq\n"


def a_row(
    day: date = START, *, kind: str = "low", n: int = 10, as_of: str = "", metric: str = "resolution_hours"
) -> str:
    """A day's cases of 20 hours each."""
    return f"{day},{as_of},,{kind},{metric},{n},{n * 20},{n * 416}\n"


def a_file(rows: int, *, first: date = START) -> str:
    """Rows of two kinds of case a day, in the order of the days."""
    days = [first + timedelta(days=number) for number in range(rows // 2)]
    return HEADER + "".join(a_row(day, kind=kind) for day in days for kind in ("low", "high"))


def sent(pilot: Pilot, text: str | bytes, *, by: User, name: str = "march.csv") -> ImportJob:
    content = text if isinstance(text, bytes) else text.encode()
    return open_upload(pilot_id=pilot.pk, by=by, name=name, content=content, now=NOON)


def a_waiting_file(ref: str, rows: int) -> ImportJob:
    """A pilot with a file that somebody just had stored; the last tenth corrects what stands before."""
    owner = a_person()
    pilot = a_metric(a_pilot(ref, decision=a_decision(f"{ref}-decision", owner=owner))).pilot
    days = [START - timedelta(days=number) for number in range(rows * 9 // 20)]
    first = "".join(a_row(day, kind=kind) for day in days for kind in ("low", "high"))
    again = "".join(a_row(day, n=12, as_of=str(day + timedelta(days=3))) for day in days[: rows // 10])
    now = datetime.now(UTC)
    content = (HEADER + first + again).encode()
    job = open_upload(pilot_id=pilot.pk, by=owner, name=f"{ref}.csv", content=content, now=now)
    return start_upload(job_id=job.pk, by=owner, now=now)
