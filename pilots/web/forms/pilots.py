"""A pilot's own facts, its people, its stages and its reviews."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms

from pilots.importing.segments import segments_of
from pilots.models import Pilot, Role, Stage
from pilots.web.forms.editing import EditForm, PlainForm
from pilots.web.forms.fields import AddressesField, DimensionsField, PercentField, day

ZONES = sorted(zoneinfo.available_timezones() - {"localtime"})
PILOT_ROLES = (
    (Role.PILOT_OWNER, "Pilot owner", "Runs the pilot and is asked first."),
    (Role.METRIC_OWNER, "Metric owners", "Deliver the readings on time."),
    (Role.REVIEWER, "Reviewer", "Checks the evidence. Nobody who owns the pilot or the decision."),
    (
        Role.ESCALATION_CONTACT,
        "Told when something needs help",
        "They get the mail of an escalation trigger.",
    ),
    (Role.COMMUNICATOR, "Speaks to customers", "Writes and approves what customers are told."),
    (Role.INFORMED, "Kept informed", "Told of stops and scale-ups."),
)


class BasicsForm(EditForm):
    timezone = forms.ChoiceField(
        label="Time zone",
        choices=[(zone, zone.replace("_", " ")) for zone in ZONES],
        help_text="A day of this pilot begins and ends there.",
    )
    start = day(label="Planned start", required=False)
    end = day(label="Planned end", required=False)
    dimensions = DimensionsField(
        label="How cases are told apart",
        required=False,
        help_text="One a line, such as “severity: low, medium, high”. Empty: all cases count as one kind.",
    )

    class Meta:
        model = Pilot
        fields = (
            "title",
            "hypothesis",
            "timezone",
            "start",
            "end",
            "cadence_days",
            "dimensions",
            "pause_on_stop",
        )
        labels = {
            "cadence_days": "Judged every",
            "pause_on_stop": "Pause by itself when a stop condition is passed",
        }
        help_texts = {
            "hypothesis": "What you change for whom, and what should become better.",
            "pause_on_stop": "Otherwise you are told, and the pilot goes on until a person decides.",
        }
        widgets = {
            "hypothesis": forms.Textarea(attrs={"rows": 3}),
            "cadence_days": forms.TextInput(attrs={"inputmode": "numeric"}),
        }
        error_messages = {"title": {"required": "Give the pilot a title."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cadence_days"].unit = "days"  # type: ignore[attr-defined]


class PeopleForm(PlainForm):
    """Who is what to this pilot, by address."""

    mostly_optional = True

    def __init__(self, *args: Any, pilot: Pilot, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = list(pilot.memberships.select_related("user"))
        for role, label, hint in PILOT_ROLES:
            known = [member.user.email for member in members if member.role == role]
            self.fields[role.value] = AddressesField(
                label=label, help_text=hint, required=False, initial=known, widget=_few_lines(known)
            )

    @property
    def people(self) -> dict[str, list[str]]:
        return {role.value: self.cleaned_data[role.value] for role, _, _ in PILOT_ROLES}


def _few_lines(known: list[str]) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": max(1, len(known)), "class": "short", "spellcheck": "false"})


class StageForm(EditForm):
    exposure_share = PercentField(
        label="Share of accounts", required=False, help_text="How many of all accounts take part."
    )
    exposure_segments = forms.MultipleChoiceField(
        label="Only these kinds of cases", required=False, widget=forms.CheckboxSelectMultiple
    )
    planned_start = day(label="Planned start", required=False)
    planned_end = day(label="Planned end", required=False)

    class Meta:
        model = Stage
        fields = (
            "name",
            "exposure_share",
            "exposure_segments",
            "min_days",
            "min_sample",
            "planned_start",
            "planned_end",
        )
        labels = {"min_days": "Runs at least", "min_sample": "Sees at least"}
        widgets = {
            "min_days": forms.TextInput(attrs={"inputmode": "numeric"}),
            "min_sample": forms.TextInput(attrs={"inputmode": "numeric"}),
        }
        error_messages = {"name": {"required": "Name the stage, such as “first accounts”."}}

    def __init__(self, *args: Any, pilot: Pilot, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["min_days"].unit = "days"  # type: ignore[attr-defined]
        self.fields["min_sample"].unit = "cases"  # type: ignore[attr-defined]
        named = segments_of({name: tuple(kinds) for name, kinds in pilot.dimensions.items()})
        self.fields["exposure_segments"].choices = [(name, name) for name in named]  # type: ignore[attr-defined]
        if not pilot.dimensions:
            del self.fields["exposure_segments"]


class ReviewsForm(PlainForm):
    on = day(
        label="First review",
        help_text="The reviewer gets the frozen evidence on that day.",
        error_messages={"required": "Choose the day of the first review."},
    )
    every_days = forms.IntegerField(
        label="Then every",
        min_value=1,
        max_value=366,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"required": "Say how many days lie between reviews."},
    )

    reason = forms.CharField(
        label="Why this change?", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, explain: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["every_days"].unit = "days"  # type: ignore[attr-defined]
        if not explain:
            del self.fields["reason"]
