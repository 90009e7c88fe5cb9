"""What every page shows around its content."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, object]:
    return {"product_name": settings.PRODUCT_NAME}
