"""The end of the server, as requests see it: told in time, and answered in the protocol's words."""

import asyncio
from typing import Any

import anyio
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp.types import INTERNAL_ERROR
from mcp_types.methods import serialize_server_result
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grok_vision.errors import ProviderError
from grok_vision.tools import refusal as tool_refusal
from grok_vision.web.refusals import refusal

_ENDING = "The server is ending; try again."
ENDING = f"[unavailable] {_ENDING}"
# In seconds. Another server behind the same name answers at once.
_RETRY_AFTER = "1"


class Ending:
    """Cancels requests as a middleware of the server, so that each gets an answer with its own id.

    Where the HTTP server cancels, a stream that has begun just breaks off, and some clients then
    wait for a minute (the TypeScript SDKs 1.32 and 2.4, measured 2026-11-22).

    Attributes:
        begun: Whether the server has been told to end.
    """

    def __init__(self) -> None:
        self.begun = False
        self._is_over = False
        self._scopes: set[anyio.CancelScope] = set()

    def begin(self) -> None:
        """Note that the server has been told to end."""
        self.begun = True

    def cancel(self) -> None:
        """Answer all requests that go on, and each that still comes, that they are to try again."""
        self._is_over = True
        for scope in self._scopes:
            scope.cancel()

    async def __call__(
        self, ctx: ServerRequestContext[Any, Any], call_next: CallNext
    ) -> HandlerResult:
        """Serve one message until the end."""
        if ctx.request_id is None:
            return await call_next(ctx)
        if self._is_over:
            return _result(ctx)
        with anyio.CancelScope() as scope:
            self._scopes.add(scope)
            try:
                return await call_next(ctx)
            finally:
                self._scopes.remove(scope)
        return _result(ctx)


def told(app: ASGIApp) -> ASGIApp:
    """Return the application with an answer for clients whose requests are cancelled as such."""

    async def serve_one(scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def passed_on(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await app(scope, receive, passed_on)
        except asyncio.CancelledError:
            if scope["type"] == "http" and not begun:
                again = {"Retry-After": _RETRY_AFTER}
                answer = refusal(503, ENDING, code=INTERNAL_ERROR, headers=again)
                await answer(scope, receive, send)
            raise

    return serve_one


def _result(ctx: ServerRequestContext[Any, Any]) -> dict[str, Any]:
    """Return the result of a tool, which models are shown.

    Raises:
        MCPError: it was no tool that was called.
    """
    if ctx.method != "tools/call":
        raise MCPError(code=INTERNAL_ERROR, message=ENDING)
    result = tool_refusal(ProviderError("unavailable", _ENDING))
    told = result.model_dump(mode="json", by_alias=True, exclude_none=True)
    # As the SDK shapes what a handler returns: the protocols differ in their fields.
    return serialize_server_result(ctx.method, ctx.protocol_version, told)
