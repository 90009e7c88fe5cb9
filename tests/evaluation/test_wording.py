"""Numbers, dates and names as a reader expects them."""

from __future__ import annotations

import pytest

from pilots.evaluation.vocabulary import MetricKind
from pilots.evaluation.wording import (
    amount,
    counted,
    label,
    listed,
    number,
    on,
    percent,
    scope_words,
    without_range,
)
from tests.evaluation.builders import START, a_metric


@pytest.mark.parametrize(
    ("fraction", "unlike", "text"),
    [
        (0.1432, None, "14%"),
        (-0.1432, None, "14%"),
        (0.041, None, "4.1%"),
        (0.05, None, "5%"),
        (0.0004, None, "0%"),
        (0.0496, 0.05, "4.96%"),
        (0.05, 0.05, "5%"),
        (-0.2004, 0.2, "20.04%"),
        (1.5, None, "150%"),
    ],
)
def test_percent_has_as_many_digits_as_it_needs(fraction: float, unlike: float | None, text: str) -> None:
    assert percent(fraction, unlike=unlike) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(4680.2, "4,680"), (-21.84, "−21.8"), (20.0, "20"), (3.14159, "3.14"), (0.01234, "0.0123"), (0.0, "0")],
)
def test_number_has_three_digits_that_count(value: float, text: str) -> None:
    assert number(value) == text


def test_amounts_carry_their_unit_and_rates_are_per_cent() -> None:
    assert amount(19.13, a_metric()) == "19.1 h"
    assert amount(19.13, a_metric(unit="")) == "19.1"
    assert amount(0.934, a_metric(kind=MetricKind.RATE)) == "93%"


def test_names_and_dates() -> None:
    assert on(START) == "Mon 5 Jan"
    assert counted(1, "case") == "1 case"
    assert counted(4680, "case") == "4,680 cases"
    assert listed(["T1"]) == "T1"
    assert listed(["T1", "T2", "S1"]) == "T1, T2 and S1"
    assert label("S1", "overall") == "S1"
    assert label("S1", "high") == "S1 high"
    assert scope_words("tier=gold|severity=high") == " for gold, high"
    assert scope_words("gap:tier") == ""


@pytest.mark.parametrize(
    ("said", "parted"),
    [
        (
            "Cost is 9% higher (likely between 2% and 16% higher)",
            ("Cost is 9% higher", "likely between 2% and 16% higher"),
        ),
        ("Cost (per account) is 9% higher", ("Cost (per account) is 9% higher", "")),
    ],
)
def test_a_headline_goes_without_the_likely_range(said: str, parted: tuple[str, str]) -> None:
    assert without_range(said) == parted
