"""What the choice of size and format rests on: `python benchmarks/legibility.py --choices`.

Each page is scaled and encoded in other ways than the image room's, and read. Scales of a page that
goes in one piece are of the size that fits the provider's pixels (a 4K page at 1.0 is 2069 across);
those of a tall page are of the page itself, which goes in as many strips as it takes. The ratio is
F1 of what is read by F1 of the page itself; kB, ms (to encode) and the ratio are means over the
pages of a size. All pages take half an hour; one of each size, named on the command line, is quick.
"""

import math
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO

import httpx2
from legibility import LIMITS, Task, page_f1, tokens
from PIL import Image
from reading import Part, word_f1, words_of

from grok_vision.results import SentRegion

OVERLAP = 96  # source pixels that neighbouring strips share
BUDGET = LIMITS.fits.auto.max_pixels or 0

PNG: tuple[str, dict[str, object]] = ("PNG", {"compress_level": 1})
FORMATS: dict[str, tuple[str, dict[str, object]]] = {
    "PNG": PNG,
    "PNG 256": PNG,
    "JPEG 95": ("JPEG", {"quality": 95, "subsampling": "4:4:4"}),
    "JPEG 90": ("JPEG", {"quality": 90, "subsampling": "4:4:4"}),
    "JPEG 85": ("JPEG", {"quality": 85, "subsampling": "4:4:4"}),
    "JPEG 80": ("JPEG", {"quality": 80, "subsampling": "4:4:4"}),
    "JPEG 70": ("JPEG", {"quality": 70, "subsampling": "4:4:4"}),
    "JPEG 90 4:2:0": ("JPEG", {"quality": 90, "subsampling": "4:2:0"}),
}
Choice = tuple[float, str]
ONE_PIECE: list[Choice] = [
    *((scale, "PNG") for scale in (1.0, 0.9, 0.8, 0.67, 0.5)),
    *((1.0, name) for name in FORMATS if name != "PNG"),
    *((0.8, name) for name in ("JPEG 90", "JPEG 80")),
]
STRIPS: dict[str, list[Choice]] = {
    "1280x9000": [
        *((scale, "PNG") for scale in (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)),
        *((scale, "JPEG 90") for scale in (1.0, 0.9, 0.8)),
    ],
    "2560x6000": [
        *((scale, "PNG") for scale in (0.6, 0.5, 0.45, 0.4, 0.35, 0.3)),
        *((scale, "JPEG 90") for scale in (0.5, 0.45, 0.4)),
    ],
}


@dataclass(frozen=True)
class Made:
    """What one scale and format made of one page."""

    ratio: float
    bytes: int
    parts: int
    tokens: int
    milliseconds: float


async def choices_table(client: httpx2.AsyncClient, tasks: Sequence[Task]) -> None:
    """Prints a row for each size of page, scale and format."""
    found: dict[tuple[str, float, str], list[Made]] = {}
    for task in tasks:
        before = await page_f1(client, task.picture)
        print(f"{task.name}: F1 {before:.2%}", file=sys.stderr, flush=True)
        for scale, name in STRIPS.get(task.size, ONE_PIECE):
            made = await _made(client, task, before, scale, name)
            found.setdefault((task.size, scale, name), []).append(made)
    print(
        f"{'pages':10} {'scale':>5} {'format':14} {'mean':>6} {'least':>6} {'parts':>5}"
        f" {'tokens':>7} {'kB':>7} {'ms':>6}"
    )
    for (size, scale, name), results in found.items():
        ratios = [made.ratio for made in results]
        print(
            f"{size:10} {scale:5} {name:14} {statistics.fmean(ratios):6.3f} {min(ratios):6.3f}"
            f" {results[0].parts:5} {results[0].tokens:7,}"
            f" {statistics.fmean(made.bytes for made in results) / 1000:7,.0f}"
            f" {statistics.fmean(made.milliseconds for made in results):6.0f}"
        )


async def _made(
    client: httpx2.AsyncClient, task: Task, before: float, scale: float, name: str
) -> Made:
    image, taken = task.picture.image, 0.0
    if task.size not in STRIPS:
        scale *= min(1.0, math.sqrt(BUDGET / (image.width * image.height)))
    parts: list[Part] = []
    for top, bottom in _strips(image, scale, in_one=task.size not in STRIPS):
        box = (0, top, image.width, bottom)
        size = (int(image.width * scale), int((bottom - top) * scale))
        small = image.resize(size, Image.Resampling.LANCZOS, box=box)
        started = time.perf_counter()
        data = _encoded(small, name)
        taken += time.perf_counter() - started
        region = SentRegion(x=0, y=top, width=image.width, height=bottom - top, scale=scale)
        parts.append((data, region))
    ratio = word_f1(task.picture.words, await words_of(client, parts)) / before
    files = [data for data, _ in parts]
    return Made(ratio, sum(map(len, files)), len(files), tokens(files), taken * 1000)


def _strips(image: Image.Image, scale: float, *, in_one: bool) -> Iterator[tuple[int, int]]:
    """Yields top and bottom of as few strips as fit the provider's pixels, in source pixels."""
    most = int(BUDGET / (image.width * scale * scale))
    if in_one or image.height <= most:
        yield 0, image.height
        return
    count = math.ceil((image.height - OVERLAP) / (most - OVERLAP))
    height = math.ceil((image.height - OVERLAP) / count) + OVERLAP
    for index in range(count):
        top = round(index * (image.height - height) / (count - 1))
        yield top, top + height


def _encoded(image: Image.Image, name: str) -> bytes:
    wire_format, options = FORMATS[name]
    buffer = BytesIO()
    if name == "PNG 256":
        image = image.quantize(256, Image.Quantize.FASTOCTREE)
    image.save(buffer, wire_format, **options)
    return buffer.getvalue()
