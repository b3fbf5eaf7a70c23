"""A response while it is read: in bounds, and told word by word where it is a stream."""

import codecs
from collections.abc import AsyncGenerator, AsyncIterator
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
_LONGEST_HEAD = 64 * 1024
_EVENTS = "text/event-stream"
# After the last event the connection is read to its end, so that it can be used again.
_LAST_SECONDS = 0.2


class Reading:
    """One response. What came of it holds also where the rest never comes."""

    def __init__(self, response: httpx2.Response, watch: Watch) -> None:
        self._response = response
        self._watch = watch
        self._left = _MOST_BYTES
        self._content = b""
        self._head = bytearray()
        self._assembly: Assembly | None = None
        self._broken: Broken = ""

    @property
    def has_words(self) -> bool:
        """Whether words of an answer came, of which nothing may be thrown away."""
        return self._assembly is not None and self._assembly.has_words

    async def run(self) -> None:
        """Read the response to its end.

        Raises:
            httpx2.HTTPError: the connection broke off, or what comes cannot be decoded.
        """
        async with aclosing(self._bounded()) as chunks:
            if self._response.is_success and self._is_stream:
                await self._follow(chunks)
                return
            content = b"".join([chunk async for chunk in chunks])
        self._content = b"" if self._broken else content
        if self._response.is_success and content.lstrip().startswith((b"data:", b"event:", b":")):
            # A stream that is not called so.
            await self._follow(_one(content))

    def reply(self, broken: Broken = "") -> Reply:
        """Return what came; `broken` is what ended it, where that is known to the caller only."""
        broken = broken or self._broken
        document = parsed(self._content)
        if self._assembly is not None and self._assembly.is_whole:
            document, broken = self._assembly.document(), ""
        elif self._assembly is not None and self.has_words:
            document = self._assembly.document()
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
        if self._head.strip() and not assembly.begun:
            # A page or a document that is called a stream.
            self._content = bytes(self._head)
        elif not assembly.has_words:
            raise httpx2.RemoteProtocolError("the stream ended before its end")
        else:
            self._broken = "connection"

    async def _assemble(
        self, assembly: Assembly, events: AsyncIterator[httpx2.ServerSentEvent]
    ) -> None:
        async for event in events:
            if words := assembly.add(event.data):
                self._watch.written(words)
            if assembly.length > _MOST_BYTES:
                self._broken = "size"
                return
            if assembly.done:
                await _to_the_end(events)

    async def _bounded(self) -> AsyncGenerator[bytes, None]:
        """Yield the body, and end where it is too long to be an answer."""
        async with aclosing(self._response.aiter_bytes()) as chunks:
            async for chunk in chunks:
                self._left -= len(chunk)
                if self._left < 0:
                    self._broken = "size"
                    return
                self._head += chunk[: _LONGEST_HEAD - len(self._head)]
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

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        mark = codecs.BOM_UTF8
        async for chunk in self._chunks:
            yield chunk.removeprefix(mark)
            mark = b""


async def _one(content: bytes) -> AsyncGenerator[bytes, None]:
    yield content


async def _to_the_end(events: AsyncIterator[object]) -> None:
    with anyio.move_on_after(_LAST_SECONDS), suppress(httpx2.HTTPError):
        async for _ in events:
            pass
