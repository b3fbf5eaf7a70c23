"""Whose a request is: what a client sends, none but the same client finds again."""

import json
from hashlib import sha256
from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from starlette.requests import HTTPConnection
from starlette.types import Scope

from grok_vision.cancellations import principal
from grok_vision.uploads import calling_as


def owner(scope: Scope) -> str:
    """Return a name of one length for who is authenticated; empty where no token is needed."""
    who = principal(scope)
    return "" if who is None else sha256(json.dumps(who).encode()).hexdigest()


async def as_caller(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Middleware of the SDK's server: do what is asked on behalf of who asks.

    Over SSE, that is who sent the message, and not who opened the stream.
    """
    request = ctx.request
    with calling_as(owner(request.scope) if isinstance(request, HTTPConnection) else ""):
        return await call_next(ctx)
