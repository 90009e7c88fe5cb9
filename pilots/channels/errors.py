"""What went wrong with a delivery, in the terms of the outbox."""

from __future__ import annotations


class DeliveryFailed(Exception):
    """Raised when the other side did not take a message.

    `permanent`: it never will. `in_doubt`: nobody can say whether it did. Neither: it surely did
    not, and may be tried again. `closes_channel`: the fault is not this message's, nothing else
    will get through either.
    """

    def __init__(
        self, answer: str, *, permanent: bool = False, in_doubt: bool = False, closes_channel: bool = False
    ) -> None:
        self.permanent = permanent
        self.in_doubt = in_doubt
        self.closes_channel = closes_channel
        super().__init__(answer)
