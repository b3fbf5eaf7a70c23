"""A provider for benchmarks, in a process of its own: its answer tells what it was asked and saw.

It streams where that is asked for, takes a while, and fails in ways that pass where it is told to.
"""

import asyncio
import base64
import json
import multiprocessing
import random
import re
import socket
import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from multiprocessing.connection import Connection
from typing import Any
from urllib.request import urlopen

from PIL import Image

FIELDS = 16
_SYNC = (1, 0, 1, 0)
_WORDS = "so this is what the picture shows, in as many words as a model may use for it, "
_ASKED = re.compile(r"asked ([0-9a-f]{12})")
_JSON = "Content-Type: application/json\r\n"
_SSE = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_USAGE = {"prompt_tokens": 2100, "completion_tokens": 60, "total_tokens": 2160}
_LONGEST_STALL = 120.0
FAULTS = ("503", "429", "reset", "broken", "pause", "stall")


def mark(image: Image.Image, number: int) -> None:
    """Draws a number on the upper edge, in black and white fields that survive any scaling."""
    bits = [*_SYNC, *(number >> place & 1 for place in range(FIELDS - len(_SYNC)))]
    for place, bit in enumerate(bits):
        left, right = (image.width * edge // FIELDS for edge in (place, place + 1))
        image.paste((255 * bit,) * 3, (left, 0, right, image.height // 20))


def marked(image: Image.Image) -> int:
    """Returns the number that is drawn on the picture, or -1."""
    strip = image.convert("L").crop((0, 0, image.width, image.height // 20))
    small = strip.resize((FIELDS * 3, 3), Image.Resampling.BOX)
    bits = [int(small.getpixel((place * 3 + 1, 1)) > 127) for place in range(FIELDS)]  # type: ignore[operator]
    if tuple(bits[: len(_SYNC)]) != _SYNC:
        return -1
    return sum(bit << place for place, bit in enumerate(bits[len(_SYNC) :]))


def told(asked: str, seen: list[int]) -> str:
    """Returns the words about the question and the pictures with these numbers."""
    return json.dumps({"asked": asked, "seen": seen, "words": _WORDS * 6})


def extracted(asked: str, seen: list[int]) -> dict[str, Any]:
    """Returns the data about them."""
    rows = [{"row": row, "text": f"{asked} {row}"} for row in range(12)]
    return {"asked": asked, "seen": seen, "rows": rows}


def compared(asked: str, seen: list[int]) -> str:
    """Returns the summary of the first two of them."""
    return f"asked {asked} of {seen[:2]}"


class Provider:
    """Answers after a while between `least` and `most` seconds; `share` of its answers fail."""

    def __init__(self, least: float, most: float, share: float) -> None:
        self._seconds = (least, most)
        self._share = share
        self._chance = random.Random(7)
        self._numbers: dict[int, int] = {}
        self._known: set[str] = set()
        self.counts: Counter[str] = Counter()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers the requests of one connection."""
        try:
            while await self._answer(reader, writer):
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            self.counts["left by the client"] += 1
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return False
        if head.startswith(b"GET"):
            writer.write(_whole("200 OK", dict(self.counts)))
            return True
        length = next(line for line in head.lower().split(b"\r\n") if b"content-length" in line)
        request = json.loads(await reader.readexactly(int(length.partition(b":")[2])))
        asked, text = self._text(request)
        self.counts["requests"] += 1
        self.counts["asked again"] += asked in self._known
        self._known.add(asked)
        fault = self._chance.choice(FAULTS) if self._chance.random() < self._share else ""
        if fault:
            self.counts[f"fault {fault}"] += 1
        await asyncio.sleep(self._chance.uniform(*self._seconds))
        if fault == "503":
            writer.write(_whole("503 Busy", {"code": "x", "error": "try again"}))
        elif fault == "429":
            writer.write(_whole("429 Slow", {"code": "x", "error": "slow"}, "Retry-After: 1\r\n"))
        elif fault == "reset":
            return _reset(writer)
        elif request.get("stream"):
            return await _send(_events(request["model"], text), fault, reader, writer)
        else:
            whole = _whole("200 OK", _completion(request["model"], text))
            return await _send([whole[:-200], whole[-200:]], fault, reader, writer)
        return True

    def _text(self, request: dict[str, Any]) -> tuple[str, str]:
        """Returns what marks the question, and the answer or the rest of it."""
        parts = [part for message in request["messages"] for part in _parts(message)]
        words = "\n".join(part["text"] for part in parts if part["type"] == "text")
        urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
        found = _ASKED.search(words)
        asked = found[1] if found else ""
        seen = [self._number(url) for url in urls]
        form = (request.get("response_format") or {}).get("json_schema", {}).get("name", "")
        if form == "comparison":
            entry = {"description": "x", "severity": "major", "picture": 2, "region": 1}
            text = json.dumps({"summary": compared(asked, seen), "differences": [entry]})
        elif form or "document once more" in words or "Your answer was cut off" in words:
            text = json.dumps(extracted(asked, seen))
        else:
            text = told(asked, seen)
        last = request["messages"][-1]
        if any("Your answer was cut off" in part.get("text", "") for part in _parts(last)):
            begun = next(m for m in reversed(request["messages"]) if m["role"] == "assistant")
            text = text[len("".join(part["text"] for part in _parts(begun))) :]
        return asked, text

    def _number(self, url: str) -> int:
        key = zlib.crc32(url.encode())
        if key not in self._numbers:
            image = Image.open(BytesIO(base64.b64decode(url.partition(",")[2])))
            image.load()
            self._numbers[key] = marked(image)
        return self._numbers[key]


def _parts(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _whole(status: str, document: Any, more: str = "") -> bytes:
    body = json.dumps(document).encode()
    return f"HTTP/1.1 {status}\r\n{_JSON}{more}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _completion(model: str, text: str) -> dict[str, Any]:
    choice = {"index": 0, "message": {"content": text}, "finish_reason": "stop"}
    return {"model": model, "choices": [choice], "usage": _USAGE}


def _events(model: str, text: str) -> list[bytes]:
    """Returns the head and the events of a stream, some words each."""
    choices: list[dict[str, Any]] = [
        {"index": 0, "delta": {"content": text[place : place + 20]}}
        for place in range(0, len(text), 20)
    ]
    choices.append({"index": 0, "delta": {}, "finish_reason": "stop"})
    events = [json.dumps({"model": model, "choices": [choice]}) for choice in choices]
    events += [json.dumps({"model": model, "choices": [], "usage": _USAGE}), "[DONE]"]
    data = [f"data: {event}\n\n".encode() for event in events]
    return [_SSE.encode(), *(b"%x\r\n%s\r\n" % (len(it), it) for it in data), b"0\r\n\r\n"]


async def _send(
    pieces: list[bytes], fault: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> bool:
    half = len(pieces) // 2
    for place, piece in enumerate(pieces):
        if fault and place == half:
            await writer.drain()
            if fault == "broken":
                await asyncio.sleep(0.05)
                return _reset(writer)
            if fault == "pause":
                await asyncio.sleep(2.0)
            if fault == "stall":
                async with asyncio.timeout(_LONGEST_STALL):
                    await reader.read(1)
                return False
        if writer.transport.is_closing():
            raise ConnectionResetError
        writer.write(piece)
        if place % 8 == 0:
            await writer.drain()
            await asyncio.sleep(0.002)
    return True


def _reset(writer: asyncio.StreamWriter) -> bool:
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    return False


def _provide(port: Connection, least: float, most: float, share: float) -> None:
    async def serve() -> None:
        provider = Provider(least, most, share)
        server = await asyncio.start_server(provider.talk, "127.0.0.1", 0, limit=2**24)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


@contextmanager
def providing(least: float, most: float, share: float = 0.0) -> Iterator[str]:
    """Serves in a process of its own, and gives the address up to /v1."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(
        target=_provide, args=(theirs, least, most, share), daemon=True
    )
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}/v1"
    finally:
        process.kill()


def counts(address: str) -> dict[str, int]:
    """Returns what the provider at the address counted."""
    with urlopen(address) as answer:
        found: dict[str, int] = json.load(answer)
    return found
