"""What to see of a timeline, from the address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from pilots.models import User
from pilots.reports.happenings import ENGINE, KINDS


class TimelineFilter(forms.Form):
    mostly_optional = True

    kind = forms.ChoiceField(choices=list(KINDS.items()), required=False)
    person = forms.ChoiceField(label="By", required=False)
    since = forms.DateField(
        label="From",
        required=False,
        error_messages={"invalid": "Write the day like 2026-03-30."},
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    to = forms.DateField(
        label="To",
        required=False,
        error_messages={"invalid": "Write the day like 2026-03-30."},
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, people: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(str(person.pk), str(person)) for person in people]
        self.fields["person"].choices = [("", "Anybody"), *named, (ENGINE, "The engine")]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or self.cleaned_data
        since, to = asked.get("since"), asked.get("to")
        if since and to and since > to:
            self.add_error("to", "This day is before the first one.")
        return self.cleaned_data

    @property
    def narrows(self) -> bool:
        return any(self.cleaned_data.get(name) not in (None, "", "all") for name in self.fields)
