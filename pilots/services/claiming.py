"""Claims on rows of the outbox: one UPDATE with an owner, a lease by the database's clock, and a fence.

A row is noted as handed over before its message leaves. A worker that dies leaves in doubt only what it
had in its hands; the rest of its batch surely wasn't sent and waits on as before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from pilots.evaluation.retries import MOST_CHARGED, retry_after
from pilots.models import Notification
from pilots.services.leasing import LEASE, owner_name

State = Notification.State
MOST_MATES = 500


def claim(due: QuerySet[Notification], *, most: int) -> list[Notification]:
    """Claim the most urgent of the due rows, and what else is due for the same people."""
    with transaction.atomic():
        locked = due.select_related("alert", "event", "user").select_for_update(
            skip_locked=True, of=("self",)
        )
        first = list(locked[:most])
        rows = sorted(first + _mates(locked, first), key=_order) if first else []
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=State.CLAIMED,
            fence=F("fence") + 1,
            lease_owner=owner_name(),
            lease_until=Now() + LEASE,
            handed_at=None,
        )
    for row in rows:
        row.fence += 1
    return rows


def _mates(due: QuerySet[Notification], first: Sequence[Notification]) -> list[Notification]:
    """Return what would go out in the same messages as the first rows."""
    together = Q(sent_as__in={row.sent_as for row in first if row.sent_as})
    people = {row.recipient for row in first if row.channel == Notification.Channel.EMAIL}
    mates = due.filter(together | Q(sent_as="", channel=Notification.Channel.EMAIL, recipient__in=people))
    others = mates.exclude(pk__in=[row.pk for row in first])
    return list(others[:MOST_MATES])


def _order(row: Notification) -> tuple[int, datetime, int]:
    return (row.urgency, row.created_at, row.pk)


def held(rows: Iterable[Notification]) -> QuerySet[Notification]:
    """Return those of the rows that are still claimed as they were claimed."""
    mine = reduce(or_, (Q(pk=row.pk, fence=row.fence) for row in rows), Q(pk__in=[]))
    return Notification.objects.filter(mine, state=State.CLAIMED)


def recalled(rows: Sequence[Notification]) -> list[Notification]:
    """Lock and return those of the rows that are still held, with what may have changed since the claim.

    Locked, no other worker takes them over before they are noted as handed over, or cancelled.
    """
    locked = held(rows).select_for_update(of=("self",))
    fresh = locked.values_list("pk", "alert__status", "user__is_active")
    known = {pk: (status, is_active) for pk, status, is_active in fresh}
    kept = [row for row in rows if row.pk in known]
    for row in kept:
        status, is_active = known[row.pk]
        if row.alert:
            row.alert.status = status
        if row.user:
            row.user.is_active = is_active
    return kept


def hand_over(rows: Sequence[Notification], *, now: datetime) -> None:
    """Note that rows leave now, in one message under the Message-ID of the first."""
    sent_as = rows[0].sent_as or rows[0].message_id
    held(rows).update(sent_as=sent_as, handed_at=now, lease_until=Now() + LEASE)
    for row in rows:
        row.sent_as = sent_as


def give_back(rows: Sequence[Notification]) -> None:
    """Let claimed rows that surely were not sent wait on, as if nobody had tried."""
    for doubtful in (False, True):
        same = [row for row in rows if bool(row.doubts) is doubtful]
        kept = {} if doubtful else {"sent_as": ""}
        held(same).update(state=State.PENDING, lease_until=None, handed_at=None, **kept)


@transaction.atomic
def put_off(rows: Sequence[Notification], *, answer: str, now: datetime) -> None:
    """Give back rows that met a shut channel, and let them wait longer each time.

    So the next probe is another message: what shuts a channel may be one recipient's alone. A channel
    that was shut for days doesn't use up the day for which a message is tried.
    """
    key, attempts = rows[0].sent_as or rows[0].message_id, max(row.attempts for row in rows) + 1
    held(rows).filter(attempts__lt=MOST_CHARGED).update(attempts=F("attempts") + 1)
    held(rows).update(next_try_at=now + retry_after(attempts, key=key), answer=answer)
    give_back(rows)


def take_back_unsent() -> None:
    """Let wait on what a dead worker had claimed and not yet handed over."""
    unsent = Notification.objects.abandoned().filter(handed_at=None)
    if unsent.exists():
        unsent.update(state=State.PENDING, lease_until=None, fence=F("fence") + 1)
