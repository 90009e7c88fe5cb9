"""The addresses of the pages people edit on."""

from __future__ import annotations

from django.urls import path

from pilots.web import (
    baseline_editing,
    decision_editing,
    escalation_editing,
    one_pager_upload,
    pilot_editing,
    pilot_moving,
    readings_entry,
    readings_import,
    reviewing,
    setup_rows,
)

DECISION, PILOT = "decisions/<slug:ref>/", "pilots/<slug:ref>/"
STEP = f"{PILOT}set-up/<slug:step>/"

urlpatterns = [
    path("decisions/new/", decision_editing.new, name="decision-new"),
    path("decisions/new/from-text/", one_pager_upload.upload, name="decision-from-text"),
    path(f"{DECISION}edit/", decision_editing.change, name="decision-edit"),
    path(f"{DECISION}move/<slug:move>/", decision_editing.move, name="decision-move"),
    path(f"{DECISION}risks/new/", decision_editing.risk, name="risk-new"),
    path(f"{DECISION}risks/<int:pk>/", decision_editing.risk, name="risk-edit"),
    path(f"{DECISION}pilots/new/", pilot_editing.new, name="pilot-new"),
    path(f"{PILOT}set-up/", pilot_editing.begin, name="pilot-edit"),
    path(f"{PILOT}set-up/baselines/<int:pk>/", baseline_editing.window, name="baseline-window"),
    path(f"{PILOT}set-up/baselines/<int:pk>/final/", baseline_editing.finalise, name="baseline-final"),
    path(f"{PILOT}set-up/drivers/<int:pk>/value/", setup_rows.driver_value, name="driver-value"),
    path(f"{PILOT}drivers/<int:pk>/answer/", reviewing.answer, name="driver-answer"),
    path(f"{PILOT}set-up/escalation/new/", escalation_editing.policy, name="escalation-policy-new"),
    path(f"{PILOT}set-up/escalation/<int:pk>/", escalation_editing.policy, name="escalation-policy"),
    path(STEP, pilot_editing.step, name="pilot-setup"),
    path(f"{STEP}new/", setup_rows.row, name="setup-row-new"),
    path(f"{STEP}<int:pk>/", setup_rows.row, name="setup-row"),
    path(f"{STEP}<int:pk>/remove/", setup_rows.remove, name="setup-row-remove"),
    path(f"{PILOT}move/<slug:move>/", pilot_moving.move, name="pilot-move"),
    path(f"{PILOT}readings/", readings_entry.overview, name="readings"),
    path(f"{PILOT}readings/one/", readings_entry.one, name="reading-new"),
    path(f"{PILOT}readings/import/", readings_import.new, name="readings-new"),
    path(f"{PILOT}readings/import/<int:pk>/", readings_import.job, name="readings-job"),
    path(f"{PILOT}readings/<slug:metric>/<str:day>/", readings_entry.day, name="readings-day"),
]
