"""The story of the demo: a decision by the B0174 template, its people, and how three pilots go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any


@dataclass(frozen=True)
class Person:
    email: str
    name: str
    part: str
    reviews: bool = False


OWNER = Person("mara.lind@example.com", "Mara Lind", "decision owner")
PILOT_OWNER = Person("jonas.adeyemi@example.com", "Jonas Adeyemi", "pilot owner")
STEWARD = Person("priya.nair@example.com", "Priya Nair", "owner of the metrics")
REVIEWER = Person("rita.feld@example.com", "Rita Feld", "reviewer, also in the admin", reviews=True)
CONTACT = Person("tess.ong@example.com", "Tess Ong", "escalation contact")
INFORMED = Person("ivo.sand@example.com", "Ivo Sand", "kept informed by mail")
PEOPLE = (OWNER, PILOT_OWNER, STEWARD, REVIEWER, CONTACT, INFORMED)
PASSWORD = "staged-pilots"  # noqa: S105  (printed on purpose: simulated people on the own machine)


# Who is told of an alert while nobody answers, and how many minutes each has.
ESCALATION = (
    (("pilot_owner", "informed"), 120),
    (("decision_owner",), 240),
    (("escalation_contact",), 1440),
)


@dataclass(frozen=True)
class Course:
    """One pilot of the demo and how its numbers go: the factor each metric moves by once it has started.

    `turn` is the day of the pilot (counted from 0) from which `after_turn` applies instead.
    """

    ref: str
    title: str
    hypothesis: str
    days_run: int
    effects: Mapping[str, float]
    review_on_day: int
    turn: int | None = None
    after_turn: Mapping[str, float] | None = None
    advance_on_day: int | None = None

    def start(self, today: date) -> date:
        return today - timedelta(days=self.days_run)


COURSES = (
    Course(
        ref="enterprise-desk",
        title="Named desk for enterprise accounts",
        hypothesis="An engineer who knows the account solves its cases sooner and makes it stay.",
        days_run=45,
        effects={"resolution_hours": 0.80, "cost_per_account": 0.88, "health_score": 1.06},
        review_on_day=49,
        advance_on_day=17,
    ),
    Course(
        ref="business-queue",
        title="Shared queue for business accounts",
        hypothesis="One queue by urgency instead of by arrival serves business accounts no worse.",
        days_run=24,
        effects={"resolution_hours": 0.98, "cost_per_account": 0.99, "health_score": 1.002},
        review_on_day=28,
    ),
    Course(
        ref="basic-self-help",
        title="Guided self-help for basic accounts",
        hypothesis="Good guides answer simple questions, so that people have time for the hard ones.",
        days_run=27,
        effects={"resolution_hours": 0.97, "cost_per_account": 0.94, "health_score": 1.0},
        review_on_day=35,
        turn=17,
        after_turn={"resolution_hours": 1.28, "cost_per_account": 0.97, "health_score": 0.985},
        advance_on_day=17,
    ),
)

DECISION: dict[str, Any] = {
    "ref": "support-tiers",
    "title": "Customer support tier segmentation",
    "name_katakana": "サポート / セグメント",
    "name_kanji": "階層 / 枠組",
    "quality": "reviewed",
    "context": (
        "Support grew one queue at a time. Large customers wait as long as small ones, and each team reads "
        "the numbers its own way: how soon cases are solved, what an account costs, how healthy it is. Who "
        "is critical, and which contract promises what, is argued case by case, and nobody answers for it."
    ),
    "trade_off_a": "service differentiation",
    "trade_off_b": "fairness",
    "statement": (
        "Try support tiers in three places, a few accounts first. Read the three measures from the first "
        "weeks on, look again when usage, contracts or the mix of cases move, and stop at the limits "
        "written here."
    ),
    "rationale": (
        "Stages let us do more for those who need it and see in time whether others pay for it. A frozen "
        "baseline and watched drivers keep easier cases from passing as better work."
    ),
    "coi": "none",
    "source": "Simulated data",
    "prediction": "Cases are solved a tenth sooner at no higher cost, and no tier is worse off.",
    "confidence": 65,
}
OPTIONS: tuple[dict[str, Any], ...] = (
    {
        "key": "A",
        "title": "Keep one queue for all",
        "summary": "Nothing is disrupted, and little is gained.",
        "rejected_because": "Waiting times keep growing, and nobody has chosen who waits.",
    },
    {
        "key": "B",
        "title": "Try tiers in stages",
        "summary": "A few accounts first; more of them only once the criteria are met against the baseline.",
        "chosen": True,
    },
    {
        "key": "C",
        "title": "Rebuild support around tiers",
        "summary": "More to win, all at once.",
        "rejected_because": "It bets everything before anything is learned, and is hard to take back.",
    },
)
RISKS: tuple[dict[str, Any], ...] = (
    {
        "text": "Late or patchy readings hide a turn for the worse",
        "likelihood": "medium",
        "impact": "high",
        "signal": "data_state",
        "planned_response": "Hold the stage, mend the feed, and judge again from the corrected readings.",
    },
    {
        "text": "Stages drag on until nobody believes in the tiers",
        "likelihood": "medium",
        "impact": "medium",
        "signal": "stage_overdue",
        "planned_response": "The owner decides within a week: next stage, hold or stop.",
    },
)
