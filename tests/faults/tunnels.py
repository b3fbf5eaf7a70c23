"""What goes wrong before a request can be sent: proxies, and TLS handshakes."""

import asyncio

from tests.faults.breaking import Act, fault
from tests.faults.completion import BODY_MARK, KEY, reply
from tests.faults.visit import Visit

# A request for a tunnel has no path, so that the host's name tells the fault and the way.
PROXIED = "proxied.example"
TUNNELS: dict[str, Act] = {}

_ANSWERS = {
    "proxy-407": "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic",
    "proxy-403": "403 Forbidden\r\nX-Said: x",
    "proxy-502": "502 Bad Gateway\r\nX-Said: x",
    "proxy-redirect": "302 Found\r\nLocation: http://127.0.0.1:9/login",
}


async def tunnel(visit: Visit) -> bool:
    """Answer a request for a tunnel: none is ever opened."""
    name = visit.seen.fault
    if name == "proxy-silent":
        await visit.until_left()
    elif name == "proxy-garbage":
        await visit.send(b"\x05\xff garbage\r\n\r\n")
    elif name in _ANSWERS:
        body = f"<p>{BODY_MARK} {KEY}</p>".encode()
        head = f"HTTP/1.1 {_ANSWERS[name]}\r\nContent-Length: {len(body)}\r\n\r\n"
        await visit.send(head.encode() + body)
    return False


async def handshake(reader: asyncio.StreamReader) -> None:
    """Read what a client begins a handshake with."""
    await reader.read(1 << 16)


@fault("tls-no-close-notify")
async def _no_close_notify(visit: Visit) -> bool:
    await visit.send(reply().data.replace(b"Content-Length:", b"X-Length:"), pause=0.1)
    # Without the alert that ends TLS: a cut by somebody in between looks the same.
    visit.writer.transport.abort()
    return False
