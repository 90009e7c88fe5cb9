from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from pilots.reports.gathering import batch_entry, gathered
from pilots.reports.happenings import Batch, Entry

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
MONDAY = date(2026, 3, 2)


def delivered(number: int, source: str = ", from help desk.", came: str = "arrived") -> Entry:
    """The readings of one day, counted from Monday, as they came that evening."""
    day = MONDAY + timedelta(days=number)
    batch = Batch(day, day, 4, came, source)
    return batch_entry(
        Entry(NOON + timedelta(days=number), "readings", "data", "", "", same=came + source), batch
    )


def an_edit(part: str, same: str = "Mei: Pilot file.") -> Entry:
    return Entry(NOON, "edits", "edit", f"{part} added", "Mei: Pilot file.", same=same, part=part)


def words(entries: list[Entry]) -> list[str]:
    return [f"{entry.title} / {entry.text}" for entry in entries]


def test_readings_of_days_that_follow_one_another_are_told_as_one() -> None:
    told = gathered([delivered(2), delivered(1), delivered(0)])
    assert words(told) == ["Readings of 2 Mar – 4 Mar arrived / 12 readings in 3 deliveries, from help desk."]
    assert told[0].at == NOON + timedelta(days=2)


def test_what_lies_between_keeps_them_apart() -> None:
    paused = Entry(NOON, "moves", "flag", "Pilot: paused, after running", "Mei: Storm.")
    assert len(gathered([delivered(2), paused, delivered(1)])) == 3


def test_a_correction_or_another_source_stands_by_itself() -> None:
    told = gathered([delivered(2), delivered(1, came="corrected"), delivered(0, source=", by Aiko.")])
    assert words(told) == [
        "Readings of Wed 4 Mar arrived / 4 readings, from help desk.",
        "Readings of Tue 3 Mar corrected / 4 readings, from help desk.",
        "Readings of Mon 2 Mar arrived / 4 readings, by Aiko.",
    ]


def test_a_set_up_in_one_go_is_one_entry_that_names_its_parts() -> None:
    told = gathered([an_edit("T1"), an_edit("S1"), an_edit("E1", same="Mei: Another file.")])
    assert [entry.title for entry in told] == ["2 parts added", "E1 added"]
    assert told[0].details == ("S1", "T1")


def test_changes_are_never_put_together() -> None:
    changed = Entry(NOON, "edits", "edit", "E1: limit changed from 8% to 5%", "Mei: Earlier.")
    assert len(gathered([changed, changed])) == 2
