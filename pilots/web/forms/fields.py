"""Fields that read what people write: percentages, addresses, lines of words."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import validate_email

from pilots.importing.fields import number, share_text
from pilots.models import User

PERCENT = re.compile(r"(?P<number>[^%]*?)\s*%?")
SEPARATORS = re.compile(r"[\s,;]+")


def percent_text(fraction: float) -> str:
    """Write a fraction the way people type it: 0.05 as 5."""
    return share_text(fraction).removesuffix(" %")


def read_percent(text: str) -> float:
    """Read `5`, `2.5` or `5 %` as a fraction, or raise ValueError."""
    written = PERCENT.fullmatch(text.strip())
    if not written:
        raise ValueError(f"'{text}' is not a percentage")
    number(written["number"])
    return float(Decimal(written["number"]) / 100)


class PercentField(forms.CharField):
    """`5`, `2.5` or `5 %`; kept as a fraction."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})
    unit = "%"

    def prepare_value(self, value: Any) -> Any:
        return percent_text(value) if isinstance(value, float) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return read_percent(text)
        except ValueError:
            raise forms.ValidationError("Write a percentage, such as 5 or 2.5 %.", code="invalid") from None


class AddressField(forms.EmailField):
    """One person by address, offered from the people already known."""

    widget = forms.EmailInput(attrs={"list": "people", "autocomplete": "off", "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return value.email if isinstance(value, User) else value

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).lower()


class LinesField(forms.CharField):
    """Lines of text, read and written by a subclass."""

    widget = forms.Textarea(attrs={"rows": 3})


class AddressesField(LinesField):
    """People by address, one a line; commas and spaces part them too."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        addresses = [word.lower() for word in SEPARATORS.split(value or "") if word]
        wrong = [address for address in addresses if not _is_address(address)]
        if wrong:
            raise forms.ValidationError(
                f"Not an address: {', '.join(wrong)}. Write addresses like mei@example.org, one a line."
            )
        return list(dict.fromkeys(addresses))


class DimensionsField(LinesField):
    """`severity: low, medium, high`, one dimension a line; kept as name → categories."""

    NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
    NOT_IN_A_CATEGORY = frozenset("=|:")

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return "\n".join(f"{name}: {', '.join(categories)}" for name, categories in value.items())

    def to_python(self, value: Any) -> Any:
        lines = [line for line in (value or "").splitlines() if line.strip()]
        dimensions: dict[str, list[str]] = {}
        for line in lines:
            name, categories = self._read(line)
            if name in dimensions:
                raise forms.ValidationError(f"“{name}” stands on two lines. Write it once.")
            dimensions[name] = categories
        return dimensions

    def _read(self, line: str) -> tuple[str, list[str]]:
        name, colon, rest = (part.strip() for part in line.partition(":"))
        categories = [word.strip() for word in rest.split(",") if word.strip()]
        if not (colon and categories):
            raise forms.ValidationError(f"“{line.strip()}”: write it like “severity: low, medium, high”.")
        if not self.NAME.fullmatch(name):
            raise forms.ValidationError(f"“{name}”: use letters, digits and _ for the name of a dimension.")
        if odd := next((c for c in categories if self.NOT_IN_A_CATEGORY & set(c)), None):
            raise forms.ValidationError(f"“{odd}”: a category can't hold “=”, “|” or “:”.")
        if len(set(categories)) < len(categories):
            raise forms.ValidationError(f"“{name}” names a category twice.")
        return name, categories


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except forms.ValidationError:
        return False
    return True


def day(**options: Any) -> forms.DateField:
    """Return a field for one day, with the browser's own calendar."""
    return forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **options)
