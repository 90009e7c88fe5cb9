"""The charts of a pilot: one metric in one scope at full size, every metric small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pilots.evaluation.baselines import baseline_of, baseline_periods
from pilots.evaluation.days import local_day
from pilots.evaluation.scopes import categories, contains, members
from pilots.evaluation.series import Series
from pilots.evaluation.specs import OVERALL
from pilots.evaluation.vocabulary import ConditionKind, MetricKind
from pilots.evaluation.wording import number, percent
from pilots.models import Alert, Metric, Pilot, Stage
from pilots.reports.charts import control_chart
from pilots.reports.condition_rows import LIMIT_WORDS
from pilots.reports.drawings import MAIN, SMALL, Alarm, Band, Chart, ChartLimit, Story, TableRow
from pilots.reports.looks import verdict_look
from pilots.reports.results import PilotAnswer
from pilots.reports.series import Day, added_up, days_of, totals_by_day
from pilots.reports.standings import limit_value, scope_title
from pilots.reports.words import span_words

DAYS_IN_TABLE = 28
ALARM_LOOKS = {
    Alert.Kind.STOP_CONDITION: verdict_look("stop").css,
    Alert.Kind.ESCALATION_TRIGGER: verdict_look("escalate").css,
}


@dataclass(frozen=True, slots=True)
class Tab:
    scope: str
    title: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class MetricChart:
    """One metric in one scope; `chart` is None before its first reading."""

    metric: Metric
    scope: str
    unit: str
    label: str
    chart: Chart | None
    tabs: tuple[Tab, ...]

    @property
    def recent(self) -> tuple[TableRow, ...]:
        return self.chart.rows[:DAYS_IN_TABLE] if self.chart else ()

    @property
    def has_left_out(self) -> bool:
        return self.chart is not None and any(dot.look == "aside" for dot in self.chart.dots)

    @property
    def has_baseline(self) -> bool:
        return self.chart is not None and any(line.look == "base" for line in self.chart.lines)


@dataclass(frozen=True, slots=True)
class SmallChart:
    metric: Metric
    unit: str
    label: str
    chart: Chart | None


def main_chart(
    pilot: Pilot,
    metric: Metric,
    scope: str,
    answer: PilotAnswer | None,
    alerts: Sequence[Alert],
    *,
    today: date,
    then: datetime | None = None,
) -> MetricChart:
    """Lay out one metric of a pilot that was fetched `with_rules`, `then` as it stood; one query."""
    scopes = scopes_of(pilot)
    scope = scope if scope in scopes else OVERALL
    days = days_of(metric, scope, pilot.dimensions, then=then)
    story = _story(pilot, metric, scope, answer, days, alerts, today=today)
    chart = control_chart(story, frame=MAIN)
    tabs = tuple(Tab(name, scope_title(name), name == scope) for name in scopes)
    return MetricChart(metric, scope, unit_of(metric), _label(metric, scope, story, chart), chart, tabs)


def small_charts(
    pilot: Pilot, answer: PilotAnswer | None, *, today: date, then: datetime | None = None
) -> tuple[SmallChart, ...]:
    """Lay out every metric over all cases; one query."""
    metrics = list(pilot.metrics.all())
    first = min((m.baseline.first_day for m in metrics if m.baseline), default=pilot.start or today)
    rows = totals_by_day([metric.pk for metric in metrics], first=first, then=then)
    drawn = []
    for metric in metrics:
        days = added_up(rows.get(metric.pk, []), MetricKind(metric.kind))
        story = _story(pilot, metric, OVERALL, answer, days, (), today=today)
        chart = control_chart(story, frame=SMALL)
        drawn.append(SmallChart(metric, unit_of(metric), _label(metric, OVERALL, story, chart), chart))
    return tuple(drawn)


def scopes_of(pilot: Pilot) -> tuple[str, ...]:
    dimensions = {name: tuple(names) for name, names in pilot.dimensions.items()}
    return (OVERALL, *(scope for name in dimensions for scope in categories(name, dimensions)))


def unit_of(metric: Metric) -> str:
    if metric.kind == MetricKind.RATE:
        return "%"
    return f"{metric.unit} per reading" if metric.kind == MetricKind.TOTAL else metric.unit


def _story(
    pilot: Pilot,
    metric: Metric,
    scope: str,
    answer: PilotAnswer | None,
    days: Sequence[Day],
    alerts: Sequence[Alert],
    *,
    today: date,
) -> Story:
    starts = [stage.started_on for stage in pilot.stages.all() if stage.started_on]
    return Story(
        days=days,
        kind=MetricKind(metric.kind),
        unit=metric.unit,
        window=metric.window_days,
        today=min(today, local_day(pilot.ended_at, pilot.timezone)) if pilot.ended_at else today,
        bands=_bands(pilot, metric, today=today),
        baseline=_baseline(pilot, metric, scope),
        limits=_limits(pilot, metric, scope, answer),
        limits_from=min(starts, default=None),
        alarms=tuple(_alarm(alert, pilot) for alert in alerts if _is_about(alert, metric, scope)),
        left_out=_left_out(pilot, metric, scope, answer),
        settled_to=_settled_to(metric, answer, today),
    )


def _bands(pilot: Pilot, metric: Metric, *, today: date) -> tuple[Band, ...]:
    bands = []
    if baseline := metric.baseline:
        final = "final" if baseline.is_final else "not final"
        note = f"{span_words(baseline.first_day, baseline.last_day)}, {final}"
        bands.append(Band("Baseline", note, baseline.first_day, baseline.last_day))
    for number_, stage in enumerate(sorted(pilot.stages.all(), key=lambda s: s.order), start=1):
        if stage.started_on:
            bands.append(
                Band(f"Stage {number_}", exposure_words(stage), stage.started_on, stage.ended_on or today)
            )
    return tuple(bands)


def exposure_words(stage: Stage) -> str:
    """Say whom a stage reaches: "5% of accounts", "basic and standard"."""
    share = f"{percent(stage.exposure_share)} of accounts" if stage.exposure_share else ""
    return ", ".join(part for part in (share, " and ".join(stage.exposure_segments)) if part)


def _baseline(pilot: Pilot, metric: Metric, scope: str) -> float | None:
    """Return the final baseline of a scope on the scale of one reading."""
    spec = metric.spec
    if spec.baseline is None or spec.baseline.finalised_at is None:
        return None
    dimensions = {name: tuple(names) for name, names in pilot.dimensions.items()}
    moments = dict(spec.baseline.moments)
    held = members(scope, moments, dimensions)
    before = baseline_of(spec, moments, baseline_periods(spec, Series()), held)
    return before.level(periods=1) if before else None


def _limits(pilot: Pilot, metric: Metric, scope: str, answer: PilotAnswer | None) -> tuple[ChartLimit, ...]:
    """Return the limits on this metric in this scope: the nearest of each kind."""
    if answer is None:
        return ()
    rules = {condition.ref: condition for condition in pilot.conditions.all()}
    kept: dict[str, ChartLimit] = {}
    for found in answer.conditions:
        if found.metric != metric.ref or found.scope != scope or found.observe_only:
            continue
        value = limit_value(found, rules.get(found.ref))
        look, word = LIMIT_WORDS[ConditionKind(found.kind)]
        if value is not None:
            kept.setdefault(found.kind, ChartLimit(value, look, word))
    return tuple(kept.values())


def _is_about(alert: Alert, metric: Metric, scope: str) -> bool:
    condition = alert.condition
    return condition is not None and condition.metric_id == metric.pk and alert.scope in (scope, OVERALL)


def _alarm(alert: Alert, pilot: Pilot) -> Alarm:
    day = local_day(alert.opened_at, pilot.timezone)
    look = ALARM_LOOKS.get(Alert.Kind(alert.kind), verdict_look("scale_up").css)
    return Alarm(day, f"{alert.ref} opened: {alert.sentence}", look)


def _left_out(pilot: Pilot, metric: Metric, scope: str, answer: PilotAnswer | None) -> frozenset[date]:
    """Return the days on which some of a scope's cases were set aside."""
    dimensions = {name: tuple(names) for name, names in pilot.dimensions.items()}
    spots = answer.left_out(metric.ref) if answer else ()
    return frozenset(day for day, segment in spots if contains(scope, segment, dimensions))


def _settled_to(metric: Metric, answer: PilotAnswer | None, today: date) -> date | None:
    if not metric.maturity_days:
        return None
    return (answer.as_of.date() if answer else today) - timedelta(days=metric.maturity_days)


def _label(metric: Metric, scope: str, story: Story, chart: Chart | None) -> str:
    """Say in a sentence what a chart shows."""
    cases = "" if scope == OVERALL else f", {scope_title(scope).lower()}"
    if chart is None or chart.last_level is None:
        return f"{metric}{cases}: no readings yet"
    parts = [f"{metric}{cases}: {_value(chart.last_level, metric)} over the last {metric.window_days} days"]
    if story.baseline is not None:
        parts.append(f"{_value(story.baseline, metric)} before")
    parts += [f"{limit.word} at {_value(limit.value, metric)}" for limit in story.limits]
    return "; ".join(parts)


def _value(value: float, metric: Metric) -> str:
    return percent(value) if metric.kind == MetricKind.RATE else f"{number(value)} {metric.unit}".rstrip()
