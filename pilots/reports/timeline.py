"""What happened on a pilot: everything of every kind in one order, the newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from pilots.models import Pilot
from pilots.reports import engine_happenings, people_happenings
from pilots.reports.gathering import gathered
from pilots.reports.happenings import KINDS as KINDS
from pilots.reports.happenings import Entry as Entry
from pilots.reports.happenings import Wanted as Wanted

ENTRIES_A_PAGE = 50
LOOK_AHEAD = 5  # entries that may be told as one

Tell = Callable[[Pilot, Wanted], Iterator[Entry]]
TELLERS: tuple[tuple[tuple[str, ...], Tell], ...] = (
    (("verdicts",), engine_happenings.headlines),
    (("alerts",), engine_happenings.alert_turns),
    (("mails",), engine_happenings.mails),
    (("moves",), people_happenings.moves),
    (("edits", "moves", "reviews"), people_happenings.edits),
    (("readings",), people_happenings.deliveries),
    (("reviews",), people_happenings.reviews),
)


@dataclass(frozen=True, slots=True)
class TimelinePage:
    entries: tuple[Entry, ...]
    number: int
    has_older: bool

    @property
    def newer(self) -> int:
        return self.number - 1

    @property
    def older(self) -> int:
        return self.number + 1


def timeline_of(pilot: Pilot, wanted: Wanted) -> list[Entry]:
    """Return the newest `most` entries, in a fixed number of queries, for each kind at most so many rows.

    Fetch the pilot with its stages and reviews.
    """
    told = (tell(pilot, wanted) for kinds, tell in TELLERS if any(map(wanted.wants, kinds)))
    entries = [entry for entries in told for entry in entries]
    return sorted(entries, key=lambda entry: (entry.at, entry.kind, entry.title), reverse=True)[: wanted.most]


def timeline_page(pilot: Pilot, wanted: Wanted, number: int) -> TimelinePage:
    """Return one page of it, counted from 1; a page past the end is empty."""
    last = max(1, number) * ENTRIES_A_PAGE
    entries = timeline_of(pilot, replace(wanted, most=last + 1))
    shown = entries[last - ENTRIES_A_PAGE : last]
    return TimelinePage(tuple(told(shown, wanted)), max(1, number), len(entries) > last)


def newest(pilot: Pilot, wanted: Wanted, *, most: int) -> tuple[tuple[Entry, ...], bool]:
    """Return the newest entries, and whether there are older ones."""
    entries = timeline_of(pilot, replace(wanted, most=most * LOOK_AHEAD))
    shown = told(entries, wanted)
    return tuple(shown[:most]), len(shown) > most or len(entries) == most * LOOK_AHEAD


def told(entries: Iterable[Entry], wanted: Wanted) -> list[Entry]:
    """Put together what says the same, unless it is asked for by itself."""
    return list(entries) if wanted.kind == "readings" else gathered(entries)
