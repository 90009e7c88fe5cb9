"""The product as real processes in a home of their own, and a post office that takes their mails."""

from __future__ import annotations

import email
import logging
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from pathlib import Path
from textwrap import dedent

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.conftest import free_port

ROOT = Path(__file__).resolve().parents[1]
MANAGE = (sys.executable, str(ROOT / "manage.py"))
CELERY = (sys.executable, "-m", "celery", "-A", "tracker")


class PostOffice:
    """A real SMTP server that keeps every mail it took."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.port = free_port()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(email.message_from_bytes(content, policy=policy.default))
        return "250 OK"

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def counted(self) -> Counter[tuple[str, str]]:
        """How many mails each address got under each subject."""
        return Counter((str(mail["To"]), str(mail["Subject"])) for mail in self.mails)

    @contextmanager
    def open(self) -> Iterator[PostOffice]:
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        controller = Controller(self, hostname="127.0.0.1", port=self.port)
        controller.start()
        try:
            yield self
        finally:
            controller.stop()


@dataclass
class Product:
    """The product with a home, a database and a post office of its own."""

    home: Path
    post: PostOffice
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ours = {"PATH", "HOME", "LANG", "VIRTUAL_ENV"}
        self.environ = {
            **{name: value for name, value in os.environ.items() if name in ours},
            "TRACKER_HOME": str(self.home),
            "EMAIL_URL": self.post.url,
            "EVALUATE_EVERY": "1",
            "DELIVER_EVERY": "1",
            "PYTHONPATH": str(ROOT),
            "SECRET_KEY": "for-a-story-only",
            **self.environ,
        }

    def run(self, *words: str) -> str:
        """Run a command of the product to its end."""
        return self._python(*MANAGE[1:], *words)

    def tell(self, story: str) -> str:
        """Run a few lines of Python in the product, with its models at hand; return what they print."""
        return self._python("-c", f"import django\ndjango.setup()\n{dedent(story)}")

    def _python(self, *words: str) -> str:
        environ = {**self.environ, "DJANGO_SETTINGS_MODULE": "tracker.settings"}
        done = subprocess.run(
            (sys.executable, *words), env=environ, cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def process(self, *command: str, log: str = "process") -> Iterator[subprocess.Popen[bytes]]:
        """Keep a process of the product running."""
        with (self.home / f"{log}.log").open("ab") as file:
            process = subprocess.Popen(
                command, env=self.environ, cwd=ROOT, stdout=file, stderr=file, start_new_session=True
            )
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def engine(self) -> AbstractContextManager[subprocess.Popen[bytes]]:
        return self.process(*MANAGE, "engine", log="engine")

    def log(self, name: str = "engine") -> str:
        return (self.home / f"{name}.log").read_text()


def eventually(holds: Callable[[], object], *, seconds: float = 60.0, why: Callable[[], str] = str) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError(f"did not come true in {seconds:g} s. {why()}")
