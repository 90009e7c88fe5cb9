"""Who is told next when nobody answers: a policy and its steps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from pilots.models import Destination, EscalationPolicy, EscalationStep, Role
from pilots.web.forms.editing import EditForm, PlainForm
from pilots.web.forms.fields import AddressesField

TOLD = (
    Role.PILOT_OWNER,
    Role.DECISION_OWNER,
    Role.DEPUTY,
    Role.METRIC_OWNER,
    Role.ESCALATION_CONTACT,
    Role.REVIEWER,
    Role.COMMUNICATOR,
    Role.INFORMED,
)
UNITS = {"minutes": 1, "hours": 60, "days": 1440, "working": 1440}
UNIT_WORDS = (
    ("minutes", "minutes"),
    ("hours", "hours"),
    ("days", "days"),
    ("working", "working days"),
)
MOST_STEPS, SPARE_STEPS = 8, 2


class PolicyForm(EditForm):
    class Meta:
        model = EscalationPolicy
        fields = ("name", "is_default")
        labels = {"name": "What is it called?", "is_default": "For every limit that names no other"}
        help_texts = {"name": "Such as “Out of hours”."}
        error_messages = {"name": {"required": "Give it a name."}}


class StepForm(PlainForm):
    """One step. Where nobody is named it is no step."""

    mostly_optional = True
    told = forms.MultipleChoiceField(label="Who is told", required=False, widget=forms.CheckboxSelectMultiple)
    told_also = AddressesField(
        label="And these people",
        required=False,
        help_text="One address a line.",
        widget=forms.Textarea(attrs={"rows": 1, "class": "short", "spellcheck": "false"}),
    )
    wait = forms.IntegerField(
        label="Then wait",
        required=False,
        min_value=1,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"min_value": "Wait at least one.", "invalid": "Write a whole number."},
    )
    unit = forms.ChoiceField(label="of", choices=UNIT_WORDS, required=False, initial="hours")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        outside = [(f"to:{d.name}", f"{d.name} ({d.get_channel_display().lower()})") for d in destinations()]
        roles = [(role.value, role.label) for role in TOLD]
        self.fields["told"].choices = [*roles, *outside]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.notify and cleaned.get("wait") is None and "wait" not in self.errors:
            self.add_error("wait", "Say how long they have before the next are told.")
        return cleaned

    @property
    def notify(self) -> list[str]:
        return [*self.cleaned_data.get("told", []), *self.cleaned_data.get("told_also", [])]

    @property
    def step(self) -> dict[str, Any]:
        """Return the step as the service takes it."""
        unit = self.cleaned_data["unit"] or "hours"
        minutes = self.cleaned_data["wait"] * UNITS[unit]
        return {"notify": self.notify, "wait_minutes": minutes, "working_time": unit == "working"}


Steps = forms.formset_factory(StepForm, extra=SPARE_STEPS, max_num=MOST_STEPS, absolute_max=MOST_STEPS)


def steps_of(typed: forms.BaseFormSet[StepForm]) -> list[dict[str, Any]]:
    return [form.step for form in typed if form.notify]


def addresses_of(typed: forms.BaseFormSet[StepForm]) -> list[str]:
    return [address for form in typed for address in form.cleaned_data.get("told_also", [])]


def destinations() -> Iterable[Destination]:
    return Destination.objects.filter(active=True)


def filled(steps: Iterable[EscalationStep]) -> list[dict[str, Any]]:
    """Return the stored steps the way people type them."""
    return [_as_typed(step) for step in steps]


def _as_typed(step: EscalationStep) -> dict[str, Any]:
    wait, unit = _spoken(step)
    choosable = [who for who in step.notify if "@" not in who]
    typed = [who for who in step.notify if "@" in who]
    return {"told": choosable, "told_also": typed, "wait": wait, "unit": unit}


def _spoken(step: EscalationStep) -> tuple[int, str]:
    """Return a wait in the largest unit that divides it; working time is in days only."""
    minutes = step.wait_minutes
    if step.working_time:
        return max(1, minutes // UNITS["working"]), "working"
    unit = next(name for name in ("days", "hours", "minutes") if minutes % UNITS[name] == 0)
    return minutes // UNITS[unit], unit
