from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from pilots.models import ApiToken, User
from pilots.permissions import NotAllowed
from pilots.services.errors import Refused
from pilots.services.tokens import Scope, create_token, revoke_token, verify
from tests.management.running import run

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def a_key(owner: User, *, days: int = 90, scopes: frozenset[Scope] = frozenset({Scope.READ})) -> str:
    _, key = create_token(user=owner, by=owner, name="feed", scopes=scopes, lifetime=days * DAY, now=NOW)
    return key


def test_a_key_has_the_shape_that_scanners_look_for(owner: User) -> None:
    assert re.fullmatch(r"pdt_[0-9A-Za-z]{8}_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}", a_key(owner))


def test_only_a_hash_of_the_key_is_kept(owner: User) -> None:
    key = a_key(owner)
    row = ApiToken.objects.values().get()
    assert key.split("_")[2] not in str(row)
    assert len(row["sha256"]) == 64


def test_a_key_is_known_until_it_expires(owner: User) -> None:
    key = a_key(owner, days=1)
    token = verify(key, now=NOW)
    assert token is not None
    assert (token.user, token.scopes) == (owner, ["read"])
    assert verify(key, now=NOW + DAY) is None


def test_a_mistyped_key_is_refused_without_asking_the_database(
    owner: User, django_assert_num_queries: object
) -> None:
    key = a_key(owner)
    other = "A" if key[20] != "A" else "B"
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert verify(key[:20] + other + key[21:], now=NOW) is None
        assert verify("pdt_short", now=NOW) is None
        assert verify("", now=NOW) is None


def test_a_well_formed_key_of_nobody_is_refused(owner: User) -> None:
    key = a_key(owner)
    ApiToken.objects.get().delete()
    assert verify(key, now=NOW) is None


def test_a_key_dies_with_its_account_and_when_it_is_revoked(owner: User) -> None:
    key = a_key(owner)
    owner.is_active = False
    owner.save()
    assert verify(key, now=NOW) is None
    owner.is_active = True
    owner.save()
    token = ApiToken.objects.get()
    token.revoked_at = NOW
    token.save()
    assert verify(key, now=NOW) is None


def test_two_keys_may_live_at_once_so_that_one_can_replace_the_other(owner: User) -> None:
    keys = {a_key(owner), a_key(owner)}
    assert len(keys) == 2
    with pytest.raises(Refused, match="revoke one first"):
        a_key(owner)


@pytest.mark.parametrize("days", [0, -1, 366])
def test_a_key_lives_at_most_a_year(owner: User, days: int) -> None:
    with pytest.raises(Refused, match="between 1 and 365 days"):
        a_key(owner, days=days)


def test_a_key_that_may_do_nothing_is_refused(owner: User) -> None:
    with pytest.raises(Refused, match="readings:write"):
        a_key(owner, scopes=frozenset())


def test_the_command_shows_the_key_once(owner: User) -> None:
    done = run("create_token", owner.email, "--scope", "readings:write", "--scope", "read", "--json")
    assert done.code == 0
    assert done.document["scopes"] == ["read", "readings:write"]
    found = verify(done.document["token"], now=ApiToken.objects.get().created_at)
    assert found == ApiToken.objects.get()


def test_the_command_knows_nobody_it_does_not_know() -> None:
    done = run("create_token", "ghost@example.org", "--scope", "read")
    assert (done.code, "nobody here" in done.err) == (2, True)


def test_a_revoked_key_opens_nothing_and_its_row_says_by_whom(owner: User) -> None:
    key = a_key(owner)
    revoke_token(token_id=ApiToken.objects.get().pk, by=owner, reason="Lost laptop", now=NOW)
    assert verify(key, now=NOW) is None
    saved = ApiToken.objects.get().history.first()
    assert (saved.history_user, saved.history_change_reason) == (owner, "Lost laptop")


def test_a_stranger_revokes_nobodys_key(owner: User, stranger: User) -> None:
    key = a_key(owner)
    with pytest.raises(NotAllowed, match="Only the person whose token it is"):
        revoke_token(token_id=ApiToken.objects.get().pk, by=stranger, now=NOW)
    assert verify(key, now=NOW) is not None
