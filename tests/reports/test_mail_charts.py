"""The small chart of a mail: where its lines and dots lie."""

from __future__ import annotations

import pytest

from pilots.evaluation.specs import ConditionSpec
from pilots.evaluation.vocabulary import Comparison, Direction, MetricKind
from pilots.reports.mail_charts import BOTTOM, LEFT, RIGHT, TOP, MailChart, mail_chart
from tests.evaluation.builders import a_metric, a_pilot, a_stop, a_threshold, at_end_of, days_of


def drawn(condition: ConditionSpec, *, days: int = 20, **metric: object) -> MailChart | None:
    pilot = a_pilot(condition, metrics=(a_metric(window_days=7, **metric),))
    readings = days_of([20.0 + number / 2 for number in range(days)])
    return mail_chart(pilot, condition, "overall", readings, now=at_end_of(days))


def test_a_chart_shows_the_days_the_line_over_the_window_and_what_they_are_held_against() -> None:
    chart = drawn(a_stop())
    assert chart is not None
    assert len(chart.dots) == 20
    assert len(chart.line.split()) == 20
    assert [mark.name for mark in chart.marks] == ["before 20 h", "your limit 24 h"]
    assert chart.dots[0][0] == LEFT
    assert chart.dots[-1][0] == RIGHT
    assert all(TOP <= y <= BOTTOM for _, y in chart.dots)


@pytest.mark.parametrize(
    ("condition", "direction", "name"),
    [
        pytest.param(a_threshold(), Direction.LOWER_IS_BETTER, "your goal 19 h", id="lower is better"),
        pytest.param(a_threshold(), Direction.HIGHER_IS_BETTER, "your goal 21 h", id="higher is better"),
        pytest.param(a_stop(), Direction.HIGHER_IS_BETTER, "your limit 16 h", id="a worsening downwards"),
        pytest.param(
            a_stop(comparison=Comparison.ABOVE, limit=30.0),
            Direction.LOWER_IS_BETTER,
            "your limit 30 h",
            id="a value",
        ),
    ],
)
def test_the_limit_lies_where_the_rule_puts_it(
    condition: ConditionSpec, direction: Direction, name: str
) -> None:
    chart = drawn(condition, direction=direction)
    assert chart is not None
    assert chart.marks[-1].name == name


def test_a_days_total_is_not_drawn_beside_the_total_of_a_window() -> None:
    chart = drawn(a_stop(), kind=MetricKind.TOTAL)
    assert chart is not None
    assert chart.dots == ()


def test_names_of_lines_that_lie_together_do_not_cover_each_other() -> None:
    chart = drawn(a_stop(limit=0.001))
    assert chart is not None
    before, limit = chart.marks
    assert abs(before.name_y - limit.name_y) >= 14


@pytest.mark.parametrize(
    ("condition", "days"),
    [
        pytest.param(a_stop(), 1, id="one day is no line"),
        pytest.param(a_stop(scope="gap:severity"), 20, id="a gap is no single line"),
        pytest.param(a_stop(metric="", driver="usage"), 20, id="a driver has no readings"),
    ],
)
def test_where_there_is_nothing_to_draw_there_is_no_chart(condition: ConditionSpec, days: int) -> None:
    assert drawn(condition, days=days) is None
