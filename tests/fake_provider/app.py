"""The stand-in itself: an ASGI application."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from tests.fake_provider.checks import (
    check_messages,
    check_parameters,
    check_pictures,
    without_extras,
)
from tests.fake_provider.completion import complete
from tests.fake_provider.quirks import UNKNOWN_MODEL, Failure, Quirks, document, nested
from tests.fake_provider.response_formats import check_response_format
from tests.fake_xai import Recorded, Response
from tests.fake_xai.arrival import Arrival, check_transport
from tests.fake_xai.response import RefusalError
from tests.fake_xai.shape import check_keys, check_types
from tests.fake_xai.standin import StandIn

Words: TypeAlias = str | None
Answer: TypeAlias = Words | Callable[[Recorded], Words | dict[str, Any] | Response]

NO_LIMIT = 1 << 40


class FakeProvider(StandIn):
    """A strict stand-in of the provider that the quirks tell of.

    Attributes:
        quirks: In what it differs from others.
        key: The one key that is accepted; None where whoever comes is served, key or not.
        answer: What every sound request is answered: a text, None for a model that only thinks, or
            a function of the request that returns either, a dict (the whole body of a 200) or a
            raw `Response`.
    """

    def __init__(
        self, quirks: Quirks, *, key: str | None = None, answer: Answer = "A picture."
    ) -> None:
        super().__init__()
        self.quirks = quirks
        self.key = key or ("test" if quirks.key else None)
        self.answer = answer

    def refuse(self, failure: Failure) -> None:
        """Answer the next request with this failure, in the provider's own words."""
        response = self.quirks.failures[failure]
        self.fail(response.status, response.body, response.headers)

    def default_headers(self) -> Mapping[str, str]:
        """The headers of every response."""
        number = uuid.uuid4().hex
        return {name: value.format(id=number) for name, value in self.quirks.headers.items()}

    def route(self, arrival: Arrival) -> Response:
        """Answer one request."""
        seen = arrival.seen
        page = self._page(seen)
        if (seen.method, page) == ("GET", "/models"):
            if not self.quirks.open_list:
                self._check_key(seen)
            return self._models()
        if (seen.method, page) != ("POST", "/chat/completions"):
            raise self._refusal("wrong_address")
        self._check(arrival)
        return self._answer(seen)

    def _answer(self, seen: Recorded) -> Response:
        said = self.answer(seen) if callable(self.answer) else self.answer
        if isinstance(said, Response):
            return said
        whole = said if isinstance(said, dict) else complete(seen, self.quirks, said)
        return Response(200, whole, self.quirks.answer_headers)

    def _page(self, seen: Recorded) -> str:
        """The path below the address; over loopback HTTP the address is another's, below /v1."""
        address = urlsplit(self.quirks.address)
        host = seen.headers["host"]
        if host == address.netloc:
            return seen.path.removeprefix(address.path)
        return seen.path.removeprefix("/v1") if host.startswith("127.0.0.1:") else ""

    def _check(self, arrival: Arrival) -> None:
        seen = arrival.seen
        if seen.length > (self.quirks.max_body or NO_LIMIT):
            raise self._refusal("too_large")
        self._check_key(seen)
        try:
            check_transport(seen, NO_LIMIT)
            if arrival.unreadable:
                raise arrival.unreadable
            check_types(seen.body)
            check_keys(without_extras(seen.body, self.quirks))
        except RefusalError as refusal:
            raise RefusalError(nested(400, f"stand-in: {refusal.response.body}")) from None
        self._check_model(seen.body["model"])
        check_parameters(seen.body, self.quirks)
        check_response_format(seen, self.quirks)
        check_messages(seen, self.quirks)
        check_pictures(arrival, self.quirks)

    def _check_key(self, seen: Recorded) -> None:
        if self.key and seen.headers.get("authorization") != f"Bearer {self.key}":
            raise self._refusal("bad_key")

    def _check_model(self, model: str) -> None:
        if model == self.quirks.blind_model:
            raise self._refusal("blind")
        if model == UNKNOWN_MODEL and "unknown_model" in self.quirks.failures:
            raise self._refusal("unknown_model")
        if model not in self.quirks.models:
            raise RefusalError(nested(400, f"stand-in: nobody serves {model}"))

    def _models(self) -> Response:
        found = [{"id": model, "object": "model"} for model in self.quirks.models]
        return document(found if self.quirks.bare_list else {"object": "list", "data": found})

    def _refusal(self, failure: Failure) -> RefusalError:
        return RefusalError(self.quirks.failures[failure])
