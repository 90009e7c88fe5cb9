"""Files of readings for stories: one metric, two kinds of case."""

from __future__ import annotations

from datetime import date, timedelta

from pilots.models import ImportJob, Observation, Pilot, ReadingRevision, User
from pilots.services.uploading import open_upload
from tests.builders import NOON, START

HEADER = "observed_on,as_of,arm,segment,metric,n,sum,sum_sq\n"
STORED = ("metric", "day", "segment", "arm", "n", "total", "total_sq", "as_of")


def a_row(
    day: date = START, *, kind: str = "low", n: int = 10, as_of: str = "", metric: str = "resolution_hours"
) -> str:
    """A day's cases of 20 hours each."""
    return f"{day},{as_of},,{kind},{metric},{n},{n * 20},{n * 416}\n"


def a_file(rows: int, *, first: date = START) -> str:
    """Rows of two kinds of case a day, in the order of the days; then corrections of them, a day later."""
    days = [first + timedelta(days=number) for number in range(rows // 2)]
    return HEADER + "".join(a_row(day, kind=kind) for day in days for kind in ("low", "high"))


def sent(pilot: Pilot, text: str | bytes, *, by: User, name: str = "march.csv") -> ImportJob:
    content = text if isinstance(text, bytes) else text.encode()
    return open_upload(pilot_id=pilot.pk, by=by, name=name, content=content, now=NOON)


def stored() -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Return every current reading and every revision, without their keys."""
    current = list(Observation.objects.order_by(*STORED).values_list(*STORED))
    return current, list(ReadingRevision.objects.order_by(*STORED).values_list(*STORED, "kind"))
