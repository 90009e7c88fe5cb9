"""Messages made of rows of the outbox: what one person is to be told at once is told in one.

A message's Message-ID is the one of its first row: the most urgent, then the oldest. It is written to
every row (`sent_as`) before the message leaves. Rows of which nobody can say whether they arrived go
out again in the same company under the same Message-ID, so that no row is hidden as a duplicate.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.template.loader import render_to_string

from pilots.models import Notification
from pilots.services.letters import FONT, one_line

MOST_ROWS = 25
Parcel = list[Notification]
_Key = tuple[str, str, bool, str]


def parcels_of(rows: Iterable[Notification]) -> list[Parcel]:
    """Sort rows into parcels, one message each, in the order of their first rows."""
    by_reader: dict[_Key, Parcel] = defaultdict(list)
    for row in rows:
        alone = "" if row.channel == Notification.Channel.EMAIL else row.message_id
        by_reader[(row.channel, row.recipient, row.digest, row.sent_as or alone)].append(row)
    return [part for parcel in by_reader.values() for part in _parts(parcel)]


def _parts(parcel: Parcel) -> Iterable[Parcel]:
    return (parcel[start : start + MOST_ROWS] for start in range(0, len(parcel), MOST_ROWS))


def as_one(rows: Sequence[Notification]) -> Notification:
    """Return the message that rows go out as, not saved: one row as it is, several one below the other.

    `sent_as` of the rows is the Message-ID of the message.
    """
    first = rows[0]
    is_mail = first.channel == Notification.Channel.EMAIL
    if not is_mail or (len(rows) == 1 and not first.digest):
        return _message(first, first.subject, first.text, first.html, first.chart_svg)
    subject, context = _subject_of(rows), _context(rows)
    text = render_to_string("notifications/merged.txt", context | {"subject": subject})
    html = render_to_string("notifications/merged.html", context | {"subject": subject})
    return _message(first, subject, text, html, "", may_stop=_may_stop(rows))


def _context(rows: Sequence[Notification]) -> dict[str, object]:
    first = rows[0]
    return {
        "rows": rows,
        "heading": _heading(rows),
        "is_digest": first.digest,
        "product": settings.PRODUCT_NAME,
        "font": FONT,
        "preferences": f"{settings.BASE_URL}/preferences/",
        "reader": str(first.user or first.recipient),
        "may_stop": _may_stop(rows),
    }


def _message(
    first: Notification, subject: str, text: str, html: str, chart: str, *, may_stop: bool | None = None
) -> Notification:
    return Notification(
        pk=first.pk,
        channel=first.channel,
        recipient=first.recipient,
        user=first.user,
        message_id=first.sent_as or first.message_id,
        in_reply_to=_thread_of(first),
        subject=subject,
        text=text,
        html=html,
        chart_svg=chart,
        facts=first.facts,
        created_at=first.created_at,
        may_stop=first.may_stop if may_stop is None else may_stop,
    )


def _thread_of(row: Notification) -> str:
    """Return the Message-ID under which the first mail about the same alert went out."""
    if not row.in_reply_to:
        return ""
    first = Notification.objects.filter(message_id=row.in_reply_to).only("message_id", "sent_as").first()
    thread = (first.sent_as if first else "") or row.in_reply_to
    return "" if thread == (row.sent_as or row.message_id) else thread


def _may_stop(rows: Sequence[Notification]) -> bool:
    return all(row.may_stop for row in rows)


def _heading(rows: Sequence[Notification]) -> str:
    what = "One thing" if len(rows) == 1 else f"{len(rows)} things"
    return f"Your week: {what.lower()} to know" if rows[0].digest else f"{what} to know"


def _subject_of(rows: Sequence[Notification]) -> str:
    if rows[0].digest:
        return _heading(rows)
    return one_line(f"{rows[0].subject} and {len(rows) - 1} more")
