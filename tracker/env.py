"""Typed readers of the environment, with defaults that need no server."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
_env = environ.Env()


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value not in {"1", "true", "yes", "on", "0", "false", "no", "off"}:
        raise ImproperlyConfigured(f"{name} is {value!r}; say on or off.")
    return value in {"1", "true", "yes", "on"}


def words(name: str, default: str) -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def home() -> Path:
    """Return the folder of everything the product keeps on disk (`TRACKER_HOME`), made on first use."""
    folder = Path(text("TRACKER_HOME", str(BASE_DIR / "var"))).expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def database() -> dict[str, object]:
    """Return the database: `DATABASE_URL`, or SQLite in the home folder."""
    url = text("DATABASE_URL") or f"sqlite:///{home() / 'tracker.sqlite3'}"
    parsed: dict[str, object] = dict(_env.db_url_config(url))
    if parsed["ENGINE"] == "django.db.backends.sqlite3":
        return {**parsed, **SQLITE}
    return {**parsed, **POSTGRES}


SQLITE: dict[str, object] = {
    "ATOMIC_REQUESTS": False,
    # One writer at a time: IMMEDIATE takes its turn at the start, where a wait is possible.
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    },
}
POSTGRES: dict[str, object] = {
    "ATOMIC_REQUESTS": False,
    "CONN_MAX_AGE": 60,
    "CONN_HEALTH_CHECKS": True,
    "OPTIONS": {
        "options": "-c lock_timeout=2s -c statement_timeout=10s -c idle_in_transaction_session_timeout=15s"
    },
}


def email() -> dict[str, object]:
    """Return the mail settings: `EMAIL_URL` (smtp://, smtp+tls://, smtp+ssl://), or files at home."""
    url = text("EMAIL_URL")
    if not url:
        return {
            "EMAIL_BACKEND": "pilots.channels.mail_files.EmailBackend",
            "EMAIL_FILE_PATH": str(home() / "mail"),
        }
    read: dict[str, object] = dict(_env.email_url_config(url))
    if str(read.get("EMAIL_BACKEND", "")).endswith("smtp.EmailBackend"):
        read["EMAIL_BACKEND"] = "pilots.channels.smtp.EmailBackend"
    return read


def secret_key() -> str:
    """Return `SECRET_KEY`; without a server in use, one made once and kept in the home folder."""
    if given := text("SECRET_KEY"):
        return given
    if text("DATABASE_URL").startswith(("postgres", "psql")) or text("REDIS_URL"):
        raise ImproperlyConfigured("SECRET_KEY must be set where DATABASE_URL or REDIS_URL names a server.")
    kept = home() / "secret_key"
    try:
        with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return kept.read_text()


def web_address(name: str) -> str:
    """Return an http or https address, or nothing where it is not set."""
    address = text(name)
    if address and not (urlsplit(address).scheme in {"http", "https"} and urlsplit(address).hostname):
        raise ImproperlyConfigured(f"{name} must be an address that begins with https:// or http://.")
    return address


def periods() -> dict[str, float]:
    """Return how often each of the engine's rounds comes, in seconds."""
    return {
        "evaluate": seconds("EVALUATE_EVERY", 60.0),
        "advance": seconds("ADVANCE_EVERY", 60.0),
        "deliver": seconds("DELIVER_EVERY", 15.0),
        "watch": seconds("WATCH_EVERY", 300.0),
        "imports": seconds("IMPORT_EVERY", 10.0),
        "inspection": seconds("INSPECT_EVERY", 300.0),
    }


def seconds(name: str, default: float) -> float:
    """Return a period in seconds; it must be more than zero."""
    value = text(name) or str(default)
    try:
        period = float(value)
    except ValueError:
        period = 0.0
    if not period > 0:
        raise ImproperlyConfigured(f"{name} is {value!r}; give a number of seconds above 0.")
    return period
