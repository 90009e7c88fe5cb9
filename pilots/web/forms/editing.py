"""What every form that changes something has: the version it was opened on, and the reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from django import forms
from django.forms import BoundField
from django.http import QueryDict

from pilots.web.forms.fields import AddressesField, AddressField


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that two people filled differently, in words."""

    label: str
    yours: str
    theirs: str


class PlainForm(forms.Form):
    """A form whose errors are said in our words, not by the browser."""

    use_required_attribute = False


class EditForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form over one tracked row. It never saves: its `values` go to a service."""

    use_required_attribute = False
    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(
        label="Why this change?",
        required=False,  # the services know which changes need one
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It is kept in the history beside your name.",
    )
    unsent: ClassVar[frozenset[str]] = frozenset({"seen_version", "reason"})
    typed_in: ClassVar[dict[str, str]] = {}  # the row's field → the form's, where they are called differently
    finer: ClassVar[tuple[str, ...]] = ()  # fields that fold away unless one of them holds a mistake

    def __init__(self, *args: Any, explain: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.theirs: list[Difference] = []
        self.initial["seen_version"] = self.instance.version
        for name, field in self.fields.items():
            person = getattr(self.instance, name, None) if isinstance(field, AddressField) else None
            if person is not None:
                self.initial.setdefault(name, person.email)
        if not explain:
            del self.fields["reason"]

    @property
    def values(self) -> dict[str, Any]:
        """Return what was typed, by the names of the row's own fields."""
        return {name: value for name, value in self.cleaned_data.items() if name not in self.unsent}

    @property
    def reason_given(self) -> str:
        return str(self.cleaned_data.get("reason", ""))

    @property
    def version_seen(self) -> int | None:
        return self.cleaned_data.get("seen_version")

    @property
    def has_finer_errors(self) -> bool:
        return any(name in self.errors for name in self.finer)

    @property
    def addresses(self) -> list[str]:
        """Return every address that was typed."""
        typed = [
            self.cleaned_data.get(name)
            for name, field in self.fields.items()
            if isinstance(field, AddressField | AddressesField)
        ]
        lists = [value if isinstance(value, list) else [value] for value in typed if value]
        return [address for addresses in lists for address in addresses]

    def lay_beside(self, theirs: EditForm) -> None:
        """Show what somebody else saved meanwhile; saving once more is then a choice, not an accident."""
        self.theirs = list(self._differences(theirs))
        sent = cast(QueryDict, self.data).copy()
        sent[self.add_prefix("seen_version")] = theirs.initial["seen_version"]
        self.data = sent
        self.add_error(
            None,
            "Somebody else saved this while you were typing. Yours is kept below, theirs stands beside it.",
        )

    def _differences(self, theirs: EditForm) -> Iterable[Difference]:
        for name, field in self.fields.items():
            if name in self.unsent:
                continue
            mine, other = _in_words(self[name]), _in_words(theirs[name])
            if mine != other:
                yield Difference(str(field.label or self[name].label), mine, other)


def _in_words(bound: BoundField) -> str:
    value = bound.value()
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    choices = dict(getattr(bound.field, "choices", ()) or ())
    words = choices.get(value, choices.get(str(value), value))
    return "" if words is None else str(words).replace("\r\n", "\n").strip()
