"""Readings as they are pasted or chosen."""

from __future__ import annotations

from io import BytesIO
from typing import Any, BinaryIO

from django import forms

from pilots.web.forms.editing import PlainForm


class ReadingsForm(PlainForm):
    mostly_optional = True
    rows = forms.CharField(
        label="Paste rows",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "class": "mono", "spellcheck": "false", "wrap": "off"}),
        help_text="With the header line, as it comes out of a spreadsheet or an export (CSV).",
    )
    file = forms.FileField(label="Or choose a file", required=False, allow_empty_file=True)
    partial = forms.BooleanField(
        label="Store the good rows even if some are refused",
        required=False,
        help_text="Otherwise one refused row keeps the whole file out.",
    )
    correction_reason = forms.CharField(
        label="If these correct earlier numbers, why?",
        required=False,
        help_text="Needed only where a row gives other numbers for an instant that is already known.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        pasted, chosen = bool(cleaned.get("rows", "").strip()), cleaned.get("file") is not None
        if pasted and chosen:
            raise forms.ValidationError("There are both pasted rows and a file. Send one of them.")
        if not (pasted or chosen) and "file" not in self.errors:
            self.add_error("rows", "Paste some rows, or choose a file.")
        return cleaned

    @property
    def source(self) -> tuple[BinaryIO, str]:
        """Return what was sent, as a stream with its name."""
        chosen = self.cleaned_data["file"]
        if chosen is not None:
            return chosen, chosen.name
        return BytesIO(self.cleaned_data["rows"].encode()), "pasted rows"
