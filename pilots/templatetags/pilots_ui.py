"""The small parts of a page: icon, verdict, state, severity, and days in words."""

from __future__ import annotations

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from pilots.evaluation.wording import number, percent
from pilots.models import Role
from pilots.reports import outbox, words
from pilots.reports.looks import DELIVERIES, SEVERITIES, WAITING, Look, verdict_look
from pilots.reports.page_day import past_day

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    return format_html('<svg class="ic" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.filter
def verdict_css(verdict: str) -> str:
    return verdict_look(verdict).css


@register.filter
def verdict_icon(verdict: str) -> str:
    return verdict_look(verdict).icon


@register.filter
def verdict_word(verdict: str) -> str:
    return verdict_look(verdict).word


@register.simple_tag
def verdict(name: str) -> SafeString:
    shown = verdict_look(name)
    return format_html('<span class="verdict {}">{} {}</span>', shown.css, icon(shown.icon), shown.word)


@register.simple_tag
def state(css: str, icon_name: str, text: str) -> SafeString:
    """Show a state: its colour (is-track, is-stop, …), its icon, its word."""
    return format_html('<span class="state {}">{} {}</span>', css, icon(icon_name), text)


@register.simple_tag
def look(shown: Look) -> SafeString:
    return state(shown.css, shown.icon, shown.word)


@register.inclusion_tag("pilots/_severity.html")
def sev(severity: str) -> dict[str, object]:
    """Show a severity as four rising bars and its name; SEV1 fills all four."""
    level = 5 - int(severity[-1])
    bars = [(5 * i, 9 - 3 * i, 4 + 3 * i, i < level) for i in range(4)]
    return {"severity": severity, "css": SEVERITIES.get(severity, ""), "bars": bars}


@register.filter
def day(value: date | datetime | None) -> str:
    """Say a day: Tue 29 Sep."""
    return words.day_words(_local_day(value), today=timezone.localdate()) if value else ""


@register.filter
def near(value: date | datetime | None) -> str:
    """Say a day by its distance: Today, In 3 days."""
    return words.near_words(_local_day(value), today=timezone.localdate()) if value else ""


@register.filter
def due(value: date | datetime | None) -> str:
    """Say when something is due: In 3 days, 5 days late; on a past page: 3 days later."""
    if not value:
        return ""
    then = past_day()
    if then is not None:
        return words.due_then(_local_day(value), then=then)
    return words.due_words(_local_day(value), today=timezone.localdate())


@register.filter
def moment(value: datetime | None) -> str:
    """Say an instant: today 09:15, Mon 21 Sep 09:15; on a past page always with its day."""
    if not value:
        return ""
    at = timezone.localtime(value)
    if past_day() is not None:
        return f"{day(value)} {at:%H:%M}"
    return words.instant_words(at, now=timezone.localtime())


@register.filter
def counted(count: int | None, nouns: str) -> str:
    """Say a number of things; the argument is "case,cases"."""
    singular, _, plural = nouns.partition(",")
    return "" if count is None else words.numbered(count, singular, plural)


@register.filter
def share(value: float | None) -> str:
    return "" if value is None else percent(value)


@register.filter
def amount(value: float | None) -> str:
    return "" if value is None else number(value)


@register.simple_tag
def zone_name() -> str:
    """Name the time zone the page's times are in."""
    return timezone.get_current_timezone_name()


@register.filter
def role_words(because: str) -> str:
    """Say what somebody is to a pilot: "decision owner"."""
    return dict(Role.choices).get(because, because).lower()


@register.filter
def delivery_css(state: str) -> str:
    return DELIVERIES.get(state, WAITING).css


@register.filter
def delivery_icon(state: str) -> str:
    return DELIVERIES.get(state, WAITING).icon


@register.filter
def readable(text: str) -> str:
    """Show what was sent, without its recipient's own link."""
    return outbox.readable(text)


def _local_day(value: date | datetime) -> date:
    return timezone.localdate(value) if isinstance(value, datetime) else value
