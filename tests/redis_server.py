"""A real redis-server on the loopback, which tests stop, freeze and start again."""

import asyncio
import random
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

_READY = "Ready to accept connections"


class RedisServer:
    """A redis-server on a port of its own; `keeps` writes all to disk before it answers."""

    def __init__(self, folder: Path, *, keeps: bool = False) -> None:
        self._folder = folder
        self._keeps = keeps
        self._process: subprocess.Popen[str] | None = None
        self._is_plain = False
        self.port = _free_port()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self, *options: str) -> None:
        """Start it, again on the same port, and wait until it takes connections."""
        self._folder.mkdir(exist_ok=True)
        place = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        kept = ["--appendonly", "yes" if self._keeps else "no", "--appendfsync", "always"]
        self._process = subprocess.Popen(
            ["redis-server", *place, "--save", "", *kept, *options],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self._is_plain = not options
        told = []
        for line in self._process.stdout:
            told.append(line)
            if _READY in line:
                return
        raise RuntimeError("".join(told))

    def renew(self) -> None:
        """Let it run as at first, and hold nothing."""
        if self._process is None or not self._is_plain:
            self.stop()
            self.start()
            return
        self.thaw()
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(b"FLUSHALL\r\n")
            assert connection.recv(16) == b"+OK\r\n"

    def stop(self) -> None:
        """End it at once, as a machine that fails."""
        if self._process is not None:
            with self._process as process:
                process.kill()
            self._process = None

    def freeze(self) -> None:
        """Let it answer nothing, while it keeps its connections and takes more."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


@contextmanager
def redis_server(folder: Path, *, keeps: bool = False) -> Iterator[RedisServer]:
    """A redis-server that runs, or a test that is skipped."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed (Debian: apt install redis-server)")
    server = RedisServer(folder, keeps=keeps)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@dataclass
class BlackHole:
    """What takes every connection and never answers."""

    url: str = ""
    connections: int = 0

    async def keep_silent(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await reader.read(65536):
                pass
        finally:
            writer.close()


@asynccontextmanager
async def black_hole() -> AsyncIterator[BlackHole]:
    hole = BlackHole()
    server = await asyncio.start_server(hole.keep_silent, "127.0.0.1", 0)
    hole.url = f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield hole
    finally:
        server.close()


def _free_port() -> int:
    """Return a port that no connection takes by chance while the server is stopped."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as free, suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")
