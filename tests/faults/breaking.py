"""Servers that break off, stall, or answer other than once and at once."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from email.utils import formatdate

from tests.faults.completion import OK, Said, failed, head, reply
from tests.faults.visit import Visit

# Returns whether the connection stays.
Act = Callable[[Visit], Awaitable[bool]]
ACTS: dict[str, Act] = {}
# Those that decide themselves how much they read of a request.
UNREAD: set[str] = set()


def fault(name: str, *, unread: bool = False) -> Callable[[Act], Act]:
    """Register what the server does under a name; `unread` leaves the request's body to it."""

    def register(act: Act) -> Act:
        ACTS[name] = act
        if unread:
            UNREAD.add(name)
        return act

    return register


@fault("accept-silent")
@fault("never-reads", unread=True)
async def _silent(visit: Visit) -> bool:
    if visit.seen.fault == "never-reads":
        # Reading would make room: it is the client's deadline that ends this.
        visit.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(60)
    await visit.until_left()
    return False


@fault("slow-headers")
async def _slow_headers(visit: Visit) -> bool:
    await visit.pour(b"X-Slow: 1\r\n", 1000, pause=0.1)
    return False


@fault("slow-status-line")
async def _slow_status_line(visit: Visit) -> bool:
    await visit.send(*(bytes([byte]) for byte in b"HTTP/1.1 200 " + b"O" * 500), pause=0.1)
    return False


@fault("stall-after-headers")
async def _stall_after_headers(visit: Visit) -> bool:
    await visit.send(head("200 OK", f"Content-Length: {len(OK)}"))
    await visit.until_left()
    return False


@fault("stall-in-error-body")
async def _stall_in_error_body(visit: Visit) -> bool:
    await visit.send(head("400 Bad Request", f"Content-Length: {len(OK)}") + OK[:50])
    await visit.until_left()
    return False


@fault("drip-body")
async def _drip_body(visit: Visit) -> bool:
    await visit.send(head("200 OK", "Content-Length: 5000"))
    await visit.pour(b" ", 5000, pause=0.1)
    return False


@fault("endless-whitespace-slow")
async def _endless_whitespace_slow(visit: Visit) -> bool:
    await visit.send(head("200 OK", "Transfer-Encoding: chunked"))
    await visit.pour(b"1\r\n \r\n", 5000, pause=0.05)
    return False


@fault("informational-endless")
async def _informational_endless(visit: Visit) -> bool:
    await visit.pour(b"HTTP/1.1 100 Continue\r\n\r\n", 10_000, pause=0.005)
    return False


@fault("reset-before-headers")
async def _reset_before_headers(visit: Visit) -> bool:
    visit.reset()
    return False


@fault("reset-mid-body")
async def _reset_mid_body(visit: Visit) -> bool:
    await visit.send(reply().data[:-40], pause=0.05)
    visit.reset()
    return False


@fault("close-before-headers")
@fault("closes-after-half-the-request", unread=True)
async def _close(visit: Visit) -> bool:
    await visit.read_body(visit.seen.length // 2)
    return False


@fault("reset-on-request", unread=True)
async def _reset_on_request(visit: Visit) -> bool:
    visit.reset()
    return False


@fault("413-before-the-body", unread=True)
async def _413_before_the_body(visit: Visit) -> bool:
    await visit.send(failed("413 Payload Too Large", "Connection: close").data)
    visit.writer.write_eof()
    # A server that lingers, as nginx does: so the answer is not lost to a reset.
    await visit.until_left()
    return False


@fault("413-then-reset", unread=True)
async def _413_then_reset(visit: Visit) -> bool:
    await visit.read_body(visit.seen.length // 2)
    await visit.send(failed("413 Payload Too Large", "Connection: close").data)
    return False


@fault("ok-before-the-body", unread=True)
async def _ok_before_the_body(visit: Visit) -> bool:
    await visit.send(reply().data)
    await visit.read_body()
    return True


@fault("redirect-307-cross-host")
async def _redirect_cross_host(visit: Visit) -> bool:
    path = visit.seen.head.split()[1]
    return await visit.say(_moved("307", f"http://localhost:{visit.ports['elsewhere']}{path}"))


@fault("redirect-308-other-port")
async def _redirect_other_port(visit: Visit) -> bool:
    path = visit.seen.head.split()[1]
    return await visit.say(_moved("308", f"http://127.0.0.1:{visit.ports['elsewhere']}{path}"))


@fault("redirect-302-relative")
@fault("redirect-loop")
async def _redirect_loop(visit: Visit) -> bool:
    return await visit.say(_moved("302", visit.seen.head.split()[1]))


@fault("redirect-to-file")
async def _redirect_to_file(visit: Visit) -> bool:
    return await visit.say(_moved("301", "file:///etc/passwd"))


@fault("redirect-broken-location")
async def _redirect_broken(visit: Visit) -> bool:
    return await visit.say(_moved("303", "http://[::1:99999999/\x7f"))


def _moved(status: str, to: str) -> Said:
    return failed(f"{status} Moved", f"Location: {to}")


@fault("stale-keepalive")
async def _stale_keepalive(visit: Visit) -> bool:
    await visit.send(reply().data)
    return False


@fault("stale-keepalive-reset")
async def _stale_keepalive_reset(visit: Visit) -> bool:
    if visit.on_connection > 1:
        visit.reset()
        return False
    return await visit.say(reply())


@fault("flap-503-then-ok")
async def _flap(visit: Visit) -> bool:
    return await visit.say(failed("503 Service Unavailable") if visit.attempt == 1 else reply())


@fault("flap-reset-then-ok")
async def _flap_reset(visit: Visit) -> bool:
    if visit.attempt == 1:
        visit.reset()
        return False
    return await visit.say(reply())


@fault("429-retry-after-date-2s")
async def _date(visit: Visit) -> bool:
    when = formatdate(time.time() + 2, usegmt=True)
    return await visit.say(failed("429 Too Many Requests", f"Retry-After: {when}"))
