"""Mail as files: one readable .eml per mail, named by time, recipient and subject."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.text import slugify

from pilots.channels.errors import DeliveryFailed


class EmailBackend(BaseEmailBackend):
    """Writes each mail into `EMAIL_FILE_PATH`; `answer` is the file's name."""

    answer = ""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)  # type: ignore[misc]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for message in email_messages:
                self.answer = _write(message, folder)
        except OSError as error:
            raise DeliveryFailed(f"The file could not be written: {error}") from error
        return len(email_messages)


def _write(message: EmailMessage, folder: Path) -> str:
    """Write one mail whole or not at all; the same mail again takes the same name."""
    sent = message.message()
    recipient = re.sub(r"[^\w.@+-]", "_", message.to[0])[:80]
    mark = slugify(sent.get("Message-ID", ""))[:8]
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{recipient}-{slugify(message.subject)[:60]}-{mark}.eml"
    draft = folder / f".{name}.part"
    draft.write_bytes(sent.as_bytes())
    os.replace(draft, folder / name)
    return name
