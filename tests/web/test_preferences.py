"""A person chooses how they are told, but never misses what is grave."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from django.test import Client

from pilots.models import Alert, Preference, User

pytestmark = pytest.mark.django_db
KINDS = [kind.value for kind in Alert.Kind if kind != Alert.Kind.STOP_CONDITION]


@pytest.fixture
def page(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def chosen(**fields: Any) -> dict[str, Any]:
    rest = {"digest_weekday": "0", "quiet_from": "", "quiet_to": "", "timezone": "UTC"}
    return {**dict.fromkeys(KINDS, "at_once"), **rest, **fields}


def test_the_page_says_what_always_comes_and_offers_no_way_round_it(page: Client) -> None:
    said = page.get("/preferences/").text
    assert "Stop conditions and everything of SEV1 and SEV2 always reach you at once" in said
    assert 'name="stop_condition"' not in said


def test_what_is_chosen_is_kept_and_shown_again(page: Client, owner: User) -> None:
    given = chosen(
        scale_up="never",
        no_data="digest",
        digest_weekday="4",
        quiet_from="22:00",
        quiet_to="07:00",
        timezone="Europe/Amsterdam",
    )
    assert "Saved." in page.post("/preferences/", given, follow=True).text
    kept = Preference.objects.get(user=owner)
    assert (kept.muted, kept.digest, kept.digest_weekday) == (["scale_up"], ["no_data"], 4)
    assert (kept.quiet_from, kept.quiet_to) == (time(22), time(7))
    form = page.get("/preferences/").context["form"]
    shown = {name: form[name].value() for name in given}
    assert {**given, "digest_weekday": 4} == {
        **shown,
        "quiet_from": f"{kept.quiet_from:%H:%M}",
        "quiet_to": f"{kept.quiet_to:%H:%M}",
    }


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        pytest.param({"quiet_from": "22:00"}, "Quiet hours need both ends.", id="one end"),
        pytest.param({"quiet_from": "7:00", "quiet_to": "7:00"}, "never end", id="no length"),
        pytest.param({"timezone": "Mars/Base"}, "not one of the available choices", id="no zone"),
        pytest.param({"driver": "by pigeon"}, "not one of the available choices", id="no way"),
    ],
)
def test_what_can_not_be_is_refused_beside_its_field(page: Client, fields: dict[str, str], says: str) -> None:
    assert says in page.post("/preferences/", chosen(**fields)).text
    assert not Preference.objects.exists()
