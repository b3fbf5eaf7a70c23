"""Fetches a picture from the web: each address checked before it is dialled, each read bounded.

The host is looked up once, every answer is judged by `network`, and only a judged address is
dialled, so a name that changes its answer between the check and the connection gains nothing.
httpx2's transport is used without its client: no cookies, no proxies from the environment, no
redirects by itself, and no URL in a log.
"""

from collections.abc import Awaitable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TypeVar

import anyio
import httpx2

from grok_vision import __version__
from grok_vision.images.addresses import IPAddress
from grok_vision.images.fetch_failures import (
    HTTPX_ERRORS,
    compressed,
    explain,
    fetch_failed,
    too_large,
    unexpected_status,
)
from grok_vision.images.handover import may_be_handed_on
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

_HEADERS = {
    "User-Agent": f"grok-vision-mcp/{__version__}",
    "Accept": "image/png,image/jpeg,image/*;q=0.9,application/pdf;q=0.8,*/*;q=0.5",
    "Accept-Encoding": "identity",  # a compressed body could unfold beyond every bound
    "Connection": "close",
}
_TIMEOUT = httpx2.Timeout(connect=5.0, read=15.0, write=5.0, pool=5.0)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a URL gave: its bytes, not yet looked at."""

    data: bytes = field(repr=False)
    media_type: str
    """As the host declares it, in lower case without parameters; empty where it does not."""
    url: str = field(repr=False)
    """Where it was found in the end. May hold secrets in its query: not for messages."""


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
        return await self._in_time(self._follow(target), target.host)

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

    async def _follow(self, target: Target) -> Fetched:
        for _ in range(_MAX_REDIRECTS + 1):
            answer = await self._visit(target)
            if isinstance(answer, Fetched):
                return answer
            target = answer
        raise fetch_failed(
            f"it redirects more than {_MAX_REDIRECTS} times, now to {target.host}; "
            "give the URL of the picture itself."
        )

    async def _visit(self, target: Target) -> Fetched | Target:
        """Asks one URL; returns what it gave, or where it points."""
        addresses = await self._judged(target)
        try:
            response = await self._dial(target, addresses)
            async with aclosing(response):
                if response.status_code in _REDIRECTS:
                    return self._redirected(target, response)
                return await self._read(target, response)
        except (*HTTPX_ERRORS, OSError) as error:
            raise explain(error, target.host) from error

    async def _judged(self, target: Target) -> list[IPAddress]:
        """Returns all addresses of the host; one bad answer refuses them all."""
        addresses = await addresses_of(target)
        for address in addresses:
            check_address(target, address, self._rules)
        return addresses

    async def _dial(self, target: Target, addresses: Sequence[IPAddress]) -> httpx2.Response:
        """Sends the request to the first address that accepts a connection."""
        transport = self._ready_transport()
        *others, last = addresses
        for address in others:
            try:
                return await transport.handle_async_request(_request(target, address))
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue  # the next address may do; the failure of the last one is told
        return await transport.handle_async_request(_request(target, last))

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

    async def _read(self, target: Target, response: httpx2.Response) -> Fetched:
        """Reads a final response within the bound."""
        if not response.is_success:
            raise unexpected_status(response.status_code, target.host)
        if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise compressed(target.host)
        # h11 has checked that it is a number; more digits than this are too large by themselves.
        if int(response.headers.get("content-length", "0")[:20]) > self._max_bytes:
            raise too_large(target.host, self._max_bytes)
        data = bytearray()
        async for chunk in response.aiter_bytes():
            data += chunk
            if len(data) > self._max_bytes:
                raise too_large(target.host, self._max_bytes)
        if not data:
            raise fetch_failed(f"the host {target.host} answered with nothing; check the URL.")
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Fetched(bytes(data), media_type, target.url)


def _request(target: Target, address: IPAddress) -> httpx2.Request:
    """Builds the request that dials an address and speaks to, and verifies, the named host."""
    return httpx2.Request(
        "GET",
        target.dialled_at(address),
        headers={"Host": target.authority, **_HEADERS},
        extensions={"sni_hostname": target.host, "timeout": _TIMEOUT.as_dict()},
    )
