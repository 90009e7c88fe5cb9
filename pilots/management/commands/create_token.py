from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from pilots.management.answering import Answer, AnsweringCommand, the_person
from pilots.services.tokens import LONGEST, Scope, create_token


class Command(AnsweringCommand):
    help = "Make a key for a person's machine and show it once."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("email")
        parser.add_argument("--scope", action="append", required=True, choices=[*Scope], type=Scope)
        parser.add_argument("--name", default="made on the command line")
        parser.add_argument("--days", type=int, default=90, help=f"how long it works, at most {LONGEST.days}")

    def answer(self, *, email: str, scope: list[Scope], name: str, days: int, **_: Any) -> Answer:
        token, key = create_token(
            user=the_person(email, field="email"),
            by=None,
            name=name,
            scopes=set(scope),
            lifetime=timedelta(days=days),
            now=timezone.now(),
        )
        until = token.expires_at.date()
        return Answer(
            {"token": key, "email": email, "scopes": token.scopes, "expires_at": token.expires_at},
            f"{key}\nFor {email}, works until {until}: {', '.join(token.scopes)}. It is not shown again.",
        )
