"""Move a pilot or its stage: asked on a page, done when it is sent with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from pilots.models import Pilot, Stage
from pilots.permissions import can_move_pilot, can_override
from pilots.reports.gates import gates_of
from pilots.reports.readiness import Check, readiness_of
from pilots.services import piloting, staging
from pilots.web.editing import allow, attempt, editor, mend_in_pilot, sent, show, visible_pilot
from pilots.web.forms.moves import MoveForm
from pilots.web.frame import SignedInRequest
from pilots.web.steps import Mend, place_in_pilot

DRAFT, READY, RUNNING, PAUSED = (
    Pilot.Status.DRAFT,
    Pilot.Status.READY,
    Pilot.Status.RUNNING,
    Pilot.Status.PAUSED,
)
UNDER_WAY = (RUNNING, PAUSED)


@dataclass(frozen=True, slots=True)
class Move:
    """One move: what it is called, what it does, from where it goes, and what the form asks for."""

    title: str
    says: str
    button: str
    act: Callable[..., Any]
    of: tuple[Pilot.Status, ...]
    checks: str = ""  # which list must hold: readiness or gates
    asks: tuple[str, ...] = ("reason",)


MOVES = {
    "ready": Move(
        "Call it ready",
        "It can start from then on. You can still change it.",
        "Call it ready",
        piloting.mark_ready,
        (DRAFT,),
        checks="readiness",
        asks=(),
    ),
    "draft": Move(
        "Back to draft",
        "It can't start until it is ready again.",
        "Back to draft",
        piloting.back_to_draft,
        (READY,),
        asks=(),
    ),
    "start": Move(
        "Start the pilot",
        "The first stage begins and the readings are judged. From then on a changed limit needs a reason.",
        "Start the pilot",
        piloting.start_pilot,
        (READY,),
        checks="readiness",
        asks=(),
    ),
    "pause": Move(
        "Pause the pilot",
        "Nothing is judged while it is paused. Readings are still taken in.",
        "Pause the pilot",
        piloting.pause_pilot,
        (RUNNING,),
    ),
    "resume": Move(
        "Resume the pilot",
        "It is judged again from now on.",
        "Resume the pilot",
        piloting.resume_pilot,
        (PAUSED,),
    ),
    "stop": Move(
        "Stop the pilot for good",
        "A stopped pilot can't start again. Its record stays.",
        "Stop the pilot",
        piloting.stop_pilot,
        UNDER_WAY,
        asks=("returned_to", "reason"),
    ),
    "scale": Move(
        "Scale up",
        "You end the pilot and bring the change to everybody.",
        "Scale up",
        piloting.scale_pilot,
        UNDER_WAY,
        checks="gates",
        asks=("reason", "override"),
    ),
    "inconclusive": Move(
        "Close it as inconclusive",
        "You end the pilot without an answer. That is a result, too.",
        "Close the pilot",
        piloting.close_inconclusive,
        UNDER_WAY,
    ),
    "invalid": Move(
        "Declare it invalid",
        "What was measured does not count, for instance because the wrong customers took part.",
        "Declare it invalid",
        piloting.invalidate_pilot,
        UNDER_WAY,
    ),
    "advance": Move(
        "Go to the next stage",
        "This stage is passed, and the next one begins today.",
        "Go to the next stage",
        staging.advance_stage,
        (RUNNING,),
        checks="gates",
        asks=("reason", "override"),
    ),
    "hold": Move(
        "Hold this stage",
        "The stage waits for a decision. It is judged on meanwhile.",
        "Hold this stage",
        staging.hold_stage,
        (RUNNING,),
    ),
    "skip": Move(
        "Skip a stage",
        "A stage that has not begun is left out, and the record says why.",
        "Skip the stage",
        staging.skip_stage,
        (DRAFT, READY, *UNDER_WAY),
        asks=("stage_id", "reason"),
    ),
}


@editor
def move(request: SignedInRequest, ref: str, move: str) -> HttpResponse:
    if move not in MOVES:
        raise Http404
    pilot, chosen, now = visible_pilot(request.user, ref), MOVES[move], timezone.now()
    may_set_aside = "override" in chosen.asks and can_override(request.user, pilot)
    if not may_set_aside:
        allow(can_move_pilot, request.user, pilot)
    missing = missing_for(chosen, pilot)
    asks = [name for name in chosen.asks if name != "override" or (may_set_aside and missing)]
    form = MoveForm(sent(request), asks=asks, stages=stages_ahead(pilot))
    if form.is_valid():
        done = attempt(
            form,
            lambda: chosen.act(pilot_id=pilot.pk, by=request.user, now=now, **form.answers),
            mend=mend_in_pilot(pilot),
        )
        if done is not None:
            messages.success(request, f"Done: {chosen.title.lower()}.")
            return redirect("pilot", ref=ref)
    context = {
        "pilot": pilot,
        "move": chosen,
        "form": form,
        "missing": [] if getattr(form, "refusals", None) else missing,
        "fits": pilot.status in chosen.of,
        "may_set_aside": may_set_aside,
        "reviewers": pilot.memberships.filter(role="reviewer").select_related("user"),
        # what is sure to be refused is not offered; the list above says why
        "offered": pilot.status in chosen.of and (may_set_aside or not missing),
    }
    return show(request, "pilots/edit_move.html", context)


def missing_for(move: Move, pilot: Pilot) -> list[Mend]:
    """Return what would refuse this move now, each with the place that mends it."""
    rules = Pilot.objects.with_rules().get(pk=pilot.pk)
    checks: Iterable[Check] = ()
    if move.checks == "readiness":
        checks = readiness_of(rules)
    elif move.checks == "gates" and pilot.status in move.of:
        checks = gates_of(rules, now=timezone.now())
    return [Mend(text, place_in_pilot(pilot, check.where)) for check in checks for text in check.missing]


def stages_ahead(pilot: Pilot) -> list[Stage]:
    return list(pilot.stages.filter(status=Stage.Status.NOT_STARTED))
