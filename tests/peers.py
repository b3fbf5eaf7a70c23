"""Raw HTTP clients of an MCP server, and a server on the loopback for them."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anyio
from starlette.types import ASGIApp

from tests import web

JSON = "application/json"
TAKEN = {"Accept": f"{JSON}, text/event-stream", "Content-Type": JSON}
LEGACY = {"MCP-Protocol-Version": "2025-11-25"}


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[str]:
    """Serve an application on the loopback as the command does; gives `host:port`."""
    async with web.serving(app) as served:
        yield served.host


@dataclass
class Peer:
    """A raw HTTP client of one request."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def head(self) -> str:
        return (await self.reader.readuntil(b"\r\n\r\n")).decode()

    async def rest(self) -> str:
        told = (await self.reader.read()).decode()
        await self.leave()
        return told

    async def leave(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


async def sent(
    host: str,
    body: object = None,
    headers: Mapping[str, str] | None = None,
    *,
    path: str = "/mcp",
    method: str = "POST",
) -> Peer:
    """Send a request, and give its connection."""
    peer = Peer(*await asyncio.open_connection(*host.split(":")))
    content = b"" if body is None else json.dumps(body).encode()
    told = {"Host": host, "Connection": "close", **TAKEN, **(headers or {})}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items())]
    lines += [f"Content-Length: {len(content)}", "", ""]
    peer.writer.write("\r\n".join(lines).encode() + content)
    return peer


def asked(method: str, params: object, number: int | str | None = 1) -> dict[str, Any]:
    message = {"jsonrpc": "2.0", "method": method, "params": params}
    return message if number is None else {**message, "id": number}


HELLO = asked(
    "initialize",
    {
        "protocolVersion": LEGACY["MCP-Protocol-Version"],
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
    0,
)


def call(picture: str, number: int | str = 1, meta: object = None) -> dict[str, Any]:
    params = {"name": "describe_image", "arguments": {"image": picture}}
    return asked("tools/call", {**params, "_meta": meta} if meta else params, number)


async def session(host: str) -> dict[str, str]:
    """Open a session; return the headers of what is sent in it."""
    peer = await sent(host, HELLO, LEGACY)
    lines = (await peer.head()).splitlines()
    await peer.rest()
    found = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
    headers = {**LEGACY, "Mcp-Session-Id": found["mcp-session-id"]}
    await (await sent(host, asked("notifications/initialized", {}, None), headers)).rest()
    return headers


async def until(told: Any, count: int = 1) -> None:
    """Wait until what is told comes to the count; the stand-in tells it from another thread."""
    with anyio.fail_after(10):
        while told() < count:  # noqa: ASYNC110
            await anyio.sleep(0.005)
