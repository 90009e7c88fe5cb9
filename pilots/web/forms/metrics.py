"""What is measured, what it is compared with, and what must hold meanwhile."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from pilots.models import Baseline, Driver, Metric, Pilot
from pilots.web.forms.editing import EditForm, PlainForm
from pilots.web.forms.fields import AddressField, PercentField, day

NUMERIC = {"inputmode": "numeric"}
REF_HINT = "Readings name it so. Letters, digits and _; made from the name when left empty."


class MetricForm(EditForm):
    ref = forms.SlugField(label="Name in files", required=False, max_length=60, help_text=REF_HINT)
    owner = AddressField(help_text="Who delivers the readings on time.")

    finer = ("ref", "grace_days", "min_sample", "no_entry_is_zero", "no_entry_reason")

    class Meta:
        model = Metric
        fields = (
            "name",
            "ref",
            "unit",
            "direction",
            "kind",
            "window_days",
            "cadence_days",
            "grace_days",
            "maturity_days",
            "min_sample",
            "no_entry_is_zero",
            "no_entry_reason",
        )
        labels = {
            "window_days": "Judged over the last",
            "cadence_days": "A reading every",
            "grace_days": "May come late by",
            "maturity_days": "A day settles after",
            "min_sample": "Say nothing below",
            "no_entry_is_zero": "A day without a reading means zero",
            "no_entry_reason": "Why does it mean zero?",
            "kind": "Summed up as",
            "direction": "What is better",
        }
        help_texts = {
            "unit": "Such as h, EUR or points.",
            "no_entry_is_zero": "Leave this off unless you are sure: a silent feed looks the same.",
        }
        widgets = {
            name: forms.TextInput(attrs=NUMERIC)
            for name in ("window_days", "cadence_days", "grace_days", "maturity_days", "min_sample")
        }
        error_messages = {"name": {"required": "Name the metric."}}

    def __init__(self, *args: Any, pilot: Pilot, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("window_days", "cadence_days", "grace_days", "maturity_days"):
            self.fields[name].unit = "days"  # type: ignore[attr-defined]
        self.fields["min_sample"].unit = "cases"  # type: ignore[attr-defined]
        self.taken = refs_of(pilot.metrics.all(), self.instance)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("no_entry_is_zero") and not cleaned.get("no_entry_reason"):
            self.add_error("no_entry_reason", "Say why no entry means zero.")
        return name_for_files(self, cleaned)


class DriverForm(EditForm):
    ref = forms.SlugField(label="Name in files", required=False, max_length=60, help_text=REF_HINT)
    dimension = forms.ChoiceField(label="What it is", required=False)
    material_change = PercentField(
        label="A material change is",
        required=False,
        help_text="Empty: what would move a metric by 2%, or half of a limit.",
    )
    updated_on = day(label="Last updated", required=False)
    owner = AddressField(required=False, help_text="Who keeps it up to date.")

    finer = ("ref",)

    class Meta:
        model = Driver
        fields = (
            "name",
            "ref",
            "dimension",
            "baseline_value",
            "current_value",
            "updated_on",
            "update_rule",
            "update_every_days",
            "material_change",
            "required",
        )
        labels = {
            "baseline_value": "Number before the pilot",
            "current_value": "Number now",
            "update_rule": "How it is updated",
            "update_every_days": "Updated every",
            "required": "The numbers mean nothing without it",
        }
        help_texts = {"update_rule": "How, and by whom: “counted from the ticket export each Monday”."}
        widgets = {
            "update_every_days": forms.TextInput(attrs=NUMERIC),
            "baseline_value": forms.TextInput(attrs={"inputmode": "decimal"}),
            "current_value": forms.TextInput(attrs={"inputmode": "decimal"}),
        }
        error_messages = {"name": {"required": "Name the driver."}}

    def __init__(self, *args: Any, pilot: Pilot, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mixes = [(name, f"The mix of cases by {name.replace('_', ' ')}") for name in pilot.dimensions]
        self.fields["dimension"].choices = [*mixes, ("", "A plain number")]  # type: ignore[attr-defined]
        self.fields["update_every_days"].unit = "days"  # type: ignore[attr-defined]
        self.taken = refs_of(pilot.drivers.all(), self.instance)
        if not self.instance.pk:
            self.initial["dimension"] = self.initial["dimension"] or self._named_after(pilot)

    def _named_after(self, pilot: Pilot) -> str:
        """Return the dimension that the suggested name speaks of: severity for "issue severity mix"."""
        name = str(self.initial.get("name", "")).lower().replace(" ", "_")
        return next((dimension for dimension in pilot.dimensions if dimension.lower() in name), "")

    def clean(self) -> dict[str, Any]:
        return name_for_files(self, super().clean() or self.cleaned_data)


class DriverValueForm(PlainForm):
    value = forms.FloatField(
        label="Number now",
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={"required": "Write the number."},
    )


class BaselineForm(EditForm):
    first_day = day(label="First day", error_messages={"required": "Choose the first day."})
    last_day = day(label="Last day", error_messages={"required": "Choose the last day."})

    class Meta:
        model = Baseline
        fields = ("first_day", "last_day")


def refs_of(rows: Any, row: Metric | Driver) -> set[str]:
    return set(rows.exclude(pk=row.pk).values_list("ref", flat=True))


def name_for_files(form: MetricForm | DriverForm, cleaned: dict[str, Any]) -> dict[str, Any]:
    """Fill the name in files from the spoken one, and refuse one that another row has."""
    spoken = re.sub(r"\W+", "_", cleaned.get("name", "").lower(), flags=re.ASCII).strip("_")[:60]
    ref = cleaned.get("ref") or form.instance.ref or spoken
    if not ref and cleaned.get("name"):
        form.add_error("ref", "Write a short name in plain letters and digits, such as resolution_hours.")
    if ref in form.taken:
        form.add_error("ref", f"“{ref}” is taken in this pilot. Choose another.")
    return {**cleaned, "ref": ref}
