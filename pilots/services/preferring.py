"""How a person chooses to be told, and what it means for messages that already wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from zoneinfo import available_timezones

from django.db import transaction

from pilots.models import Alert, Notification, Preference, User
from pilots.permissions import can_edit_preference, require
from pilots.services.errors import Reason, Refused
from pilots.services.saving import write
from pilots.services.suppressing import as_chosen

WHERE = "preferences"
ALWAYS_TOLD = "Stop conditions, SEV1 and SEV2 always reach you."


@transaction.atomic
def save_preference(
    *,
    user: User,
    by: User,
    muted: Sequence[str],
    digest: Sequence[str],
    digest_weekday: int,
    quiet_from: time | None,
    quiet_to: time | None,
    timezone: str,
    now: datetime,
) -> Preference:
    """Keep what a person chose, and let the messages that wait for them follow it.

    Raises Refused with every mistake.
    """
    require(can_edit_preference, by, user)
    # Not the key: who queues a mail for this person meanwhile holds mails that are waited for below.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    preference = Preference.objects.filter(user=user).first() or Preference(user=user)
    fields = {
        "muted": sorted(set(muted)),
        "digest": sorted(set(digest)),
        "digest_weekday": digest_weekday,
        "quiet_from": quiet_from,
        "quiet_to": quiet_to,
        "timezone": timezone,
    }
    reasons = [*_unmutable(muted, digest), *_bad_zone(timezone), *_empty_hours(quiet_from, quiet_to)]
    if reasons:
        raise Refused(*reasons)
    chose_digest = frozenset(preference.digest)
    write(preference, fields, by=by, where=WHERE)
    _treat_waiting_anew(preference, chose_digest, now)
    return preference


def _unmutable(muted: Sequence[str], digest: Sequence[str]) -> list[Reason]:
    reasons = []
    for field, kinds in (("muted", muted), ("digest", digest)):
        unknown = sorted(set(kinds) - set(Alert.Kind.values))
        if unknown:
            reasons.append(Reason(f"There is no such kind of alert: {', '.join(unknown)}.", WHERE, field))
        if Alert.Kind.STOP_CONDITION in kinds:
            reasons.append(Reason(ALWAYS_TOLD, WHERE, field))
    return reasons


def _bad_zone(timezone: str) -> list[Reason]:
    if timezone in available_timezones():
        return []
    text = f"“{timezone}” is no time zone. Write it as Europe/Amsterdam or UTC."
    return [Reason(text, WHERE, "timezone")]


def _empty_hours(quiet_from: time | None, quiet_to: time | None) -> list[Reason]:
    if quiet_from is None or quiet_from != quiet_to:
        return []
    return [Reason("Quiet hours that end when they begin never end.", WHERE, "quiet_to")]


def _treat_waiting_anew(preference: Preference, chose_digest: frozenset[str], now: datetime) -> None:
    """Treat what waits for this person, and was not tried yet, as if it were queued now."""
    waiting = Notification.objects.filter(
        user=preference.user, state=Notification.State.PENDING, attempts=0, may_stop=True
    )
    for row in waiting.select_related("alert").select_for_update(of=("self",)):
        if row.alert is not None:
            is_for_digest = row.digest and row.alert.kind not in chose_digest
            treatment = as_chosen(row.alert, preference, now=now, digest=is_for_digest)
            Notification.objects.filter(pk=row.pk, fence=row.fence, state=row.state).update(
                state=treatment.state,
                state_reason=treatment.refused,
                digest=treatment.digest,
                next_try_at=treatment.next_try_at,
            )
