"""What a timeline is made of: one entry, and what is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from django.db.models import Model, QuerySet

from pilots.models import User

KINDS = {
    "all": "Everything",
    "verdicts": "Verdicts",
    "alerts": "Alerts",
    "mails": "Mails",
    "moves": "Decisions",
    "edits": "Edits",
    "readings": "Readings",
    "reviews": "Reviews",
}
ENGINE = "engine"  # as a person: what nobody did by hand

R = TypeVar("R", bound=Model)


@dataclass(frozen=True, slots=True)
class Batch:
    """Readings that came together: of which days, how many, and the words for how and from where."""

    first: date
    last: date
    rows: int
    came: str
    source: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: `kind` is one of KINDS, `alert` the key of the alert it happened to.

    Entries of the same `same` may be told as one; `part` and `batch` are what each of them brings.
    """

    at: datetime
    kind: str
    icon: str
    title: str
    text: str
    css: str = ""
    details: tuple[str, ...] = ()
    alert: int | None = None
    same: str = ""
    part: str = ""
    batch: Batch | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are asked for: up to an instant, of one kind, by one person, of one period.

    `person` is a user's key or ENGINE; empty is everybody. `most` bounds each kind. `names` holds what
    people were called then, by key, where that is not what they are called now.
    """

    until: datetime
    kind: str = "all"
    person: str = ""
    since: datetime | None = None
    most: int = 200
    names: Mapping[int, str] = field(default_factory=dict)

    def named(self, user: User | None) -> User | None:
        """Return a person under the name of then."""
        if user is not None and user.pk in self.names:
            user.name = self.names[user.pk]
        return user

    def wants(self, kind: str) -> bool:
        return self.kind in ("all", kind)

    @property
    def by_engine(self) -> bool:
        """Say whether what the engine did is among it."""
        return self.person in ("", ENGINE)

    @property
    def by_people(self) -> bool:
        return self.person != ENGINE

    def of(self, rows: QuerySet[R], *, at: str, who: str = "") -> QuerySet[R]:
        """Narrow rows to the period by their instant, and to the person by their actor, the newest first."""
        found = rows.filter(**{f"{at}__lte": self.until})
        if self.since is not None:
            found = found.filter(**{f"{at}__gte": self.since})
        if who and self.person:
            found = found.filter(
                **{f"{who}__isnull": True} if self.person == ENGINE else {f"{who}__pk": self.person}
            )
        return found

    def holds(self, at: datetime, who: int | None) -> bool:
        """Say whether something at an instant, done by a person or by the engine, is asked for."""
        if at > self.until or (self.since is not None and at < self.since):
            return False
        return not self.person or self.person == (ENGINE if who is None else str(who))
