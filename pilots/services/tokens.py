"""The keys of machines: `pdt_<id>_<secret>_<check>`, shown once, kept as a hash."""

from __future__ import annotations

import hmac
import re
import secrets
import string
import zlib
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from django.db import transaction
from django.db.models import Q, QuerySet

from pilots.models import ApiToken, User
from pilots.permissions import can_revoke_token, require
from pilots.services.errors import Reason, Refused

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
KEY = re.compile(r"(pdt_([0-9A-Za-z]{8})_[0-9A-Za-z]{32})_([0-9A-Za-z]{6})", re.ASCII)
LONGEST = timedelta(days=365)
MOST_ALIVE = 2  # the one in use and the one that replaces it


class Scope(StrEnum):
    """What a machine may do with its key."""

    READ = "read"
    WRITE_READINGS = "readings:write"
    WRITE_ALERTS = "alerts:write"
    WRITE_PILOTS = "pilots:write"
    READ_OPERATIONS = "operations:read"


@transaction.atomic
def create_token(
    *, user: User, by: User | None, name: str, scopes: Collection[Scope], lifetime: timedelta, now: datetime
) -> tuple[ApiToken, str]:
    """Make a key for a person's machine. Return its row and the key itself, which is not kept."""
    User.objects.select_for_update().get(pk=user.pk)
    reasons = _reasons_against(user, scopes, lifetime, now)
    if reasons:
        raise Refused(*reasons)
    key_id, secret = _random(8), _random(32)
    key = f"pdt_{key_id}_{secret}"
    key = f"{key}_{_check(key)}"
    token = ApiToken(
        user=user,
        name=name,
        key_id=key_id,
        sha256=sha256(key.encode()).hexdigest(),
        scopes=sorted(scopes),
        created_at=now,
        expires_at=now + lifetime,
    )
    token.explain(by=by, reason="Token created")
    token.save()
    return token, key


@transaction.atomic
def revoke_token(*, token_id: int, by: User, reason: str = "", now: datetime) -> ApiToken:
    """Let a key open nothing from now on. One that is revoked already stays as it was."""
    token = ApiToken.objects.select_for_update().get(pk=token_id)
    require(can_revoke_token, by, token)
    if token.revoked_at is None:
        token.revoked_at = now
        token.explain(by=by, reason=reason or "Token revoked")
        token.save()
    return token


def verify(key: str, *, now: datetime) -> ApiToken | None:
    """Return the living token of this key, or None. A mistyped key is known without a query."""
    written = KEY.fullmatch(key)
    if written is None or not hmac.compare_digest(_check(written[1]), written[3]):
        return None
    token = _alive(now).filter(key_id=written[2], user__is_active=True).select_related("user").first()
    # Compared even where there is no such token, so that the time taken tells nothing.
    kept = token.sha256 if token else "0" * 64
    return token if hmac.compare_digest(kept, sha256(key.encode()).hexdigest()) else None


def _reasons_against(
    user: User, scopes: Collection[Scope], lifetime: timedelta, now: datetime
) -> list[Reason]:
    alive = _alive(now).filter(user=user).count()
    checks = (
        (user.is_active, f"{user.email} is not an active account."),
        (bool(scopes), f"Say what the token may do: {', '.join(Scope)}."),
        (timedelta() < lifetime <= LONGEST, f"A token lives between 1 and {LONGEST.days} days."),
        (alive < MOST_ALIVE, f"{user.email} has {alive} tokens that still work; revoke one first."),
    )
    return [Reason(text, where="tokens") for holds, text in checks if not holds]


def _alive(now: datetime) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(Q(revoked_at__isnull=True) & Q(expires_at__gt=now))


def _random(length: int) -> str:
    return "".join(secrets.choice(BASE62) for _ in range(length))


def _check(text: str) -> str:
    """Return the CRC-32 of a text as six base-62 digits."""
    number, digits = zlib.crc32(text.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, len(BASE62))
        digits = BASE62[digit] + digits
    return digits
