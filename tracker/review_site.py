"""The admin site: our name on it, and the models grouped by what people come for."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

SECTIONS = {
    "Decisions": ("Decision", "Option", "Risk", "NextStep", "Framework"),
    "Pilots": ("Pilot", "Stage", "Review", "PilotMove"),
    "Limits": ("Condition",),
    "Measures": (
        "Metric",
        "Baseline",
        "Driver",
        "Observation",
        "ReadingRevision",
        "AccountShare",
        "ImportJob",
    ),
    "Written by the engine": (
        "Evaluation",
        "PilotState",
        "ConditionState",
        "DriverState",
        "Pulse",
        "ChannelState",
    ),
    "Alerts and mail": ("Alert", "AlertEvent", "Continuance", "Notification"),
    "Who is told": ("EscalationPolicy", "EscalationStep", "Destination", "Preference"),
    "Customers": ("ImpactAssessment", "CustomerFeedback", "CustomerNotice"),
    "People": ("User", "Membership", "ApiToken"),
}


class ReviewSite(AdminSite):
    site_header = settings.PRODUCT_NAME
    site_title = settings.PRODUCT_NAME
    index_title = "Review and history"

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Send people to the one sign-in page; who is signed in without being staff is told so."""
        index = reverse("admin:index")
        if self.has_permission(request):
            return redirect(index)
        if not request.user.is_authenticated:
            return redirect(f"{reverse('sign-in')}?{urlencode({'next': request.GET.get('next') or index})}")
        messages.error(request, f"Those pages are for reviewers, and you are signed in as {request.user}.")
        return redirect("portfolio")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return our models in SECTIONS, in their order; other apps follow as they are."""
        apps = super().get_app_list(request, app_label)
        ours = [app for app in apps if app["app_label"] == "pilots"]
        others = [app for app in apps if app["app_label"] != "pilots"]
        return [section for app in ours for section in in_sections(app)] + others


class ReviewAdminConfig(AdminConfig):
    default_site = "tracker.review_site.ReviewSite"


def in_sections(app: dict[str, Any]) -> list[dict[str, Any]]:
    models = {model["object_name"]: model for model in app["models"]}
    sections = {name: [models[m] for m in names if m in models] for name, names in SECTIONS.items()}
    return [{**app, "name": name, "models": listed} for name, listed in sections.items() if listed]
