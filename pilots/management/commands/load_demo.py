from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone

from pilots.management.answering import Answer, AnsweringCommand
from pilots.management.demo_loading import load
from pilots.management.demo_story import COURSES, PASSWORD, PEOPLE
from pilots.models import Notification
from pilots.tasks import deliver_as_told


class Command(AnsweringCommand):
    help = "Load the demo: one decision, three pilots over simulated data, people to sign in as."

    def answer(self, **_: Any) -> Answer:
        now = timezone.now()
        is_new = load(now=now)
        deliver_as_told(now=now)
        people = [{"email": p.email, "name": p.name, "part": p.part} for p in PEOPLE]
        sent = Notification.objects.filter(state=Notification.State.SENT)
        mails = sent.values("sent_as").distinct().count()
        document = {
            "is_new": is_new,
            "pilots": [course.ref for course in COURSES],
            "mails": mails,
            "people": people,
            "password": PASSWORD,
        }
        return Answer(document, in_words(is_new=is_new, mails=mails))


def in_words(*, is_new: bool, mails: int) -> str:
    kept = "" if is_new else "The demo was there already and is up to today.\n"
    width = max(len(person.email) for person in PEOPLE)
    signs = "\n".join(f"  {p.email:{width}}  {p.name}, {p.part}" for p in PEOPLE)
    folder = getattr(settings, "EMAIL_FILE_PATH", "")
    told = f"{mails} mails were sent" + (f"; they are in {folder}." if folder else ".")
    return f"{kept}{told}\nSign in with the password {PASSWORD} as\n{signs}"
