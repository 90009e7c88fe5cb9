"""A series read off sheets: what only some rules ask for is laid out when it is asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime

import numpy as np

from pilots.evaluation.moments import Moments, exact_sum
from pilots.evaluation.series import Daily, DayRows, Series
from pilots.evaluation.sheets import Sheet
from pilots.evaluation.specs import AccountSum, Reading
from pilots.evaluation.stacks import Flags
from pilots.evaluation.vocabulary import Arm


class Shelf(Series):
    """The newest known cases of a pilot, by metric in sheets. It learns nothing more."""

    def __init__(
        self, sheets: Mapping[str, Sheet], accounts: Iterable[AccountSum] = (), *, known_at: datetime
    ) -> None:
        super().__init__(accounts=accounts)
        self.sheets = sheets
        self._known_at = known_at
        self._counts: dict[str, dict[date, int]] = {}

    @property
    def readings(self) -> Iterator[Reading]:
        for metric, sheet in self.sheets.items():
            yield from sheet.readings(metric, as_of=self._known_at)

    def learn(self, revision: Reading) -> bool:
        raise TypeError("What lies on a shelf is read, not added to.")

    def marks(self, metric: str) -> Mapping[date, int]:
        if metric not in self._marks:
            sheet = self.sheets.get(metric)
            self._marks[metric] = _by_day(sheet, sheet.marks) if sheet else {}
        return self._marks[metric]

    def segments(self, metric: str) -> Collection[str]:
        return self.sheets[metric].names if metric in self.sheets else ()

    def rows(self, metric: str, arm: Arm = Arm.PILOT) -> DayRows:
        if (metric, arm) not in self._rows:
            self._rows[metric, arm] = self._laid_out(metric, arm)
        return self._rows[metric, arm]

    def _laid_out(self, metric: str, arm: Arm) -> dict[date, dict[str, Moments]]:
        rows: dict[date, dict[str, Moments]] = {}
        sheet = self.sheets.get(metric)
        if sheet is None or (arm is Arm.CONTROL and not sheet.control.any()):
            return rows
        there = sheet.control if arm is Arm.CONTROL else ~sheet.control
        columns = (sheet.day, sheet.place, sheet.n, sheet.total, sheet.total_sq)
        for day, place, *moments in zip(*(column[there].tolist() for column in columns), strict=True):
            rows.setdefault(date.fromordinal(day), {})[sheet.names[place]] = Moments(*moments)
        return rows

    def days(self, metric: str, *, first: date, last: date, arm: Arm = Arm.PILOT) -> tuple[date, ...]:
        held = self._cases(metric) if arm is Arm.PILOT else self.rows(metric, arm)
        return tuple(sorted(day for day in held if first <= day <= last))

    def count(self, metric: str, days: Iterable[date]) -> int:
        cases = self._cases(metric)
        return sum(cases[day] for day in days)

    def _cases(self, metric: str) -> dict[date, int]:
        """Count the pilot's own cases of a metric day by day."""
        if metric not in self._counts:
            sheet = self.sheets.get(metric)
            self._counts[metric] = _by_day(sheet, sheet.n, ~sheet.control) if sheet else {}
        return self._counts[metric]

    def daily(self, metric: str, days: tuple[date, ...], segments: Collection[str]) -> Daily:
        sheet = self.sheets.get(metric)
        if sheet is None or not days or not segments or sheet.control.any():
            return super().daily(metric, days, segments)
        first, last = days[0].toordinal(), days[-1].toordinal()
        n, total, _ = sheet.cases(tuple(sorted(segments)), first=first, days=last - first + 1)
        there = [day.toordinal() - first for day in days]
        return Daily(
            days=days,
            n=tuple(n.sum(axis=0)[there].astype(int).tolist()),
            total=tuple(map(exact_sum, total.T[there].tolist())),
        )

    def has_accounts(self, metric: str) -> bool:
        return any(self.account_rows(metric, arm) for arm in Arm)

    def has_control(self, *, first: date, last: date) -> bool:
        return any(
            sheet.control.any() and self.days(metric, first=first, last=last, arm=Arm.CONTROL)
            for metric, sheet in self.sheets.items()
        )


def _by_day(sheet: Sheet, numbers: np.ndarray, there: Flags | None = None) -> dict[date, int]:
    """Add numbers up by day; sums of 64 bits start over at 2⁶⁴."""
    day = sheet.day if there is None else sheet.day[there]
    numbers = numbers if there is None else numbers[there]
    if not len(day):
        return {}
    order = np.argsort(day, kind="stable")
    ordered = day[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    sums = np.add.reduceat(numbers[order], starts)
    return dict(zip(map(date.fromordinal, ordered[starts].tolist()), sums.tolist(), strict=True))
