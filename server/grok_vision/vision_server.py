"""The SDK's server, made ours: what its connections share, and when their requests end."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from mcp.server import MCPServer
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver import Context
from mcp.server.runner import serve_loop
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http import EventStore
from mcp.server.transport_security import DEFAULT_MAX_REQUEST_BODY_SIZE
from mcp.types import GetPromptResult, InputRequiredResult
from mcp_types.methods import SPEC_CLIENT_METHODS, SPEC_CLIENT_NOTIFICATION_METHODS
from opentelemetry import trace
from starlette.applications import Starlette

from grok_vision.cancellations import CancelByName, InFlight
from grok_vision.disconnects import CancelOnDisconnect
from grok_vision.prompts import check_prompt
from grok_vision.vision import State, Vision

_METHODS = SPEC_CLIENT_METHODS | SPEC_CLIENT_NOTIFICATION_METHODS
# Where the SDK tells what is called (mcp 2.3.0, mcp/server/_otel.py).
_NAMES = {"tools/call": "gen_ai.tool.name", "prompts/get": "gen_ai.prompt.name"}


class VisionServer(MCPServer[Vision]):
    """The SDK's server with one `Vision` for all who are connected at a time.

    Connections share what bounds calls to the provider; over HTTP, requests end when their clients
    leave.

    Attributes:
        state: What outlives a call.
        in_flight: What clients can cancel over HTTP.
    """

    def __init__(
        self, name: str, *, build: Callable[[], Vision], state: State, **options: Any
    ) -> None:
        super().__init__(name, lifespan=lambda _: self.opened(), **options)
        self.middleware.append(self._name_span)
        self.state = state
        self.in_flight = InFlight(state.shared)
        self._build = build
        self._vision: Vision | None = None
        self._users = 0

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Vision]:
        """Give what calls go through; the last to leave closes it."""
        if self._vision is None:
            self._vision = self._build()
        vision = self._vision
        self._users += 1
        try:
            yield vision
        finally:
            self._users -= 1
            if not self._users:
                self._vision = None
                await vision.aclose()

    async def _name_span(
        self, ctx: ServerRequestContext[Any, Any], call_next: CallNext
    ) -> HandlerResult:
        """Middleware: keep names that a caller made up out of the SDK's span."""
        span = trace.get_current_span()
        if span.is_recording():
            listed = [*await self.list_tools(), *await self.list_prompts()]
            known = {one.name for one in listed} | _METHODS
            name = (ctx.params or {}).get("name")
            words = [ctx.method, *([name] if isinstance(name, str) else [])]
            told = [word if word in known else "other" for word in words]
            span.update_name(" ".join(told))
            span.set_attribute("mcp.method.name", told[0])
            if ctx.method in _NAMES:
                span.set_attribute(_NAMES[ctx.method], told[-1])
        return await call_next(ctx)

    async def get_prompt(
        self,
        name: str,
        arguments: dict[str, Any] | None = None,
        context: Context[Vision, Any] | None = None,
    ) -> GetPromptResult | InputRequiredResult:
        """Return what a prompt says; a name that there is not is the client's mistake."""
        check_prompt(name, [prompt.name for prompt in await self.list_prompts()])
        return await super().get_prompt(name, arguments, context)

    async def run_legacy_stdio_async(self) -> None:
        """Serve stdin and stdout in the 2025 protocols only.

        For hosts that ask for 2026-07-28 first and then go on in the older way, which the SDK
        refuses on a connection of the newer one (anthropics/claude-code#96183, 2026-09-22).
        """
        server = self._lowlevel_server
        async with stdio_server() as (incoming, outgoing), self.opened() as vision:
            await serve_loop(
                server,
                incoming,
                outgoing,
                lifespan_state=vision,
                init_options=server.create_initialization_options(),
            )

    def streamable_http_app(
        self,
        *,
        streamable_http_path: str = "/mcp",
        stateless_http: bool = False,
        event_store: EventStore | None = None,
        max_request_body_size: int = DEFAULT_MAX_REQUEST_BODY_SIZE,
        **options: Any,
    ) -> Starlette:
        """Return the ASGI application for Streamable HTTP; `options` are those of the SDK."""
        app = super().streamable_http_app(
            streamable_http_path=streamable_http_path,
            stateless_http=stateless_http,
            event_store=event_store,
            max_request_body_size=max_request_body_size,
            **options,
        )
        # With stored events, a client may leave, come back and receive the rest.
        if event_store is None:
            app.add_middleware(
                CancelOnDisconnect,
                path=streamable_http_path,
                max_body=max_request_body_size,
                sessions=not stateless_http,
            )
        if stateless_http:
            app.add_middleware(CancelByName, path=streamable_http_path, in_flight=self.in_flight)
        return app
