"""What an installation has from its first day: the template B0174 and the reviewers' group."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction
from django.db.models import Q

from pilots.models import Framework

REVIEWERS = "Reviewers"
# What reviewers may write where they are also owners; the services look at each row.
WRITTEN_BY_PEOPLE = (
    "baseline",
    "condition",
    "decision",
    "driver",
    "escalationpolicy",
    "escalationstep",
    "framework",
    "membership",
    "metric",
    "nextstep",
    "option",
    "pilot",
    "risk",
    "stage",
)
# Only rows that are edited on their parent's page can be taken out there.
TAKEN_OUT_BY_PEOPLE = (
    "condition",
    "driver",
    "escalationstep",
    "membership",
    "metric",
    "nextstep",
    "option",
    "risk",
    "stage",
)

B0174: dict[str, Any] = {
    "name_en": "Customer Support Tier Segmentation Framework",
    "name_katakana": "サポート / セグメント",
    "name_kanji": "階層 / 枠組",
    "quality": "Reviewed",
    "source": "Ships with the product",
    "coi": "none",
    "metrics": ["resolution time", "support cost per account", "customer health score"],
    "drivers": ["usage criticality", "contract tier", "issue severity mix"],
    "trade_off": ["service differentiation", "fairness"],
    "next_checklist": [
        "Name an owner for every role",
        "Freeze a baseline for every metric",
        "Note today's mix of every driver, and who updates it how often",
        "Put the first review in the calendar",
        "Say when somebody must be told",
    ],
}


def ship(**_: Any) -> None:
    """Run after every migration; what is already there stays as people have made it."""
    if Framework._meta.db_table in connection.introspection.table_names():
        ensure_frameworks()
        ensure_groups()


@transaction.atomic
def ensure_frameworks() -> Framework:
    known = Framework.objects.filter(code="B0174").first()
    if known:
        return known
    framework = Framework(code="B0174", **B0174)
    framework.explain(by=None, reason="Ships with the product")
    framework.save()
    return framework


@transaction.atomic
def ensure_groups() -> Group:
    """Let reviewers see everything here, and write what people write; rows decide who exactly."""
    reviewers, _ = Group.objects.get_or_create(name=REVIEWERS)
    written = Q(content_type__model__in=WRITTEN_BY_PEOPLE)
    taken_out = Q(content_type__model__in=TAKEN_OUT_BY_PEOPLE, codename__startswith="delete_")
    seen = Q(codename__startswith="view_") & ~Q(content_type__model__startswith="historical")
    writing = Q(codename__startswith="add_") | Q(codename__startswith="change_")
    ours = Permission.objects.filter(content_type__app_label="pilots")
    reviewers.permissions.set(ours.filter(seen | (written & writing) | taken_out))
    return reviewers
