"""The queue of alerts: which are shown, how many there are, the most urgent first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery

from pilots.models import Alert, ImpactAssessment, User
from pilots.reports.alert_scores import alert_score, known_share
from pilots.reports.alert_words import how_many

VIEWS = {
    "open": "Everything open",
    "unanswered": "Nobody has it",
    "mine": "Mine",
    "snoozed": "Snoozed",
    "closed": "Closed this month",
}
OPEN, TAKEN, SNOOZED = Alert.Status.OPEN, Alert.Status.ACKNOWLEDGED, Alert.Status.SNOOZED


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks to see: one view, of one pilot or of all."""

    view: str = "open"
    pilot: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Asked:
        view = asked.get("view", "")
        return cls(view if view in VIEWS else "open", asked.get("pilot", "").strip())


@dataclass(frozen=True, slots=True)
class Overview:
    """How many alerts stand in each view, in words and by view."""

    sentence: str
    views: tuple[tuple[str, str, int], ...]
    total: int
    last_closed: datetime | None


def overview_of(user: User, asked: Asked, *, month_began: datetime) -> Overview:
    """Count the alerts this person sees, in one query."""
    by_view = {name: Count("pk", filter=_in_view(name, user, month_began)) for name in VIEWS}
    status = {s.value: Count("pk", filter=Q(status=s)) for s in (TAKEN,)}
    found = _seen(user, asked).aggregate(**by_view, **status, last_closed=Max("resolved_at"))
    return Overview(
        sentence=how_many(waiting=found["unanswered"], taken=found[TAKEN], snoozed=found["snoozed"]),
        views=tuple((name, title, found[name]) for name, title in VIEWS.items()),
        total=found["open"],
        last_closed=found["last_closed"],
    )


def queue_of(user: User, asked: Asked, *, month_began: datetime, now: datetime) -> list[int]:
    """Return the keys of the alerts of one view in the order in which they want somebody."""
    seen = _seen(user, asked).filter(_in_view(asked.view, user, month_began))
    if asked.view == "closed":
        return list(seen.order_by("-resolved_at", "-pk").values_list("pk", flat=True))
    return [alert.pk for alert in sorted(_with_shares(seen), key=lambda alert: _urgency(alert, now))]


def _seen(user: User, asked: Asked) -> QuerySet[Alert]:
    seen = Alert.objects.visible_to(user)
    return seen.filter(pilot__ref=asked.pilot) if asked.pilot else seen


def _in_view(view: str, user: User, month_began: datetime) -> Q:
    unresolved = ~Q(status=Alert.Status.RESOLVED)
    return {
        "open": unresolved,
        "unanswered": Q(status=OPEN),
        "mine": unresolved & Q(owner=user),
        "snoozed": Q(status=SNOOZED),
        "closed": ~unresolved & Q(resolved_at__gte=month_began),
    }[view]


def _with_shares(alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    """Fetch what the order needs of many alerts, and no more."""
    newest = ImpactAssessment.objects.filter(alert=OuterRef("pk")).order_by("-at", "-pk")
    standing = ("severity", "kind", "status", "scope", "opened_at", "waiting_since")
    found = ("condition", "condition__metric__kind", "result", "rule_snapshot")
    light = alerts.select_related("condition__metric").only(*standing, *found)
    return light.annotate(
        share=Subquery(newest.values("share")[:1]), share_basis=Subquery(newest.values("share_basis")[:1])
    )


def _urgency(alert: Alert, now: datetime) -> tuple[object, ...]:
    share = known_share(getattr(alert, "share", None), getattr(alert, "share_basis", None))
    score = alert_score(alert, share, now=now)
    stop, waits = alert.kind == Alert.Kind.STOP_CONDITION, alert.status == OPEN
    return alert.severity, not stop, not waits, -score.points, alert.opened_at, alert.pk
