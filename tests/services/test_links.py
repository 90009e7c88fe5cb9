from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from pilots.models import Alert, User
from pilots.services.links import BadLink, acknowledge_link, read_link

SENT = datetime(2026, 3, 30, 12, tzinfo=UTC)


def link_of(alert: int, user: int) -> str:
    with time_machine.travel(SENT, tick=False):
        return acknowledge_link(Alert(pk=alert), User(pk=user))


def token_of(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


@pytest.mark.parametrize("later", [timedelta(), timedelta(days=14)])
def test_a_link_names_its_alert_and_its_person_for_a_fortnight(later: timedelta) -> None:
    link = link_of(41, 7)
    with time_machine.travel(SENT + later, tick=False):
        assert read_link(token_of(link)) == (41, 7)


def test_an_old_link_says_that_it_has_expired() -> None:
    link = link_of(41, 7)
    with (
        time_machine.travel(SENT + timedelta(days=14, seconds=1), tick=False),
        pytest.raises(BadLink, match="expired"),
    ):
        read_link(token_of(link))


def test_a_link_that_was_changed_opens_nothing() -> None:
    mine, hers = token_of(link_of(41, 7)), token_of(link_of(41, 8))
    mixed = ":".join([hers.split(":")[0], *mine.split(":")[1:]])
    for token in (mixed, mine[:-1], "", "41:7"):
        with pytest.raises(BadLink, match="not complete"):
            read_link(token)


def test_a_link_is_absolute_and_fits_into_a_line() -> None:
    link = link_of(123_456_789, 123_456_789)
    assert link.startswith("http")
    assert len(link) < 150
