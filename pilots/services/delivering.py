"""Deliver the outbox: claim by the handful, hand over one message at a time, mark after sending."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from types import TracebackType
from typing import Self

from django.db import transaction
from django.db.models import F

from pilots.evaluation.retries import DOUBT_WAIT, GIVE_UP_AFTER, MOST_DOUBTS, retry_after, time_tried
from pilots.models import Notification, Receipt, Send
from pilots.services.claiming import (
    claim,
    give_back,
    hand_over,
    held,
    put_off,
    recalled,
    take_back_unsent,
)
from pilots.services.merging import Parcel, as_one, parcels_of
from pilots.services.passing_on import pass_on
from pilots.services.rechecking import INACTIVE, unwanted
from pilots.services.shutting import may_probe, open_channel, shut_channel, shut_channels

State = Notification.State
MOST_AT_ONCE = 50


class Round:
    """One worker's round through the outbox. Leaving it gives back what was claimed and not sent."""

    def __init__(self, send: Send, *, most: int = MOST_AT_ONCE) -> None:
        self._send = send
        self._most = most
        self._bag: deque[Parcel] = deque()
        self._probing = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        give_back([row for parcel in self._bag for row in parcel])

    def deliver_next(self, *, now: datetime) -> bool:
        """Send one message. Return False when none is due.

        A worker that dies while sending leaves that message in doubt: it may go out twice, with the
        same Message-ID, but is never lost.
        """
        if not self._bag:
            self._bag.extend(parcels_of(self._claim(now)))
        if not self._bag:
            return False
        rows = _still_wanted(self._bag.popleft(), now)
        if rows:
            self._settle(rows, self._send(as_one(rows)), now)
        return True

    def _claim(self, now: datetime) -> list[Notification]:
        _settle_abandoned(now)
        shut = shut_channels()
        due = Notification.objects.due(now)
        self._probing = False
        claimed = claim(due.exclude(channel__in=shut), most=self._most)
        for state in () if claimed else shut.values():
            waiting = due.filter(channel=state.channel)
            if waiting.exists() and may_probe(state, now=now):
                self._probing = True
                return claim(waiting, most=1)
        return claimed

    def _settle(self, rows: Parcel, receipt: Receipt, now: datetime) -> None:
        channel = rows[0].channel
        if not receipt.closes_channel:
            settle(rows, receipt, now=now)
            if self._probing:
                open_channel(channel)
                self._probing = False
            return
        shut_channel(channel, reason=receipt.answer, now=now, probed=self._probing)
        put_off(rows, answer=receipt.answer, now=now)
        same = [parcel for parcel in self._bag if parcel[0].channel == channel]
        give_back([row for parcel in same for row in parcel])
        self._bag = deque(parcel for parcel in self._bag if parcel[0].channel != channel)


def deliver_next(*, send: Send, now: datetime) -> bool:
    """Send one due message. Return False when none is due."""
    with Round(send, most=1) as one:
        return one.deliver_next(now=now)


def _still_wanted(parcel: Parcel, now: datetime) -> Parcel:
    """Return the rows of a parcel that go out now, noted as handed over; the others are cancelled."""
    with transaction.atomic():
        rows = recalled(parcel)
        # In the order they were queued: whether an end is told depends on whether its beginning was.
        cancelled = [row for row in sorted(rows, key=attrgetter("pk")) if _is_cancelled(row, now)]
        wanted = [row for row in rows if row not in cancelled]
        if wanted:
            hand_over(wanted, now=now)
    return wanted


def _is_cancelled(row: Notification, now: datetime) -> bool:
    """Cancel a row that should not go out any more, and say whether it was."""
    reason = unwanted(row)
    if reason:
        settle([row], Receipt(State.CANCELLED, reason), now=now)
    return bool(reason)


def _settle_abandoned(now: datetime) -> None:
    """Take back what dead workers held: in doubt where it had been handed over, else as it was."""
    take_back_unsent()
    if not Notification.objects.abandoned().exists():
        return
    with transaction.atomic():
        rows = list(Notification.objects.abandoned().select_for_update(skip_locked=True))
        for parcel in parcels_of(rows):
            settle(parcel, Receipt(State.IN_DOUBT, "The sender stopped before it could say."), now=now)


@transaction.atomic
def settle(rows: Sequence[Notification], receipt: Receipt, *, now: datetime) -> None:
    """Write what came of a message to its rows, those left out whose claim was lost meanwhile."""
    state, reason, next_try_at = _outcome(rows, receipt, now)
    surely_not_sent = state == State.PENDING and not rows[0].doubts
    changed = held(rows).update(
        state=state,
        state_reason=reason,
        answer=receipt.answer,
        attempts=F("attempts") + int(receipt.state != State.CANCELLED),
        doubts=F("doubts") + int(receipt.state == State.IN_DOUBT),
        next_try_at=next_try_at,
        lease_until=None,
        sent_at=now if state == State.SENT else None,
        **({"sent_as": ""} if surely_not_sent else {}),
    )
    if changed and (state == State.DEAD or reason == INACTIVE):
        pass_on(rows, reason=reason, now=now)


def _outcome(rows: Sequence[Notification], receipt: Receipt, now: datetime) -> tuple[str, str, datetime]:
    """Return the state after a receipt, its reason, and when it is tried again."""
    key, attempts = rows[0].sent_as or rows[0].message_id, max(row.attempts for row in rows) + 1
    doubts = max(row.doubts for row in rows) + 1
    match receipt.state:
        case State.IN_DOUBT if doubts > MOST_DOUBTS:
            tried = f"Tried {doubts} times; nobody can say whether it arrived."
            return State.DEAD, f"{receipt.answer} {tried}", now
        case State.IN_DOUBT:
            return State.IN_DOUBT, receipt.answer, now + DOUBT_WAIT
        case State.PENDING if time_tried(attempts, key=key) > GIVE_UP_AFTER:
            return State.DEAD, f"{receipt.answer} Given up after a day.", now
        case State.PENDING:
            return State.PENDING, "", now + retry_after(attempts, key=key)
        case State.SENT:
            return State.SENT, "", now
    return receipt.state, receipt.answer, now
