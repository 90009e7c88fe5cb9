"""The occasion of a mail that no look caused: what was known of the pilot at its last one."""

from __future__ import annotations

from datetime import datetime

from pilots.evaluation.recollecting import result_of_json
from pilots.evaluation.specs import PilotSpec
from pilots.models import Alert, Evaluation, Observation, Pilot, PilotState
from pilots.services.charting import chart_of, drawn
from pilots.services.letters import Occasion

READ_BACK = ("verdict", "conditions", "metrics", "drivers", "next_look_at")


def occasion_of(alert: Alert, now: datetime) -> Occasion:
    return occasion_of_pilot(alert.pilot_id, now)


def occasion_of_pilot(pilot_id: int, now: datetime) -> Occasion:
    """Return what there is to tell of a pilot, from its newest stored answer."""
    pilot = Pilot.objects.with_rules().get(pk=pilot_id)
    state = PilotState.objects.select_related("evaluation").get(pilot=pilot)
    evaluation = state.evaluation
    if pilot.start is None or evaluation is None or not _is_whole(evaluation):
        return Occasion(_bare(pilot, now), None, now)
    result = result_of_json(pilot.ref, evaluation.result, as_of=evaluation.as_of)
    return Occasion(pilot.spec, result, now)


def chart_for(alert: Alert, occasion: Occasion) -> str:
    """Return the chart of an alert's rule with the readings known now, or nothing where it has none.

    The readings of its metric alone: the pilot is locked meanwhile.
    """
    rule, now = alert.condition, occasion.now
    if rule is None or rule.metric_id is None or occasion.result is None:
        return ""
    if drawn(occasion.pilot, rule.ref) is None:
        return ""
    readings = Observation.objects.readings_known(alert.pilot_id, now, metric_id=rule.metric_id)
    return chart_of(occasion.pilot, rule.ref, alert.scope, readings, now=now)


def _is_whole(evaluation: Evaluation) -> bool:
    """Say whether a stored answer has all that is read back; the earliest had less."""
    return all(name in evaluation.result for name in READ_BACK)


def _bare(pilot: Pilot, now: datetime) -> PilotSpec:
    start = pilot.start or now.date()
    return PilotSpec(pilot.ref, pilot.title, pilot.timezone, start, None, metrics=(), conditions=())
