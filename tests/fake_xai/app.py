"""The stand-in itself: an ASGI application."""

from collections.abc import Callable
from typing import Any, TypeAlias

from tests.fake_xai.arguments import check_arguments
from tests.fake_xai.arrival import Arrival, check_transport
from tests.fake_xai.catalogue import Model, find_model, list_language_models, list_models
from tests.fake_xai.completion import as_events, as_object, complete
from tests.fake_xai.credentials import check_key, describe_key
from tests.fake_xai.recorded import Recorded
from tests.fake_xai.response import Response, flat
from tests.fake_xai.shape import check_types
from tests.fake_xai.standin import StandIn

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


class FakeXAI(StandIn):
    """A strict stand-in of xAI. It starts with `/v1`, as xAI's paths do.

    Attributes:
        key: The one key that is accepted.
        answer: What every sound chat request is answered: a text, or a function of the request
            that returns a text, a dict (the whole body of a 200) or a raw `Response`. A text is
            streamed where the request asks for it; the other two are sent as they are.
        cached_tokens: What `usage` says of the cache.
        max_body: The largest body that is accepted, in bytes.
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
        super().__init__(delay=delay, chunk_delay=chunk_delay)
        self.key = key
        self.answer = answer
        self.cached_tokens = cached_tokens
        self.max_body = max_body

    def completion(self, request: Recorded, text: str) -> dict[str, Any]:
        """The body a text would be answered with, for an `answer` that wants to change it."""
        model = find_model(request.body["model"])
        return as_object(complete(request, model, text, self.cached_tokens))

    def route(self, arrival: Arrival) -> Response:
        """Answer one request."""
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
