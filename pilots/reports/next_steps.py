"""What to do next on a pilot, and who does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pilots.evaluation.wording import listed
from pilots.models import Alert, Pilot, Review, Role, User
from pilots.reports.results import PilotAnswer
from pilots.reports.words import day_words

People = Mapping[str, Sequence[User]]
DECIDE = {
    "stop": "Decide: continue, pause or stop.",
    "revisit": "Say whether the limits still hold.",
    "scale_up": "Decide whether to scale up.",
    "inconclusive": "Decide: give it more time, change it, or close it without an answer.",
}
# What an alert of these kinds asks for stands in the list already: as the decision, or as the data.
ASKED_ELSEWHERE = (Alert.Kind.SCALE_UP, Alert.Kind.DRIVER, Alert.Kind.NO_DATA)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: what, by whom, and the place where it is done (as a check names places)."""

    text: str
    who: str
    where: str = ""
    link: str = ""


def next_steps(
    pilot: Pilot,
    answer: PilotAnswer | None,
    alerts: Sequence[Alert],
    review: Review | None,
    people: People,
    *,
    missing: int,
    today: date,
) -> tuple[Step, ...]:
    """Return the ordered list; it says so where there is nothing to do."""
    if pilot.has_ended:
        return ()
    if pilot.status == Pilot.Status.DRAFT:
        return (_draft_step(missing, people),)
    if pilot.status == Pilot.Status.READY:
        return (
            Step(
                "Start the pilot when the first customers are in it.",
                _names(people, Role.PILOT_OWNER),
                "move:start",
                "Start it",
            ),
        )
    if pilot.status == Pilot.Status.PAUSED:
        return (_paused_step(alerts, people), *_review_step(review, today))
    steps = [
        *_decisions(answer, alerts, people),
        *_alert_steps(alerts, answer, people),
        *_data_steps(pilot, answer),
        *_review_step(review, today),
    ]
    return tuple(steps) or (_waiting(answer),)


def _paused_step(alerts: Sequence[Alert], people: People) -> Step:
    who = _names(people, Role.DECISION_OWNER)
    if any(alert.kind == Alert.Kind.STOP_CONDITION for alert in alerts):
        return Step("Decide: go on, keep it paused, or stop.", who, *_where_a_stop_is_decided(alerts))
    return Step("Decide: resume, or stop for good.", who, "move:resume", "Resume it")


def _draft_step(missing: int, people: People) -> Step:
    who = _names(people, Role.PILOT_OWNER)
    if not missing:
        return Step("Nothing is missing: call it ready.", who, "move:ready", "Call it ready")
    open_points = "one point is" if missing == 1 else f"{missing} points are"
    return Step(f"Finish the set-up: {open_points} still open.", who, "check", "Go on with the set-up")


def _decisions(answer: PilotAnswer | None, alerts: Sequence[Alert], people: People) -> Iterator[Step]:
    if answer is None or answer.verdict not in DECIDE:
        return
    where, link = {
        "stop": _where_a_stop_is_decided(alerts),
        "revisit": ("drivers", "Look at the drivers"),
        "scale_up": ("move:scale", "Scale up"),
        "inconclusive": ("move:inconclusive", "Close it"),
    }[answer.verdict]
    yield Step(DECIDE[answer.verdict], _names(people, Role.DECISION_OWNER), where, link)


def _where_a_stop_is_decided(alerts: Sequence[Alert]) -> tuple[str, str]:
    fired = next((alert for alert in alerts if alert.kind == Alert.Kind.STOP_CONDITION), None)
    return (f"alert:{fired.pk}", "Decide") if fired else ("move:stop", "Pause or stop it")


def _alert_steps(alerts: Sequence[Alert], answer: PilotAnswer | None, people: People) -> Iterator[Step]:
    decided = {Alert.Kind.STOP_CONDITION} if answer and answer.verdict == "stop" else set()
    for alert in alerts:
        if alert.kind in decided.union(ASKED_ELSEWHERE):
            continue
        who = str(alert.owner) if alert.owner else _names(people, Role.PILOT_OWNER)
        has_it = "Go on with" if alert.owner else "Look at"
        yield Step(
            f"{has_it} {alert.ref}, {alert.get_kind_display().lower()} ({alert.severity}).",
            who,
            f"alert:{alert.pk}",
            "Go to the alert",
        )


def _data_steps(pilot: Pilot, answer: PilotAnswer | None) -> Iterator[Step]:
    """Ask who owes data for it, once per metric."""
    owed = [metric for metric in answer.metrics if metric.is_owed] if answer else []
    owners = {metric.ref: metric.steward for metric in pilot.metrics.all()}
    for metric in owed:
        where = "baselines" if metric.state == "no_baseline" else "data"
        link = "Finalise the baseline" if where == "baselines" else "Record readings"
        who = str(owners.get(metric.ref) or "nobody yet: name an owner")
        yield Step(metric.sentence, who, where, link)


def _review_step(review: Review | None, today: date) -> Iterator[Step]:
    if review is None or review.due_on > today:
        return
    late = f"was due on {day_words(review.due_on, today=today)}" if review.due_on < today else "is due today"
    who = str(review.reviewer) if review.reviewer else "nobody yet: name a reviewer"
    yield Step(
        f"The {review.get_kind_display().lower()} review {late}.", who, "reviews-list", "Open the reviews"
    )


def _waiting(answer: PilotAnswer | None) -> Step:
    if answer is None:
        return Step("Nothing to do yet: the first check comes within a few minutes.", "")
    return Step("Nothing to do now.", "")


def _names(people: People, role: Role) -> str:
    names = [str(user) for user in people.get(role, ())]
    return listed(names) if names else f"no {role.label.lower()} yet"
