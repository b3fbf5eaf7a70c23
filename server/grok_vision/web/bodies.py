"""The bodies of requests: how large, how slow, and how much of them is held at once.

Starlette and the SDK have middlewares that bound the size alone: a body that never ends would be
waited for without end, and a hundred of them would be held. Theirs stay behind this one.
"""

import gc
import math
import time
import weakref
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field

import anyio
from mcp.types import INTERNAL_ERROR
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grok_vision.heaps import trim_heaps
from grok_vision.web.refusals import refusal

_MIB = 1024 * 1024
_LEAST_RATE = 64 * 1024
# So that calls in words are answered while large bodies take all the room. As many as connections
# are allowed can hold this.
_FREE = 64 * 1024
_RETRY_AFTER = "5"
_HELD = "grok_vision.held"
# Some large bodies at once. Of 270 MiB, glibc kept 100 when all was freed. Giving it back holds the
# server for 70 ms then (benchmarks/slow_clients.py, 2026-11-21), so it is not done for less.
_MUCH = 64 * _MIB
# In seconds, between two looks for what has ended.
_PAUSE = 2.0


class _Refused(Exception):  # noqa: N818 - an answer rather than a mistake
    """What arrives of a body is answered by this."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


class _Left(Exception):  # noqa: N818 - nobody is there to be told of a mistake
    """The client is gone."""


class Bodies:
    """ASGI middleware that reads a request to its end before the application sees any of it.

    A body of more than `max_bytes` is refused (413), at once where its length is declared. In each
    `window` of seconds, 64 KiB must arrive for every second of it, or the end (408). All bodies of
    requests in flight together may hold `max_held` bytes, the first 64 KiB of each not counted;
    what would pass that is asked to come again (503).

    Where the answer is sent before the body has come, the rest is dropped as it arrives; the
    server's own deadlines end that. So it is at `open_paths`, where nobody reads a body.

    With `kept_on`, what a request asked for goes on after its answer, as it does over SSE. Then a
    body counts until nothing holds the request any more, and `most_requests` may be held so.
    """

    def __init__(
        self,
        app: ASGIApp,
        max_bytes: int,
        *,
        max_held: int = 256 * _MIB,
        window: float = 10.0,
        open_paths: Collection[str] = (),
        kept_on: bool = False,
        most_requests: int = 1000,
    ) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._room = _Room(max(max_held, max_bytes), most_requests, collects=kept_on)
        self._window = window
        self._open_paths = open_paths
        self._kept_on = kept_on

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http" or scope["path"] in self._open_paths:
            await self._app(scope, receive, send)
            return
        body = _Body(self._room)
        try:
            try:
                if _declared(scope) > self._max_bytes:
                    raise _Refused(self._too_large())
                await self._read(body, receive)
                asked = {**scope, _HELD: body.held()} if self._kept_on else scope
            except _Refused as refused:
                body.drop()
                await refused.answer(scope, receive, send)
            except _Left:
                return
            else:
                await self._app(asked, body.replayed(receive), send)
        finally:
            body.drop()

    async def _read(self, body: "_Body", receive: Receive) -> None:
        while not body.complete:
            with anyio.move_on_after(self._window) as patience:
                await self._read_on(body, receive, body.size + int(_LEAST_RATE * self._window))
            if patience.cancelled_caught:
                raise _Refused(_late())

    async def _read_on(self, body: "_Body", receive: Receive, due: int) -> None:
        while not body.complete and body.size < due:
            body.add(await receive())
            if body.size > self._max_bytes:
                raise _Refused(self._too_large())

    def _too_large(self) -> Response:
        most = f"{round(self._max_bytes / _MIB, 2):g} MiB"
        return refusal(
            413,
            f"[request_too_large] The request is larger than {most}; send less or smaller "
            "pictures, or raise GROK_VISION_MAX_BODY_BYTES.",
        )


def _late() -> Response:
    message = "The body of the request came too slowly, or not at all; send it again."
    return refusal(408, message, headers={"Connection": "close"})


def _full() -> Response:
    message = "Other requests take all the room that there is; try again in some seconds."
    return refusal(503, message, code=INTERNAL_ERROR, headers={"Retry-After": _RETRY_AFTER})


def _declared(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isdecimal() else 0


@dataclass(slots=True)
class _Room:
    """The bytes that all bodies together may hold, and the requests that may be held."""

    most: int
    requests: int
    collects: bool = False
    held: int = 0
    _highest: int = 0
    _next_collection: float = -math.inf

    def resize(self, before: int, after: int) -> None:
        """Let one body hold so many bytes.

        Raises:
            _Refused: there is no room for them.
        """
        if after > before and self.held - before + after > self.most:
            self._let_go()
            if self.held - before + after > self.most:
                raise _Refused(_full())
        self.held += after - before
        held = self.held
        self._highest = max(self._highest, held)
        if not held and self._highest >= _MUCH:
            self._highest = 0
            trim_heaps()

    def enter(self) -> None:
        """Hold one more request.

        Raises:
            _Refused: as many as may be are held.
        """
        if not self.requests:
            self._let_go()
        if not self.requests:
            raise _Refused(_full())
        self.requests -= 1

    def leave(self, size: int) -> None:
        """Let go of a request that was held."""
        self.requests += 1
        self.resize(size, 0)

    def _let_go(self) -> None:
        """Let go of what has ended and only waits for Python to find that out."""
        # Some 100 ms: who is refused over and over must not hold the server up.
        if self.collects and time.monotonic() >= self._next_collection:
            gc.collect()
            self._next_collection = time.monotonic() + _PAUSE


class _Held:
    """Stands for a request as long as something holds that."""


@dataclass(slots=True)
class _Body:
    """What has arrived of one body."""

    room: _Room
    size: int = 0
    complete: bool = False
    _counted: int = 0
    _parts: deque[bytearray] = field(default_factory=deque)

    def add(self, message: Message) -> None:
        """Keep what has arrived.

        Raises:
            _Refused: there is no room for it.
            _Left: the client is gone.
        """
        if message["type"] == "http.disconnect":
            raise _Left
        part: bytes = message.get("body", b"")
        self.size += len(part)
        self.complete = not message.get("more_body", False)
        self._count(max(0, self.size - _FREE))
        # A part of its own for each byte that a client sends would hold a hundred times as much.
        if self._parts and len(self._parts[-1]) < _FREE:
            self._parts[-1] += part
        else:
            self._parts.append(bytearray(part))

    def replayed(self, receive: Receive) -> Receive:
        """Return a `receive` that gives what has arrived, part by part, and keeps none of it."""

        async def replay() -> Message:
            if not self._parts:
                return await receive()
            part = bytes(self._parts.popleft())
            return {"type": "http.request", "body": part, "more_body": bool(self._parts)}

        return replay

    def held(self) -> _Held:
        """Return what keeps the room of this body until nothing refers to it.

        Raises:
            _Refused: too many requests are held.
        """
        self.room.enter()
        held = _Held()
        weakref.finalize(held, self.room.leave, self._counted)
        self._counted = 0
        return held

    def drop(self) -> None:
        """Hold nothing any more."""
        self._parts.clear()
        self._count(0)

    def _count(self, size: int) -> None:
        self.room.resize(self._counted, size)
        self._counted = size
