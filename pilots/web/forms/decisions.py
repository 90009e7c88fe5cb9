"""The one-pager as a form: what is decided, between which options, by whom."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.text import slugify

from pilots.models import Decision, Option, Risk, Role
from pilots.web.forms.editing import EditForm, PlainForm
from pilots.web.forms.fields import AddressesField, AddressField

PEOPLE = {
    "makers": Role.DECISION_MAKER,
    "consulted": Role.CONSULTED,
    "informed": Role.INFORMED,
}
LETTERS = "ABCDEFGHIJKLMNOP"


class DecisionForm(EditForm):
    mostly_optional = True
    owner = AddressField(help_text="Who answers for this decision.")
    deputy = AddressField(required=False, help_text="Who stands in. Somebody other than the owner.")
    makers = AddressesField(label="Decided together with", required=False, help_text="One address a line.")
    consulted = AddressesField(label="Consulted", required=False, help_text="One address a line.")
    informed = AddressesField(
        label="Kept informed",
        required=False,
        help_text="One address a line. They are told of stops and scale-ups.",
    )

    unsent = EditForm.unsent | set(PEOPLE)
    finer = ("framework", "quality", "name_katakana", "name_kanji", "source", "coi")

    class Meta:
        model = Decision
        fields = (
            "title",
            "framework",
            "name_katakana",
            "name_kanji",
            "context",
            "trade_off_a",
            "trade_off_b",
            "statement",
            "rationale",
            "prediction",
            "confidence",
            "reversibility",
            "quality",
            "coi",
            "source",
        )
        labels = {
            "trade_off_a": "What pulls one way",
            "trade_off_b": "What pulls the other way",
            "confidence": "How sure are you?",
            "quality": "Quality of this page",
        }
        help_texts = {
            "statement": "One or two sentences, as you would say them.",
            "rationale": "Why this option, and why now.",
            "coi": "Write “none” if there is none. Empty means nobody has said.",
        }
        widgets = {
            "context": forms.Textarea(attrs={"rows": 4}),
            "statement": forms.Textarea(attrs={"rows": 3}),
            "rationale": forms.Textarea(attrs={"rows": 3}),
            "prediction": forms.Textarea(attrs={"rows": 2}),
            "confidence": forms.TextInput(attrs={"inputmode": "numeric"}),
        }
        error_messages = {"title": {"required": "Give the decision a title."}}

    def __init__(self, *args: Any, writer: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.writer = writer
        self.fields["framework"].empty_label = "No template"  # type: ignore[attr-defined]
        self.fields["confidence"].unit = "%"  # type: ignore[attr-defined]
        if self.instance.pk:
            members = self.instance.memberships.select_related("user")
            for name, role in PEOPLE.items():
                self.initial[name] = [m.user.email for m in members if m.role == role]

    @property
    def people(self) -> dict[str, list[str]]:
        return {role.value: self.cleaned_data[name] for name, role in PEOPLE.items()}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("deputy") and cleaned.get("deputy") == cleaned.get("owner"):
            self.add_error("deputy", "The deputy is somebody other than the owner.")
        if self.writer and self.writer not in (cleaned.get("owner"), cleaned.get("deputy")):
            self.add_error(
                "owner", "Be the owner or the deputy yourself, so that you can go on writing this."
            )
        return cleaned


class OptionForm(PlainForm):
    key = forms.CharField(widget=forms.HiddenInput)
    title = forms.CharField(max_length=400, required=False)
    summary = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    rejected_because = forms.CharField(
        label="If not chosen, why not?", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("title") and (cleaned.get("summary") or cleaned.get("rejected_because")):
            self.add_error("title", "Name this option, or empty its other fields.")
        return cleaned


class OptionRows(forms.BaseFormSet):  # type: ignore[type-arg]
    """Options A, B, C …: a row without a title is no option."""

    def __init__(self, *args: Any, options: list[Option], **kwargs: Any) -> None:
        self.were_chosen = next((option.key for option in options if option.chosen), "")
        rows = [_row(option) for option in options] + self._free_rows(options)
        super().__init__(*args, **{**kwargs, "initial": rows, "prefix": "option"})

    @staticmethod
    def _free_rows(options: list[Option]) -> list[dict[str, str]]:
        taken = {option.key for option in options}
        free = [letter for letter in LETTERS if letter not in taken]
        return [{"key": letter} for letter in free[: max(1, 3 - len(options))]]

    @property
    def chosen(self) -> str:
        return str(self.data.get("chosen", "")) if self.is_bound else self.were_chosen

    @property
    def values(self) -> list[dict[str, Any]]:
        """Return the options that have a title, the chosen one marked."""
        named = [form.cleaned_data for form in self.forms if form.cleaned_data.get("title")]
        return [{**option, "chosen": option["key"] == self.chosen} for option in named]

    def clean(self) -> None:
        if self.chosen and self.chosen not in {option["key"] for option in self.values}:
            raise forms.ValidationError("The option you chose has no title. Name it, or choose another.")


OptionFormSet = cast(
    type[OptionRows], forms.formset_factory(OptionForm, formset=OptionRows, extra=0, max_num=len(LETTERS))
)


def _row(option: Option) -> dict[str, str]:
    return {
        "key": option.key,
        "title": option.title,
        "summary": option.summary,
        "rejected_because": option.rejected_because,
    }


class RiskForm(EditForm):
    owner = AddressField(required=False, help_text="Who acts when the signal shows.")

    class Meta:
        model = Risk
        fields = ("text", "likelihood", "impact", "signal", "planned_response")
        labels = {"text": "What could go wrong?", "signal": "Signal that shows it"}
        help_texts = {"planned_response": "What you will do when the signal shows. The alert repeats it."}
        widgets = {"planned_response": forms.Textarea(attrs={"rows": 3})}
        error_messages = {"text": {"required": "Say what could go wrong."}}


class ReasonForm(PlainForm):
    reason = forms.CharField(
        label="Why?",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why, in a sentence that still makes sense in a year."},
    )


def ref_from(title: str, *, taken: set[str]) -> str:
    """Return a short name for the address bar that nobody uses yet."""
    stem = slugify(title)[:50] or "decision"
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return stem if stem not in taken else next(ref for ref in numbered if ref not in taken)
