"""HTTP servers on the loopback, and a false internet in which public names lead to one of them."""

import asyncio
import ipaddress
import itertools
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

PIXELS = b"\x89PNG pretended"

Respond = Callable[[str], bytes]


def answer(body: bytes = PIXELS, status: str = "200 OK", headers: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


def redirect(location: str, status: int = 302) -> bytes:
    return answer(b"", f"{status} Elsewhere", f"Location: {location}\r\n")


class Server:
    """An HTTP server on the loopback that answers by a function of the path."""

    def __init__(self, respond: Respond, pause: float | None = None) -> None:
        self.respond = respond
        self.pause = pause
        self.heads: list[str] = []
        self.port = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.heads.append(head)
            response = self.respond(head.split()[1])
            for byte in response if self.pause else ():
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(self.pause or 0)
            writer.write(b"" if self.pause else response)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass  # the client has seen enough
        finally:
            writer.close()

    @asynccontextmanager
    async def listening(
        self, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ) -> AsyncIterator["Server"]:
        server = await asyncio.start_server(self.talk, host, 0, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()


@asynccontextmanager
async def serving(respond: Respond, pause: float | None = None) -> AsyncIterator[Server]:
    async with Server(respond, pause).listening() as server:
        yield server


class Network:
    """A false internet: names resolve by a table, public addresses lead to one local server."""

    def __init__(self, dns: dict[str, list[list[str]]], port: int) -> None:
        self.answers = {name: _repeating(answers) for name, answers in dns.items()}
        self.port = port
        self.dialled: list[str] = []
        self._connect = socket.socket.connect

    def getaddrinfo(self, host: Any, port: Any, *_: Any, **__: Any) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in self.answers:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        found = []
        for text in next(self.answers[name]):
            family = socket.AF_INET6 if ":" in text else socket.AF_INET
            address = (text, port, 0, 0) if ":" in text else (text, port)
            found.append((family, socket.SOCK_STREAM, 6, "", address))
        return found

    def connect(self, sock: socket.socket, address: tuple[Any, ...]) -> None:
        self.dialled.append(str(ipaddress.ip_address(address[0])))
        local = "::ffff:127.0.0.1" if sock.family == socket.AF_INET6 else "127.0.0.1"
        self._connect(sock, (local, self.port))

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(socket, "getaddrinfo", self.getaddrinfo)
        monkeypatch.setattr(socket.socket, "connect", lambda sock, to: self.connect(sock, to))


def _repeating(answers: list[list[str]]) -> Iterator[list[str]]:
    return itertools.chain(answers, itertools.repeat(answers[-1]))
