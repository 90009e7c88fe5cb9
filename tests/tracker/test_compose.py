"""The compose file, checked as data: no Docker engine is needed to know that it would start."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from celery import Task
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from pilots import tasks
from tests.conftest import free_port, wait_for_port
from tracker import env
from tracker.celery import QUEUES, app

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
TASKS = [task.name for task in vars(tasks).values() if isinstance(task, Task)]
PINNED = re.compile(r"^[\w./-]+:v?\d+\.\d+(\.\d+)?[\w.-]*$")


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_is_pinned_to_a_version(name: str) -> None:
    assert PINNED.match(SERVICES[name]["image"])


def test_the_built_image_starts_from_a_pinned_one_and_checks_hashes() -> None:
    recipe = COMPOSE["x-app"]["build"]["dockerfile_inline"]
    assert PINNED.match(recipe.split()[1])
    assert "--require-hashes" in recipe


def test_what_the_image_copies_is_in_the_repository() -> None:
    copied = re.findall(r"^COPY (.+) \S+$", COMPOSE["x-app"]["build"]["dockerfile_inline"], re.MULTILINE)
    assert [path for line in copied for path in line.split() if not (ROOT / path).exists()] == []


def test_every_variable_is_one_the_project_reads() -> None:
    read = "".join((ROOT / "tracker" / name).read_text() for name in ("env.py", "settings.py", "celery.py"))
    assert [name for name in COMPOSE["x-app"]["environment"] if f'"{name}"' not in read] == []


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8000", "https://pilots.example.org"])
def test_the_web_is_asked_for_its_health_as_its_visitors_would_ask(
    base_url: str, live_server: LiveServer, settings: Settings
) -> None:
    settings.SECURE_SSL_REDIRECT = base_url.startswith("https")
    settings.ALLOWED_HOSTS = [urlsplit(base_url).hostname]
    check = [word.replace("http://127.0.0.1:8000", live_server.url) for word in web_health_check()]
    asked = subprocess.run(
        [sys.executable, *check[1:]], env={**os.environ, "BASE_URL": base_url}, check=False
    )
    assert asked.returncode == 0


def web_health_check() -> list[str]:
    kind, *command = OURS["web"]["healthcheck"]["test"]
    assert kind == "CMD"
    return list(command)


def test_what_a_service_waits_for_exists() -> None:
    waited = {name for service in SERVICES.values() for name in service.get("depends_on", {})}
    assert waited <= SERVICES.keys()


def test_the_worker_listens_to_every_queue_that_a_task_goes_to() -> None:
    words = OURS["worker"]["command"]
    heard = set(words[words.index("--queues") + 1].split(","))
    goes_to = [app.amqp.router.route({}, name)["queue"].name for name in TASKS]
    assert set(goes_to) <= heard == set(QUEUES)


def test_every_round_on_the_schedule_is_a_task_and_has_a_period_the_inspector_knows() -> None:
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} == set(TASKS)
    assert len(app.conf.beat_schedule) == len(env.periods())
    for entry in app.conf.beat_schedule.values():
        assert entry["schedule"] == entry["options"]["expires"]


@pytest.mark.services
@pytest.mark.processes
def test_every_command_runs_as_a_process(postgres: str, redis_server: str, tmp_path: Path) -> None:
    port = free_port()
    environ = {
        **os.environ,
        "DATABASE_URL": postgres,
        "REDIS_URL": redis_server,
        "EMAIL_URL": f"smtp://127.0.0.1:{free_port()}",
        "SECRET_KEY": "only-for-this-story-0123456789abcdefghijklmnopqrstuvw",
        "ALLOWED_HOSTS": "127.0.0.1",
        "BASE_URL": f"http://127.0.0.1:{port}",
        "TRACKER_HOME": str(tmp_path / "home"),
    }
    setup = started(OURS["setup"]["command"], environ)
    assert setup.wait(timeout=120) == 0
    lasting = {name: service["command"] for name, service in OURS.items() if name != "setup"}
    commands = {name: [local(word, port, tmp_path) for word in words] for name, words in lasting.items()}
    running = {name: started(command, environ) for name, command in commands.items()}
    try:
        wait_for_port(port, seconds=30)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as answer:
            assert answer.status == 200
        check = [word.replace(":8000/", f":{port}/") for word in web_health_check()]
        assert started(check, environ).wait(timeout=20) == 0
        time.sleep(4)
        assert {name: process.poll() for name, process in running.items()} == dict.fromkeys(running)
    finally:
        for process in running.values():
            process.send_signal(signal.SIGTERM)
        for process in running.values():
            process.wait(timeout=30)


def local(word: str, port: int, folder: Path) -> str:
    """Put this machine's port and folder where the container has its own."""
    return {"0.0.0.0:8000": f"127.0.0.1:{port}", "/tmp/beat-schedule": str(folder / "beat")}.get(word, word)  # noqa: S108


def started(command: list[str], environ: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a service's command with this interpreter."""
    modules = {"python": [], "gunicorn": ["-m", "gunicorn"], "celery": ["-m", "celery"]}
    program, *rest = command
    return subprocess.Popen([sys.executable, *modules[program], *rest], env=environ, cwd=ROOT)
