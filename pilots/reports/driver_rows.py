"""Is it still the same situation? What must hold, then and now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pilots.evaluation.vocabulary import DriverState
from pilots.evaluation.wording import number, on, percent
from pilots.models import Driver
from pilots.models import DriverAnswer as Answer
from pilots.reports.bars import Share, mix_bar
from pilots.reports.looks import Look
from pilots.reports.results import DriverAnswer, PilotAnswer
from pilots.reports.words import day_words

SOON = timedelta(days=3)
LOOKS = {
    DriverState.HOLDS: Look("is-track", "track", "Holds"),
    DriverState.MOVED: Look("is-revisit", "revisit", "Moved"),
    DriverState.UPDATE_DUE: Look("is-cannot", "clock", "Update overdue"),
    DriverState.UNKNOWN: Look("is-cannot", "cannot", "Not known"),
}


@dataclass(frozen=True, slots=True)
class ShareRow:
    name: str
    tone: int
    then: str
    now: str
    change: str


@dataclass(frozen=True, slots=True)
class DriverRow:
    """What must hold, then and now; `asks` says that a reviewer has to answer it."""

    pk: int
    ref: str
    name: str
    kept_by: str
    look: Look
    sentence: str
    then: tuple[Share, ...]
    now: tuple[Share, ...]
    shares: tuple[ShareRow, ...]
    note: str
    asks: bool
    answered: str


def driver_rows(
    drivers: Sequence[Driver], answer: PilotAnswer | None, *, today: date
) -> tuple[DriverRow, ...]:
    found = {driver.ref: driver for driver in answer.drivers} if answer else {}
    return tuple(_row(driver, found.get(driver.ref), today=today) for driver in drivers)


def _row(driver: Driver, found: DriverAnswer | None, *, today: date) -> DriverRow:
    then = dict(found.then if found and found.then else driver.baseline_mix)
    now = dict(found.now if found and found.now else {})
    return DriverRow(
        pk=driver.pk,
        ref=driver.ref,
        name=driver.name,
        kept_by=_kept_by(driver),
        look=_look(driver, found, today=today),
        sentence=found.sentence if found else _plain(driver),
        then=mix_bar(list(then.items())),
        now=mix_bar([(name, now.get(name, 0.0)) for name in then]) if now else (),
        shares=tuple(
            _share(i, name, then[name], now.get(name) if now else None) for i, name in enumerate(then)
        ),
        note=_note(found),
        asks=found is not None and found.state in (DriverState.MOVED, DriverState.UPDATE_DUE),
        answered=_answered(driver, found),
    )


def _note(found: DriverAnswer | None) -> str:
    """Give the sizes of a move as numbers, for those who read them."""
    if found is None or found.psi is None:
        return ""
    apart = "" if found.divergence is None else f", Jensen–Shannon {found.divergence:.3f}"
    return f"PSI {found.psi:.3f}{apart}: how far the shares moved, as numbers."


def _answered(driver: Driver, found: DriverAnswer | None) -> str:
    if found and found.valid_on and found.valid_on == driver.answered_on:
        who = f" by {driver.answered_by}" if driver.answered_by else ""
        return f"Then: found still valid on {on(found.valid_on)}{who}, the four weeks up to it."
    if not driver.answer:
        return ""
    if driver.answer == Answer.STILL_VALID and driver.answered_on:
        return f"{driver.answered_by} found it still valid on {on(driver.answered_on)}."
    return f"{driver.answered_by} asks to decide anew."


def _look(driver: Driver, found: DriverAnswer | None, *, today: date) -> Look:
    if found is None:
        return Look("", "ring", "Not checked yet")
    due = (
        driver.updated_on
        and driver.update_every_days
        and driver.updated_on + timedelta(driver.update_every_days)
    )
    if found.state == DriverState.HOLDS and due and today <= due <= today + SOON:
        return Look("is-cannot", "clock", f"Holds; update due {day_words(due, today=today)}")
    return LOOKS[DriverState(found.state)]


def _kept_by(driver: Driver) -> str:
    every = f"every {driver.update_every_days} days" if driver.update_every_days else ""
    who = f"by {driver.owner}" if driver.owner else ""
    rule = driver.update_rule.rstrip(".")
    said = ", ".join(part for part in (rule, who, every) if part)
    return said[:1].upper() + said[1:]


def _plain(driver: Driver) -> str:
    if driver.baseline_value is None:
        return ""
    now = "not recorded since" if driver.current_value is None else f"now {number(driver.current_value)}"
    return f"Before {number(driver.baseline_value)}, {now}."


def _share(i: int, name: str, then: float, now: float | None) -> ShareRow:
    if now is None:
        return ShareRow(name, min(i, 3), percent(then), "not known", "")
    points = round((now - then) * 100, 1)
    change = "same" if not points else f"{'+' if points > 0 else '−'}{number(abs(points))}"
    return ShareRow(name, min(i, 3), percent(then), percent(now), change)
