"""estimate_tokens: time above an empty tool call, and bytes read of a URL.

Run: python benchmarks/estimate.py [rounds]

Ours is called by an MCP client in the same process, once warm, in turn with a tool that does
nothing on a server of the same kind; the figure is the median of the differences. Wanted are 3 ms
at most, and no more for a file of 20 MB than for one of 20 kB. The share of the image room, which
reads the header, is told by itself.

Of a URL, the server is on the loopback and counts what the system took of it: what was read here
and what stood in the sockets' buffers as the connection was closed. Its own buffer is kept small,
as what waits there has not gone over the network. It answers parts (Range), and then sends all
whatever is asked.
"""

import asyncio
import contextlib
import random
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from io import BytesIO
from pathlib import Path

from mcp import Client
from mcp.server import MCPServer
from PIL import Image

from grok_vision.app import create_server
from grok_vision.images import Images, Policy
from grok_vision.providers import considered
from grok_vision.settings import Settings

POLICY = partial(Policy, roots=None, max_bytes=2**25, max_pixels=100_000_000, fetch_deadline=10.0)
LIMITS = considered(Settings(), "grok-4.6").images
OPTIONS: dict[str, dict[str, object]] = {"PNG": {"compress_level": 1}, "JPEG": {"quality": 97}}
CHUNK = 16 * 1024

Call = Callable[[], Awaitable[object]]


def picture(kind: str, length: int) -> bytes:
    """Returns noise that is about `length` bytes long in the format."""
    bytes_a_pixel = 3.0 if kind == "PNG" else 1.4
    side = max(8, round((length / bytes_a_pixel) ** 0.5))
    image = Image.frombytes("RGB", (side, side), random.Random(7).randbytes(side * side * 3))
    buffer = BytesIO()
    image.save(buffer, kind, **OPTIONS[kind])
    return buffer.getvalue()


async def empty() -> None:
    """The call that ours is compared with."""


async def above(call: Call, floor: Call, rounds: int) -> float:
    """Returns the median of the milliseconds that a call takes more than the other."""
    more = []
    await call()
    for _ in range(rounds):
        times = []
        for each in (floor, call):
            start = time.perf_counter()
            await each()
            times.append(time.perf_counter() - start)
        more.append((times[1] - times[0]) * 1000)
    return statistics.median(more)


def nothing() -> str:
    """A tool that does nothing."""
    return ""


async def local(folder: Path, rounds: int) -> None:
    images = Images(POLICY())
    settings = Settings(roots=(folder,), state_dir=folder / "state", max_image_bytes=2**25)
    bare = MCPServer("bare")
    bare.add_tool(nothing)
    async with Client(create_server(settings)) as ours, Client(bare) as floor:
        for kind in OPTIONS:
            found = []
            for length in (20_000, 20_000_000):
                path = folder / f"{length}.{kind.lower()}"
                path.write_bytes(picture(kind, length))
                arguments = {"images": [str(path)], "model": "grok-4.3"}
                assert not (await ours.call_tool("estimate_tokens", arguments)).is_error
                call = partial(ours.call_tool, "estimate_tokens", arguments)
                found.append(await above(call, partial(floor.call_tool, "nothing", {}), rounds))
                room = partial(images.measure, [str(path)], limits=LIMITS, detail="auto")
                alone = await above(room, empty, rounds)
                print(
                    f"{kind:5} {path.stat().st_size:>12,} bytes: {found[-1]:5.2f} ms above an "
                    f"empty tool call; the header alone {alone:.2f} ms"
                )
            print(f"{kind:5} large to small: {found[1] / found[0]:.2f}")
    await images.aclose()


class Host:
    """A server of one file that counts the bytes of it that the system took."""

    def __init__(self, data: bytes, honours_ranges: bool) -> None:
        self.data = data
        self.honours_ranges = honours_ranges
        self.taken = 0
        self.requests = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers one request."""
        connection: socket.socket = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * CHUNK)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        self.requests += 1
        first, last, told = 0, len(self.data) - 1, "200 OK\r\n"
        if self.honours_ranges and "range: bytes=" in head:
            asked = head.partition("range: bytes=")[2].partition("\r\n")[0].split("-")
            first, last = int(asked[0]), min(int(asked[1] or last), last)
            told = f"206 Partial\r\nContent-Range: bytes {first}-{last}/{len(self.data)}\r\n"
        told = f"HTTP/1.1 {told}Content-Length: {last + 1 - first}\r\n\r\n"
        with contextlib.suppress(OSError):
            await self._send(connection, told.encode())
            for place in range(first, last + 1, CHUNK):
                piece = self.data[place : min(place + CHUNK, last + 1)]
                await self._send(connection, piece)
                self.taken += len(piece)
        writer.close()

    async def _send(self, connection: socket.socket, data: bytes) -> None:
        # asyncio's streams would take all of it for themselves.
        with contextlib.closing(connection.dup()) as own:
            own.setblocking(False)
            await asyncio.get_running_loop().sock_sendall(own, data)


@contextlib.asynccontextmanager
async def hosting(host: Host) -> AsyncIterator[str]:
    server = await asyncio.start_server(host.talk, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def remote() -> None:
    for kind in OPTIONS:
        data = picture(kind, 7_000_000)
        for honours_ranges in (True, False):
            host = Host(data, honours_ranges)
            async with hosting(host) as where:
                images = Images(POLICY(allow_hosts=(where,)))
                (told,) = await images.measure([f"http://{where}/i"], limits=LIMITS, detail="auto")
                await images.aclose()
            assert told.file_bytes == len(data)
            kept = "parts" if honours_ranges else "all"
            print(
                f"{kind:5} {len(data):>12,} bytes by URL, {kept:5} sent: {host.requests} request, "
                f"{host.taken:,} bytes left the server"
            )


async def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as folder:
        await local(Path(folder), rounds)
    await remote()


if __name__ == "__main__":
    asyncio.run(main())
