"""What people type is read as they mean it, or refused in words they can act on."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from pilots.web.forms.decisions import ref_from
from pilots.web.forms.fields import (
    AddressesField,
    DimensionsField,
    PercentField,
    percent_text,
    read_percent,
)


@pytest.mark.parametrize(
    ("typed", "fraction"),
    [
        pytest.param("5", 0.05, id="a bare number is per cent"),
        pytest.param("5 %", 0.05, id="with a space and a sign"),
        pytest.param("5%", 0.05, id="with a sign"),
        pytest.param(" 2.5 % ", 0.025, id="a decimal point, spaces around"),
        pytest.param("0", 0.0, id="nothing at all is a share too"),
        pytest.param("", None, id="empty is not said, never zero"),
    ],
)
def test_a_percentage_is_kept_as_a_fraction(typed: str, fraction: float | None) -> None:
    assert PercentField(required=False).clean(typed) == fraction


@pytest.mark.parametrize("typed", ["five", "5 % %", "2,5", "%", "nan", "inf", "1e999", "5 kg"])
def test_what_is_no_percentage_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(forms.ValidationError, match=r"such as 5 or 2\.5"):
        PercentField().clean(typed)


@given(st.integers(min_value=0, max_value=100_000))
def test_a_percentage_is_written_as_it_is_read(hundredths: int) -> None:
    fraction = hundredths / 10_000
    assert read_percent(percent_text(fraction)) == pytest.approx(fraction)


def test_dimensions_are_one_a_line() -> None:
    typed = "severity: low, medium, high\r\n\r\ntier: gold"
    kept = {"severity": ["low", "medium", "high"], "tier": ["gold"]}
    assert DimensionsField().clean(typed) == kept
    assert DimensionsField().clean(DimensionsField().prepare_value(kept)) == kept


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        pytest.param("severity", "write it like", id="no categories"),
        pytest.param("severity:", "write it like", id="an empty list"),
        pytest.param("severity: low, low", "twice", id="a category twice"),
        pytest.param("a: x\na: y", "two lines", id="a dimension twice"),
        pytest.param("how bad: low", "letters, digits", id="a name with a space"),
        pytest.param("severity: a=b", "can't hold", id="a category that could not name a segment"),
    ],
)
def test_dimensions_that_could_not_name_segments_are_refused(typed: str, says: str) -> None:
    with pytest.raises(forms.ValidationError, match=says):
        DimensionsField().clean(typed)


@pytest.mark.parametrize(
    ("typed", "people"),
    [
        ("Mei@Example.org\nkenji@example.org", ["mei@example.org", "kenji@example.org"]),
        ("mei@example.org, mei@example.org", ["mei@example.org"]),
        ("", []),
    ],
)
def test_people_are_named_by_address(typed: str, people: list[str]) -> None:
    assert AddressesField(required=False).clean(typed) == people


def test_a_wrong_address_is_named() -> None:
    with pytest.raises(forms.ValidationError, match=r"Not an address: mei\."):
        AddressesField().clean("mei, kenji@example.org")


@pytest.mark.parametrize(
    ("title", "taken", "ref"),
    [
        ("Support tiers", set(), "support-tiers"),
        ("Support tiers", {"support-tiers"}, "support-tiers-2"),
        ("サポート", {"decision"}, "decision-2"),
        ("New", {"new"}, "new-2"),
    ],
)
def test_a_short_name_is_made_from_the_title(title: str, taken: set[str], ref: str) -> None:
    assert ref_from(title, taken=taken) == ref


def test_no_field_takes_what_no_database_stores() -> None:
    field: Any = AddressesField()
    with pytest.raises(forms.ValidationError):
        field.clean("a\x00b@example.org")
