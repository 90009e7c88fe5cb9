"""The text of a one-pager, pasted or chosen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from pilots.web.forms.editing import PlainForm

LARGEST = 1_000_000  # bytes; a page of text has a few thousand


class OnePagerForm(PlainForm):
    mostly_optional = True
    text = forms.CharField(
        label="Paste the text",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text="Headings such as Context, Options, Decision, Rationale, Risks and Next, in any order.",
    )
    file = forms.FileField(label="Or choose a text file", required=False, allow_empty_file=True)
    ref = forms.SlugField(
        label="Short name",
        required=False,
        max_length=60,
        help_text="Made from the title when left empty.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        file, text = cleaned.get("file"), cleaned.get("text", "")
        if file is None and not text.strip() and "file" not in self.errors:
            self.add_error("text", "Paste the text, or choose a file.")
        if file is not None and file.size > LARGEST:
            self.add_error("file", "This is larger than any page of text. Choose another file.")
        return cleaned

    @property
    def content(self) -> tuple[bytes, str]:
        """Return what was sent with its name; a file counts before what stands in the field."""
        file = self.cleaned_data["file"]
        if file is not None:
            return file.read(), file.name
        return self.cleaned_data["text"].encode(), "pasted text"

    def put_in_field(self, data: QueryDict, text: str) -> OnePagerForm:
        """Return the form with the text in its field, where it can be mended and sent once more."""
        kept = data.copy()
        kept["text"] = text
        again = OnePagerForm(kept)
        again.is_valid()
        return again
