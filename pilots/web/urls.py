"""The pages' addresses."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import include, path

from pilots.web import (
    acknowledge_link,
    alert_answering,
    alerts,
    decisions,
    frame,
    health,
    metrics,
    outbox,
    pilots,
    portfolio,
    preferences,
    reviews,
    sign_in,
    timeline,
)

urlpatterns = [
    path("", portfolio.portfolio, name="portfolio"),
    # before the read pages: "new" is a page, not the ref of a decision
    path("", include("pilots.web.editing_urls")),
    path("decisions/", decisions.decisions, name="decisions"),
    path("decisions/<slug:ref>/", decisions.decision, name="decision"),
    path("pilots/<slug:ref>/", pilots.pilot, name="pilot"),
    path("pilots/<slug:ref>/timeline/", timeline.timeline, name="pilot-timeline"),
    path("pilots/<slug:ref>/metrics/<slug:metric>.csv", metrics.metric_csv, name="metric-csv"),
    path("pilots/<slug:ref>/metrics/<slug:metric>.svg", metrics.metric_svg, name="metric-svg"),
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/raise/", alerts.raise_one, name="alert-raise"),
    path("alerts/<int:pk>/", alerts.alert, name="alert"),
    path("alerts/<int:pk>/<slug:act>/", alert_answering.act, name="alert-act"),
    path("acknowledge/<str:token>/", acknowledge_link.link, name="acknowledge"),
    path("reviews/", reviews.reviews, name="reviews"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<int:pk>/send-again/", outbox.send_again, name="resend"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("sign-in/", sign_in.SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("appearance/", frame.appearance, name="appearance"),
    path("healthz", health.alive, name="healthz"),
    path("healthz/deep", health.deep, name="healthz-deep"),
]
