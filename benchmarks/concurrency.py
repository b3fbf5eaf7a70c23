"""Calls at once against a provider that takes a second, and what else is answered meanwhile.

Run: python benchmarks/concurrency.py [rounds]

Over one real stdio process, with GROK_VISION_CONCURRENCY 4 and 8: 16 describe_image calls at once,
each of another screenshot, take 16 by the number of slots in seconds at the least; the figure is
the ratio to that. Meanwhile ping, tools/list and estimate_tokens are called every 20 ms, each
without waiting for the one before; the same is done while nothing else is asked, for comparison.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import anyio
from mcp import Client, StdioServerParameters
from PIL import Image
from provider import mark, providing

EXAMPLE = Path(__file__).parent.parent / "examples" / "dashboard.png"
CALLS = 16
EVERY = 0.02
ALONE_SECONDS = 3.0

Call = Callable[[], Awaitable[object]]
Taken = dict[str, list[float]]


def drawn(folder: Path) -> list[Path]:
    page = Image.open(EXAMPLE).convert("RGB").resize((1920, 1080))
    paths = [folder / f"{number}.png" for number in range(CALLS)]
    for number, path in enumerate(paths):
        mark(page, number)
        page.save(path)
    return paths


async def timed(call: Call, taken: list[float]) -> None:
    started = time.perf_counter()
    await call()
    taken.append((time.perf_counter() - started) * 1000)


async def beside(client: Client, picture: Path, taken: Taken) -> None:
    """Calls what is free every 20 ms, until it is cancelled; what is under way goes on."""
    calls: dict[str, Call] = {
        "ping": client.session.send_ping,
        "tools/list": partial(client.list_tools, cache_mode="bypass"),
        "estimate_tokens": partial(client.call_tool, "estimate_tokens", {"images": [str(picture)]}),
    }
    async with anyio.create_task_group() as tasks:
        while True:
            for name, call in calls.items():
                tasks.start_soon(timed, call, taken.setdefault(name, []))
            await anyio.sleep(EVERY)


async def describe(client: Client, path: Path, number: int) -> None:
    arguments = {"image": str(path), "prompt": f"asked {number:012x}"}
    result = await client.call_tool("describe_image", arguments)
    assert not result.is_error, result.content
    told = json.loads((result.structured_content or {})["text"])
    assert told["seen"] == [number], told


async def crowd(client: Client, paths: list[Path], taken: Taken) -> float:
    """Makes all calls at once, and returns the seconds until the last is answered."""
    async with anyio.create_task_group() as meanwhile:
        meanwhile.start_soon(beside, client, paths[0], taken)
        started = time.perf_counter()
        async with anyio.create_task_group() as calls:
            for number, path in enumerate(paths):
                calls.start_soon(describe, client, path, number)
        seconds = time.perf_counter() - started
        meanwhile.cancel_scope.cancel()
    return seconds


async def measure(paths: list[Path], address: str, slots: int, rounds: int) -> None:
    env = {
        **os.environ,
        "XAI_API_KEY": "k",
        "GROK_VISION_BASE_URL": address,
        "GROK_VISION_CONCURRENCY": str(slots),
        "GROK_VISION_ROOTS": str(paths[0].parent),
        "GROK_VISION_STATE_DIR": str(paths[0].parent / "state"),
    }
    server = StdioServerParameters(command=sys.executable, args=["-m", "grok_vision"], env=env)
    busy: Taken = {}
    alone: Taken = {}
    async with Client(server, mode="legacy") as client:
        await describe(client, paths[0], 0)
        with anyio.move_on_after(ALONE_SECONDS):
            await beside(client, paths[0], alone)
        ratios = []
        for _ in range(rounds):
            for path in paths:  # another file, and the same picture
                with path.open("ab") as file:
                    file.write(b"+")
            ratios.append(await crowd(client, paths, busy) / (CALLS / slots))
    told = ", ".join(f"{ratio:.2f}" for ratio in sorted(ratios))
    print(f"{slots} slots: {statistics.median(ratios):.2f} of {CALLS}/{slots} s ({told})")
    for when, taken in (("meanwhile", busy), ("alone", alone)):
        for name, times in taken.items():
            times.sort()
            p95 = times[int(len(times) * 0.95)]
            print(
                f"  {when} {name:16} {len(times):5} calls: p50 {statistics.median(times):5.1f} ms, "
                f"p95 {p95:5.1f} ms, largest {times[-1]:5.1f} ms"
            )


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with providing(1.0, 1.0) as address, tempfile.TemporaryDirectory() as folder:
        paths = drawn(Path(folder))
        for slots in (4, 8):
            anyio.run(measure, paths, address, slots, rounds)


if __name__ == "__main__":
    main()
