"""The portfolio: which pilots need somebody, and why, in one sentence each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Case, Count, IntegerField, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from pilots.evaluation.vocabulary import Verdict
from pilots.models import Alert, Pilot, Review, Role, User

URGENCY = [verdict.value for verdict in Verdict]
NEEDS_SOMEBODY = ("stop", "escalate", "revisit", "inconclusive", "cannot_tell")
NEEDS_DECISION = ("stop", "escalate", "revisit", "scale_up", "inconclusive")
RUNNING = (Pilot.Status.RUNNING, Pilot.Status.PAUSED)
DRAFTS = (Pilot.Status.DRAFT, Pilot.Status.READY)
UPCOMING = (Review.Status.SCHEDULED, Review.Status.IN_REVIEW)

VIEWS = {
    "running": "All running",
    "mine": "Mine",
    "waiting": "Waiting for a decision",
    "review": "Review this week",
    "drafts": "Drafts",
    "ended": "Ended",
}
ORDERS = {"urgent": "Most urgent first", "review": "Next review", "name": "Name"}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; what it does not know is left at its default."""

    view: str = "running"
    verdict: str = ""
    owner: str = ""
    order: str = "urgent"
    q: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Filters:
        view, order = asked.get("view", ""), asked.get("order", "")
        verdict = asked.get("verdict", "")
        return cls(
            view=view if view in VIEWS else "running",
            verdict=verdict if verdict in (*URGENCY, "needs") else "",
            owner=owner if (owner := asked.get("owner", "")).isdecimal() else "",
            order=order if order in ORDERS else "urgent",
            q=asked.get("q", "").strip(),
        )

    @property
    def narrows(self) -> bool:
        return bool(self.verdict or self.owner or self.q)


@dataclass(frozen=True, slots=True)
class Overview:
    """The counts above the list: by headline, by saved view, and the people to filter by."""

    by_verdict: tuple[tuple[str, int], ...]
    by_view: tuple[tuple[str, str, int], ...]
    owners: tuple[tuple[str, str], ...]
    running: int
    sentence: str


def pilots_for(user: User, filters: Filters, *, today: date) -> QuerySet[Pilot]:
    """Return the pilots of one view, filtered and ordered, with their next review and open alerts."""
    pilots = Pilot.objects.visible_to(user).filter(_view(filters.view, user, today=today))
    pilots = pilots.annotate(next_review=_next_review(), open_alerts=_open_alerts())
    if filters.verdict:
        wanted = NEEDS_SOMEBODY if filters.verdict == "needs" else (filters.verdict,)
        pilots = pilots.filter(state__verdict__in=wanted)
    if filters.owner:
        pilots = pilots.filter(pk__in=_owned_by(int(filters.owner)))
    if filters.q:
        pilots = pilots.filter(pk__in=_matching(filters.q))
    return pilots.order_by(*_order(filters.order))


def overview_for(user: User, *, today: date) -> Overview:
    seen = Pilot.objects.visible_to(user)
    counts = Counter(
        dict(seen.filter(status__in=RUNNING).values_list("state__verdict").annotate(n=Count("pk")).order_by())
    )
    views = {view: Count("pk", filter=_view(view, user, today=today), distinct=True) for view in VIEWS}
    by_view = seen.aggregate(**views)
    owners = User.objects.filter(memberships__pilot__in=seen, memberships__role=Role.PILOT_OWNER).distinct()
    return Overview(
        by_verdict=tuple((verdict, counts[verdict]) for verdict in URGENCY),
        by_view=tuple((view, title, by_view[view]) for view, title in VIEWS.items()),
        owners=tuple((str(owner.pk), str(owner)) for owner in owners.order_by("name", "email")),
        running=sum(counts.values()),
        sentence=_sentence(counts),
    )


def _view(view: str, user: User, *, today: date) -> Q:
    running = Q(status__in=RUNNING)
    match view:
        case "mine":
            return running & Q(pk__in=_owned_by(user.pk))
        case "waiting":
            return running & Q(state__verdict__in=NEEDS_DECISION)
        case "review":
            due = Review.objects.filter(status__in=UPCOMING, due_on__lte=today + timedelta(days=7))
            return running & Q(pk__in=due.values("pilot"))
        case "drafts":
            return Q(status__in=DRAFTS)
        case "ended":
            return Q(status__in=Pilot.ENDED)
    return running


def _owned_by(user_id: int) -> QuerySet[Pilot]:
    owns = Q(memberships__user=user_id, memberships__role=Role.PILOT_OWNER)
    return Pilot.objects.filter(owns | Q(decision__owner=user_id))


def _matching(words: str) -> QuerySet[Pilot]:
    found = Q()
    for word in words.split():
        found &= (
            Q(title__icontains=word)
            | Q(ref__icontains=word)
            | Q(memberships__user__name__icontains=word)
            | Q(decision__owner__name__icontains=word)
        )
    return Pilot.objects.filter(found)


def _next_review() -> Subquery:
    due = Review.objects.filter(pilot=OuterRef("pk"), status__in=UPCOMING)
    return Subquery(due.order_by().values("pilot").annotate(first=Min("due_on")).values("first"))


def _open_alerts() -> Coalesce:
    unresolved = Alert.objects.unresolved().filter(pilot=OuterRef("pk"))
    counted = unresolved.order_by().values("pilot").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _order(order: str) -> tuple[str | Combinable, ...]:
    if order == "name":
        return ("title", "pk")
    next_review = Coalesce("next_review", Value(date.max))
    if order == "review":
        return (next_review, "title", "pk")
    whens = [When(state__verdict=verdict, then=Value(i)) for i, verdict in enumerate(URGENCY)]
    urgency = Case(*whens, default=Value(len(URGENCY)), output_field=IntegerField())
    return (urgency, next_review, "title", "pk")


NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def _sentence(counts: Counter[str]) -> str:
    """Say in words how many run, how many need somebody, and how many are ready."""
    running = sum(counts.values())
    if not running:
        return "None is running."
    needy = sum(counts[verdict] for verdict in NEEDS_SOMEBODY)
    ready = counts["scale_up"]
    said = f"{running} {'is' if running == 1 else 'are'} running."
    asks = f"{_spelt(needy)} {'needs' if needy == 1 else 'need'} somebody"
    scale = (
        f", and {_spelt(ready).lower()} {'is' if ready == 1 else 'are'} ready to scale up" if ready else ""
    )
    return f"{said} {asks}{scale}."


def _spelt(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else str(count)
