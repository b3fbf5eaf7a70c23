"""One request to the fault server, and the ways to answer it that go wrong."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.faults.completion import Said

# How long a server of ours pauses between pieces: long enough for each to arrive alone.
PAUSE = 0.02
_END = 500


@dataclass(slots=True)
class Seen:
    """A request as it arrived; `end` is the end of its body."""

    fault: str
    way: str
    port: str
    head: str
    length: int
    received: int = 0
    end: str = ""


@dataclass(slots=True)
class Visit:
    """A request and its connection; `attempt` counts the requests of its run from 1.

    `on_connection` counts those on its connection, from 1 too.
    """

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    seen: Seen
    attempt: int
    on_connection: int
    ports: dict[str, int] = field(default_factory=dict)

    async def read_body(self, most: int | None = None) -> None:
        """Read the request's body, or so much of it."""
        wanted = self.seen.length if most is None else most
        while self.seen.received < wanted:
            data = await self.reader.read(min(1 << 20, wanted - self.seen.received))
            if not data:
                raise asyncio.IncompleteReadError(b"", wanted)
            self.seen.received += len(data)
            # What is asked for stands behind the pictures.
            self.seen.end = (self.seen.end + data[-_END:].decode("latin-1"))[-_END:]

    async def send(self, *pieces: bytes, pause: float = 0.0) -> None:
        """Write the pieces one by one."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            if pause:
                await asyncio.sleep(pause)

    async def say(self, said: Said) -> bool:
        """Write an answer; tell whether the connection stays."""
        await self.send(said.data)
        if said.then == "reset":
            self.reset()
        return said.then == "keep"

    async def pour(self, piece: bytes, times: int, pause: float = 0.0) -> None:
        """Write the same piece many times, or until the client leaves."""
        for _ in range(times):
            await self.send(piece, pause=pause)

    async def send_chunks(self, pieces: Iterable[bytes], pause: float = 0.0) -> None:
        """Write pieces in the chunked coding, without its end."""
        for piece in pieces:
            await self.send(chunk(piece), pause=pause)

    async def until_left(self) -> None:
        """Say nothing more, and wait for the client to go."""
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(1 << 16):
                pass

    def reset(self) -> None:
        """End the connection so that the other side sees a reset."""
        reset(self.writer)


def chunk(data: bytes) -> bytes:
    """Return data in the chunked coding."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def reset(writer: asyncio.StreamWriter) -> None:
    """Close so that the system sends RST: with a lingering time of nothing."""
    sock: socket.socket = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
