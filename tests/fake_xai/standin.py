"""What every stand-in of a provider is: an ASGI application that records what it sees."""

import uuid
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import AbstractContextManager
from typing import Any, TypeAlias

import anyio
import anyio.lowlevel
import httpx2

from tests.fake_xai.arrival import Arrival, arrive
from tests.fake_xai.recorded import Recorded
from tests.fake_xai.response import Body, RefusalError, Response
from tests.fake_xai.server import serve

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]


class StandIn(ABC):
    """An application that answers one request after another, and can be told to fail.

    Attributes:
        delay: Seconds before any response. A client that leaves meanwhile is not answered.
        chunk_delay: Seconds between the events of a stream.
        requests: What was seen, refused requests included.
        answered: How many responses were sent to their end.
        left: How many clients went away before that, as far as `delay` and `chunk_delay` let it
            see.
    """

    def __init__(self, *, delay: float = 0.0, chunk_delay: float = 0.0) -> None:
        self.delay = delay
        self.chunk_delay = chunk_delay
        self.requests: list[Recorded] = []
        self.answered = 0
        self.left = 0
        self._failures: deque[Response] = deque()

    @abstractmethod
    def route(self, arrival: Arrival) -> Response:
        """Answer one request, or raise a `RefusalError`."""

    def default_headers(self) -> Mapping[str, str]:
        """The headers of every response."""
        return {"x-request-id": str(uuid.uuid4())}

    def fail(
        self,
        status: int,
        body: Body = b"",
        headers: Mapping[str, str] | None = None,
        times: int = 1,
    ) -> None:
        """Queue raw failures for the next requests, whatever they are.

        They come before any check, so a test of failures needs no valid request, and in the order
        in which they were queued; after the last, requests are answered normally again.
        """
        self._failures.extend([Response(status, body, headers or {})] * times)

    def transport(self) -> httpx2.ASGITransport:
        """A transport for an `httpx2.AsyncClient`: no socket. Streams come in one piece."""
        return httpx2.ASGITransport(app=self)

    def serve(self, port: int = 0) -> AbstractContextManager[str]:
        """Serve over loopback HTTP from a thread; gives the base URL, which ends in `/v1`."""
        return serve(self, port)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request."""
        arrival = arrive(dict(scope), await _read_body(receive))
        self.requests.append(arrival.seen)
        response = self._respond(arrival)
        if await _leaves_within(self.delay, receive) or not await self._write(
            response, receive, send
        ):
            self.left += 1
            return
        self.answered += 1

    def _respond(self, arrival: Arrival) -> Response:
        if self._failures:
            return self._failures.popleft()
        try:
            return self.route(arrival)
        except RefusalError as refusal:
            return refusal.response

    async def _write(self, response: Response, receive: Receive, send: Send) -> bool:
        """Send the response; False where the client leaves meanwhile."""
        headers = response.raw_headers(self.default_headers())
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        *first, last = response.chunks() or (b"",)
        for chunk in first:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            if await _leaves_within(self.chunk_delay, receive):
                return False
        await send({"type": "http.response.body", "body": last})
        return True


async def _read_body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    more = True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(chunks)


async def _leaves_within(seconds: float, receive: Receive) -> bool:
    if not seconds:
        await anyio.lowlevel.checkpoint()
        return False
    with anyio.move_on_after(seconds) as wait:
        await receive()  # after the body, all there is to receive is that the client has gone
    return not wait.cancelled_caught
