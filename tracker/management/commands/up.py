"""`up`: the web and the engine as child processes, restarted when they die, stopped together."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tracker.celery import REDIS_URL
from tracker.children import Child, supervise

HOST = "127.0.0.1"
MANAGE = (sys.executable, str(settings.BASE_DIR / "manage.py"))
CELERY = (sys.executable, "-m", "celery", "-A", "tracker")


class Command(BaseCommand):
    help = "Migrate, then run the web and the engine until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="load the demo first, with DEBUG on")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        port, demo = options["port"], options["demo"]
        _refuse_taken(port)
        environ = _environ(port, demo=demo)
        # SIGTERM ends this like Ctrl-C does.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            self._prepare(environ, demo=demo)
        except KeyboardInterrupt:
            raise CommandError("Stopped before anything was started.") from None
        supervise(
            [Child(name, command, environ) for name, command in _commands(port).items()],
            on_ready=lambda: self._say(f"Open http://{HOST}:{port}  (Ctrl-C stops everything)"),
            port=port,
        )

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()  # also where it goes into a file that somebody waits for

    def _prepare(self, environ: dict[str, str], *, demo: bool) -> None:
        for step in ("prepare", "load_demo") if demo else ("prepare",):
            done = subprocess.run((*MANAGE, step), env=environ, check=False)  # noqa: S603
            if done.returncode:
                raise CommandError(f"`{step}` did not succeed; nothing was started.")


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            taken = getattr(error, "errno", None) == errno.EADDRINUSE
            why = "is taken" if taken else f"can't be used ({error})"
            raise CommandError(f"Port {port} {why}. Choose another with --port.") from error


def _environ(port: int, *, demo: bool) -> dict[str, str]:
    environ = {"BASE_URL": f"http://{HOST}:{port}", **os.environ, "PYTHONUNBUFFERED": "1"}
    if demo:
        environ.setdefault("DEBUG", "on")
    return environ


def _commands(port: int) -> dict[str, tuple[str, ...]]:
    web = ("gunicorn", "tracker.wsgi", "--bind", f"{HOST}:{port}", "--threads", "4")
    quiet = ("--log-level", "warning", "--chdir", str(settings.BASE_DIR))
    commands = {"web": (sys.executable, "-m", *web, *quiet)}
    if REDIS_URL:
        return commands | {"worker": (*CELERY, "worker"), "beat": (*CELERY, "beat", "--pidfile=")}
    return commands | {"engine": (*MANAGE, "engine")}
