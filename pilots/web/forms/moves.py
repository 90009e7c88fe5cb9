"""What a move asks for before it is made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from pilots.models import DriverAnswer, Stage
from pilots.web.forms.editing import PlainForm


class MoveForm(PlainForm):
    stage_id = forms.TypedChoiceField(
        label="Which stage?", coerce=int, error_messages={"required": "Choose a stage that has not begun."}
    )
    returned_to = forms.CharField(
        label="What do customers go back to?",
        help_text="Such as “one queue for everybody, as before 2 March”.",
        error_messages={"required": "Say what customers were returned to."},
    )
    reason = forms.CharField(
        label="Why?",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One or two sentences that still make sense in a year. They are kept in the history.",
        error_messages={"required": "Say why."},
    )
    override = forms.CharField(
        label="Why should what is missing be set aside?",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="You do this as the reviewer. It is shown beside this stage for ever.",
        error_messages={"required": "Say why what is missing may be set aside."},
    )

    def __init__(self, *args: Any, asks: Iterable[str], stages: Iterable[Stage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stage_id"].choices = [(stage.pk, str(stage)) for stage in stages]  # type: ignore[attr-defined]
        for name in set(self.fields) - set(asks):
            del self.fields[name]

    @property
    def answers(self) -> dict[str, Any]:
        """Return what the service is told; a move that asks for no reason goes with an empty one."""
        return {"reason": "", **self.cleaned_data}


class DriverAnswerForm(PlainForm):
    answer = forms.ChoiceField(
        label="Do the limits still hold?",
        widget=forms.RadioSelect,
        choices=(
            (DriverAnswer.STILL_VALID, "Still valid: compare with today's mix from now on"),
            (DriverAnswer.RE_DECIDE, "Decide anew: the numbers no longer mean what they did"),
        ),
        error_messages={"required": "Choose one."},
    )
    reason = forms.CharField(
        label="Why?",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One or two sentences that still make sense in a year. They are kept in the history.",
        error_messages={"required": "Say why."},
    )
