"""Fetches a picture from the web: each address checked before it is dialled, each read bounded.

The host is looked up once, every answer is judged by `network`, and only a judged address is
dialled, so a name that changes its answer between the check and the connection gains nothing.
httpx2's transport is used without its client: no cookies, no proxies from the environment, no
redirects by itself, and no URL in a log.
"""

import ipaddress
import socket
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

import anyio
import httpx2

from grok_vision import __version__
from grok_vision.errors import SourceError
from grok_vision.images.addresses import IPAddress
from grok_vision.images.fetch_failures import (
    HTTPX_ERRORS,
    compressed,
    explain,
    fetch_failed,
    too_large,
    unexpected_status,
)
from grok_vision.images.hosts import plain
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
        with anyio.move_on_after(self._deadline):
            return await self._follow(target)
        raise fetch_failed(
            f"the host {target.host} did not deliver it within {self._deadline:g} s; "
            "try again, or download the file and pass its path"
        )

    async def aclose(self) -> None:
        """Closes the transport."""
        if self._transport is not None:
            await self._transport.aclose()

    async def _follow(self, target: Target) -> Fetched:
        for _ in range(_MAX_REDIRECTS + 1):
            answer = await self._visit(target)
            if isinstance(answer, Fetched):
                return answer
            target = answer
        raise fetch_failed(
            f"it redirects more than {_MAX_REDIRECTS} times, now to {target.host}; "
            "give the URL of the picture itself"
        )

    async def _visit(self, target: Target) -> Fetched | Target:
        """Asks one URL; returns what it gave, or where it points."""
        addresses = await _resolve(target)
        for address in addresses:  # one bad answer refuses them all
            check_address(target, address, self._rules)
        try:
            response = await self._dial(target, addresses)
            async with aclosing(response):
                if response.status_code in _REDIRECTS:
                    return self._redirected(target, response)
                return await self._read(target, response)
        except (*HTTPX_ERRORS, OSError) as error:
            raise explain(error, target.host) from error

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
                "give the URL of the picture itself"
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
            raise fetch_failed(f"the host {target.host} answered with nothing; check the URL")
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Fetched(bytes(data), media_type, target.url)


async def _resolve(target: Target) -> list[IPAddress]:
    """Looks the host up, once, and returns every address that it has."""
    if target.address is not None:
        return [target.address]
    try:
        answers = await anyio.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise fetch_failed(f"the host {target.host} could not be found; check the URL") from error
    texts = dict.fromkeys(str(answer[4][0]) for answer in answers)
    if not texts:
        raise fetch_failed(f"the host {target.host} has no address; check the URL")
    if any("%" in text for text in texts):
        raise SourceError(
            "blocked_address",
            f"the host {target.host} resolves to an address of one network interface only",
        )
    return [plain(ipaddress.ip_address(text)) for text in texts]


def _request(target: Target, address: IPAddress) -> httpx2.Request:
    """Builds the request that dials an address and speaks to, and verifies, the named host."""
    return httpx2.Request(
        "GET",
        target.dialled_at(address),
        headers={"Host": target.authority, **_HEADERS},
        extensions={"sni_hostname": target.host, "timeout": _TIMEOUT.as_dict()},
    )
