"""What a fault left behind, in four words: lost, unexpected, duplicated, recovered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Telling(NamedTuple):
    """One person is told one turn of one rule's alert."""

    pilot: str
    condition: str
    turn: str
    recipient: str


class Row(NamedTuple):
    """One row of the outbox, as the database has it after the fault."""

    pilot: str
    condition: str
    turn: str
    recipient: str
    state: str
    message_id: str
    sent_as: str

    @property
    def telling(self) -> Telling:
        return Telling(*self[:4])

    @property
    def carrier(self) -> str:
        """The Message-ID of the message that carried it."""
        return self.sent_as or self.message_id


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is left after heal and drain; `recovered` is the seconds from the heal until all was told."""

    lost: int
    unexpected: int
    duplicated: int
    recovered: float

    def __str__(self) -> str:
        return (
            f"lost {self.lost:,}, unexpected {self.unexpected:,}, duplicated {self.duplicated:,}, "
            f"recovered in {self.recovered:.1f} s"
        )


def outcome_of(
    expected: Iterable[Telling],
    rows: Sequence[Row],
    arrived: Iterable[str],
    *,
    surplus: int = 0,
    recovered: float,
) -> Outcome:
    """Compare what people were to be told with the outbox and with the Message-IDs that arrived.

    A telling counts as told only where its row says so *and* its message lies in the post office.
    `surplus` counts other rows that should not be there, such as a verdict stored twice.
    """
    wanted, mails = Counter(expected), Counter(arrived)
    told = Counter(row.telling for row in rows if row.state == "sent" and row.carrier in mails)
    queued = Counter(row.telling for row in rows)
    known = {row.carrier for row in rows} | {row.message_id for row in rows}
    strange = sum(count for telling, count in queued.items() if telling not in wanted)
    unknown = sum(count for message, count in mails.items() if message not in known)
    twice = sum(max(0, count - wanted[telling]) for telling, count in queued.items() if telling in wanted)
    again = mails.total() - len(mails)
    return Outcome((wanted - told).total(), strange + unknown + surplus, twice + again, recovered)
