"""What this process has used and spent, by model, and the limit on it. Kept in memory only."""

from collections.abc import Iterator
from contextlib import contextmanager

from grok_vision.errors import RequestError
from grok_vision.results import ModelSpending, Spending, Usage
from grok_vision.texts import NOTHING_USD, dollars, sendable, shortened

# A caller chooses the names of models: what is kept for each must not grow without end.
_MOST_ROWS = 200
_OTHER = "other"
_SETTING = "GROK_VISION_MAX_USD"


class Ledger:
    """Tokens and cost of all calls of this process, shared by its sessions.

    Nothing here waits, so what one task does is whole to every other task of the event loop.
    """

    def __init__(
        self, max_usd: float | None = None, *, spent_usd: float = 0.0, name: str = _SETTING
    ) -> None:
        """`name` is what people call the limit; `spent_usd` is what was spent of it before."""
        self.max_usd = max_usd
        self._name = name
        self._before_usd = spent_usd
        self._rows: dict[tuple[str, str], ModelSpending] = {}
        self._known_usd = 0.0
        self._expected_usd = 0.0
        self._in_flight_usd = 0.0

    @contextmanager
    def reserved(self, usd: float | None, *, model: str) -> Iterator[None]:
        """Hold `usd`, what a call is expected to cost, of the limit for as long as it lasts.

        No more than that can be promised where nothing bounds the answer: the limit is passed by
        what calls in flight cost beyond what was held for them. None is an unknown price. A call
        that is free is never refused.

        Raises:
            RequestError: `over_budget`, where the call would pass the limit.
        """
        held = 0.0 if self.max_usd is None else self._allowed(usd, self.max_usd, model)
        self._in_flight_usd += held
        try:
            yield
        finally:
            self._in_flight_usd -= held

    def record(
        self,
        provider: str,
        usage: Usage | None,
        model: str,
        *,
        expected_usd: float | None = None,
    ) -> None:
        """Add a call that was or may be billed. `usage` is None where nothing was reported.

        `expected_usd` counts against the limit where the cost is not known: such a call may have
        been paid for all the same.
        """
        key = self._key(provider, shortened(sendable(model)))
        self._rows[key] = _with_call(self._rows.get(key) or _no_calls(*key), usage or Usage())
        if usage is not None and usage.cost_usd is not None:
            self._known_usd += usage.cost_usd
        else:
            self._expected_usd += expected_usd or 0.0

    def spending(self) -> Spending:
        """Return what was used up to now, the most expensive models first."""
        rows = sorted(self._rows.values(), key=lambda row: (-row.cost_usd, row.model, row.provider))
        left = None if self.max_usd is None else max(0.0, self.max_usd - self._spent_usd)
        return Spending(
            models=[row.model_copy(update={"cost_usd": _exact(row.cost_usd)}) for row in rows],
            calls=sum(row.calls for row in rows),
            cost_usd=_exact(self._known_usd),
            max_usd=self.max_usd,
            expected_usd=_exact(self._expected_usd) or None,
            left_usd=None if left is None else _exact(left),
        )

    @property
    def _spent_usd(self) -> float:
        return self._before_usd + self._known_usd + self._expected_usd

    @property
    def _afresh(self) -> str:
        return "restart the server to count from zero, " if self._name == _SETTING else ""

    def _key(self, provider: str, model: str) -> tuple[str, str]:
        key = (provider, model)
        return key if key in self._rows or len(self._rows) < _MOST_ROWS else (provider, _OTHER)

    def _allowed(self, usd: float | None, limit: float, model: str) -> float:
        if usd is None:
            raise without_price(model, limit, self._name)
        free = usd == 0.0
        if free or self._spent_usd + self._in_flight_usd + usd <= limit + NOTHING_USD:
            return usd
        raise RequestError(
            "over_budget",
            f"the call to {shortened(model)} may cost {dollars(usd)}, which with {self._taken()} "
            f"would pass the limit of {dollars(limit)}, so it was not made: raise {self._name}, "
            f"{self._afresh}or use a cheaper model or detail=low.",
        )

    def _taken(self) -> str:
        told = [f"{dollars(self._before_usd + self._known_usd)} spent"]
        if self._expected_usd > NOTHING_USD:
            told.append(f"{dollars(self._expected_usd)} expected of calls whose cost is not known")
        if self._in_flight_usd > NOTHING_USD:
            told.append(f"{dollars(self._in_flight_usd)} in flight")
        return " and ".join(told)


def without_price(model: str, limit: float, name: str = _SETTING) -> RequestError:
    """Return the refusal of a call whose price is not known, where there is a limit."""
    return RequestError(
        "over_budget",
        f"the price of {shortened(model)} is not known, so the limit of {dollars(limit)} "
        f"in {name} cannot be kept and the call was not made: choose a model "
        f"whose price `grok-vision-mcp models` shows, or {_unset(name)}.",
    )


def _unset(name: str) -> str:
    return f"leave out {name}" if name.startswith("-") else f"unset {name}"


def _no_calls(provider: str, model: str) -> ModelSpending:
    return ModelSpending(
        provider=provider,
        model=model,
        calls=0,
        input_tokens=0,
        output_tokens=0,
        reasoning_tokens=0,
        image_tokens=0,
        cached_tokens=0,
        cost_usd=0.0,
    )


def _with_call(row: ModelSpending, usage: Usage) -> ModelSpending:
    return ModelSpending(
        provider=row.provider,
        model=row.model,
        calls=row.calls + 1,
        input_tokens=row.input_tokens + (usage.input_tokens or 0),
        output_tokens=row.output_tokens + (usage.output_tokens or 0),
        reasoning_tokens=row.reasoning_tokens + (usage.reasoning_tokens or 0),
        image_tokens=row.image_tokens + (usage.image_tokens or 0),
        cached_tokens=row.cached_tokens + (usage.cached_tokens or 0),
        cost_usd=row.cost_usd + (usage.cost_usd or 0.0),
        calls_without_cost=row.calls_without_cost + (usage.cost_usd is None),
    )


def _exact(usd: float) -> float:
    """Return the sum without the noise of adding floats: prices have ten digits at most."""
    return round(usd, 10)
