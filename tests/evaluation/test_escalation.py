"""What an alert waits for, by its severity and its status, and what comes due first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilots.evaluation.escalation import (
    ANSWER_WITHIN,
    HELD_FOR,
    LONGEST_SNOOZE,
    MOST_REPEATS,
    REPEATS_AFTER,
    STEP_WAITS,
    Clock,
    Due,
    Wait,
    flaps,
    held_open_until,
    next_due,
)
from pilots.evaluation.vocabulary import Severity

NOON = datetime(2026, 3, 27, 12, tzinfo=UTC)  # a Friday; the clocks of Europe change two nights later
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONES = ("Europe/Amsterdam", "Asia/Tokyo", "America/New_York")
AN_OPEN = Clock(Severity.SEV2, "UTC", "open", NOON, repeat_at=NOON + DAY, step_due_at=NOON + 4 * HOUR)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (STEP_WAITS, ("30 minutes", "4 hours", "1 working day", None)),
        (HELD_FOR, ("4 hours", "24 hours", "3 working days", "7 working days")),
        (ANSWER_WITHIN, ("30 minutes", "2 hours", "1 working day", "1 working day")),
        (LONGEST_SNOOZE, ("24 hours", "3 days", "14 days", "14 days")),
        (REPEATS_AFTER, ("4 hours", "24 hours", "3 days", "7 days")),
    ],
)
def test_by_severity(table: dict[Severity, Wait | None], expected: tuple[str | None, ...]) -> None:
    waits = [table[severity] for severity in Severity]
    assert tuple(wait and wait.words for wait in waits) == expected


@pytest.mark.parametrize("zone", ZONES)
def test_three_working_days_end_at_the_same_time_of_day(zone: str) -> None:
    taken = datetime(2026, 3, 27, 16, 30, tzinfo=ZoneInfo(zone))
    ends = HELD_FOR[Severity.SEV3].after(taken, zone).astimezone(ZoneInfo(zone))
    assert (ends.date().isoformat(), ends.hour, ends.minute) == ("2026-04-01", 16, 30)


@pytest.mark.parametrize("zone", ZONES)
def test_four_hours_are_four_hours_in_the_night_the_clocks_change(zone: str) -> None:
    taken = datetime(2026, 3, 29, 0, 30, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert HELD_FOR[Severity.SEV1].after(taken, zone) - taken == 4 * HOUR


class TestWhatIsDueNext:
    @pytest.mark.parametrize(
        ("clock", "expected"),
        [
            pytest.param(AN_OPEN, (4 * HOUR, Due.STEP), id="open: the next step"),
            pytest.param(replace(AN_OPEN, step_due_at=None), (DAY, Due.REPEAT), id="after it: told again"),
            pytest.param(
                replace(AN_OPEN, step_due_at=None, repeats=MOST_REPEATS),
                (DAY, Due.STALL),
                id="after five times nobody is told again",
            ),
            pytest.param(
                replace(AN_OPEN, step_due_at=None, repeat_at=NOON + 8 * DAY),
                (7 * DAY, Due.STALL),
                id="nor after a week",
            ),
            pytest.param(
                replace(AN_OPEN, step_due_at=None, repeat_at=NOON + 7 * DAY),
                (7 * DAY, Due.REPEAT),
                id="of the same instant the repeat comes first",
            ),
            pytest.param(
                replace(AN_OPEN, step_due_at=None, stalled_at=NOON), None, id="stalled: nothing comes due"
            ),
            pytest.param(
                replace(AN_OPEN, stalled_at=NOON), (4 * HOUR, Due.STEP), id="stalled: steps still do"
            ),
            pytest.param(
                replace(AN_OPEN, status="acknowledged", acknowledged_until=NOON + DAY),
                (DAY, Due.REMINDER),
                id="taken: only the reminder",
            ),
            pytest.param(
                replace(AN_OPEN, status="acknowledged", acknowledged_until=NOON, reminded_at=NOON + HOUR),
                (3 * HOUR, Due.NO_ANSWER),
                id="reminded: two hours to answer",
            ),
            pytest.param(
                replace(AN_OPEN, status="snoozed", snoozed_until=NOON + 2 * DAY),
                (2 * DAY, Due.SNOOZE_OVER),
                id="snoozed: only its end",
            ),
            pytest.param(replace(AN_OPEN, status="resolved"), None, id="resolved: nothing"),
            pytest.param(
                replace(AN_OPEN, status="resolved", accepted_until=NOON + 9 * DAY),
                (9 * DAY, Due.ACCEPTED_UNTIL),
                id="put up with: the day it ends",
            ),
        ],
    )
    def test_of(self, clock: Clock, expected: tuple[timedelta, Due] | None) -> None:
        found = next_due(clock)
        assert (found and (found[0] - NOON, found[1])) == expected

    @given(
        severity=st.sampled_from(list(Severity)),
        step=st.none() | st.integers(1, 10_000),
        repeat=st.none() | st.integers(1, 20_000),
        repeats=st.integers(0, 9),
    )
    def test_of_an_open_alert_always_comes_within_a_week(
        self, severity: Severity, step: int | None, repeat: int | None, repeats: int
    ) -> None:
        clock = Clock(
            severity,
            "Europe/Amsterdam",
            "open",
            NOON,
            step_due_at=_later(step),
            repeat_at=_later(repeat),
            repeats=repeats,
        )
        found = next_due(clock)
        assert found is not None
        assert NOON < found[0] <= NOON + 7 * DAY


def _later(minutes: int | None) -> datetime | None:
    return None if minutes is None else NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize(("turns", "expected"), [(3, False), (4, True), (9, True)])
def test_four_turns_in_a_week_are_a_coming_and_going(turns: int, expected: bool) -> None:
    assert flaps(turns) is expected


def test_what_comes_and_goes_must_stay_calm_as_long_again() -> None:
    assert held_open_until(NOON, recover_periods=3, cadence_days=1) == NOON + 3 * DAY
    assert held_open_until(NOON, recover_periods=3, cadence_days=7) == NOON + 21 * DAY
