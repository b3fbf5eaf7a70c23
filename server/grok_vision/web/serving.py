"""The server as it runs: uvicorn, told how to begin, how much to take and how to end."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, cast

import uvicorn
from mcp.types import INTERNAL_ERROR
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grok_vision.settings import Settings
from grok_vision.web.binding import Binding
from grok_vision.web.protocol import Deadlines, TimedProtocol, Waiting
from grok_vision.web.refusals import refusal

if TYPE_CHECKING:
    import socket

# Files that are open besides connections: pictures, the provider, SQLite, Python's own.
_OTHER_FILES = 512
# They log what strangers send wrong, whole bodies among it, as warnings and errors (mcp 2.3).
_WORDS_OF_STRANGERS = ("mcp.server.sse", "mcp.server.transport_security")
# After calls were cancelled, what they hold is closed. A thread that hangs must not stop the end.
_LAST_SECONDS = 5.0


async def serve(
    app: ASGIApp,
    binding: Binding,
    settings: Settings,
    *,
    deadlines: Deadlines | None = None,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve the application until SIGTERM or SIGINT, and return; `ready` is called once it does.

    No more connections are taken then; calls in flight may take 8 seconds more before they are
    cancelled. A second signal ends the process at once.
    """
    _allow_files(settings.max_connections)
    server = http_server(app, settings, deadlines or Deadlines(), ready=ready)
    await server.serve(sockets=[binding.socket])


def http_server(
    app: ASGIApp,
    settings: Settings,
    deadlines: Deadlines,
    *,
    ready: Callable[[], None] = lambda: None,
) -> "HttpServer":
    """Return the server of an application, which is run by `serve(sockets=...)`."""
    # A call that is cancelled because the server ends is no error that has a traceback.
    logging.getLogger("uvicorn.error").addFilter(_is_no_cancellation)
    for name in _WORDS_OF_STRANGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return HttpServer(_config(_told(app), settings, deadlines), deadlines, ready)


def _config(app: ASGIApp, settings: Settings, deadlines: Deadlines) -> uvicorn.Config:
    # uvicorn's `limit_concurrency` counts a connection once its head has come, and refuses others
    # for those that say nothing: `Waiting` bounds them instead.
    protocol = partial(
        TimedProtocol, deadlines=deadlines, waiting=Waiting(settings.max_connections)
    )
    return uvicorn.Config(
        app,
        interface="asgi3",
        http=cast("type[asyncio.Protocol]", protocol),
        ws="none",
        lifespan="on",
        log_config=None,
        # What strangers send wrong is told to them; it would fill the log.
        log_level=None if settings.log_level == "DEBUG" else logging.ERROR,
        access_log=False,
        server_header=False,
        # Who is behind a proxy is for the proxy to log: anyone can send these headers.
        proxy_headers=False,
        timeout_keep_alive=round(deadlines.head) + 1,
        timeout_graceful_shutdown=cast("int", deadlines.end),
    )


class HttpServer(uvicorn.Server):
    """uvicorn's server, ended by our rules.

    Its own handlers would raise each signal again in the end, so that the process dies of it, and
    take no second SIGTERM. And sse-starlette looks at them to end all event streams at the first
    signal: these are the calls that should get their time.
    """

    def __init__(
        self, config: uvicorn.Config, deadlines: Deadlines, ready: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._patience = deadlines.end + _LAST_SECONDS

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Take the signals while it serves."""
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.getsignal(number) for number in numbers}
        loop = asyncio.get_running_loop()

        def end(number: int, _: FrameType | None = None) -> None:
            if self.should_exit:
                os._exit(128 + number)
            self.should_exit = True

        for number in numbers:
            try:
                loop.add_signal_handler(number, end, number)
            except NotImplementedError:  # Windows
                signal.signal(number, end)
        try:
            yield
        finally:
            for number, handler in before.items():
                with suppress(NotImplementedError):
                    loop.remove_signal_handler(number)
                signal.signal(number, handler)

    async def startup(self, sockets: "list[socket.socket] | None" = None) -> None:
        """Begin to serve, and tell so: from here on signals end it as they should."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: "list[socket.socket] | None" = None) -> None:
        """End what is under way, in time."""
        last = asyncio.get_running_loop().call_later(self._patience, _give_up)
        try:
            await super().shutdown(sockets)
        finally:
            last.cancel()


def _told(app: ASGIApp) -> ASGIApp:
    """Return the application with an answer for clients whose calls the end cancels."""

    async def serve_one(scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def passed_on(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await app(scope, receive, passed_on)
        except asyncio.CancelledError:
            if scope["type"] == "http" and not begun:
                told = "The server is ending; try again when it runs."
                await refusal(503, told, code=INTERNAL_ERROR)(scope, receive, send)
            raise

    return serve_one


def _is_no_cancellation(record: logging.LogRecord) -> bool:
    return record.exc_info is None or not isinstance(record.exc_info[1], asyncio.CancelledError)


def _give_up() -> None:
    sys.stderr.write("error: some calls could not be cancelled; ending without them.\n")
    sys.stderr.flush()
    os._exit(1)


def _allow_files(connections: int) -> None:
    """Let the process have as many files open as it has connections, where the system allows it."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _OTHER_FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        # Where no limit is set, the system may have one all the same.
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
