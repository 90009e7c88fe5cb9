"""A picture of every page, wide and narrow, light and dark; kept in var/screenshots for people to look at."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from pilots.models import Alert
from pilots.services.links import acknowledge_link
from tests.browser import scenes
from tests.browser.conftest import PICTURES, Scheme, Visits, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = {
    "portfolio": "/",
    "drafts": "/?view=drafts",
    "ended": "/?view=ended",
    "nothing-matches": "/?q=onbording",
    "pilot-escalate": "/pilots/support-tiers/",
    "pilot-segment": "/pilots/support-tiers/?metric=resolution_hours&segment=tier%3Dbasic",
    "pilot-stop": "/pilots/chat-first/",
    "pilot-scale-up": "/pilots/suggested-replies/",
    "pilot-revisit": "/pilots/lisbon-weekends/",
    "pilot-inconclusive": "/pilots/named-engineers/",
    "pilot-cannot-tell": "/pilots/health-warning/",
    "pilot-early": "/pilots/self-service/",
    "pilot-no-reading": "/pilots/knowledge-base/",
    "pilot-draft": "/pilots/onboarding-calls/",
    "pilot-ended": "/pilots/old-bot/",
    "decisions": "/decisions/",
    "decision": "/decisions/support-tiers-decision/",
    "decision-draft": "/decisions/onboarding-decision/",
    "alerts": "/alerts/",
    "alerts-nobody-has": "/alerts/?view=unanswered",
    "alert-raise": "/alerts/raise/?pilot=chat-first",
    "who-is-told-next": "/pilots/support-tiers/set-up/escalation/",
    "policy": "/pilots/support-tiers/set-up/escalation/new/",
    "reviews": "/reviews/",
    "outbox": "/outbox/",
    "unknown": "/pilots/no-such-pilot/",
}
EMPTY = {
    "portfolio": "/",
    "decisions": "/decisions/",
    "alerts": "/alerts/",
    "reviews": "/reviews/",
    "outbox": "/outbox/",
}
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
SIZES = {"wide": 1280, "narrow": 390}


def pictures(visits: Visits, pages: dict[str, str], prefix: str = "") -> list[str]:
    """Take every page in every size and theme; return what is wider than its window."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    wide = []
    for size, width in SIZES.items():
        for scheme in SCHEMES:
            seen = sign_in(visits(width=width, scheme=scheme))
            for name, path in pages.items():
                page = seen.goto(path)
                page.screenshot(path=PICTURES / f"{prefix}{name}-{size}-{scheme}.png", full_page=True)
                if seen.overflow() > 0:
                    wide.append(f"{name} at {width} px by {seen.overflow()} px")
            complaints = [c for c in seen.watch.complaints if "404" not in c]
            assert complaints == []
    return wide


def test_every_page_fits_its_window(visits: Visits) -> None:
    scenes.everything()
    stop = Alert.objects.get(kind=Alert.Kind.STOP_CONDITION)
    link = urlsplit(acknowledge_link(stop, scenes.owner())).path
    assert pictures(visits, {**PAGES, "alert": f"/alerts/{stop.pk}/", "acknowledge": link}) == []


def test_every_empty_page_fits_its_window(visits: Visits) -> None:
    scenes.owner()
    assert pictures(visits, EMPTY, prefix="empty-") == []
