"""Tell a watcher outside that all is well: when it hears nothing for a while, it raises the alarm."""

from __future__ import annotations

import logging
from http.client import HTTPException
from urllib.request import Request, urlopen

from django.conf import settings

logger = logging.getLogger(__name__)
PATIENCE = 5  # seconds


def send_heartbeat() -> bool:
    """Call `HEARTBEAT_URL` once, where it is set. Return whether it answered; never raise."""
    url = settings.HEARTBEAT_URL
    if not url:
        return False
    try:
        with urlopen(Request(url, headers={"User-Agent": settings.PRODUCT_NAME}), timeout=PATIENCE):  # noqa: S310
            return True
    except (OSError, HTTPException, ValueError) as error:
        # The address itself is a key, so the log does not name it.
        logger.warning("The heartbeat could not be sent (%s).", error)
        return False
