"""A limit on spending that processes share."""

import json
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

from grok_vision.errors import RequestError, SharedStateError
from grok_vision.relay.budget import Bill, Booking, enter
from grok_vision.relay.ledger import Ledger, without_price
from grok_vision.relay.shared_account import Account, Row, Totals
from grok_vision.results import ModelSpending, Spending, Usage
from grok_vision.shared import Shared, UnavailableError
from grok_vision.texts import NOTHING_USD, dollars, sendable, shortened

# A provider may charge for what it was asked at the last moment.
_MARGIN_SECONDS = 30.0
_BILLIONTHS = 1_000_000_000
# Far beyond any call: what a provider reports is not to spoil the sums of all.
_MOST_USD, _MOST_TOKENS = 100_000.0, 10**12
_TOKENS = (
    "input_tokens",
    "output_tokens",
    "reasoning_tokens",
    "image_tokens",
    "cached_tokens",
)
_OTHER = "other"


class SharedBudget:
    """The budget of all processes that name one Redis, under the prefix `budget` of their keys.

    Redis holds eight keys: the sums, and by model those of 200 models and of `other`, some 100 KB;
    a hold for each call in flight, and the names of those that ended in the last hour, up to
    100,000 of some 150 bytes. What is held for `seconds`, as long as a call may last, and a margin
    was left by a process that was killed: it may have paid, so it counts as expected spending.

    Where Redis cannot be reached, a limit refuses calls rather than be passed; without a limit they
    go on, and their bills wait. A Redis that comes back empty is told what the processes know: the
    sums and their holds, not what was spent on which model.
    """

    def __init__(
        self,
        ledger: Ledger,
        shared: Shared,
        *,
        limit: float | None,
        seconds: float,
        margin: float = _MARGIN_SECONDS,
    ) -> None:
        self.ledger = ledger
        self.max_usd = limit
        self._account = Account(shared, seconds=seconds + margin)
        self._epoch_key = shared.key("epoch")

    @asynccontextmanager
    async def booked(self, usd: float | None, *, model: str) -> AsyncIterator[Booking]:
        """Hold and enter in the account of all, and enter in the ledger of the process."""
        booking = Booking()
        with self.ledger.reserved(usd, model=model):
            hold = await self._held(usd, model)
            try:
                yield booking
            finally:
                enter(self.ledger, booking.bill)
                if hold is not None or booking.bill is not None:
                    await self._account.settle(hold, _row(booking.bill))

    async def spending(self) -> Spending:
        """Return what all processes have used up to now.

        Raises:
            SharedStateError: `unavailable`, where that cannot be known.
        """
        try:
            totals, counts = await self._account.spent()
        except UnavailableError as error:
            raise SharedStateError(
                "unavailable",
                f"what all processes have spent cannot be known ({error}); try again in some "
                "seconds.",
            ) from None
        rows = _spending_by_model(counts)
        left = None if self.max_usd is None else max(0.0, self.max_usd - _usd(_spent(totals)))
        return Spending(
            models=sorted(rows, key=lambda row: (-row.cost_usd, row.model, row.provider)),
            calls=sum(row.calls for row in rows),
            cost_usd=_usd(totals.known),
            max_usd=self.max_usd,
            expected_usd=_usd(totals.expected - totals.returned) or None,
            left_usd=None if left is None else round(left, 10),
        )

    async def aclose(self) -> None:
        """Enter bills that wait, where Redis is back; takes a second at most."""
        await self._account.settle_all()

    async def _held(self, usd: float | None, model: str) -> str | None:
        if self.max_usd is None or usd == 0.0:
            return None
        if usd is None:
            raise without_price(model, self.max_usd)
        try:
            hold, totals = await self._account.hold(
                math.ceil(round(usd * _BILLIONTHS, 3)),
                # Sums of floats are off by far less.
                math.floor((self.max_usd + NOTHING_USD) * _BILLIONTHS),
            )
        except UnavailableError as error:
            raise SharedStateError(
                "unavailable",
                f"what all processes have spent cannot be known ({error}), so the limit of "
                f"{dollars(self.max_usd)} in GROK_VISION_MAX_USD cannot be kept; nothing was sent "
                "to the provider: try again in some seconds.",
            ) from None
        if hold is None:
            raise self._over_budget(usd, model, self.max_usd, totals)
        return hold

    def _over_budget(self, usd: float, model: str, limit: float, totals: Totals) -> RequestError:
        return RequestError(
            "over_budget",
            f"the call to {shortened(model)} may cost {dollars(usd)}, which with {_taken(totals)} "
            f"would pass the limit of {dollars(limit)}, shared by all processes, so it was not "
            "made: raise GROK_VISION_MAX_USD, count from zero with "
            f"`redis-cli set {self._epoch_key} <any new word>`, or use a cheaper model or "
            "detail=low.",
        )


def _taken(totals: Totals) -> str:
    told = [f"{dollars(_usd(totals.known))} spent"]
    if expected := totals.expected - totals.returned:
        told.append(f"{dollars(_usd(expected))} expected of calls whose cost is not known")
    if totals.in_flight:
        told.append(f"{dollars(_usd(totals.in_flight))} in flight")
    return " and ".join(told)


def _spent(totals: Totals) -> int:
    return totals.known + totals.expected - totals.returned


def _usd(billionths: int) -> float:
    return billionths / _BILLIONTHS


def _billionths(usd: float | None) -> int:
    return round(min(max(0.0, usd or 0.0), _MOST_USD) * _BILLIONTHS)


def _row(bill: Bill | None) -> Row | None:
    if bill is None:
        return None
    usage = bill.usage or Usage()
    is_known = usage.cost_usd is not None
    cost = _billionths(usage.cost_usd)
    counts = {name: min(getattr(usage, name) or 0, _MOST_TOKENS) for name in _TOKENS}
    counts |= {"calls": 1, "calls_without_cost": int(not is_known), "cost": cost}
    return Row(
        known=cost,
        expected=0 if is_known else _billionths(bill.expected_usd),
        row=json.dumps([bill.provider, shortened(sendable(bill.model))]),
        other=json.dumps([bill.provider, _OTHER]),
        counts=counts,
    )


def _spending_by_model(counts: Mapping[str, int]) -> list[ModelSpending]:
    rows: dict[tuple[str, str], dict[str, int]] = {}
    for field, count in counts.items():
        row, _, name = field.rpartition(" ")
        # Others may have written there.
        with suppress(ValueError, TypeError, RecursionError):
            provider, model = json.loads(row)
            rows.setdefault((str(provider), str(model)), {})[name] = count
    return [_model_spending(*row, found) for row, found in rows.items()]


def _model_spending(provider: str, model: str, found: Mapping[str, int]) -> ModelSpending:
    return ModelSpending(
        provider=provider,
        model=model,
        calls=found.get("calls", 0),
        **{name: found.get(name, 0) for name in _TOKENS},
        cost_usd=_usd(found.get("cost", 0)),
        calls_without_cost=found.get("calls_without_cost", 0),
    )
