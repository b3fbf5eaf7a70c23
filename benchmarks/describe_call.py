"""A describe_image call with a provider that answers at once, against the unavoidable steps.

Run: python benchmarks/describe_call.py [rounds]

Ours is called through an in-memory MCP client. The floor is a minimal script in the same process:
for a screenshot it reads, decodes to see that it can be, encodes as base64 and posts; for a
photograph it decodes at a fraction, resizes once, encodes once, and posts. Both keep one connection
to the same server, which runs in a process of its own, and take turns; the figure is the ratio of
the medians. The file is another one each time, so that no prepared picture is met again; "again"
is a second call for the same picture.
"""

import asyncio
import base64
import multiprocessing
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path

import httpx2
from mcp import Client
from PIL import Image

from grok_vision.app import create_server
from grok_vision.settings import Settings

EXAMPLES = Path(__file__).parent.parent / "examples"
ANSWER = b'{"model":"grok-4.3","choices":[{"message":{"content":"ok"},"finish_reason":"stop"}]}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
BUDGET = 2352 * 32 * 32

Call = Callable[[Path], Awaitable[None]]


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return  # the client has left
        length = next(line for line in head.lower().split(b"\r\n") if b"content-length" in line)
        await reader.readexactly(int(length.partition(b":")[2]))
        writer.write(HEAD % len(ANSWER) + ANSWER)


def provide(port: Connection) -> None:
    async def serve() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, limit=2**26)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


def screenshot(folder: Path) -> Path:
    image = Image.open(EXAMPLES / "dashboard.png").convert("RGB").resize((1920, 1080))
    image.save(folder / "screenshot.png")
    return folder / "screenshot.png"


def photograph(folder: Path) -> Path:
    coarse = Image.frombytes("RGB", (250, 188), random.Random(1).randbytes(250 * 188 * 3))
    coarse.resize((4000, 3000), Image.Resampling.BICUBIC).save(folder / "photo.jpg", quality=92)
    return folder / "photo.jpg"


async def post(client: httpx2.AsyncClient, data: bytes, kind: str) -> None:
    url = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
    part = {"type": "image_url", "image_url": {"url": url}}
    body = {"model": "m", "messages": [{"role": "user", "content": [part]}]}
    (await client.post("/chat/completions", json=body)).json()


async def floor_screenshot(client: httpx2.AsyncClient, path: Path) -> None:
    data = path.read_bytes()
    Image.open(BytesIO(data), formats=["PNG"]).load()
    await post(client, data, "png")


async def floor_photograph(client: httpx2.AsyncClient, path: Path) -> None:
    image = Image.open(path, formats=["JPEG"])
    scale = (BUDGET / (image.width * image.height)) ** 0.5
    size = (int(image.width * scale), int(image.height * scale))
    image.draft("RGB", size)
    buffer = BytesIO()
    small = image.resize(size, Image.Resampling.LANCZOS)
    small.save(buffer, "JPEG", quality=90, subsampling="4:4:4")
    await post(client, buffer.getvalue(), "jpeg")


async def measure(name: str, rounds: int, ours: Call, floor: Call, path: Path) -> None:
    taken: dict[str, list[float]] = {"ours": [], "again": [], "floor": []}
    for number in range(rounds + 2):
        # Bytes behind the picture: another file, and the same work.
        with path.open("ab") as file:
            file.write(b"%03d" % number)
        for who, call in (("ours", ours), ("again", ours), ("floor", floor)):
            started = time.perf_counter()
            await call(path)
            if number >= 2:
                taken[who].append(time.perf_counter() - started)
    medians = {who: statistics.median(times) * 1000 for who, times in taken.items()}
    ratio = medians["ours"] / medians["floor"]
    print(
        f"{name}: ours {medians['ours']:.1f} ms, floor {medians['floor']:.1f} ms, {ratio:.2f}; "
        f"again {medians['again']:.1f} ms"
    )


async def compare(address: str, rounds: int, folder: Path) -> None:
    settings = Settings(xai_api_key="k", base_url=address, roots=(folder,))
    async with (
        Client(create_server(settings)) as mcp,
        httpx2.AsyncClient(base_url=address, trust_env=False) as http,
    ):

        async def ours(path: Path) -> None:
            result = await mcp.call_tool("describe_image", {"image": str(path)})
            assert not result.is_error, result.content

        async def screenshot_floor(path: Path) -> None:
            await floor_screenshot(http, path)

        async def photograph_floor(path: Path) -> None:
            await floor_photograph(http, path)

        await measure("1080p PNG", rounds, ours, screenshot_floor, screenshot(folder))
        await measure("12-megapixel JPEG", rounds, ours, photograph_floor, photograph(folder))


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    ours, theirs = multiprocessing.Pipe()
    provider = multiprocessing.Process(target=provide, args=(theirs,), daemon=True)
    provider.start()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(compare(f"http://127.0.0.1:{ours.recv()}/v1", rounds, Path(folder)))
    provider.terminate()


if __name__ == "__main__":
    main()
