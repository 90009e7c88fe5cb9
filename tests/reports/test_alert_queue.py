"""The queue puts what is most urgent first, and costs the same whatever its length."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from pilots.models import Alert, ImpactAssessment, Notification, Pilot, User
from pilots.reports.alert_queue import Asked, overview_of, queue_of
from pilots.reports.alert_rows import alert_rows
from pilots.reports.alert_words import headline_of, how_many
from tests.builders import NOON, a_decision, a_running_pilot, an_alert

pytestmark = pytest.mark.django_db
MONTH = NOON.replace(day=1, hour=0)
HOUR = timedelta(hours=1)


@pytest.fixture
def pilot(owner: User) -> Pilot:
    return a_running_pilot(decision=a_decision(owner=owner), days=1)


def by_hand(pilot: Pilot, number: int, **fields: object) -> Alert:
    return an_alert(pilot, "manual", scope=f"manual:{number}", condition=None, **fields)


def an_impact(alert: Alert, **fields: object) -> ImpactAssessment:
    return ImpactAssessment.objects.create(
        **{"alert": alert, "at": NOON, "severity": alert.severity, **fields}
    )


def refs(user: User, view: str = "open") -> list[int]:
    return queue_of(user, Asked(view), month_began=MONTH, now=NOON + HOUR)


def test_severity_then_stop_then_unanswered_then_score_then_age(pilot: Pilot, owner: User) -> None:
    older = by_hand(pilot, 1, severity="SEV3", opened_at=NOON - HOUR)
    hurts_more = by_hand(pilot, 2, severity="SEV3")
    an_impact(hurts_more, share=0.4, share_basis="actual")
    taken = by_hand(pilot, 3, severity="SEV3", status="acknowledged", owner=owner, opened_at=NOON - 9 * HOUR)
    stop = an_alert(pilot, severity="SEV3", status="acknowledged", owner=owner)
    gravest = by_hand(pilot, 4, severity="SEV1", status="snoozed")
    younger = by_hand(pilot, 5, severity="SEV3", opened_at=NOON - HOUR)
    expected = [gravest, stop, hurts_more, older, younger, taken]
    assert refs(owner) == [alert.pk for alert in expected]


def test_each_view_holds_its_own(pilot: Pilot, owner: User, reviewer: User) -> None:
    free = by_hand(pilot, 1)
    mine = by_hand(pilot, 2, status="acknowledged", owner=owner)
    theirs = by_hand(pilot, 3, status="acknowledged", owner=reviewer)
    asleep = by_hand(pilot, 4, status="snoozed")
    over = by_hand(pilot, 5, status="resolved", resolved_at=NOON)
    by_hand(pilot, 6, status="resolved", resolved_at=MONTH - HOUR)
    shown = {view: refs(owner, view) for view in ("unanswered", "mine", "snoozed", "closed")}
    assert shown == {
        "unanswered": [free.pk],
        "mine": [mine.pk],
        "snoozed": [asleep.pk],
        "closed": [over.pk],
    }
    overview = overview_of(owner, Asked(), month_began=MONTH)
    assert {view: count for view, _, count in overview.views} == {
        "open": 4,
        "unanswered": 1,
        "mine": 1,
        "snoozed": 1,
        "closed": 1,
    }
    assert overview.sentence == "Four are open. One waits for somebody, two are taken, one is snoozed."
    assert theirs.pk in refs(owner)


def test_the_queue_of_one_pilot_holds_no_other(pilot: Pilot, owner: User) -> None:
    other = a_running_pilot("other", decision=a_decision("other-decision", owner=owner), days=1)
    theirs = by_hand(other, 1)
    by_hand(pilot, 2)
    asked = Asked.of({"pilot": "other", "view": "nonsense"})
    assert queue_of(owner, asked, month_began=MONTH, now=NOON) == [theirs.pk]
    assert overview_of(owner, asked, month_began=MONTH).total == 1


def test_a_stranger_sees_none(pilot: Pilot, stranger: User) -> None:
    by_hand(pilot, 1)
    assert refs(stranger) == []
    assert overview_of(stranger, Asked(), month_began=MONTH).sentence == "Nothing needs anybody."


def test_a_thousand_alerts_cost_as_many_queries_as_two(
    pilot: Pilot, owner: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    alerts = Alert.objects.bulk_create(
        Alert(
            pilot=pilot,
            kind="manual",
            scope=f"manual:{number}",
            severity=f"SEV{1 + number % 4}",
            sentence="Somebody wrote.",
            opened_at=NOON,
            last_seen_at=NOON,
        )
        for number in range(1000)
    )
    for alert in alerts[:50]:
        an_impact(alert, share=0.1, share_basis="estimate")
    with django_assert_max_num_queries(10):
        keys = refs(owner)
        rows = alert_rows(keys[:25], now=NOON + HOUR)
    assert len(keys) == 1000
    assert [row.alert.severity for row in rows] == ["SEV1"] * 25


@pytest.mark.parametrize(
    ("sentence", "heading", "rest"),
    [
        pytest.param(
            "Replies are 32% slower than before: 10.6 h, where it was 8.00 h. You said stop at 15% slower. "
            "Past the limit since Mon 16 Nov.",
            "Replies are 32% slower than before; you said stop at 15% slower",
            "10.6 h, where it was 8.00 h. Past the limit since Mon 16 Nov.",
            id="the fact with its limit, the numbers behind them",
        ),
        pytest.param(
            "Replies are back. Nothing is past a limit.",
            "Replies are back",
            "Nothing is past a limit.",
            id="no limit",
        ),
        pytest.param("Replies are slow", "Replies are slow", "", id="a fact alone"),
    ],
)
def test_a_headline_says_the_fact_and_the_limit(pilot: Pilot, sentence: str, heading: str, rest: str) -> None:
    said = headline_of(an_alert(pilot, sentence=sentence))
    assert (said.text, said.rest) == (heading, rest)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((0, 0, 0), "Nothing needs anybody."),
        ((1, 0, 0), "One is open. It waits for somebody."),
        ((0, 2, 0), "Two are open. All are taken."),
        ((4, 2, 1), "Seven are open. Four wait for somebody, two are taken, one is snoozed."),
        ((0, 1, 1400), "1,401 are open. One is taken, 1,400 are snoozed."),
    ],
)
def test_how_many_is_said_in_words(counts: tuple[int, int, int], said: str) -> None:
    assert how_many(waiting=counts[0], taken=counts[1], snoozed=counts[2]) == said


def test_a_row_says_who_has_it_who_is_next_and_who_was_told(pilot: Pilot, owner: User) -> None:
    chain = [{"notify": ["pilot_owner"]}, {"notify": ["decision_owner"]}, {"notify": ["communicator"]}]
    alert = an_alert(pilot, chain=chain, chain_step=1, step_due_at=NOON + 4 * HOUR)
    told = Notification(
        alert=alert,
        recipient="lars@example.org",
        subject="Stop",
        message_id="<1@x>",
        state="sent",
        created_at=NOON,
        next_try_at=NOON,
        sent_at=NOON,
    )
    told.save()
    [row] = alert_rows([alert.pk], now=NOON + HOUR)
    assert row.hold.who == "Nobody has it yet"
    assert row.hold.lines == (
        "today 16:00 Olive Owner is told",
        "then Olive Owner",
        "Told so far: lars@example.org, today 12:00",
    )


def test_impact_shows_each_number_with_what_it_rests_on(pilot: Pilot) -> None:
    alert = an_alert(pilot)
    an_impact(
        alert,
        accounts=520,
        accounts_basis="actual",
        share=0.44,
        share_basis="actual",
        tickets_basis="unknown",
        cost=3100,
        cost_currency="EUR",
        cost_basis="estimate",
    )
    [row] = alert_rows([alert.pk], now=NOON)
    assert [(fact.name, fact.text, fact.basis) for fact in row.impact] == [
        ("Customers", "520 accounts, 44% of all", "counted"),
        ("Complaints", "not known, provisional", ""),
        ("Cost", "about 3,100 EUR", "estimate"),
    ]
    assert row.score is not None
    assert row.score.parts[1].points == 16


@pytest.mark.parametrize(
    ("kind", "found", "late"),
    [
        pytest.param("no_data", {"last_day": "2026-03-25"}, 4, id="each day without a reading"),
        pytest.param("no_data", {}, 2, id="never a reading: since it was said"),
        pytest.param("review_overdue", {"days_late": 5}, 5, id="a late review"),
        pytest.param("manual", {}, 0, id="what has no day isn't late"),
    ],
)
def test_what_is_owed_counts_by_its_days(
    pilot: Pilot, kind: str, found: dict[str, object], late: int
) -> None:
    alert = an_alert(pilot, kind, scope="x", condition=None, result=found, opened_at=NOON - 50 * HOUR)
    [row] = alert_rows([alert.pk], now=NOON)
    assert row.score is not None
    assert row.score.parts[2].points == late
