"""Over HTTP, a client that leaves takes its request along, in every mode.

The SDK ends a tool whose client has left only where no session is kept and the answer is a stream
(mcp 2.3.0, measured 2026-11-21). In a session of the 2025 protocols the tool runs to its end, and
so it does wherever answers are plain JSON: nobody receives the answer, and it is paid for.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPMethod

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grok_vision.alongside import alongside
from grok_vision.cancellations import SESSION_HEADER, is_at

# Of the client's headers, those that our message in its place cannot have.
_LEFT_OUT = {b"content-length", b"content-encoding", b"transfer-encoding", b"expect"}
# In seconds. It takes a millisecond, unless the session no longer reads.
_PATIENCE = 5.0

_log = logging.getLogger(__name__)


class CancelOnDisconnect:
    """ASGI middleware that ends what a POST asked for when its client leaves before the answer.

    The application is cancelled. In a session the work goes on elsewhere: the session is told as
    the client should have told it, by `notifications/cancelled` for the same request. That is one
    more POST to the same application, which checks it like every other.

    Without `sessions` there is nobody else to be told. Only POSTs to `path` are watched. Bodies of
    more than `max_body` bytes are not kept, so that what they ask for in a session is not
    cancelled. Where events are stored for clients that come back it is out of place: there a client
    that leaves may want its answer later.
    """

    def __init__(self, app: ASGIApp, *, path: str, max_body: int, sessions: bool = True) -> None:
        self._app = app
        self._sessions = sessions
        self._path = path
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if not self._is_watched(scope):
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(receive, send, self._max_body if self._sessions else 0)
        # A copy: routers write into theirs.
        asked = dict(scope)
        try:
            await self._serve(scope, exchange)
        finally:
            # Also where this is cancelled, as some servers do when a client leaves.
            if self._sessions and not exchange.answered and _has_session(asked):
                with anyio.move_on_after(_PATIENCE, shield=True):
                    await self._cancel(asked, exchange.ids())

    def _is_watched(self, scope: Scope) -> bool:
        return (
            scope["type"] == "http"
            and scope["method"] == HTTPMethod.POST
            and is_at(scope, self._path)
        )

    async def _serve(self, scope: Scope, exchange: "_Exchange") -> None:
        async def watch() -> None:
            await exchange.wait_until_left()
            # Servers say so also after an answer, while a notification is still handed over.
            if not exchange.answered:
                left.cancel()

        with anyio.CancelScope() as left:
            async with alongside(watch):
                await self._app(scope, exchange.receive, exchange.send)

    async def _cancel(self, asked: Scope, ids: Sequence[str | int]) -> None:
        for each in ids:
            told = {"requestId": each, "reason": "The client disconnected."}
            note = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": told}
            try:
                await self._post(asked, json.dumps(note).encode())
            except Exception:  # noqa: BLE001 - the edge to the SDK, which may be shutting down
                _log.debug("a request could not be cancelled", exc_info=True)

    async def _post(self, asked: Scope, body: bytes) -> None:
        """Send a message in place of the client, and drop what is answered."""
        messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            return messages.pop() if messages else {"type": "http.disconnect"}

        async def send(_: Message) -> None:
            pass

        kept = [(name, value) for name, value in asked["headers"] if name not in _LEFT_OUT]
        headers = [*kept, (b"content-length", str(len(body)).encode())]
        await self._app({**asked, "headers": headers}, receive, send)


class _Exchange:
    """A request as it passes by.

    Attributes:
        answered: Whether its response was sent to the end.
    """

    def __init__(self, receive: Receive, send: Send, max_body: int) -> None:
        self.answered = False
        self._receive = receive
        self._send = send
        self._max_body = max_body
        self._body: bytearray | None = bytearray() if max_body else None
        self._arrived = anyio.Event()

    async def receive(self) -> Message:
        """Give the application the next part of the body."""
        if self._arrived.is_set():
            # All that could come is that the client has left. Another waits for that already, and
            # will cancel this.
            await anyio.sleep_forever()
        message = await self._receive()
        if message["type"] == "http.request":
            self._keep(message.get("body", b""))
            if not message.get("more_body", False):
                self._arrived.set()
        return message

    async def send(self, message: Message) -> None:
        """Pass a part of the response on."""
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self.answered = True
        await self._send(message)

    async def wait_until_left(self) -> None:
        """Wait until the body has arrived and then the client has left."""
        await self._arrived.wait()
        while (await self._receive())["type"] != "http.disconnect":
            continue

    def ids(self) -> Sequence[str | int]:
        """Return the ids of the requests in the body; none where it was too long or is no JSON."""
        try:
            document = json.loads(self._body or b"")
        except (ValueError, RecursionError):
            return ()
        messages = document if isinstance(document, list) else [document]
        return [message["id"] for message in messages if _is_request(message)]

    def _keep(self, part: bytes) -> None:
        if self._body is not None:
            self._body += part
            if len(self._body) > self._max_body:
                self._body = None


def _is_request(message: object) -> bool:
    return (
        isinstance(message, Mapping)
        and "method" in message
        and isinstance(message.get("id"), str | int)
    )


def _has_session(scope: Scope) -> bool:
    return any(name == SESSION_HEADER for name, _ in scope["headers"])
