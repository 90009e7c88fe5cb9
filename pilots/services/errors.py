"""Why an act is refused, in words a person can act on."""

from __future__ import annotations

from dataclasses import dataclass

from pilots.models import Tracked


@dataclass(frozen=True, slots=True)
class Reason:
    """What is missing. `where` names the place that mends it, `field` the entry that holds the mistake."""

    text: str
    where: str = ""
    field: str = ""


class Refused(Exception):
    """Raised when an act breaks a law of the domain. It carries every reason at once."""

    def __init__(self, *reasons: Reason) -> None:
        self.reasons = reasons
        super().__init__(" ".join(reason.text for reason in reasons))


class Stale(Refused):
    """Raised when a row was saved by somebody else since it was shown; `current` is how it stands now."""

    def __init__(self, current: Tracked) -> None:
        self.current = current
        super().__init__(Reason(f"Somebody else saved “{current}” in the meantime. Compare and save again."))
