"""What every fault story may ask for: the product at work on both sets of parts, and the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults.accounts import Outcome
from tests.faults.parts import Cluster, MoodyPostOffice, Redis

if TYPE_CHECKING:
    from tests.faults.sites import Site
    from tests.processes import Product

Report = Callable[[str, Outcome], None]


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """Write an outcome into the table that the run ends with."""

    def write(fault: str, outcome: Outcome) -> None:
        request.node.user_properties.append(("fault", f"{fault}: {outcome}"))

    return write


@pytest.fixture
def post() -> Iterator[MoodyPostOffice]:
    with MoodyPostOffice().open() as post:
        yield post


@pytest.fixture
def redis_part(tmp_path: Path) -> Iterator[Redis]:
    with Redis(tmp_path).open() as redis:
        yield redis


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with Cluster.open() as cluster:
        yield cluster


@pytest.fixture
def served_site(product: Product, postgres: str, redis_part: Redis) -> Iterator[Site]:
    from tests.faults.sites import served

    site = served(product, postgres, redis_part.url)
    yield site
    site.end()


@pytest.fixture(params=["embedded", pytest.param("served", marks=pytest.mark.services)])
def site(request: pytest.FixtureRequest, product: Product) -> Site:
    """The product on each set of parts in turn."""
    from tests.faults.sites import embedded

    if request.param == "embedded":
        return embedded(product)
    served_site: Site = request.getfixturevalue("served_site")
    return served_site
