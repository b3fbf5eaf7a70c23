"""What is sent of a page, read back by the offline engine, against the page itself.

Run: python benchmarks/legibility.py [--choices] [part of a page's name ...]

Pages with known words are prepared for xAI through the door of the image room, and what comes out
is read; so is the page itself, as a PNG in its full size. F1 is over words; a line that two parts
show counts once. The figure is F1 of what is sent by F1 of the page: 0.98 at least. Tokens are
estimated by the rule that grok-4.6 was recorded with, ceil(width / 32) * ceil(height / 32) + 2 for
each part; the rules of other models are not known. All pages take a quarter of an hour.

`--choices` shows what the choice of size and format rests on; see legibility_choices.py.

Limits: one typeface (Pillow's own, also for the code), ASCII, and letters in eight shades, so that
a PNG of the unscaled page is smaller than that of a browser's.
"""

import argparse
import asyncio
import math
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import httpx2
from pages import DARK, KINDS, LIGHT, Picture, draw, tall
from PIL import Image
from reading import reader, word_f1, words_of

from grok_vision.images import Images, Policy, PreparedImage, SentPart
from grok_vision.providers import considered
from grok_vision.results import SentRegion
from grok_vision.settings import Settings

LIMITS = considered(Settings(), "grok-4.6").images

REACH = 0.98
THEMES = {"light": LIGHT, "dark": DARK}
POLICY = Policy(roots=None, max_bytes=2**25, max_pixels=100_000_000, fetch_deadline=1.0)


@dataclass(frozen=True)
class Task:
    """A page to measure: how it is named, its size in words, and what is drawn."""

    name: str
    size: str
    picture: Picture


def tasks(wanted: Sequence[str]) -> Iterator[Task]:
    """Draws the pages whose names contain one of the words; all without words."""
    for size, scale in (("1920x1080", 1), ("3840x2160", 2)):
        for kind in KINDS:
            for name, theme in THEMES.items():
                title = f"{size} {kind}, {name}"
                if _is_wanted(title, wanted):
                    yield Task(title, size, draw(kind, theme, scale))
    for size, height, scale in (("1280x9000", 9000, 1), ("2560x6000", 3000, 2)):
        for name, theme in THEMES.items():
            title = f"{size} page, {name}"
            if _is_wanted(title, wanted):
                yield Task(title, size, tall(height, theme, scale))


def _is_wanted(title: str, wanted: Sequence[str]) -> bool:
    return not wanted or any(part in title for part in wanted)


def as_png(image: Image.Image) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def whole(image: Image.Image, scale: float = 1.0) -> SentRegion:
    return SentRegion(x=0, y=0, width=image.width, height=image.height, scale=scale)


def tokens(files: Sequence[bytes]) -> int:
    sizes = [Image.open(BytesIO(data)).size for data in files]
    return sum(math.ceil(width / 32) * math.ceil(height / 32) + 2 for width, height in sizes)


async def page_f1(client: httpx2.AsyncClient, picture: Picture) -> float:
    """Returns the F1 of the page itself; the engine reads a large one in bands, unscaled."""
    words = await words_of(client, [(as_png(picture.image), whole(picture.image))])
    return word_f1(picture.words, words)


async def prepared(path: Path) -> PreparedImage:
    images = Images(POLICY)
    try:
        return (await images.prepare([str(path)], limits=LIMITS, detail="auto"))[0]
    finally:
        await images.aclose()


async def measure(client: httpx2.AsyncClient, task: Task, path: Path) -> float:
    """Prints the row of one page and returns its figure."""
    image = task.picture.image
    path.write_bytes(as_png(image))
    started = time.perf_counter()
    sent = [part for part in (await prepared(path)).parts if isinstance(part, SentPart)]
    milliseconds = (time.perf_counter() - started) * 1000
    files = [part.data for part in sent]
    first = Image.open(BytesIO(files[0])).size
    regions = [part.region or whole(image, first[0] / image.width) for part in sent]
    before = await page_f1(client, task.picture)
    words = await words_of(client, list(zip(files, regions, strict=True)))
    after = word_f1(task.picture.words, words)
    formats = "+".join(sorted({part.media_type.removeprefix("image/") for part in sent}))
    print(
        f"{task.name:24} {len(files):5} {first[0]:>6}x{first[1]:<4} {formats:>8}"
        f" {tokens(files):7,} {sum(map(len, files)) / 1000:7,.0f} {milliseconds:6,.0f}"
        f" {before:8.2%} {after:8.2%} {after / before:6.3f}"
        f"{'' if after / before >= REACH else '  below'}",
        flush=True,
    )
    return after / before


async def table(client: httpx2.AsyncClient, wanted: Sequence[str]) -> None:
    """Prints what is sent of each page, and how well it is read."""
    print(
        f"{'page':24} {'parts':>5} {'first part':>11} {'as':>8} {'tokens':>7} {'kB':>7} {'ms':>6}"
        f" {'F1 page':>8} {'F1 sent':>8} {'ratio':>6}"
    )
    with tempfile.TemporaryDirectory() as folder:
        ratios = [await measure(client, task, Path(folder) / "page.png") for task in tasks(wanted)]
    low = sum(ratio < REACH for ratio in ratios)
    print(f"least ratio {min(ratios):.3f}; below {REACH}: {low} of {len(ratios)} pages")


async def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--choices", action="store_true", help="other scales and formats")
    parser.add_argument("pages", nargs="*", help="parts of the names of pages; all without")
    given = parser.parse_args()
    async with reader() as client:
        if given.choices:
            from legibility_choices import choices_table

            await choices_table(client, list(tasks(given.pages)))
        else:
            await table(client, given.pages)


if __name__ == "__main__":
    asyncio.run(main())
