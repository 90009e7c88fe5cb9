"""How a person likes to be told."""

from __future__ import annotations

from typing import Any

from django import forms

from pilots.models import Alert, Preference
from pilots.web.forms.editing import PlainForm
from pilots.web.forms.pilots import ZONES

ALWAYS = (Alert.Kind.STOP_CONDITION,)  # told to everybody at once, whatever is chosen
AT_ONCE, DIGEST, NEVER = "at_once", "digest", "never"
WAYS = ((AT_ONCE, "At once"), (DIGEST, "In the weekly digest"), (NEVER, "Not at all"))
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CHOOSABLE = [kind for kind in Alert.Kind if kind not in ALWAYS]


def clock(**options: Any) -> forms.TimeField:
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    return forms.TimeField(required=False, widget=widget, **options)


class PreferenceForm(PlainForm):
    mostly_optional = True
    digest_weekday = forms.TypedChoiceField(
        label="Weekly digest on", coerce=int, choices=list(enumerate(WEEKDAYS))
    )
    quiet_from = clock(label="Quiet from")
    quiet_to = clock(label="To")
    timezone = forms.ChoiceField(
        label="Your time zone", choices=[(zone, zone.replace("_", " ")) for zone in ZONES]
    )

    def __init__(self, *args: Any, preference: Preference, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in CHOOSABLE:
            self.fields[kind.value] = forms.ChoiceField(
                label=kind.label, choices=WAYS, initial=_way(preference, kind.value)
            )
        for name in ("digest_weekday", "quiet_from", "quiet_to", "timezone"):
            self.fields[name].initial = getattr(preference, name)

    @property
    def kinds(self) -> list[forms.BoundField]:
        return [self[kind.value] for kind in CHOOSABLE]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        begins, ends = cleaned.get("quiet_from"), cleaned.get("quiet_to")
        if (begins is None) != (ends is None) and not {"quiet_from", "quiet_to"} & set(self.errors):
            self.add_error("quiet_from" if begins is None else "quiet_to", "Quiet hours need both ends.")
        return cleaned

    @property
    def answers(self) -> dict[str, Any]:
        given = self.cleaned_data
        of = {way: [k.value for k in CHOOSABLE if given[k.value] == way] for way in (NEVER, DIGEST)}
        rest = {name: given[name] for name in ("digest_weekday", "quiet_from", "quiet_to", "timezone")}
        return {"muted": of[NEVER], "digest": of[DIGEST], **rest}


def _way(preference: Preference, kind: str) -> str:
    if kind in preference.muted:
        return NEVER
    return DIGEST if kind in preference.digest else AT_ONCE
