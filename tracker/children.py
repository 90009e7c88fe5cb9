"""Child processes: watched, started again when they die, stopped together."""

from __future__ import annotations

import logging
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence

logger = logging.getLogger(__name__)
LOOK_EVERY = 0.2
LONGEST_WAIT = 30.0
STEADY_AFTER = 60.0
PATIENCE = 25.0


class Child:
    """One process of a command. A child that keeps dying is started ever more slowly, up to 30 s apart."""

    def __init__(self, name: str, command: Sequence[str], environ: Mapping[str, str]) -> None:
        self.name = name
        self._command = command
        self._environ = environ
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._start_at = 0.0
        self._wait = 0.5

    def keep_running(self, now: float) -> None:
        """Start the process if it is due; note when it has died. `now` counts monotonic seconds."""
        if self._process is None:
            if now >= self._start_at:
                self._start(now)
            return
        code = self._process.poll()
        if code is None:
            return
        steady = now - self._started_at > STEADY_AFTER
        self._wait = 1.0 if steady else min(self._wait * 2, LONGEST_WAIT)
        logger.warning("%s ended (%s); starting it again in %g s.", self.name, code, self._wait)
        self._process, self._start_at = None, now + self._wait

    def _start(self, now: float) -> None:
        self._process = subprocess.Popen(self._command, env=dict(self._environ))  # noqa: S603
        self._started_at = now

    def ask_to_stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()

    def see_off(self, deadline: float) -> None:
        """Wait for the end of a process that was asked to stop, and end it at the deadline."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def supervise(children: Sequence[Child], *, port: int, on_ready: Callable[[], object]) -> None:
    """Keep the children running until Ctrl-C, and say once when the port answers."""
    ready = False
    try:
        while True:
            for child in children:
                child.keep_running(time.monotonic())
            if not ready and _answers(port):
                ready = True
                on_ready()
            time.sleep(LOOK_EVERY)
    except KeyboardInterrupt:
        pass
    finally:
        stop(children)


def stop(children: Sequence[Child]) -> None:
    """Stop all of them together."""
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + PATIENCE
    for child in children:
        child.see_off(deadline)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0
