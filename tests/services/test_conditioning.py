from __future__ import annotations

from typing import Any

import pytest

from pilots.models import Condition, Pilot, PilotState, User
from pilots.permissions import NotAllowed
from pilots.services.conditioning import retire_condition, save_condition
from pilots.services.errors import Refused, Stale
from tests.builders import (
    NOON,
    a_condition,
    a_driver,
    a_metric,
    a_pilot,
    a_running_pilot,
    an_alert,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def pilot(owner: User) -> Pilot:
    pilot = a_pilot()
    a_metric(pilot)
    return pilot


def save(pilot: Pilot, by: User, condition: Condition | None = None, **fields: Any) -> Condition:
    reserved = {name: fields.pop(name) for name in ("reason", "seen_version") if name in fields}
    if condition is None:
        rule = {"ref": "S9", "kind": "stop_condition", "comparison": "worsen_by", "limit": 0.1}
        fields = rule | {"metric": pilot.metrics.first(), "rationale": "Agreed."} | fields
    return save_condition(
        pilot_id=pilot.pk,
        by=by,
        condition_id=condition.pk if condition else None,
        fields=fields,
        now=NOON,
        **reserved,
    )


@pytest.mark.parametrize(
    ("kind", "severity"), [("stop_condition", "SEV2"), ("escalation_trigger", "SEV3"), ("threshold", "SEV4")]
)
def test_each_kind_has_its_severity(pilot: Pilot, owner: User, kind: str, severity: str) -> None:
    comparison = "improve_by" if kind == "threshold" else "worsen_by"
    limit: dict[str, Any] = {"kind": kind, "comparison": comparison}
    assert save(pilot, owner, **limit).severity == severity
    assert save(pilot, owner, ref="S8", severity="SEV1", **limit).severity == "SEV1"


@pytest.mark.parametrize(
    ("kind", "comparison", "method"),
    [
        pytest.param("mean", "worsen_by", "interval", id="a change against the baseline"),
        pytest.param("mean", "above", "point", id="a plain value"),
        pytest.param("total", "worsen_by", "point", id="a total"),
    ],
)
def test_each_limit_has_its_method(
    pilot: Pilot, owner: User, kind: str, comparison: str, method: str
) -> None:
    metric = a_metric(pilot, "other", kind=kind)
    assert save(pilot, owner, metric=metric, comparison=comparison).method == method


def test_a_limit_of_another_sort_has_another_method(pilot: Pilot, owner: User) -> None:
    rule = save(pilot, owner)
    assert save(pilot, owner, rule, comparison="above", limit=4.0).method == "point"
    assert save(pilot, owner, rule, comparison="worsen_by", limit=0.1).method == "interval"


def test_a_method_that_was_chosen_stays_while_the_limit_is_of_its_sort(pilot: Pilot, owner: User) -> None:
    rule = save(pilot, owner, method="point")
    assert save(pilot, owner, rule, limit=0.2).method == "point"


def test_a_driver_is_watched_by_its_value(pilot: Pilot, owner: User) -> None:
    condition = save(pilot, owner, metric=None, driver=a_driver(pilot), comparison="above", limit=4.0)
    assert condition.method == "point"


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"metric": None}, "", "one metric or one driver"),
        ({"limit": None}, "", "Give a limit"),
        ({"limit": -0.1}, "", "at least 0%"),
        ({"comparison": "above", "limit": float("inf")}, "limit", "a number"),
        ({"comparison": "above", "limit": 4.0, "method": "interval"}, "method", "Only a change"),
        ({"comparison": "", "limit": None, "data_state": "stale", "method": "interval"}, "method", "Only a"),
        ({"scope": "each:tier"}, "scope", "tier"),
        ({"scope": "vip"}, "scope", "vip"),
        ({"clear_limit": 0.2}, "clear_limit", "beyond the limit"),
        ({"comparison": "above", "limit": 5.0, "clear_limit": 6.0}, "clear_limit", "beyond the limit"),
        ({"comparison": "improve_by"}, "comparison", "Lower is better here"),
        ({"kind": "threshold", "comparison": "above"}, "comparison", "Lower is better here"),
        ({"scope": "gap:severity", "comparison": "below"}, "comparison", "A narrower gap is better"),
        ({"notify": ["emperor"]}, "notify", "neither a role nor an email"),
        ({"sustained_periods": 0}, "", "At least one reading"),
        ({"severity": "SEV9"}, "severity", "SEV9"),
        ({"kind": "wish"}, "kind", "wish"),
        ({"rule_version": 9}, "rule_version", "can't be edited"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    pilot: Pilot, owner: User, fields: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(Refused, match=says) as refused:
        save(pilot, owner, **fields)
    assert field in [reason.field for reason in refused.value.reasons]
    assert refused.value.reasons[0].where == "conditions"


def test_a_rule_watches_its_own_pilot(pilot: Pilot, owner: User) -> None:
    with pytest.raises(Refused, match="its own pilot"):
        save(pilot, owner, metric=a_metric(a_pilot("other")))


def test_a_driver_has_no_better_or_worse(pilot: Pilot, owner: User) -> None:
    with pytest.raises(Refused, match="no better or worse"):
        save(pilot, owner, metric=None, driver=a_driver(pilot))


def test_a_gap_needs_two_categories(owner: User) -> None:
    pilot = a_pilot(dimensions={"tier": ["gold"]})
    a_metric(pilot)
    with pytest.raises(Refused, match="two categories"):
        save(pilot, owner, scope="gap:tier")


def test_a_scope_has_one_spelling(owner: User) -> None:
    pilot = a_pilot(dimensions={"tier": ["gold"], "severity": ["low", "high"]})
    a_metric(pilot)
    assert save(pilot, owner, scope="severity=high|tier=gold").scope == "tier=gold|severity=high"


def test_a_draft_may_still_owe_its_reasons(pilot: Pilot, owner: User) -> None:
    assert save(pilot, owner, rationale="").rationale == ""


def test_a_running_pilot_gets_no_rule_without_its_reasons(owner: User) -> None:
    with pytest.raises(Refused, match="Say why this rule is right"):
        save(a_running_pilot(), owner, rationale="", reason="We forgot one.")


def test_another_limit_is_another_version_and_its_streak_starts_today(owner: User) -> None:
    pilot = a_running_pilot()
    rule = pilot.conditions.get(ref="S1")
    seen = PilotState.objects.get(pilot=pilot).dirty_seq
    with pytest.raises(Refused, match="Say why"):
        save(pilot, owner, rule, limit=0.2)
    rule = save(pilot, owner, rule, limit=0.2, reason="10% was noise.")
    assert (rule.rule_version, rule.counts_from) == (2, NOON.date())
    turn = rule.history.first()
    assert (turn.history_user, turn.history_change_reason, turn.limit) == (owner, "10% was noise.", 0.2)
    assert PilotState.objects.get(pilot=pilot).dirty_seq == seen + 1


@pytest.mark.parametrize(
    "fields", [{"severity": "SEV1"}, {"notify": ["reviewer"]}, {"rationale": "Measured."}]
)
def test_who_is_told_and_why_makes_no_other_rule(owner: User, fields: dict[str, Any]) -> None:
    pilot = a_running_pilot()
    rule = save(pilot, owner, pilot.conditions.get(ref="S1"), reason="Clearer.", **fields)
    assert (rule.rule_version, rule.counts_from) == (1, None)


def test_a_rule_added_to_a_running_pilot_counts_from_today(owner: User) -> None:
    rule = save(a_running_pilot(), owner, reason="We forgot one.")
    assert (rule.rule_version, rule.counts_from) == (1, NOON.date())


def test_a_draft_rule_counts_from_the_start_whatever_was_changed(pilot: Pilot, owner: User) -> None:
    rule = save(pilot, owner, save(pilot, owner), limit=0.2)
    assert (rule.rule_version, rule.counts_from) == (2, None)


def test_saving_without_a_change_makes_no_version_and_needs_no_reason(owner: User) -> None:
    pilot = a_running_pilot()
    rule = save(pilot, owner, pilot.conditions.get(ref="S1"), limit=0.1, scope="overall")
    assert rule.history.count() == 1


def test_two_people_change_one_rule(pilot: Pilot, owner: User) -> None:
    rule = save(pilot, owner)
    save(pilot, owner, rule, limit=0.2, seen_version=rule.version)
    with pytest.raises(Stale) as stale:
        save(pilot, owner, rule, limit=0.3, seen_version=rule.version)
    assert isinstance(stale.value.current, Condition)
    assert stale.value.current.limit == 0.2


def test_a_retired_rule_stays_on_record_and_is_judged_no_more(owner: User) -> None:
    pilot = a_running_pilot()
    rule = pilot.conditions.get(ref="E1")
    retire_condition(condition_id=rule.pk, by=owner, reason="S1 says it all.", now=NOON)
    assert "E1" not in [c.ref for c in Pilot.objects.with_rules().get().spec.conditions]
    assert rule.history.first().history_change_reason == "S1 says it all."
    with pytest.raises(Refused, match="retired already"):
        retire_condition(condition_id=rule.pk, by=owner, reason="Again.", now=NOON)


def test_an_open_stop_condition_is_not_retired_out_of_sight(owner: User) -> None:
    pilot = a_running_pilot()
    alert = an_alert(pilot)
    with pytest.raises(Refused, match=f"Decide on {alert.ref} first") as refused:
        retire_condition(condition_id=pilot.conditions.get(ref="S1").pk, by=owner, reason="Noise.", now=NOON)
    assert refused.value.reasons[0].where == "alerts"


def test_a_stranger_writes_and_retires_no_rule(pilot: Pilot, stranger: User) -> None:
    rule = a_condition(pilot.metrics.get())
    with pytest.raises(NotAllowed):
        save(pilot, stranger, rule, limit=0.5)
    with pytest.raises(NotAllowed):
        retire_condition(condition_id=rule.pk, by=stranger, now=NOON)
