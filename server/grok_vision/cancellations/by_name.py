"""The middleware that ends requests which their clients cancel by a message."""

import json
import secrets
from collections.abc import Mapping
from hashlib import sha256
from http import HTTPMethod, HTTPStatus

import anyio
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grok_vision.cancellations.callers import principal
from grok_vision.cancellations.in_flight import InFlight

SESSION_HEADER = b"mcp-session-id"
# Who writes a name of their own must not make us keep much.
_LONGEST_NAME = 64


class CancelByName:
    """ASGI middleware that ends requests which their clients cancel by a message.

    At `initialize` a client is given a session id that is only a name: nothing is kept under it but
    the requests in flight. A server that does not know a name, because it was started again or is
    another behind the same balancer, serves it all the same. A GET, which would wait for messages
    that never come, is refused, as the protocol allows.
    """

    def __init__(self, app: ASGIApp, *, path: str, in_flight: InFlight) -> None:
        self._app = app
        self._path = path
        self._in_flight = in_flight

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or not is_at(scope, self._path):
            await self._app(scope, receive, send)
        elif scope["method"] == HTTPMethod.GET:
            refusal = Response(status_code=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "POST"})
            await refusal(scope, receive, send)
        elif scope["method"] == HTTPMethod.POST:
            await self._post(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _post(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = _Body(receive)
        name = _name(scope)
        if name is None:
            await self._app(scope, body.receive, _Naming(body, send).send)
            return
        request = _Request(body, send)
        with self._in_flight.known(name, request), request.scope:
            await self._app(scope, self._reading(name, body), request.send)
        if request.scope.cancelled_caught:
            await request.end()

    def _reading(self, name: str, body: "_Body") -> Receive:
        """Look at what arrives; the cancellation itself goes its way and is answered."""

        async def receive() -> Message:
            message = await body.receive()
            asked, body.cancelled = body.cancelled, None
            if asked is not None:
                await self._in_flight.cancel(name, asked)
            return message

        return receive


class _Body:
    """The body of a request as it passes by; of all that it says, this is kept.

    Attributes:
        method: What is asked; None before it has arrived, and where nothing is.
        number: The id of the request.
        cancelled: The id of the request that it cancels, until that is done.
    """

    def __init__(self, receive: Receive) -> None:
        self.method: object = None
        self.number: object = None
        self.cancelled: str | int | None = None
        self._receive = receive
        self._parts: list[bytes] = []

    async def receive(self) -> Message:
        """Give the application the next part."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                self._read()
        return message

    def _read(self) -> None:
        # A large one is read once, as by the server itself, and not kept for the time of its call.
        whole = b"".join(self._parts)
        self._parts.clear()
        try:
            message = json.loads(whole)
        except (ValueError, RecursionError):
            return
        if not isinstance(message, Mapping):
            return
        self.method, self.number = message.get("method"), message.get("id")
        params = message.get("params")
        if self.method == "notifications/cancelled" and isinstance(params, Mapping):
            asked = params.get("requestId")
            self.cancelled = asked if isinstance(asked, str | int) else None


class _Naming:
    """The answer to a client without a name, which is given one with a successful `initialize`."""

    def __init__(self, body: _Body, send: Send) -> None:
        self._body = body
        self._send = send

    async def send(self, message: Message) -> None:
        if (
            message["type"] == "http.response.start"
            and message["status"] == HTTPStatus.OK
            and self._body.method == "initialize"
        ):
            name = (SESSION_HEADER, secrets.token_hex(16).encode())
            message = {**message, "headers": [*message.get("headers", ()), name]}
        await self._send(message)


class _Request:
    """A request in flight; `scope` is what ends it."""

    def __init__(self, body: _Body, send: Send) -> None:
        self.scope = anyio.CancelScope()
        self._body = body
        self._send = send
        self._started = False
        self._ended = False

    def asks(self, number: object) -> bool:
        """Tell whether this is the request with that id."""
        return self._body.method is not None and self._body.number == number

    def cancel(self) -> None:
        """End it."""
        self.scope.cancel()

    async def send(self, message: Message) -> None:
        """Pass a part of the response on."""
        await self._send(message)
        self._started = True
        self._ended = message["type"] == "http.response.body" and not message.get("more_body")

    async def end(self) -> None:
        """Close the response: to what was cancelled, the protocol has no answer."""
        if self._ended:
            return
        if not self._started:
            headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
            await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        await self._send({"type": "http.response.body", "body": b""})


def is_at(scope: Scope, path: str) -> bool:
    """Tell whether the request is for this path of the application."""
    below: str = scope["path"].removeprefix(scope.get("root_path", ""))
    return below == path


def _name(scope: Scope) -> str | None:
    """Return who is authenticated with the name that this server gave, of which nothing is told."""
    found = next((value for name, value in scope["headers"] if name == SESSION_HEADER), None)
    if found is None or len(found) > _LONGEST_NAME:
        return None
    return sha256(json.dumps([principal(scope), found.decode("latin-1")]).encode()).hexdigest()
