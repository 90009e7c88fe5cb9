"""A signed-in person at a real web server, who sends forms and minds how long the answer takes."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from tests.processes import Product

SECRET = "c" * 32
SIGN_IN = """
    from django.test import Client
    from pilots.models import User
    client = Client()
    client.force_login(User.objects.get(email={email!r}))
    print(client.cookies["sessionid"].value)
"""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Visitor:
    port: int
    session: str

    @classmethod
    def signed_in(cls, product: Product, port: int, *, email: str) -> Self:
        return cls(port, product.tell(SIGN_IN.format(email=email)).strip())

    def send(self, path: str, **fields: object) -> Answer:
        """Send a form and read the answer to its end."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"sessionid={self.session}; csrftoken={SECRET}",
            "X-CSRFToken": SECRET,
        }
        began = time.monotonic()
        connection.request("POST", path, urlencode(fields), headers)
        response = connection.getresponse()
        response.read()
        connection.close()
        return Answer(response.status, time.monotonic() - began)
