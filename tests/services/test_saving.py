from __future__ import annotations

import pytest
from django.db import transaction

from pilots.models import Pilot, PilotState, User
from pilots.services.errors import Refused, Stale
from pilots.services.saving import edit, lock, remove, write
from pilots.services.touching import touch
from tests.builders import a_driver, a_pilot

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_what_differs_is_saved_once_with_who_and_why(owner: User) -> None:
    pilot = a_pilot()
    fields = {"title": "Tiers", "cadence_days": 1}
    assert write(pilot, fields, by=owner, where="pilot", reason="Plainer.") == {"title"}
    assert write(pilot, fields, by=owner, where="pilot", reason="Again.") == frozenset()
    turns = pilot.history.all()
    assert (turns.count(), turns[0].history_user, turns[0].history_change_reason) == (2, owner, "Plainer.")


def test_every_mistake_is_named_at_once(owner: User) -> None:
    with pytest.raises(Refused) as refused:
        edit(a_pilot(), {"title": "", "ref": "two words", "start": "soon"}, where="pilot")
    assert {(reason.field, reason.where) for reason in refused.value.reasons} == {
        ("title", "pilot"),
        ("ref", "pilot"),
        ("start", "pilot"),
    }


def test_words_typed_into_a_form_are_read_as_what_they_mean(owner: User) -> None:
    pilot = a_pilot()
    assert edit(pilot, {"cadence_days": "1", "start": "2026-03-02"}, where="pilot") == frozenset()
    assert edit(pilot, {"cadence_days": "7"}, where="pilot") == {"cadence_days"}


def test_a_person_can_be_given_as_such_or_by_number(owner: User, stranger: User) -> None:
    driver = a_driver(a_pilot())
    assert edit(driver, {"owner": owner}, where="drivers") == {"owner_id"}
    assert edit(driver, {"owner_id": stranger.pk}, where="drivers") == {"owner_id"}
    assert driver.owner == stranger


def test_a_row_seen_before_another_save_is_stale() -> None:
    pilot = a_pilot()
    with transaction.atomic():
        assert lock(Pilot.objects.all(), pilot.pk, seen_version=pilot.version) == pilot
        with pytest.raises(Stale, match="Somebody else saved “Tier pilot”"):
            lock(Pilot.objects.all(), pilot.pk, seen_version=pilot.version - 1)


def test_what_is_removed_is_remembered_with_who_and_why(owner: User) -> None:
    driver = a_driver(a_pilot())
    turns = type(driver).history
    remove(driver, by=owner, reason="Unused.")
    gone = turns.get(history_type="-")
    assert (gone.history_user, gone.history_change_reason) == (owner, "Unused.")


def test_touching_counts_one_change_of_one_pilot() -> None:
    pilot, other = a_pilot(), a_pilot("other")
    touch(pilot.pk)
    assert PilotState.objects.get(pilot=pilot).dirty_seq == 2
    assert PilotState.objects.get(pilot=other).dirty_seq == 1


def test_a_row_stays_with_the_pilot_it_belongs_to(owner: User) -> None:
    driver, other = a_driver(a_pilot()), a_pilot("other")
    assert edit(driver, {"pilot": driver.pilot}, where="drivers") == frozenset()
    with pytest.raises(Refused, match="belongs to"):
        edit(driver, {"pilot": other}, where="drivers")
