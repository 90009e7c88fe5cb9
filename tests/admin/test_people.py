from __future__ import annotations

from django.test import Client

from pilots.models import ApiToken, Pilot, User
from tests.admin.forms import send
from tests.admin.test_site import address
from tests.builders import a_person


def test_a_person_is_added_by_address(client: Client, db: None) -> None:
    client.force_login(User.objects.create_superuser("root@example.org"))
    secret = "bright-kettle-41"
    new = {"email": "new@example.org", "name": "Nia New", "usable_password": "true"}
    answer = send(client, address(User, "add"), **new, password1=secret, password2=secret)
    assert answer.status_code == 302
    assert User.objects.get(email="new@example.org").check_password(secret)


def test_nobody_without_all_rights_gives_rights(reviewing: Client, reviewer: User) -> None:
    from django.contrib.auth.models import Permission

    reviewer.user_permissions.add(Permission.objects.get(codename="change_user"))
    person = a_person("somebody@example.org")
    page = address(User, "change", person.pk)
    assert send(reviewing, page, name="Some Body", is_superuser="on", is_staff="on").status_code == 302
    person.refresh_from_db()
    assert (person.name, person.is_superuser, person.is_staff) == ("Some Body", False, False)


def test_a_token_is_revoked_and_its_row_says_by_whom(everything: Pilot, client: Client) -> None:
    root = User.objects.create_superuser("root@example.org")
    client.force_login(root)
    token = ApiToken.objects.get()
    client.post(address(ApiToken, "changelist"), {"action": "revoke", "_selected_action": [token.pk]})
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert token.history.first().history_user == root
