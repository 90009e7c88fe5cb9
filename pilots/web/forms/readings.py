"""One reading, typed by hand: a day's cases of one metric and kind."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from pilots.evaluation.vocabulary import Arm, MetricKind
from pilots.importing.records import AGGREGATE, Record
from pilots.importing.segments import segments_of
from pilots.models import Observation, Pilot
from pilots.web.forms.editing import PlainForm
from pilots.web.forms.fields import day as a_day

# Where a mistake in a field of a row is mended in the form.
TYPED_IN = {"observed_on": "day", "as_of": "known_on", "sum": "total", "sum_sq": "spread"}


class ReadingForm(PlainForm):
    mostly_optional = True
    metric = forms.ChoiceField(label="Metric")
    day = a_day(label="Day", help_text="The day on which the cases were opened.")
    segment = forms.ChoiceField(label="Kind of case", required=False)
    arm = forms.ChoiceField(
        label="Group",
        required=False,
        choices=[(Arm.PILOT.value, "Pilot"), (Arm.CONTROL.value, "Comparison group")],
    )
    n = forms.IntegerField(label="Number of cases", min_value=1)
    total = forms.FloatField(
        label="Sum over all cases",
        help_text="Of a rate: how many of them. Of a geometric mean: of log(1 + x).",
    )
    spread = forms.FloatField(
        label="Standard deviation",
        required=False,
        min_value=0,
        help_text="How far single cases lie apart. Not needed for a rate or one case.",
    )
    known_on = a_day(
        label="Known since",
        required=False,
        help_text="The day on which this was known. Empty: the day itself.",
    )
    correction_reason = forms.CharField(
        label="If it corrects a number, why?",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "short"}),
        help_text="It is kept beside the old and the new number.",
    )

    def __init__(self, pilot: Pilot, *args: Any, corrects: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.metrics = {metric.ref: metric for metric in pilot.metrics.all()}
        self._choose("metric", [(ref, metric.name) for ref, metric in self.metrics.items()])
        if pilot.dimensions:
            dimensions = {key: tuple(value) for key, value in pilot.dimensions.items()}
            self._choose("segment", [(segment, segment) for segment in segments_of(dimensions)])
        else:
            del self.fields["segment"]
        if corrects:
            self.fields["correction_reason"].required = True
            self.fields["correction_reason"].label = "Why is it corrected?"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        lacks = cleaned.get("spread") is None and cleaned.get("n", 1) > 1 and not self._is_rate
        if lacks and "spread" not in self.errors:
            self.add_error(
                "spread", "Of several cases their spread is needed: without it nothing can be proven."
            )
        return cleaned

    @property
    def record(self) -> Record:
        """Return what was typed as a row of a file, so that it is read by the same rules."""
        typed = self.cleaned_data
        squares = (
            "" if self._is_rate else repr(sum_of_squares(typed["n"], typed["total"], typed["spread"] or 0.0))
        )
        known = str(typed["known_on"] or "")
        who = (str(typed["day"]), known, typed["arm"], typed.get("segment", ""), typed["metric"])
        return Record(1, AGGREGATE, (*who, str(typed["n"]), repr(typed["total"]), squares))

    @property
    def _is_rate(self) -> bool:
        metric = self.metrics.get(self.cleaned_data.get("metric", ""))
        return metric is not None and metric.kind == MetricKind.RATE.value

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = choices


def sum_of_squares(n: int, total: float, spread: float) -> float:
    """Return the sum of squares of `n` cases with this sum and sample standard deviation.

    >>> sum_of_squares(3, 6.0, 1.0)
    14.0
    """
    return total * total / n + (n - 1) * spread * spread


def as_typed(current: Observation, *, today: date) -> dict[str, Any]:
    """Return what a form starts from that corrects a reading: its numbers, known since today."""
    spread = ((current.total_sq - current.total**2 / current.n) / (current.n - 1)) if current.n > 1 else 0.0
    return {
        "metric": current.metric.ref,
        "day": current.day,
        "segment": current.segment,
        "arm": current.arm,
        "n": current.n,
        "total": current.total,
        "spread": round(max(spread, 0.0) ** 0.5, 6),
        "known_on": today,
    }
