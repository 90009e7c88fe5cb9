"""What single accounts brought to a pilot's readings: a few of them can look like many cases."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2s

from django.db import transaction

from pilots.evaluation.specs import AccountSum
from pilots.models import AccountShare, Metric

CHUNK = 5_000


@transaction.atomic
def keep_account_sums(*, pilot_id: int, sums: Iterable[AccountSum]) -> int:
    """Replace what was known of accounts on the days and in the segments these sums speak of.

    What became known later than all of them stays: a log may be older than the last one. Returns
    how many sums were kept.
    """
    metrics = dict(Metric.objects.filter(pilot=pilot_id).values_list("ref", "pk"))
    by_metric: dict[str, list[AccountSum]] = {}
    for added in sums:
        by_metric.setdefault(added.metric, []).append(added)
    for ref, parts in by_metric.items():
        _forget(metrics[ref], parts)
        rows = [_row(metrics[ref], part) for part in parts]
        AccountShare.objects.bulk_create(rows, batch_size=CHUNK)
    return sum(map(len, by_metric.values()))


def _forget(metric_id: int, parts: list[AccountSum]) -> None:
    AccountShare.objects.filter(
        metric=metric_id,
        day__range=(min(part.day for part in parts), max(part.day for part in parts)),
        segment__in={part.segment for part in parts},
        arm__in={part.arm.value for part in parts},
        as_of__lte=max(part.as_of for part in parts),
    ).delete()


def _row(metric_id: int, added: AccountSum) -> AccountShare:
    return AccountShare(
        metric_id=metric_id,
        day=added.day,
        segment=added.segment,
        arm=added.arm.value,
        account=blake2s(added.account.encode(), digest_size=16).hexdigest(),
        as_of=added.as_of,
        n=added.n,
        total=added.total,
    )
