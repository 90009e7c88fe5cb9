"""Readings as days of a scope: what was known, and which cases fell where."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pilots.evaluation.marks import mark_of
from pilots.evaluation.moments import Moments, exact_sum, merged
from pilots.evaluation.specs import AccountSum, Reading
from pilots.evaluation.vocabulary import Arm

DayRows = Mapping[date, Mapping[str, Moments]]  # day -> segment -> cases
AccountRows = Mapping[date, Mapping[str, Mapping[str, Moments]]]  # day -> segment -> account -> cases


def known_at(revisions: Iterable[Reading], instant: datetime) -> tuple[Reading, ...]:
    """Return the newest revision of each key among those known at `instant`, in order of their keys."""
    series = Series(revision for revision in revisions if revision.as_of <= instant)
    return tuple(sorted(series.readings, key=lambda reading: reading.key))


class Series:
    """The newest known cases of a pilot, learnt revision by revision in any order."""

    def __init__(self, revisions: Iterable[Reading] = (), accounts: Iterable[AccountSum] = ()) -> None:
        self._newest: dict[tuple[str, date, str, Arm], Reading] = {}
        self._rows: dict[tuple[str, Arm], dict[date, dict[str, Moments]]] = {}
        self._segments: dict[str, set[str]] = {}
        self._marks: dict[str, dict[date, int]] = {}
        self._sums: dict[tuple[str, date, date], dict[str, Moments]] = {}
        self._digests: dict[tuple[str, date], str] = {}
        self._accounts: dict[tuple[str, Arm], dict[date, dict[str, dict[str, Moments]]]] = {}
        for revision in revisions:
            self.learn(revision)
        for added in accounts:
            self.learn_account(added)

    @property
    def readings(self) -> Iterable[Reading]:
        return self._newest.values()

    def learn(self, revision: Reading) -> bool:
        """Keep a revision if it is newer than what is known of its key, and say whether it was."""
        key = revision.key
        known = self._newest.get(key)
        if known is not None and _age(known) >= _age(revision):
            return False
        self._newest[key] = revision
        marks = self._marks.setdefault(revision.metric, {})
        before = 0 if known is None else _mark(known)
        marks[revision.day] = (marks.get(revision.day, 0) + _mark(revision) - before) % 2**64
        self._forget_sums(revision)
        days = self._rows.setdefault((revision.metric, revision.arm), {})
        days.setdefault(revision.day, {})[revision.segment] = revision.moments
        self._segments.setdefault(revision.metric, set()).add(revision.segment)
        return True

    def learn_account(self, added: AccountSum) -> None:
        """Add what one account is now known to have brought to a day."""
        days = self._accounts.setdefault((added.metric, added.arm), {})
        held = days.setdefault(added.day, {}).setdefault(added.segment, {})
        held[added.account] = held.get(added.account, Moments()) + Moments(added.n, added.total)

    def account_rows(self, metric: str, arm: Arm = Arm.PILOT) -> AccountRows:
        return self._accounts.get((metric, arm), {})

    def marks(self, metric: str) -> Mapping[date, int]:
        """Return a fingerprint of each day's readings of a metric, whatever their order."""
        return self._marks.get(metric, {})

    def digest(self, metric: str, *, to: date) -> str:
        """Return one fingerprint of all readings of a metric up to a day."""
        if (metric, to) not in self._digests:
            marks = [mark for day, mark in self.marks(metric).items() if day <= to]
            self._digests[metric, to] = f"{sum(marks) % 2**64:016x}"
        return self._digests[metric, to]

    def sums(self, metric: str, *, first: date, last: date) -> Mapping[str, Moments]:
        """Add a metric's cases up by segment, both ends included."""
        key = (metric, first, last)
        if key not in self._sums:
            rows = self.rows(metric)
            parts: dict[str, list[Moments]] = {}
            for day in self.days(metric, first=first, last=last):
                for segment, moments in rows[day].items():
                    parts.setdefault(segment, []).append(moments)
            self._sums[key] = {segment: merged(moments) for segment, moments in parts.items()}
        return self._sums[key]

    def _forget_sums(self, revision: Reading) -> None:
        self._digests.clear()
        for metric, first, last in tuple(self._sums):
            if metric == revision.metric and first <= revision.day <= last:
                del self._sums[metric, first, last]

    def segments(self, metric: str) -> Collection[str]:
        return self._segments.get(metric, ())

    def rows(self, metric: str, arm: Arm = Arm.PILOT) -> DayRows:
        return self._rows.get((metric, arm), {})

    def days(self, metric: str, *, first: date, last: date, arm: Arm = Arm.PILOT) -> tuple[date, ...]:
        """Return the days of a metric that have a reading in any segment, in order, both ends included."""
        return tuple(sorted(day for day in self.rows(metric, arm) if first <= day <= last))

    def count(self, metric: str, days: Iterable[date]) -> int:
        """Count a metric's cases on some of its days."""
        rows = self.rows(metric)
        return sum(moments.n for day in days for moments in rows[day].values())

    def daily(self, metric: str, days: tuple[date, ...], segments: Collection[str]) -> Daily:
        """Add up some segments day by day; a day with rows elsewhere only has no cases here."""
        rows = self.rows(metric)
        kept = [[m for segment, m in rows.get(day, {}).items() if segment in segments] for day in days]
        return Daily(
            days=days,
            n=tuple(sum(m.n for m in cases) for cases in kept),
            total=tuple(exact_sum(m.total for m in cases) for cases in kept),
        )

    def cases(self, metric: str, *, first: date, last: date) -> dict[str, int]:
        """Count a metric's cases by segment, both ends included."""
        counts: dict[str, int] = dict.fromkeys(sorted(self.segments(metric)), 0)
        for day, row in self.rows(metric).items():
            if first <= day <= last:
                for segment, moments in row.items():
                    counts[segment] += moments.n
        return counts

    def has_control(self, *, first: date, last: date) -> bool:
        arms = [rows for (_, arm), rows in self._rows.items() if arm is Arm.CONTROL]
        return any(first <= day <= last for rows in arms for day in rows)


def _mark(reading: Reading) -> int:
    return mark_of(reading.day, reading.segment, reading.arm, reading.moments)


def _age(reading: Reading) -> tuple[datetime, int, float, float]:
    # Two revisions of one instant contradict each other and are refused at the door; should they
    # come all the same, their numbers decide, never the order in which they came.
    moments = reading.moments
    return (reading.as_of, moments.n, moments.total, moments.total_sq)


@dataclass(frozen=True, slots=True)
class Daily:
    """The cases of one scope on each day of a metric, column by column."""

    days: tuple[date, ...]
    n: tuple[int, ...]
    total: tuple[float, ...]


def with_empty_periods(days: tuple[date, ...], *, first: date, last: date, cadence: int) -> tuple[date, ...]:
    """Add the last day of every whole period without a reading: where no entry means zero, it is one."""
    held = set(days)
    filled = set(days)
    end = first + timedelta(days=cadence - 1)
    while end <= last:
        period = (end - timedelta(days=back) for back in range(cadence))
        if held.isdisjoint(period):
            filled.add(end)
        end += timedelta(days=cadence)
    return tuple(sorted(filled))
