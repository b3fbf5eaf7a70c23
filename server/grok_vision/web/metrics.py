"""What calls came to, as Prometheus reads it."""

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, get_args

import anyio
import anyio.to_thread
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.shared.exceptions import MCPError
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
    make_asgi_app,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from pydantic import ValidationError
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from grok_vision import __version__
from grok_vision.errors import Code, SharedStateError
from grok_vision.providers import PROVIDERS
from grok_vision.results import ModelSpending
from grok_vision.tools import CODE_KEY, all_tools
from grok_vision.vision import Books

# From a kept answer to the longest that hosts wait, and a deadline that was raised.
_SECONDS = (0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0)
# Callers choose the names of tools and models: neither may make series without end.
_OTHER = "other"
_CODES = frozenset(code for group in get_args(Code) for code in (get_args(group) or (group,)))
_KINDS = {
    "input": "input_tokens",
    "output": "output_tokens",
    "reasoning": "reasoning_tokens",
    "image": "image_tokens",
    "cached": "cached_tokens",
}


class Metrics:
    """Counts calls as a middleware of the server, and tells them with what the ledger has.

    `model` is the configured one: others are told by their names where they are known, and summed
    as `other` where they are not.
    """

    def __init__(self, books: Books, *, model: str = "") -> None:
        # The time of the first call: a series more for each.
        disable_created_metrics()  # type: ignore[no-untyped-call] # the library names no type
        self._registry = CollectorRegistry()
        self._tools = frozenset(tool.name for tool in all_tools())
        self._calls = Counter(
            "grok_vision_calls",
            "Tool calls that ended: code is ok, that of the error, cancelled, or internal.",
            ["tool", "code"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "grok_vision_call_seconds",
            "How long tool calls took.",
            ["tool"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._in_flight = Gauge(
            "grok_vision_calls_in_flight",
            "Tool calls that go on.",
            registry=self._registry,
        )
        Info("grok_vision", "The version.", registry=self._registry).info({"version": __version__})
        ProcessCollector(registry=self._registry)
        self._account = _Account(books, model)
        self._registry.register(self._account)
        for tool in self._tools:
            # Before the first call, so that its rate can be told.
            self._calls.labels(tool, "ok")
            self._seconds.labels(tool)

    async def __call__(
        self, ctx: ServerRequestContext[Any, Any], call_next: CallNext
    ) -> HandlerResult:
        """Count a tool call; the middleware of the SDK's server."""
        if ctx.method != "tools/call":
            return await call_next(ctx)
        name = (ctx.params or {}).get("name")
        tool = name if isinstance(name, str) and name in self._tools else _OTHER
        code = "internal"
        begun = time.perf_counter()
        with self._in_flight.track_inprogress():
            try:
                result = await call_next(ctx)
                code = _code(result, is_known=tool != _OTHER)
                return result
            except (MCPError, ValidationError):
                code = "invalid_request"
                raise
            except anyio.get_cancelled_exc_class():
                code = "cancelled"
                raise
            finally:
                self._calls.labels(tool, code).inc()
                self._seconds.labels(tool).observe(time.perf_counter() - begun)

    def route(self) -> Route:
        """Return `/metrics`."""
        return Route("/metrics", _Page(self._account, self._registry), methods=["GET"])


class _Page:
    """The ASGI application of the page."""

    def __init__(self, account: "_Account", registry: CollectorRegistry) -> None:
        self._account = account
        self._app = make_asgi_app(registry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._account.look()
        await self._app(scope, receive, send)


class _Account:
    """Reads the ledger when it is asked, so that failed calls that were billed count, too.

    What was used is told of this process alone: who reads the pages of several adds them up.
    """

    def __init__(self, books: Books, model: str) -> None:
        self._books = books
        self._model = model
        self._left_usd: float | None = None

    async def look(self) -> None:
        """Find out what is left to spend; what others share is asked for."""
        # The first look loads its code. What it holds is read on the event loop, where it changes.
        budget = await anyio.to_thread.run_sync(lambda: self._books.budget)
        self._left_usd = None
        if budget.max_usd is not None:
            with suppress(SharedStateError):
                self._left_usd = (await budget.spending()).left_usd

    def describe(self) -> list[Metric]:
        """Return nothing: the names are known when it is asked."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield what was used and spent."""
        spending = self._books.ledger.spending()
        tokens = CounterMetricFamily(
            "grok_vision_tokens",
            "Tokens as providers count them; image and cached are parts of input.",
            labels=["model", "kind"],
        )
        cost = CounterMetricFamily(
            "grok_vision_cost_usd", "US dollars, of attempts whose cost is known.", labels=["model"]
        )
        attempts = CounterMetricFamily(
            "grok_vision_provider_attempts",
            "Requests to providers that were or may be billed.",
            labels=["model"],
        )
        unknown = CounterMetricFamily(
            "grok_vision_provider_attempts_without_cost",
            "Those of them whose cost is not known.",
            labels=["model"],
        )
        for model, rows in self._by_label(spending.models).items():
            for kind, field in _KINDS.items():
                tokens.add_metric([model, kind], sum(getattr(row, field) for row in rows))
            cost.add_metric([model], sum(row.cost_usd for row in rows))
            attempts.add_metric([model], sum(row.calls for row in rows))
            unknown.add_metric([model], sum(row.calls_without_cost for row in rows))
        yield from (tokens, cost, attempts, unknown)
        if self._left_usd is not None:
            yield GaugeMetricFamily(
                "grok_vision_budget_left_usd",
                "What is left to spend, by all who share the limit.",
                self._left_usd,
            )

    def _by_label(self, rows: list[ModelSpending]) -> Mapping[str, list[ModelSpending]]:
        found: dict[str, list[ModelSpending]] = {}
        for row in rows:
            found.setdefault(self._label(row), []).append(row)
        return found

    def _label(self, row: ModelSpending) -> str:
        provider = next((one for one in PROVIDERS if one.name == row.provider), None)
        if provider is None:
            return _OTHER
        if row.model in {self._model, provider.default_model}:
            return row.model
        profile = provider.known(row.model)
        return profile.name if profile else _OTHER


def _code(result: HandlerResult, *, is_known: bool) -> str:
    """Return what a call came to, by its result."""
    told = result if isinstance(result, Mapping) else {}
    if not told.get("isError"):
        return "ok"
    meta = told.get("_meta")
    code = meta.get(CODE_KEY) if isinstance(meta, Mapping) else None
    if code in _CODES:
        return str(code)
    return "internal" if is_known else "unknown_tool"
