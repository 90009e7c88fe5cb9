from __future__ import annotations

import re

import pytest

from pilots.models import Notification, Pilot
from pilots.services.letters import SUBJECT_LENGTH, first_fact, one_line
from tests.builders import a_driver, a_running_pilot
from tests.services.stories import day, judge, record

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
