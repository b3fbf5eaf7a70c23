"""Carries requests to the endpoint, a bounded number at a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from grok_vision.chat import ChatRequest
from grok_vision.providers import Endpoint
from grok_vision.relay.connection import Transport
from grok_vision.relay.exchange import Exchange
from grok_vision.relay.listing import listed
from grok_vision.relay.slots import Place
from grok_vision.relay.traffic import Traffic
from grok_vision.results import ListedModel
from grok_vision.watch import NOBODY, Watch


class Relay:
    """The way to providers that all calls share.

    At most `concurrency` exchanges go on at once; more wait in order. Each makes up to `retries`
    attempts after its first. `transport` replaces the network: the embedded engine's, or a
    stand-in's in tests.
    """

    def __init__(
        self, *, concurrency: int, retries: int, transport: Transport | None = None
    ) -> None:
        self._traffic = Traffic(concurrency=concurrency, retries=retries, transport=transport)

    @asynccontextmanager
    async def exchange(
        self,
        endpoint: Endpoint,
        request: ChatRequest,
        watch: Watch = NOBODY,
        *,
        stream: bool = True,
    ) -> AsyncIterator[tuple[Exchange, Place]]:
        """Wait until one more exchange may go on, and give it with its place.

        Nothing is sent before it is asked to: what must hold when the request is sent is decided
        within, after the wait. `watch` follows it; the answer comes word by word where `stream`
        asks for it and the provider does so.

        Raises:
            RequestError: `request_too_large`, before the wait.
            ProviderError: `unavailable` where too many wait already; `timeout` where the wait took
                all the time of the call.
        """
        stream = stream and self._traffic.streams(endpoint, request)
        exchange = Exchange(self._traffic, endpoint, request, watch, stream=stream)
        async with self._traffic.slots.taken(watch) as place:
            yield exchange, place

    async def catalogue(
        self, endpoint: Endpoint, *, complete: bool = False
    ) -> tuple[ListedModel, ...] | None:
        """Return the models that the endpoint lists, or None where it has no list of them.

        It costs nothing. `complete` asks for every list that the provider has.

        Raises:
            ProviderError: the endpoint cannot be reached or does not take the key.
        """
        return await listed(self._traffic.connection, endpoint, complete=complete)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._traffic.connection.aclose()
