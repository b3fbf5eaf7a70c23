"""The HTTP server on the loopback, in this process, and clients that speak to it byte by byte."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field

import anyio
from starlette.types import ASGIApp

from grok_vision.settings import Settings
from grok_vision.web.binding import Binding, bind
from grok_vision.web.ending import Ending
from grok_vision.web.protocol import Deadlines
from grok_vision.web.serving import HttpServer, http_server

PATIENCE = 20.0
"""Seconds after which a wait counts as endless: no test gets there."""


@dataclass
class Served:
    """A server that runs."""

    server: HttpServer
    port: int
    peers: "list[Peer]" = field(default_factory=list)

    async def peer(self, sent: bytes = b"") -> "Peer":
        """Connect a client that sends this; it is closed with the server at the latest."""
        self.peers.append(Peer(*await asyncio.open_connection("127.0.0.1", self.port)))
        self.peers[-1].writer.write(sent)
        return self.peers[-1]

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def open(self) -> int:
        """Tell how many connections it has."""
        return len(self.server.server_state.connections)

    async def emptied(self) -> None:
        """Wait until it has none."""
        with anyio.fail_after(PATIENCE):
            while self.open():  # noqa: ASYNC110
                await anyio.sleep(0.002)


@asynccontextmanager
async def serving(
    app: ASGIApp,
    settings: Settings | None = None,
    deadlines: Deadlines | None = None,
    *,
    binding: Binding | None = None,
    ending: Ending | None = None,
) -> AsyncIterator[Served]:
    """Serve an application as the command does, on a free port; the signals are left alone."""
    settings = settings or Settings()
    binding = binding or bind(settings, "127.0.0.1", 0)
    server = http_server(app, settings, deadlines or Deadlines(end=1.0), ending=ending)
    server.capture_signals = nullcontext  # type: ignore[method-assign, assignment]
    task = asyncio.create_task(server.serve(sockets=[binding.socket]))
    served = Served(server, binding.port)
    try:
        yield served
    finally:
        for peer in served.peers:
            peer.writer.close()
        server.should_exit = True
        await task


@dataclass
class Peer:
    """A client that sends what it is told to, and no more."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def answer(self) -> bytes:
        """Return an answer that tells its length, head and body."""
        with anyio.fail_after(PATIENCE):
            head = await self.reader.readuntil(b"\r\n\r\n")
            _, _, told = head.lower().partition(b"content-length: ")
            return head + await self.reader.readexactly(int(told.split()[0] if told else 0))

    async def rest(self) -> bytes:
        """Return all that comes until the server closes the connection."""
        told = b""
        try:
            with anyio.fail_after(PATIENCE):
                while part := await self.reader.read(2**16):
                    told += part
        except ConnectionError:
            pass  # closed, with something of ours on its way
        return told

    async def drip(self, data: bytes) -> bytes:
        """Send this over and over, slowly, until the connection is closed; return what came."""
        closed = asyncio.create_task(self.rest())
        with anyio.fail_after(PATIENCE):
            while not closed.done():
                self.writer.write(data)
                await asyncio.wait([closed], timeout=0.01)
        return closed.result()


def request(
    served: Served, body: bytes | None = None, *headers: str, method: str = "POST", path: str = "/"
) -> bytes:
    """Return a request as it is sent; without a body nothing is told of one."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {served.host}", *headers]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])
