"""The body of a request with 50 MB of pictures: time to send it, and peak memory (Linux).

Run: python benchmarks/body.py [rounds]

Five pictures of 10 MB go to a sink on the loopback, in a process of its own, that reads them and
answers at once. Ours is the relay with a request as the chat room makes it; "json=" is httpx2 with
a document that holds them as base64; "pybase64" is ours with that encoder in place of the standard
library's, where it is installed. Each is measured in a process of its own, which has sent a small
request before: the median of the rounds, and how far its peak rises above what it held, the
pictures included. "encoding" is the body written to nowhere.
"""

import asyncio
import base64
import importlib
import importlib.util
import multiprocessing
import os
import re
import socket
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import httpx2

from grok_vision.chat import ChatRequest, ImagePart, Message, TextPart
from grok_vision.providers import endpoint
from grok_vision.relay import Relay, body
from grok_vision.settings import Settings

PICTURES, PICTURE_BYTES = 5, 10_000_000
ANSWER = b'{"model":"m","choices":[{"message":{"content":"ok"},"finish_reason":"stop"}]}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"

Send = Callable[[list[bytes]], Awaitable[None]]


def sink(port: Connection) -> None:
    """Reads requests, one connection after the other, and answers each."""
    server = socket.create_server(("127.0.0.1", 0))
    port.send(server.getsockname()[1])
    buffer = bytearray(2**20)
    while True:
        connection, _ = server.accept()
        with connection:
            while head := connection.recv(2**16):
                while b"\r\n\r\n" not in head:
                    head += connection.recv(2**16)
                found = re.search(rb"(?i)content-length: (\d+)", head)
                left = int(found[1] if found else 0) - len(head.partition(b"\r\n\r\n")[2])
                while left > 0:
                    left -= connection.recv_into(buffer, min(left, len(buffer)))
                connection.sendall(HEAD % len(ANSWER) + ANSWER)


def request(pictures: list[bytes]) -> ChatRequest:
    parts = [ImagePart("image/jpeg", data, "auto") for data in pictures]
    return ChatRequest("m", (Message("user", (TextPart("What is it?"), *parts)),), {})


def ours(address: str) -> Send:
    settings = Settings(provider="custom", base_url=address, model="m")
    relay, target = Relay(concurrency=1, retries=0), endpoint(settings)

    async def send(pictures: list[bytes]) -> None:
        async with relay.exchange(target, request(pictures)) as (exchange, place):
            assert (await exchange.complete(lambda _: nullcontext(), place)).text == "ok"

    return send


def with_pybase64(address: str) -> Send:
    encoder = importlib.import_module("pybase64")

    def b2a_base64(data: memoryview, **_: bool) -> bytes:
        return bytes(encoder.b64encode(data))

    mock.patch.object(body, "binascii", SimpleNamespace(b2a_base64=b2a_base64)).start()
    return ours(address)


def as_json(address: str) -> Send:
    client = httpx2.AsyncClient(base_url=address, trust_env=False, timeout=60)

    async def send(pictures: list[bytes]) -> None:
        urls = [f"data:image/jpeg;base64,{base64.b64encode(it).decode()}" for it in pictures]
        parts = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
        document = {"model": "m", "messages": [{"role": "user", "content": parts}]}
        assert (await client.post("/chat/completions", json=document)).is_success

    return send


WAYS = {"ours": ours, "json=": as_json, "pybase64": with_pybase64}


def kilobytes(name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) if found else 0


def measure(port: Connection, way: str, address: str, rounds: int) -> None:
    async def run() -> tuple[float, float, float]:
        pictures = [os.urandom(PICTURE_BYTES) for _ in range(PICTURES)]
        send = WAYS[way](address)
        await send([b"small"])
        times, encoding, held, peak = [], [], 0, 0
        for number in range(rounds):
            if number == 0 and sys.platform == "linux":
                Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
                held = kilobytes("VmRSS")
            started = time.perf_counter()
            await send(pictures)
            times.append(time.perf_counter() - started)
            if number == 0 and sys.platform == "linux":
                peak = kilobytes("VmHWM")
            started = time.perf_counter()
            for _ in body.encode(request(pictures), stream=False).chunks():
                pass
            encoding.append(time.perf_counter() - started)
        return statistics.median(times), statistics.median(encoding), (peak - held) / 1024

    port.send(asyncio.run(run()))


def apart(target: Callable[..., None], *arguments: object) -> tuple[Connection, Callable[[], None]]:
    own, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=target, args=(theirs, *arguments), daemon=True
    )
    process.start()
    return own, process.kill


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    told, end = apart(sink)
    address = f"http://127.0.0.1:{told.recv()}/v1"
    floor = 0.0
    for way in WAYS:
        if way == "pybase64" and importlib.util.find_spec("pybase64") is None:
            print("pybase64: not installed")
            continue
        seconds, encoding, peak = apart(measure, way, address, rounds)[0].recv()
        floor = floor or seconds
        first = "" if way == "json=" else f", encoding {encoding * 1000:.0f} ms"
        print(
            f"{way:9} {seconds * 1000:6.0f} ms ({seconds / floor:.2f} of ours), peak "
            f"{peak:+.0f} MiB{first}"
        )
    end()


if __name__ == "__main__":
    main()
