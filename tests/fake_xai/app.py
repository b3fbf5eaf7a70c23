"""The stand-in itself: an ASGI application."""

import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import AbstractContextManager
from typing import Any, TypeAlias

import anyio
import httpx2

from tests.fake_xai.arguments import check_arguments
from tests.fake_xai.arrival import Arrival, arrive, check_transport
from tests.fake_xai.catalogue import Model, find_model, list_language_models, list_models
from tests.fake_xai.completion import as_events, as_object, complete
from tests.fake_xai.credentials import check_key, describe_key
from tests.fake_xai.recorded import Recorded
from tests.fake_xai.response import Body, RefusalError, Response, flat
from tests.fake_xai.server import serve
from tests.fake_xai.shape import check_types

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Answer: TypeAlias = str | Callable[[Recorded], str | dict[str, Any] | Response]

CHAT = ("POST", "/v1/chat/completions")
MAX_BODY = 50 * 1024 * 1024  # grok-build sampler, 2026-08

# Sent with successful chat answers only. The limits are those of grok-4.7, tier 0 (§1.1).
RATE_LIMITS = {
    "x-ratelimit-limit-requests": "150",
    "x-ratelimit-remaining-requests": "149",
    "x-ratelimit-limit-tokens": "50000000",
    "x-ratelimit-remaining-tokens": "49999000",
}


class FakeXAI:
    """A strict stand-in of xAI. It starts with `/v1`, as xAI's paths do.

    Attributes:
        key: The one key that is accepted.
        answer: What every sound chat request is answered: a text, or a function of the request
            that returns a text, a dict (the whole body of a 200) or a raw `Response`. A text is
            streamed where the request asks for it; the other two are sent as they are.
        delay: Seconds before any response. A client that leaves meanwhile is not answered.
        chunk_delay: Seconds between the events of a stream.
        cached_tokens: What `usage` says of the cache.
        max_body: The largest body that is accepted, in bytes.
        requests: What was seen, refused requests included.
        answered: How many responses were sent to their end.
    """

    def __init__(
        self,
        *,
        key: str = "test",
        answer: Answer = "A picture.",
        delay: float = 0.0,
        chunk_delay: float = 0.0,
        cached_tokens: int = 0,
        max_body: int = MAX_BODY,
    ) -> None:
        self.key = key
        self.answer = answer
        self.delay = delay
        self.chunk_delay = chunk_delay
        self.cached_tokens = cached_tokens
        self.max_body = max_body
        self.requests: list[Recorded] = []
        self.answered = 0
        self._failures: deque[Response] = deque()

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

    def completion(self, request: Recorded, text: str) -> dict[str, Any]:
        """The body a text would be answered with, for an `answer` that wants to change it."""
        model = find_model(request.body["model"])
        return as_object(complete(request, model, text, self.cached_tokens))

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request."""
        arrival = arrive(dict(scope), await _read_body(receive))
        self.requests.append(arrival.seen)
        response = self._respond(arrival)
        if await _leaves_within(self.delay, receive):
            return
        await self._write(response, send)
        self.answered += 1

    def _respond(self, arrival: Arrival) -> Response:
        if self._failures:
            return self._failures.popleft()
        try:
            return self._route(arrival)
        except RefusalError as refusal:
            return refusal.response

    def _route(self, arrival: Arrival) -> Response:
        seen = arrival.seen
        route = (seen.method, seen.path)
        if route == CHAT:
            return self._chat(seen, self._check(arrival))
        pages: dict[tuple[str, str], Callable[[], dict[str, Any]]] = {
            ("GET", "/v1/models"): list_models,
            ("GET", "/v1/language-models"): list_language_models,
            ("GET", "/v1/api-key"): lambda: describe_key(self.key),
        }
        if route not in pages:
            raise flat(404, "not-found", "The requested resource was not found.")
        check_key(seen.headers, self.key)
        return Response(200, pages[route]())

    def _check(self, arrival: Arrival) -> Model:
        # xAI's order: a body that cannot be read or an unknown model is told even to
        # strangers; the key comes after them.
        seen = arrival.seen
        check_transport(seen, self.max_body)
        if arrival.unreadable:
            raise arrival.unreadable
        check_types(seen.body)
        model = find_model(seen.body["model"])
        check_key(seen.headers, self.key)
        check_arguments(seen.body, model)
        if arrival.bad_image:
            raise arrival.bad_image
        return model

    def _chat(self, seen: Recorded, model: Model) -> Response:
        said = self.answer if isinstance(self.answer, str) else self.answer(seen)
        if isinstance(said, Response):
            return said
        if isinstance(said, dict):
            return Response(200, said, RATE_LIMITS)
        completion = complete(seen, model, said, self.cached_tokens)
        if not seen.body.get("stream"):
            return Response(200, as_object(completion), RATE_LIMITS)
        include_usage = bool((seen.body.get("stream_options") or {}).get("include_usage"))
        return Response(200, as_events(completion, include_usage=include_usage), RATE_LIMITS)

    async def _write(self, response: Response, send: Send) -> None:
        headers = response.raw_headers({"x-request-id": str(uuid.uuid4())})
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        *first, last = response.chunks() or (b"",)
        for chunk in first:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await anyio.sleep(self.chunk_delay)
        await send({"type": "http.response.body", "body": last})


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
        return False
    with anyio.move_on_after(seconds) as wait:
        await receive()  # after the body, all there is to receive is that the client has gone
    return not wait.cancelled_caught
