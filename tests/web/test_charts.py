"""What the charts and bars draw: places, labels, directions."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilots.evaluation.vocabulary import MetricKind
from pilots.reports.bars import Progress, mix_bar, small_bars, sparkline, stage_bar
from pilots.reports.charts import control_chart
from pilots.reports.drawings import Alarm, Band, Chart, ChartLimit, Story
from pilots.reports.limit_bars import Limit, limit_bar
from pilots.reports.scales import Scale, readable_ticks, spread_out
from pilots.reports.series import Day, added_up, windowed

MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        pytest.param(16.2, 25.7, (16, 18, 20, 22, 24, 26), id="hours around twenty"),
        pytest.param(0.0, 1.0, (0, 0.2, 0.4, 0.6, 0.8, 1.0), id="shares"),
        pytest.param(7.6, 11.1, (7, 8, 9, 10, 11, 12), id="both ends are covered"),
        pytest.param(-3.0, 4.0, (-4, -2, 0, 2, 4), id="across zero"),
        pytest.param(39_500, 41_200, (39_500, 40_000, 40_500, 41_000, 41_500), id="thousands"),
    ],
)
def test_labels_are_round_and_cover_what_is_drawn(
    low: float, high: float, expected: tuple[float, ...]
) -> None:
    assert readable_ticks(low, high) == pytest.approx(expected)


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_a_chart_has_four_to_six_labels_around_its_range(low: float, width: float) -> None:
    ticks = readable_ticks(low, low + width)
    assert 4 <= len(ticks) <= 6
    hair = 1e-6 * max(1, abs(low), width)
    assert ticks[0] <= low + hair
    assert ticks[-1] >= low + width - hair


@given(st.lists(st.floats(0, 300), min_size=1, max_size=6))
def test_names_at_the_edge_never_write_over_each_other(places: list[float]) -> None:
    moved = sorted(spread_out(places, gap=14))
    assert all(lower - upper >= 14 - 1e-6 for upper, lower in pairwise(moved))


def test_a_scale_leads_values_to_places_and_holds_the_wild_ones() -> None:
    scale = Scale(16, 26, 304, 34)
    assert (scale.at(16), scale.at(26), scale.within(40)) == (304, 34, 34)


@pytest.mark.parametrize(
    ("change", "lower_is_better", "side"),
    [
        pytest.param(-0.14, True, "right", id="less of a bad thing is to the right"),
        pytest.param(0.09, True, "left", id="more of a bad thing is to the left"),
        pytest.param(0.02, False, "right", id="more of a good thing is to the right"),
        pytest.param(-0.02, False, "left", id="less of a good thing is to the left"),
    ],
)
def test_better_is_always_to_the_right(change: float, lower_is_better: bool, side: str) -> None:
    bar = limit_bar(
        value=change,
        low=None,
        high=None,
        base=0.0,
        limits=(),
        lower_is_better=lower_is_better,
        label="",
        text="",
    )
    assert bar.estimate is not None
    assert ("right" if bar.estimate > 50 else "left") == side


def test_a_limit_bar_names_its_limits_and_shades_what_lies_past_them() -> None:
    stop, goal = Limit(0.15, "stop", "stop 15%"), Limit(-0.05, "goal", "scale up 5%")
    bar = limit_bar(
        value=0.09,
        low=0.02,
        high=0.16,
        base=0.0,
        limits=(stop, goal, Limit(0.05, "warn", "tell us 5%")),
        lower_is_better=True,
        label="",
        text="9% higher",
    )
    at = {line.look: line.x for line in bar.lines}
    zones = {zone.look: (zone.x, zone.width) for zone in bar.zones}
    assert at["stop"] < at["warn"] < 50 < at["goal"]
    assert zones["stop"] == (0.0, at["stop"])
    assert zones["goal"][0] == at["goal"]
    assert sum(zones["goal"]) == pytest.approx(100)
    assert "warn" not in zones
    assert bar.span is not None
    assert bar.span[0] < (bar.estimate or 0) < bar.span[0] + bar.span[1]


def test_an_absolute_limit_without_a_baseline_still_has_its_bar() -> None:
    bar = limit_bar(
        value=72.0,
        low=None,
        high=None,
        base=None,
        limits=(Limit(65.0, "stop", "stop 65"),),
        lower_is_better=False,
        label="",
        text="72",
    )
    assert bar.base is None
    assert bar.lines[0].x < (bar.estimate or 0)


def test_small_bars_share_the_line_and_end_where_they_are_full() -> None:
    one, other = small_bars([Progress(0.5), Progress(3.0, thick=True)])
    assert (one.x, one.width) == (0, 48)
    assert one.fill == pytest.approx(18.7)
    assert other.fill == other.width
    assert other.thick


@pytest.mark.parametrize("share", [None, 0.0, -0.4])
def test_what_is_unknown_or_went_the_other_way_draws_no_bar(share: float | None) -> None:
    assert small_bars([Progress(share)])[0].fill == 0


def test_stages_stand_side_by_side_and_the_running_one_is_dark() -> None:
    passed, running, ahead = stage_bar([(1.0, False), (0.5, True), (0.0, False)])
    assert (passed.look, passed.done) == ("fill", passed.width)
    assert running.look == "ink"
    assert running.done == pytest.approx(running.width / 2, abs=0.1)
    assert ahead.done == 0


def test_a_mix_fills_the_whole_bar() -> None:
    shares = mix_bar([("low", 0.6), ("high", 0.4)])
    assert shares[0].x == 0
    assert shares[-1].x + shares[-1].width == pytest.approx(100, abs=0.5)


def test_a_sparkline_needs_two_values() -> None:
    assert sparkline([1.0, None], base=None, limit=None, limit_look="", label="") is None
    drawn = sparkline([1.0, None, 3.0], base=2.0, limit=900.0, limit_look="l-stop", label="")
    assert drawn is not None
    assert len(drawn.points.split()) == 2
    assert drawn.limit is None  # so far off that it would press the line flat


def days(*levels: float, first: date = MONDAY, n: int = 10) -> list[Day]:
    return [Day(first + timedelta(days=i), n, level * n, level) for i, level in enumerate(levels)]


def test_a_window_never_reaches_over_more_days_than_it_has() -> None:
    assert windowed(days(1, 2, 3, 4), MetricKind.MEAN, window=2) == [1, 1.5, 2.5, 3.5]


def test_a_window_weighs_days_by_their_cases() -> None:
    rows = [(MONDAY, "low", 90, 90.0), (MONDAY, "high", 10, 110.0)]
    assert added_up(rows, MetricKind.MEAN)[0].level == 2.0


def test_a_total_stands_on_the_scale_of_one_day() -> None:
    assert windowed(days(1, 3), MetricKind.TOTAL, window=7) == [10.0, 20.0]


def a_story(**fields: object) -> Story:
    before = days(*[20.0] * 14, first=MONDAY - timedelta(days=14))
    during = days(22, 22.5, 21.5, 22, 22, 90, 22)
    told: dict[str, object] = {
        "days": [*before, *during],
        "kind": MetricKind.MEAN,
        "unit": "h",
        "window": 7,
        "today": MONDAY + timedelta(days=7),
        "bands": [
            Band("Baseline", "", before[0].day, before[-1].day),
            Band("Stage 1", "", MONDAY, MONDAY + timedelta(days=7)),
        ],
        "baseline": 20.0,
        "limits": (ChartLimit(23.0, "stop", "stop"), ChartLimit(21.0, "warn", "tell us")),
        "limits_from": MONDAY,
        "settled_to": MONDAY + timedelta(days=4),
    }
    return Story(**(told | fields))  # type: ignore[arg-type]


def drawn(**fields: object) -> Chart:
    chart = control_chart(a_story(**fields))
    assert chart is not None
    return chart


def test_before_the_first_reading_there_is_no_chart() -> None:
    assert control_chart(a_story(days=[])) is None


def test_the_line_starts_anew_in_each_band() -> None:
    assert len(drawn().runs) == 2


def test_limits_start_where_the_pilot_starts_and_the_baseline_at_the_left() -> None:
    chart = drawn()
    at = {line.look: line.x for line in chart.lines}
    assert at["base"] == chart.frame.left
    assert at["stop"] == at["warn"] == pytest.approx(chart.bands[1].x)


def test_days_that_still_settle_are_hollow_and_said_so() -> None:
    young = [dot for dot in drawn().dots if dot.look == "young"]
    assert len(young) == 2
    assert young[1].title == "Sun 8 Mar: 22 h, 10 cases, still settling"


def test_a_wild_day_is_pinned_at_the_top_and_does_not_press_the_rest_flat() -> None:
    chart = drawn(
        window=1, days=[*a_story().days[:14], *days(*[22.0] * 40, 400.0)], today=MONDAY + timedelta(days=40)
    )
    assert chart.dots[-1].look in ("high", "")
    wild = drawn(window=7, days=[*days(*[20.0, 21.0] * 30), *days(400.0, first=MONDAY + timedelta(days=70))])
    assert [dot.look for dot in wild.dots][-1] == "high"
    assert min(dot.y for dot in wild.dots) >= wild.frame.top


def test_a_day_that_was_set_aside_is_a_cross_and_said_so() -> None:
    chart = drawn(left_out=frozenset({MONDAY + timedelta(days=1)}))
    crosses = [dot for dot in chart.dots if dot.look == "aside"]
    assert len(crosses) == 1
    assert "Tue 3 Mar" in crosses[0].title
    assert "set aside as implausible" in crosses[0].title
    assert [row.day for row in chart.rows if "set aside" in row.note] == [MONDAY + timedelta(days=1)]


def test_an_alert_is_pinned_to_its_day_and_named() -> None:
    alarm = Alarm(MONDAY + timedelta(days=6), "A-1 opened", "is-stop")
    pin = drawn(alarms=(alarm,)).pins[0]
    assert (pin.look, pin.title, pin.text) == ("is-stop", "A-1 opened", "Alert 8 Mar")


def test_four_to_seven_dates_are_named_counted_from_the_start() -> None:
    chart = drawn()
    assert 3 <= len(chart.dates) <= 8
    assert "2 Mar" in [tick.text for tick in chart.dates]


def test_the_table_has_every_day_the_newest_first() -> None:
    rows = drawn().rows
    assert len(rows) == 21
    assert rows[0].day == MONDAY + timedelta(days=6)
    assert rows[0].note == "still settling"


@given(st.lists(st.floats(0.001, 1e5), min_size=1, max_size=60))
def test_nothing_is_ever_drawn_outside_the_frame(levels: list[float]) -> None:
    chart = control_chart(a_story(days=days(*levels), today=MONDAY + timedelta(days=len(levels))))
    assert chart is not None
    assert all(chart.frame.top <= dot.y <= chart.frame.bottom for dot in chart.dots)
    assert all(0 <= dot.x <= chart.frame.right for dot in chart.dots)


def test_the_words_of_near_limits_keep_apart_on_a_narrow_screen() -> None:
    bar = limit_bar(
        value=0.087,
        low=None,
        high=None,
        base=0.0,
        limits=(Limit(0.15, "stop", "stop 15%"), Limit(0.05, "warn", "tell us 5%")),
        lower_is_better=True,
        label="",
        text="8.7% higher",
    )
    stop, warn = bar.lines
    assert (stop.anchor, warn.anchor) == ("", "")  # both to the right of their lines
    assert warn.x - stop.x > 17
    assert bar.base_text == ""  # the words of the nearer limit stand there
