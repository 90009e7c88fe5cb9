"""Who is told next when nobody answers, as a pilot file says it: policies with their steps."""

from __future__ import annotations

import re

from pilots.importing.fields import REF, address, flag, known, phrase
from pilots.importing.pilot_parts import ROLES, PolicyPart, StepPart
from pilots.importing.spelling import quoted
from pilots.importing.tables import Table

POLICY_KEYS = ("name", "default", "steps")
STEP_KEYS = ("notify", "wait")
DESTINATION = "to:"
WAIT = re.compile(r"(\d{1,5}) (?:(working) )?(minute|hour|day)s?", re.ASCII)
MINUTES = {"minute": 1, "hour": 60, "day": 1440}
LONGEST_WAIT = 44_640


def read_escalation(top: Table) -> tuple[PolicyPart, ...]:
    policies = tuple(_policy(table) for table in top.named("escalation", "name", POLICY_KEYS))
    if sum(policy.is_default for policy in policies) > 1:
        top.refuse("escalation", "more than one policy is the default")
    return policies


def _policy(table: Table) -> PolicyPart:
    steps = tuple(_step(step) for step in table.tables("steps", STEP_KEYS))
    if not steps:
        table.refuse("steps", "names no step")
    return PolicyPart(
        name=table.read("name", phrase(80, least=1), ""),
        is_default=table.read("default", flag, False),
        steps=steps,
    )


def _step(table: Table) -> StepPart:
    table.require("notify", "wait")
    minutes, working = table.read("wait", wait, (LONGEST_WAIT, False))
    return StepPart(notify=table.each("notify", recipient), wait_minutes=minutes, working_time=working)


def wait(text: str) -> tuple[int, bool]:
    """Read `30 minutes`, `4 hours`, `2 days` or `1 working day` as minutes, and whether days off count."""
    found = WAIT.fullmatch(text)
    if not found:
        raise ValueError(f"{quoted(text)} is not a time; write it like 30 minutes, 4 hours or 1 working day")
    minutes = int(found[1]) * MINUTES[found[3]]
    if not 1 <= minutes <= LONGEST_WAIT:
        raise ValueError(f"{text} is not between a minute and 31 days")
    return minutes, bool(found[2])


def wait_text(minutes: int, *, working_time: bool) -> str:
    """Write a time so that `wait` reads the same one back."""
    unit = next(unit for unit in reversed(MINUTES) if minutes % MINUTES[unit] == 0)
    number = minutes // MINUTES[unit]
    return f"{number} {'working ' if working_time else ''}{unit}{'' if number == 1 else 's'}"


def recipient(text: str) -> str:
    """Read a role, an address, or `to:` and the name of a destination."""
    if text.startswith(DESTINATION):
        if not REF.fullmatch(text.removeprefix(DESTINATION)):
            raise ValueError(f"{quoted(text)} names no destination; write it like to:ops-room")
        return text
    return address(text) if "@" in text else known("role", ROLES)(text)
