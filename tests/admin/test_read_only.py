from __future__ import annotations

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client

from pilots.models import (
    AccountShare,
    Alert,
    AlertEvent,
    ApiToken,
    ChannelState,
    ConditionState,
    Continuance,
    Destination,
    DriverState,
    Evaluation,
    ImpactAssessment,
    ImportJob,
    Notification,
    Observation,
    Pilot,
    PilotMove,
    PilotState,
    Pulse,
    ReadingRevision,
    Tracked,
    User,
)
from tests.admin.test_site import OURS, address, named

WRITTEN_BY_THE_ENGINE = (
    Alert,
    AlertEvent,
    AccountShare,
    ChannelState,
    ConditionState,
    Continuance,
    DriverState,
    Evaluation,
    ImpactAssessment,
    ImportJob,
    Notification,
    Observation,
    PilotMove,
    PilotState,
    Pulse,
    ReadingRevision,
)


@pytest.fixture
def root(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("root@example.org"))
    return client


def test_what_people_edit_and_what_the_engine_writes_are_all_the_models() -> None:
    edited = {m for m in OURS if issubclass(m, Tracked)} | {User}
    assert edited | set(WRITTEN_BY_THE_ENGINE) == set(OURS)
    assert not edited & set(WRITTEN_BY_THE_ENGINE)


@pytest.mark.parametrize("model", WRITTEN_BY_THE_ENGINE, ids=named)
def test_what_the_engine_wrote_takes_no_change_even_from_a_superuser(
    model: type[models.Model], root: Client, everything: Pilot
) -> None:
    row = model._default_manager.get(pk=model._default_manager.values_list("pk", flat=True)[0])
    before = model._default_manager.filter(pk=row.pk).values().get()
    for page in (address(model, "add"), address(model, "change", row.pk), address(model, "delete", row.pk)):
        assert root.post(page, {"post": "yes"}).status_code == 403
    root.post(address(model, "changelist"), {"action": "delete_selected", "_selected_action": [row.pk]})
    assert model._default_manager.filter(pk=row.pk).values().get() == before


@pytest.mark.parametrize("model", OURS, ids=named)
def test_no_row_of_any_model_can_be_deleted_from_its_list(
    model: type[models.Model], root: Client, everything: Pilot
) -> None:
    request = root.get("/admin/").wsgi_request
    rows = admin.site.get_model_admin(model)
    assert not rows.has_delete_permission(request)
    assert "delete_selected" not in rows.get_actions(request)


def test_no_page_shows_what_a_key_is_made_of(root: Client, everything: Pilot) -> None:
    token = ApiToken.objects.get()
    token.save()
    for page in ("change", "history"):
        assert "5ecret" not in root.get(address(ApiToken, page, token.pk)).content.decode()
    version = address(ApiToken, "simple_history", token.pk, token.history.first().pk)
    assert "5ecret" not in root.get(version).content.decode()


def test_a_reviewer_sees_where_a_room_is_but_not_the_key_to_it(reviewing: Client, everything: Pilot) -> None:
    room = Destination.objects.get()
    room.save()
    version = address(Destination, "simple_history", room.pk, room.history.first().pk)
    pages = [address(Destination, page, room.pk) for page in ("change", "history")]
    for page in [*pages, address(Destination, "changelist"), version]:
        assert "5ecret" not in reviewing.get(page).content.decode(), page
    assert "chat.example.org" in reviewing.get(pages[0]).content.decode()
