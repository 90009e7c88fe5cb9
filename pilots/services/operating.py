"""Who acts when somebody with the keys to the machine runs a command."""

from __future__ import annotations

from pilots.models import User

ADDRESS = "command.line@localhost"


def operator() -> User:
    """Return the account that the history names for acts on the command line.

    It has no password, so nobody signs in with it. It may do everything because its user could
    change the database by hand as well.
    """
    known = User.objects.filter(email=ADDRESS).first()
    return known or User.objects.create_user(ADDRESS, name="Command line", is_superuser=True)
