from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pilots.evaluation.signals import Signal, signals_of
from pilots.evaluation.vocabulary import Verdict
from pilots.models import (
    Alert,
    AlertEvent,
    ConditionState,
    Evaluation,
    Membership,
    Metric,
    Notification,
    Pilot,
    Role,
    User,
)
from pilots.services.alerting import Overtaken, reconcile_alerts, unresolved_of
from pilots.services.errors import Refused
from pilots.services.evaluating import evaluate_pilot
from pilots.services.looking import look_at_pilot
from tests.builders import a_driver, a_person, a_running_pilot
from tests.services.stories import day, end_of, judge, record, told, turns

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def the(kind: str) -> Alert:
    return Alert.objects.get(kind=kind)


def resolution_time(pilot: Pilot) -> Metric:
    return pilot.metrics.get(ref="resolution_hours")


class TestATrigger:
    @pytest.fixture
    def pilot(self) -> Pilot:
        """Normal for twenty days, then 8% longer: past the trigger, short of the stop limit."""
        pilot = a_running_pilot(days=20)
        record(resolution_time(pilot), mean=21.6, days=(21, 28))
        return pilot

    def test_opens_one_alert_and_tells_those_it_names(self, pilot: Pilot) -> None:
        judge(pilot, 28)
        alert = Alert.objects.get()
        assert (alert.kind, alert.severity, alert.scope) == ("escalation_trigger", "SEV3", "overall")
        assert told(alert, "opened") == ["owner@example.org"]
        assert turns(alert) == ["opened"]

    def test_that_is_seen_again_is_noted_without_another_mail(self, pilot: Pilot) -> None:
        judge(pilot, 28)
        record(resolution_time(pilot), mean=21.8, days=(29, 30))
        judge(pilot, 29)
        judge(pilot, 30)
        alert = Alert.objects.get()
        assert alert.count == 3
        assert alert.last_seen_at == end_of(30)
        assert alert.first_value == pytest.approx(21.6)
        assert alert.worst_value == alert.last_value == pytest.approx((5 * 21.6 + 2 * 21.8) / 7)
        assert alert.notifications.count() == 1

    def test_keeps_its_worst_value_while_it_eases(self, pilot: Pilot) -> None:
        judge(pilot, 28)
        record(resolution_time(pilot), mean=21.1, days=(29, 32))
        judge(pilot, 32)
        alert = Alert.objects.get()
        assert alert.worst_value == pytest.approx(21.6)
        assert alert.last_value is not None
        assert alert.last_value < 21.6

    def test_closes_after_its_recovery_with_one_mail_to_those_who_were_told(self, pilot: Pilot) -> None:
        judge(pilot, 28)
        Notification.objects.update(state="sent")
        pilot.conditions.filter(ref="E1").update(notify=["pilot_owner"])
        record(resolution_time(pilot), mean=19.0, days=(29, 40))
        for number in range(29, 41):
            judge(pilot, number)
        alert = Alert.objects.get()
        assert (alert.status, alert.resolution) == ("resolved", "recovered")
        assert told(alert, "resolved") == ["owner@example.org"]

    def test_that_closes_before_its_mail_went_out_leaves_nothing_to_send(self, pilot: Pilot) -> None:
        judge(pilot, 28)
        record(resolution_time(pilot), mean=19.0, days=(29, 40))
        judge(pilot, 40)
        assert the("escalation_trigger").status == "resolved"
        assert [n.state for n in Notification.objects.all()] == ["cancelled"]

    def test_undone_by_corrected_readings_closes_as_withdrawn(self, pilot: Pilot) -> None:
        judge(pilot, 28)
        record(resolution_time(pilot), mean=20.0, days=(21, 28), known=29)
        judge(pilot, 29)
        alert = Alert.objects.get()
        assert (alert.status, alert.resolution) == ("resolved", "withdrawn")
        assert turns(alert) == ["opened", "withdrawn"]
        assert "took the earlier answer back" in alert.sentence

    def test_that_fires_again_within_a_day_is_the_same_alert_opened_again(self, pilot: Pilot) -> None:
        judge(pilot, 28)
        record(resolution_time(pilot), mean=20.0, days=(21, 28), known=29)
        judge(pilot, 29)
        record(resolution_time(pilot), mean=21.6, days=(21, 29), known=30)
        evaluate_pilot(pilot_id=pilot.pk, now=end_of(29) + timedelta(hours=24))
        alert = Alert.objects.get()
        assert alert.status == "open"
        assert turns(alert) == ["opened", "withdrawn", "reopened"]
        assert told(alert, "reopened") == ["owner@example.org"]

    def test_that_fires_again_later_is_a_new_alert_linked_to_the_one_before(self, pilot: Pilot) -> None:
        judge(pilot, 28)
        record(resolution_time(pilot), mean=20.0, days=(21, 28), known=29)
        judge(pilot, 29)
        record(resolution_time(pilot), mean=21.6, days=(29, 36))
        judge(pilot, 36)
        first, second = Alert.objects.order_by("pk")
        assert second.previous == first

    def test_with_only_missing_data_stays_open(self, pilot: Pilot) -> None:
        judge(pilot, 28)
        judge(pilot, 40)
        assert the("escalation_trigger").status == "open"
        assert the("no_data").status == "open"

    def test_whose_rule_is_retired_closes_its_alert(self, pilot: Pilot) -> None:
        judge(pilot, 28)
        pilot.conditions.filter(ref="E1").update(retired_at=end_of(28))
        judge(pilot, 29)
        assert the("escalation_trigger").resolution == "retired"
        assert not ConditionState.objects.filter(condition__ref="E1").exists()

    def test_that_is_made_more_severe_is_told_once_more(self, pilot: Pilot) -> None:
        judge(pilot, 28)
        pilot.conditions.filter(ref="E1").update(severity="SEV2")
        judge(pilot, 29)
        judge(pilot, 29)
        alert = the("escalation_trigger")
        assert alert.severity == "SEV2"
        assert told(alert, "worsened") == ["owner@example.org"]

    def test_that_is_made_less_severe_is_a_line_in_the_timeline_and_no_mail(self, pilot: Pilot) -> None:
        judge(pilot, 28)
        pilot.conditions.filter(ref="E1").update(severity="SEV4")
        judge(pilot, 29)
        assert turns(the("escalation_trigger")) == ["opened", "eased"]
        assert Notification.objects.filter(alert__kind="escalation_trigger").count() == 1

    def test_keeps_the_rule_it_was_raised_by(self, pilot: Pilot) -> None:
        judge(pilot, 28)
        pilot.conditions.filter(ref="E1").update(limit=0.07)
        judge(pilot, 29)
        rule = the("escalation_trigger").rule_snapshot
        assert (rule["ref"], rule["limit"], rule["version"], rule["baseline_version"]) == ("E1", 0.05, 1, 1)


class TestAStopCondition:
    def test_never_closes_itself_when_the_numbers_recover(self) -> None:
        pilot = a_running_pilot(mean=24.0, days=20)
        judge(pilot, 20)
        record(resolution_time(pilot), mean=19.0, days=(21, 40))
        for number in range(30, 41):
            judge(pilot, number)
        alert = the("stop_condition")
        assert alert.status == "open"
        assert turns(alert) == ["opened", "recovered"]
        assert "until you decide" in alert.sentence
        assert told(alert, "recovered") == []

    def test_undone_by_corrected_readings_stays_open_and_says_so(self) -> None:
        pilot = a_running_pilot(mean=24.0)
        judge(pilot, 28)
        record(resolution_time(pilot), mean=20.0, days=(1, 28), known=29)
        judge(pilot, 29)
        judge(pilot, 30)
        alert = the("stop_condition")
        assert alert.status == "open"
        assert turns(alert) == ["opened", "withdrawn"]
        assert "took the earlier answer back" in alert.sentence
        assert "until you decide" in alert.sentence

    def test_past_its_limit_again_is_noted_on_the_same_alert(self) -> None:
        pilot = a_running_pilot(mean=24.0, days=20)
        judge(pilot, 20)
        record(resolution_time(pilot), mean=19.0, days=(21, 30))
        judge(pilot, 30)
        record(resolution_time(pilot), mean=26.0, days=(31, 37))
        judge(pilot, 37)
        assert turns(the("stop_condition")) == ["opened", "recovered", "note"]

    def test_tells_the_informed_too(self) -> None:
        pilot = a_running_pilot(mean=24.0)
        Membership.objects.create(pilot=pilot, user=a_person("ines@example.org"), role=Role.INFORMED)
        judge(pilot, 28)
        assert "ines@example.org" in told(the("stop_condition"), "opened")
        assert "ines@example.org" not in told(the("escalation_trigger"), "opened")

    def test_judged_in_each_segment_has_one_alert_for_each(self) -> None:
        pilot = a_running_pilot(mean=24.0)
        pilot.conditions.filter(ref="S1").update(scope="each:severity")
        judge(pilot, 28)
        scopes = Alert.objects.filter(kind="stop_condition").values_list("scope", flat=True)
        assert sorted(scopes) == ["high", "low"]

    def test_that_is_only_observed_raises_nothing(self) -> None:
        pilot = a_running_pilot(mean=24.0)
        pilot.conditions.update(observe_only=True)
        judge(pilot, 28)
        assert not Alert.objects.exists()

    def test_past_its_limit_below_its_floor_warns_once_and_raises_nothing(self) -> None:
        pilot = a_running_pilot(mean=30.0, days=3)
        for number in (2, 3, 3):
            judge(pilot, number)
        assert not Alert.objects.exists()
        mails = Notification.objects.all()
        assert sorted(n.recipient for n in mails) == ["owner@example.org", "pilot.owner@example.org"]
        assert mails[0].subject.startswith("Early warning: ")

    def test_opened_by_readings_that_came_late_is_marked_so(self) -> None:
        pilot = a_running_pilot(days=28)
        judge(pilot, 28)
        record(resolution_time(pilot), mean=30.0, days=(20, 28), known=29)
        judge(pilot, 29)
        assert the("stop_condition").late

    def test_opened_by_the_newest_day_is_not_late(self) -> None:
        pilot = a_running_pilot(days=28)
        judge(pilot, 28)
        record(resolution_time(pilot), mean=60.0, days=(29, 29))
        judge(pilot, 29)
        assert not the("stop_condition").late


class TestScaleUp:
    @pytest.fixture
    def pilot(self) -> Pilot:
        return a_running_pilot(mean=17.0)

    def test_is_told_when_the_headline_becomes_it(self, pilot: Pilot) -> None:
        assert judge(pilot, 28).verdict is Verdict.SCALE_UP
        alert = Alert.objects.get()
        assert (alert.kind, alert.condition) == ("scale_up", None)
        assert told(alert, "opened") == ["owner@example.org", "pilot.owner@example.org"]

    def test_is_taken_back_when_the_headline_leaves_it(self, pilot: Pilot) -> None:
        judge(pilot, 28)
        Notification.objects.update(state="sent")
        record(resolution_time(pilot), mean=20.0, days=(29, 36))
        judge(pilot, 36)
        alert = the("scale_up")
        assert alert.status == "resolved"
        assert len(told(alert, "resolved")) == 2


class TestMissingData:
    def test_is_told_to_who_owes_it_and_a_second_grace_later_to_the_pilot_owner(self) -> None:
        pilot = a_running_pilot()
        judge(pilot, 29)
        assert not Alert.objects.exists()
        judge(pilot, 31)
        alert = the("no_data")
        assert (alert.scope, alert.severity) == ("metric:resolution_hours", "SEV4")
        assert told(alert, "opened") == ["data@example.org"]
        judge(pilot, 32)
        assert told(alert, "worsened") == ["pilot.owner@example.org"]
        judge(pilot, 33)
        assert alert.notifications.count() == 2

    def test_closes_when_it_arrives(self) -> None:
        pilot = a_running_pilot()
        judge(pilot, 31)
        record(resolution_time(pilot), mean=20.0, days=(29, 31))
        evaluate_pilot(pilot_id=pilot.pk, now=end_of(31))
        assert the("no_data").status == "resolved"

    def test_of_what_must_be_watched_is_told_at_once_to_everybody_concerned(self) -> None:
        pilot = a_running_pilot()
        pilot.conditions.filter(ref="S1").update(must_watch=True)
        assert judge(pilot, 31).verdict is Verdict.ESCALATE
        alert = the("no_data")
        assert alert.severity == "SEV2"
        expected = ["data@example.org", "owner@example.org", "pilot.owner@example.org"]
        assert told(alert, "opened") == expected


class TestADriver:
    def test_that_moved_is_told_to_those_who_must_say_whether_the_limits_hold(self) -> None:
        pilot = a_running_pilot()
        fields = {"baseline_value": 100.0, "current_value": 130.0, "updated_on": day(28)}
        a_driver(pilot, "accounts", dimension="", baseline_mix={}, **fields)
        assert judge(pilot, 28).verdict is Verdict.REVISIT
        alert = the("driver")
        assert alert.scope == "driver:accounts"
        assert told(alert, "opened") == ["owner@example.org", "pilot.owner@example.org"]
        pilot.drivers.update(answered_on=day(29))
        judge(pilot, 29)
        alert.refresh_from_db()
        assert alert.status == "resolved"

    def test_whose_update_is_overdue_is_told_to_its_owner(self) -> None:
        pilot = a_running_pilot()
        number = {"dimension": "", "baseline_mix": {}, "baseline_value": 100.0, "current_value": 100.0}
        a_driver(pilot, "accounts", updated_on=day(10), owner=a_person("dora@example.org"), **number)
        judge(pilot, 28)
        alert = the("no_data")
        assert alert.scope == "driver:accounts"
        assert told(alert, "opened") == ["dora@example.org"]


class TestWhoIsTold:
    @pytest.mark.parametrize(
        ("notify", "expected"),
        [
            pytest.param(["reviewer"], ["reviewer@example.org"], id="a role"),
            pytest.param(["Ops@example.org"], ["ops@example.org"], id="an address nobody has here"),
            pytest.param(["metric_owner"], ["data@example.org"], id="the owner of the rule's metric"),
            pytest.param(
                ["pilot_owner", "pilot.owner@example.org"], ["pilot.owner@example.org"], id="nobody twice"
            ),
            pytest.param([], ["owner@example.org", "pilot.owner@example.org"], id="nobody named: the owners"),
            pytest.param(["communicator"], ["owner@example.org"], id="nobody has it: the decision owner"),
        ],
    )
    def test_by_a_rule_that_names(self, notify: list[str], expected: list[str]) -> None:
        pilot = a_running_pilot(mean=21.6)
        pilot.conditions.filter(ref="E1").update(notify=notify)
        judge(pilot, 28)
        assert told(the("escalation_trigger"), "opened") == expected

    def test_inactive_people_are_passed_over(self) -> None:
        pilot = a_running_pilot(mean=21.6)
        pilot.conditions.filter(ref="E1").update(notify=["pilot_owner", "reviewer@example.org"])
        User.objects.filter(email="pilot.owner@example.org").update(is_active=False)
        judge(pilot, 28)
        assert told(the("escalation_trigger"), "opened") == ["reviewer@example.org"]

    def test_where_nobody_can_be_reached_the_timeline_says_so(self) -> None:
        pilot = a_running_pilot(mean=21.6)
        pilot.conditions.filter(ref="E1").update(notify=["communicator"])
        judge(pilot, 28)
        note = the("escalation_trigger").events.get(kind=AlertEvent.Kind.NOTE).note
        assert "customer communicator" in note
        assert "the decision owner was told instead" in note


def test_one_thing_has_at_most_one_unresolved_alert() -> None:
    pilot = a_running_pilot(mean=24.0)
    judge(pilot, 28)
    for alert in Alert.objects.all():
        alert.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            alert.save(force_insert=True)


def test_an_alert_that_a_person_turned_meanwhile_is_not_overwritten() -> None:
    pilot = a_running_pilot(mean=21.6)
    judge(pilot, 28)
    record(resolution_time(pilot), mean=19.0, days=(29, 40))
    look = look_at_pilot(pilot.pk, end_of(40))

    def meanwhile() -> Iterator[Signal]:
        Alert.objects.update(status="acknowledged", token=F("token") + 1)
        yield from signals_of(look.result, look.spec, looked_before=None)

    known = unresolved_of([pilot.pk])[pilot.pk]
    with pytest.raises(Overtaken):
        reconcile_alerts(pilot=look.pilot, signals=meanwhile(), evaluation=None, now=end_of(40), known=known)
    assert Alert.objects.get().status == "acknowledged"


MORE_DAYS = st.lists(st.integers(21, 34), min_size=1, max_size=12)


@given(looks=MORE_DAYS)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_ticks_in_any_order_and_number_end_in_the_same_rows(looks: list[int]) -> None:
    """However the looks come, late ones refused, the last one decides what is known and who is told."""
    with transaction.atomic():
        shuffled = outcome_of([*looks, 34])
        transaction.set_rollback(True)
    with transaction.atomic():
        straight = outcome_of([*sorted(set(looks)), 34])
        transaction.set_rollback(True)
    assert shuffled == straight


def outcome_of(looks: list[int]) -> dict[str, list[object]]:
    pilot = a_running_pilot(days=20)
    record(resolution_time(pilot), mean=24.0, days=(21, 34))
    for number in looks:
        try:
            judge(pilot, number)
        except Refused:
            continue
    states = ConditionState.objects.order_by("condition__ref", "scope")
    alerts = Alert.objects.order_by("kind", "scope")
    mails = Notification.objects.order_by("alert__kind", "recipient", "event__kind")
    return {
        "states": list(states.values_list("condition__ref", "scope", "episode", "since", "result")),
        "alerts": list(alerts.values_list("kind", "scope", "status", "severity", "last_value")),
        "mails": list(mails.values_list("alert__kind", "recipient", "event__kind", "state")),
        "newest": list(Evaluation.objects.order_by("-pk").values_list("verdict", "digest")[:1]),
    }
