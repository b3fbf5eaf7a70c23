"""A client of a stdio server that does as little as it can, so that times are the server's."""

import asyncio
import itertools
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

_LONGEST_LINE = 2**24


class BareClient:
    """Sends requests and hands out results, each to who waits for it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._writer, self._reader = process.stdin, process.stdout
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}

    async def request(self, method: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """Sends a request and returns its result."""
        number = next(self._ids)
        result = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._write({"id": number, "method": method, "params": parameters or {}})
        return await result

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Calls a tool and returns its structured result."""
        result = await self.request("tools/call", {"name": tool, "arguments": arguments})
        assert not result.get("isError"), result["content"]
        found: dict[str, Any] = result["structuredContent"]
        return found

    async def initialize(self) -> None:
        """Begins the session, as today's hosts do."""
        client = {"name": "benchmark", "version": "1"}
        version = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client}
        await self.request("initialize", version)
        self._write({"method": "notifications/initialized"})

    async def read(self) -> None:
        """Reads what the server answers, until it ends."""
        while line := await self._reader.readline():
            message = json.loads(line)
            if (waiting := self._waiting.pop(message.get("id"), None)) is None:
                continue
            if not waiting.done():
                waiting.set_result(message.get("result") or {"isError": True, "content": message})

    def _write(self, message: dict[str, Any]) -> None:
        self._writer.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")


@asynccontextmanager
async def connected(env: Mapping[str, str]) -> AsyncIterator[BareClient]:
    """Starts the server and gives a client of it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "grok_vision"),
        env=env,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
    )
    client = BareClient(process)
    reading = asyncio.create_task(client.read())
    try:
        await client.initialize()
        yield client
    finally:
        process.kill()
        await reading
        await process.wait()
