"""What the offline engine reads in files as they are sent, and how that compares with the truth."""

import base64
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx2

from grok_vision.local import MODEL, LocalTransport
from grok_vision.local.layout import Line
from grok_vision.results import SentRegion

# A file as it is sent, and what of the source it shows.
Part = tuple[bytes, SentRegion]


@asynccontextmanager
async def reader() -> AsyncIterator[httpx2.AsyncClient]:
    """Gives a client to the offline engine, on the path that a tool call takes."""
    async with httpx2.AsyncClient(
        transport=LocalTransport(), base_url="http://local/v1", timeout=None
    ) as client:
        yield client


async def readings(client: httpx2.AsyncClient, files: Sequence[bytes]) -> list[list[Line]]:
    """Has the offline engine read files, each in its full size, and returns their lines."""
    content = [
        {"type": "image_url", "image_url": {"url": f"data:image/any;base64,{encoded.decode()}"}}
        for encoded in map(base64.b64encode, files)
    ]
    body = {
        "model": MODEL,
        "messages": [{"role": "user", "content": content}],
        # JSON has the boxes as well.
        "response_format": {"type": "json_object"},
    }
    response = await client.post("/chat/completions", json=body)
    answer = json.loads(response.raise_for_status().json()["choices"][0]["message"]["content"])
    return [[Line(**line) for line in image["lines"]] for image in answer["images"]]


def word_f1(expected: Sequence[str], read: Sequence[str]) -> float:
    """Returns the F1 of the words read, wherever they stand."""
    common = (Counter(expected) & Counter(read)).total()
    return 2 * common / (len(expected) + len(read))


async def words_of(client: httpx2.AsyncClient, parts: Sequence[Part]) -> list[str]:
    """Reads all parts of one source and returns its words; a line that two parts show counts once.

    Parts may share lines at their upper and lower edges. Which lines are the same is told by their
    place in the source. A line that is cut stands at an edge, so that the reading that stands
    deeper in its part is the whole one.
    """
    found = await readings(client, [data for data, _ in parts])
    by_depth: list[tuple[float, int, Line]] = []
    for index, ((_, region), lines) in enumerate(zip(parts, found, strict=True)):
        for line in lines:
            below = region.height * region.scale - line.y - line.height
            by_depth.append((min(line.y, below), index, _in_source(line, region)))
    by_depth.sort(key=lambda entry: entry[0], reverse=True)
    kept: list[tuple[int, Line]] = []
    for _, index, line in by_depth:
        if not any(index != other and _same(line, seen) for other, seen in kept):
            kept.append((index, line))
    return [word for _, line in kept for word in line.text.split()]


def _in_source(line: Line, region: SentRegion) -> Line:
    return Line(
        line.text,
        round(region.x + line.x / region.scale),
        round(region.y + line.y / region.scale),
        round(line.width / region.scale),
        round(line.height / region.scale),
    )


def _same(one: Line, other: Line) -> bool:
    across = min(one.right, other.right) - max(one.x, other.x)
    near = abs(one.middle - other.middle) <= max(one.height, other.height) / 2
    return near and across > min(one.width, other.width) / 2
