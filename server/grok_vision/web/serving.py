"""The server as it runs: uvicorn, told how to begin, how much to take and how to end."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, cast

import uvicorn
from starlette.types import ASGIApp

from grok_vision.settings import Settings
from grok_vision.web.binding import Binding
from grok_vision.web.ending import Ending, told
from grok_vision.web.protocol import Deadlines, TimedProtocol, Waiting

if TYPE_CHECKING:
    import socket

# Files that are open besides connections: pictures, the provider, SQLite, Python's own.
_OTHER_FILES = 512
# They log what strangers send wrong, whole bodies among it, as warnings and errors (mcp 2.3).
_WORDS_OF_STRANGERS = ("mcp.server.sse", "mcp.server.transport_security")
# After calls were cancelled, their answers are sent and what they hold is closed. A thread that
# hangs must not stop the end.
_ANSWER_SECONDS, _LAST_SECONDS = 1.0, 5.0


async def serve(
    app: ASGIApp,
    binding: Binding,
    settings: Settings,
    *,
    ending: Ending,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve the application until SIGTERM or SIGINT, and return; `ready` is called once it does.

    `ending` is told at once. Requests are taken for `drain_seconds` more, calls in flight may then
    take `grace_seconds` before they are cancelled. A second signal ends the process at once.
    """
    _allow_files(settings.max_connections)
    deadlines = Deadlines(end=settings.grace_seconds)
    server = http_server(app, settings, deadlines, ending=ending, ready=ready)
    await server.serve(sockets=[binding.socket])


def http_server(
    app: ASGIApp,
    settings: Settings,
    deadlines: Deadlines,
    *,
    ending: Ending | None = None,
    ready: Callable[[], None] = lambda: None,
) -> "HttpServer":
    """Return the server of an application, which is run by `serve(sockets=...)`."""
    # A call that is cancelled because the server ends is no error that has a traceback.
    logging.getLogger("uvicorn.error").addFilter(_is_no_cancellation)
    for name in _WORDS_OF_STRANGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    ending = ending or Ending()
    config = _config(told(app), settings, deadlines, ending)
    return HttpServer(config, deadlines, ending, settings.drain_seconds, ready)


def _config(
    app: ASGIApp, settings: Settings, deadlines: Deadlines, ending: Ending
) -> uvicorn.Config:
    # uvicorn's `limit_concurrency` counts a connection once its head has come, and refuses others
    # for those that say nothing: `Waiting` bounds them instead.
    protocol = partial(
        TimedProtocol,
        deadlines=deadlines,
        waiting=Waiting(settings.max_connections),
        is_ending=lambda: ending.begun,
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
        timeout_graceful_shutdown=cast("int", deadlines.end + _ANSWER_SECONDS),
    )


class HttpServer(uvicorn.Server):
    """uvicorn's server, ended by our rules.

    Its own handlers would raise each signal again in the end, so that the process dies of it, and
    take no second SIGTERM. And sse-starlette looks at them to end all event streams at the first
    signal: these are the calls that should get their time.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        deadlines: Deadlines,
        ending: Ending,
        drain: float,
        ready: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._grace = deadlines.end
        self._ending = ending
        self._drain = drain
        self._ready = ready

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Take the signals while it serves."""
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.getsignal(number) for number in numbers}
        loop = asyncio.get_running_loop()

        def end(number: int, _: FrameType | None = None) -> None:
            if self._ending.begun:
                os._exit(128 + number)
            self._ending.begin()
            if self._drain:
                loop.call_soon_threadsafe(loop.call_later, self._drain, self._leave)
            else:
                self._leave()

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
        self._ending.begin()
        loop = asyncio.get_running_loop()
        timers = [
            loop.call_later(self._grace, self._ending.cancel),
            loop.call_later(self._grace + _LAST_SECONDS, _give_up),
        ]
        try:
            await self._take_last(sockets or [])
            await super().shutdown(sockets)
        finally:
            for timer in timers:
                timer.cancel()

    def _leave(self) -> None:
        self.should_exit = True

    async def _take_last(self, listeners: "Sequence[socket.socket]") -> None:
        """Take the connections that the system has already taken, and no other.

        They would be reset, and what a proxy has sent there could not be sent elsewhere: it cannot
        know that nobody read it. Where the listener is closed, it is refused and takes another.
        """
        taken = [connection for one in listeners for connection in _waiting_at(one)]
        for server in self.servers:
            server.close()
        loop = asyncio.get_running_loop()
        for connection in taken:
            await loop.connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> asyncio.Protocol:
        kind = cast("Callable[..., asyncio.Protocol]", self.config.http_protocol_class)
        return kind(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )


def _waiting_at(listener: "socket.socket") -> "Iterator[socket.socket]":
    with suppress(OSError):
        while True:
            yield listener.accept()[0]


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
