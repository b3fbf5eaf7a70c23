"""Event streams whose pace, cut or end is the fault."""

import itertools
import zlib

from tests.faults.breaking import fault
from tests.faults.completion import TEXT, head
from tests.faults.events import FIRST, KIND, START, event, stream, words
from tests.faults.floods import zeros
from tests.faults.visit import PAUSE, Visit, chunk

_MIB = 1024 * 1024
_SAID = event(FIRST) + event(words(TEXT))
_END = b"0\r\n\r\n"


@fault("sse-split-inside-crlf")
async def _split_crlf(visit: Visit) -> bool:
    lines = stream().encode().split(b"\n")
    pieces = (piece for line in lines for piece in (line + b"\r", b"\n"))
    await visit.send(START)
    await visit.send_chunks(pieces, pause=PAUSE / 4)
    await visit.send(_END)
    return True


@fault("sse-split-in-character")
async def _split_character(visit: Visit) -> bool:
    data = stream().encode()
    cut = data.index("看".encode()) + 1
    tea = data.index("🍵".encode()) + 2
    await visit.send(START)
    await visit.send_chunks((data[:cut], data[cut:tea], data[tea:]), pause=PAUSE)
    await visit.send(_END)
    return True


@fault("sse-byte-by-byte")
async def _byte_by_byte(visit: Visit) -> bool:
    await visit.send(START)
    await visit.send_chunks(bytes([byte]) for byte in stream().encode())
    await visit.send(_END)
    return True


@fault("sse-reset-midstream")
async def _reset_midstream(visit: Visit) -> bool:
    await visit.send(START, chunk(_SAID.encode()), pause=PAUSE * 3)
    visit.reset()
    return False


@fault("sse-reset-before-text")
async def _reset_before_text(visit: Visit) -> bool:
    await visit.send(START, chunk(event(FIRST).encode()), pause=PAUSE * 3)
    visit.reset()
    return False


@fault("sse-flap-then-ok")
async def _flap_then_ok(visit: Visit) -> bool:
    if visit.attempt == 1:
        return await _reset_before_text(visit)
    await visit.send(START + chunk(stream().encode()) + _END)
    return True


@fault("sse-endless")
async def _endless(visit: Visit) -> bool:
    await visit.send(START, chunk(_SAID.encode()))
    await visit.pour(chunk(event(words(" on")).encode()), 10_000, pause=PAUSE)
    return False


@fault("sse-stall-mid-text")
async def _stall_mid_text(visit: Visit) -> bool:
    await visit.send(START, chunk(_SAID.encode()))
    await visit.until_left()
    return False


@fault("sse-stall-before-text")
async def _stall_before_text(visit: Visit) -> bool:
    await visit.send(START)
    await visit.until_left()
    return False


@fault("sse-stall-after-done")
async def _stall_after_done(visit: Visit) -> bool:
    await visit.send(START, chunk(stream().encode()))
    await visit.until_left()
    return False


@fault("sse-endless-comments")
async def _endless_comments(visit: Visit) -> bool:
    await visit.send(START)
    await visit.pour(chunk(b": ping\n\n"), 10_000, pause=PAUSE)
    return False


@fault("sse-comments-flood")
async def _comments_flood(visit: Visit) -> bool:
    await visit.send(START)
    await visit.pour(chunk(b": ping\n\n" * 10_000), 6000)
    return False


@fault("sse-event-without-end")
async def _event_without_end(visit: Visit) -> bool:
    await visit.send(START, chunk(b"data: "))
    await visit.pour(chunk(b"x" * _MIB), 100)
    return False


@fault("sse-gzip-bomb")
async def _gzip_bomb(visit: Visit) -> bool:
    start = head("200 OK", "Transfer-Encoding: chunked", "Content-Encoding: gzip", kind=KIND)
    await visit.send(start, chunk(zeros(1024, zlib.MAX_WBITS | 16)), _END)
    return True


@fault("sse-lines-without-end")
async def _lines_without_end(visit: Visit) -> bool:
    await visit.send(START)
    await visit.pour(chunk(b"data: x\n" * 10_000), 1300)
    return False


@fault("sse-flood-of-text")
async def _flood_of_text(visit: Visit) -> bool:
    await visit.send(START)
    await visit.pour(chunk(event(words("x" * 60_000)).encode()), 1700)
    return False


@fault("sse-many-events-then-ok")
async def _many_events(visit: Visit) -> bool:
    await visit.send(START)
    empty = event(words("")).encode()
    await visit.send_chunks(itertools.repeat(empty * 20, 50))
    await visit.send(chunk(stream().encode()) + _END)
    return True
