"""Readings files: every row is a reading or is refused with its line, and the order never matters."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from math import log1p
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilots.evaluation.moments import Moments
from pilots.evaluation.vocabulary import Arm
from pilots.importing.readings import read_json_readings, read_readings
from tests.importing.builders import (
    AGGREGATE_HEADER,
    RAW_HEADER,
    TODAY,
    a_file,
    known,
    problems_of,
    read,
    rows_of,
)

GOOD = "2026-03-02,2026-03-04,pilot,high,hours,4,20,120"


class TestAGoodRow:
    (row,) = rows_of(read(a_file(GOOD)))

    def test_speaks_of_a_day_a_segment_and_an_arm(self) -> None:
        reading = self.row.reading
        assert reading.key == ("hours", date(2026, 3, 2), "high", Arm.PILOT)
        assert reading.moments == Moments(4, 20.0, 120.0)
        assert self.row.line == 2

    def test_was_known_at_the_end_of_a_day_in_the_pilots_zone(self) -> None:
        assert self.row.reading.as_of == datetime(2026, 3, 4, 22, 59, 59, 999999, tzinfo=UTC)


@pytest.mark.parametrize(
    ("as_of", "known_at"),
    [
        pytest.param("", datetime(2026, 3, 2, 22, 59, 59, 999999, tzinfo=UTC), id="empty is the day itself"),
        pytest.param("2026-03-04T09:30:00Z", datetime(2026, 3, 4, 9, 30, tzinfo=UTC), id="an instant"),
        pytest.param(
            "2026-03-04T09:30:00+02:00", datetime(2026, 3, 4, 7, 30, tzinfo=UTC), id="with an offset"
        ),
        pytest.param("2026-03-04 09:30", datetime(2026, 3, 4, 8, 30, tzinfo=UTC), id="else the pilot's zone"),
        pytest.param(
            "2026-03-29", datetime(2026, 3, 29, 21, 59, 59, 999999, tzinfo=UTC), id="a day of 23 hours"
        ),
    ],
)
def test_as_of(as_of: str, known_at: datetime) -> None:
    (row,) = rows_of(read(a_file(f"2026-03-02,{as_of},,high,hours,4,20,120")))
    assert row.reading.as_of == known_at


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        pytest.param("2026-03-02,,,high,huors,4,20,120", "metric", "did you mean 'hours'?", id="a metric"),
        pytest.param("2026-03-02,,,hihg,hours,4,20,120", "segment", "did you mean 'high'?", id="a segment"),
        pytest.param("2026-03-02,,,,hours,4,20,120", "segment", "unknown segment ''", id="no segment"),
        pytest.param("2026-03-02,,contrl,high,hours,4,20,120", "arm", "did you mean 'control'?", id="an arm"),
        pytest.param(
            "02.03.2026,,,high,hours,4,20,120", "observed_on", "write it like", id="a day of another form"
        ),
        pytest.param("2026-02-30,,,high,hours,4,20,120", "observed_on", "not a day", id="a day that is none"),
        pytest.param(
            "2026-04-01,,,high,hours,4,20,120", "observed_on", "lies in the future", id="a future day"
        ),
        pytest.param(
            "2026-03-02,2026-04-01,,high,hours,4,20,120", "as_of", "lies in the future", id="known in future"
        ),
        pytest.param(
            "2026-03-02,2026-03-01,,high,hours,4,20,120", "as_of", "before the day", id="known before"
        ),
        pytest.param(
            "2026-03-02,yesterday,,high,hours,4,20,120", "as_of", "not a day", id="a word for a day"
        ),
        pytest.param(
            "2026-03-02,2026-03-04T25:00:00Z,,high,hours,4,20,120", "as_of", "exists", id="25 o'clock"
        ),
        pytest.param(
            "0001-01-01,0001-01-01T00:30:00+14:00,,high,hours,1,1,1", "as_of", "exists", id="before time"
        ),
        pytest.param("2026-03-02,,,high,hours,0,20,120", "n", "between 1 and", id="no case"),
        pytest.param("2026-03-02,,,high,hours,-3,20,120", "n", "between 1 and", id="fewer than none"),
        pytest.param("2026-03-02,,,high,hours,2.5,20,120", "n", "not a whole number", id="half a case"),
        pytest.param("2026-03-02,,,high,hours,,20,120", "n", "is empty", id="n left out"),
        pytest.param("2026-03-02,,,high,hours,3000000000,20,120", "n", "between 1 and", id="too many"),
        pytest.param("2026-03-02,,,high,hours,4,nan,120", "sum", "cannot be", id="not a number"),
        pytest.param("2026-03-02,,,high,hours,4,20,Infinity", "sum_sq", "cannot be", id="infinity"),
        pytest.param("2026-03-02,,,high,hours,4,1e101,1e100", "sum", "cannot be", id="too large to square"),
        pytest.param('2026-03-02,,,high,hours,4,"20,5",120', "sum", "not a number", id="a decimal comma"),
        pytest.param("2026-03-02,,,high,hours,4,,120", "sum", "is empty", id="sum left out"),
        pytest.param("2026-03-02,,,high,hours,4,20,", "sum_sq", "is empty", id="sum_sq left out"),
        pytest.param("2026-03-02,,,high,hours,4,20,99.9998", "sum_sq", "too small", id="sum_sq too small"),
        pytest.param(
            "2026-03-02,,,high,solved,4,5,5", "sum", "5 successes of 4", id="more successes than cases"
        ),
        pytest.param("2026-03-02,,,high,solved,4,-1,-1", "sum", "-1 successes", id="negative successes"),
        pytest.param(
            "2026-03-02,,,high,solved,4,2,4", "sum_sq", "both are the successes", id="a rate's squares"
        ),
        pytest.param("2026-03-02,,,high,wait,4,-1,9", "sum", "log(1 + x)", id="a negative logarithm"),
        pytest.param(
            "2026-03-02,,,high,hours,4,20", "", "7 fields where the header has 8", id="a field short"
        ),
        pytest.param("2026-03-02,,,high,hours,4,20,120,9", "", "9 fields", id="a field more"),
        pytest.param('2026-03-02,,,"high"x,hours,4,20,120', "", "not readable as CSV", id="a torn quotation"),
        pytest.param(
            '2026-03-02,,,"high,hours,4,20,120', "", "opened and not closed", id="an open quotation"
        ),
        pytest.param(
            f"2026-03-02,,,{'x' * 200_000},hours,4,20,120", "", "not readable as CSV", id="a field too long"
        ),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_the_others_stay(row: str, field: str, reason: str) -> None:
    items = read(a_file(GOOD, row))
    (problem,) = problems_of(items)
    assert (problem.file, problem.line, problem.field) == ("readings.csv", 3, field)
    assert (
        reason.replace("cannot be", "not a number that can be") in problem.reason
        or "opened" in problem.reason
    )
    assert [row.line for row in rows_of(items)] == [2]


@pytest.mark.parametrize(
    ("total_sq", "taken"),
    [
        pytest.param("100", True, id="equal values"),
        pytest.param("99.9999", True, id="rounding: less than 1e-6 of it short"),
        pytest.param("99.99989", False, id="more than 1e-6 of it short"),
    ],
)
def test_sum_sq_may_be_short_by_rounding(total_sq: str, taken: bool) -> None:
    assert bool(rows_of(read(a_file(f"2026-03-02,,,high,hours,4,20,{total_sq}")))) is taken


def test_a_rate_needs_its_successes_once() -> None:
    (row,) = rows_of(read(a_file("2026-03-02,,,high,solved,4,3,")))
    assert row.reading.moments == Moments(4, 3.0, 3.0)


def test_a_pilot_without_dimensions_has_one_segment() -> None:
    rows = rows_of(
        read(a_file("2026-03-02,,,all,hours,1,2,4", "2026-03-03,,,,hours,1,2,4"), known=known(dimensions={}))
    )
    assert [row.reading.segment for row in rows] == ["all", "all"]


@pytest.mark.parametrize(
    ("header", "told"),
    [
        pytest.param(
            "observed_on,as_of,arm,segment,metrc,n,sum,sum_sq", ["metrc", "metric"], id="a misspelt column"
        ),
        pytest.param("observed_on,as_of,arm,segment,n,sum,sum_sq", ["metric"], id="a column less"),
        pytest.param(f"{AGGREGATE_HEADER},n", ["n"], id="a column twice"),
        pytest.param(f"{AGGREGATE_HEADER},value", ["n", "sum", "sum_sq"], id="sums and values together"),
        pytest.param(
            AGGREGATE_HEADER.replace(",", ";"), [AGGREGATE_HEADER.replace(",", ";")], id="semicolons"
        ),
    ],
)
def test_a_header_that_is_not_understood_stops_the_file(header: str, told: list[str]) -> None:
    items = read(a_file(GOOD, header=header))
    assert [(problem.line, problem.field) for problem in problems_of(items)] == [(1, field) for field in told]
    assert rows_of(items) == []


def test_columns_come_in_any_order_and_case() -> None:
    data = a_file(
        "hours,120,high,20,,4,2026-03-04,2026-03-02",
        header="Metric,SUM_SQ,segment,sum,arm,n,as_of,observed_on",
    )
    assert [row.reading for row in rows_of(read(data))] == [
        row.reading for row in rows_of(read(a_file(GOOD)))
    ]


def test_an_empty_file_is_refused_and_a_header_alone_is_no_rows() -> None:
    assert [problem.line for problem in problems_of(read(b""))] == [1]
    assert read(a_file()) == []


def test_byte_order_mark_windows_line_ends_and_quoted_newlines() -> None:
    lines = [AGGREGATE_HEADER, GOOD, "", '2026-03-02,,,"hi\ngh",hours,1,1,1', GOOD.replace("03-02", "03-03")]
    items = read(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    assert [(problem.line, problem.field) for problem in problems_of(items)] == [(4, "segment")]
    assert [row.line for row in rows_of(items)] == [2, 6]


def test_a_line_of_another_encoding_is_refused_with_its_byte() -> None:
    data = a_file(GOOD) + b"2026-03-02,,,h\xefgh,hours,1,1,1\n" + GOOD.replace("03-02", "03-03").encode()
    items = read(data)
    assert [str(problem) for problem in problems_of(items)] == [
        "readings.csv:3: not UTF-8: byte 15 of the line is 0xEF"
    ]
    assert [row.line for row in rows_of(items)] == [2, 4]


def test_a_file_without_line_ends_is_not_taken_into_memory() -> None:
    items = read(a_file(GOOD) + b"x" * (3 << 20))
    assert [(problem.line, "longer than" in problem.reason) for problem in problems_of(items)] == [(3, True)]


class TestRowsOfOneFile:
    same = "2026-03-02,2026-03-04,pilot,severity=high,hours,4,20.0,120.00"
    other = "2026-03-02,2026-03-04T22:59:59.999999Z,,high,hours,4,20,121"
    later = "2026-03-02,2026-03-05,,high,hours,4,20,121"

    def test_may_be_there_twice(self) -> None:
        assert len(rows_of(read(a_file(GOOD, self.same)))) == 2

    def test_may_be_corrected_later(self) -> None:
        assert problems_of(read(a_file(GOOD, self.later))) == []

    def test_may_not_contradict_each_other(self) -> None:
        problems = problems_of(read(a_file(GOOD, self.same, self.other)))
        assert [problem.line for problem in problems] == [2, 3, 4]
        assert "contradicts line 4" in problems[0].reason
        assert "contradicts line 2" in problems[2].reason

    @settings(deadline=None)
    @given(st.permutations([GOOD, same, other, later, GOOD.replace("hours", "tickets")]))
    def test_come_in_any_order(self, rows: list[str]) -> None:
        kept = rows_of(read(a_file(*rows), partial=True))
        expected = {GOOD.replace("hours", "tickets"), self.later}
        assert {rows[row.line - 2] for row in kept} == expected

    def test_tell_their_problems_first_where_only_the_good_ones_are_kept(self) -> None:
        items = read(a_file(GOOD, self.later, "rubbish", self.other), partial=True)
        assert [item.line for item in items] == [4, 2, 5, 3]


class TestSingleCases:
    rows = (
        "2026-03-02,2026-03-02,,high,hours,3,ada",
        "2026-03-02,2026-03-04,,high,hours,5,ada",
        "2026-03-02,2026-03-02,,high,hours,1,lin",
        "2026-03-02,2026-03-02,control,high,hours,8,",
    )

    def test_are_added_up_to_what_was_known_at_each_instant(self) -> None:
        readings = [row.reading for row in rows_of(read(a_file(*self.rows, header=RAW_HEADER)))]
        assert [(each.arm, each.as_of.day, each.moments) for each in readings] == [
            (Arm.CONTROL, 2, Moments(1, 8.0, 64.0)),
            (Arm.PILOT, 2, Moments(2, 4.0, 10.0)),
            (Arm.PILOT, 4, Moments(3, 9.0, 35.0)),
        ]

    def test_need_no_account(self) -> None:
        header = RAW_HEADER.removesuffix(",account")
        items = read(a_file("2026-03-02,,,high,hours,3", header=header))
        assert [row.reading.moments for row in rows_of(items)] == [Moments(1, 3.0, 9.0)]

    @pytest.mark.parametrize(
        ("metric", "value", "reason"),
        [("hours", "x", "not a number"), ("solved", "0.5", "neither 0 nor 1"), ("wait", "-1", "below zero")],
    )
    def test_are_refused_where_the_metric_has_no_such_value(
        self, metric: str, value: str, reason: str
    ) -> None:
        (problem,) = read(a_file(f"2026-03-02,,,high,{metric},{value},", header=RAW_HEADER))
        assert (problem.line, getattr(problem, "field", "")) == (2, "value")
        assert reason in str(problem)

    def test_of_a_geometric_mean_are_logarithms(self) -> None:
        (row,) = rows_of(read(a_file("2026-03-02,,,high,wait,9,", header=RAW_HEADER)))
        assert row.reading.moments.total == log1p(9)

    @settings(deadline=None)
    @given(st.data())
    def test_in_any_order_come_to_the_same_digits(self, data: st.DataObject) -> None:
        values = data.draw(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8))
        shuffled = data.draw(st.permutations(values))
        one, other = (
            [row.reading for row in rows_of(read(a_file(*lines, header=RAW_HEADER)))]
            for lines in ([f"2026-03-02,,,low,hours,{v!r},x" for v in each] for each in (values, shuffled))
        )
        assert one == other


def a_record(**changes: Any) -> dict[str, Any]:
    record = {
        "observed_on": "2026-03-02",
        "segment": "high",
        "metric": "hours",
        "n": 4,
        "sum": 20,
        "sum_sq": 120.0,
    }
    return {**record, **changes}


class TestNdjson:
    def test_is_read_like_csv(self) -> None:
        lines = [a_record(as_of="2026-03-04"), a_record(as_of=None, arm="", n="4")]
        rows = rows_of(read("\n\n".join(map(json.dumps, lines)).encode()))
        assert [row.line for row in rows] == [1, 3]
        assert {row.reading.moments for row in rows} == {Moments(4, 20.0, 120.0)}

    @pytest.mark.parametrize(
        ("line", "field", "reason"),
        [
            pytest.param("{torn", "", "not readable as JSON", id="torn"),
            pytest.param("[1]", "", "expected an object", id="a list"),
            pytest.param(
                json.dumps(a_record(metrics="x")), "metrics", "did you mean 'metric'?", id="a field"
            ),
            pytest.param(json.dumps(a_record(n=True)), "n", "a text or a number", id="true is no number"),
            pytest.param(
                json.dumps(a_record(sum=[1])), "sum", "a text or a number", id="a list for a number"
            ),
            pytest.param(json.dumps(a_record(sum=float("nan"))), "sum", "not a number", id="not a number"),
            pytest.param('{"segment": "high"}', "observed_on", "is missing", id="a field left out"),
            pytest.param("[" * 100_000, "", "not readable as JSON", id="bottomless nesting"),
        ],
    )
    def test_refuses_a_line_and_goes_on(self, line: str, field: str, reason: str) -> None:
        good = json.dumps(a_record())
        items = read(f"{good}\n{line}\n{good}\n".encode())
        (problem,) = problems_of(items)
        assert (problem.line, problem.field) == (2, field)
        assert reason in problem.reason
        assert len(rows_of(items)) == 2

    def test_may_come_parsed_already(self) -> None:
        items = list(read_json_readings([a_record(), a_record(n=0), 7], known=known()))
        assert [item.line for item in items] == [1, 2, 3]
        assert len(rows_of(items)) == 1


class Pipe(io.RawIOBase):
    """A stream of made-up rows that can be read once and is never whole in memory."""

    def __init__(self, rows: int) -> None:
        self._chunks = self._made_up(rows)
        self._rest = b""

    def _made_up(self, rows: int) -> Iterator[bytes]:
        yield f"{AGGREGATE_HEADER}\n".encode()
        for i in range(rows):
            day, known_at = (
                TODAY - timedelta(days=i % 700),
                f"{TODAY}T{time.min.replace(i // 3600, i // 60 % 60, i % 60)}",
            )
            yield f"{day},{known_at},,{'high' if i % 2 else 'low'},hours,{4 + i},20,120\n".encode()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = chunk
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def test_a_pipe_is_read_like_a_file() -> None:
    stream = io.BufferedReader(Pipe(300))
    assert len(list(read_readings(stream, file="-", known=known(), partial=True))) == 300


def peak_memory(rows: int) -> int:
    tracemalloc.start()
    for _ in read_readings(io.BufferedReader(Pipe(rows)), file="-", known=known()):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_a_longer_file_takes_no_more_memory() -> None:
    assert peak_memory(12_000) < 1.2 * peak_memory(5_000)


def test_progress_counts_every_byte() -> None:
    data, told = a_file(*[GOOD] * 9_000), list[int]()
    list(read_readings(io.BytesIO(data), file="x", known=known(), progress=told.append))
    assert sum(told) == len(data)
    assert len(told) > 2
