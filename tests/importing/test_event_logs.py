"""A log with one row a case becomes what was known of each day at the end of every later day."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilots.evaluation.days import local_day
from pilots.evaluation.moments import Moments
from pilots.evaluation.specs import Reading
from pilots.evaluation.vocabulary import Arm, MetricKind
from pilots.importing.errors import BadInput
from pilots.importing.event_cases import hash_share
from pilots.importing.event_logs import EventAggregates, aggregate_events, load_event_map
from pilots.importing.readings import ReadingContext
from tests.importing.builders import known, said

HEADER = "id,opened,solved_at,prio,who,ok,steps"
MAP = """\
case: id
opened: opened
account: who
dimensions:
  severity: {column: prio, rename: {P1: high, P2: low, P3: low}, other: refuse}
metrics:
  hours: {hours_between: [opened, solved_at], known: solved_at}
"""


def aggregated(
    *rows: str, event_map: str = MAP, header: str = HEADER, context: ReadingContext | None = None
) -> EventAggregates:
    context = context or known()
    data = "\n".join((header, *rows)).encode()
    read_map = load_event_map(event_map, file="map.yaml", known=context)
    return aggregate_events(io.BytesIO(data), read_map, file="log.csv", known=context)


def readings(aggregates: EventAggregates) -> list[Reading]:
    return [row.reading for row in aggregates.rows()]


def known_on(reading: Reading) -> int:
    return local_day(reading.as_of, "Europe/Paris").day


class TestADay:
    aggregates = aggregated(
        "1,2026-03-02T08:00,2026-03-02T10:00,P1,ada,true,1",
        "2,2026-03-02T09:00,2026-03-04T09:00,P1,lin,true,1",
        "3,2026-03-02T09:00,2026-03-04T10:00,P1,ada,true,1",
        "4,2026-03-02T09:00,,P1,ada,true,1",
    )

    def test_gets_a_row_whenever_more_of_it_is_known(self) -> None:
        day_two, day_four = readings(self.aggregates)
        assert (known_on(day_two), day_two.moments) == (2, Moments(1, 2.0, 4.0))
        assert (known_on(day_four), day_four.moments) == (4, Moments(3, 99.0, 4.0 + 48**2 + 49**2))
        assert day_two.day == day_four.day == date(2026, 3, 2)

    def test_reports_cases_that_are_not_finished(self) -> None:
        assert (self.aggregates.read, self.aggregates.counted, self.aggregates.unfinished) == (4, 3, 1)
        assert self.aggregates.unfinished_in == {"hours": 1}

    def test_keeps_the_sums_of_each_account(self) -> None:
        sums = [(each.as_of.day, each.account, each.n, each.total) for each in self.aggregates.account_sums()]
        assert sums == [(2, "ada", 1, 2.0), (4, "ada", 1, 49.0), (4, "lin", 1, 48.0)]


def test_a_case_counts_on_its_opening_day_in_the_pilots_zone() -> None:
    (reading,) = readings(aggregated("1,2026-03-02T23:30:00Z,2026-03-03T00:30:00Z,P1,,true,1"))
    assert reading.day == date(2026, 3, 3)
    assert known_on(reading) == 3


def test_hours_are_counted_through_the_change_of_clocks() -> None:
    (reading,) = readings(aggregated("1,2026-03-29T00:00,2026-03-29T06:00,P1,,true,1"))
    assert reading.moments.total == 5.0


def test_a_later_row_of_a_case_replaces_the_earlier() -> None:
    aggregates = aggregated("1,2026-03-02,2026-03-03,P1,,true,1", "1,2026-03-02,2026-03-04,P2,,true,1")
    assert (aggregates.read, aggregates.replaced, aggregates.counted) == (2, 1, 1)
    assert [(each.segment, each.moments.total) for each in readings(aggregates)] == [("low", 48.0)]


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        pytest.param("2,2026-03-02T25:00,2026-03-03,P1,,true,1", "opened", "exists", id="25 o'clock"),
        pytest.param("2,,2026-03-03,P1,,true,1", "opened", "nobody knows the day", id="never opened"),
        pytest.param(
            "2,2026-04-01,2026-04-02,P1,,true,1", "opened", "lies in the future", id="opened tomorrow"
        ),
        pytest.param(
            "2,2026-03-03,2026-03-02,P1,,true,1", "solved_at", "before", id="solved before it was opened"
        ),
        pytest.param("2,2026-03-03,2026-04-02,P1,,true,1", "solved_at", "after today", id="solved tomorrow"),
        pytest.param(
            "2,2026-03-03T09:00,2026-03-03T08:00,P1,,true,1",
            "solved_at",
            "before opened",
            id="an hour before",
        ),
        pytest.param(
            "2,2026-03-02,2026-03-03,P9,,true,1", "prio", "no category of severity", id="a priority"
        ),
        pytest.param(",2026-03-02,2026-03-03,P1,,true,1", "id", "no id", id="no id"),
        pytest.param("2,2026-03-02", "", "2 fields where the header has 7", id="a torn row"),
        pytest.param('2,"2026-03-02,2026-03-03,P1,,true,1', "", "not closed", id="an open quotation"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_column(row: str, field: str, reason: str) -> None:
    aggregates = aggregated("1,2026-03-02,2026-03-03,P1,,true,1", row)
    (problem,) = aggregates.refused
    assert (problem.file, problem.line, problem.field) == ("log.csv", 3, field)
    assert reason in problem.reason
    assert aggregates.counted == 1


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        pytest.param(
            HEADER.replace("prio", "priority"), "unknown column 'prio'; did you mean 'priority'?", id="prio"
        ),
        pytest.param(f"{HEADER},id", "there twice", id="twice"),
    ],
)
def test_a_log_without_the_columns_of_the_map_is_refused(header: str, reason: str) -> None:
    with pytest.raises(BadInput, match=r"log.csv:1") as refusal:
        aggregated(header=header)
    assert reason in str(refusal.value)


def test_an_empty_log_is_refused() -> None:
    with pytest.raises(BadInput, match=r"log.csv:1: the file is empty"):
        aggregated(header="")


METRICS = """\
  solved: {is_true: ok, known: solved_at}
  tickets: {column: steps}
  wait: {column: steps, known: solved_at}
"""


def test_yes_and_no_numbers_and_times_become_metrics() -> None:
    aggregates = aggregated(
        "1,2026-03-02,2026-03-02,P1,,Yes,3",
        "2,2026-03-02,,P1,,no,4",
        "3,2026-03-02,2026-03-02,P1,,,",
        event_map=MAP + METRICS,
    )
    newest = {reading.metric: reading.moments for reading in readings(aggregates)}
    assert newest["solved"] == Moments(1, 1.0, 1.0)
    assert newest["tickets"] == Moments(2, 7.0, 25.0)  # without `known` a case is known when it is opened
    assert newest["wait"].total == pytest.approx(1.386294)  # log(1 + 3)
    assert aggregates.unfinished_in == {"hours": 1, "solved": 2, "wait": 2, "tickets": 1}


def test_a_value_that_is_none_is_refused_in_its_column() -> None:
    aggregates = aggregated(
        "1,2026-03-02,2026-03-02,P1,,maybe,3", "2,2026-03-02,2026-03-02,P1,,no,some", event_map=MAP + METRICS
    )
    assert [(problem.line, problem.field) for problem in aggregates.refused] == [(2, "ok"), (3, "steps")]


def test_cases_outside_the_range_are_left_out_both_ends_included() -> None:
    event_map = f"where: {{opened: {{from: 2026-03-02, to: 2026-03-03}}}}\n{MAP}"
    rows = [f"{day},2026-03-0{day},2026-03-09,P1,,true,1" for day in range(1, 6)]
    aggregates = aggregated(*rows, event_map=event_map)
    assert (aggregates.left_out, aggregates.counted) == (3, 2)
    assert {reading.day.day for reading in readings(aggregates)} == {2, 3}


def test_other_categories_may_be_given_a_name() -> None:
    event_map = MAP.replace("other: refuse", "other: low")
    (reading,) = readings(aggregated("1,2026-03-02,2026-03-03,P9,,true,1", event_map=event_map))
    assert reading.segment == "low"


class TestArms:
    rows = tuple(f"{i},2026-03-02,2026-03-03,P1,user {i},true,{i % 3}" for i in range(400))

    def counts(self, event_map: str) -> dict[Arm, int]:
        return {
            reading.arm: reading.moments.n
            for reading in readings(aggregated(*self.rows, event_map=event_map))
        }

    def test_come_from_a_column(self) -> None:
        assert self.counts(f"arm: {{column: steps, control: [1, 2]}}\n{MAP}") == {
            Arm.CONTROL: 266,
            Arm.PILOT: 134,
        }

    def test_come_from_a_hash_near_the_share_asked_for(self) -> None:
        counts = self.counts(f"arm: {{hash_of: who, control_share: 25 %, salt: 1}}\n{MAP}")
        assert 70 < counts[Arm.CONTROL] < 130

    def test_of_one_account_are_one(self) -> None:
        event_map = f"arm: {{hash_of: steps, control_share: 50 %, salt: 1}}\n{MAP}"
        aggregates = aggregated(
            "1,2026-03-02,2026-03-03,P1,a,true,7", "2,2026-03-04,2026-03-05,P2,b,true,7", event_map=event_map
        )
        assert len({reading.arm for reading in readings(aggregates)}) == 1

    def test_need_something_to_hash(self) -> None:
        event_map = f"arm: {{hash_of: who, control_share: 50 %}}\n{MAP}"
        aggregates = aggregated("1,2026-03-02,2026-03-03,P1,,true,7", event_map=event_map)
        assert [problem.field for problem in aggregates.refused] == ["who"]


def test_the_hash_stays_the_same_for_ever_and_changes_with_the_salt() -> None:
    assert hash_share("Caller 7", salt="1") == pytest.approx(0.72410845)
    assert hash_share("Caller 7", salt="2") != hash_share("Caller 7", salt="1")


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "reason"),
    [
        pytest.param("case:", "cases:", 1, "cases", "did you mean 'case'?", id="a misspelt key"),
        pytest.param(
            "severity:", "sevrity:", 5, "dimensions.sevrity", "did you mean 'severity'?", id="a dimension"
        ),
        pytest.param(
            "column: prio", "columns: prio", 5, "dimensions.severity.columns", "'column'", id="a key below"
        ),
        pytest.param(
            "P1: high",
            "P1: hihg",
            5,
            "dimensions.severity.rename.P1",
            "did you mean 'high'?",
            id="a category",
        ),
        pytest.param(
            "other: refuse", "other: med", 5, "dimensions.severity.other", "known: refuse", id="other"
        ),
        pytest.param("  hours:", "  huors:", 7, "metrics.huors", "did you mean 'hours'?", id="a metric"),
        pytest.param(
            "[opened, solved_at]",
            "[opened]",
            7,
            "metrics.hours.hours_between",
            "2 are needed",
            id="one column",
        ),
        pytest.param(
            "hours_between: [opened, solved_at], ", "", 7, "metrics.hours", "exactly one of", id="no measure"
        ),
        pytest.param(
            "account: who",
            "arm: {column: x}",
            3,
            "arm.control",
            "control is missing",
            id="arm without values",
        ),
        pytest.param(
            "account: who", "arm: {salt: x}", 3, "arm", "comes from one column", id="arm without column"
        ),
        pytest.param(
            "account: who",
            "arm: {hash_of: x, control_share: 100 %}",
            3,
            "arm.control_share",
            "between 0 %",
            id="100 %",
        ),
        pytest.param(
            "account: who",
            "where: {opened: {from: 2026-03-03, to: 2026-03-02}}",
            3,
            "where.opened.to",
            "before the first day",
            id="a range that ends before it starts",
        ),
    ],
)
def test_a_mistake_in_the_map_is_told_with_its_place(
    old: str, new: str, line: int, field: str, reason: str
) -> None:
    assert old in MAP
    with pytest.raises(BadInput) as refusal:
        load_event_map(MAP.replace(old, new), file="map.yaml", known=known())
    told = list(said(refusal.value))
    assert [(at, name) for at, name, why in told if reason in why] == [(line, field)], told


@settings(deadline=None)
@given(
    st.permutations(
        [f"{i},2026-03-02,2026-03-0{3 + i % 3}T0{i}:07:01,P1,user {i % 2},true,1" for i in range(8)]
    )
)
def test_the_order_of_cases_never_shows_in_a_digit(rows: list[str]) -> None:
    assert readings(aggregated(*rows)) == readings(aggregated(*sorted(rows)))


PRIORITIES = {"1 - Critical": "critical", "2 - High": "high", "3 - Moderate": "moderate", "4 - Low": "low"}
TICKETS = ReadingContext({"resolution_hours": MetricKind.MEAN}, {"severity": tuple(PRIORITIES.values())})
TICKET_MAP = """\
case: number
opened: opened_at
account: caller_id
dimensions:
  severity:
    column: priority
    rename: {1 - Critical: critical, 2 - High: high, 3 - Moderate: moderate, 4 - Low: low}
    other: refuse
metrics:
  resolution_hours: {hours_between: [opened_at, resolved_at], known: resolved_at}
"""


def newest(found: Iterable[Reading]) -> list[Reading]:
    return list({reading.key: reading for reading in found}.values())


@pytest.mark.reallog
def test_the_real_log_comes_to_its_own_sums(real_log: Path) -> None:
    event_map = load_event_map(TICKET_MAP, file="map.yaml", known=TICKETS)
    with real_log.open("rb") as stream:
        aggregates = aggregate_events(stream, event_map, file="tickets.csv", known=TICKETS)
    assert (aggregates.read, aggregates.counted, aggregates.unfinished) == (24_918, 23_362, 1_556)
    assert aggregates.refused == ()

    cases, hours = Counter[str](), defaultdict[str, float](float)
    for reading in newest(readings(aggregates)):
        cases[reading.segment] += reading.moments.n
        hours[reading.segment] += reading.moments.total
    with real_log.open(newline="") as stream:
        solved = [row for row in csv.DictReader(stream) if row["resolved_at"]]
    assert cases == Counter(PRIORITIES[row["priority"]] for row in solved)
    for name, category in PRIORITIES.items():
        own = sum(float(row["hours"]) for row in solved if row["priority"] == name)
        assert hours[category] == pytest.approx(own, rel=1e-6)

    accounts = list(aggregates.account_sums())
    assert sum(each.n for each in accounts) == 23_362
