"""Calls at once against a provider that takes a second, and what else is answered meanwhile.

Run: python benchmarks/concurrency.py [rounds]

Over one real stdio process, with GROK_VISION_CONCURRENCY 4 and 8: 16 describe_image calls at once,
each of another screenshot, take 16 by the number of slots in seconds at the least; the figure is
the ratio to that, of which 1.25 is wanted. Meanwhile ping, tools/list or estimate_tokens is called
every 20 ms, in turn, without waiting for the one before, and is wanted within 50 ms while all slots
are busy. In the first half second the server takes in the 16 calls and prepares their
pictures: what is called then is told apart. "alone" is the same while nothing else is asked.
"""

import asyncio
import itertools
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path

from bare_client import BareClient, connected
from PIL import Image
from provider import mark, providing

EXAMPLE = Path(__file__).parent.parent / "examples" / "dashboard.png"
CALLS = 16
EVERY = 0.02
BURST = 0.5
ALONE_SECONDS = 3.0

Call = Callable[[], Awaitable[object]]
Times = list[tuple[float, float]]
"""When calls began, and the milliseconds that they took."""


def drawn(folder: Path) -> list[Path]:
    page = Image.open(EXAMPLE).convert("RGB").resize((1920, 1080))
    paths = [folder / f"{number}.png" for number in range(CALLS)]
    for number, path in enumerate(paths):
        mark(page, number)
        page.save(path)
    return paths


async def timed(call: Call, times: Times) -> None:
    started = time.perf_counter()
    await call()
    times.append((started, (time.perf_counter() - started) * 1000))


async def beside(client: BareClient, picture: Path, until: asyncio.Event) -> Mapping[str, Times]:
    """Calls what is free every 20 ms until then."""
    estimate = partial(client.call, "estimate_tokens", images=[str(picture)])
    calls: dict[str, Call] = {
        "ping": partial(client.request, "ping"),
        "tools/list": partial(client.request, "tools/list"),
        "estimate_tokens": estimate,
    }
    taken: dict[str, Times] = {name: [] for name in calls}
    async with asyncio.TaskGroup() as tasks:
        for name in itertools.cycle(calls):
            if until.is_set():
                break
            tasks.create_task(timed(calls[name], taken[name]))
            await asyncio.sleep(EVERY)
    return taken


async def describe(client: BareClient, path: Path, number: int) -> None:
    asked = f"asked {number:012x}"
    result = await client.call("describe_image", image=str(path), prompt=asked)
    told = json.loads(result["text"])
    assert told["seen"] == [number], told


async def crowd(client: BareClient, paths: list[Path], taken: dict[str, Times]) -> float:
    """Makes all calls at once, and returns the seconds until the last is answered."""
    for path in paths:  # another file, and the same picture
        with path.open("ab") as file:
            file.write(b"+")
    answered = asyncio.Event()
    meanwhile = asyncio.create_task(beside(client, paths[0], answered))
    started = time.perf_counter()
    await asyncio.gather(*(describe(client, path, it) for it, path in enumerate(paths)))
    seconds = time.perf_counter() - started
    answered.set()
    for name, times in (await meanwhile).items():
        for began, took in times:
            when = "burst" if began - started < BURST else "busy"
            taken.setdefault(f"{when:6} {name}", []).append((began, took))
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
    taken: dict[str, Times] = {}
    async with connected(env) as client:
        await describe(client, paths[0], 0)
        enough = asyncio.Event()
        asyncio.get_running_loop().call_later(ALONE_SECONDS, enough.set)
        for name, times in (await beside(client, paths[0], enough)).items():
            taken[f"alone  {name}"] = times
        ratios = [await crowd(client, paths, taken) / (CALLS / slots) for _ in range(rounds)]
    told = ", ".join(f"{ratio:.2f}" for ratio in sorted(ratios))
    print(f"{slots} slots: {statistics.median(ratios):.2f} of {CALLS}/{slots} s ({told})")
    for name, times in sorted(taken.items()):
        took = sorted(one for _, one in times)
        p95 = took[int(len(took) * 0.95)]
        print(
            f"  {name:23} {len(took):5} calls: p50 {statistics.median(took):5.1f} ms, "
            f"p95 {p95:5.1f} ms, largest {took[-1]:5.1f} ms"
        )


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with providing(1.0, 1.0) as address, tempfile.TemporaryDirectory() as folder:
        paths = drawn(Path(folder))
        for slots in (4, 8):
            asyncio.run(measure(paths, address, slots, rounds))


if __name__ == "__main__":
    main()
