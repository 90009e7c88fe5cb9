"""What every story may ask for, and which parts of the machine it needs."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import psycopg
import pytest

if TYPE_CHECKING:
    from pytest_django.plugin import DjangoDbBlocker

    from pilots.models import User
    from tests.processes import PostOffice, Product

SHARED = Path(__file__).resolve().parents[2] / "shared"
REAL_LOG = SHARED / "data" / "uci-incidents" / "tickets.csv"
POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://tracker:tracker@127.0.0.1:5432")
REQUIRED = {name for name in os.environ.get("REQUIRE", "").split(",") if name}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "faults_long" not in (config.option.markexpr or ""):
        long = [item for item in items if item.get_closest_marker("faults_long")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]
    for item in items:
        if item.get_closest_marker("django_db") or {"db", "transactional_db"} & set(
            getattr(item, "fixturenames", ())
        ):
            item.add_marker(pytest.mark.database)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """End the run with what each fault left behind."""
    reports = [r for key in ("passed", "failed") for r in terminalreporter.stats.get(key, [])]
    told = [said for report in reports for name, said in report.user_properties if name == "fault"]
    if told:
        terminalreporter.section("faults")
        terminalreporter.write("".join(f"{line}\n" for line in sorted(told)))


def absent(what: str, why: str) -> NoReturn:
    """Skip the test by the name of what is missing, or fail it where REQUIRE asks for it."""
    if what in REQUIRED:
        pytest.fail(f"{what} is required and missing: {why}")
    pytest.skip(f"needs {what}: {why}")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """End what a story's threads left connected, so that PostgreSQL can drop the test database."""
    yield
    with django_db_blocker.unblock():
        from django.db import connection

        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )


@pytest.fixture
def real_log() -> Path:
    """The real ticket log, where it is present beside the checkout."""
    if not REAL_LOG.exists():
        pytest.skip("needs the real ticket log: ../shared/data/uci-incidents/tickets.csv is not here")
    return REAL_LOG


@pytest.fixture
def seeds() -> Path:
    """The reference documents, where they are present beside the checkout."""
    if not (SHARED / "seeds").is_dir():
        pytest.skip("needs the reference documents: ../shared/seeds is not here")
    return SHARED / "seeds"


@pytest.fixture
def postgres() -> Iterator[str]:
    """The address of an empty PostgreSQL database, dropped afterwards."""
    with a_database() as url:
        yield url


@contextmanager
def a_database(*, template: str = "template1") -> Iterator[str]:
    """Make a PostgreSQL database, a copy of another one, for as long as it is needed."""
    name = f"story_{uuid.uuid4().hex[:12]}"
    try:
        server = psycopg.connect(f"{POSTGRES_URL}/postgres", autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        absent("postgres", str(error).strip().splitlines()[0])
    with server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield f"{POSTGRES_URL}/{name}"
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[str]:
    """The address of a Redis of its own, killed afterwards."""
    program = shutil.which("redis-server")
    if program is None:
        absent("redis", "redis-server is not installed")
    port = free_port()
    command = [str(program), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen([*command, "--dir", str(tmp_path)], stdout=subprocess.DEVNULL) as server:
        wait_for_port(port)
        yield f"redis://127.0.0.1:{port}/0"
        server.kill()


@pytest.fixture
def post() -> Iterator[PostOffice]:
    """A real SMTP server that keeps what it takes."""
    from tests.processes import PostOffice

    with PostOffice().open() as post:
        yield post


@pytest.fixture(scope="session")
def migrated_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an empty, migrated SQLite database, to be copied."""
    from tests.processes import PostOffice, Product

    home = tmp_path_factory.mktemp("migrated")
    Product(home, PostOffice()).run("migrate", "--verbosity", "0")
    return home


@pytest.fixture
def product(tmp_path: Path, migrated_home: Path, post: PostOffice) -> Product:
    """The product in a home of its own, migrated, with nothing running yet."""
    from tests.processes import Product

    shutil.copytree(migrated_home, tmp_path / "home")
    return Product(tmp_path / "home", post)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, *, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"nothing answers on port {port} after {seconds} s")


@pytest.fixture
def owner(db: None) -> User:
    from tests.builders import a_person

    return a_person("owner@example.org", name="Olive Owner")


@pytest.fixture
def reviewer(db: None) -> User:
    from tests.builders import a_person

    return a_person("reviewer@example.org", name="Rita Reviewer", is_staff=True)


@pytest.fixture
def stranger(db: None) -> User:
    from tests.builders import a_person

    return a_person("stranger@example.org", name="Sam Stranger")


@pytest.fixture(autouse=True, scope="session")
def static_files_from_source() -> None:
    """Serve styles from where they are written; nothing is collected for a test."""
    from django.conf import settings

    finder = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": finder}
    settings.WHITENOISE_AUTOREFRESH = True
