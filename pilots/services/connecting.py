"""The secret that signs what goes to a webhook: made here, shown once."""

from __future__ import annotations

import base64
import secrets

from django.db import transaction

from pilots.models import Destination, User
from pilots.permissions import can_edit_policies, require
from pilots.services.saving import lock, save

SECRET_BYTES = 32


@transaction.atomic
def make_secret(*, destination_id: int, by: User) -> str:
    """Give a destination a new secret and return it; what was signed with the old one no longer matches."""
    require(can_edit_policies, by, None)
    place = lock(Destination.objects.all(), destination_id)
    place.secret = f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"
    save(place, by=by, reason="New secret")
    return place.secret
