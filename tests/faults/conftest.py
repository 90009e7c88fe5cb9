"""What every fault story may ask for: the product at work on both sets of parts, and the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import a_database
from tests.faults.accounts import Outcome
from tests.faults.parts import Cluster, MoodyPostOffice, Redis

if TYPE_CHECKING:
    from tests.faults.sites import Site

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


@pytest.fixture(scope="session")
def migrated_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of an empty, migrated PostgreSQL database, to be copied."""
    from tests.processes import PostOffice, Product

    with a_database() as url:
        server = Product(tmp_path_factory.mktemp("template"), PostOffice(), {"DATABASE_URL": url})
        server.run("migrate", "--verbosity", "0")
        yield url.rpartition("/")[2]


@pytest.fixture
def served_site(
    tmp_path: Path, post: MoodyPostOffice, migrated_template: str, redis_part: Redis
) -> Iterator[Site]:
    from tests.faults.sites import served
    from tests.processes import Product

    with a_database(template=migrated_template) as url:
        yield served(Product(tmp_path, post), url, redis_part.url)


@pytest.fixture(params=["embedded", pytest.param("served", marks=pytest.mark.services)])
def site(request: pytest.FixtureRequest) -> Site:
    """The product on each set of parts in turn."""
    from tests.faults.sites import embedded

    if request.param == "embedded":
        return embedded(request.getfixturevalue("product"))
    served_site: Site = request.getfixturevalue("served_site")
    return served_site
