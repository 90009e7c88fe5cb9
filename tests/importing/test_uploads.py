"""Files as people send them: their own names of columns, their own signs between them."""

from __future__ import annotations

import pytest

from pilots.evaluation.vocabulary import MetricKind
from pilots.importing.column_maps import ColumnMap, faults_of, guess_columns
from pilots.importing.errors import BadInput
from pilots.importing.packing import packed, packed_accounts, unpacked, unpacked_accounts
from pilots.importing.reading_context import ReadingContext
from pilots.importing.uploads import Upload, lines_at, read_upload, sample_of, shape_of

HOURS = ReadingContext({"hours": MetricKind.MEAN}, {"severity": ("low", "high")})
TIERED = ReadingContext(
    {"hours": MetricKind.MEAN, "solved": MetricKind.RATE},
    {"tier": ("gold", "basic"), "severity": ("low", "high")},
)
OURS = "observed_on,as_of,arm,segment,metric,n,sum,sum_sq\n"


def read(text: str | bytes, known: ReadingContext = HOURS, columns: ColumnMap | None = None) -> Upload:
    """Read a file as it would be read where nobody changes what was guessed."""
    content = text if isinstance(text, bytes) else text.encode()
    shape = shape_of(content, file="mine.csv")
    columns = columns or guess_columns(shape.names, known)
    assert list(faults_of(columns, shape.names, known)) == []
    return read_upload(content, file="mine.csv", shape=shape, columns=columns, known=known)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        pytest.param(f"{OURS}2026-03-02,,pilot,low,hours,10,200,4160\n", HOURS, id="our own header"),
        pytest.param(
            "Day;Cases;Total;Squares;Severity\n2026-03-02;10;200;4160;low\n", HOURS, id="semicolons"
        ),
        pytest.param(
            "date\tcount\tsum\tsum of squares\tkind\n2026-03-02\t10\t200\t4160\tlow\n",
            HOURS,
            id="pasted cells",
        ),
        pytest.param(
            b'\xef\xbb\xbf"Day","Cases","Sum","Sum_Sq","Segment"\r\n2026-03-02,10,200,4160,low\r\n',
            HOURS,
            id="a spreadsheet's CSV",
        ),
        pytest.param(
            '{"day": "2026-03-02", "cases": 10, "sum": 200, "sum_sq": 4160, "severity": "low"}\n',
            HOURS,
            id="NDJSON",
        ),
        pytest.param(
            "extra,day,cases,sum,sum_sq,segment\nx,2026-03-02,10,200,4160,low\n",
            HOURS,
            id="a column that means nothing to us",
        ),
    ],
)
def test_the_same_row_is_read_however_its_file_is_laid_out(text: str, known: ReadingContext) -> None:
    upload = read(text, known)
    assert upload.problems == ()
    [row] = upload.rows
    assert (row.reading.metric, str(row.reading.day), row.reading.segment) == ("hours", "2026-03-02", "low")
    assert (row.reading.moments.n, row.reading.moments.total, row.reading.moments.total_sq) == (10, 200, 4160)


def test_a_kind_of_case_may_be_spread_over_a_column_for_each_dimension() -> None:
    upload = read("Day,Metric,Severity,Tier,N,Sum\n2026-03-02,solved,high,gold,10,4\n", TIERED)
    assert [row.reading.segment for row in upload.rows] == ["tier=gold|severity=high"]


def test_single_cases_are_added_up_and_who_brought_them_is_kept() -> None:
    upload = read("day,severity,value,account\n" + "2026-03-02,low,20,a\n" * 3 + "2026-03-02,low,26,b\n")
    assert [row.reading.moments.n for row in upload.rows] == [4]
    assert [(share.account, share.n) for share in upload.accounts] == [("a", 3), ("b", 1)]
    assert unpacked_accounts(packed_accounts(upload.accounts)) == list(upload.accounts)


def test_what_is_missing_is_asked_for_field_by_field() -> None:
    shape = shape_of(b"when,how many,metric\n", file="odd.csv")
    guessed = guess_columns(shape.names, TIERED)
    assert [name for name, _ in faults_of(guessed, shape.names, TIERED)] == [
        "observed_on",
        "n",
        "sum",
        "segment",
    ]


def test_a_value_for_all_rows_stands_for_a_column() -> None:
    columns = ColumnMap(
        {"observed_on": "when", "n": "how many", "sum": "s"},
        {"metric": "solved", "segment": "tier=basic|severity=low"},
    )
    upload = read("when,how many,s\n2026-03-02,5,2\n", TIERED, columns)
    assert upload.rows[0].reading.segment == "tier=basic|severity=low"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "is empty", id="nothing"),
        pytest.param("Größe,Tag\n".encode("latin-1"), "not UTF-8: byte 3", id="another encoding"),
        pytest.param("day,n\n".encode("utf-16"), "looks like UTF-16", id="UTF-16"),
        pytest.param(b"hello\n", "must name the columns", id="no header"),
        pytest.param(b"day,n,day\n", "'day' is there twice", id="a column twice"),
        pytest.param(b"{nothing\n", "not readable as JSON", id="half an object"),
    ],
)
def test_a_file_that_has_no_header_to_read_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(BadInput, match=says) as refused:
        shape_of(content, file="odd.csv")
    assert refused.value.problems[0].line == 1


def test_bad_lines_are_named_with_field_and_reason_and_the_others_are_read() -> None:
    good, odd = "2026-03-02,,pilot,low,hours,10,200,4160\n", "2026-03-03,,pilot,purple,hours,10,200,4160\n"
    text = OURS + good + odd + "2026-03-04,,pilot\n" + "2026-03-05,,,low,hours,ten,1,1\n"
    upload = read(text.encode() + "Größe\n".encode("latin-1"))
    assert [(p.line, p.field) for p in upload.problems] == [(3, "segment"), (4, ""), (5, "n"), (6, "")]
    assert lines_at(text.encode(), [3, 99]) == {3: odd.strip()}
    assert len(upload.rows) == 1


def test_rows_that_contradict_each_other_are_all_refused() -> None:
    row = "2026-03-02,,pilot,low,hours,10,{},4160\n"
    upload = read(OURS + row.format(200) + row.format(201))
    assert ([p.line for p in upload.problems], upload.rows) == ([2, 3], ())


def test_rows_come_in_the_order_in_which_they_were_known_and_packing_keeps_them() -> None:
    late, early = (
        "2026-03-02,2026-03-09,,low,hours,11,220,4600.125\n",
        "2026-03-02,,,low,hours,10,200,4160.1\n",
    )
    upload = read(OURS + late + early)
    assert [row.line for row in upload.rows] == [3, 2]
    assert unpacked(packed(upload.rows)) == list(upload.rows)


def test_a_part_of_the_rows_never_ends_in_the_middle_of_an_instant() -> None:
    days = [
        f"2026-03-{day:02},,,{kind},hours,10,200,4160\n" for day in range(2, 8) for kind in ("low", "high")
    ]
    kept = packed(read(OURS + "".join(days)).rows)
    assert [row.reading.day.day for row in unpacked(kept, first=2, most=3)] == [3, 3, 4, 4]
    assert [row.reading.day.day for row in unpacked(kept, first=10, most=3)] == [7, 7]


def test_a_metric_may_be_called_by_its_name() -> None:
    header, rest = b"day,metric,n,sum,tier,severity\n", b",5,2,gold,low\n"
    content = header + b"2026-03-02,Solved  at once" + rest + b"2026-03-03,hours-ish" + rest
    shape = shape_of(content, file="mine.csv")
    columns, names = guess_columns(shape.names, TIERED), {"Solved at once": "solved", "Time": "hours"}
    upload = read_upload(content, file="mine.csv", shape=shape, columns=columns, known=TIERED, names=names)
    assert [row.reading.metric for row in upload.rows] == ["solved"]
    assert [problem.field for problem in upload.problems] == ["metric"]


def test_a_dimension_that_is_the_only_one_is_the_kind_of_case() -> None:
    columns = guess_columns(("day", "Severity", "n", "sum"), HOURS)
    assert (columns.column_of("segment"), columns.categories) == ("Severity", {})


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"day;n\n2026-03-02;4\n2026-03-03;5\n2026-0", id="CSV, cut off"),
        pytest.param(
            b'{"day": "2026-03-02", "n": 4}\n{"day": "2026-03-03", "n": 5}\n{"da', id="NDJSON, cut off"
        ),
    ],
)
def test_the_first_rows_are_shown_as_they_stand_in_the_file(content: bytes) -> None:
    shape = shape_of(content, file="mine")
    assert sample_of(content, shape) == [["2026-03-02", "4"], ["2026-03-03", "5"]]
