"""Checks of the settings that Django's own don't make."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_network
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "afs"}


def file_system_of(path: str) -> str:
    """Return the type of the file system that holds `path`, or "" where the system doesn't say."""
    try:
        with open("/proc/mounts", encoding="utf-8") as mounts:
            rows = [line.split()[1:3] for line in mounts]
    except OSError:
        return ""
    holding = [row for row in rows if path == row[0] or path.startswith(row[0].rstrip("/") + "/")]
    return max(holding, key=lambda row: len(row[0]))[1] if holding else ""


@register
def sqlite_is_on_a_local_disk(**_: Any) -> Sequence[CheckMessage]:
    database = settings.DATABASES["default"]
    if not str(database["ENGINE"]).endswith("sqlite3"):
        return []
    kind = file_system_of(str(database["NAME"]))
    if kind not in NETWORK_FILE_SYSTEMS:
        return []
    return [
        Error(
            f"The SQLite file stands on a network file system ({kind}), where its locks don't hold.",
            hint="Set TRACKER_HOME to a local disk, or DATABASE_URL to PostgreSQL.",
            id="pilots.E001",
        )
    ]


@register
def allowed_networks_can_be_read(**_: Any) -> Sequence[CheckMessage]:
    return [
        Error(
            f"OUTGOING_ALLOWED holds {entry!r}, which is no network.",
            hint="Give networks or addresses with commas between them, such as 10.20.0.0/16,192.0.2.7.",
            id="pilots.E002",
        )
        for entry in settings.OUTGOING_ALLOWED
        if not _is_network(entry)
    ]


def _is_network(entry: str) -> bool:
    try:
        ip_network(entry, strict=False)
    except ValueError:
        return False
    return True
