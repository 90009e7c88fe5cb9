"""Mail through a real SMTP server, and as files."""

from __future__ import annotations

import asyncio
import email
import smtplib
import time
from collections.abc import Callable, Iterator
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NoReturn

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from pytest_django import Settings

from pilots import channels
from pilots.models import Notification
from tests.builders import NOON
from tests.conftest import free_port

State = Notification.State
CHART = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><text x="2" y="12">9 h</text></svg>'


class Server:
    """An SMTP server that does as it is told at each step, and keeps what it took."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.at_hello = "250 HELP"
        self.at_recipient = "250 OK"
        self.at_end = "250 kept as 7"
        self.hang_up_at = ""
        self.at_sender = "250 OK"
        self.connections = 0
        self.hang_up_after = 0  # mails; 0: never

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses if self.at_hello.startswith("250") else [self.at_hello]

    async def handle_HELO(self, server: SMTP, session: Session, envelope: Envelope, hostname: str) -> str:
        return self.at_hello

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.at_sender.startswith("250"):
            envelope.mail_from = address
        return self.at_sender

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.hang_up_at == "recipient":
            self._hang_up(server)
        if self.at_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.at_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        if self.at_end.startswith("250"):
            self.taken.append(email.message_from_bytes(content, policy=policy.default))
        if self.hang_up_at == "end":
            self._hang_up(server)
        if self.hang_up_after and len(self.taken) % self.hang_up_after == 0:
            assert isinstance(server.transport, asyncio.WriteTransport)
            asyncio.get_running_loop().call_later(0.02, server.transport.abort)
        return self.at_end

    def _hang_up(self, server: SMTP) -> None:
        assert isinstance(server.transport, asyncio.WriteTransport)
        server.transport.abort()


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    server = Server()
    controller = Controller(server, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "pilots.channels.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    yield server
    controller.stop()


def a_mail(**fields: object) -> Notification:
    values: dict[str, object] = {
        "recipient": "owner@example.org",
        "subject": "Stop: cases take 14% longer − now",
        "text": "Decide: continue, pause or stop.",
        "html": "<p>Decide</p>",
        "message_id": "<abc@example.org>",
        "created_at": NOON,
        "next_try_at": NOON,
    }
    return Notification(**(values | fields))


def test_a_mail_arrives_whole_with_its_headers(server: Server) -> None:
    receipt = channels.send(a_mail(in_reply_to="<first@example.org>"))
    assert receipt.state == State.SENT
    assert receipt.answer == "250 kept as 7"
    [mail] = server.taken
    assert mail["To"] == "owner@example.org"
    assert mail["Subject"] == "Stop: cases take 14% longer − now"
    assert mail["Message-ID"] == "<abc@example.org>"
    assert mail["In-Reply-To"] == mail["References"] == "<first@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().strip() == "Decide: continue, pause or stop."


def test_the_chart_travels_inside_as_a_picture(server: Server) -> None:
    channels.send(a_mail(chart_svg=CHART))
    [picture] = [part for part in server.taken[0].walk() if part.get_content_type() == "image/png"]
    assert picture["Content-ID"] == "<chart>"
    assert picture.get_content().startswith(b"\x89PNG")


def test_letters_are_really_drawn_in_the_chart(server: Server) -> None:
    for svg in (CHART, CHART.replace("9 h", "")):
        channels.send(a_mail(chart_svg=svg))
    drawn, empty = (
        next(p.get_content() for p in mail.walk() if p.get_content_type() == "image/png")
        for mail in server.taken
    )
    assert len(drawn) > len(empty)


def test_a_chart_that_can_not_be_drawn_does_not_hold_the_mail_back(server: Server) -> None:
    assert channels.send(a_mail(chart_svg="<svg")).state == State.SENT
    assert len(server.taken) == 1


@pytest.mark.parametrize(
    ("step", "answer", "state"),
    [
        ("at_recipient", "550 no such user", State.DEAD),
        ("at_recipient", "450 try later", State.PENDING),
        ("at_end", "554 not this text", State.DEAD),
        ("at_end", "451 disk full", State.PENDING),
    ],
)
def test_a_refusal_is_final_or_not_by_its_code(server: Server, step: str, answer: str, state: State) -> None:
    setattr(server, step, answer)
    receipt = channels.send(a_mail())
    assert (receipt.state, receipt.answer) == (state, answer)


def test_a_server_that_hangs_up_before_the_mail_surely_did_not_take_it(server: Server) -> None:
    server.hang_up_at = "recipient"
    assert channels.send(a_mail()).state == State.PENDING


def test_a_server_that_hangs_up_after_the_last_dot_leaves_doubt(server: Server) -> None:
    server.hang_up_at = "end"
    assert channels.send(a_mail()).state == State.IN_DOUBT


def test_one_connection_carries_all_mails_of_a_round(server: Server) -> None:
    with channels.connected() as send:
        states = [send(a_mail(message_id=f"<{number}@example.org>")).state for number in range(5)]
    assert states == [State.SENT] * 5
    assert (len(server.taken), server.connections) == (5, 1)


def test_a_refused_mail_does_not_hold_up_the_next_on_the_same_connection(server: Server) -> None:
    with channels.connected() as send:
        send(a_mail())
        server.at_recipient = "550 no such user"
        assert send(a_mail()).state == State.DEAD
        server.at_recipient = "250 OK"
        assert send(a_mail()).state == State.SENT
    assert server.connections == 1


def test_a_server_that_hangs_up_between_two_mails_gets_the_next_on_a_new_connection(server: Server) -> None:
    server.hang_up_after = 1
    with channels.connected() as send:
        assert send(a_mail()).state == State.SENT
        time.sleep(0.2)  # the hanging up arrives
        assert send(a_mail()).state == State.SENT
    assert (len(server.taken), server.connections) == (2, 2)


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("at_sender", "530 5.7.0 Authentication required"),
        ("at_sender", "550 we don't know this sender"),
        ("at_sender", "421 closing for today"),
    ],
)
def test_a_refusal_that_meets_every_mail_closes_the_channel(server: Server, step: str, answer: str) -> None:
    setattr(server, step, answer)
    receipt = channels.send(a_mail())
    assert (receipt.state, receipt.answer, receipt.closes_channel) == (State.PENDING, answer, True)


@pytest.mark.parametrize("answer", ["550 5.7.1 we don't talk to you", "421 too many of you"])
def test_a_server_that_does_not_greet_back_closes_the_channel(server: Server, answer: str) -> None:
    server.at_hello = answer
    receipt = channels.send(a_mail())
    assert (receipt.state, receipt.closes_channel) == (State.PENDING, True)
    assert receipt.answer == f"Could not connect: {answer}"


@pytest.mark.parametrize("answer", ["421 4.7.0 try again later", "530 5.7.0 only for members"])
@pytest.mark.parametrize("step", ["at_recipient", "at_end"])
def test_what_is_said_of_one_recipient_or_text_holds_up_nobody_else(
    server: Server, step: str, answer: str
) -> None:
    setattr(server, step, answer)
    with channels.connected() as send:
        receipt = send(a_mail())
        assert (receipt.state, receipt.answer, receipt.closes_channel) == (State.PENDING, answer, False)
        setattr(server, step, "250 OK")
        assert send(a_mail()).state == State.SENT


def test_a_mail_that_is_too_large_is_a_matter_of_its_own(server: Server) -> None:
    server.at_sender = "552 too large"
    receipt = channels.send(a_mail())
    assert (receipt.state, receipt.closes_channel) == (State.DEAD, False)


def test_a_wrong_password_closes_the_channel(settings: Settings) -> None:
    def nobody(*_: object) -> AuthResult:
        return AuthResult(success=False, handled=False, message="535 5.7.8 wrong password")

    closed = Controller(
        Server(), hostname="127.0.0.1", port=free_port(), authenticator=nobody, auth_require_tls=False
    )
    closed.start()
    settings.EMAIL_BACKEND = "pilots.channels.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", closed.port
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "tracker", "old"
    receipt = channels.send(a_mail())
    closed.stop()
    assert (receipt.state, receipt.closes_channel) == (State.PENDING, True)
    assert "535" in receipt.answer


def test_a_server_without_tls_closes_the_channel_where_tls_is_asked_for(
    server: Server, settings: Settings
) -> None:
    settings.EMAIL_USE_TLS = True
    receipt = channels.send(a_mail())
    assert (receipt.state, receipt.closes_channel) == (State.PENDING, True)
    assert server.taken == []


def test_a_time_limit_that_strikes_after_the_last_dot_leaves_doubt(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def struck(*_: object) -> NoReturn:
        raise RuntimeError("time limit")

    monkeypatch.setattr(smtplib.SMTP, "getreply", lambda smtp: answered(smtp, struck))
    receipt = channels.send(a_mail())
    assert (receipt.state, receipt.answer) == (State.IN_DOUBT, "RuntimeError: time limit")


def answered(smtp: Any, instead: Callable[[], NoReturn], reply: Any = smtplib.SMTP.getreply) -> Any:
    """Read an answer of the server, or do something else once the mail's last dot has left."""
    return instead() if smtp.past_the_dot else reply(smtp)


def test_a_mail_that_may_be_switched_off_says_where(server: Server) -> None:
    channels.send(a_mail(may_stop=True))
    channels.send(a_mail())
    first, second = server.taken
    assert first["List-Unsubscribe"] == "<http://127.0.0.1:8000/preferences/>"
    assert second["List-Unsubscribe"] is None


def test_a_server_that_is_not_there_is_tried_again(server: Server, settings: Settings) -> None:
    settings.EMAIL_PORT = free_port()
    receipt = channels.send(a_mail())
    assert receipt.state == State.PENDING
    assert receipt.answer.startswith("Could not connect: ")
    assert receipt.closes_channel


@pytest.mark.parametrize("field", ["subject", "recipient", "message_id", "in_reply_to"])
@pytest.mark.parametrize("mark", ["\r", "\n", "\0"])
def test_a_line_break_in_a_header_is_refused_for_good(server: Server, field: str, mark: str) -> None:
    receipt = channels.send(a_mail(**{field: f"<a@example.org>{mark}Bcc: everybody@example.org"}))
    assert receipt.state == State.DEAD
    assert server.taken == []


def test_a_mistake_of_ours_is_no_reason_to_lose_a_mail(server: Server, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "pilots.channels.no_such.EmailBackend"
    assert channels.send(a_mail()).state == State.PENDING


def test_without_a_server_mails_are_files_with_readable_names(tmp_path: Path, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "pilots.channels.mail_files.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    receipt = channels.send(a_mail())
    [file] = (tmp_path / "mail").iterdir()
    assert file.name == receipt.answer
    assert "-owner@example.org-stop-cases-take-14-longer-now" in file.name
    mail = email.message_from_bytes(file.read_bytes(), policy=policy.default)
    assert mail["Message-ID"] == "<abc@example.org>"


def test_a_disk_that_can_not_be_written_is_tried_again(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "mail").write_text("a file stands where the folder should be")
    settings.EMAIL_BACKEND = "pilots.channels.mail_files.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    assert channels.send(a_mail()).state == State.PENDING
