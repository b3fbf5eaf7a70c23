"""HTTP/1.1 on one connection, with an end to every wait.

uvicorn (0.54) has one deadline, for an idle connection between two requests, and the first byte
ends it. A head that is never finished, a body that nobody reads, or a client that takes no answer
is waited for without end; so they are by its other parsers. hypercorn and granian know some of
these deadlines and would each be a second server in the process: mcp brings uvicorn.
"""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import h11
from mcp.types import INTERNAL_ERROR
from starlette.responses import Response
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import CLOSE_HEADER
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol, RequestResponseCycle
from uvicorn.server import ServerState

from grok_vision.web.refusals import refusal

# Of an answer that waits to be taken, within the deadline for it.
_LEAST_TAKEN = 64 * 1024
# A proxy may take the one and h11 takes the other: what follows is then a request to one of them
# only, which its author may not be allowed. RFC 9112, 6.1: the connection ends with the answer.
_TWO_LENGTHS = {b"content-length", b"transfer-encoding"}


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds that a client may take.

    Attributes:
        head: For the head of a request, and the rest of the body before it, from the beginning of
            the connection or the end of the answer before.
        answer: For taking 64 KiB of an answer.
        first: For the first request of a connection that is open when the server ends. It may be
            on its way: a proxy that has sent it does not know whether it was read.
        end: For calls in flight when the server ends; Docker kills after 10.
    """

    head: float = 10.0
    answer: float = 60.0
    first: float = 0.5
    end: float = 8.0


@dataclass(slots=True)
class Waiting:
    """The connections of a server that may have no more than `most`."""

    most: int
    _oldest_first: "dict[TimedProtocol, None]" = field(default_factory=dict)

    def add(self, connection: "TimedProtocol") -> None:
        """Note that the connection has to send a head from now on."""
        self._oldest_first[connection] = None

    def remove(self, connection: "TimedProtocol") -> None:
        """Note that it has not."""
        self._oldest_first.pop(connection, None)

    def make_room(self) -> bool:
        """Close the connection that has waited longest, and tell whether there was one.

        Who holds all connections open and says nothing keeps nobody out: others speak at once. A
        client that still takes an answer keeps its connection.
        """
        oldest = next((one for one in self._oldest_first if one.has_sent_all()), None)
        if oldest is None:
            return False
        oldest.drop()
        return True


class TimedProtocol(H11Protocol):
    """A connection that is closed where its client lets the server wait."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        deadlines: Deadlines,
        waiting: Waiting,
        is_ending: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._is_ending = is_ending
        self._deadlines = deadlines
        self._waiting = waiting
        self._for_head = _Timer(self.loop)
        self._for_answer = _Timer(self.loop)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a first head, or refuse the connection where there are too many."""
        full = len(self.connections) >= self._waiting.most and not self._waiting.make_room()
        super().connection_made(transport)
        self._await_head()
        if full:
            self._waiting.remove(self)
            told = "Too many connections; try again in some seconds."
            self._answer(refusal(503, told, code=INTERNAL_ERROR, headers={"Retry-After": "5"}))

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all waiting."""
        self._for_head.stop()
        self._for_answer.stop()
        self._waiting.remove(self)
        super().connection_lost(exc)

    def has_sent_all(self) -> bool:
        """Tell whether nothing waits to be taken by the client."""
        return not self.transport.get_write_buffer_size()

    def drop(self) -> None:
        """Close the connection at once, with whatever was to be sent."""
        self._waiting.remove(self)
        self.connections.discard(self)
        self.transport.abort()

    def handle_events(self) -> None:
        """Do what arrived; a whole head ends the wait for it."""
        super().handle_events()
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is not None and not cycle.response_complete:
            self._for_head.stop()
            self._waiting.remove(self)
            if {name for name, _ in self.headers} >= _TWO_LENGTHS:
                cycle.keep_alive = False
            if self._is_ending():
                _close_after(cycle)

    def shutdown(self) -> None:
        """Serve what is under way, and a first request that may be on its way; then close."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is None:
            self._for_head.start(min(self._deadlines.first, self._deadlines.head), self.drop)
            return
        _close_after(cycle)
        super().shutdown()

    def on_response_complete(self) -> None:
        """Wait for the next head, which may have come already."""
        self._await_head()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Wait until the client takes what waits to be sent."""
        super().pause_writing()
        self._watch_answer()

    def resume_writing(self) -> None:
        """End that wait."""
        super().resume_writing()
        self._for_answer.stop()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's own words
        """Answer what is no HTTP; where an answer is under way already, there is none."""
        self._answer(refusal(400, "This is no HTTP/1.1 request, or its head is too large."))

    def _answer(self, response: Response) -> None:
        """Send a last answer without asking the application."""
        if self.conn.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            self.drop()
            return
        dated = self.server_state.default_headers
        headers = [*dated, *response.raw_headers, (b"connection", b"close")]
        status = response.status_code
        head = h11.Response(status_code=status, headers=headers, reason=STATUS_PHRASES[status])
        for event in (head, h11.Data(data=bytes(response.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _await_head(self) -> None:
        self._waiting.add(self)
        self._for_head.start(self._deadlines.head, lambda: self._head_is_late(math.inf))

    def _head_is_late(self, before: float) -> None:
        """Close the connection, unless the client is still at the answer before."""
        unsent = self.transport.get_write_buffer_size()
        if unsent and (self.flow.write_paused or unsent < before):
            self._for_head.start(self._deadlines.head, lambda: self._head_is_late(unsent))
        else:
            self.drop()

    def _watch_answer(self) -> None:
        before = self.transport.get_write_buffer_size()

        def look() -> None:
            if before - self.transport.get_write_buffer_size() < _LEAST_TAKEN:
                self.drop()
            else:
                self._watch_answer()

        self._for_answer.start(self._deadlines.answer, look)


def _close_after(cycle: RequestResponseCycle) -> None:
    """Close the connection with this answer, and tell so, that no other request is sent there."""
    if cycle.keep_alive and not cycle.response_started:
        cycle.default_headers = [*cycle.default_headers, CLOSE_HEADER]
    cycle.keep_alive = False


class _Timer:
    """Something that is done later, once, unless it is stopped or put off."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._handle: asyncio.TimerHandle | None = None

    def start(self, seconds: float, then: Callable[[], None]) -> None:
        self.stop()
        self._handle = self._loop.call_later(seconds, then)

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
