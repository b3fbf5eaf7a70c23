"""Carries requests to the endpoint, a bounded number at a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from grok_vision.chat import ChatRequest
from grok_vision.providers import Endpoint
from grok_vision.relay.connection import Connection, Transport
from grok_vision.relay.exchange import Exchange
from grok_vision.relay.listing import listed
from grok_vision.results import ListedModel


class Relay:
    """The way to providers that all calls share.

    At most `concurrency` exchanges go on at once; more wait in order. `transport` replaces the
    network: the embedded engine's, or a stand-in's in tests.
    """

    def __init__(self, *, concurrency: int, transport: Transport | None = None) -> None:
        self._slots = anyio.Semaphore(concurrency)
        self._connection = Connection(transport)

    @asynccontextmanager
    async def exchange(self, endpoint: Endpoint, request: ChatRequest) -> AsyncIterator[Exchange]:
        """Wait until one more exchange may go on, and give it: nothing is sent before it is asked.

        What must hold when the request is sent is decided within, after the wait.

        Raises:
            RequestError: `request_too_large`, before the wait.
        """
        exchange = Exchange(self._connection, endpoint, request)
        async with self._slots:
            yield exchange

    async def catalogue(
        self, endpoint: Endpoint, *, complete: bool = False
    ) -> tuple[ListedModel, ...] | None:
        """Return the models that the endpoint lists, or None where it has no list of them.

        It costs nothing. `complete` asks for every list that the provider has.

        Raises:
            ProviderError: the endpoint cannot be reached or does not take the key.
        """
        return await listed(self._connection, endpoint, complete=complete)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._connection.aclose()
