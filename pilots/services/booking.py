"""Book a pilot's first review as it starts, and count its slips."""

from __future__ import annotations

from pilots.models import Pilot, Review, Role, User
from pilots.permissions import people_by_role
from pilots.services.errors import Reason, Refused
from pilots.services.saving import save


def book_first_review(pilot: Pilot, *, by: User) -> None:
    day = pilot.first_review_on
    if day is None or pilot.reviews.exists():
        return
    reviewer = next(iter(people_by_role(pilot).get(Role.REVIEWER, [])), None)
    review = Review(pilot=pilot, scheduled_for=day, due_on=day, reviewer=reviewer)
    review.requested_by = by if by != reviewer else None
    save(review, by=by, reason="Booked as the pilot started.")


def rebook_review(pilot: Pilot, changed: frozenset[str], *, by: User, reason: str) -> None:
    if "first_review_on" in changed and pilot.started_at:
        _let_slip(pilot, by=by, reason=reason)


def _let_slip(pilot: Pilot, *, by: User, reason: str) -> None:
    review = pilot.reviews.upcoming().first()
    if review is None:
        raise Refused(
            Reason("The first review is over; the next one is planned when it is signed.", "reviews")
        )
    if pilot.first_review_on is None:
        raise Refused(Reason("A running pilot can't do without its review.", "reviews"))
    if pilot.first_review_on > review.due_on:
        review.slips += 1
    review.due_on = pilot.first_review_on
    save(review, by=by, reason=reason)
