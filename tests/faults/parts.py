"""The parts that fail: a Redis and a PostgreSQL of one's own, and a post office with moods."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import redis
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.conftest import absent, free_port, wait_for_port
from tests.processes import PostOffice


@dataclass
class Redis:
    """A redis-server that keeps nothing on disk."""

    folder: Path
    port: int = field(default_factory=free_port)
    server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        program = shutil.which("redis-server") or absent("redis", "redis-server is not installed")
        where = ("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder))
        self.server = subprocess.Popen(
            (program, *where, "--save", "", "--appendonly", "no"), stdout=subprocess.DEVNULL
        )
        wait_for_port(self.port)

    def signal(self, number: signal.Signals) -> None:
        assert self.server is not None
        self.server.send_signal(number)

    def kill(self) -> None:
        if self.server is not None:
            self.server.kill()
            self.server.wait()

    def flush(self) -> None:
        with redis.Redis(port=self.port) as client:
            client.flushall()

    @contextmanager
    def open(self) -> Iterator[Redis]:
        self.start()
        try:
            yield self
        finally:
            self.kill()


@dataclass
class Cluster:
    """A PostgreSQL cluster of its own in a temporary folder, run by whoever may run one."""

    folder: Path
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def initialise(self) -> None:
        self._run("initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N")

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        how = f"-p {self.port} -h 127.0.0.1 -k {self.folder}"
        self._run("pg_ctl", "-D", str(self.data), "-w", "-o", how, "-l", str(self.folder / "log"), "start")

    def stop(self) -> None:
        """End it at once, as a power cut would."""
        self._run("pg_ctl", "-D", str(self.data), "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *words: str) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
        path = str(found[-1]) if found else shutil.which(program)
        if path is None:
            absent("postgres", f"{program} is not installed")
        # PostgreSQL refuses to run as root.
        other = ("runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()
        done = subprocess.run(
            (*other, path, *words),
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert done.returncode == 0, done.stderr

    @staticmethod
    @contextmanager
    def open() -> Iterator[Cluster]:
        with tempfile.TemporaryDirectory(prefix="cluster-", dir="/tmp") as name:
            if os.geteuid() == 0:
                shutil.chown(name, "postgres")
            cluster = Cluster(Path(name))
            cluster.initialise()
            cluster.start()
            try:
                yield cluster
            finally:
                if (cluster.data / "postmaster.pid").exists():
                    cluster.stop()


class MoodyPostOffice(PostOffice):
    """A post office that answers as its mood is.

    `kind` takes everything. `closed` hangs up on whoever connects. `locked` knows no password. `busy` and
    `refusing` answer 4xx and 5xx to each recipient. `hanging` never answers after the dot. `dying` keeps
    the mail and then hangs up without a word.
    """

    mood = "kind"

    @contextmanager
    def open(self) -> Iterator[Self]:
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        controller = Controller(
            self, hostname="127.0.0.1", port=self.port, authenticator=self._admit, auth_require_tls=False
        )
        controller.start()
        try:
            yield self
        finally:
            controller.stop()

    def _admit(self, *_: object) -> AuthResult:
        return AuthResult(success=self.mood != "locked")

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        if self.mood == "closed":
            _hang_up(server)
        session.host_name = hostname
        return responses

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answers = {"busy": "451 4.3.0 Try again later", "refusing": "550 5.1.1 No such person"}
        if self.mood in answers:
            return answers[self.mood]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.mood == "hanging":
            await asyncio.sleep(60)
        answer = await super().handle_DATA(server, session, envelope)
        if self.mood == "dying":
            _hang_up(server)
        return answer


def _hang_up(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.WriteTransport)
    server.transport.abort()
