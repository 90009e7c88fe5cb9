"""Single fields say one thing only."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilots.importing.fields import address, flag, number, phrase, ref, share, share_text, whole, words


@pytest.mark.parametrize(("text", "fraction"), [("5 %", 0.05), ("5%", 0.05), ("2.5 %", 0.025), ("0 %", 0.0)])
def test_a_share_is_a_number_and_a_percent_sign(text: str, fraction: float) -> None:
    assert share(text) == fraction


@settings(deadline=None)
@given(st.floats(min_value=0, max_value=10))
def test_a_share_reads_back_as_it_was(fraction: float) -> None:
    assert share(share_text(fraction)) == fraction


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (share, "5"),
        (share, "0.05"),
        (share, "-5 %"),
        (share, "5  %"),
        (share, "5,5 %"),
        (number, "nan"),
        (number, "inf"),
        (number, "1e101"),
        (number, "1_000"),
        (number, "1,5"),
        (number, "٣"),
        (whole(1), "0"),
        (whole(0), "-1"),
        (whole(0), "1.0"),
        (whole(0), "9" * 12),
        (flag, "maybe"),
        (ref, "two words"),
        (ref, ""),
        (ref, "v1.2"),
        (ref, "a" * 61),
        (address, "nobody"),
        (address, "a@b@c"),
        (address, "a b@c.org"),
        (address, "a@b"),
        (address, ".a@b.org"),
        (address, "a@-b.org"),
        (phrase(3), "four"),
        (phrase(3, least=1), ""),
        (words, "nul\x00"),
        (words, "\ud800"),
    ],
)
def test_what_could_be_misread_is_refused(reader: Callable[[str], object], text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        reader(text)
