"""`up` as a person starts it: web and engine as real processes."""

from __future__ import annotations

import os
import signal
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import free_port
from tests.processes import MANAGE, Product, eventually

pytestmark = pytest.mark.processes


def status(port: int, path: str = "/") -> int:
    """The HTTP status of a page, 0 while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def children_of(pid: int) -> dict[str, int]:
    """The running children of a process, by what they are."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            words = (entry / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        # What has died and was not seen off yet has no words left.
        if parent == pid and len(words) > 1:
            found["web" if "gunicorn" in words else words[-2]] = int(entry.name)
    return found


def test_up_starts_web_and_engine_keeps_them_alive_and_stops_them_together(product: Product) -> None:
    port = free_port()
    with product.process(*MANAGE, "up", "--port", str(port), log="up") as up:
        eventually(
            lambda: f"Open http://127.0.0.1:{port}" in product.log("up"), why=lambda: product.log("up")
        )
        eventually(lambda: status(port, "/healthz") == 200, why=lambda: product.log("up"))
        first = children_of(up.pid)
        assert set(first) == {"web", "engine"}
        for name in ("web", "engine"):
            os.kill(first[name], signal.SIGKILL)
        eventually(lambda: set(children_of(up.pid)) == {"web", "engine"})
        eventually(lambda: status(port, "/healthz") == 200, why=lambda: product.log("up"))
        second = children_of(up.pid)
        assert second["engine"] != first["engine"]
        assert second["web"] != first["web"]
        time.sleep(1)
        os.kill(up.pid, signal.SIGTERM)
        assert up.wait(30) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in second.values())
    assert status(port) == 0


def test_a_taken_port_is_said_in_one_sentence(product: Product) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with product.process(*MANAGE, "up", "--port", str(port), log="up") as up:
            assert up.wait(60) == 1
    [sentence] = product.log("up").strip().splitlines()
    assert sentence == f"CommandError: Port {port} is taken. Choose another with --port."


def test_a_database_that_can_not_be_migrated_starts_nothing(product: Product) -> None:
    product.environ["DATABASE_URL"] = "postgres://nobody@127.0.0.1:1/none"
    with product.process(*MANAGE, "up", "--port", str(free_port()), log="up") as up:
        assert up.wait(60) == 1
    assert "`prepare` did not succeed; nothing was started." in product.log("up")


def test_styles_are_served_where_debugging_is_off(product: Product) -> None:
    port = free_port()
    with product.process(*MANAGE, "up", "--port", str(port), log="up"):
        eventually(lambda: status(port, "/healthz") == 200, why=lambda: product.log("up"))
        [style] = (product.home / "static" / "pilots").glob("app.*.css")
        assert status(port, f"/static/pilots/{style.name}") == 200
