"""A disk that is full: nothing half written, nothing lost, and on it goes as soon as there is room."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.faults.breaches import tellings
from tests.faults.conftest import Report
from tests.faults.parts import MoodyPostOffice
from tests.faults.sites import embedded, make_breaches
from tests.processes import Product, eventually

pytestmark = pytest.mark.processes
MEGABYTES = 16


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes of one's own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(disk))
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"needs a tmpfs of its own: {done.stderr.strip()}")
    try:
        yield disk
    finally:
        subprocess.run(("umount", "--lazy", str(disk)), check=True)


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Leave not one free byte on a disk for a while."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    assert shutil.disk_usage(disk).free == 0
    yield
    ballast.unlink()


def test_what_is_not_told_when_the_disk_fills_up_is_told_when_there_is_room_again(
    small_disk: Path, migrated_home: Path, post: MoodyPostOffice, report: Report
) -> None:
    home = small_disk / "home"
    shutil.copytree(migrated_home, home)
    site = embedded(Product(home, post))
    make_breaches(site.product, 2, 20)
    expected = tellings(2, 20)
    with site.at_work():
        eventually(lambda: len(post.mails) > 1, why=lambda: site.log)
        with filled(small_disk):
            time.sleep(5)
            assert site.running["engine"].poll() is None, "the engine lives on"
            assert len(post.mails) < len(expected), "the disk was full before all was told"
        outcome = site.drain(expected)
    report("Disk full for 5 s, SQLite", outcome)
    assert (outcome.lost, outcome.unexpected) == (0, 0), site.log
    assert outcome.duplicated <= 1, "the one message that was under way and could not be marked"
