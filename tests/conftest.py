"""What every story may ask for, and which parts of the machine it needs."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture
def owner(db: None):  # type: ignore[no-untyped-def]
    from tests.builders import a_person

    return a_person("owner@example.org", name="Olive Owner")


@pytest.fixture
def reviewer(db: None):  # type: ignore[no-untyped-def]
    from tests.builders import a_person

    return a_person("reviewer@example.org", name="Rita Reviewer", is_staff=True)


@pytest.fixture
def stranger(db: None):  # type: ignore[no-untyped-def]
    from tests.builders import a_person

    return a_person("stranger@example.org", name="Sam Stranger")
