from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse

from pilots.models import Pilot, Tracked, User
from tracker.review_site import SECTIONS

OURS = [model for model in apps.get_app_config("pilots").get_models() if "Historical" not in model.__name__]


def address(model: type[models.Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def named(model: type[models.Model]) -> str:
    return model.__name__


def test_every_model_is_in_the_admin_and_on_its_first_page() -> None:
    assert {m for m in admin.site._registry if m._meta.app_label == "pilots"} == set(OURS)
    assert sorted(m.__name__ for m in OURS) == sorted(name for names in SECTIONS.values() for name in names)


@pytest.mark.parametrize("model", OURS, ids=named)
def test_every_page_of_every_model_opens_for_a_reviewer(
    model: type[models.Model], reviewing: Client, everything: Pilot
) -> None:
    row = model._default_manager.first()
    assert row is not None
    assert reviewing.get(address(model, "changelist")).status_code == 200
    assert reviewing.get(address(model, "changelist"), {"q": "tiers"}).status_code == 200
    assert reviewing.get(address(model, "change", row.pk)).status_code == 200
    assert reviewing.get(address(model, "history", row.pk)).status_code == 200
    may_add = admin.site.get_model_admin(model).has_add_permission(reviewing.get("/admin/").wsgi_request)
    assert reviewing.get(address(model, "add")).status_code == (200 if may_add else 403)


@pytest.mark.parametrize("model", [m for m in OURS if hasattr(m, "history")], ids=named)
def test_every_past_version_opens_and_takes_no_change(
    model: type[Tracked], owning: Client, everything: Pilot
) -> None:
    row = model._default_manager.first()
    assert row is not None
    row.save()
    version = row.history.first()
    page = address(model, "simple_history", row.pk, version.pk)
    assert owning.get(page).status_code == 200
    assert owning.post(page, {}).status_code == 403
    assert row.history.count() == model.history.filter(**{model._meta.pk.attname: row.pk}).count()


def test_a_superuser_opens_every_add_page_there_is(everything: Pilot, client: Client) -> None:
    client.force_login(User.objects.create_superuser("root@example.org"))
    request = client.get("/admin/").wsgi_request
    for model, rows in admin.site._registry.items():
        assert client.get(address(model, "changelist")).status_code == 200
        if rows.has_add_permission(request):
            assert client.get(address(model, "add")).status_code == 200, model


def test_who_is_not_signed_in_goes_to_the_sign_in_page(client: Client, db: None) -> None:
    answer = client.get("/admin/pilots/pilot/", follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("sign-in"))


def test_an_owner_who_is_no_reviewer_is_told_so(client: Client, owner: User) -> None:
    client.force_login(owner)
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == reverse("portfolio")
    assert "for reviewers" in answer.content.decode()


def test_the_pages_carry_no_script_and_no_style_of_their_own(reviewing: Client, everything: Pilot) -> None:
    row = everything
    pages = ["/admin/", address(Pilot, "changelist"), address(Pilot, "change", row.pk)]
    for page in [*pages, address(Pilot, "history", row.pk)]:
        html = reviewing.get(page).content.decode()
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=", html), page
        assert not re.search(r"<script(?![^>]*\b(src=|type=.application/json))", html), page
