"""Clients that hold an HTTP server up: half-sent heads and bodies that stall (Linux).

Run: python benchmarks/slow_clients.py [--heads 800] [--bodies 100] [--megabytes 3]

One real server process, `grok-vision-mcp serve --transport http`. All connections are opened at
once; each sends its part and then nothing. Meanwhile another client asks for the list of tools, one
request after the other. Told: when the server had closed the last of the connections, how long the
other client waited, and the server's memory before, at most and after.

Exit code 1 where a connection was open after 15 s, a request of the other client failed, or the
memory stays more than 50 MiB above what it was.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2

_MOST_SECONDS = 15.0
_MOST_MIB = 50.0
_PATIENCE = 120.0
_REST_SECONDS = 3.0
_WARM_CALLS = 100
_ANNOUNCED = "Serving MCP at "
_LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
_HEADERS = {
    "Accept": "application/json, text/event-stream",
    "MCP-Protocol-Version": "2025-11-25",
}


class Server:
    """The process, and what the system says of it."""

    def __init__(self, process: "subprocess.Popen[str]", url: str) -> None:
        self.url = url
        self._process = process

    def rss(self) -> float:
        """Returns its resident memory in MiB."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def connections(self) -> int:
        """Returns how many sockets it has open."""
        folder = Path(f"/proc/{self._process.pid}/fd")
        return sum(str(file.readlink()).startswith("socket:") for file in folder.iterdir())


@contextmanager
def started() -> Iterator[Server]:
    """Starts the server in an empty folder, and ends it."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "grok_vision", "serve", "--transport", "http", "--port", "0"],
            cwd=folder,
            env={**os.environ, "GROK_VISION_PROVIDER": "local", "GROK_VISION_STATE_DIR": folder},
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stderr is not None
            told = next(line for line in process.stderr if line.startswith(_ANNOUNCED))
            yield Server(process, told.removeprefix(_ANNOUNCED).split()[0])
        finally:
            process.terminate()
            process.wait(_PATIENCE)


async def stall(url: str, sent: bytes) -> float:
    """Sends this and no more; returns the seconds until the server closed the connection."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    begun = time.monotonic()
    try:
        writer.write(sent)
        await writer.drain()
        await asyncio.wait_for(reader.read(), _PATIENCE)
    except OSError:
        pass  # closed with what was still on its way
    finally:
        writer.close()
    return time.monotonic() - begun


class Other:
    """A client as it should be."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.seconds: list[float] = []
        self.failed: list[str] = []

    def ask(self) -> None:
        """Asks once, on a new connection."""
        begun = time.monotonic()
        try:
            httpx2.post(
                self.url, json=_LIST, headers=_HEADERS, timeout=_PATIENCE, verify=False
            ).raise_for_status()
        except httpx2.HTTPError as error:
            self.failed.append(repr(error))
        self.seconds.append(time.monotonic() - begun)

    def go_on_asking(self, ended: threading.Event) -> None:
        """Asks until then."""
        while not ended.wait(0.02):
            self.ask()


class Watch:
    """The most memory that was seen."""

    def __init__(self, server: Server) -> None:
        self.most = 0.0
        self._server = server

    def go_on_looking(self, ended: threading.Event) -> None:
        """Looks until then."""
        while not ended.wait(0.02):
            self.most = max(self.most, self._server.rss())


async def run(server: Server, heads: int, bodies: int, megabytes: float) -> bool:
    host = urlsplit(server.url).netloc
    head = f"POST /mcp HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n".encode()
    size = int(megabytes * 1e6)
    body = head + f"Content-Length: {size * 2}\r\n\r\n".encode() + b"a" * size
    warm, other, watch = Other(server.url), Other(server.url), Watch(server)
    for _ in range(_WARM_CALLS):
        warm.ask()
    before = server.rss()
    ended = threading.Event()
    # In threads, so that what holds up this side's loop is not counted.
    beside = [
        asyncio.create_task(asyncio.to_thread(one, ended))
        for one in (other.go_on_asking, watch.go_on_looking)
    ]
    sent = [head] * heads + [body] * bodies
    seconds = await asyncio.gather(*(stall(server.url, each) for each in sent))
    await asyncio.sleep(_REST_SECONDS)
    ended.set()
    await asyncio.gather(*beside)
    after = server.rss()
    print(
        f"connections: {heads} heads closed within {max(seconds[:heads], default=0):.1f} s, "
        f"{bodies} bodies within {max(seconds[heads:], default=0):.1f} s; "
        f"{server.connections()} sockets open afterwards"
    )
    alone, beside_them = (1e3 * statistics.median(one.seconds) for one in (warm, other))
    print(
        f"other client: {len(other.seconds)} requests, {len(other.failed)} failed, median "
        f"{beside_them:.1f} ms (alone {alone:.1f} ms), slowest {1e3 * max(other.seconds):.0f} ms"
    )
    print(f"memory: {before:.0f} MiB before, {watch.most:.0f} at most, {after:.0f} after")
    for failure in dict.fromkeys((*warm.failed, *other.failed)):
        print(failure)
    late = max(seconds) > _MOST_SECONDS
    return not (late or warm.failed or other.failed or after - before > _MOST_MIB)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--heads", type=int, default=800)
    parser.add_argument("--bodies", type=int, default=100)
    parser.add_argument("--megabytes", type=float, default=3.0)
    given = parser.parse_args()
    with started() as server:
        good = asyncio.run(run(server, given.heads, given.bodies, given.megabytes))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
