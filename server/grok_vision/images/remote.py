"""Fetches a picture from the web: each address checked before it is dialled, each read bounded.

The host is looked up once, every answer is judged by `network`, and only a judged address is
dialled, so a name that changes its answer between the check and the connection gains nothing.
httpx2's transport is used without its client: no cookies, no proxies from the environment, no
redirects by itself, and no URL in a log.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TypeVar

import anyio
import httpx2

from grok_vision.images.addresses import IPAddress
from grok_vision.images.exchange import Body, UnusablePartError, request_for
from grok_vision.images.fetch_failures import HTTPX_ERRORS, explain, fetch_failed
from grok_vision.images.handover import may_be_handed_on
from grok_vision.images.headers import Needed, whole
from grok_vision.images.lookup import addresses_of
from grok_vision.images.network import (
    HostRule,
    Target,
    check_address,
    follow_redirect,
    parse_target,
)

_MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Parts that are asked for, each larger than the last, before all is asked for at once.
_MOST_PARTS = 5

T = TypeVar("T")
Read = Callable[[Target, httpx2.Response], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a URL gave: its bytes, not yet looked at."""

    data: bytes = field(repr=False)
    media_type: str
    """As the host declares it, in lower case without parameters; empty where it does not."""
    url: str = field(repr=False)
    """Where it was found in the end. May hold secrets in its query: not for messages."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """The start of what a URL gives, perhaps all of it, and how long that is in all, if told."""

    data: bytes = field(repr=False)
    file_bytes: int | None


class Fetcher:
    """Fetches URLs within the address policy, a size and a deadline."""

    def __init__(
        self,
        *,
        rules: Sequence[HostRule] = (),
        max_bytes: int,
        deadline: float = 20.0,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._rules = tuple(rules)
        self._max_bytes = max_bytes
        self._deadline = deadline
        self._transport = transport

    async def fetch(self, url: str) -> Fetched:
        """Fetches one URL, redirects included.

        Raises:
            SourceError: `bad_source`, `blocked_address`, `fetch_failed` or `too_large`.
        """
        target = parse_target(url, self._rules)
        body = Body(self._max_bytes, whole)
        target = await self._in_time(self._follow(target, body.read), target.host)
        return Fetched(bytes(body.data), body.media_type, target.url)

    async def begin(self, url: str, needed: Needed) -> Beginning:
        """Fetches as much of the start as is needed, redirects included.

        Parts are asked for (RFC 9110, section 14). A host that sends all instead is heard until it
        is enough.

        Raises:
            SourceError: as `fetch`; `too_large` where all of it would be.
        """
        target = parse_target(url, self._rules)
        return await self._in_time(self._begun(target, needed), target.host)

    async def check(self, url: str) -> str | None:
        """Judges a URL, and all addresses of its host, as a fetch does; opens no connection.

        Returns what to hand to a provider that fetches by itself: the URL in ASCII, without its
        fragment. None where it must be fetched from here: the host is open by a rule only, or
        the path ends as that of a picture which no provider takes.

        Raises:
            SourceError: `bad_source`, `blocked_address` or `fetch_failed`.
        """
        target = parse_target(url, self._rules)
        addresses = await self._in_time(self._judged(target), target.host)
        # httpx2 writes it as a fetch would request it.
        return str(httpx2.URL(target.url)) if may_be_handed_on(target, addresses) else None

    async def aclose(self) -> None:
        """Closes the transport."""
        if self._transport is not None:
            await self._transport.aclose()

    async def _in_time(self, work: Awaitable[T], host: str) -> T:
        with anyio.move_on_after(self._deadline):
            return await work
        raise fetch_failed(
            f"the host {host} did not deliver it within {self._deadline:g} s; "
            "try again, or download the file and pass its path."
        )

    async def _begun(self, target: Target, needed: Needed) -> Beginning:
        body = Body(self._max_bytes, needed)
        try:
            for _ in range(_MOST_PARTS):
                # The next part is asked for where this one was found.
                target = await self._follow(target, body.read_part, body.next_part)
                if body.is_enough:
                    break
        except UnusablePartError:
            pass
        if not body.is_enough:
            await self._follow(target, body.read)
        return Beginning(bytes(body.data), body.file_bytes)

    async def _follow(self, target: Target, read: Read, part: str = "") -> Target:
        """Asks where the target points in the end, and has the answer read; returns that place."""
        for _ in range(_MAX_REDIRECTS + 1):
            onward = await self._visit(target, read, part)
            if onward is None:
                return target
            target = onward
        raise fetch_failed(
            f"it redirects more than {_MAX_REDIRECTS} times, now to {target.host}; "
            "give the URL of the picture itself."
        )

    async def _visit(self, target: Target, read: Read, part: str) -> Target | None:
        """Asks one URL; returns where it points, or None once its answer is read."""
        addresses = await self._judged(target)
        try:
            response = await self._dial(target, addresses, part)
            async with aclosing(response):
                if response.status_code in _REDIRECTS:
                    return self._redirected(target, response)
                await read(target, response)
                return None
        except (*HTTPX_ERRORS, OSError) as error:
            raise explain(error, target.host) from error

    async def _judged(self, target: Target) -> list[IPAddress]:
        """Returns all addresses of the host; one bad answer refuses them all."""
        addresses = await addresses_of(target)
        for address in addresses:
            check_address(target, address, self._rules)
        return addresses

    async def _dial(
        self, target: Target, addresses: Sequence[IPAddress], part: str
    ) -> httpx2.Response:
        """Sends the request to the first address that accepts a connection."""
        transport = self._ready_transport()
        *others, last = addresses
        for address in others:
            try:
                return await transport.handle_async_request(request_for(target, address, part))
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue  # the next address may do; the failure of the last one is told
        return await transport.handle_async_request(request_for(target, last, part))

    def _ready_transport(self) -> httpx2.AsyncBaseTransport:
        """Makes the transport when it is first needed: its TLS setup takes tens of milliseconds."""
        if self._transport is None:
            # The pool knows a connection by address and port alone. Kept open, one that was
            # verified for a host would serve another host at the same address.
            limits = httpx2.Limits(max_keepalive_connections=0)
            self._transport = httpx2.AsyncHTTPTransport(trust_env=False, limits=limits)
        return self._transport

    def _redirected(self, target: Target, response: httpx2.Response) -> Target:
        """Parses where a response points, by the same policy as the first URL."""
        locations = response.headers.get_list("location")
        if len(locations) != 1:
            raise fetch_failed(
                f"the host {target.host} redirects without saying clearly where to; "
                "give the URL of the picture itself."
            )
        return follow_redirect(target, locations[0], self._rules)
