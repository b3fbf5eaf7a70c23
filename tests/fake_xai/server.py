"""Serving the stand-in over loopback HTTP, from a thread.

Two things keep it as quick as a real server (without them every keep-alive
client sees a false 48 ms): Nagle's algorithm is off, and a response is one write.
"""

import asyncio
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

HOST = "127.0.0.1"


@contextmanager
def serve(app: Any, port: int = 0) -> Generator[str]:
    """Serve an ASGI application; gives its base URL, which ends in `/v1`."""
    with _listen(port) as listener:
        server = _Server(_config(app))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        actual_port = listener.getsockname()[1]
        thread.start()
        if not server.ready.wait(10):
            raise RuntimeError("the stand-in did not start")
        try:
            yield f"http://{HOST}:{actual_port}/v1"
        finally:
            server.should_exit = True
            thread.join()


def _listen(port: int) -> socket.socket:
    # asyncio turns Nagle off only for sockets that say they are TCP; a plain `socket.socket()`
    # leaves the protocol at 0, and what it accepts inherits that.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    return listener


def _config(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_OneWriteProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
    )


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


class _OneWriteProtocol(H11Protocol):
    """uvicorn writes head, body and end apart; this gathers them."""

    # uvicorn narrows the argument in the same way.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        gathering: Any = _GatheringTransport(transport, self.loop)
        super().connection_made(gathering)


class _GatheringTransport:
    """A transport that writes once per turn of the event loop."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._waiting: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        if waiting and not self._transport.is_closing():
            self._transport.write(b"".join(waiting))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
