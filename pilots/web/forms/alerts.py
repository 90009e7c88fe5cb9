"""What an answer to an alert asks for before it is given."""

from __future__ import annotations

from typing import Any

from django import forms

from pilots.evaluation.vocabulary import Severity
from pilots.importing.fields import number
from pilots.models import Alert, Pilot, User
from pilots.permissions import ANSWERING, people_by_role
from pilots.web.forms.editing import PlainForm
from pilots.web.forms.fields import day, read_percent
from pilots.web.forms.limit_words import RELATIVE
from pilots.web.steps import Mend

KEPT = "It is kept in the alert's timeline beside your name."


def few_lines(**options: Any) -> forms.CharField:
    return forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), **options)


class AnswerForm(PlainForm):
    """An answer that needs nothing said; the others add what they ask for."""

    def __init__(self, *args: Any, alert: Alert, **kwargs: Any) -> None:
        # several of them stand on one page
        kwargs.setdefault("auto_id", f"id_{type(self).__name__}_%s")
        super().__init__(*args, **kwargs)
        self.alert, self.refusals = alert, list[Mend]()

    @property
    def answers(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class NoteForm(AnswerForm):
    note = few_lines(
        label="What should others know?", help_text=KEPT, error_messages={"required": "Write the note."}
    )


class HandOverForm(AnswerForm):
    to = forms.ModelChoiceField(
        User.objects.none(),
        label="To whom?",
        empty_label="Choose a person",
        error_messages={"required": "Choose who takes it."},
    )
    note = few_lines(
        label="What do they need to know?",
        help_text=KEPT,
        error_messages={"required": "Say what they need to know."},
    )

    def __init__(self, *args: Any, alert: Alert, **kwargs: Any) -> None:
        super().__init__(*args, alert=alert, **kwargs)
        people = people_by_role(alert.pilot)
        answering = {user.pk for role in ANSWERING for user in people.get(role, [])}
        offered = User.objects.filter(pk__in=answering - {alert.owner_id}).order_by("name", "email")
        self.fields["to"].queryset = offered  # type: ignore[attr-defined]


class SnoozeForm(AnswerForm):
    until = forms.DateTimeField(
        label="Until",
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        error_messages={"required": "Say until when it can wait."},
    )
    reason = forms.CharField(label="Why can it wait?", error_messages={"required": "Say why it can wait."})


class ContinueForm(AnswerForm):
    reason = few_lines(
        label="Why do you go on?",
        help_text="One or two sentences that still make sense in a year. They are kept in the history.",
        error_messages={"required": "Say why you go on."},
    )
    until = day(label="Go on until", required=False, help_text="Then the rule speaks up again.")
    limit = forms.CharField(
        label="Or until it is worse than",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    mostly_optional = True

    def __init__(self, *args: Any, alert: Alert, **kwargs: Any) -> None:
        super().__init__(*args, alert=alert, **kwargs)
        self.is_change = alert.rule_snapshot.get("comparison") in RELATIVE
        wanted = "Such as “25 %”" if self.is_change else "A number in the metric's unit"
        self.fields["limit"].help_text = f"{wanted}. Give a day, a limit, or both."

    def clean_limit(self) -> float | None:
        text = self.cleaned_data["limit"].strip()
        if not text:
            return None
        try:
            return read_percent(text) if self.is_change else number(text)
        except ValueError:
            wanted = "a percentage, such as 25 or 2.5 %" if self.is_change else "a number"
            raise forms.ValidationError(f"Write {wanted}.") from None


class AcceptForm(AnswerForm):
    reason = few_lines(
        label="Why is it put up with?",
        help_text="One or two sentences that still make sense in a year. They are kept in the history.",
        error_messages={"required": "Say why it is put up with."},
    )
    until = day(
        label="Until when?",
        help_text="If it still holds then, it opens again.",
        error_messages={"required": "Say until when it is put up with."},
    )


class PauseForm(AnswerForm):
    reason = few_lines(
        label="Why does it stay paused?",
        help_text=KEPT,
        error_messages={"required": "Say why it stays paused."},
    )


class CloseForm(AnswerForm):
    reason = few_lines(
        label="Why is it over?", help_text=KEPT, error_messages={"required": "Say why it is over."}
    )


class RaiseForm(PlainForm):
    pilot = forms.ModelChoiceField(
        Pilot.objects.none(),
        label="Which pilot?",
        empty_label="Choose a pilot",
        to_field_name="ref",
        error_messages={"required": "Choose the pilot.", "invalid_choice": "Choose one of your pilots."},
    )
    sentence = few_lines(
        label="What is wrong?",
        help_text="Begin with the fact. Such as “Three premium customers wrote about chat-only billing.”",
        error_messages={"required": "Say what is wrong."},
    )
    severity = forms.ChoiceField(
        label="How grave?",
        widget=forms.RadioSelect,
        initial=Severity.SEV3.value,
        choices=(
            (Severity.SEV1.value, "SEV1: customers are hurt now; somebody must act within the hour"),
            (Severity.SEV2.value, "SEV2: it has to be looked at today"),
            (Severity.SEV3.value, "SEV3: within days"),
            (Severity.SEV4.value, "SEV4: worth knowing"),
        ),
    )

    def __init__(self, *args: Any, pilots: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pilot"].queryset = pilots  # type: ignore[attr-defined]

    @property
    def answers(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "pilot_id": given["pilot"].pk,
            "severity": given["severity"],
            "sentence": given["sentence"],
        }
