"""A server whose every byte is ours: the base URL's path names the fault that it produces.

`http://127.0.0.1:PORT/<fault>/<way>/v1`. The `way` only tells runs of a fault apart. What it saw
is answered under `/-/<fault>/<way>`.
"""

import asyncio
import contextlib
import json
import re
import socket
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from pathlib import Path

from tests.faults import bodies, floods, framing, slow_streams, statuses, streams, tunnels
from tests.faults.breaking import ACTS, UNREAD
from tests.faults.certificates import contexts
from tests.faults.completion import Said, failed, reply
from tests.faults.visit import Seen, Visit, reset

ANSWERS: dict[str, Said] = {
    **bodies.ANSWERS,
    **statuses.ANSWERS,
    **framing.ANSWERS,
    **streams.ANSWERS,
    "tls-ok": reply(),
    "warm": reply(),
}
# Whose faults register themselves.
_REGISTERED = (floods, slow_streams, tunnels)

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_QUIET = (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, TimeoutError)

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class FaultServer:
    """The listeners, and every request that they saw."""

    def __init__(self) -> None:
        self.ports: dict[str, int] = {}
        self.seen: list[Seen] = []
        self._attempts: Counter[tuple[str, str]] = Counter()
        self._servers: list[asyncio.Server] = []

    async def open(self, folder: Path) -> None:
        """Listen on a port for each kind; certificates are made in the folder."""
        for name in ("plain", "elsewhere", "proxy"):
            await self._listen(name, self._talking(name))
        await self._listen("narrow", self._talking("narrow"), receiving=4096)
        for name, context in contexts(folder).items():
            await self._listen(name, self._talking(name), tls=context)
        await self._listen("handshake-reset", _resetting)
        await self._listen("handshake-closed", _closing)
        await self._listen("handshake-silent", _waiting)
        await self._listen("handshake-refused", _refusing)
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            self.ports["closed"] = unused.getsockname()[1]

    def close(self) -> None:
        """Stop listening."""
        for server in self._servers:
            server.close()

    async def _listen(
        self, name: str, talk: Talk, *, tls: ssl.SSLContext | None = None, receiving: int = 0
    ) -> None:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        if receiving:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receiving)
        listener.bind(("127.0.0.1", 0))
        self._servers.append(
            await asyncio.start_server(talk, sock=listener, ssl=tls, limit=1 << 18)
        )
        self.ports[name] = listener.getsockname()[1]

    def _talking(self, port: str) -> Talk:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(*_QUIET):
                requests = 1
                while await self._answered(reader, writer, port, requests):
                    requests += 1
            writer.close()

        return talk

    async def _answered(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: str, number: int
    ) -> bool:
        """Answer one request; tell whether the connection stays."""
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split()[1].decode("latin-1")
        if path.startswith("/-/"):
            return await self._told(writer, path)
        fault, way = _names(path)
        length = _LENGTH.search(head)
        seen = Seen(fault, way, port, head.decode("latin-1"), int(length[1]) if length else 0)
        self.seen.append(seen)
        self._attempts[fault, way] += 1
        attempt = self._attempts[fault, way]
        return await self._act(Visit(reader, writer, seen, attempt, number, self.ports))

    async def _act(self, visit: Visit) -> bool:
        fault, port = visit.seen.fault, visit.seen.port
        if port == "proxy":
            return await tunnels.tunnel(visit)
        if fault not in UNREAD:
            await visit.read_body()
        if port == "elsewhere":
            return await visit.say(reply())
        if fault in ACTS:
            return await ACTS[fault](visit)
        return await visit.say(ANSWERS.get(fault, failed("404 No such fault")))

    async def _told(self, writer: asyncio.StreamWriter, path: str) -> bool:
        _, _, fault, way = path.split("/")
        found = [asdict(replace(s)) for s in self.seen if (s.fault, s.way) == (fault, way)]
        writer.write(json.dumps(found).encode())
        await writer.drain()
        return False


def _names(path: str) -> tuple[str, str]:
    """Return fault and way by a path, or by the name of a host that a tunnel is asked to."""
    if path.startswith("/"):
        fault, way = path.split("/")[1:3]
    else:
        fault, way = path.split(".")[:2]
    return fault, way


async def _resetting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await tunnels.handshake(reader)
    reset(writer)


async def _closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await tunnels.handshake(reader)
    writer.close()


async def _refusing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await tunnels.handshake(reader)
    # What a server without TLS says to bytes that are no request.
    writer.write(failed("400 Bad Request", "Connection: close").data)
    writer.close()


async def _waiting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while await reader.read(1 << 16):
            pass
    writer.close()
