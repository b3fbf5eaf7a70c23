"""The beginning of an answer, held back until there is something to say.

A stream of events begins with a head at once, and its first event comes when the call is answered.
Where the server dies in between, a proxy that has passed the head on can only break the stream off.
One that has not can still answer that the request is to be sent again.
"""

from http import HTTPMethod

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grok_vision.cancellations import is_at


class Held:
    """ASGI middleware that sends the head of an answer to a POST with the first bytes of its body.

    These are an event, or the ping that the SDK sends every 15 seconds: clients and proxies wait
    for a head as long as they wait between two events (the SDKs 300 seconds, read 2026-11-22).
    """

    def __init__(self, app: ASGIApp, *, path: str) -> None:
        self._app = app
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        held = scope["type"] == "http" and scope["method"] == HTTPMethod.POST
        if held and is_at(scope, self._path):
            send = _Answer(send).send
        await self._app(scope, receive, send)


class _Answer:
    """An answer as it passes by."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._head: Message | None = None

    async def send(self, message: Message) -> None:
        """Pass a part of it on; of a head alone, and of an empty beginning, nothing."""
        if message["type"] == "http.response.start":
            self._head = message
            return
        if self._head is not None:
            if not message.get("body") and message.get("more_body"):
                return
            head, self._head = self._head, None
            await self._send(head)
        await self._send(message)
