from __future__ import annotations

import pytest
from django.apps import apps
from django.db.models import BaseConstraint

CONSTRAINTS = [
    constraint
    for model in apps.get_app_config("pilots").get_models()
    for constraint in model._meta.constraints
]


@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=lambda constraint: constraint.name)
def test_what_a_constraint_says_can_be_said(constraint: BaseConstraint) -> None:
    # Django fills the message in with %, so that a bare per cent sign breaks it.
    assert str(constraint.get_violation_error_message()).strip()
