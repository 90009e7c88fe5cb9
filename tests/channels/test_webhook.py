"""Webhooks and chat rooms over real HTTP: what is sent, what is signed, and where nothing is ever sent."""

from __future__ import annotations

import base64
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any

import pytest
from pytest_django import Settings

from pilots import channels
from pilots.channels import outgoing
from pilots.channels.addresses import may_connect
from pilots.models import Destination, Notification, Receipt, User
from pilots.permissions import NotAllowed
from pilots.services.connecting import make_secret
from tests.builders import NOON
from tests.conftest import free_port

pytestmark = [pytest.mark.django_db, pytest.mark.database]
State = Notification.State
SECRET = f"whsec_{base64.b64encode(b'a secret of thirty-two bytes ...').decode()}"


class Receiver(ThreadingHTTPServer):
    """A place outside that answers as it is told and keeps what it got."""

    status = 200
    answer = b"ok"
    waits = 0.0
    location = ""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers.items()), body))
        time.sleep(self.server.waits)
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.OUTGOING_ALLOWED = ["127.0.0.0/8"]
    with Receiver() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def a_place(receiver: Receiver | None = None, *, channel: str = "webhook", **fields: Any) -> Destination:
    url = f"http://127.0.0.1:{receiver.port}/hook?team=1" if receiver else "http://127.0.0.1/"
    values = {"name": "ops", "channel": channel, "url": url, "secret": SECRET}
    return Destination.objects.create(**(values | fields))


def send(channel: str = "webhook", **fields: Any) -> Receipt:
    values: dict[str, Any] = {
        "channel": channel,
        "recipient": "to:ops",
        "subject": "Stop: cases take 14% longer (tiers)",
        "text": "Stop · SEV2",
        "message_id": "<abc123@example.org>",
        "facts": {
            "severity": "SEV2",
            "event": "opened",
            "sentence": "22.8 h, where it was 20 h.",
            "request": "Decide.",
            "url": "http://127.0.0.1:8000/pilots/tiers/",
        },
        "created_at": NOON,
        "next_try_at": NOON,
    }
    return channels.send(Notification(**(values | fields)))


def test_a_webhook_gets_the_facts_signed_with_its_secret(receiver: Receiver) -> None:
    a_place(receiver)
    assert send() == Receipt(State.SENT, "200 ok")
    [(headers, body)] = receiver.got
    content = json.loads(body)
    assert (content["severity"], content["event"], content["id"]) == (
        "SEV2",
        "opened",
        "<abc123@example.org>",
    )
    assert headers["Idempotency-Key"] == "<abc123@example.org>"
    assert headers["Webhook-Id"] == "abc123"
    signed = f"abc123.{headers['Webhook-Timestamp']}.".encode() + body
    expected = hmac.new(b"a secret of thirty-two bytes ...", signed, sha256).digest()
    assert headers["Webhook-Signature"] == f"v1,{base64.b64encode(expected).decode()}"
    assert abs(int(headers["Webhook-Timestamp"]) - time.time()) < 60


def test_the_same_message_is_the_same_bytes_when_it_is_sent_again(receiver: Receiver) -> None:
    a_place(receiver)
    for _ in range(2):
        send()
    [(_, first), (_, again)] = receiver.got
    assert first == again


def test_a_chat_room_gets_a_few_lines_that_page_nobody(receiver: Receiver) -> None:
    a_place(receiver, channel="chat")
    assert send("chat", subject="Stop: <!channel> waits (tiers)").state == State.SENT
    [(headers, body)] = receiver.got
    assert json.loads(body)["text"] == (
        "Stop: &lt;!channel&gt; waits (tiers)\n"
        "22.8 h, where it was 20 h. Decide.\n"
        "http://127.0.0.1:8000/pilots/tiers/"
    )
    assert headers["Idempotency-Key"] == "<abc123@example.org>"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (204, State.SENT),
        (302, State.DEAD),
        (404, State.DEAD),
        (410, State.DEAD),
        (408, State.PENDING),
        (429, State.PENDING),
        (500, State.PENDING),
        (503, State.PENDING),
    ],
)
def test_an_answer_is_final_or_not_by_its_status(receiver: Receiver, status: int, state: State) -> None:
    a_place(receiver)
    receiver.status = status
    assert send().state == state


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    a_place(receiver)
    receiver.status, receiver.location = 307, f"http://127.0.0.1:{receiver.port}/inside"
    receipt = send()
    assert (receipt.state, receipt.answer) == (
        State.DEAD,
        "307: it points elsewhere, and that is not followed.",
    )
    assert len(receiver.got) == 1


def test_an_endless_answer_is_cut_off(receiver: Receiver) -> None:
    a_place(receiver)
    receiver.answer = b"x" * (outgoing.MOST_BYTES * 4)
    receipt = send()
    assert receipt.state == State.SENT
    assert len(receipt.answer) < 300


def test_a_place_that_does_not_answer_in_time_leaves_doubt(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "SECONDS", 0.3)
    receiver.waits = 1.0
    a_place(receiver)
    assert send() == Receipt(State.IN_DOUBT, "No answer within 0.3 s.")


def test_a_place_that_drips_its_answer_is_cut_off_in_time(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OUTGOING_ALLOWED = ["127.0.0.1"]
    monkeypatch.setattr(outgoing, "SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as dripping:
        threading.Thread(target=drip, args=(dripping,), daemon=True).start()
        a_place(url=f"http://127.0.0.1:{dripping.getsockname()[1]}/")
        began = time.monotonic()
        assert send().state == State.IN_DOUBT
        assert time.monotonic() - began < 2


def drip(server: socket.socket, before: bytes = b"") -> None:
    """Answer one byte at a time, each in good time, without ever coming to an end."""
    caller, _ = server.accept()
    with caller, suppress(OSError):
        caller.sendall(before)
        for _ in range(100):
            caller.sendall(b"H")
            time.sleep(0.1)


def test_a_place_that_drips_what_it_says_after_a_good_status_is_cut_off_too(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OUTGOING_ALLOWED = ["127.0.0.1"]
    monkeypatch.setattr(outgoing, "SECONDS", 0.5)
    status = b"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as dripping:
        threading.Thread(target=drip, args=(dripping, status), daemon=True).start()
        a_place(url=f"http://127.0.0.1:{dripping.getsockname()[1]}/")
        began = time.monotonic()
        send()
        assert time.monotonic() - began < 2


def test_a_place_that_drags_out_its_handshake_is_cut_off_and_got_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OUTGOING_ALLOWED = ["127.0.0.1"]
    monkeypatch.setattr(outgoing, "SECONDS", 0.5)
    # A TLS record of 16 KiB, announced and then sent a byte at a time.
    with socket.create_server(("127.0.0.1", 0)) as dripping:
        threading.Thread(target=drip, args=(dripping, b"\x16\x03\x03\x40\x00"), daemon=True).start()
        a_place(url=f"https://127.0.0.1:{dripping.getsockname()[1]}/")
        began = time.monotonic()
        assert send() == Receipt(State.PENDING, "No answer within 0.5 s.")
        assert time.monotonic() - began < 2


def test_a_name_with_many_deaf_addresses_has_no_more_time_than_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OUTGOING_ALLOWED = ["127.0.0.0/8"]
    monkeypatch.setattr(outgoing, "SECONDS", 0.5)
    with deaf_port() as port:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{n}", port)) for n in range(1, 9)]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        monkeypatch.setattr(socket, "create_connection", connect_by_number)
        a_place(url=f"http://many.example:{port}/")
        began = time.monotonic()
        assert send() == Receipt(State.PENDING, "No answer within 0.5 s.")
        assert time.monotonic() - began < 2


@contextmanager
def deaf_port() -> Iterator[int]:
    """Yield a port that takes no more callers: those that fill its queue are never let in."""
    with ExitStack() as held, socket.create_server(("0.0.0.0", 0), backlog=0) as deaf:  # noqa: S104
        port = int(deaf.getsockname()[1])
        for _ in range(4):
            caller = held.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(("127.0.0.1", port))
        yield port


def test_a_name_that_nobody_looks_up_in_time_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "SECONDS", 0.3)
    silent = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: silent.wait(3))
    a_place(url="http://slow.example/")
    began = time.monotonic()
    assert send() == Receipt(State.PENDING, "slow.example was not found within 0.3 s.")
    assert time.monotonic() - began < 2
    silent.set()


def test_a_place_that_is_not_there_is_tried_again(settings: Settings) -> None:
    settings.OUTGOING_ALLOWED = ["127.0.0.1"]
    a_place(url=f"http://127.0.0.1:{free_port()}/")
    assert send().state == State.PENDING


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "ff02::1",
        "fec0::1",
        "::127.0.0.1",
        "::10.0.0.1",
    ],
)
def test_an_address_inside_is_never_connected_to(address: str, settings: Settings) -> None:
    settings.OUTGOING_ALLOWED = []
    assert not may_connect(ip_address(address))


def test_an_address_inside_can_be_named(settings: Settings) -> None:
    settings.OUTGOING_ALLOWED = ["::1", "10.0.0.0/8"]
    assert all(may_connect(ip_address(address)) for address in ("::1", "10.0.0.1", "::ffff:10.0.0.1"))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"])
def test_an_address_on_the_open_internet_may_be_connected_to(address: str) -> None:
    assert may_connect(ip_address(address))


def test_a_name_that_stands_for_an_address_inside_is_refused_before_anything_is_sent(
    receiver: Receiver, settings: Settings
) -> None:
    settings.OUTGOING_ALLOWED = []
    a_place(receiver, url=f"http://localhost:{receiver.port}/")
    receipt = send()
    assert receipt.state == State.DEAD
    assert receipt.answer.startswith("localhost is at ")
    assert receiver.got == []


def test_a_name_that_changes_after_it_was_checked_reaches_only_what_was_checked(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([("127.0.0.1", receiver.port)])
    found = socket.AF_INET, socket.SOCK_STREAM, 6, ""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(*found, next(answers))])
    place = f"http://rebinding.example:{receiver.port}/"
    a_place(url=place)
    # A second look at the name would find nothing, and fail.
    monkeypatch.setattr(socket, "create_connection", connect_by_number)
    assert send().state == State.SENT


def connect_by_number(address: tuple[str, int], timeout: float) -> socket.socket:
    """Connect without looking any name up."""
    ip_address(address[0])
    with ExitStack() as closing:
        made = closing.enter_context(socket.socket())
        made.settimeout(timeout)
        made.connect(address)
        closing.pop_all()
    return made


@pytest.mark.parametrize(
    "url", ["ftp://example.org/", "file:///etc/passwd", "https://user:secret@example.org/", "https:///x"]
)
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    a_place(url=url)
    receipt = send()
    assert (receipt.state, receipt.answer) == (
        State.DEAD,
        "The address must be http:// or https:// with a host and no login.",
    )


def test_a_destination_that_is_gone_says_so() -> None:
    a_place(active=False)
    assert send() == Receipt(State.DEAD, "There is no active destination called ops.")


def test_a_webhook_without_a_secret_is_not_sent_unsigned(receiver: Receiver) -> None:
    a_place(receiver, secret="")
    receipt = send()
    assert (receipt.state, receiver.got) == (State.DEAD, [])


def test_a_secret_is_made_for_who_runs_the_product_only(reviewer: User, stranger: User) -> None:
    place = a_place(secret="")
    secret = make_secret(destination_id=place.pk, by=reviewer)
    place.refresh_from_db()
    assert place.secret == secret
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    with pytest.raises(NotAllowed):
        make_secret(destination_id=place.pk, by=stranger)
