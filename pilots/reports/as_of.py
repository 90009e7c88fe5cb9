"""Pages as they stood at the end of a past day, from what is kept: the same pages, other rows.

What is shown is what was known then: the newest conclusion stored, the rules and people of the day,
the readings received by then, the alerts as their turns left them. When the engine looked without
finding anything new is not kept, so these pages don't say it.
"""

from __future__ import annotations

from datetime import date, datetime

from pilots.evaluation.days import ONE_DAY, end_of_day, local_day
from pilots.models import Decision, Pilot, Tracked
from pilots.reports.decision_pages import DecisionPage, decision_page
from pilots.reports.metric_charts import MetricChart
from pilots.reports.past_alerts import alerts_at
from pilots.reports.past_decisions import decision_at
from pilots.reports.past_pilots import people_then, pilots_at
from pilots.reports.past_rows import first_version_of, names_then
from pilots.reports.pilot_pages import Asked, PilotPage, Record, chart_from, conclusion_of, page_of
from pilots.reports.words import day_words


class NotThen(Exception):
    """Raised for a day of which nothing can be shown. The text says why."""


def day_asked(text: str, *, timezone: str, now: datetime) -> date | None:
    """Read the day an address asks for; None for none, and for today, which is no past.

    Raises NotThen for what is no day and for a day to come.
    """
    if not text:
        return None
    today = local_day(now, timezone)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotThen(f"“{text}” is no day. Write it like {today - ONE_DAY}.") from None
    if day > today:
        raise NotThen(f"{day_words(day, today=today)} has not come yet.")
    return None if day == today else day


def record_at(pilot_id: int, instant: datetime) -> Record | None:
    """Return a pilot and what its page reads as it stood at an instant; None before it existed."""
    for pilot in pilots_at([pilot_id], instant):
        answer = conclusion_of(pilot)
        alerts = alerts_at(pilot, instant)
        people, names = people_then(pilot), names_then(instant)
        return Record(pilot, answer, alerts, people, instant, stood=True, names=names)
    return None


def pilot_page_at(pilot: Pilot, asked: Asked, instant: datetime) -> PilotPage:
    """Return the page of a pilot as it stood at an instant. Raises NotThen before it existed."""
    record = record_at(pilot.pk, instant)
    if record is None:
        raise NotThen(_not_yet(pilot, "pilot", local_day(instant, pilot.timezone), pilot.timezone))
    return page_of(record, asked)


def pilot_page_on(pilot: Pilot, asked: Asked, day: date) -> PilotPage:
    """Return the page of a pilot as it stood at the end of a day in its zone."""
    return pilot_page_at(pilot, asked, end_of_day(day, pilot.timezone))


def chart_on(pilot: Pilot, asked: Asked, day: date) -> MetricChart | None:
    """Return the chart of one metric as it stood at the end of a day; None where there was none."""
    record = record_at(pilot.pk, end_of_day(day, pilot.timezone))
    return chart_from(record, asked) if record else None


def decision_page_on(decision: Decision, day: date, *, timezone: str) -> DecisionPage:
    """Return the one-pager as it stood at the end of a day. Raises NotThen before it existed."""
    then = decision_at(decision.pk, end_of_day(day, timezone))
    if then is None:
        raise NotThen(_not_yet(decision, "decision", day, timezone))
    return decision_page(then, now=end_of_day(day, timezone), stood_on=day)


def first_day_of(row: Tracked, timezone: str) -> date | None:
    """Return the first day of which a row can be shown."""
    first = first_version_of(type(row), row.pk)
    return local_day(first, timezone) if first else None


def _not_yet(row: Tracked, what: str, day: date, timezone: str) -> str:
    first, shown = first_day_of(row, timezone), day_words(day, today=day)
    since = f" It was written down on {day_words(first, today=day)}." if first else ""
    return f"On {shown} this {what} did not exist yet.{since}"
