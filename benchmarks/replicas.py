"""One and two replicas of the HTTP server under the same load, with and without a Redis (Linux).

Run: python benchmarks/replicas.py [--seconds 8] [--slots 64]

Real processes on this machine, asked without a proxy. Each client describes a screenshot of
1920x1080, one call after the other, in the protocol of 2026; its file is another for each call, so
that nothing kept is of use. The provider answers at once, so that
the processor bounds the calls, with 16 clients; and after a second, with 64 clients and as many
places at the provider for each replica (GROK_VISION_CONCURRENCY), so that waiting bounds them.

The Redis is a real redis-server, not on disk; with it there are a limit on spending, which no call
reaches, and a rate limit, so that all that is shared is asked. Told for each case: calls a second
and their ratio to one replica without a Redis, the median and the slowest 5 % in milliseconds,
memory of the largest replica before and at most while calls go on, and commands that clients sent
to the Redis for each call. Clients, provider and Redis take their part of the same cores.
"""

import argparse
import asyncio
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count, cycle
from pathlib import Path
from typing import Self

from PIL import Image
from provider import providing

EXAMPLE = Path(__file__).parent.parent / "examples" / "dashboard.png"
WARM_SECONDS = 2.0
ANNOUNCED = "Serving MCP at "
VERSION = "2026-07-28"
META = {
    "io.modelcontextprotocol/protocolVersion": VERSION,
    "io.modelcontextprotocol/clientCapabilities": {},
}
# Of a connection that is opened, and ours.
NOT_OF_CALLS = {"client", "hello", "info", "select", "script", "config", "command", "ping"}
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass
class Replica:
    """A server process."""

    process: "subprocess.Popen[str]"
    port: int

    def rss(self, name: str = "VmRSS") -> float:
        """Returns its resident memory in MiB; as VmHWM the most that it was."""
        told = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in told.splitlines() if line.startswith(f"{name}:"))
        return int(line.split()[1]) / 1024


@contextmanager
def serving(replicas: int, pictures: Path, settings: dict[str, str]) -> Iterator[list[Replica]]:
    """Starts replicas that read the pictures, and ends them."""
    command = [sys.executable, "-m", "grok_vision", "serve", str(pictures)]
    with ExitStack() as stack:
        started = []
        for _ in range(replicas):
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            process = subprocess.Popen(
                [*command, "--transport", "http", "--port", "0"],
                env={**os.environ, **settings, "GROK_VISION_STATE_DIR": folder},
                stderr=subprocess.PIPE,
                text=True,
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            assert process.stderr is not None
            told = next(line for line in process.stderr if line.startswith(ANNOUNCED))
            started.append(Replica(process, int(told.split("/mcp")[0].rsplit(":", 1)[1])))
        yield started


@contextmanager
def redis() -> Iterator[int]:
    """Starts a redis-server, and gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            ["redis-server", "--port", str(port), "--save", "", "--dir", folder],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        next(line for line in process.stdout if "Ready to accept" in line)
        try:
            yield port
        finally:
            process.kill()
            process.wait()


def commands(port: int) -> dict[str, int]:
    """Returns how often each command was run, in scripts or by themselves."""
    asked = ["redis-cli", "-p", str(port), "info", "commandstats"]
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    found = re.findall(r"cmdstat_([\w|]+):calls=(\d+)", told)
    counts = {name.partition("|")[0]: int(calls) for name, calls in found}
    return {name: calls for name, calls in counts.items() if name not in NOT_OF_CALLS}


class Client:
    """An HTTP client of one connection that costs little itself, with a picture of its own."""

    def __init__(self, port: int, picture: Path) -> None:
        self._port = port
        self._picture = picture

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def describe(self, number: int) -> float:
        """Makes a call, and returns the milliseconds that it took."""
        with self._picture.open("ab") as file:  # another file, and the same picture
            file.write(b"+")
        arguments = {"image": str(self._picture), "prompt": f"asked {number:012x}"}
        params = {"name": "describe_image", "arguments": arguments, "_meta": META}
        message = {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}
        body = json.dumps(message).encode()
        lines = [
            "POST /mcp HTTP/1.1",
            f"Host: 127.0.0.1:{self._port}",
            "Accept: application/json, text/event-stream",
            "Content-Type: application/json",
            f"MCP-Protocol-Version: {VERSION}",
            "Mcp-Method: tools/call",
            "Mcp-Name: describe_image",
            f"Content-Length: {len(body)}",
        ]
        started = time.perf_counter()
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = await self._reader.readuntil(b"\r\n\r\n")
        found = LENGTH.search(head)
        assert found is not None, head
        told = json.loads(await self._reader.readexactly(int(found[1])))
        took = (time.perf_counter() - started) * 1000
        assert "structuredContent" in told.get("result", {}), told
        return took


async def load(
    ports: Sequence[int], pictures: Sequence[Path], seconds: float
) -> tuple[float, list[float]]:
    """Lets clients call for a while; returns calls a second and the time of each."""
    numbers, taken = count(int(time.time() * 1000)), list[float]()
    started = time.perf_counter()

    async def work(port: int, picture: Path) -> None:
        async with Client(port, picture) as client:
            while time.perf_counter() - started < seconds:
                taken.append(await client.describe(next(numbers)))

    async with asyncio.TaskGroup() as tasks:
        for picture, port in zip(pictures, cycle(ports), strict=False):
            tasks.create_task(work(port, picture))
    return len(taken) / (time.perf_counter() - started), taken


def drawn(folder: Path, count: int) -> list[Path]:
    page = Image.open(EXAMPLE).convert("RGB").resize((1920, 1080))
    paths = [folder / f"{number}.png" for number in range(count)]
    page.save(paths[0])
    for path in paths[1:]:
        path.write_bytes(paths[0].read_bytes())
    return paths


def measure(case: str, settings: dict[str, str], seconds: float, pictures: Sequence[Path]) -> None:
    first = 0.0
    for uses_redis in (False, True):
        for replicas in (1, 2):
            with ExitStack() as stack:
                port = stack.enter_context(redis()) if uses_redis else 0
                own = {
                    "GROK_VISION_REDIS_URL": f"redis://127.0.0.1:{port}/0",
                    "GROK_VISION_RATE_LIMIT": "1000000",
                    "GROK_VISION_MAX_USD": "100000",
                }
                given = {**settings, **(own if uses_redis else {})}
                started = stack.enter_context(serving(replicas, pictures[0].parent, given))
                ports = [one.port for one in started]
                asyncio.run(load(ports, pictures, WARM_SECONDS))
                idle = max(one.rss() for one in started)
                before = commands(port) if uses_redis else {}
                rate, taken = asyncio.run(load(ports, pictures, seconds))
                first = first or rate
                told = sorted(taken)
                print(
                    f"{case}, {replicas} {'with' if uses_redis else 'without'} a Redis: "
                    f"{rate:.1f} calls/s ({rate / first:.2f}), p50 {statistics.median(told):.0f} "
                    f"ms, p95 {told[int(len(told) * 0.95)]:.0f} ms, "
                    f"{idle:.0f} to {max(one.rss('VmHWM') for one in started):.0f} MiB"
                )
                if uses_redis:
                    tell_commands(before, commands(port), len(taken))


def tell_commands(before: dict[str, int], after: dict[str, int], calls: int) -> None:
    each = {name: (after[name] - before.get(name, 0)) / calls for name in after}
    told = ", ".join(f"{name} {one:.2f}" for name, one in sorted(each.items()) if one >= 0.01)
    print(f"  for each call: {told}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--slots", type=int, default=64)
    options = parser.parse_args()
    for case, delay, clients in (("at once", 0.0, 16), ("after 1 s", 1.0, options.slots)):
        with providing(delay, delay) as address, tempfile.TemporaryDirectory() as folder:
            settings = {
                "XAI_API_KEY": "k",
                "GROK_VISION_BASE_URL": address,
                "GROK_VISION_CONCURRENCY": str(clients),
            }
            pictures = drawn(Path(folder), clients)
            measure(case, settings, options.seconds, pictures)


if __name__ == "__main__":
    main()
