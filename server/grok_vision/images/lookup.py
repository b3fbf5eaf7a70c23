"""The one lookup of a host, whose answers are all that may be dialled."""

import ipaddress
import socket

import anyio

from grok_vision.errors import SourceError
from grok_vision.images.addresses import IPAddress
from grok_vision.images.fetch_failures import fetch_failed, not_found
from grok_vision.images.hosts import plain
from grok_vision.images.network import Target


async def addresses_of(target: Target) -> list[IPAddress]:
    """Looks the host up, once, and returns every address that it has.

    A lookup cannot be stopped: its thread outlives a deadline. It is one of the event loop's own
    pool, which is bounded, so that lookups which hang wait there and do not pile up.

    Raises:
        SourceError: `fetch_failed` where there is none, `blocked_address` where one is of a
            network interface.
    """
    if target.address is not None:
        return [target.address]
    try:
        answers = await anyio.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise not_found(target.host) from error
    texts = dict.fromkeys(str(answer[4][0]) for answer in answers)
    if not texts:
        raise fetch_failed(f"the host {target.host} has no address; check the URL.")
    if any("%" in text for text in texts):
        raise SourceError(
            "blocked_address",
            f"the host {target.host} resolves to an address of one network interface only; "
            "download the file and pass its path.",
        )
    return [plain(ipaddress.ip_address(text)) for text in texts]
