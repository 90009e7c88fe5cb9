"""Signing in and out, and how the pages like to look."""

from __future__ import annotations

import pytest
from django.test import Client

from pilots.models import User
from tests.builders import a_person

pytestmark = [pytest.mark.django_db, pytest.mark.database]

PASSWORD = "correct horse battery staple"


@pytest.fixture
def olive() -> User:
    return a_person("olive@example.org", name="Olive Owner", password=PASSWORD)


def test_an_address_and_a_password_open_the_portfolio(client: Client, olive: User) -> None:
    answer = client.post("/sign-in/", {"username": "Olive@example.org ", "password": PASSWORD}, follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert "Olive Owner" in answer.text


def test_a_wrong_password_is_said_in_words_and_keeps_the_address(client: Client, olive: User) -> None:
    answer = client.post("/sign-in/", {"username": "olive@example.org", "password": "wrong"})
    assert "No account has this address and password" in answer.text
    assert 'value="olive@example.org"' in answer.text


def test_too_many_wrong_passwords_lock_the_door_for_a_while(client: Client, olive: User) -> None:
    for _ in range(10):
        answer = client.post("/sign-in/", {"username": "olive@example.org", "password": "wrong"})
    assert answer.status_code == 429
    assert "Too many attempts" in answer.text
    right = client.post("/sign-in/", {"username": "olive@example.org", "password": PASSWORD})
    assert right.status_code == 429


def test_signing_out_needs_a_click_and_ends_the_session(client: Client, olive: User) -> None:
    client.force_login(olive)
    assert client.get("/sign-out/").status_code == 405
    client.post("/sign-out/")
    assert client.get("/")["Location"] == "/sign-in/?next=/"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_appearance_is_kept_in_a_cookie_and_marks_the_page(client: Client, theme: str) -> None:
    answer = client.post("/appearance/", {"theme": theme, "next": "/sign-in/?next=/"})
    assert answer["Location"] == "/sign-in/?next=/"
    assert f'data-theme="{theme}"' in client.get("/sign-in/").text


def test_following_the_system_leaves_the_page_unmarked(client: Client) -> None:
    client.post("/appearance/", {"theme": "dark"})
    client.post("/appearance/", {"theme": "system"})
    assert "data-theme" not in client.get("/sign-in/").text


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_saving_the_appearance_never_leads_off_this_site(client: Client, elsewhere: str) -> None:
    assert client.post("/appearance/", {"theme": "dark", "next": elsewhere})["Location"] == "/"


def test_the_product_says_that_it_is_alive(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
