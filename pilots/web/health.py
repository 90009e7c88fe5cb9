"""Whether the product is alive, and whether its engine does its work."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pilots.services.inspecting import inspect_engine


@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """Answer "ok" when the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def deep(request: HttpRequest) -> HttpResponse:
    """Answer 200 while nothing is forgotten, stuck or silent, else 503. Only staff see examples."""
    findings = inspect_engine(now=timezone.now())
    said: dict[str, object] = {"ok": findings.is_clear, "checks": findings.counts}
    if request.user.is_authenticated and request.user.is_staff:
        said["examples"] = findings.examples
    return JsonResponse(said, status=200 if findings.is_clear else 503)
