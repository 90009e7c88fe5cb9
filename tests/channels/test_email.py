"""Mail through a real SMTP server, and as files."""

from __future__ import annotations

import asyncio
import email
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
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
        self.at_recipient = "250 OK"
        self.at_end = "250 kept as 7"
        self.hang_up_at = ""

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


def test_a_server_that_is_not_there_is_tried_again(server: Server, settings: Settings) -> None:
    settings.EMAIL_PORT = free_port()
    receipt = channels.send(a_mail())
    assert receipt.state == State.PENDING
    assert receipt.answer.startswith("Could not connect: ")


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
