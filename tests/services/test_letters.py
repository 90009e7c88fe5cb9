from __future__ import annotations

import re
from typing import Any

import pytest

from pilots.models import Alert, AlertEvent, ImpactAssessment, Notification, Pilot, User
from pilots.services.addressing import Recipient
from pilots.services.letters import SUBJECT_LENGTH, Letter, alert_letter, first_fact, one_line
from pilots.services.links import read_link
from pilots.services.occasions import occasion_of
from tests.builders import a_driver, a_person, a_running_pilot
from tests.services.stories import day, end_of, judge, record

UNWANTED = re.compile(r"\b(?i:p-value|significant|alpha|breach|SLA|healthy|failed|oops)\b|\bNone\b")
pytestmark = [pytest.mark.django_db, pytest.mark.database]


def the_mail(kind: str, *, event: str = "opened") -> Notification:
    mails = Notification.objects.filter(alert__kind=kind, event__kind=event)
    return mails.order_by("recipient")[0]


def test_a_stop_mail_says_fact_size_limit_numbers_and_what_to_decide() -> None:
    judge(a_running_pilot(mean=24.0), 28)
    mail = the_mail("stop_condition")
    assert mail.subject == "Stop: Resolution time is 20% higher than before (tiers)"
    numbers = "Now: 24 h\nBefore: 20 h\nChange: 20% higher\nYour limit: 10% higher\nCases: 350 cases\n"
    assert numbers in mail.text
    assert "Decide: continue, pause or stop." in mail.text
    assert "Open the pilot: http://127.0.0.1:8000/pilots/tiers/" in mail.text
    assert "Sent to Owner as decision owner" in mail.text
    assert "rule S1 version 1, baseline version 1" in mail.text


def test_every_mail_has_the_same_facts_in_text_and_html_and_one_button() -> None:
    judge(a_running_pilot(mean=24.0), 29)
    mail = the_mail("stop_condition")
    assert "24 h, where it was 20 h" in mail.html
    assert mail.html.count('class="btn"') == 1
    assert 'src="cid:chart"' in mail.html
    assert mail.chart_svg.count("<circle") == 28


def test_a_scale_up_mail_shows_its_first_criterion() -> None:
    judge(a_running_pilot(mean=17.0), 28)
    mail = the_mail("scale_up")
    assert mail.subject == "Scale up: Every criterion is met (tiers)"
    assert "SEV" not in mail.text
    assert "your goal 19 h" in mail.chart_svg


def test_a_name_that_looks_like_markup_stays_a_name() -> None:
    pilot = a_running_pilot(mean=24.0, title="Tiers <b>& more</b>")
    judge(pilot, 28)
    mail = the_mail("stop_condition")
    assert "Tiers &lt;b&gt;&amp; more&lt;/b&gt;" in mail.html
    assert "Tiers <b>& more</b>" in mail.text


def test_no_mail_uses_words_its_reader_does_not() -> None:
    for pilot in every_kind_of_pilot():
        for number in (28, 31, 33):
            judge(pilot, number)
    kinds = set(Notification.objects.values_list("alert__kind", flat=True))
    assert kinds == {"stop_condition", "escalation_trigger", "scale_up", "driver", "no_data"}
    for mail in Notification.objects.all():
        assert not UNWANTED.search(mail.subject + mail.text), mail.text
        assert "\n\n\n" not in mail.text, mail.text


def every_kind_of_pilot() -> list[Pilot]:
    stopping, scaling = a_running_pilot("stopping", mean=24.0), a_running_pilot("scaling", mean=17.0)
    moved = a_running_pilot("moved")
    fields = {"baseline_value": 100.0, "current_value": 130.0, "updated_on": day(28)}
    a_driver(moved, "accounts", dimension="", baseline_mix={}, **fields)
    return [stopping, scaling, moved]


def test_a_closing_mail_says_that_it_is_over_and_asks_nothing() -> None:
    pilot = a_running_pilot(mean=21.6)
    judge(pilot, 28)
    Notification.objects.update(state="sent")
    record(pilot.metrics.get(), mean=19.0, days=(29, 40))
    judge(pilot, 40)
    mail = the_mail("escalation_trigger", event="resolved")
    assert mail.subject.startswith("Over: Resolution time is 5% lower than before")
    assert "Decide" not in mail.text


@pytest.mark.parametrize(
    ("sentence", "fact"),
    [
        ("Cost is 14% higher than before: 2.28 €, where it was 2 €. Stop.", "Cost is 14% higher than before"),
        ("Resolution time is 25.4 h. You asked to be told at 24 h.", "Resolution time is 25.4 h"),
    ],
)
def test_a_headline_is_the_first_fact(sentence: str, fact: str) -> None:
    assert first_fact(sentence) == fact


def test_a_subject_is_one_line_and_not_too_long() -> None:
    assert one_line("a\r\nb\tc") == "a b c"
    assert len(one_line("word " * 100)) == SUBJECT_LENGTH


def told_again(alert: Alert, kind: str, *, reader: User | None = None, **fields: Any) -> Letter:
    """Write a turn of an alert to its pilot's owner, or to somebody by address only."""
    event = AlertEvent.objects.create(alert=alert, at=end_of(28), kind=kind, **fields)
    who = Recipient(reader.email if reader else "team@example.org", "pilot owner", reader)
    return alert_letter(alert, event, who, occasion_of(alert, end_of(28)), has_chart=False)


@pytest.fixture
def alert() -> Alert:
    """A stop condition that fired, and somebody called Mei who is told next."""
    pilot = a_running_pilot(mean=24.0)
    decision = pilot.decision
    decision.deputy = a_person("mei@example.org", name="Mei Tanaka")
    decision.save()
    judge(pilot, 28)
    return Alert.objects.get(kind="stop_condition")


@pytest.mark.parametrize(
    ("kind", "fields", "word", "said"),
    [
        ("worsened", {"note": "SEV3 → SEV2"}, "Stop, worse", "This has got worse: SEV3 → SEV2."),
        ("reopened", {}, "Stop, open again", "You were told that this was over; it is open again."),
        (
            "escalated",
            {"note": "Nobody answered within 4 hours."},
            "Stop, nobody answered",
            "You are told next.",
        ),
        ("expired", {"note": "Ann had it."}, "Stop, nobody has it any more", "It waits for somebody again."),
        ("woken", {"note": "Ann put it off: later"}, "Stop, the wait is over", "Ann put it off: later."),
        ("repeated", {}, "Stop, still open", "nobody has it."),
        ("flapping", {}, "Stop, comes and goes", "in your weekly summary."),
        (
            "continued",
            {"to_status": "resolved", "note": "It is the vendor", "facts": {"until": "2026-04-10"}},
            "Going on",
            "Pilot Owner decided to go on until Fri 10 Apr: It is the vendor.",
        ),
        (
            "accepted",
            {"to_status": "resolved", "note": "Known", "facts": {"until": "2026-04-10"}},
            "Accepted",
            "Pilot Owner puts up with it until Fri 10 Apr: Known.",
        ),
        ("resolved", {"to_status": "resolved", "note": "Done"}, "Over", "Pilot Owner closed it: Done."),
    ],
    ids=lambda value: value if isinstance(value, str) and value.islower() else "",
)
def test_every_turn_says_in_the_subject_and_first_what_happened(
    alert: Alert, kind: str, fields: dict[str, Any], word: str, said: str
) -> None:
    actor = a_person("pilot.owner@example.org") if "to_status" in fields else None
    letter = told_again(alert, kind, actor=actor, **fields)
    assert letter.subject == f"{word}: Resolution time is 20% higher than before (tiers)"
    for body in (letter.text, letter.html):
        assert said in body
    assert letter.text.index(said) < letter.text.index("24 h, where it was 20 h")
    assert not UNWANTED.search(letter.text)


def test_the_button_acknowledges_for_its_reader_and_says_who_is_told_next(alert: Alert) -> None:
    owner = alert.pilot.decision.owner
    assert owner is not None
    letter = told_again(alert, "opened", reader=owner)
    [token] = re.findall(r"Acknowledge this alert: http://127.0.0.1:8000/acknowledge/([^/]+)/", letter.text)
    assert read_link(token) == (alert.pk, owner.pk)
    assert (
        "Opens a page that asks once. If nobody does so before Mon 30 Mar, 03:00, Mei Tanaka is told next."
        in (letter.text)
    )
    assert letter.facts["acknowledge"].endswith(f"/{token}/")


def test_who_has_no_account_is_only_shown_the_way_to_the_pilot(alert: Alert) -> None:
    letter = told_again(alert, "opened")
    assert "/acknowledge/" not in letter.text + letter.html + str(letter.facts)
    assert "Open the pilot: http://127.0.0.1:8000/pilots/tiers/" in letter.text


def test_who_has_it_is_asked_whether_they_are_still_on_it(alert: Alert) -> None:
    alert.status, alert.owner = Alert.Status.ACKNOWLEDGED, alert.pilot.decision.owner
    letter = told_again(alert, "reminded", reader=alert.owner)
    assert letter.subject.startswith("Stop, are you still on it: ")
    assert f"Say that you are still on it: http://127.0.0.1:8000/alerts/{alert.pk}/" in letter.text


def test_the_bar_shows_how_far_the_number_is_past_the_stop_limit(alert: Alert) -> None:
    html = told_again(alert, "opened").html
    assert "Now 20% higher. The line is your stop limit, 10%." in html
    before, inside, beyond = re.findall(r'width="(\d+)%"', html)[3:6]
    assert (before, inside, beyond) == ("40", "100", "67"), "10% of 25%, filled; then 10% more of 15%"


def test_what_is_known_of_the_customers_stands_in_the_mail_with_what_it_rests_on(alert: Alert) -> None:
    ImpactAssessment.objects.create(
        alert=alert,
        at=end_of(28),
        accounts=520,
        accounts_basis="actual",
        tickets_basis="unknown",
        severity="SEV2",
    )
    text = told_again(alert, "opened").text
    assert "Customers: 520 accounts (counted)" in text
    assert "Complaints: not known, provisional" in text
