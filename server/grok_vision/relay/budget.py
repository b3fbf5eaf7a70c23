"""What calls may spend and have spent, asked before an attempt and told after it."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from grok_vision.relay.ledger import Ledger
from grok_vision.results import Spending, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What an attempt came to that was or may be billed.

    Attributes:
        usage: None where nothing was reported.
        expected_usd: What counts against the limit where the cost is not known: such an attempt may
            have been paid for all the same.
    """

    provider: str
    model: str
    usage: Usage | None
    expected_usd: float | None = None


@dataclass(slots=True)
class Booking:
    """An attempt that may be made.

    Attributes:
        bill: What it came to, to be told before it ends; None where it cannot have cost anything.
    """

    bill: Bill | None = None


class Budget(Protocol):
    """The limit on spending, and the account of what was spent.

    Attributes:
        max_usd: The limit in US dollars; None where there is none.
        ledger: What this process alone has used.
    """

    max_usd: float | None
    ledger: Ledger

    def booked(self, usd: float | None, *, model: str) -> AbstractAsyncContextManager[Booking]:
        """Hold `usd`, what an attempt is expected to cost, of the limit for as long as it lasts.

        None is an unknown price. At its end the bill is entered in its place.

        Raises:
            RequestError: `over_budget`, where the attempt would pass the limit.
            SharedStateError: `unavailable`, where it cannot be known whether it would.
        """

    async def spending(self) -> Spending:
        """Return what was used up to now by all who share the limit.

        Raises:
            SharedStateError: `unavailable`, where that cannot be known.
        """

    async def aclose(self) -> None:
        """Enter what could not be entered before."""


class OwnBudget:
    """The budget of this process alone."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.max_usd = ledger.max_usd

    @asynccontextmanager
    async def booked(self, usd: float | None, *, model: str) -> AsyncIterator[Booking]:
        """Hold and enter in the ledger of the process."""
        booking = Booking()
        with self.ledger.reserved(usd, model=model):
            try:
                yield booking
            finally:
                enter(self.ledger, booking.bill)

    async def spending(self) -> Spending:
        """Return what this process has used."""
        return self.ledger.spending()

    async def aclose(self) -> None:
        """Do nothing: nothing waits."""


def enter(ledger: Ledger, bill: Bill | None) -> None:
    """Enter a bill, where there is one."""
    if bill is not None:
        ledger.record(bill.provider, bill.usage, bill.model, expected_usd=bill.expected_usd)
