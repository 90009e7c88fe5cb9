"""Send a page's form back as it was shown, with some entries changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.forms import BaseForm, BaseFormSet
from django.test import Client


def send(client: Client, page: str, **changes: Any) -> Any:
    """Open a page, change entries by their names in the form, and send it."""
    shown = client.get(page)
    assert shown.status_code == 200
    entries = dict(entries_of(shown.context["adminform"].form))
    for section in shown.context["inline_admin_formsets"]:
        entries |= dict(entries_of_rows(section.formset))
    answer = client.post(page, entries | changes)
    return answer


def entries_of_rows(formset: BaseFormSet[Any]) -> Iterator[tuple[str, Any]]:
    yield from entries_of(formset.management_form)
    for form in formset.initial_forms:
        yield from entries_of(form)


def entries_of(form: BaseForm) -> Iterator[tuple[str, Any]]:
    for bound in form:
        value = bound.value()
        if value is not None and value is not False and value != "":
            yield bound.html_name, "on" if value is True else value


def mistakes(answer: Any) -> str:
    """What the page says against what was sent."""
    assert answer.status_code == 200, "it was saved"
    form = answer.context["adminform"].form
    rows = [
        e for s in answer.context["inline_admin_formsets"] for f in s.formset.forms for e in f.errors.values()
    ]
    return " ".join(text for errors in [*form.errors.values(), *rows] for text in errors)
