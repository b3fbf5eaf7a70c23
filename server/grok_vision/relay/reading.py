"""A response while it is read: in bounds, and told word by word where it is a stream."""

import codecs
import math
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, suppress

import anyio
import httpx2

from grok_vision.relay.assembly import Assembly, BrokenEventError
from grok_vision.relay.reply import Broken, Reply, parsed
from grok_vision.watch import Watch

# No answer comes near it; what does is an error page or an attack on memory.
_MOST_BYTES = 8 * 1024 * 1024
# A stream wraps each word in some 250 bytes, which are dropped at once: 128,000 words and more.
_MOST_STREAMED = 64 * 1024 * 1024
_EVENTS = "text/event-stream"
_BEGINNINGS = (b"data:", b"event:", b"id:", b":")
# In seconds. How long use and cost may take to follow; and after the last event the connection is
# read to its end, so that it can be used again.
_USAGE, _END = 2.0, 0.2
_NOTHING = httpx2.Response(500)

Heard = Callable[[httpx2.Headers], None]


class Reading:
    """One response. What came of it holds also where the rest never comes.

    `watch` is told of the words of a stream, `heard` of the headers when they are here.
    """

    def __init__(self, watch: Watch, heard: Heard) -> None:
        self._response = _NOTHING
        self._watch = watch
        self._heard = heard
        self._left = _MOST_BYTES
        self._content = bytearray()
        self._assembly: Assembly | None = None
        self._broken: Broken = ""

    @property
    def is_answer(self) -> bool:
        """Whether an answer came, or words of one, of which nothing may be thrown away."""
        return self._assembly is not None and (self._assembly.has_words or self._assembly.is_whole)

    @property
    def is_document(self) -> bool:
        """Whether all of a JSON document came, though not the end of the response."""
        return self._assembly is None and isinstance(parsed(self._content), dict)

    async def run(self, client: httpx2.AsyncClient, request: httpx2.Request) -> None:
        """Send the request, and read its response to the end.

        Raises:
            httpx2.HTTPError: the connection broke off, or what comes cannot be decoded.
        """
        self._response = await client.send(request, stream=True)
        try:
            self._heard(self._response.headers)
            await self._read()
        finally:
            await self._response.aclose()

    async def _read(self) -> None:
        async with aclosing(self._bounded()) as chunks:
            if self._response.is_success and self._is_stream:
                await self._follow(chunks)
                return
            async for chunk in chunks:
                self._content += chunk
        if self._broken:
            self._content.clear()
        bare = self._content.removeprefix(codecs.BOM_UTF8).lstrip()
        if self._response.is_success and bare.startswith(_BEGINNINGS):
            # A stream that is not called so.
            await self._follow(_one(bytes(bare)))

    def reply(self, broken: Broken = "") -> Reply:
        """Return what came; `broken` is what ended it, where that is known to the caller only."""
        broken = broken or self._broken
        if self._assembly is None or not self.is_answer:
            document = parsed(self._content)
            broken = "" if broken == "deadline" else broken
        else:
            document = self._assembly.document()
            broken = "" if self._assembly.is_whole else broken
        return Reply(self._response.status_code, self._response.headers, document, broken)

    @property
    def _is_stream(self) -> bool:
        kind, _, _ = self._response.headers.get("content-type", "").partition(";")
        return kind.strip().lower() == _EVENTS

    async def _follow(self, chunks: AsyncIterator[bytes]) -> None:
        """Read a stream.

        Raises:
            httpx2.RemoteProtocolError: it ended before its end, and no word of it came.
        """
        self._assembly = assembly = Assembly()
        self._left += _MOST_STREAMED - _MOST_BYTES
        try:
            await self._assemble(assembly, _events(self._response.request, chunks))
        except (BrokenEventError, httpx2.SSEError):
            self._broken = "provider"
        if self._broken or assembly.is_whole:
            return
        if self._content.strip() and not assembly.begun:
            # A page or a document that is called a stream.
            self._assembly = None
        elif not assembly.has_words:
            raise httpx2.RemoteProtocolError("the stream ended before its end")
        else:
            self._broken = "connection"

    async def _assemble(
        self, assembly: Assembly, events: AsyncIterator[httpx2.ServerSentEvent]
    ) -> None:
        while not (assembly.done or self._broken):
            # After the reason why it ended, only use and cost may follow.
            with anyio.move_on_after(_USAGE if assembly.is_whole else math.inf) as patience:
                event = await self._next(assembly, events)
            if patience.cancelled_caught or event is None:
                return
            self._take(assembly, event)
        with anyio.move_on_after(_END), suppress(httpx2.HTTPError):
            while assembly.done and await anext(events, None) is not None:
                continue

    async def _next(
        self, assembly: Assembly, events: AsyncIterator[httpx2.ServerSentEvent]
    ) -> httpx2.ServerSentEvent | None:
        try:
            return await anext(events, None)
        except httpx2.HTTPError:
            if not assembly.is_whole:
                raise
            return None

    def _take(self, assembly: Assembly, event: httpx2.ServerSentEvent) -> None:
        if words := assembly.add(event.data, called=event.event):
            self._watch.written(words)
        if assembly.length > _MOST_BYTES:
            self._broken = "size"

    async def _bounded(self) -> AsyncGenerator[bytes, None]:
        """Yield the body, and end where it is too long to be an answer."""
        async with aclosing(self._response.aiter_bytes()) as chunks:
            async for chunk in chunks:
                self._left -= len(chunk)
                if self._left < 0:
                    self._broken = "size"
                    return
                if self._assembly is not None and not self._assembly.begun:
                    self._content += chunk[: max(0, _MOST_BYTES - len(self._content))]
                yield chunk


def _events(
    request: httpx2.Request, chunks: AsyncIterator[bytes]
) -> AsyncIterator[httpx2.ServerSentEvent]:
    """Return the events in the bytes, which are UTF-8 whatever their label says.

    Raises:
        httpx2.SSEError: while they are read: one is larger than any of an answer.
    """
    headers = {"content-type": _EVENTS}
    bare = httpx2.Response(200, headers=headers, stream=_Bytes(chunks), request=request)
    return aiter(httpx2.EventSource(bare, max_event_size=_MOST_BYTES))


class _Bytes(httpx2.AsyncByteStream):
    """Bytes as the body of a response, without a mark at their beginning (HTML §9.2.5)."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        mark = codecs.BOM_UTF8
        async for chunk in self._chunks:
            yield chunk.removeprefix(mark)
            mark = b""


async def _one(content: bytes) -> AsyncIterator[bytes]:
    yield content
